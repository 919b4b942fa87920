//! A wheel that shows signs only: for readers who must not learn the date of birth from exact degrees.

use super::canvas::{Anchor, Canvas, Pen};
use super::geometry::{Dial, Place};
use super::glyphs;
use super::lines::Family;
use super::theme::{Role, Theme};
use crate::astro::chart::AspectKind;
use crate::astro::{Body, Element, Sign};

const SIZE: f64 = 520.0;
const CENTRE: Place = Place { x: SIZE / 2.0, y: SIZE / 2.0 };
const LABEL: f64 = 243.0;
const OUTER: f64 = 230.0;
const INNER: f64 = 190.0;
/// Rings of the bodies of a sign, two on each.
const RINGS: [f64; 3] = [169.0, 144.0, 119.0];
const TIES: f64 = 103.0;

/// An aspect between two bodies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tie {
    /// One body.
    pub first: Body,
    /// The other.
    pub second: Body,
    /// Which aspect.
    pub kind: AspectKind,
    /// 0..=1.
    pub strength: f64,
}

/// What a wheel of signs shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignWheel<'a> {
    /// Heading for assistive technology and hovering.
    pub title: &'a str,
    /// Bodies whose sign may be shown, in order, and whether they are retrograde.
    pub bodies: &'a [(Body, Sign, bool)],
    /// `AC`, `MC` and their signs; the sign of the first stands at the left.
    pub angles: &'a [(&'a str, Sign)],
    /// Aspects; those of bodies that are not shown are left out.
    pub ties: &'a [Tie],
}

/// Draws the twelve signs with the bodies in them. Where in its sign a body stands means nothing.
#[must_use]
pub fn sign_wheel(wheel: &SignWheel<'_>, theme: Theme) -> String {
    let mut canvas = Canvas::new();
    let left_deg = wheel.angles.first().map_or(0.0, |(_, sign)| middle_deg(*sign));
    let dial = Dial { centre: CENTRE, left_deg };
    zodiac(&mut canvas, &dial);
    for tie in wheel.ties {
        let (Some(first), Some(second)) = (seat(wheel, tie.first), seat(wheel, tie.second)) else { continue };
        canvas.open(&format!("{} {} {}", tie.first.name(), tie.kind.name(), tie.second.name()), "");
        let ends = [dial.at(first.0, TIES), dial.at(second.0, TIES)];
        canvas.line(&ends, Family::of(tie.kind).pen(tie.strength.clamp(0.3, 1.0)));
        canvas.close();
    }
    for (body, sign, retrograde) in wheel.bodies {
        let Some((longitude_deg, ring)) = seat(wheel, *body) else { continue };
        let back = if *retrograde { ", retrograde" } else { "" };
        canvas.open(&format!("{} in {}{back}", body.name(), sign.name()), "");
        canvas.glyph(glyphs::body(*body), dial.at(longitude_deg, ring), 21.0, Pen::new(Role::Ink, 1.7));
        canvas.close();
    }
    for (at, (name, sign)) in wheel.angles.iter().enumerate() {
        // Two angles in one sign stand beside each other.
        let shift =
            if at > 0 && wheel.angles[..at].iter().any(|before| before.1 == *sign) { 8.0 } else { 0.0 };
        let place = dial.at(middle_deg(*sign) + shift, LABEL);
        canvas.text(name, Place { y: place.y + 4.5, ..place }, 13.0, Role::Ink, Anchor::Middle);
    }
    let desc: Vec<String> =
        wheel.bodies.iter().map(|(body, sign, _)| format!("{} in {}", body.name(), sign.name())).collect();
    canvas.finish(theme, (SIZE, SIZE), "chart wheel", wheel.title, &desc.join(", "))
}

fn zodiac(canvas: &mut Canvas, dial: &Dial) {
    for radius in [OUTER, INNER] {
        canvas.circle(dial.centre, radius, Pen::new(Role::Soft, 1.2));
    }
    canvas.circle(dial.centre, TIES, Pen::new(Role::Faint, 1.0));
    for sign in Sign::ALL {
        let start = middle_deg(sign) - 15.0;
        canvas.line(&[dial.at(start, INNER), dial.at(start, OUTER)], Pen::new(Role::Soft, 1.0));
        canvas.line(&[dial.at(start, TIES), dial.at(start, INNER)], Pen::new(Role::Faint, 0.8));
        let role = match sign.element() {
            Element::Fire => Role::Fire,
            Element::Earth => Role::Earth,
            Element::Air => Role::Air,
            Element::Water => Role::Water,
        };
        canvas.open(sign.name(), "");
        let place = dial.at(middle_deg(sign), f64::midpoint(OUTER, INNER));
        canvas.glyph(glyphs::sign(sign), place, 23.0, Pen::new(role, 1.8));
        canvas.close();
    }
}

/// Middle of a sign.
fn middle_deg(sign: Sign) -> f64 {
    Sign::ALL.iter().take_while(|other| **other != sign).fold(15.0, |deg, _| deg + 30.0)
}

/// Where a body stands: spread evenly over its sign, in order.
fn seat(wheel: &SignWheel<'_>, body: Body) -> Option<(f64, f64)> {
    let sign = wheel.bodies.iter().find(|of| of.0 == body)?.1;
    let within: Vec<Body> = wheel.bodies.iter().filter(|of| of.1 == sign).map(|of| of.0).collect();
    let (ring, row) = within.chunks(2).enumerate().find(|(_, row)| row.contains(&body))?;
    let share = row.iter().fold(1.0, |share, _| share + 1.0);
    let before = row.iter().take_while(|other| **other != body).fold(1.0, |share, _| share + 1.0);
    Some((middle_deg(sign) - 15.0 + 30.0 * before / share, *RINGS.get(ring)?))
}
