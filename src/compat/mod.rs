//! Comparisons of a person with a role, a department, a company, an industry or another person.
//!
//! A pure room: no I/O, no clock, no async.

pub mod types;

pub use types::*;
