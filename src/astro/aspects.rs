//! Aspects between the points of a chart.
//!
//! Angles and largest orbs are those of [`AspectKind`]; no two ranges overlap, so a pair has one aspect at most.

use super::body::{Body, Point};
use super::chart::{Aspect, AspectKind};

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

/// All aspects of a chart, strongest first; equal strengths keep the order of the points. Every one is certain.
pub(super) fn among(points: &[Moving]) -> Vec<Aspect> {
    let mut aspects = Vec::with_capacity(48);
    for (i, first) in points.iter().enumerate() {
        for second in points[i + 1..].iter().filter(|second| !is_node_pair(first.point, second.point)) {
            aspects.extend(aspect(first, second));
        }
    }
    aspects.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    aspects
}

fn aspect(first: &Moving, second: &Moving) -> Option<Aspect> {
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

/// Both nodes are the same place in two reckonings: their conjunction says nothing.
fn is_node_pair(first: Point, second: Point) -> bool {
    first == Point::Body(Body::MeanNode) && second == Point::Body(Body::TrueNode)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let nodes = [moving(Body::MeanNode, 10.0, -0.05), moving(Body::TrueNode, 10.5, 0.0)];
        assert!(among(&nodes).is_empty());
    }
}
