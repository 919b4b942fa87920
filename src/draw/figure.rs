//! What the figures share: scores, headings, keys and shortened labels.

use super::canvas::{Anchor, Canvas, Pen};
use super::geometry::Place;
use super::theme::Role;

/// Mean width of a character in the generic sans-serif fonts, as a share of the font size; wide enough that a
/// shortened label fits in any of them.
pub(super) const CHARACTER: f64 = 0.58;

/// Colours and dashes of the series of a figure, in order.
const SERIES: [(Role, &str); 6] = [
    (Role::Prime, ""),
    (Role::Other, "7 4"),
    (Role::Minor, "2 4"),
    (Role::Meet, "10 3 2 3"),
    (Role::Strain, "4 3"),
    (Role::Soft, "1 3"),
];

/// A score as it is drawn: 0..=100, what is no number at 0.
pub(super) fn score(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 100.0) }
}

/// Colour and dash of a series.
pub(super) const fn series_pen(at: usize, width: f64) -> Pen {
    let (role, dash) = SERIES[at % SERIES.len()];
    Pen { role, width, opacity: 1.0, dash }
}

/// A text that fits into a width, shortened where it must be.
pub(super) fn fitted(text: &str, width: f64, size: f64) -> String {
    let mut room = width / (size * CHARACTER);
    let fits = text.chars().map(|_| 1.0).sum::<f64>() <= room;
    if fits {
        return text.to_owned();
    }
    let mut short = String::with_capacity(text.len());
    for sign in text.chars() {
        room -= 1.0;
        if room < 1.0 {
            break;
        }
        short.push(sign);
    }
    format!("{}…", short.trim_end())
}

/// The heading of a figure, at the left above it.
pub(super) fn heading(canvas: &mut Canvas, title: &str, width: f64) {
    canvas.text(
        &fitted(title, width - 40.0, 18.0),
        Place { x: 20.0, y: 32.0 },
        18.0,
        Role::Ink,
        Anchor::Start,
    );
}

/// The key of a figure with several series, in one row.
pub(super) fn key<'a>(
    canvas: &mut Canvas,
    names: impl ExactSizeIterator<Item = &'a str>,
    y: f64,
    width: f64,
) {
    let count = names.len();
    if count < 2 {
        return;
    }
    let shares: f64 = (0..count).map(|_| 1.0).sum();
    let step = (width - 40.0) / shares;
    let mut x = 20.0;
    for (at, name) in names.enumerate() {
        canvas.line(&[Place { x, y: y - 4.0 }, Place { x: x + 26.0, y: y - 4.0 }], series_pen(at, 2.5));
        canvas.text(
            &fitted(name, step - 40.0, 13.0),
            Place { x: x + 33.0, y },
            13.0,
            Role::Soft,
            Anchor::Start,
        );
        x += step;
    }
}

/// A score as a reader sees it.
pub(super) fn rounded(value: f64) -> String {
    format!("{:.0}", score(value))
}
