//! Birth charts: ephemeris, time, houses and the reading of a chart.
//!
//! A pure room: no I/O, no clock, no async, and threads in [`batch`] only. Everything that a chart depends on is an argument,
//! so equal input gives equal output on every machine.

pub mod aspects;
pub mod batch;
pub mod body;
pub mod cast;
pub mod chart;
pub mod delta_t;
pub mod dignity;
pub mod ephemeris;
pub mod error;
pub mod extra;
mod form;
pub mod houses;
pub mod input;
pub mod julian;
mod lanes;
pub mod patterns;
pub mod precession;
pub mod raw;
pub mod reading;
pub mod time;
pub mod zodiac;
pub mod zones;

pub use aspects::aspect_between;
pub use batch::charts;
pub use body::{Body, Point};
pub use cast::cast;
pub use chart::{HouseSystem, NatalChart};
pub use error::AstroError;
pub use extra::{ExtraPoint, extra_points};
pub use input::BirthData;
pub use raw::{Event, RawChart};
pub use reading::Reading;
pub use zodiac::{Element, Quality, Sign};

#[cfg(test)]
mod tests;
