//! Reports as pages, markdown and pictures.
//!
//! A pure room: no I/O, no clock, no async; equal input gives equal bytes. Stored documents become a [`View`]; a view
//! becomes one self-contained HTML page, a markdown text or a set of SVG pictures, alone or beside an earlier version.
//! The page loads nothing, runs no script and carries one style sheet, so it can be opened from a disk, sent by
//! mail, printed, or served under a strict content security policy. Everything from the documents is escaped.

mod compare;
mod evidence;
mod figures;
mod html;
mod markdown;
mod page;
mod plan;
mod text;
mod view;
mod wheel;
mod words;

#[cfg(test)]
mod tests;

pub use compare::Comparison;
pub use markdown::markdown;
pub use page::{page, style};
pub use view::{Head, Stored, View, ViewError};

use crate::draw::Theme;

/// A picture of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Name without ending, unique in its report, such as `overview-1-radar`.
    pub name: String,
    /// The drawing.
    pub svg: String,
}

/// The pictures of a report alone, in reading order. Tables are no pictures and are left out.
#[must_use]
pub fn pictures(view: &View, theme: Theme) -> Vec<Picture> {
    let figures = view.content.sections.iter().flat_map(figures::of_section).flatten();
    figures.filter_map(|figure| Some(Picture { svg: figure.svg(theme)?, name: figure.name })).collect()
}
