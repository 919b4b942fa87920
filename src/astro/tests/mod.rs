//! The engine against 300 charts of Swiss Ephemeris in full mode, and the rules for awkward births.

mod births;
mod charts;
mod chiron;
mod edges;
mod extremes;
mod positions;
mod properties;
mod reference;
