//! Spans of time under one another: what is done when.

use super::canvas::{Anchor, Canvas, Pen};
use super::figure::{fitted, heading};
use super::geometry::Place;
use super::theme::{Role, Theme};

const WIDTH: f64 = 620.0;
const LEFT: f64 = 24.0;
const RIGHT: f64 = WIDTH - 24.0;
const TOP: f64 = 56.0;
const STEP: f64 = 52.0;
const BAR: f64 = 18.0;
/// Width that the words of a span need beside its bar.
const ROOM: f64 = 180.0;
/// Most marks on the axis, the one at 0 not counted.
const MOST_MARKS: f64 = 4.0;

/// Something that takes a while.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span<'a> {
    /// What is done.
    pub label: &'a str,
    /// Start in words, such as `day 31`.
    pub from: &'a str,
    /// End in words, such as `day 60`.
    pub to: &'a str,
    /// Start in units of the axis.
    pub start: f64,
    /// End in units of the axis.
    pub end: f64,
}

/// Draws spans in the order given above an axis of `unit`s (`day`, `month`) from 0 to the latest end.
#[must_use]
pub fn schedule(title: &str, unit: &str, spans: &[Span<'_>], theme: Theme) -> String {
    let mut canvas = Canvas::new();
    heading(&mut canvas, title, WIDTH);
    let last = spans.iter().map(|span| span.end).fold(1.0, f64::max);
    let x = |at: f64| LEFT + (RIGHT - LEFT) * (at / last).clamp(0.0, 1.0);
    let (mut y, mut words) = (TOP, Vec::with_capacity(spans.len()));
    for span in spans {
        let when = format!("{} to {}", span.from, span.to);
        canvas.open(&format!("{}: {when}", span.label), "");
        let label = fitted(span.label, RIGHT - LEFT, 14.0);
        canvas.text(&label, Place { x: LEFT, y: y + 12.0 }, 14.0, Role::Ink, Anchor::Start);
        canvas.bar(Place { x: LEFT, y: y + 20.0 }, (RIGHT - LEFT, BAR), Role::Faint, 0.3);
        let (start, end) = (x(span.start), x(span.end));
        canvas.bar(Place { x: start, y: y + 20.0 }, ((end - start).max(3.0), BAR), Role::Prime, 0.9);
        // The words stand where the bar leaves room: behind it, before it, or on it.
        let (at, role, anchor) = match (RIGHT - end, start - LEFT) {
            (behind, _) if behind >= ROOM => (end + 8.0, Role::Ink, Anchor::Start),
            (_, before) if before >= ROOM => (start - 8.0, Role::Ink, Anchor::End),
            _ => (start + 8.0, Role::Ground, Anchor::Start),
        };
        canvas.text(&when, Place { x: at, y: y + 20.0 + BAR - 4.5 }, 12.0, role, anchor);
        canvas.close();
        words.push(format!("{}: {when}", span.label));
        y += STEP;
    }
    for mark in marks(last) {
        let ends = [Place { x: x(mark), y: y - 2.0 }, Place { x: x(mark), y: y + 4.0 }];
        canvas.line(&ends, Pen::new(Role::Soft, 1.0));
        let (text, anchor) = match mark {
            0.0 => (format!("{unit} 0"), Anchor::Start),
            mark if mark >= last => (format!("{mark}"), Anchor::End),
            mark => (format!("{mark}"), Anchor::Middle),
        };
        canvas.text(&text, Place { x: x(mark), y: y + 20.0 }, 12.0, Role::Soft, anchor);
    }
    canvas.finish(theme, (WIDTH, y + 30.0), "schedule", title, &words.join(". "))
}

/// Round marks from 0 to the end, so that the last one is the end where that is possible.
fn marks(last: f64) -> Vec<f64> {
    let steps = [1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 12.0, 15.0, 30.0, 60.0, 90.0, 120.0, 365.0];
    let few = |step: &f64| last / step <= MOST_MARKS;
    let whole = steps.into_iter().filter(few).find(|step| last % step < 1e-9);
    let step = whole.or_else(|| steps.into_iter().find(few)).unwrap_or(last);
    let mut marks = vec![0.0];
    while let Some(at) = marks.last().map(|at| at + step).filter(|at| *at <= last) {
        marks.push(at);
    }
    marks
}
