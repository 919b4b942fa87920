//! The chart wheel of one chart, or of two around one another.

use std::fmt::Write as _;

use super::canvas::{Canvas, Number, Pen};
use super::geometry::{Dial, Place};
use super::layout::{
    ALONE, AROUND, DUAL, DUAL_BORDER, Label, Radii, Rings, SINGLE, SIZE, Seated, Shown, WITHIN, angles, dial,
    house_numbers, seat, signs,
};
use super::legend::{LEGEND_HEIGHT, legend};
use super::lines::{aspect_lines, contact_lines};
use super::placed::Placed;
use super::theme::{Role, Theme};
use super::{described, glyphs};
use crate::astro::{Body, Element, NatalChart, Sign, extra_points};

/// Which of the two reckonings of the lunar node a wheel shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Nodes {
    /// The true node.
    #[default]
    True,
    /// The mean node.
    Mean,
    /// Both; the mean node has a dot within.
    Both,
    /// None.
    Without,
}

impl Nodes {
    pub(super) const fn shows(self, body: Body) -> bool {
        match body {
            Body::MeanNode => matches!(self, Self::Mean | Self::Both),
            Body::TrueNode => matches!(self, Self::True | Self::Both),
            _ => true,
        }
    }
}

/// A second chart around the first: another person's, or the sky of another day.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The chart.
    pub chart: &'a NatalChart,
    /// What to call it, such as a name or "sky of 1 October 2026".
    pub name: &'a str,
}

/// What a wheel shows and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct WheelOptions<'a> {
    /// How it looks.
    pub theme: Theme,
    /// Title for assistive technology and hovering; `Birth chart` when empty.
    pub title: &'a str,
    /// A second chart; lines are then those between the two.
    pub around: Option<Around<'a>>,
    /// Which lunar node.
    pub nodes: Nodes,
    /// Whether Chiron is shown; no lines of aspects lead to it.
    pub chiron: bool,
    /// Whether to explain the signs below the wheel.
    pub legend: bool,
}

/// Draws a chart as SVG, 800 units wide: paths only, so it looks the same with any fonts or none.
///
/// The ascendant is at the left; without a birth time there are no houses, and 0 degrees Aries is there instead.
/// Bodies that stand together are moved apart, with a line to where they are.
#[must_use]
pub fn wheel(chart: &NatalChart, options: &WheelOptions<'_>) -> String {
    let mut canvas = Canvas::new();
    let radii = if options.around.is_some() { &DUAL } else { &SINGLE };
    let dial = dial(chart);
    zodiac(&mut canvas, &dial, radii);
    houses(&mut canvas, &dial, radii, chart, options.around.is_some());
    match options.around {
        Some(around) => contact_lines(&mut canvas, &dial, radii.aspects, chart, around.chart, options.nodes),
        None => aspect_lines(&mut canvas, &dial, radii.aspects, chart, options.nodes),
    }
    for (rings, owner, bodies) in seats(chart, options) {
        for seated in &bodies {
            body(&mut canvas, &dial, &rings, radii, seated, owner);
        }
    }
    for label in angles(&dial, radii, chart) {
        angle(&mut canvas, &dial, radii, &label);
    }
    if !chart.moment.time_known {
        let corner = Place { x: 14.0, y: SIZE - 14.0 };
        canvas.open("Time of birth unknown", "Positions are those of local noon; there are no houses.");
        canvas.letters_from("TIME UNKNOWN", corner, 9.0, Pen::new(Role::Soft, 1.2));
        canvas.close();
    }
    if options.legend {
        legend(&mut canvas, options.nodes, options.chiron);
    }
    let height = if options.legend { SIZE + LEGEND_HEIGHT } else { SIZE };
    let title = if options.title.is_empty() { "Birth chart" } else { options.title };
    let desc = described::chart(chart, options.around.as_ref().map(|around| around.name));
    canvas.finish(options.theme, (SIZE, height), "chart wheel", title, &desc)
}

/// The bodies of a wheel on their rings, with the name of their chart.
pub(super) fn seats<'a>(
    chart: &NatalChart,
    options: &WheelOptions<'a>,
) -> Vec<(Rings, &'a str, Vec<Seated>)> {
    let dial = dial(chart);
    let shown = |chart: &NatalChart| {
        let bodies = chart.bodies.iter().filter(|at| options.nodes.shows(at.body)).map(Placed::from);
        let chiron = options.chiron.then(|| Placed::chiron(&extra_points(chart)[0]));
        bodies.chain(chiron).collect::<Vec<_>>()
    };
    let cusps: &[f64] = chart.houses.as_ref().map_or(&[], |houses| &houses.cusps_deg);
    match options.around {
        None => vec![(ALONE, "", seat(&dial, &ALONE, shown(chart), &with_axes(chart, cusps)))],
        Some(around) => vec![
            (AROUND, around.name, seat(&dial, &AROUND, shown(around.chart), &with_axes(chart, &[]))),
            (WITHIN, "", seat(&dial, &WITHIN, shown(chart), &with_axes(chart, cusps))),
        ],
    }
}

/// Longitudes of the lines of houses and axes.
fn with_axes(chart: &NatalChart, cusps: &[f64]) -> Vec<f64> {
    let axes = chart.angles.map_or_else(Vec::new, |angles| {
        let (ascendant, midheaven) = (angles.ascendant_deg, angles.midheaven_deg);
        vec![ascendant, ascendant + 180.0, midheaven, midheaven + 180.0]
    });
    cusps.iter().copied().chain(axes).collect()
}

fn zodiac(canvas: &mut Canvas, dial: &Dial, radii: &Radii) {
    canvas.open_hidden();
    let (outer, inner) = (radii.zodiac_outer, radii.zodiac_inner);
    let mut start = 0.0;
    for sign in Sign::ALL {
        canvas.area(&sector(dial, (start, start + 30.0), outer, inner), element_role(sign.element()), 0.1);
        start += 30.0;
    }
    for (every, length, pen) in [
        (30.0, outer - inner, Pen::new(Role::Soft, 1.0)),
        (10.0, 7.0, Pen::new(Role::Soft, 0.9)),
        (2.0, 4.0, Pen::new(Role::Soft, 0.5)),
    ] {
        canvas.path(&ticks(dial, inner, length, every), pen);
    }
    for radius in [outer, inner] {
        canvas.circle(dial.centre, radius, Pen::new(Role::Soft, 1.2));
    }
    for radius in [radii.house_outer, radii.house_inner] {
        canvas.circle(dial.centre, radius, Pen::new(Role::Faint, 1.0));
    }
    canvas.close();
    for (sign, patch) in signs(dial, radii) {
        canvas.open(sign.name(), &format!("{} sign, {}", sign.element().name(), sign.quality().name()));
        let pen = Pen::new(element_role(sign.element()), 1.9);
        canvas.glyph(glyphs::sign(sign), patch.centre, patch.width, pen);
        canvas.close();
    }
}

/// Path data of ticks outwards from a radius.
fn ticks(dial: &Dial, radius: f64, length: f64, every_deg: f64) -> String {
    let mut data = String::with_capacity(2048);
    let mut degree = 0.0;
    while degree < 360.0 {
        // Writing to a String cannot fail.
        let _ = write!(data, "M{}L{}", dial.at(degree, radius), dial.at(degree, radius + length));
        degree += every_deg;
    }
    data
}

fn houses(canvas: &mut Canvas, dial: &Dial, radii: &Radii, chart: &NatalChart, is_dual: bool) {
    if is_dual {
        canvas.circle(dial.centre, DUAL_BORDER, Pen::new(Role::Soft, 1.0));
    }
    let (Some(houses), Some(angles)) = (&chart.houses, chart.angles) else { return };
    let reach = if is_dual { DUAL_BORDER } else { radii.zodiac_inner };
    canvas.open_hidden();
    for cusp in houses.cusps_deg {
        canvas.line(&[dial.at(cusp, radii.house_inner), dial.at(cusp, reach)], Pen::new(Role::Faint, 1.0));
    }
    for angle in [angles.ascendant_deg, angles.midheaven_deg] {
        for end in [angle, angle + 180.0] {
            let line = [dial.at(end, radii.house_inner), dial.at(end, radii.zodiac_inner)];
            canvas.line(&line, Pen::new(Role::Ink, 1.8));
        }
    }
    canvas.close();
    let numbers = house_numbers(dial, radii, &houses.cusps_deg);
    for (at, cusp) in houses.cusps_deg.iter().enumerate() {
        let text = (at + 1).to_string();
        let label = numbers.iter().find(|label| label.text == text);
        canvas.open(&format!("House {text}"), &format!("Begins at {}", described::place(*cusp)));
        if let Some(label) = label {
            canvas.letters(&text, label.patch.centre, 8.5, Pen::new(Role::Soft, 1.1));
        }
        canvas.close();
    }
}

fn body(canvas: &mut Canvas, dial: &Dial, rings: &Rings, radii: &Radii, seated: &Seated, owner: &str) {
    let position = &seated.position;
    let role = if owner.is_empty() { Role::Ink } else { Role::Other };
    let title = described::body_title(position, owner);
    canvas.open(&title, &described::body(position));
    let true_deg = position.longitude_deg;
    cover_lines(canvas, seated);
    canvas.line(&leader(dial, rings, true_deg, seated.shown_deg), Pen::new(role, 0.8));
    if owner.is_empty() {
        canvas.disc(dial.at(true_deg, radii.aspects), 2.0, Role::Soft);
    }
    let element = element_role(position.sign.element());
    for mark in &seated.marks {
        let centre = mark.patch.centre;
        match &mark.shown {
            Shown::Glyph => {
                canvas.glyph(position.glyph, centre, rings.glyph_side, Pen::new(role, 1.9));
            }
            Shown::Degree(text) => canvas.letters(text, centre, rings.letter, Pen::new(element, 1.4)),
            Shown::Minute(text) => {
                canvas.letters(text, centre, rings.minute_height(), Pen::new(Role::Soft, 1.1));
            }
            Shown::Retrograde => {
                canvas.letters("℞", centre, rings.retrograde_height(), Pen::new(Role::Tension, 1.1));
            }
        }
    }
    canvas.close();
}

/// Covers the lines of houses behind a body's marks, from the glyph to the innermost mark.
fn cover_lines(canvas: &mut Canvas, seated: &Seated) {
    let Some((ends, radius)) = cover(seated) else { return };
    canvas.line(&ends, Pen::new(Role::Ground, 2.0 * radius));
    for mark in seated.marks.iter().filter(|mark| mark.crossed) {
        canvas.disc(mark.patch.centre, mark.patch.reach() - 1.0, Role::Ground);
    }
}

/// A line with round ends, and half its width, that ends with the innermost mark: the circle behind it stays whole.
pub(super) fn cover(seated: &Seated) -> Option<([Place; 2], f64)> {
    let crossed = seated.marks.iter().filter(|mark| mark.crossed);
    let radius = crossed.map(|mark| mark.patch.height / 2.0).reduce(f64::max)?;
    let [first, .., last] = &seated.marks[..] else { return None };
    let (from, to) = (first.patch.centre, last.patch.centre);
    let radius = radius.min(last.patch.height);
    let back = (radius - last.patch.height / 2.0).max(0.0) / (from.x - to.x).hypot(from.y - to.y);
    let end = Place { x: to.x + (from.x - to.x) * back, y: to.y + (from.y - to.y) * back };
    Some(([from, end], radius))
}

/// The line from where a body is to its glyph: angle and radius change together, so that the lines of neighbours
/// never cross and none runs through a glyph.
fn leader(dial: &Dial, rings: &Rings, true_deg: f64, shown_deg: f64) -> Vec<Place> {
    let turn = (shown_deg - true_deg + 180.0).rem_euclid(360.0) - 180.0;
    let steps = (turn.abs() / 3.0).ceil().max(1.0);
    let mut points = vec![dial.at(true_deg, rings.foot)];
    let mut step = 1.0;
    while step <= steps {
        let share = step / steps;
        points.push(dial.at(true_deg + turn * share, rings.foot + (rings.head - rings.foot) * share));
        step += 1.0;
    }
    points
}

fn angle(canvas: &mut Canvas, dial: &Dial, radii: &Radii, label: &Label) {
    let name = match label.text.as_str() {
        "AC" => "Ascendant",
        "DC" => "Descendant",
        "MC" => "Midheaven",
        _ => "Imum coeli",
    };
    canvas.open(&format!("{name} {}", described::place(label.true_deg)), "");
    let foot = dial.at(label.true_deg, radii.zodiac_outer);
    canvas.line(&[foot, dial.at(label.shown_deg, radii.zodiac_outer + 5.0)], Pen::new(Role::Ink, 1.8));
    let Place { x, y } = label.patch.centre;
    canvas.letters(&label.text, Place { x, y: y - 6.0 }, 10.5, Pen::new(Role::Ink, 1.7));
    canvas.letters(&label.below, Place { x, y: y + 7.2 }, 8.0, Pen::new(Role::Soft, 1.0));
    canvas.close();
}

/// Colour of an element.
pub(super) const fn element_role(element: Element) -> Role {
    match element {
        Element::Fire => Role::Fire,
        Element::Earth => Role::Earth,
        Element::Air => Role::Air,
        Element::Water => Role::Water,
    }
}

/// Path data of a part of a ring between two longitudes less than half a circle apart.
fn sector(dial: &Dial, (from, to): (f64, f64), outer: f64, inner: f64) -> String {
    let (big, small) = (Number(outer), Number(inner));
    let mut data = String::with_capacity(80);
    // Longitudes run counterclockwise: sweep 0 outside, 1 on the way back. Writing to a String cannot fail.
    let _ = write!(data, "M{}A{big} {big} 0 0 0 {}", dial.at(from, outer), dial.at(to, outer));
    let _ = write!(data, "L{}A{small} {small} 0 0 1 {}Z", dial.at(to, inner), dial.at(from, inner));
    data
}
