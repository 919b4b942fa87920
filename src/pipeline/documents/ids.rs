//! Ids of the documents, derived from what they belong to.

use uuid::Uuid;

use crate::compat::ComparisonKind;
use crate::domain::ids;

/// Id of an entity's birth chart; its `_id` is what `harmonic_codes.birth_chart_id` refers to.
#[must_use]
pub fn birth_chart_id(entity_type: &str, entity_id: &str) -> Uuid {
    ids::of_entity("birth_chart", entity_type, entity_id)
}

/// `harmonicCodeId`, and the id of the document in `harmonic_codes`.
#[must_use]
pub fn harmonic_code_id(entity_type: &str, entity_id: &str) -> Uuid {
    ids::of_entity("harmonic_code", entity_type, entity_id)
}

/// Id of an entity's energy pattern.
#[must_use]
pub fn energy_pattern_id(entity_type: &str, entity_id: &str) -> Uuid {
    ids::of_entity("energy_pattern", entity_type, entity_id)
}

/// Id of the active comparison of a pair.
///
/// Whatever puts a comparison out of use must move it to another `_id`: the next one takes this one, and finds it
/// taken for good if an outdated or archived document still has it. The same holds for archived birth charts.
#[must_use]
pub fn compatibility_id(subject: (&str, &str), target: (&str, &str), kind: ComparisonKind) -> Uuid {
    ids::derive(&["compatibility", subject.0, subject.1, target.0, target.1, kind.name()])
}

/// `astroDataId`: one per employee and version of the engine.
#[must_use]
pub fn astro_data_id(employee_id: &str, engine_version: &str) -> Uuid {
    ids::derive(&["astro", employee_id, engine_version])
}

/// `analysisId` of the analysis behind a report.
#[must_use]
pub fn analysis_id(report_id: Uuid) -> Uuid {
    ids::derive(&["analysis", &report_id.to_string()])
}

/// `recommendationId` of the training plan that belongs to a report.
#[must_use]
pub fn recommendation_id(report_id: Uuid) -> Uuid {
    ids::derive(&["training", &report_id.to_string()])
}
