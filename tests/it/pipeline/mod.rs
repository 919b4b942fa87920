//! Rows through real worker processes.

mod again;
mod batches;
mod entities;
mod fields;
mod figures;
mod finished;
mod plans;
mod quarter;
mod reduced;
mod regenerate;
mod rendering;
mod reports;
mod stale;
mod starting;
mod stopping;
mod too_large;
mod wrong_input;
