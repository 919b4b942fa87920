//! The forty-one features of a chart that scores are made of.

use super::spectrum::{NATAL_WEIGHTS, QUARTER_HARMONICS};
use crate::astro::body::Body;
use crate::astro::chart::{BodyPosition, Dignity};
use crate::astro::zodiac::{Element, Quality};
use crate::astro::{NatalChart, Sign};

/// How many features a chart has.
pub const FEATURES: usize = 41;

/// Points of a planet by house (Lilly, *Christian Astrology*, 1647, p. 115), house 1 first.
const HOUSE_POINTS: [f64; 12] = [5.0, 3.0, 1.0, 4.0, 3.0, -2.0, 4.0, -2.0, 2.0, 5.0, 4.0, -5.0];

/// One feature, and with [`Feature::index`] its place in a row of features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Strength of a planet.
    Planet(Body),
    /// Share of an element.
    Element(Element),
    /// Share of a quality.
    Quality(Quality),
    /// Strength of a harmonic, 1..=12.
    Harmonic(usize),
    /// Weight of the planets in a house, 1..=12; always 0 without houses.
    House(usize),
}

impl Feature {
    /// Place in a row of features.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Planet(body) => body.index(),
            Self::Element(element) => 10 + element as usize,
            Self::Quality(quality) => 14 + quality as usize,
            Self::Harmonic(n) => 16 + n,
            Self::House(house) => 28 + house,
        }
    }
}

/// Whether time and place of birth are known, so that houses count.
#[must_use]
pub fn is_timed(chart: &NatalChart) -> bool {
    chart.houses.is_some()
}

/// The features of a chart. `strengths` are its harmonics 1..=12 as percentiles 0..=1.
#[must_use]
pub fn features(chart: &NatalChart, strengths: &[f64; QUARTER_HARMONICS]) -> [f64; FEATURES] {
    let mut row = [0.0; FEATURES];
    let sun_deg = chart.bodies[0].longitude_deg;
    let total: f64 = NATAL_WEIGHTS.iter().sum();
    for (planet, position) in chart.bodies.iter().take(10).enumerate() {
        row[planet] = planet_strength(position, planet, sun_deg);
        let share = NATAL_WEIGHTS[planet] / total;
        let sign = Sign::of_longitude(position.longitude_deg);
        row[Feature::Element(sign.element()).index()] += share;
        row[Feature::Quality(sign.quality()).index()] += share;
        if let Some(house @ 1..=12) = position.house {
            row[Feature::House(usize::from(house)).index()] += share;
        }
    }
    for (n, strength) in strengths.iter().enumerate() {
        row[Feature::Harmonic(n + 1).index()] = *strength;
    }
    row
}

/// Strength of a planet by dignity, house, motion and distance from the Sun (Lilly, p. 101-115).
fn planet_strength(position: &BodyPosition, planet: usize, sun_deg: f64) -> f64 {
    let dignity = match position.dignity {
        Some(Dignity::Domicile) => 5.0,
        Some(Dignity::Exaltation) => 4.0,
        Some(Dignity::Detriment) => -5.0,
        Some(Dignity::Fall) => -4.0,
        None => 0.0,
    };
    let house = match position.house {
        Some(house @ 1..=12) => HOUSE_POINTS[usize::from(house) - 1],
        _ => 0.0,
    };
    if planet < 2 {
        // Sun and Moon never turn back, and their distance is the Moon's phase.
        return dignity + house;
    }
    let motion = if position.retrograde { -5.0 } else { 4.0 };
    dignity + house + motion + sun_distance_points(separation_deg(position.longitude_deg, sun_deg))
}

/// Cazimi within 17 minutes of arc, combust within 8.5 degrees, under the beams within 17, free beyond.
fn sun_distance_points(separation_deg: f64) -> f64 {
    match separation_deg {
        d if d < 17.0 / 60.0 => 5.0,
        d if d < 8.5 => -5.0,
        d if d < 17.0 => -4.0,
        _ => 5.0,
    }
}

/// Shorter arc between two longitudes within 0..360, 0..=180 degrees.
#[must_use]
pub fn separation_deg(left: f64, right: f64) -> f64 {
    let arc = (left - right).abs();
    if arc > 180.0 { 360.0 - arc } else { arc }
}
