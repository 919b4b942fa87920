//! Contacts between two charts.

use crate::astro::body::{Body, Point};
use crate::astro::chart::AspectKind;
use crate::astro::{Element, NatalChart, Sign};
use crate::harmonic::features::separation_deg;

/// Points that are compared: Sun to Pluto, ascendant, midheaven.
pub const POINTS: usize = 12;

/// Places of the angles among the points.
pub const ASCENDANT: usize = 10;
/// Place of the midheaven among the points.
pub const MIDHEAVEN: usize = 11;

/// A contact between a point of the subject and one of the other side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contact {
    /// Which relation.
    pub kind: AspectKind,
    /// `1 - orb / largest orb`, 0..=1.
    pub strength: f64,
    /// Distance from exactness in degrees.
    pub orb_deg: f64,
}

/// All contacts between two charts: subject by row, other side by column.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    cells: [[Option<Contact>; POINTS]; POINTS],
}

impl Grid {
    /// Compares every point of one chart with every point of the other.
    #[must_use]
    pub fn of(subject: &NatalChart, other: &NatalChart) -> Self {
        let (rows, columns) = (longitudes(subject), longitudes(other));
        let cells = rows.map(|row| columns.map(|column| contact(row?, column?)));
        Self { cells }
    }

    /// The contact between two points.
    #[must_use]
    pub const fn at(&self, subject: usize, other: usize) -> Option<Contact> {
        self.cells[subject][other]
    }

    /// Sum of `polarity * strength` over two sets of points. Symmetric where both sets are the same.
    #[must_use]
    pub fn sum(&self, subject: &[usize], other: &[usize]) -> f64 {
        let value = |a: usize, b: usize| self.at(a, b).map_or(0.0, |c| polarity(c.kind, a, b) * c.strength);
        subject.iter().map(|a| other.iter().map(|b| value(*a, *b)).sum::<f64>()).sum()
    }

    /// [`Grid::sum`] of a central set with a wider one, both ways.
    #[must_use]
    pub fn both_ways(&self, centre: &[usize], around: &[usize]) -> f64 {
        self.sum(centre, around) + self.sum(around, centre)
    }
}

/// How a contact works, -1..=1 (ours, on the usual reading of the major aspects). Minor aspects do not count.
#[must_use]
pub fn polarity(kind: AspectKind, subject: usize, other: usize) -> f64 {
    let heavy = |point: usize| [Body::Saturn, Body::Mars, Body::Pluto].iter().any(|b| b.index() == point);
    match kind {
        AspectKind::Conjunction if heavy(subject) || heavy(other) => 0.0,
        AspectKind::Conjunction => 0.6,
        AspectKind::Trine => 1.0,
        AspectKind::Sextile => 0.7,
        AspectKind::Square => -0.6,
        AspectKind::Opposition => -0.3,
        _ => 0.0,
    }
}

/// The point at a place of the grid.
#[must_use]
pub fn point(index: usize) -> Point {
    match index {
        ASCENDANT => Point::Ascendant,
        MIDHEAVEN => Point::Midheaven,
        _ => Point::Body(Body::PLANETS[index.min(9)]),
    }
}

/// Longitudes in degrees of the points that a chart has.
#[must_use]
pub fn longitudes(chart: &NatalChart) -> [Option<f64>; POINTS] {
    std::array::from_fn(|index| match index {
        ASCENDANT => chart.angles.map(|angles| angles.ascendant_deg),
        MIDHEAVEN => chart.angles.map(|angles| angles.midheaven_deg),
        _ => Some(chart.bodies[index].longitude_deg),
    })
}

fn contact(left: f64, right: f64) -> Option<Contact> {
    let separation = separation_deg(left, right);
    AspectKind::ALL
        .into_iter()
        .map(|kind| (kind, (separation - kind.angle_deg()).abs()))
        .find(|(kind, orb)| *orb <= kind.max_orb_deg())
        .map(|(kind, orb)| Contact { kind, strength: 1.0 - orb / kind.max_orb_deg(), orb_deg: orb })
}

/// Element of one point of a chart.
#[must_use]
pub fn element_of(chart: &NatalChart, body: Body) -> Element {
    Sign::of_longitude(chart.bodies[body.index()].longitude_deg).element()
}

/// How two elements go together: the same 1, fire with air and earth with water 0.5, else 0.
#[must_use]
pub fn element_match(left: Element, right: Element) -> f64 {
    match (left, right) {
        (a, b) if a == b => 1.0,
        (a, b) if a as usize % 2 == b as usize % 2 => 0.5,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_trine_is_the_strongest_support() {
        let found = contact(350.0, 110.0).unwrap();
        assert_eq!((found.kind, found.strength), (AspectKind::Trine, 1.0));
        assert!((polarity(found.kind, 0, 1) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn fire_goes_with_air_and_not_with_water() {
        assert!((element_match(Element::Fire, Element::Air) - 0.5).abs() < f64::EPSILON);
        assert!(element_match(Element::Fire, Element::Water).abs() < f64::EPSILON);
    }
}
