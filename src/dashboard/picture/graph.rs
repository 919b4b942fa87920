//! What a job waits for, and what waits for it.

use maud::{Markup, html};

use super::{at, fitted};
use crate::operate::jobs::{Edge, Edges};

const STEP: f64 = 46.0;
const BOX: f64 = 36.0;
const INDENT: f64 = 44.0;
const WIDTH: f64 = 360.0;

/// Rows of each side that are drawn; the list beside the picture has all.
const MOST: usize = 8;

/// The rows above must complete first; the job itself; the rows below wait for it.
#[allow(clippy::cast_precision_loss, reason = "a few rows")]
pub(in crate::dashboard) fn graph(kind: &str, state: &str, edges: &Edges) -> Markup {
    let before = &edges.waits_for[..edges.waits_for.len().min(MOST)];
    let after = &edges.holds_up[..edges.holds_up.len().min(MOST)];
    let own = before.len() as f64 * STEP;
    let height = own + STEP + after.len() as f64 * STEP;
    let label = format!("Waits for {}; {} wait for it", edges.waits_for.len(), edges.holds_up.len());
    html! {
        svg.picture.graph viewBox={ "-2 -2 364 " (at(height + 2.0)) } role="group" aria-label=(label) {
            @for (row, edge) in before.iter().enumerate() {
                @let y = row as f64 * STEP;
                path.edge d={ "M" (at(INDENT)) " " (at(y + BOX / 2.0)) " H20 V" (at(own - 5.0)) } {}
                (node(edge, y))
            }
            @if !before.is_empty() { path.arrow d={ "M15.5 " (at(own - 8.0)) "h9l-4.5 8z" } {} }
            rect.node.self x="0" y=(at(own)) width=(at(WIDTH - INDENT)) height=(at(BOX)) rx="6" {}
            (words(kind, state, 12.0, own))
            @for (row, edge) in after.iter().enumerate() {
                @let y = own + (row + 1) as f64 * STEP;
                path.edge d={ "M20 " (at(own + BOX)) " V" (at(y + BOX / 2.0)) " H" (at(INDENT - 6.0)) } {}
                path.arrow d={ "M" (at(INDENT - 8.0)) " " (at(y + BOX / 2.0 - 4.5)) "v9l8-4.5z" } {}
                (node(edge, y))
            }
        }
    }
}

fn node(edge: &Edge, y: f64) -> Markup {
    let kind = edge.report_type.as_deref().unwrap_or("no such row");
    let state = edge.status.as_deref().unwrap_or("missing");
    html! {
        a href={ "/jobs/report/" (edge.id) } {
            rect.node x=(at(INDENT)) y=(at(y)) width=(at(WIDTH - INDENT)) height=(at(BOX)) rx="6" {}
            (words(kind, state, INDENT + 12.0, y))
        }
    }
}

fn words(kind: &str, state: &str, x: f64, y: f64) -> Markup {
    html! {
        text x=(at(x)) y=(at(y + 15.0)) { (fitted(&kind.replace('_', " "), 42)) }
        text.t-soft x=(at(x)) y=(at(y + 29.0)) { (state) }
    }
}
