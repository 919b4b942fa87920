//! Birth charts: ephemeris, time, houses and the reading of a chart.
//!
//! A pure room: no I/O, no clock, no async. Everything that a chart depends on is an argument,
//! so equal input gives equal output on every machine.

pub mod aspects;
pub mod body;
pub mod cast;
pub mod chart;
pub mod delta_t;
pub mod dignity;
pub mod ephemeris;
pub mod error;
mod form;
pub mod houses;
pub mod input;
pub mod julian;
pub mod precession;
pub mod time;
pub mod zodiac;
pub mod zones;

pub use aspects::aspect_between;
pub use body::{Body, Point};
pub use cast::cast;
pub use chart::{HouseSystem, NatalChart};
pub use error::AstroError;
pub use input::BirthData;
pub use zodiac::{Element, Quality, Sign};

#[cfg(test)]
mod tests;
