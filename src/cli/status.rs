//! `orrery status`.

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use sqlx::{FromRow, PgPool};

use super::table;
use crate::config::Config;
use crate::llm::account::{budget, calls};
use crate::queue::Queue;
use crate::store::pg::{self, Role};

/// Shows what waits, what runs, what ended, and which workers live.
///
/// `waiting` rows wait for another row; `later` rows have a time to run that has not come; `oldest` is the longest that a row
/// which may run now has been there. Counts of ended rows are those of the applications' tables.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, Clone, FromRow, Serialize)]
struct Open {
    queue: String,
    ready: i64,
    later: i64,
    waiting: i64,
    running: i64,
    oldest_s: Option<f64>,
}

#[derive(Debug, Default, Clone, FromRow, Serialize)]
struct Ended {
    queue: String,
    completed: i64,
    failed: i64,
    skipped: i64,
    cancelled: i64,
}

#[derive(Debug, FromRow, Serialize)]
struct WorkerRow {
    worker_id: String,
    version: String,
    state: String,
    running: i64,
    seen_s: f64,
    alive: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let (open, ended, workers) = read(&pool, config.queue.lease_s).await?;
    let spent = calls::this_month(&pool).await?;
    if arguments.json {
        table::say(&serde_json::to_string_pretty(
            &json!({ "open": open, "ended": ended, "workers": workers, "llm": spent }),
        )?);
        return Ok(());
    }
    let mut queues = table::new([
        "queue",
        "ready",
        "later",
        "waiting",
        "running",
        "oldest",
        "completed",
        "failed",
        "skipped",
        "cancelled",
    ]);
    for queue in Queue::ALL {
        let open = open.iter().find(|row| row.queue == queue.as_str()).cloned().unwrap_or_default();
        let ended = ended.iter().find(|row| row.queue == queue.as_str()).cloned().unwrap_or_default();
        queues.add_row([
            queue.table().to_owned(),
            open.ready.to_string(),
            open.later.to_string(),
            open.waiting.to_string(),
            open.running.to_string(),
            open.oldest_s.map_or_else(String::new, seconds),
            ended.completed.to_string(),
            ended.failed.to_string(),
            ended.skipped.to_string(),
            ended.cancelled.to_string(),
        ]);
    }
    table::say(&queues.to_string());
    let mut rows = table::new(["worker", "version", "state", "running", "last seen"]);
    for worker in &workers {
        let state = if worker.alive || worker.state == "stopped" { worker.state.as_str() } else { "dead" };
        let seen = format!("{} ago", seconds(worker.seen_s));
        rows.add_row([worker.worker_id.as_str(), &worker.version, state, &worker.running.to_string(), &seen]);
    }
    table::say(&if workers.is_empty() { "no worker has run yet".to_owned() } else { rows.to_string() });
    if spent.calls > 0 || !spent.open_breakers.is_empty() {
        table::say(&models(&spent));
    }
    Ok(())
}

/// One line on language models.
fn models(spent: &calls::Spent) -> String {
    let (calls, tokens, usd) = (spent.calls, spent.tokens, budget::usd(spent.spent_nano_usd));
    let unpriced = match spent.unpriced_calls {
        0 => String::new(),
        unpriced => format!(", calls without a known price: {unpriced}"),
    };
    let open = match spent.open_breakers.as_slice() {
        [] => String::new(),
        open => format!("; left alone: {}", open.join(", ")),
    };
    format!("language models this month: {calls} calls, {tokens} tokens, {usd:.2} USD{unpriced}{open}")
}

async fn read(pool: &PgPool, lease_s: u64) -> anyhow::Result<(Vec<Open>, Vec<Ended>, Vec<WorkerRow>)> {
    let open = sqlx::query_as(include_str!("sql/status_open.sql")).fetch_all(pool).await?;
    let ended = sqlx::query_as(include_str!("sql/status_ended.sql")).fetch_all(pool).await?;
    #[allow(clippy::cast_precision_loss, reason = "a lease lasts seconds")]
    let lease_s = lease_s as f64;
    let workers =
        sqlx::query_as(include_str!("sql/status_workers.sql")).bind(lease_s).fetch_all(pool).await?;
    Ok((open, ended, workers))
}

fn seconds(value: f64) -> String {
    match value {
        short if short < 1.0 => format!("{:.0} ms", short * 1000.0),
        some if some < 120.0 => format!("{some:.0} s"),
        long if long < 7200.0 => format!("{:.0} min", long / 60.0),
        hours => format!("{:.0} h", hours / 3600.0),
    }
}
