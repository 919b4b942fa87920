//! Reference meanings: the documents of `astrological_reference_data`.
//!
//! A pure room: no I/O, no clock, no async. Planets in signs and houses are composed from hand-written parts in
//! `data/reference/`: what a planet stands for in each context, and what a sign or a house does to it there.

mod attributes;
mod compose;
mod parts;
mod types;

#[cfg(test)]
mod tests;

pub use compose::documents;
pub use types::*;

/// Version of the wording; raised with every change of it.
pub const VERSION: &str = "1.0.0";

/// First day of this version, UTC.
pub const EFFECTIVE_FROM: &str = "2026-01-01T00:00:00Z";
