//! Comparisons of a person with a role, a department, a company, an industry or another person.
//!
//! A pure room: no I/O, no clock, no async. Scores are symbolic and advisory: they have no demonstrated
//! predictive validity, and no sentence of this room decides about a person.

pub mod asked;
mod compare;
mod factors;
mod findings;
pub mod pair;
pub mod synastry;
pub mod tables;
mod timing;
pub mod types;
mod values;
mod words;

#[cfg(test)]
mod population;
#[cfg(test)]
mod tests;

pub use asked::dimension_match;
pub use compare::{FORMULA_VERSION, compare};
pub use types::*;
