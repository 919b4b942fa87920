//! Names of all metrics, and where they come from. Labels are bounded: queues, outcomes, states, names of breakers.

use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use sqlx::PgPool;

use super::Watch;
use crate::queue::open;
use crate::queue::vitals::Phase;

pub use crate::llm::metrics::*;
pub use crate::queue::metrics::*;

/// Jobs whose lease this process holds.
const IN_FLIGHT: &str = "orrery_jobs_in_flight";
/// 1 in the phase of the worker, 0 in the others.
const PHASE: &str = "orrery_worker_phase";
/// Loops that do not advance.
const STUCK: &str = "orrery_worker_stuck_loops";
/// 1 while PostgreSQL does not answer.
const POSTGRES_DOWN: &str = "orrery_postgres_down";
/// Open rows by queue and state; counted up to a bound, so that a scrape stays cheap.
const ROWS: &str = "orrery_queue_rows";
/// How long the oldest row that may run now has waited.
const OLDEST: &str = "orrery_queue_oldest_ready_seconds";
/// 1 while a breaker is not closed.
const BREAKER: &str = "orrery_breaker_open";
/// Workers that beat within their lease.
const WORKERS: &str = "orrery_workers";
/// Rows in quarantine.
const QUARANTINED: &str = "orrery_quarantine_rows";
/// The program.
const BUILD: &str = "orrery_build_info";

/// Rows of one queue and state that are counted at most.
const MOST_COUNTED: i64 = 10_000;

/// Bounds of the durations, seconds.
const BUCKETS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 300.0];

/// Bounds of the time of a call of a language model, seconds: those that the conventions advise, and some for batches.
const CALL_BUCKETS: [f64; 18] = [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 300.0, 1800.0,
    7200.0, 86400.0,
];

/// Bounds of its tokens: those that the conventions advise, up to what a report can need.
const TOKEN_BUCKETS: [f64; 10] = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0];

/// Every metric with its kind and meaning, as `/metrics` and the reference show them.
pub const ALL: [(&str, &str, &str); 20] = [
    (
        JOBS,
        "counter",
        "Jobs that ended in this worker, by queue and outcome (completed, failed, retried, put_off, fenced).",
    ),
    (JOB_SECONDS, "histogram", "Time from the begin of a job to its outcome, by queue."),
    (CLAIMED, "counter", "Rows claimed by this worker, by queue."),
    (CLAIM_SECONDS, "histogram", "Time of one claim, whatever it brought, by queue."),
    (RESCUED, "counter", "Rows taken over from dead workers by this worker, by queue."),
    (QUARANTINED_TOTAL, "counter", "Rows set aside because workers died over them, by queue."),
    (LEASES_LOST, "counter", "Leases that a heartbeat of this worker no longer found."),
    (BREAKER_OPENED, "counter", "Breakers that a failure in this worker opened, by breaker."),
    (
        TOKEN_USAGE,
        "histogram",
        "Tokens of a call of a language model, by operation, provider, model, token type (input, output) and way (direct, batch).",
    ),
    (
        OPERATION_SECONDS,
        "histogram",
        "Time of a call of a language model, its retries and the waits between them included, by operation, provider, model, way (direct, batch) and error type; in a batch from handing in to its end.",
    ),
    (IN_FLIGHT, "gauge", "Jobs whose lease this worker holds."),
    (PHASE, "gauge", "1 for the phase of this worker (starting, running, draining), 0 for the others."),
    (STUCK, "gauge", "Loops of this worker that do not advance."),
    (POSTGRES_DOWN, "gauge", "1 while PostgreSQL does not answer this worker."),
    (
        ROWS,
        "gauge",
        "Open rows of all workers by queue and state (ready, waiting, leased), counted up to 10000.",
    ),
    (OLDEST, "gauge", "Seconds that the oldest row which may run now has waited, by queue."),
    (BREAKER, "gauge", "1 while a breaker is not closed, by breaker."),
    (WORKERS, "gauge", "Workers by state (alive, dead): dead ones neither stopped nor beat."),
    (QUARANTINED, "gauge", "Rows in quarantine, by queue."),
    (BUILD, "gauge", "1, with the version of the program."),
];

/// Collects what the worker counts.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Begins to count in this process.
    ///
    /// # Errors
    /// When something else counts already.
    pub fn install() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(OPERATION_SECONDS.to_owned()), &CALL_BUCKETS)?
            .set_buckets_for_metric(Matcher::Full(TOKEN_USAGE.to_owned()), &TOKEN_BUCKETS)?
            .install_recorder()?;
        for (name, kind, meaning) in ALL {
            match kind {
                "counter" => describe_counter!(name, meaning),
                "histogram" if name == TOKEN_USAGE => describe_histogram!(name, Unit::Count, meaning),
                "histogram" => describe_histogram!(name, Unit::Seconds, meaning),
                _ => describe_gauge!(name, meaning),
            }
        }
        gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self { handle })
    }

    /// Keeps the memory of durations bounded; to be called every few seconds.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// The answer to a scrape. What PostgreSQL does not tell within `limit` is left out.
    pub async fn render(&self, watch: &Watch, limit: Duration) -> String {
        Self::of_process(watch);
        if let Some(pool) = watch.pool()
            && !matches!(tokio::time::timeout(limit, of_fleet(pool)).await, Ok(Ok(())))
        {
            tracing::debug!("a scrape goes without what PostgreSQL knows");
        }
        self.handle.render()
    }

    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    fn of_process(watch: &Watch) {
        let now = *watch.life.vitals.phase().borrow();
        for phase in [Phase::Starting, Phase::Running, Phase::Draining] {
            gauge!(PHASE, "phase" => phase.as_str()).set(f64::from(u8::from(phase == now)));
        }
        gauge!(IN_FLIGHT).set(watch.life.inflight.len() as f64);
        gauge!(STUCK).set(watch.stuck().len() as f64);
        gauge!(POSTGRES_DOWN).set(f64::from(u8::from(watch.life.outage.lasts().is_some())));
    }
}

/// What the database knows of all workers: a few looks along indexes, none at a whole table.
#[allow(clippy::cast_precision_loss, reason = "counts are small")]
async fn of_fleet(pool: &PgPool) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    for rows in open::rows(&mut *connection, MOST_COUNTED).await? {
        if rows.state == "ready" {
            gauge!(OLDEST, "queue" => rows.queue.clone()).set(rows.oldest_s.unwrap_or(0.0));
        }
        gauge!(ROWS, "queue" => rows.queue, "state" => rows.state).set(rows.counted as f64);
    }
    let others: Vec<(String, String, f64)> =
        sqlx::query_as(include_str!("sql/metrics_fleet.sql")).fetch_all(&mut *connection).await?;
    for (kind, name, value) in others {
        match kind.as_str() {
            "breaker" => gauge!(BREAKER, "breaker" => name).set(value),
            "worker" => gauge!(WORKERS, "state" => name).set(value),
            _ => gauge!(QUARANTINED, "queue" => name).set(value),
        }
    }
    Ok(())
}
