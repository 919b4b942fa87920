//! What the signs of a wheel mean, below it; drawn with strokes like the wheel.

use super::canvas::{Canvas, Pen};
use super::geometry::Place;
use super::glyphs;
use super::layout::SIZE;
use super::lines::Family;
use super::theme::Role;
use super::wheel::Nodes;
use crate::astro::Body;
use crate::astro::chart::AspectKind;

/// Room below the wheel.
pub(super) const LEGEND_HEIGHT: f64 = 156.0;

const LEFT: f64 = 30.0;

pub(super) fn legend(canvas: &mut Canvas, nodes: Nodes, chiron: bool) {
    canvas.open("Legend", "");
    canvas.line(
        &[Place { x: LEFT, y: SIZE + 4.0 }, Place { x: SIZE - LEFT, y: SIZE + 4.0 }],
        Pen::new(Role::Faint, 1.0),
    );
    let bodies = Body::ALL.into_iter().filter(|body| nodes.shows(*body));
    let mut shown: Vec<_> = bodies.map(|body| (body.name(), glyphs::body(body))).collect();
    shown.extend(chiron.then_some(("Chiron", glyphs::CHIRON)));
    // Two rows, whatever is shown.
    let (columns, step) = if shown.len() > 12 { (7, 108.0) } else { (6, 126.0) };
    for (row, bodies) in (0_u8..).zip(shown.chunks(columns)) {
        for (column, (word, glyph)) in (0_u8..).zip(bodies) {
            let (x, y) = (LEFT + 12.0 + f64::from(column) * step, SIZE + 28.0 + f64::from(row) * 28.0);
            canvas.glyph(glyph, Place { x, y }, 18.0, Pen::new(Role::Ink, 1.5));
            name(canvas, word, Place { x, y });
        }
    }
    for (at, family) in (0_u8..).zip(Family::ALL) {
        let left = Place { x: LEFT + f64::from(at) * 151.0, y: SIZE + 92.0 };
        canvas.line(&[left, Place { x: left.x + 124.0, ..left }], family.pen(0.8));
        let members = AspectKind::ALL.into_iter().filter(|kind| Family::of(*kind) == family);
        for (below, kind) in (0_u8..).zip(members) {
            let centre = Place { x: left.x + 8.0, y: left.y + 18.0 + f64::from(below) * 22.0 };
            let pen = Pen { width: 1.3, opacity: 1.0, dash: "", ..family.pen(1.0) };
            canvas.glyph(glyphs::aspect(kind), centre, 14.0, pen);
            name(canvas, kind.name(), centre);
        }
    }
    canvas.close();
}

fn name(canvas: &mut Canvas, text: &str, beside: Place) {
    let left = Place { x: beside.x + 16.0, y: beside.y + 4.2 };
    canvas.letters_from(text, left, 8.4, Pen::new(Role::Soft, 1.1));
}
