//! The file format of the ephemeris table, shared by the generator and the reader.
//!
//! Little-endian throughout. A header of [`HEADER_BYTES`] bytes:
//!
//! | offset | type | meaning |
//! |---|---|---|
//! | 0 | `[u8; 8]` | [`MAGIC`] |
//! | 8 | `u32` | [`FORMAT_VERSION`] |
//! | 12 | `u32` | number of groups |
//! | 16 | `f64` | first Julian day (TT) covered |
//! | 24 | `f64` | last Julian day (TT) covered |
//! | 32 | `f64` | tolerance of the angles in arcseconds |
//! | 40 | `[u8; 32]` | SHA-256 of the source kernel |
//! | 72 | `[u8; 12]` | name of the source kernel, padded with zeros |
//! | 84 | `u32` | [`TABLE_VERSION`] |
//! | 88 | `u64` | FNV-1a checksum of everything after the header |
//!
//! Then the description of each group: `u32` lanes, `u32` granules, `u32` coefficients per lane and granule,
//! `u32` how many of those are wide, `f64` days per granule, and for each lane `u16` body code, `u16` quantity
//! code, `u32` zero, `f64` unit (radians or astronomical units per count). Then the coefficients of each group in
//! the same order: all wide rows (`i32`, lanes side by side, low order first, granule after granule), then all
//! narrow rows (`i16`). A reader skips groups whose lanes it does not look for, so bodies can be added.

use std::fmt::Write;

/// First bytes of a table.
pub const MAGIC: [u8; 8] = *b"ORRYEPHM";
/// Version of the layout described here.
pub const FORMAT_VERSION: u32 = 2;
/// Version of the content: raised whenever a position changes. The generator writes it into the header.
pub const TABLE_VERSION: u32 = 2;
/// Length of the fixed header.
pub const HEADER_BYTES: usize = 96;
/// Length of a group description without its lanes.
pub const GROUP_BYTES: usize = 24;
/// Length of a lane description.
pub const LANE_BYTES: usize = 16;

/// Body code of nutation; other codes are the places of [`crate::astro::Body::ALL`].
pub const NUTATION: u16 = 200;

/// Body code of the small body (2060) Chiron, which is not among the twelve of a chart.
pub const CHIRON: u16 = 12;

/// What a lane holds.
pub mod quantity {
    /// Longitude in radians, referred to the mean equinox of date, without solar deflection.
    pub const LONGITUDE: u16 = 0;
    /// Latitude in radians, referred to the mean ecliptic of date, without solar deflection.
    pub const LATITUDE: u16 = 1;
    /// Geometric distance at light departure in astronomical units.
    pub const DISTANCE: u16 = 2;
    /// Nutation in longitude, radians.
    pub const NUTATION_LONGITUDE: u16 = 3;
    /// Nutation in obliquity, radians.
    pub const NUTATION_OBLIQUITY: u16 = 4;
}

/// One channel of a group: body code and quantity code.
pub type Lane = (u16, u16);

/// Lanes of the slow bodies in the order that the reader expects: longitudes of Sun, Venus..Pluto, then latitudes.
pub const SLOW_LANES: [Lane; 16] = {
    let mut lanes = [(0, 0); 16];
    let mut i = 0;
    while i < 8 {
        lanes[i] = (SLOW_BODIES[i], quantity::LONGITUDE);
        lanes[8 + i] = (SLOW_BODIES[i], quantity::LATITUDE);
        i += 1;
    }
    lanes
};
/// Codes of the slow bodies: Sun and Venus to Pluto.
pub const SLOW_BODIES: [u16; 8] = [0, 3, 4, 5, 6, 7, 8, 9];
/// Lanes of Mercury and nutation.
pub const MERCURY_LANES: [Lane; 4] = [
    (2, quantity::LONGITUDE),
    (2, quantity::LATITUDE),
    (NUTATION, quantity::NUTATION_LONGITUDE),
    (NUTATION, quantity::NUTATION_OBLIQUITY),
];
/// Lanes of the Moon and its true node.
pub const MOON_LANES: [Lane; 4] =
    [(1, quantity::LONGITUDE), (1, quantity::LATITUDE), (1, quantity::DISTANCE), (11, quantity::LONGITUDE)];
/// Lanes of the distances of Sun, Mercury..Pluto and Chiron.
pub const DISTANCE_LANES: [Lane; 10] = [
    (0, quantity::DISTANCE),
    (2, quantity::DISTANCE),
    (3, quantity::DISTANCE),
    (4, quantity::DISTANCE),
    (5, quantity::DISTANCE),
    (6, quantity::DISTANCE),
    (7, quantity::DISTANCE),
    (8, quantity::DISTANCE),
    (9, quantity::DISTANCE),
    (CHIRON, quantity::DISTANCE),
];

/// Lanes of Chiron's place on the sky.
pub const CHIRON_LANES: [Lane; 2] = [(CHIRON, quantity::LONGITUDE), (CHIRON, quantity::LATITUDE)];

/// Bytes in hexadecimal, as hashes are written.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): guards against a damaged file, not against malice.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
