//! Harmonic codes, energy levels, dimensions and patterns.
//!
//! A pure room: no I/O, no clock, no async.

pub mod types;

pub use types::*;
