//! From what is known of an entity to what is written of it: pure work, done on all cores.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use uuid::Uuid;

use super::facts::{EntityKey, Facts};
use super::history::History;
use super::publish::{has_new_code, is_projected};
use super::{Computed, compute, stored};
use crate::domain::{Quarter, ids};
use crate::pipeline::{Context, documents};
use crate::queue::{ClaimedJob, JobError, Stage};
use crate::store::documents::object_id;
use crate::store::statement::Statement;

/// `trigger_reason` of a row that belongs to a quarter.
const QUARTERLY: &str = "quarterly_update";

/// `trigger_reason` of any other row.
const DATA_CHANGE: &str = "data_change";

/// A row and all that is known of its entity.
pub(super) struct Known {
    /// Place of the row in its batch.
    pub(super) place: usize,
    pub(super) job: Arc<ClaimedJob>,
    /// The quarter's row that it belongs to.
    pub(super) schedule: Option<Uuid>,
    pub(super) priority: i32,
    pub(super) quarter: Quarter,
    pub(super) facts: Facts,
    pub(super) history: History,
}

/// What is written of a row: its documents, ready to be sent, and what PostgreSQL is told.
pub(super) struct Prepared {
    /// Place of the row in its batch.
    pub(super) place: usize,
    pub(super) job: Arc<ClaimedJob>,
    pub(super) statements: Vec<Statement>,
    pub(super) key: EntityKey,
    pub(super) organization: String,
    pub(super) reason: &'static str,
    pub(super) priority: i32,
    pub(super) quarter: Quarter,
    /// Time of the calculation alone.
    pub(super) took: Duration,
    pub(super) calculations: Vec<Calculation>,
    /// `orrery.result.output`.
    pub(super) output: Value,
    /// Version and signature of the code that was stored before.
    pub(super) before: (Option<String>, Option<String>),
    /// The schedule of a person whose reports follow the quarter.
    pub(super) followed_by: Option<Uuid>,
    /// Whether reports of the person are to be written again.
    pub(super) renews_reports: bool,
}

/// One calculation, as `calculation_jobs` records it.
pub(super) struct Calculation {
    pub(super) id: Uuid,
    pub(super) kind: &'static str,
    pub(super) collection: &'static str,
    pub(super) document: String,
    pub(super) target: String,
}

/// Calculates all rows, on as many threads as there are cores. Each has its place in the batch and an end of its own.
pub(super) async fn all(
    context: &Arc<Context>,
    rows: Vec<Known>,
) -> Vec<(usize, Result<Prepared, JobError>)> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = rows.len().div_ceil(cores).max(1);
    let mut rows = rows.into_iter();
    let mut threads = Vec::new();
    loop {
        let part: Vec<Known> = rows.by_ref().take(share).collect();
        if part.is_empty() {
            break;
        }
        let context = Arc::clone(context);
        threads.push(tokio::task::spawn_blocking(move || {
            part.into_iter().map(|row| (row.place, alone(&context, row))).collect::<Vec<_>>()
        }));
    }
    let mut ended = Vec::new();
    for thread in threads {
        // A thread that did not come back has no ends to tell: its rows are tried again. Panics are caught within it.
        ended.extend(thread.await.unwrap_or_default());
    }
    ended
}

/// A panic is the end of the row that caused it, and of no other.
fn alone(context: &Context, row: Known) -> Result<Prepared, JobError> {
    // Unwind safety: what a panic may leave behind is a memory of charts, each of which is whole.
    catch_unwind(AssertUnwindSafe(|| prepare(context, row))).unwrap_or_else(|panic| {
        Err(JobError::retry(
            Stage::Calculate,
            "internal.panic",
            format!("the calculation panicked, which is a defect of Orrery: {}", words(panic.as_ref())),
        ))
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no words")
}

fn prepare(context: &Context, row: Known) -> Result<Prepared, JobError> {
    let Known { place, job, schedule, priority, quarter, facts, history } = row;
    job.signal.check(Stage::Calculate)?;
    let clock = Instant::now();
    let computed = compute::compute(&context.casts, &facts, quarter)?;
    let took = clock.elapsed();
    let statements = stored::documents(context, &facts, &computed, &history)
        .into_iter()
        .map(|upsert| Statement::new(upsert, job.lease.into(), history.guess()))
        .collect();
    let (version, signature) = history.before(job.lease);
    let reason = if schedule.is_some() { QUARTERLY } else { DATA_CHANGE };
    Ok(Prepared {
        statements,
        key: facts.key,
        organization: facts.person.organization_id.to_string(),
        reason,
        priority,
        quarter,
        took,
        calculations: calculations(&job, &facts, &computed),
        output: json!({
            "entity_type": facts.key.kind.as_str(), "entity_id": facts.key.id,
            "quarter": computed.quarter.to_string(), "energy_signature": computed.code.energy_signature,
        }),
        before: (version.map(str::to_owned), signature.map(str::to_owned)),
        followed_by: schedule
            .filter(|_| context.config.quarter.regenerate_reports && is_projected(facts.key.kind)),
        // What an earlier run of this row has put in place tells nothing of the reports: they are asked for, and stay if nothing has changed.
        renews_reports: is_projected(facts.key.kind)
            && schedule.is_none()
            && (history.is_of(job.lease) || has_new_code(&computed, &history)),
        place,
        job,
    })
}

fn calculations(job: &ClaimedJob, facts: &Facts, computed: &Computed) -> Vec<Calculation> {
    let (kind, id, row) = (facts.key.kind.as_str(), facts.key.id.to_string(), job.lease.job_id.to_string());
    let one = |what: &'static str, collection: &'static str, target: String, document: Uuid| Calculation {
        id: ids::derive(&["calculation", &row, what, &target]),
        kind: what,
        collection,
        document: object_id(document).to_hex(),
        target,
    };
    let mut all = vec![
        one("birth_chart", "birth_charts", String::new(), documents::birth_chart_id(kind, &id)),
        one("harmonic_code", "harmonic_codes", String::new(), documents::harmonic_code_id(kind, &id)),
    ];
    all.extend(computed.comparisons.iter().map(|compared| {
        let target = format!("{}:{}", compared.comparison.kind.name(), compared.target_id);
        let document = stored::comparison_id(facts.key, compared.comparison.kind, &compared.target_id);
        one("compatibility", "compatibility_scores", target, document)
    }));
    all.push(one(
        "energy_pattern",
        "energy_patterns",
        String::new(),
        documents::energy_pattern_id(kind, &id),
    ));
    all
}
