//! Pictures as SVG: the chart wheel, and the figures of reports and dashboards.
//!
//! A pure room: no I/O, no clock, no async; equal input gives equal bytes. The wheel consists of paths only and
//! needs no font. Every colour is a CSS custom property with a fixed value before it, so that a page can restyle a
//! picture (`--orrery-ink`, ...) and a renderer that knows no custom properties still shows the theme. With the
//! cargo feature `png`, `png` turns any of these pictures into pixels.

mod bars;
mod canvas;
mod described;
mod figure;
mod gauge;
mod geometry;
mod glyphs;
mod heat_map;
mod layout;
mod legend;
mod letters;
mod lines;
mod placed;
#[cfg(feature = "png")]
mod png;
mod radar;
mod schedule;
mod sign_wheel;
mod spread;
mod theme;
mod time_line;
mod wheel;

#[cfg(test)]
mod tests;

pub use bars::{Bar, bars};
pub use gauge::gauge;
pub use heat_map::{HeatMap, heat_map};
#[cfg(feature = "png")]
pub use png::{PngError, png};
pub use radar::{Series, radar};
pub use schedule::{Span, schedule};
pub use sign_wheel::{SignWheel, Tie, sign_wheel};
pub use theme::{Theme, page_style};
pub use time_line::{Line, time_line};
pub use wheel::{Around, Nodes, WheelOptions, wheel};
