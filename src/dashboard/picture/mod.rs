//! Pictures of the pages, as SVG without scripts, styles or fonts of its own. What a colour says, a word, a place or a shape says too.

mod graph;
mod pace;
mod share;
mod track;

pub(super) use graph::graph;
pub(super) use pace::pace;
pub(super) use share::{Part, share};
pub(super) use track::track;

/// A number with one digit, as SVG takes it.
fn at(value: f64) -> String {
    format!("{value:.1}")
}

/// The first characters of a text.
fn fitted(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}
