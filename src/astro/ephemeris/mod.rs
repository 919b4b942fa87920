//! Apparent positions of Sun, Moon, planets and lunar nodes from the embedded table.
//!
//! The table holds Chebyshev series of what JPL DE440 (Park et al. 2021, AJ 161:105) gives after light-time and
//! aberration, referred to the mean ecliptic and equinox of date (IAU 2006 precession, 2000A nutation apart).
//! What remains at run time is a handful of dot products, nutation and the deflection of light near the Sun.

mod deflection;
pub mod format;
mod table;

use std::sync::OnceLock;

use super::body::Body;
use super::lanes::circle_deg;
use super::precession::{mean_node_rad, mean_node_rate_rad_per_day, mean_obliquity_rad};
use deflection::Sun;
use table::Table;
pub use table::{TableError, TableHeader};

/// Which table is embedded; part of every chart's provenance.
pub const EPHEMERIS_VERSION: &str = "JPL DE440, 1850-2150, table 2";

static EMBEDDED: &[u8] = include_bytes!("../../../data/ephemeris/de440_1850_2150.bin");

/// Apparent geocentric place of one body, referred to the true ecliptic and equinox of date.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// Longitude in degrees, 0..360.
    pub longitude_deg: f64,
    /// Latitude in degrees.
    pub latitude_deg: f64,
    /// Distance that the light seen has come, in astronomical units, good to 4e-6 of itself (Moon 3e-7). Zero for
    /// the nodes, which are directions.
    pub distance_au: f64,
    /// Speed in longitude, degrees per day.
    pub speed_deg_per_day: f64,
}

/// Everything that the sky of one instant gives to a chart. Arrays are in the order of [`Body::ALL`]; their units
/// and frame are those of [`Place`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sky {
    /// Longitudes in degrees, 0..360.
    pub longitudes_deg: [f64; 12],
    /// Latitudes in degrees.
    pub latitudes_deg: [f64; 12],
    /// Distances in astronomical units.
    pub distances_au: [f64; 12],
    /// Speeds in longitude in degrees per day.
    pub speeds_deg_per_day: [f64; 12],
    /// Nutation in longitude, radians.
    pub nutation_longitude_rad: f64,
    /// True obliquity of the ecliptic, radians.
    pub obliquity_rad: f64,
    /// Mean longitude of the ascending lunar node without nutation, radians.
    pub mean_node_rad: f64,
}

impl Sky {
    /// Place of one body.
    #[must_use]
    pub fn place(&self, body: Body) -> Place {
        let at = body.index();
        Place {
            longitude_deg: self.longitudes_deg[at],
            latitude_deg: self.latitudes_deg[at],
            distance_au: self.distances_au[at],
            speed_deg_per_day: self.speeds_deg_per_day[at],
        }
    }
}

/// Whether the table covers a Julian day (TT): 1849-11-30 to 2150-03-01.
#[must_use]
pub fn covers(jd_tt: f64) -> bool {
    let table = table();
    (table.first_jd..=table.last_jd).contains(&jd_tt)
}

/// What the header of the embedded table says: version, range, tolerance, and the kernel that it was made from.
#[must_use]
pub fn table_header() -> &'static TableHeader {
    &table().header
}

/// The sky at a Julian day (TT). Outside the table ([`covers`]) every value is NaN.
///
/// Against Swiss Ephemeris in full mode: longitudes of Sun to Pluto within 0.02", true node 0.2", mean node 0.15".
#[must_use]
#[inline]
pub fn sky(jd_tt: f64) -> Sky {
    let table = table();
    if !(table.first_jd..=table.last_jd).contains(&jd_tt) {
        return NOWHERE;
    }
    let days = jd_tt - table.first_jd;
    let (mut slow, slow_rate) = table.slow.value_and_rate::<8>(days);
    let (mut mercury, mercury_rate) = table.mercury.value_and_rate::<4>(days);
    let (moon, moon_rate) = table.moon.value_and_rate::<4>(days);
    let distance = table.distance.value(days);
    deflect(&distance, &mut slow, &mut mercury);
    let nutation = mercury[2];
    let mean_node = mean_node_rad(jd_tt);

    let mut longitudes_deg = in_order(&slow[..8], moon[0], mercury[0], [mean_node, moon[3]]);
    let mut latitudes_deg = in_order(&slow[8..], moon[1], mercury[1], [0.0, 0.0]);
    let mut speeds_deg_per_day = in_order(
        &slow_rate,
        moon_rate[0],
        mercury_rate[0],
        [mean_node_rate_rad_per_day(jd_tt), moon_rate[3]],
    );
    // Loops, because the compiler does not turn maps of arrays into vector instructions.
    for at in 0..12 {
        longitudes_deg[at] = circle_deg(longitudes_deg[at] + nutation);
        latitudes_deg[at] = latitudes_deg[at].to_degrees();
        speeds_deg_per_day[at] = (speeds_deg_per_day[at] + mercury_rate[2]).to_degrees();
    }
    let mut distances_au = [0.0; 12];
    (distances_au[0], distances_au[1]) = (distance[0], moon[2]);
    distances_au[2..10].copy_from_slice(&distance[1..9]);
    Sky {
        longitudes_deg,
        latitudes_deg,
        distances_au,
        speeds_deg_per_day,
        nutation_longitude_rad: nutation,
        obliquity_rad: mean_obliquity_rad(jd_tt) + mercury[3],
        mean_node_rad: mean_node,
    }
}

/// Longitudes of Sun to Pluto in degrees at a Julian day (TT), in the order of [`Body::PLANETS`]: what transits
/// need, at about half the price of [`sky`]. Outside the table ([`covers`]) every value is NaN.
#[must_use]
pub fn longitudes_deg(jd_tt: f64) -> [f64; 10] {
    let table = table();
    if !(table.first_jd..=table.last_jd).contains(&jd_tt) {
        return [f64::NAN; 10];
    }
    let days = jd_tt - table.first_jd;
    let mut slow = table.slow.value(days);
    let mut mercury = table.mercury.value(days);
    let moon = table.moon.value(days);
    deflect(&table.distance.value(days), &mut slow, &mut mercury);
    let longitudes = in_order(&slow[..8], moon[0], mercury[0], [0.0, 0.0]);
    std::array::from_fn(|i| circle_deg(longitudes[i] + mercury[2]))
}

/// Place of (2060) Chiron at a Julian day (TT), which is not among the bodies of a chart. Outside the table
/// ([`covers`]) every value is NaN.
///
/// From the orbit of JPL's Small-Body Database, integrated; within 0.6" of Swiss Ephemeris from 1925
/// to 2050 and 1.1" from 1850 to 2150.
#[must_use]
pub fn chiron(jd_tt: f64) -> Place {
    let table = table();
    if !(table.first_jd..=table.last_jd).contains(&jd_tt) {
        let nan = f64::NAN;
        return Place { longitude_deg: nan, latitude_deg: nan, distance_au: nan, speed_deg_per_day: nan };
    }
    let days = jd_tt - table.first_jd;
    let ([longitude, latitude], [rate]) = table.chiron.value_and_rate::<1>(days);
    let (nutation, nutation_rate) = table.mercury.value_and_rate::<4>(days);
    let distance = table.distance.value(days);
    let sun = Sun { longitude: table.slow.value(days)[0], distance_au: distance[0] };
    let ([in_longitude], [in_latitude]) = deflection::shifts(sun, &[longitude], &[latitude], &[distance[9]]);
    Place {
        longitude_deg: circle_deg(longitude + in_longitude + nutation[2]),
        latitude_deg: (latitude + in_latitude).to_degrees(),
        distance_au: distance[9],
        speed_deg_per_day: (rate + nutation_rate[2]).to_degrees(),
    }
}

const NOWHERE: Sky = Sky {
    longitudes_deg: [f64::NAN; 12],
    latitudes_deg: [f64::NAN; 12],
    distances_au: [f64::NAN; 12],
    speeds_deg_per_day: [f64::NAN; 12],
    nutation_longitude_rad: f64::NAN,
    obliquity_rad: f64::NAN,
    mean_node_rad: f64::NAN,
};

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        // Unwrap safety: the bytes are part of the program, and a test parses them.
        Table::parse(EMBEDDED).expect("the embedded ephemeris table is readable")
    })
}

/// Values of Sun, Venus to Pluto, of the Moon, of Mercury and of the nodes in the order of [`Body::ALL`].
#[inline]
fn in_order(slow: &[f64], moon: f64, mercury: f64, nodes: [f64; 2]) -> [f64; 12] {
    let mut values = [0.0; 12];
    (values[0], values[1], values[2]) = (slow[0], moon, mercury);
    values[3..10].copy_from_slice(&slow[1..8]);
    values[10..].copy_from_slice(&nodes);
    values
}

/// Adds the deflection of light to the planets (not to Sun and Moon).
#[inline]
fn deflect(distances_au: &[f64; 10], slow: &mut [f64; 16], mercury: &mut [f64; 4]) {
    let sun = Sun { longitude: slow[0], distance_au: distances_au[0] };
    // Mercury takes the place of the Sun among the slow bodies.
    let planets = |first: f64, rest: &[f64]| {
        let mut values = [first; 8];
        values[1..].copy_from_slice(rest);
        values
    };
    let (longitudes, latitudes) = deflection::shifts(
        sun,
        &planets(mercury[0], &slow[1..8]),
        &planets(mercury[1], &slow[9..16]),
        &planets(distances_au[1], &distances_au[2..9]),
    );
    mercury[0] += longitudes[0];
    mercury[1] += latitudes[0];
    for lane in 1..8 {
        slow[lane] += longitudes[lane];
        slow[8 + lane] += latitudes[lane];
    }
}
