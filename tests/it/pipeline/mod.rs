//! Rows through real worker processes.

mod entities;
mod quarter;
mod rendering;
mod reports;
mod starting;
mod stopping;
mod wrong_input;
