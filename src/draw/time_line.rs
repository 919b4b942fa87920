//! Scores over quarters.

use super::canvas::{Anchor, Canvas, Pen};
use super::figure::{fitted, heading, key, rounded, score, series_pen};
use super::geometry::Place;
use super::theme::{Role, Theme};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 48.0;
const RIGHT: f64 = WIDTH - 44.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 284.0;
/// Most labels below the line; with more points only every second, third, ... is named.
const MOST_LABELS: usize = 10;

/// One line of a time line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Values 0..=100, one for each label; what is no number leaves a gap.
    pub values: &'a [f64],
}

/// Draws scores 0..=100 over time. The last `ahead` points are computed ahead and stand on a shaded ground.
#[must_use]
pub fn time_line(title: &str, labels: &[String], lines: &[Line<'_>], ahead: usize, theme: Theme) -> String {
    let mut canvas = Canvas::new();
    heading(&mut canvas, title, WIDTH);
    let x = |at: usize| place(at, labels.len());
    if ahead > 0 && ahead < labels.len() {
        let edge = f64::midpoint(x(labels.len() - ahead - 1), x(labels.len() - ahead));
        canvas.bar(Place { x: edge, y: TOP }, (RIGHT + 12.0 - edge, BOTTOM - TOP), Role::Soft, 0.1);
        canvas.text("ahead", Place { x: RIGHT + 8.0, y: TOP - 6.0 }, 12.0, Role::Soft, Anchor::End);
    }
    axes(&mut canvas, labels);
    for (at, line) in lines.iter().enumerate() {
        canvas.open(line.name, &in_words(labels, line));
        for run in runs(line.values, labels.len()) {
            let points: Vec<Place> =
                run.iter().map(|(at, value)| Place { x: x(*at), y: height(*value) }).collect();
            canvas.line(&points, series_pen(at, 2.4));
            for point in points {
                canvas.disc(point, 3.0, series_pen(at, 1.0).role);
            }
        }
        canvas.close();
    }
    key(&mut canvas, lines.iter().map(|line| line.name), HEIGHT - 18.0, WIDTH);
    let words: Vec<String> =
        lines.iter().map(|line| format!("{}: {}.", line.name, in_words(labels, line))).collect();
    canvas.finish(theme, (WIDTH, HEIGHT), "line chart", title, &words.join(" "))
}

fn axes(canvas: &mut Canvas, labels: &[String]) {
    for (level, width) in [(0.0, 0.8), (25.0, 0.8), (50.0, 1.4), (75.0, 0.8), (100.0, 0.8)] {
        let y = height(level);
        let pen = Pen::new(Role::Faint, width);
        canvas.line(&[Place { x: LEFT - 12.0, y }, Place { x: RIGHT + 12.0, y }], pen);
        canvas.text(&rounded(level), Place { x: LEFT - 18.0, y: y + 4.0 }, 12.0, Role::Soft, Anchor::End);
    }
    let every = labels.len().div_ceil(MOST_LABELS).max(1);
    let last = labels.len().saturating_sub(1);
    for (at, label) in labels.iter().enumerate().filter(|(at, _)| (last - at).is_multiple_of(every)) {
        let x = place(at, labels.len());
        canvas.line(&[Place { x, y: BOTTOM }, Place { x, y: BOTTOM + 5.0 }], Pen::new(Role::Soft, 1.0));
        let text = fitted(label, (RIGHT - LEFT) / 10.0, 12.0);
        canvas.text(&text, Place { x, y: BOTTOM + 22.0 }, 12.0, Role::Soft, Anchor::Middle);
    }
}

/// Runs of values without gaps, with their places.
fn runs(values: &[f64], count: usize) -> Vec<Vec<(usize, f64)>> {
    let mut runs = vec![Vec::new()];
    for (at, value) in values.iter().copied().enumerate().take(count) {
        match runs.last_mut() {
            Some(run) if !value.is_nan() => run.push((at, value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

#[allow(clippy::cast_precision_loss, reason = "a figure has few points")]
fn place(at: usize, count: usize) -> f64 {
    if count < 2 {
        return f64::midpoint(LEFT, RIGHT);
    }
    LEFT + (RIGHT - LEFT) * at as f64 / (count - 1) as f64
}

fn height(value: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * score(value) / 100.0
}

fn in_words(labels: &[String], line: &Line<'_>) -> String {
    let known = labels.iter().zip(line.values).filter(|(_, value)| !value.is_nan());
    known.map(|(label, value)| format!("{label} {}", rounded(*value))).collect::<Vec<_>>().join(", ")
}
