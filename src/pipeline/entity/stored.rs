//! The documents of an entity in both databases.

use uuid::Uuid;

use super::facts::{EntityKey, Facts};
use super::history::History;
use super::publish::{is_projected, target_type};
use super::{Compared, Computed};
use crate::compat::ComparisonKind;
use crate::pipeline::Context;
use crate::pipeline::context::ALGORITHM_VERSION;
use crate::pipeline::documents::{
    self, Birth, CompatibilityArgs, Entity, HarmonicCodeArgs, HarmonicEnergyCodeArgs, Named,
};
use crate::store::documents::Upsert;

/// Id of a comparison's document.
#[must_use]
pub fn comparison_id(subject: EntityKey, kind: ComparisonKind, target_id: &str) -> Uuid {
    let subject_id = subject.id.to_string();
    documents::compatibility_id((subject.kind.as_str(), &subject_id), (target_type(kind), target_id), kind)
}

/// Every document of an entity: chart, code, comparisons and pattern, and an employee's projections.
#[must_use]
pub fn documents(context: &Context, facts: &Facts, computed: &Computed, history: &History) -> Vec<Upsert> {
    let (id, organization_id) = (facts.key.id.to_string(), facts.person.organization_id.to_string());
    let entity = Entity { kind: facts.key.kind.as_str(), id: &id, organization_id: &organization_id };
    let data = facts.birth.data();
    let birth = Birth {
        data: &data,
        city: facts.birth.city.as_deref(),
        country: facts.birth.country.as_deref(),
        location: facts.birth.location.as_deref(),
    };
    let now = context.now();
    let subscribed = facts.company.subscribed();
    let mut all = vec![
        documents::birth_chart(entity, birth, &computed.chart, now),
        documents::harmonic_code(&HarmonicCodeArgs {
            entity,
            code: &computed.code,
            previous: history.code.as_deref(),
            auto_update_enabled: true,
            subscription_active: subscribed,
            now,
        }),
        documents::energy_pattern(entity, &computed.pattern, &computed.chart, now),
    ];
    all.extend(computed.comparisons.iter().map(|compared| comparison(context, facts, computed, compared)));
    if is_projected(facts.key.kind) {
        let comparisons: Vec<_> = computed.comparisons.iter().map(|compared| &compared.comparison).collect();
        all.push(documents::astrological_data(entity, birth, &computed.chart, now));
        all.push(documents::harmonic_energy_code(&HarmonicEnergyCodeArgs {
            employee: entity,
            code: &computed.code,
            comparisons: &comparisons,
            previous: history.projection.as_deref(),
            auto_regenerate_enabled: subscribed,
            engine_version: computed.chart.provenance.engine_version,
            now,
        }));
    }
    all
}

fn comparison(context: &Context, facts: &Facts, computed: &Computed, compared: &Compared) -> Upsert {
    let (id, organization_id) = (facts.key.id.to_string(), facts.person.organization_id.to_string());
    documents::compatibility_score(&CompatibilityArgs {
        organization_id: &organization_id,
        subject: Named { kind: facts.key.kind.as_str(), id: &id, name: &facts.person.full_name },
        target: Named {
            kind: target_type(compared.comparison.kind),
            id: &compared.target_id,
            name: &compared.target_name,
        },
        comparison: &compared.comparison,
        quarter: computed.quarter,
        engine_version: computed.chart.provenance.engine_version,
        algorithm_version: ALGORITHM_VERSION,
        now: context.now(),
    })
}
