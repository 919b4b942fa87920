//! Rows that are worked on together. Each ends as if it were alone: what is wrong with one does not touch the others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;
use serde_json::json;
use tracing::Instrument as _;
use uuid::Uuid;

use super::facts::{self, EntityKey};
use super::prepare::{self, Known, Prepared};
use super::rows::{Documents, Rows, Skip};
use super::{halves, history};
use crate::domain::Quarter;
use crate::pipeline::Context;
use crate::pipeline::context::parse_id;
use crate::queue::spans::Part;
use crate::queue::{ClaimedJob, JobError, Stage, StopReason};
use crate::runtime::Done;

const UNSUBSCRIBED: &str = "subscription_active is false: the entity takes no part in updates";

/// The columns of `entity_update_queue` that are read.
#[derive(Debug, Clone, Deserialize)]
struct Columns {
    schedule_id: Option<Uuid>,
    entity_type: String,
    entity_id: String,
    subscription_active: bool,
    #[serde(default)]
    priority: Option<i64>,
}

impl Columns {
    fn key(&self) -> Result<EntityKey, JobError> {
        Ok(EntityKey { kind: self.entity_type.parse()?, id: parse_id("entity_id", &self.entity_id)? })
    }

    fn priority(&self) -> i32 {
        i32::try_from(self.priority.unwrap_or(5).clamp(1, 10)).unwrap_or(5)
    }
}

/// A row whose entity is known.
struct Row {
    place: usize,
    job: Arc<ClaimedJob>,
    columns: Columns,
    key: EntityKey,
}

/// How each row ended, by place.
struct Ends<'a> {
    jobs: &'a [Arc<ClaimedJob>],
    columns: Vec<Option<Columns>>,
    told: Vec<Option<Result<Done, JobError>>>,
}

impl<'a> Ends<'a> {
    fn of(jobs: &'a [Arc<ClaimedJob>]) -> Self {
        Self { jobs, columns: vec![None; jobs.len()], told: jobs.iter().map(|_| None).collect() }
    }

    fn end(&mut self, place: usize, end: Result<(), JobError>) {
        let columns = self.columns[place].as_ref();
        let input = columns.map(|row| json!({ "entity_type": row.entity_type, "entity_id": row.entity_id }));
        self.told[place] = Some(match (end, input) {
            (Ok(()), _) => Ok(Done::Published),
            (Err(error), Some(input)) => Err(error.with_input(input)),
            (Err(error), None) => Err(error),
        });
    }

    /// A row that has not ended was told to stop, or a thread was lost with it.
    fn all(self) -> Vec<Result<Done, JobError>> {
        let unfinished = |job: &ClaimedJob| {
            let reason = job.signal.reason().unwrap_or(StopReason::Interrupted);
            Err(JobError::stopped(reason, Stage::Calculate))
        };
        self.told
            .into_iter()
            .zip(self.jobs)
            .map(|(end, job)| end.unwrap_or_else(|| unfinished(job)))
            .collect()
    }
}

/// Runs rows together and says of each how it ended, in their order.
pub(super) async fn run(context: &Arc<Context>, jobs: &[Arc<ClaimedJob>]) -> Vec<Result<Done, JobError>> {
    let mut ends = Ends::of(jobs);
    // One row that is told to stop leaves the batch at the next stage; when all are, nobody waits for the stage to end.
    let all_told = futures::future::join_all(jobs.iter().map(|job| job.signal.told()));
    tokio::select! {
        biased;
        _ = all_told => {}
        () = Box::pin(work(context, &mut ends)) => {}
    }
    ends.all()
}

async fn work(context: &Arc<Context>, ends: &mut Ends<'_>) {
    let (rows, unsubscribed) = read_rows(ends);
    let skip = Skip { context, reason: UNSUBSCRIBED };
    for ((place, _), end) in halves::write(unsubscribed, &skip).await {
        ends.end(place, end);
    }
    for wave in waves(rows) {
        together(context, wave, ends).await;
    }
}

/// The rows that are to be calculated, and those that are skipped.
fn read_rows(ends: &mut Ends<'_>) -> (Vec<Row>, Vec<(usize, Arc<ClaimedJob>)>) {
    let (mut rows, mut unsubscribed) = (Vec::new(), Vec::new());
    for (place, job) in ends.jobs.iter().enumerate() {
        let columns: Columns = match job.payload.read() {
            Ok(columns) => columns,
            Err(error) => {
                let message = format!("entity_update_queue: {error}");
                ends.end(place, Err(JobError::permanent(Stage::Collect, "data.shape", message)));
                continue;
            }
        };
        ends.columns[place] = Some(columns.clone());
        if !columns.subscription_active {
            unsubscribed.push((place, Arc::clone(job)));
            continue;
        }
        match columns.key() {
            Ok(key) => rows.push(Row { place, job: Arc::clone(job), columns, key }),
            Err(error) => ends.end(place, Err(error)),
        }
    }
    (rows, unsubscribed)
}

/// Two rows of one entity go one after the other: the second starts from what the first has stored.
fn waves(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut seen: HashMap<EntityKey, usize> = HashMap::new();
    let mut waves: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        let times = seen.entry(row.key).or_default();
        if waves.len() == *times {
            waves.push(Vec::new());
        }
        waves[*times].push(row);
        *times += 1;
    }
    waves
}

/// Reads, calculates and publishes rows of different entities.
async fn together(context: &Arc<Context>, rows: Vec<Row>, ends: &mut Ends<'_>) {
    let clock = Clock::start(rows.len());
    let known = match Part::Collect.of(collect(context, &rows)).await {
        Ok(known) => known,
        Err(error) => {
            let errors = error.of_each(rows.len());
            return rows.iter().zip(errors).for_each(|(row, error)| ends.end(row.place, Err(error)));
        }
    };
    let known = go_on(known, ends, Stage::Calculate, |row| (row.place, &row.job));
    let read = clock.now();
    let prepared = prepare::all(context, known).instrument(Part::Calculate.span()).await;
    let prepared = go_on(prepared, ends, Stage::Publish, |row: &Prepared| (row.place, &row.job));
    let calculated = clock.now();
    let documents = Documents(context);
    let written = halves::write(prepared, &documents).instrument(Part::Documents.span()).await;
    let written = written.into_iter().map(|(row, end)| (row.place, end.map(|()| row))).collect();
    let written = go_on(written, ends, Stage::Publish, |row: &Prepared| (row.place, &row.job));
    let stored = clock.now();
    for (row, end) in halves::write(written, &Rows(context)).instrument(Part::Rows.span()).await {
        ends.end(row.place, end);
    }
    clock.tell(read, calculated, stored);
}

/// Ends the rows that have failed or were told to stop, and returns the others.
fn go_on<T>(
    rows: Vec<(usize, Result<T, JobError>)>,
    ends: &mut Ends<'_>,
    next: Stage,
    of: impl Fn(&T) -> (usize, &Arc<ClaimedJob>),
) -> Vec<T> {
    let mut going = Vec::with_capacity(rows.len());
    for (place, row) in rows {
        let checked = row.and_then(|row| of(&row).1.signal.check(next).map(|()| row));
        match checked {
            Ok(row) => going.push(row),
            Err(error) => ends.end(place, Err(error)),
        }
    }
    going
}

/// All that is known of these rows' entities.
async fn collect(context: &Context, rows: &[Row]) -> Result<Vec<(usize, Result<Known, JobError>)>, JobError> {
    let keys: Vec<EntityKey> = rows.iter().map(|row| row.key).collect();
    let (quarters, mut facts, mut history) = futures::try_join!(
        quarters(context, rows),
        facts::read_all(&context.pg, &keys, "entity_id"),
        history::read_all(context, &keys)
    )?;
    let present = context.current_quarter();
    let known = rows.iter().map(|row| {
        let quarter = row.columns.schedule_id.and_then(|schedule| quarters.get(&schedule).copied());
        let facts = facts.remove(&row.key).unwrap_or_else(|| Err(unread(row.key)));
        let known = facts.map(|facts| Known {
            place: row.place,
            job: Arc::clone(&row.job),
            schedule: row.columns.schedule_id,
            priority: row.columns.priority(),
            quarter: quarter.unwrap_or(present),
            facts,
            history: history.remove(&row.key).unwrap_or_default(),
        });
        (row.place, known)
    });
    Ok(known.collect())
}

fn unread(key: EntityKey) -> JobError {
    JobError::retry(
        Stage::Collect,
        "internal.unread",
        format!("{key} was not read, which is a defect of Orrery"),
    )
}

/// The quarters of the schedules that the rows belong to.
async fn quarters(context: &Context, rows: &[Row]) -> Result<HashMap<Uuid, Quarter>, JobError> {
    let schedules: HashSet<Uuid> = rows.iter().filter_map(|row| row.columns.schedule_id).collect();
    if schedules.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(Uuid, String, i32)> = sqlx::query_as(include_str!("../sql/schedule_quarters.sql"))
        .bind(schedules.into_iter().collect::<Vec<_>>())
        .fetch_all(&context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Collect, error))?;
    let quarter = |(id, name, year): (Uuid, String, i32)| Some((id, format!("{year}-{name}").parse().ok()?));
    Ok(found.into_iter().filter_map(quarter).collect())
}

/// What each stage of a batch took, for the log.
struct Clock {
    rows: usize,
    started: Instant,
}

impl Clock {
    fn start(rows: usize) -> Self {
        Self { rows, started: Instant::now() }
    }

    fn now(&self) -> u128 {
        self.started.elapsed().as_millis()
    }

    fn tell(&self, read: u128, calculated: u128, stored: u128) {
        let (rows, ended) = (self.rows, self.now());
        tracing::debug!(
            rows,
            read_ms = read,
            calculate_ms = calculated - read,
            documents_ms = stored - calculated,
            rows_ms = ended - stored,
            "batch of entities"
        );
    }
}
