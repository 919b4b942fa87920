//! Points beyond the twelve bodies of a chart, read from a finished chart: they take part in nothing that is counted
//! or scored, so that stored charts keep their shape.

use serde::Serialize;

use super::body::Body;
use super::chart::NatalChart;
use super::ephemeris::chiron;
use super::houses::HouseFinder;
use super::zodiac::Sign;

/// A point beside the bodies of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ExtraPoint {
    /// English name.
    pub name: &'static str,
    /// Apparent geocentric ecliptic longitude of date, 0..360.
    pub longitude_deg: f64,
    /// Apparent geocentric ecliptic latitude of date.
    pub latitude_deg: f64,
    /// Distance in astronomical units; `None` for directions.
    pub distance_au: Option<f64>,
    /// Speed in longitude, degrees per day.
    pub speed_deg_per_day: f64,
    /// Sign that holds the longitude.
    pub sign: Sign,
    /// House 1..=12; `None` without houses.
    pub house: Option<u8>,
    /// Whether the point moves backwards in longitude.
    pub retrograde: bool,
}

/// Chiron and the south node, opposite the true node, of a chart.
#[must_use]
pub fn extra_points(chart: &NatalChart) -> [ExtraPoint; 2] {
    let finder = chart.houses.as_ref().map(|houses| HouseFinder::new(&houses.cusps_deg));
    let point = |name, longitude_deg: f64, latitude_deg, distance_au, speed_deg_per_day| ExtraPoint {
        name,
        longitude_deg,
        latitude_deg,
        distance_au,
        speed_deg_per_day,
        sign: Sign::of_longitude(longitude_deg),
        house: finder.map(|finder| finder.house_of(longitude_deg)),
        retrograde: speed_deg_per_day < 0.0,
    };
    let chiron = chiron(chart.moment.jd_tt);
    let node = &chart.bodies[Body::TrueNode.index()];
    let south = (node.longitude_deg + 180.0) % 360.0;
    [
        point(
            "Chiron",
            chiron.longitude_deg,
            chiron.latitude_deg,
            Some(chiron.distance_au),
            chiron.speed_deg_per_day,
        ),
        point("South Node", south, 0.0, None, node.speed_deg_per_day),
    ]
}
