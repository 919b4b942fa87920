//! Publishing an entity: documents in MongoDB first, then one PostgreSQL transaction.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::facts::{EntityKind, Facts};
use super::history::History;
use super::{Computed, stored};
use crate::compat::ComparisonKind;
use crate::domain::{Quarter, ids};
use crate::pipeline::Context;
use crate::pipeline::context::{ALGORITHM_VERSION, complete, publish_rows};
use crate::pipeline::documents;
use crate::queue::{ClaimedJob, JobError, Stage};
use crate::runtime::Done;
use crate::store::documents::Upsert;

/// Why an entity was calculated and how long it took.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// `calculation_jobs.trigger_reason`.
    pub reason: &'static str,
    /// Time of the calculation alone.
    pub took: Duration,
    /// `calculation_jobs.triggered_by`.
    pub triggered_by: &'static str,
}

/// One calculation, as `calculation_jobs` records it.
#[derive(Debug, Clone)]
pub(crate) struct Calculation {
    pub(crate) id: Uuid,
    pub(crate) kind: &'static str,
    pub(crate) collection: &'static str,
    pub(crate) document: String,
    pub(crate) input: Value,
}

/// Publishes an entity update and completes its row.
///
/// # Errors
/// When a store refuses or does not answer, or the lease is lost.
pub async fn publish(
    context: &Context,
    job: &ClaimedJob,
    facts: &Facts,
    computed: &Computed,
    history: &History,
    trigger: &Trigger,
) -> Result<Done, JobError> {
    let upserts = stored::documents(context, facts, computed, history);
    context.write_documents(job.lease, &upserts).await?;

    let calculations = calculations(job, facts, computed);
    let output = json!({
        "entity_type": facts.key.kind.as_str(), "entity_id": facts.key.id,
        "quarter": computed.quarter.to_string(), "energy_signature": computed.code.energy_signature,
    });
    publish_rows(context, job, || async {
        let failed = |error| JobError::postgres(Stage::Publish, error);
        let mut transaction = context.pg.begin().await.map_err(failed)?;
        complete(&mut transaction, job.lease, &output).await?;
        record(&mut transaction, context, job, facts, trigger, &calculations).await.map_err(failed)?;
        link(&mut transaction, job, history, &calculations).await.map_err(failed)?;
        if is_projected(facts.key.kind)
            && trigger.reason != "quarterly_update"
            && has_new_code(computed, history)
        {
            mark_reports(&mut transaction, facts.key.id).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)
    })
    .await
}

/// Whether the code is another than the one that was stored. The first one changes nothing that was written before, nor does one
/// of a quarter before the stored one.
fn has_new_code(computed: &Computed, history: &History) -> bool {
    quarter_of(history).is_none_or(|stored| stored <= computed.quarter)
        && history.signature().is_some_and(|stored| stored != computed.code.energy_signature)
}

/// The quarter of the stored code.
fn quarter_of(history: &History) -> Option<Quarter> {
    history.version().and_then(|version| version.parse().ok())
}

/// The reports of a person are to be written again. A quarter does that itself when it has ended.
async fn mark_reports(connection: &mut sqlx::PgConnection, employee: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query("select orrery.mark_regeneration($1, 'code_changed')")
        .bind(employee)
        .execute(connection)
        .await
        .map(drop)
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

fn calculations(job: &ClaimedJob, facts: &Facts, computed: &Computed) -> Vec<Calculation> {
    let (kind, id) = (facts.key.kind.as_str(), facts.key.id.to_string());
    let one = |what: &'static str, collection: &'static str, target: &str, document: Uuid| Calculation {
        id: ids::derive(&["calculation", &job.lease.job_id.to_string(), what, target]),
        kind: what,
        collection,
        document: crate::store::documents::object_id(document).to_hex(),
        input: json!({ "entity_type": kind, "entity_id": id, "quarter": computed.quarter.to_string(), "target": target }),
    };
    let mut all = vec![
        one("birth_chart", "birth_charts", "", documents::birth_chart_id(kind, &id)),
        one("harmonic_code", "harmonic_codes", "", documents::harmonic_code_id(kind, &id)),
    ];
    all.extend(computed.comparisons.iter().map(|compared| {
        let target = format!("{}:{}", compared.comparison.kind.name(), compared.target_id);
        let document = stored::comparison_id(facts.key, compared.comparison.kind, &compared.target_id);
        one("compatibility", "compatibility_scores", &target, document)
    }));
    all.push(one("energy_pattern", "energy_patterns", "", documents::energy_pattern_id(kind, &id)));
    all
}

async fn record(
    connection: &mut sqlx::PgConnection,
    context: &Context,
    job: &ClaimedJob,
    facts: &Facts,
    trigger: &Trigger,
    calculations: &[Calculation],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = calculations.iter().map(|calculation| calculation.id).collect();
    let kinds: Vec<&str> = calculations.iter().map(|calculation| calculation.kind).collect();
    let collections: Vec<&str> = calculations.iter().map(|calculation| calculation.collection).collect();
    let documents: Vec<&str> = calculations.iter().map(|calculation| calculation.document.as_str()).collect();
    let inputs: Vec<&Value> = calculations.iter().map(|calculation| &calculation.input).collect();
    let (kind, id) = (facts.key.kind.as_str(), facts.key.id.to_string());
    let organization = facts.person.organization_id.to_string();
    let micros = i64::try_from(trigger.took.as_micros()).unwrap_or(i64::MAX);
    let started = context.now() - trigger.took;
    sqlx::query(include_str!("../sql/record_calculations.sql"))
        .bind(&ids)
        .bind(&kinds)
        .bind(&collections)
        .bind(&documents)
        .bind(&inputs)
        .bind(kind)
        .bind(&id)
        .bind(&organization)
        .bind(ALGORITHM_VERSION)
        .bind(ALGORITHM_VERSION)
        .bind(trigger.triggered_by)
        .bind(trigger.reason)
        .bind(started)
        .bind(micros)
        .bind(job.payload.columns()["priority"].as_i64().unwrap_or(5).clamp(1, 10))
        .execute(&mut *connection)
        .await?;
    sqlx::query(include_str!("../sql/record_audit.sql"))
        .bind(&ids)
        .bind(&kinds)
        .bind(kind)
        .bind(&id)
        .bind(&organization)
        .bind(trigger.triggered_by)
        .bind(json!({ "quarter": context.current_quarter().to_string(), "token": job.lease.token }))
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(&context.instance)
        .bind(format!("{}:{}", job.lease.queue, job.lease.job_id))
        .execute(connection)
        .await?;
    Ok(())
}

async fn link(
    connection: &mut sqlx::PgConnection,
    job: &ClaimedJob,
    history: &History,
    calculations: &[Calculation],
) -> Result<(), sqlx::Error> {
    let of_kind =
        |kind: &str| calculations.iter().find(|calculation| calculation.kind == kind).map(|found| found.id);
    let comparisons: Vec<Uuid> = calculations
        .iter()
        .filter(|calculation| calculation.kind == "compatibility")
        .map(|calculation| calculation.id)
        .collect();
    sqlx::query(include_str!("../sql/link_entity.sql"))
        .bind(job.lease.job_id)
        .bind(of_kind("birth_chart"))
        .bind(of_kind("harmonic_code"))
        .bind(json!(comparisons))
        .bind(history.version())
        .bind(history.signature())
        .execute(connection)
        .await?;
    Ok(())
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
