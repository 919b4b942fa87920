//! What was computed, as the documents that applications read.
//!
//! Pure functions: no I/O, and times come in as arguments. Each builds one [`Upsert`](crate::store::documents::Upsert);
//! the writer adds `job`. Ids are canonical hyphenated text, days are midnight UTC, quarters follow UTC.
//! Documents are written field by field as the bytes that are sent (`raw!`): an employee has nine of them, and to build them as trees
//! and encode those took two fifths of the worker's time.
//! Fields beyond the applications' own are additions; none of theirs is left out or renamed.

mod analysis;
mod astrological_data;
mod authorship;
mod birth_chart;
mod compatibility;
mod energy_pattern;
mod error;
mod harmonic_code;
mod harmonic_energy_code;
mod hash;
mod history;
mod ids;
mod interpretations;
mod questionnaire;
mod report;
mod signs;
mod training;
mod values;

#[cfg(test)]
mod tests;

pub use analysis::{AnalysisArgs, Context, analysis_data};
pub use astrological_data::astrological_data;
pub use authorship::Authorship;
pub use birth_chart::birth_chart;
pub use compatibility::{CompatibilityArgs, Named, compatibility_score};
pub use energy_pattern::energy_pattern;
pub use error::DocumentError;
pub use harmonic_code::{HarmonicCodeArgs, harmonic_code};
pub use harmonic_energy_code::{HarmonicEnergyCodeArgs, harmonic_energy_code};
pub use hash::content_hash;
pub use ids::{
    analysis_id, astro_data_id, birth_chart_id, compatibility_id, energy_pattern_id, harmonic_code_id,
    recommendation_id,
};
pub use interpretations::{Interpretations, interpretations};
pub use questionnaire::{QuestionnaireArgs, questionnaire_response};
pub use report::{ReportArgs, Visibility, report};
pub use training::{TrainingArgs, training_recommendations};
pub use values::from_json;

use crate::astro::BirthData;

/// What writes the documents, as they name it.
pub const ENGINE: &str = "orrery";

/// Quarters that a history keeps: ten years.
pub const HISTORY_QUARTERS: usize = 40;

/// Whose document it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entity<'a> {
    /// `employee`, `candidate` or `company`.
    pub kind: &'a str,
    /// Id as canonical text.
    pub id: &'a str,
    /// Organization that it belongs to, as canonical text.
    pub organization_id: &'a str,
}

/// Birth or founding data as the platform holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Birth<'a> {
    /// What the chart was cast from.
    pub data: &'a BirthData,
    /// City.
    pub city: Option<&'a str>,
    /// Country.
    pub country: Option<&'a str>,
    /// Place as people write it; without it city and country are joined.
    pub location: Option<&'a str>,
}
