//! Harmonic codes, energy levels, dimensions and patterns.
//!
//! A pure room: no I/O, no clock, no async. All scores are percentiles 0..=100 of a reference population; the
//! energy levels and dimensions are taken among people of the same age, so that no score tells the year of
//! birth. Scores are symbolic. They have no demonstrated predictive validity and must not decide about
//! people.

pub mod code;
pub mod features;
pub mod meaning;
pub mod natal;
pub mod pattern;
pub mod recipes;
mod sky;
mod slow;
pub mod spectrum;
pub mod stats;
pub mod tables;
pub mod transits;
pub mod types;
mod wording;

#[cfg(test)]
mod population;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use code::{FORMULA_VERSION, code};
pub use pattern::pattern;
pub use transits::{QuarterTransits, transits};
pub use types::*;
