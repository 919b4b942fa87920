//! Scores as horizontal bars.

use super::canvas::{Anchor, Canvas, Pen};
use super::figure::{fitted, heading, rounded, score};
use super::geometry::Place;
use super::theme::{Role, Theme};

const WIDTH: f64 = 620.0;
const TOP: f64 = 56.0;
const STEP: f64 = 34.0;
const LEFT: f64 = 210.0;
const RIGHT: f64 = WIDTH - 60.0;

/// One bar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar<'a> {
    /// What is measured.
    pub label: &'a str,
    /// 0..=100.
    pub value: f64,
    /// A mark on the bar, such as a wanted level, 0..=100.
    pub wanted: Option<f64>,
}

/// Draws scores 0..=100 as bars, in the order given.
#[must_use]
pub fn bars(title: &str, rows: &[Bar<'_>], theme: Theme) -> String {
    let mut canvas = Canvas::new();
    heading(&mut canvas, title, WIDTH);
    let mut y = TOP;
    let mut words = Vec::with_capacity(rows.len());
    for row in rows {
        let value = rounded(row.value);
        let wanted = row.wanted.map_or_else(String::new, |wanted| format!(", wanted {}", rounded(wanted)));
        canvas.open(&format!("{} {value}{wanted}", row.label), "");
        let label = fitted(row.label, LEFT - 34.0, 14.0);
        canvas.text(&label, Place { x: LEFT - 14.0, y: y + 15.0 }, 14.0, Role::Ink, Anchor::End);
        canvas.bar(Place { x: LEFT, y }, (RIGHT - LEFT, 20.0), Role::Faint, 0.35);
        canvas.bar(Place { x: LEFT, y }, ((RIGHT - LEFT) * score(row.value) / 100.0, 20.0), Role::Prime, 0.9);
        if let Some(wanted) = row.wanted {
            let x = LEFT + (RIGHT - LEFT) * score(wanted) / 100.0;
            canvas.line(&[Place { x, y: y - 3.0 }, Place { x, y: y + 23.0 }], Pen::new(Role::Ground, 5.0));
            canvas.line(&[Place { x, y: y - 3.0 }, Place { x, y: y + 23.0 }], Pen::new(Role::Other, 2.6));
        }
        canvas.text(&value, Place { x: RIGHT + 12.0, y: y + 15.0 }, 14.0, Role::Ink, Anchor::Start);
        canvas.close();
        words.push(format!("{} {value}{wanted}", row.label));
        y += STEP;
    }
    let middle = f64::midpoint(LEFT, RIGHT);
    let pen = Pen { dash: "2 3", ..Pen::new(Role::Soft, 1.0) };
    canvas.line(&[Place { x: middle, y: TOP - 6.0 }, Place { x: middle, y: y - 8.0 }], pen);
    canvas.finish(theme, (WIDTH, y + 12.0), "bar chart", title, &words.join(", "))
}
