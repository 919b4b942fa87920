//! Aspects between the points of a chart.
//!
//! Angles and largest orbs are those of [`AspectKind`]; no two ranges overlap, so a pair has one aspect at most.

use super::body::{Body, Point};
use super::chart::{Aspect, AspectKind};
use super::lanes;
use super::raw::{MOST_ASPECTS, RawAspect};

/// A point with its longitude and speed. Angles have speed zero: a body applies to them by its own motion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moving {
    pub(super) point: Point,
    pub(super) longitude_deg: f64,
    pub(super) speed_deg_per_day: f64,
}

/// The aspect between two longitudes, if any: its kind, its orb in degrees and its strength, 1 when exact and 0 at
/// the edge of the largest orb.
#[must_use]
pub fn aspect_between(lon_a: f64, lon_b: f64) -> Option<(AspectKind, f64, f64)> {
    aspect_at(separation_deg(lon_a, lon_b))
}

/// The aspect of a separation of 0..=180 degrees.
fn aspect_at(angle: f64) -> Option<(AspectKind, f64, f64)> {
    AspectKind::ALL.into_iter().find_map(|kind| {
        let orb = (angle - kind.angle_deg()).abs();
        (orb <= kind.max_orb_deg()).then(|| (kind, orb, 1.0 - orb / kind.max_orb_deg()))
    })
}

/// Separation of two longitudes, 0..=180 degrees.
#[must_use]
pub fn separation_deg(lon_a: f64, lon_b: f64) -> f64 {
    let mut apart = (lon_a - lon_b).abs();
    if apart >= 360.0 {
        apart %= 360.0;
    }
    apart.min(360.0 - apart)
}

/// Finds the aspects among points by their longitudes (0..360 degrees) and speeds, writes them in the order of the
/// points and returns how many there are. The first twelve points are those of [`Body::ALL`].
#[allow(
    clippy::cast_possible_truncation,
    reason = "aspects are 90 at most, and orbs need no more than an f32"
)]
pub(super) fn among(longitudes_deg: &[f64], speeds: &[f64], found: &mut [RawAspect; MOST_ASPECTS]) -> u8 {
    let (pairs, count) = pairs_within_orb(longitudes_deg);
    for (slot, &(first, second)) in found.iter_mut().zip(&pairs[..count]) {
        let (a, b) = (usize::from(first), usize::from(second));
        let difference = longitudes_deg[a] - longitudes_deg[b];
        let (angle, over) = separation(difference);
        let measure = &MEASURES[nearest_degree(angle)];
        let orb = angle - measure.angle_deg;
        // The separation grows when the point ahead by less than half a circle is the faster one.
        let grows = ((speeds[a] - speeds[b]) * difference > 0.0) != over;
        *slot = RawAspect {
            first,
            second,
            kind: measure.kind,
            applying: (orb > 0.0) != grows,
            orb_deg: orb.abs() as f32,
            strength: (1.0 - orb.abs() * measure.per_orb) as f32,
        };
    }
    count as u8
}

/// Pairs of points that are within an orb. Without branches, because no processor can guess them: every pair is
/// written down, and the count moves on when its orb holds.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "there are 14 points at most")]
fn pairs_within_orb(longitudes_deg: &[f64]) -> ([(u8, u8); MOST_ASPECTS], usize) {
    let (mut pairs, mut count) = ([(0, 0); MOST_ASPECTS], 0);
    for (first, longitude) in longitudes_deg.iter().enumerate() {
        for (second, other) in longitudes_deg.iter().enumerate().skip(first + 1) {
            let (angle, _) = separation(longitude - other);
            let measure = &MEASURES[nearest_degree(angle)];
            if let Some(slot) = pairs.get_mut(count) {
                *slot = (first as u8, second as u8);
            }
            let nodes = first == MEAN_NODE && second == TRUE_NODE;
            let holds = (angle - measure.angle_deg).abs() <= measure.max_orb_deg;
            count += if nodes { 0 } else { usize::from(holds) };
        }
    }
    (pairs, count)
}

/// The separation, 0..=180, of longitudes that differ by less than 360 degrees, and whether the shorter way passes
/// the beginning of the zodiac.
#[inline]
fn separation(difference_deg: f64) -> (f64, bool) {
    let apart = difference_deg.abs();
    let over = apart > 180.0;
    (if over { 360.0 - apart } else { apart }, over)
}

/// The whole degree nearest to an angle of 0..=180, out of the low bits of a double that has no room for fractions.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "only eight bits are kept")]
fn nearest_degree(angle_deg: f64) -> usize {
    (angle_deg + lanes::ROUNDING).to_bits() as usize & (CELLS - 1)
}

/// Both nodes are the same place in two reckonings: their conjunction says nothing.
const MEAN_NODE: usize = Body::MeanNode.index();
const TRUE_NODE: usize = Body::TrueNode.index();

/// An aspect with its angle and orb, and the reciprocal of the orb.
#[derive(Clone, Copy)]
struct Measure {
    angle_deg: f64,
    max_orb_deg: f64,
    per_orb: f64,
    kind: AspectKind,
}

/// As many as eight bits can tell apart.
const CELLS: usize = 256;

/// The aspect that alone can hold at separations nearest to each whole degree: all orbs end on whole degrees, and
/// no two come nearer to each other than five.
static MEASURES: [Measure; CELLS] = {
    let opposition = AspectKind::Opposition;
    let mut measures = [measure(opposition); CELLS];
    let mut kind = 0;
    while kind < AspectKind::ALL.len() {
        let measure = measure(AspectKind::ALL[kind]);
        let mut degree = 0_u8;
        while degree <= 180 {
            let orb = degree as f64 - measure.angle_deg;
            if -measure.max_orb_deg <= orb && orb <= measure.max_orb_deg {
                measures[degree as usize] = measure;
            }
            degree += 1;
        }
        kind += 1;
    }
    measures
};

const fn measure(kind: AspectKind) -> Measure {
    let max_orb_deg = kind.max_orb_deg();
    Measure { angle_deg: kind.angle_deg(), max_orb_deg, per_orb: 1.0 / max_orb_deg, kind }
}

/// The aspect of two points, if any. It is certain.
pub(super) fn aspect(first: &Moving, second: &Moving) -> Option<Aspect> {
    let angle_deg = separation_deg(first.longitude_deg, second.longitude_deg);
    let (kind, orb_deg, strength) = aspect_at(angle_deg)?;
    // The separation grows when the point ahead by less than half a circle is the faster one.
    let difference = first.longitude_deg - second.longitude_deg;
    let ahead = (0.0..180.0).contains(&difference) || difference < -180.0;
    let gain = first.speed_deg_per_day - second.speed_deg_per_day;
    let growth = if ahead { gain } else { -gain };
    let applying = if angle_deg > kind.angle_deg() { growth < 0.0 } else { growth > 0.0 };
    Some(Aspect {
        first: first.point,
        second: second.point,
        kind,
        angle_deg,
        orb_deg,
        strength,
        applying,
        certain: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::astro::raw::RawChart;

    fn moving(body: Body, longitude_deg: f64, speed_deg_per_day: f64) -> Moving {
        Moving { point: Point::Body(body), longitude_deg, speed_deg_per_day }
    }

    #[test]
    fn an_aspect_holds_up_to_its_largest_orb_and_over_the_start_of_the_zodiac() {
        assert_eq!(aspect_between(10.0, 10.0), Some((AspectKind::Conjunction, 0.0, 1.0)));
        let (kind, orb, strength) = aspect_between(356.0, 2.0).expect("a conjunction");
        assert_eq!(kind, AspectKind::Conjunction);
        assert!((orb - 6.0).abs() < 1e-12 && (strength - 0.25).abs() < 1e-12);
        assert_eq!(aspect_between(0.0, 97.0).map(|(kind, ..)| kind), Some(AspectKind::Square));
        assert_eq!(aspect_between(0.0, 97.001), None);
        assert_eq!(aspect_between(185.0, 0.0).map(|(kind, ..)| kind), Some(AspectKind::Opposition));
    }

    #[test]
    fn a_faster_body_behind_applies_and_ahead_separates() {
        let applying = |a, b| aspect(&a, &b).expect("an aspect").applying;
        let (sun, moon) = (moving(Body::Sun, 100.0, 1.0), |lon| moving(Body::Moon, lon, 13.0));
        assert!(applying(sun, moon(97.0)), "conjunction from behind");
        assert!(!applying(sun, moon(103.0)), "conjunction left behind");
        assert!(applying(sun, moon(188.0)), "square not yet full");
        assert!(!applying(sun, moon(192.0)), "square passed");
        assert!(applying(sun, moon(8.0)), "waning square");
        assert!(!applying(sun, moon(12.0)), "waning square passed");
        assert!(applying(sun, moon(276.0)) && !applying(sun, moon(284.0)), "opposition");
    }

    #[test]
    fn the_two_nodes_have_no_aspect_with_each_other() {
        let longitudes = [0.0, 13.0, 26.0, 39.0, 52.0, 65.0, 78.0, 91.0, 104.0, 117.0, 130.0, 130.5];
        let mut found = RawChart::default();
        let count = among(&longitudes, &[0.0; 12], found.aspects_mut());
        assert!(found.aspects_mut()[..usize::from(count)].iter().all(|a| (a.first, a.second) != (10, 11)));
    }

    #[test]
    fn pairs_found_by_table_are_those_found_by_search() {
        for step in 0..72_000 {
            let (longitude, speed) = (f64::from(step) * 0.005, f64::from(step % 7) - 3.0);
            let pair = [moving(Body::Sun, 100.0, 1.0), moving(Body::Moon, longitude, speed)];
            let mut found = RawChart::default();
            let count = among(
                &pair.map(|p| p.longitude_deg),
                &pair.map(|p| p.speed_deg_per_day),
                found.aspects_mut(),
            );
            let raw = (count == 1).then(|| found.aspects_mut()[0]);
            let full = aspect(&pair[0], &pair[1]);
            assert_eq!(raw.map(|a| a.kind), full.map(|a| a.kind), "{longitude}");
            // Where nothing moves, or exactly at the aspect or its turning points, either word is right.
            let plain = |a: &Aspect| a.orb_deg > 1e-9 && a.angle_deg < 179.999 && a.angle_deg > 0.001;
            let Some((raw, full)) = raw.zip(full.filter(plain)).filter(|_| (speed - 1.0).abs() > 0.1) else {
                continue;
            };
            assert_eq!(raw.applying, full.applying, "{longitude} {speed}");
            assert!((f64::from(raw.orb_deg) - full.orb_deg).abs() < 1e-6);
        }
    }
}
