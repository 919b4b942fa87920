//! Rows through real worker processes.

mod entities;
mod quarter;
mod reports;
mod starting;
mod stopping;
mod wrong_input;
