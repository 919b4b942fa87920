//! Lines of aspects: colour and dash by family, opacity and width by strength.

use super::canvas::{Canvas, Pen};
use super::geometry::Dial;
use super::theme::Role;
use super::wheel::Nodes;
use crate::astro::chart::AspectKind;
use crate::astro::{NatalChart, Point, aspect_between};

/// Aspects that are drawn alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Conjunction.
    Meeting,
    /// Trine and sextile.
    Flow,
    /// Square and opposition.
    Tension,
    /// Semi-sextile and quincunx.
    Adjustment,
    /// Semi-square and sesqui-square.
    Strain,
}

impl Family {
    pub(super) const ALL: [Self; 5] =
        [Self::Meeting, Self::Flow, Self::Tension, Self::Adjustment, Self::Strain];

    pub(super) const fn of(kind: AspectKind) -> Self {
        match kind {
            AspectKind::Conjunction => Self::Meeting,
            AspectKind::Trine | AspectKind::Sextile => Self::Flow,
            AspectKind::Square | AspectKind::Opposition => Self::Tension,
            AspectKind::SemiSextile | AspectKind::Quincunx => Self::Adjustment,
            AspectKind::SemiSquare | AspectKind::SesquiSquare => Self::Strain,
        }
    }

    /// Pen at a strength of 0..=1.
    pub(super) fn pen(self, strength: f64) -> Pen {
        let (role, dash) = match self {
            Self::Meeting => (Role::Meet, ""),
            Self::Flow => (Role::Flow, ""),
            Self::Tension => (Role::Tension, "9 4"),
            Self::Adjustment => (Role::Minor, "2 4"),
            Self::Strain => (Role::Strain, "6 3 1 3"),
        };
        Pen { role, dash, width: 0.8 + 1.2 * strength, opacity: 0.18 + 0.77 * strength }
    }
}

/// Lines between the points of one chart. Those that may not hold (time unknown) are half as strong.
pub(super) fn aspect_lines(canvas: &mut Canvas, dial: &Dial, radius: f64, chart: &NatalChart, nodes: Nodes) {
    for aspect in chart.aspects.iter().rev() {
        let (Some(first), Some(second)) =
            (longitude(chart, aspect.first, nodes), longitude(chart, aspect.second, nodes))
        else {
            continue;
        };
        let strength = if aspect.certain { aspect.strength } else { aspect.strength / 2.0 };
        let title = format!(
            "{} {} {}, orb {:.1}°",
            aspect.first.name(),
            aspect.kind.name(),
            aspect.second.name(),
            aspect.orb_deg
        );
        line(canvas, dial, radius, (first, second), aspect.kind, strength, &title);
    }
}

/// Lines from the inner chart (first) to the outer one.
pub(super) fn contact_lines(
    canvas: &mut Canvas,
    dial: &Dial,
    radius: f64,
    inner: &NatalChart,
    outer: &NatalChart,
    nodes: Nodes,
) {
    for (first, first_deg) in points(inner, nodes) {
        for (second, second_deg) in points(outer, nodes) {
            let Some((kind, orb_deg, strength)) = aspect_between(first_deg, second_deg) else { continue };
            // A dual wheel has twice as many lines: the lesser aspects only when they are close.
            if kind.is_major() || strength >= 0.5 {
                let title =
                    format!("{} {} outer {}, orb {orb_deg:.1}°", first.name(), kind.name(), second.name());
                line(canvas, dial, radius, (first_deg, second_deg), kind, strength * strength, &title);
            }
        }
    }
}

fn line(
    canvas: &mut Canvas,
    dial: &Dial,
    radius: f64,
    (first, second): (f64, f64),
    kind: AspectKind,
    strength: f64,
    title: &str,
) {
    canvas.open(title, "");
    canvas.line(&[dial.at(first, radius), dial.at(second, radius)], Family::of(kind).pen(strength));
    canvas.close();
}

/// Longitude of a point that a wheel shows.
fn longitude(chart: &NatalChart, point: Point, nodes: Nodes) -> Option<f64> {
    match point {
        Point::Body(body) => {
            chart.bodies.iter().find(|at| at.body == body && nodes.shows(body)).map(|at| at.longitude_deg)
        }
        Point::Ascendant => chart.angles.map(|angles| angles.ascendant_deg),
        Point::Midheaven => chart.angles.map(|angles| angles.midheaven_deg),
    }
}

fn points(chart: &NatalChart, nodes: Nodes) -> Vec<(Point, f64)> {
    let bodies = chart.bodies.iter().map(|at| Point::Body(at.body));
    bodies
        .chain([Point::Ascendant, Point::Midheaven])
        .filter_map(|point| longitude(chart, point, nodes).map(|deg| (point, deg)))
        .collect()
}
