//! The embedded narrator: writes every report offline, byte-identical for equal input.
//!
//! A pure room: no I/O, no clock, no async. Stages, each in a file of its own: factors -> theme levels ->
//! requirements -> score -> choice of centre, strengths, gaps and tension ([`reading`]) -> sections by type
//! ([`sections`]) -> sentences with citations ([`writer`], [`voice`]) -> report. The content lies in
//! `data/narrator`. The design follows the classic steps of text generation (Reiter and Dale 1997):
//! content determination, document plan, micro-planning, realisation.

mod analysis;
mod answers;
pub mod content;
mod factor;
mod figures;
pub mod input;
pub mod output;
mod reading;
mod requirement;
mod score;
mod sections;
mod sky;
mod summary;
pub mod theme;
mod training;
mod voice;
mod words;
mod write;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

pub use content::VERSION as CONTENT_VERSION;
pub use input::{Answer, Counterpart, Previous, Questionnaire, ReportInput, Subject};
pub use output::{NarratorError, Report};
pub use sections::ids as section_ids;
pub use words::{given_name, has_forbidden};
pub use write::write;
