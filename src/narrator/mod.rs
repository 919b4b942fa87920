//! The embedded narrator: writes every report offline, byte-identical for equal input.
//!
//! A pure room: no I/O, no clock, no async.

pub mod input;
pub mod output;

pub use input::{Answer, Counterpart, Previous, Questionnaire, ReportInput, Subject};
pub use output::Report;
