//! Scores in rows and columns.

use super::canvas::{Anchor, Canvas};
use super::figure::{CHARACTER, fitted, heading, rounded, score};
use super::geometry::Place;
use super::theme::{Role, Theme};

const TOP: f64 = 90.0;
const CELL_HEIGHT: f64 = 34.0;
/// Bounds of what the names of rows and of columns may take; a longer one is shortened.
const LEFT: (f64, f64) = (168.0, 260.0);
const CELL_WIDTH: (f64, f64) = (58.0, 120.0);
/// Sizes of those names.
const ROW_SIZE: f64 = 13.0;
const COLUMN_SIZE: f64 = 12.0;

/// A table of scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeatMap<'a> {
    /// Heading.
    pub title: &'a str,
    /// Names of the rows, from above.
    pub rows: &'a [String],
    /// Names of the columns, from the left.
    pub columns: &'a [String],
    /// What the rows are, such as `dimension`.
    pub row_axis: &'a str,
    /// What the columns are, such as `quarter`.
    pub column_axis: &'a str,
    /// Values 0..=100, row by row; what is no number or missing leaves its cell empty.
    pub values: &'a [Vec<f64>],
}

/// Draws a table of scores 0..=100: the more colour, the higher; every cell carries its number.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "a table has few rows and columns")]
pub fn heat_map(map: &HeatMap<'_>, theme: Theme) -> String {
    let left = room(map.rows, ROW_SIZE, 36.0, LEFT);
    let cell_width = room(map.columns, COLUMN_SIZE, 8.0, CELL_WIDTH);
    let mut canvas = Canvas::new();
    let width = (left + cell_width * map.columns.len() as f64 + 20.0).max(320.0);
    let height = TOP + CELL_HEIGHT * map.rows.len() as f64 + 34.0;
    heading(&mut canvas, map.title, width);
    canvas.text(map.row_axis, Place { x: 20.0, y: TOP - 12.0 }, 12.0, Role::Soft, Anchor::Start);
    canvas.text(map.column_axis, Place { x: left, y: TOP - 34.0 }, 12.0, Role::Soft, Anchor::Start);
    for (column, name) in map.columns.iter().enumerate() {
        let x = left + cell_width * (column as f64 + 0.5);
        canvas.text(
            &fitted(name, cell_width - 4.0, COLUMN_SIZE),
            Place { x, y: TOP - 12.0 },
            COLUMN_SIZE,
            Role::Ink,
            Anchor::Middle,
        );
    }
    for (row, name) in map.rows.iter().enumerate() {
        let y = TOP + CELL_HEIGHT * row as f64;
        let label = Place { x: left - 12.0, y: y + CELL_HEIGHT / 2.0 + 4.5 };
        canvas.text(&fitted(name, left - 34.0, ROW_SIZE), label, ROW_SIZE, Role::Ink, Anchor::End);
        for (column, of) in map.columns.iter().enumerate() {
            let corner = Place { x: left + cell_width * column as f64, y };
            cell(&mut canvas, corner, cell_width, value(map, row, column), &format!("{name}, {of}"));
        }
    }
    ramp(&mut canvas, height - 20.0);
    let desc = format!("Scores from 0 to 100 by {} and {}.", map.row_axis, map.column_axis);
    canvas.finish(theme, (width, height), "heat map", map.title, &desc)
}

/// What the longest of these names takes with `margin`, within bounds.
#[allow(clippy::cast_precision_loss, reason = "names are short")]
fn room(names: &[String], size: f64, margin: f64, bounds: (f64, f64)) -> f64 {
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    (longest as f64 * size * CHARACTER + margin).clamp(bounds.0, bounds.1)
}

fn cell(canvas: &mut Canvas, corner: Place, width: f64, value: Option<f64>, what: &str) {
    let shown = value.map_or_else(|| "unknown".to_owned(), rounded);
    canvas.open(&format!("{what}: {shown}"), "");
    let inner = Place { x: corner.x + 1.0, y: corner.y + 1.0 };
    let size = (width - 2.0, CELL_HEIGHT - 2.0);
    match value {
        // At most half covered, so that the number on it keeps its contrast in every theme.
        Some(value) => {
            canvas.bar(inner, size, Role::Prime, 0.04 + 0.46 * score(value) / 100.0);
            let at = Place { x: corner.x + width / 2.0, y: corner.y + CELL_HEIGHT / 2.0 + 4.5 };
            canvas.text(&shown, at, 13.0, Role::Ink, Anchor::Middle);
        }
        None => canvas.bar(inner, size, Role::Faint, 0.15),
    }
    canvas.close();
}

fn ramp(canvas: &mut Canvas, y: f64) {
    canvas.open_hidden();
    canvas.text("0", Place { x: 20.0, y: y + 9.0 }, 11.0, Role::Soft, Anchor::Start);
    for (at, share) in [0.0, 25.0, 50.0, 75.0, 100.0].into_iter().enumerate() {
        let x = 32.0 + 20.0 * [0.0, 1.0, 2.0, 3.0, 4.0][at];
        canvas.bar(Place { x, y }, (18.0, 10.0), Role::Prime, 0.04 + 0.46 * share / 100.0);
    }
    canvas.text("100", Place { x: 136.0, y: y + 9.0 }, 11.0, Role::Soft, Anchor::Start);
    canvas.close();
}

fn value(map: &HeatMap<'_>, row: usize, column: usize) -> Option<f64> {
    map.values.get(row)?.get(column).copied().filter(|value| !value.is_nan())
}
