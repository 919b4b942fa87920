//! Apparent positions of Sun, Moon, planets and lunar nodes from the embedded table.
//!
//! The table holds Chebyshev series of what JPL DE440 (Park et al. 2021, AJ 161:105) gives after light-time and
//! aberration, referred to the mean ecliptic and equinox of date (IAU 2006 precession, 2000A nutation apart).
//! What remains at run time is a handful of dot products, nutation and the deflection of light near the Sun.

mod deflection;
pub mod format;
mod table;

use std::f64::consts::TAU;
use std::sync::OnceLock;

use super::body::Body;
use super::precession::{mean_node_rad, mean_node_rate_rad_per_day, mean_obliquity_rad};
use deflection::Sun;
use format::SLOW_BODIES;
use table::Table;
pub use table::TableError;

/// Which table is embedded; part of every chart's provenance.
pub const EPHEMERIS_VERSION: &str = "JPL DE440, 1850-2150, table 1";

static EMBEDDED: &[u8] = include_bytes!("../../../data/ephemeris/de440_1850_2150.bin");

/// Apparent geocentric place of one body, referred to the true ecliptic and equinox of date.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Place {
    /// Longitude in degrees, 0..360.
    pub longitude_deg: f64,
    /// Latitude in degrees.
    pub latitude_deg: f64,
    /// Speed in longitude, degrees per day.
    pub speed_deg_per_day: f64,
}

/// Everything that the sky of one instant gives to a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sky {
    /// Places in the order of [`Body::ALL`].
    pub places: [Place; 12],
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
        self.places[body.index()]
    }
}

/// Whether the table covers a Julian day (TT): 1849-11-30 to 2150-03-01.
#[must_use]
pub fn covers(jd_tt: f64) -> bool {
    let table = table();
    (table.first_jd..=table.last_jd).contains(&jd_tt)
}

/// SHA-256 of the JPL kernel that the table was made from, in hexadecimal.
#[must_use]
pub fn kernel_sha256() -> String {
    format::hexadecimal(&table().kernel_sha256)
}

/// The sky at a Julian day (TT). Outside the table ([`covers`]) every value is NaN.
///
/// Against Swiss Ephemeris in full mode: longitudes of Sun to Pluto within 0.02", true node 0.2", mean node 0.15".
#[must_use]
pub fn sky(jd_tt: f64) -> Sky {
    let table = table();
    if !(table.first_jd..=table.last_jd).contains(&jd_tt) {
        return NOWHERE;
    }
    let days = jd_tt - table.first_jd;
    let (mut slow, slow_rate) = table.slow.value_and_rate(days);
    let (mut mercury, mercury_rate) = table.mercury.value_and_rate(days);
    let (moon, moon_rate) = table.moon.value_and_rate(days);
    deflect(table, days, &mut slow, &mut mercury);
    let (nutation, nutation_rate) = (mercury[2], mercury_rate[2]);
    let place = |longitude: f64, latitude: f64, rate: f64| Place {
        longitude_deg: circle_deg(longitude + nutation),
        latitude_deg: latitude.to_degrees(),
        speed_deg_per_day: (rate + nutation_rate).to_degrees(),
    };
    let mean_node = mean_node_rad(jd_tt);
    let mut places = [Place::default(); 12];
    for (lane, body) in SLOW_BODIES.into_iter().enumerate() {
        places[usize::from(body)] = place(slow[lane], slow[8 + lane], slow_rate[lane]);
    }
    places[Body::Moon.index()] = place(moon[0], moon[1], moon_rate[0]);
    places[Body::Mercury.index()] = place(mercury[0], mercury[1], mercury_rate[0]);
    places[Body::MeanNode.index()] = place(mean_node, 0.0, mean_node_rate_rad_per_day(jd_tt));
    places[Body::TrueNode.index()] = place(moon[3], 0.0, moon_rate[3]);
    Sky {
        places,
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
    deflect(table, days, &mut slow, &mut mercury);
    let nutation = mercury[2];
    let mut longitudes = [0.0; 10];
    for (lane, body) in SLOW_BODIES.into_iter().enumerate() {
        longitudes[usize::from(body)] = circle_deg(slow[lane] + nutation);
    }
    longitudes[1] = circle_deg(moon[0] + nutation);
    longitudes[2] = circle_deg(mercury[0] + nutation);
    longitudes
}

const NOWHERE: Sky = Sky {
    places: [Place { longitude_deg: f64::NAN, latitude_deg: f64::NAN, speed_deg_per_day: f64::NAN }; 12],
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

/// Adds the deflection of light to the planets (not to Sun and Moon).
fn deflect(table: &Table, days: f64, slow: &mut [f64; 16], mercury: &mut [f64; 4]) {
    let distances_au = table.distance.value(days);
    let sun = Sun { longitude: slow[0], distance_au: distances_au[0] };
    if deflection::within_quadrant(mercury[0], sun.longitude) {
        let (longitude, latitude) = deflection::shift(sun, mercury[0], mercury[1], distances_au[1]);
        mercury[0] += longitude;
        mercury[1] += latitude;
    }
    for lane in 1..8 {
        if deflection::within_quadrant(slow[lane], sun.longitude) {
            let (longitude, latitude) =
                deflection::shift(sun, slow[lane], slow[8 + lane], distances_au[lane + 1]);
            slow[lane] += longitude;
            slow[8 + lane] += latitude;
        }
    }
}

/// Wraps an angle in radians into 0..360 degrees.
#[inline]
fn circle_deg(angle_rad: f64) -> f64 {
    let turns = angle_rad * (1.0 / TAU);
    #[allow(
        clippy::cast_possible_truncation,
        reason = "angles of the table and the mean node are a few turns"
    )]
    let fraction = turns - f64::from(turns as i32);
    let degrees = 360.0 * if fraction < 0.0 { fraction + 1.0 } else { fraction };
    // A tiny negative angle rounds up to the full circle.
    if degrees >= 360.0 { 0.0 } else { degrees }
}
