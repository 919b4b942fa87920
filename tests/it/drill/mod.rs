//! How soon rows of dead workers run again, and that those of living workers are left alone, with default settings.
//!
//! `make test` kills a few workers, `make rescue-drill` fifty.
#![allow(clippy::print_stdout, reason = "a drill tells what it measured, for people who read it")]

mod kills;
mod long_job;
