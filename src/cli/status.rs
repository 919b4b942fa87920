//! `orrery status`.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::table;
use crate::config::Config;
use crate::llm::account::{budget, calls};
use crate::operate::{overview, workers};
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

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let (open, ended) = overview::counts(&pool).await?;
    let workers = workers::list(&pool, config.queue.lease()).await?;
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
        let seen = format!("{} ago", seconds(worker.seen_s));
        rows.add_row([
            worker.worker_id.as_str(),
            &worker.version,
            worker.stands(),
            &worker.running.to_string(),
            &seen,
        ]);
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

pub(super) fn seconds(value: f64) -> String {
    match value {
        short if short < 1.0 => format!("{:.0} ms", short * 1000.0),
        some if some < 120.0 => format!("{some:.0} s"),
        long if long < 7200.0 => format!("{:.0} min", long / 60.0),
        hours => format!("{:.0} h", hours / 3600.0),
    }
}
