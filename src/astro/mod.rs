//! Birth charts: ephemeris, time, houses and the reading of a chart.
//!
//! A pure room: no I/O, no clock, no async. Everything that a chart depends on is an argument,
//! so equal input gives equal output on every machine.

pub mod body;
pub mod chart;
pub mod ephemeris;
pub mod error;
pub mod input;
pub mod precession;
pub mod zodiac;

pub use body::{Body, Point};
pub use chart::NatalChart;
pub use error::AstroError;
pub use input::BirthData;
pub use zodiac::{Element, Quality, Sign};

#[cfg(test)]
mod tests;
