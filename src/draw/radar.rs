//! Several scores around a circle, for one or two or a few series.

use super::canvas::{Anchor, Canvas, Pen, polyline};
use super::figure::{fitted, heading, key, rounded, score, series_pen};
use super::geometry::Place;
use super::theme::{Role, Theme};

const WIDTH: f64 = 620.0;
const HEIGHT: f64 = 500.0;
const RADIUS: f64 = 160.0;
const CENTRE: Place = Place { x: WIDTH / 2.0, y: 256.0 };

/// A named row of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Values 0..=100, one for each axis; missing ones count as 0.
    pub values: &'a [f64],
}

/// Draws scores 0..=100 on axes around a circle, the first axis at the top, clockwise.
#[must_use]
pub fn radar(title: &str, axes: &[&str], series: &[Series<'_>], theme: Theme) -> String {
    let mut canvas = Canvas::new();
    heading(&mut canvas, title, WIDTH);
    grid(&mut canvas, axes);
    for (at, row) in series.iter().enumerate() {
        let points: Vec<Place> = axes
            .iter()
            .enumerate()
            .map(|(axis, _)| spoke(axis, axes.len(), RADIUS * value(row, axis) / 100.0))
            .collect();
        let pen = series_pen(at, 2.4);
        canvas.open(row.name, &in_words(axes, row));
        if points.len() > 1 {
            let outline = format!("{}Z", polyline(&points));
            canvas.area(&outline, pen.role, 0.14);
            canvas.path(&outline, pen);
        }
        for point in points {
            canvas.disc(point, 3.4, pen.role);
        }
        canvas.close();
    }
    labels(&mut canvas, axes, series);
    key(&mut canvas, series.iter().map(|row| row.name), HEIGHT - 18.0, WIDTH);
    let words: Vec<String> =
        series.iter().map(|row| format!("{}: {}.", row.name, in_words(axes, row))).collect();
    canvas.finish(theme, (WIDTH, HEIGHT), "radar chart", title, &words.join(" "))
}

fn grid(canvas: &mut Canvas, axes: &[&str]) {
    canvas.open_hidden();
    for (share, width) in [(0.25, 0.8), (0.5, 1.4), (0.75, 0.8), (1.0, 0.8)] {
        canvas.circle(CENTRE, RADIUS * share, Pen::new(Role::Faint, width));
    }
    for axis in 0..axes.len() {
        canvas.line(&[CENTRE, spoke(axis, axes.len(), RADIUS)], Pen::new(Role::Faint, 0.8));
    }
    canvas.close();
}

fn labels(canvas: &mut Canvas, axes: &[&str], series: &[Series<'_>]) {
    for (axis, name) in axes.iter().enumerate() {
        let at = spoke(axis, axes.len(), RADIUS + 18.0);
        let aside = at.x - CENTRE.x;
        let (anchor, room) = match aside {
            right if right > 8.0 => (Anchor::Start, WIDTH - at.x - 6.0),
            left if left < -8.0 => (Anchor::End, at.x - 6.0),
            _ => (Anchor::Middle, WIDTH / 2.0),
        };
        // Two or three lines: above the circle they grow upwards, below it downwards, at its sides both ways.
        let below = (at.y - CENTRE.y) / RADIUS;
        let lines = lines(name, room);
        let mut y = at.y - 3.0 + 12.0 * below;
        if lines.len() > 1 {
            y -= 7.5 * (1.0 - below);
        }
        for line in &lines {
            canvas.text(line, Place { x: at.x, y }, 13.0, Role::Ink, anchor);
            y += 15.0;
        }
        let values: Vec<String> = series.iter().map(|row| rounded(value(row, axis))).collect();
        let place = Place { x: at.x, y };
        canvas.text(&fitted(&values.join(" / "), room, 12.0), place, 12.0, Role::Soft, anchor);
    }
}

/// A label in one line, or in two where it has a space and needs them.
fn lines(name: &str, room: f64) -> Vec<String> {
    let whole = fitted(name, room, 13.0);
    let middle = name.len() / 2;
    let space = name.match_indices(' ').map(|(at, _)| at).min_by_key(|at| at.abs_diff(middle));
    match space {
        Some(at) if whole != name => {
            [&name[..at], &name[at + 1..]].map(|part| fitted(part, room, 13.0)).to_vec()
        }
        _ => vec![whole],
    }
}

fn value(row: &Series<'_>, axis: usize) -> f64 {
    row.values.get(axis).copied().map_or(0.0, score)
}

fn in_words(axes: &[&str], row: &Series<'_>) -> String {
    let parts = axes.iter().enumerate().map(|(axis, name)| format!("{name} {}", rounded(value(row, axis))));
    parts.collect::<Vec<_>>().join(", ")
}

#[allow(clippy::cast_precision_loss, reason = "a figure has few axes")]
fn spoke(axis: usize, count: usize, radius: f64) -> Place {
    let angle = std::f64::consts::TAU * axis as f64 / count as f64;
    Place { x: CENTRE.x + radius * angle.sin(), y: CENTRE.y - radius * angle.cos() }
}
