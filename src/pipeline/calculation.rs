//! Rows of `calculation_jobs` that applications insert as pending: one chart, code, comparison or pattern.
//!
//! The columns `entity_type` and `entity_id` name an entity whose birth data the platform keeps; or `input_data` carries
//! `birth_data` (`date`, `time`, `timezone`, `latitude`, `longitude`) for an id that the platform does not know. A comparison says its
//! `compatibility_type`; the other side is the entity's own role, department, company or industry.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Context;
use super::context::{ALGORITHM_VERSION, complete, parse_id, publish_rows};
use super::documents;
use super::entity::facts::{Birth, Facts, Person, Place};
use super::entity::history::History;
use super::entity::{Computed, EntityKey, compute, facts, history, stored};
use crate::queue::spans::Part;
use crate::queue::{ClaimedJob, JobError, Queue, Stage};
use crate::runtime::{Done, Handler};
use crate::store::documents::{Upsert, guessed, object_id};

/// The columns of `calculation_jobs` that are read.
#[derive(Debug, Deserialize)]
struct Row {
    id: Uuid,
    job_type: String,
    entity_type: String,
    entity_id: String,
    organization_id: String,
    input_data: Input,
}

#[derive(Debug, Deserialize)]
struct Input {
    #[serde(default)]
    birth_data: Option<FreeBirth>,
    #[serde(default)]
    compatibility_type: Option<String>,
}

/// Birth data that came with the row.
#[derive(Debug, Deserialize)]
struct FreeBirth {
    date: String,
    #[serde(default)]
    time: Option<String>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    latitude: Option<f64>,
    #[serde(default)]
    longitude: Option<f64>,
}

/// Makes single calculations.
pub struct CalculationHandler {
    context: Arc<Context>,
}

impl CalculationHandler {
    /// A handler over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    async fn calculate(&self, job: &ClaimedJob, row: &Row) -> Result<Done, JobError> {
        let context = self.context.as_ref();
        let key = EntityKey { kind: row.entity_type.parse()?, id: parse_id("entity_id", &row.entity_id)? };
        let (facts, history) = Part::Collect.of(self.collect(row, key)).await?;
        job.signal.check(Stage::Calculate)?;
        let clock = Instant::now();
        let quarter = context.current_quarter();
        let computed = Part::Calculate.within(|| compute::compute(&context.casts, &facts, quarter))?;
        let millis = i32::try_from(clock.elapsed().as_millis()).unwrap_or(i32::MAX);
        let all = stored::documents(context, &facts, &computed, &history);
        let (collection, document, upserts) = chosen(row, &facts, &computed, all)?;
        job.signal.check(Stage::Publish)?;
        context.write_documents(job.lease, guessed(upserts, history.guess())).await?;
        publish_rows(context, job, || self.finish(job, row, collection, &document, millis)).await
    }

    async fn collect(&self, row: &Row, key: EntityKey) -> Result<(Facts, History), JobError> {
        let context = self.context.as_ref();
        let facts = match &row.input_data.birth_data {
            Some(birth) => {
                self.refuse_known(key).await?;
                free_facts(key, row, birth)?
            }
            None => facts::read(&context.pg, key, "entity_id").await?,
        };
        Ok((facts, history::read(context, key).await?))
    }

    /// Free birth data must not overwrite what is stored of somebody whom the platform knows.
    async fn refuse_known(&self, key: EntityKey) -> Result<(), JobError> {
        let known: bool = sqlx::query_scalar(
            "select exists (select 1 from entity_birth_data where entity_type = $1 and entity_id = $2)",
        )
        .bind(key.kind.as_str())
        .bind(key.id)
        .fetch_one(&self.context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Collect, error))?;
        if !known {
            return Ok(());
        }
        Err(JobError::permanent(
            Stage::Collect,
            "data.birth_data_conflict",
            format!(
                "input_data.birth_data: entity_birth_data has a row for {key} already; leave birth_data out, or give an entity_id of its own"
            ),
        ))
    }

    async fn finish(
        &self,
        job: &ClaimedJob,
        row: &Row,
        collection: &str,
        document: &str,
        millis: i32,
    ) -> Result<(), JobError> {
        let failed = |error| JobError::postgres(Stage::Publish, error);
        let mut transaction = self.context.pg.begin().await.map_err(failed)?;
        let output = json!({ "collection": collection, "document_id": document, "took_ms": millis });
        complete(&mut transaction, job.lease, &output).await?;
        sqlx::query(include_str!("sql/record_audit.sql"))
            .bind([row.id].as_slice())
            .bind([row.job_type.as_str()].as_slice())
            .bind(&row.entity_type)
            .bind(&row.entity_id)
            .bind(&row.organization_id)
            .bind("system")
            .bind(
                json!({ "document_id": document, "token": job.lease.token, "algorithm": ALGORITHM_VERSION }),
            )
            .bind(env!("CARGO_PKG_VERSION"))
            .bind(&self.context.instance)
            .bind(format!("calculation:{}", row.id))
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)
    }
}

/// The documents that the row asked for, out of all that an entity has.
fn chosen(
    row: &Row,
    facts: &Facts,
    computed: &Computed,
    all: Vec<Upsert>,
) -> Result<(&'static str, String, Vec<Upsert>), JobError> {
    let (kind, id) = (facts.key.kind.as_str(), facts.key.id.to_string());
    let (collection, document) = match row.job_type.as_str() {
        "birth_chart" => ("birth_charts", documents::birth_chart_id(kind, &id)),
        "harmonic_code" => ("harmonic_codes", documents::harmonic_code_id(kind, &id)),
        "energy_pattern" => ("energy_patterns", documents::energy_pattern_id(kind, &id)),
        "compatibility" => {
            let asked = row.input_data.compatibility_type.as_deref();
            let found =
                computed.comparisons.iter().find(|compared| asked == Some(compared.comparison.kind.name()));
            let compared = found.ok_or_else(|| no_comparison(asked, computed))?;
            let id = stored::comparison_id(facts.key, compared.comparison.kind, &compared.target_id);
            ("compatibility_scores", id)
        }
        other => {
            return Err(JobError::permanent(
                Stage::Collect,
                "data.job_type_unknown",
                format!(
                    "job_type {other:?} is not known; give birth_chart, harmonic_code, compatibility or energy_pattern"
                ),
            ));
        }
    };
    let document = object_id(document);
    let upserts = all
        .into_iter()
        .filter(|upsert| {
            upsert.collection == collection
                && (collection != "compatibility_scores"
                    || upsert.set_on_insert.get_object_id("_id").ok() == Some(document))
        })
        .collect();
    Ok((collection, document.to_hex(), upserts))
}

fn no_comparison(asked: Option<&str>, computed: &Computed) -> JobError {
    let there: Vec<&str> =
        computed.comparisons.iter().map(|compared| compared.comparison.kind.name()).collect();
    JobError::permanent(
        Stage::Collect,
        "data.comparison_unknown",
        format!(
            "input_data.compatibility_type {:?} cannot be compared for this entity; give one of: {}",
            asked.unwrap_or("(none)"),
            there.join(", ")
        ),
    )
}

fn free_facts(key: EntityKey, row: &Row, birth: &FreeBirth) -> Result<Facts, JobError> {
    let organization = parse_id("organization_id", &row.organization_id)?;
    Ok(Facts {
        key,
        person: Person {
            organization_id: organization,
            full_name: String::new(),
            branch_id: None,
            department_id: None,
        },
        company: Arc::new(Place {
            id: organization,
            name: String::new(),
            profile: crate::domain::Profile::default(),
            row: Value::Null,
        }),
        department: None,
        role: None,
        industry: None,
        birth: Birth {
            birth_date: birth.date.clone(),
            birth_time: birth.time.clone(),
            timezone: birth.timezone.clone(),
            latitude: birth.latitude,
            longitude: birth.longitude,
            city: None,
            country: None,
            location: None,
        },
        birth_source: "input_data.birth_data",
        founding: None,
        colleagues: Vec::new(),
    })
}

#[async_trait]
impl Handler for CalculationHandler {
    fn queue(&self) -> Queue {
        Queue::Calculation
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        let row: Row = job.payload.read().map_err(|error| {
            JobError::permanent(
                Stage::Collect,
                "data.shape",
                format!("calculation_jobs.input_data: {error}; give an object; birth_data, where given, with date, time, timezone, latitude, longitude"),
            )
        })?;
        let input =
            json!({ "job_type": row.job_type, "entity_type": row.entity_type, "entity_id": row.entity_id });
        job.signal
            .guard(Stage::Collect, Box::pin(self.calculate(&job, &row)))
            .await
            .map_err(|error| error.with_input(input))
    }
}
