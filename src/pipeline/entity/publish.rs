//! What follows from a new code: which documents are stale, whose reports are written again.

use super::facts::{EntityKind, Facts};
use super::history::History;
use super::{Computed, stored};
use crate::compat::ComparisonKind;
use crate::domain::Quarter;
use crate::pipeline::Context;
use crate::store::documents::Upsert;

/// Whether the code is another than the one that was stored. The first one changes nothing that was written before, nor does one
/// of a quarter before the stored one.
pub(super) fn has_new_code(computed: &Computed, history: &History) -> bool {
    quarter_of(history).is_none_or(|stored| stored <= computed.quarter)
        && history.signature().is_some_and(|stored| stored != computed.code.energy_signature)
}

/// The quarter of the stored code.
fn quarter_of(history: &History) -> Option<Quarter> {
    history.version().and_then(|version| version.parse().ok())
}

/// The documents of an entity if those that are stored are missing or of an earlier quarter or other birth data. A report on a past
/// quarter leaves what is stored of a later one alone.
#[must_use]
pub fn documents_if_stale(
    context: &Context,
    facts: &Facts,
    computed: &Computed,
    history: &History,
) -> Vec<Upsert> {
    let fresh = quarter_of(history).is_some_and(|stored| {
        stored > computed.quarter
            || (stored == computed.quarter
                && history.signature() == Some(computed.code.energy_signature.as_str()))
    });
    if fresh { Vec::new() } else { stored::documents(context, facts, computed, history) }
}

/// `compatibility_scores.target_entity.type` of a comparison.
#[must_use]
pub const fn target_type(kind: ComparisonKind) -> &'static str {
    match kind {
        ComparisonKind::Role => "job_role",
        ComparisonKind::Department => "department",
        ComparisonKind::Company => "company",
        ComparisonKind::Industry => "industry",
        ComparisonKind::Interpersonal => "employee",
    }
}

/// Whether the reports' database keeps projections of this kind of entity.
#[must_use]
pub const fn is_projected(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::Employee)
}
