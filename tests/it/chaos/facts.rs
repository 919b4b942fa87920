//! What both stores say after a storm, read once for all invariants.

use std::collections::HashMap;

use bson::{Document, doc};
use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::ledger::Entry;
use super::oplog::{self, Write};
use super::storm::Storm;
use crate::support::World;

/// How a row of any queue has ended.
#[derive(Debug, Clone, FromRow)]
pub struct Row {
    /// Which queue.
    pub queue: String,
    /// Primary key.
    pub id: Uuid,
    /// Status, in the word of its table.
    pub status: String,
    /// Its message.
    #[expect(dead_code, reason = "shown with a violation")]
    pub error: Option<String>,
    /// Begin of the last attempt.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub completed_at: Option<DateTime<Utc>>,
}

impl Row {
    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        matches!(self.status.as_str(), "completed" | "failed" | "cancelled" | "skipped")
    }
}

/// A change of a dispatch row, as the database noted it.
#[derive(Debug, Clone, FromRow)]
pub struct Change {
    /// When.
    pub at: DateTime<Utc>,
    /// `ready`, `waiting`, `claimed`, `rescued`, `returned`, `ended`, `gone`.
    pub event: String,
    /// Which queue.
    pub queue: String,
    /// Row.
    pub job_id: Uuid,
    /// Tenant.
    pub organization_id: String,
    /// Token of the lease that began or ended.
    pub token: Option<i64>,
    /// Worker whose lease it was.
    pub worker_id: Option<String>,
    /// Worker that opened it, if it is a lane.
    pub lane_of: Option<String>,
    /// Its last sign of life.
    pub heartbeat_at: Option<DateTime<Utc>>,
    /// Workers that have died over the row.
    pub crashes: i32,
}

impl Change {
    /// Process id of the worker.
    pub fn pid(&self) -> Option<i32> {
        pid(self.worker_id.as_ref()?)
    }

    /// Process id of the worker that opened it: a lane shares its network and ends with it.
    pub fn opener(&self) -> Option<i32> {
        pid(self.lane_of.as_ref()?)
    }
}

/// Process id in the name of a worker.
fn pid(worker_id: &str) -> Option<i32> {
    worker_id.split(':').nth(1)?.parse().ok()
}

/// A published report as PostgreSQL knows it.
#[derive(Debug, Clone, FromRow)]
pub struct Published {
    /// Row that made it.
    pub queue_id: Uuid,
    /// Report.
    pub report_id: String,
    /// Rows of `report_metadata`, `report_versions` and `report_scores`.
    pub metadata: i64,
    /// See `metadata`.
    pub versions: i64,
    /// See `metadata`.
    pub scores: i64,
}

/// Everything.
#[derive(Clone)]
pub struct Facts {
    /// What the application asked for.
    pub ledger: HashMap<Uuid, Entry>,
    /// Rows of all queues.
    pub rows: HashMap<Uuid, Row>,
    /// Changes of leases, in order.
    pub changes: Vec<Change>,
    /// Codes of recorded errors by row.
    pub errors: HashMap<Uuid, Vec<String>>,
    /// Rows in quarantine.
    pub quarantined: Vec<Uuid>,
    /// Results of report rows that made a version.
    pub published: Vec<Published>,
    /// Reports that rows without a version of their own name.
    pub unchanged: HashMap<Uuid, String>,
    /// Documents by collection: `reports`, `analysis_data`, `training_recommendations`.
    pub documents: HashMap<&'static str, Vec<Document>>,
    /// Documents of entities by collection.
    pub entities: HashMap<&'static str, Vec<Document>>,
    /// Type and id of the entity of each completed row of `entity_update_queue`.
    pub updated: HashMap<Uuid, (String, String)>,
    /// Collection and id of the document that each completed calculation of the application names.
    pub calculated: HashMap<Uuid, (Option<String>, Option<String>)>,
    /// Tokens that `orrery.result` has noted of rows.
    pub results: HashMap<Uuid, Option<i64>>,
    /// Every write to MongoDB, in order.
    pub writes: Vec<Write>,
}

/// Collections with documents of reports.
pub const OF_REPORT: [&str; 3] = ["reports", "analysis_data", "training_recommendations"];

const OF_ENTITY: [&str; 4] = ["birth_charts", "harmonic_codes", "compatibility_scores", "energy_patterns"];

/// Rows of all four queues.
const ROWS: &str = "
    select 'report' as queue, id, status::text as status, last_error as error, started_at, completed_at from report_generation_queue
    union all select 'entity', id, queue_status::text, error_message, started_at, completed_at from entity_update_queue
    union all select 'quarter', id, status::text, error_summary::text, started_at, completed_at from quarterly_update_schedule
    union all select 'calculation', id, job_status::text, error_message, started_at, completed_at from calculation_jobs";

impl Facts {
    /// Reads everything.
    pub async fn read(storm: &Storm, ledger: HashMap<Uuid, Entry>) -> Self {
        let world = &storm.world;
        let rows: Vec<Row> = sqlx::query_as(ROWS).fetch_all(&world.app).await.unwrap();
        let changes = sqlx::query_as(
            "select l.at, l.event, l.queue, l.job_id, l.organization_id, l.token, l.worker_id, w.lane_of, l.heartbeat_at,
                    l.crashes
             from chaos.lease l left join orrery.worker w on w.worker_id = l.worker_id order by l.n",
        )
        .fetch_all(&world.app)
        .await
        .unwrap();
        let published = sqlx::query_as(
            "select r.job_id as queue_id, coalesce(r.output ->> 'report_id', '') as report_id,
                    (select count(*) from report_metadata m where m.report_id = r.output ->> 'report_id') as metadata,
                    (select count(*) from report_versions v where v.report_id = r.output ->> 'report_id') as versions,
                    (select count(*) from report_scores s where s.report_id = r.output ->> 'report_id') as scores
             from orrery.result r where r.queue = 'report' and not r.output ? 'unchanged'",
        )
        .fetch_all(&world.app)
        .await
        .unwrap();
        let unchanged: Vec<(Uuid, String)> = sqlx::query_as(
            "select r.job_id, coalesce(r.output ->> 'report_id', '') from orrery.result r where r.queue = 'report' and r.output ? 'unchanged'",
        )
        .fetch_all(&world.app)
        .await
        .unwrap();
        let quarantined =
            sqlx::query_scalar("select job_id from orrery.quarantine").fetch_all(&world.app).await.unwrap();
        let (mut documents, mut entities) = (HashMap::new(), HashMap::new());
        for collection in OF_REPORT {
            documents.insert(collection, world.reports(collection, doc! {}).await);
        }
        for collection in OF_ENTITY {
            entities.insert(collection, world.astrology(collection, doc! {}).await);
        }
        let updated: Vec<(Uuid, String, String)> = sqlx::query_as(
            "select id, entity_type::text, entity_id::text from entity_update_queue where queue_status = 'completed'",
        )
        .fetch_all(&world.app)
        .await
        .unwrap();
        let results: Vec<(Uuid, Option<i64>)> =
            sqlx::query_as("select job_id, token from orrery.result").fetch_all(&world.app).await.unwrap();
        Self {
            calculated: calculated(world, &ledger).await,
            updated: updated.into_iter().map(|(id, kind, entity)| (id, (kind, entity))).collect(),
            results: results.into_iter().collect(),
            ledger,
            rows: rows.into_iter().map(|row| (row.id, row)).collect(),
            changes,
            errors: errors(world).await,
            quarantined,
            published,
            unchanged: unchanged.into_iter().collect(),
            documents,
            entities,
            writes: oplog::writes(&world.mongo).await,
        }
    }

    /// Winners of all completed rows.
    pub fn winners(&self) -> HashMap<Uuid, i64> {
        let mut winners = HashMap::new();
        for change in &self.changes {
            let completed = self.rows.get(&change.job_id).is_some_and(|row| row.status == "completed");
            if let (true, "ended", Some(token)) = (completed, change.event.as_str(), change.token) {
                winners.insert(change.job_id, token);
            }
        }
        winners
    }
}

/// What the completed calculations of the application name; those that entities have recorded are none of its rows.
async fn calculated(
    world: &World,
    ledger: &HashMap<Uuid, Entry>,
) -> HashMap<Uuid, (Option<String>, Option<String>)> {
    let asked: Vec<Uuid> =
        ledger.iter().filter(|(_, entry)| entry.queue == "calculation").map(|(id, _)| *id).collect();
    let all: Vec<(Uuid, Option<String>, Option<String>)> = sqlx::query_as(
        "select id, output_collection::text, output_document_id::text from calculation_jobs
         where job_status = 'completed' and id = any ($1)",
    )
    .bind(asked)
    .fetch_all(&world.app)
    .await
    .unwrap();
    all.into_iter().map(|(id, collection, document)| (id, (collection, document))).collect()
}

async fn errors(world: &World) -> HashMap<Uuid, Vec<String>> {
    let all: Vec<(Uuid, String)> = sqlx::query_as(
        "select queue_id, error_type::text from (
           select queue_id, error_type, occurred_at from report_generation_errors where queue_id is not null
           union all
           select split_part(request_id, ':', 2)::uuid, after_state ->> 'code', event_timestamp from calculation_audit_log
           where event_type = 'job_failed' and request_id like '%:%') x order by occurred_at",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    let mut errors: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (id, code) in all {
        errors.entry(id).or_default().push(code);
    }
    errors
}
