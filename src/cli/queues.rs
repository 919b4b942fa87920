//! `orrery queues`.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use sqlx::PgPool;

use super::actor::actor;
use super::status::seconds;
use super::table;
use crate::config::Config;
use crate::operate::{act, overview};
use crate::queue::{Queue, control};
use crate::store::pg::{self, Role};

/// Time between two looks at a queue that drains.
const LOOK: Duration = Duration::from_millis(500);

/// Shows, pauses, resumes and drains whole queues, for all workers, until told otherwise.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows how the queues stand, at a cost that does not grow with them: open rows counted up to 10,000, what ended in the last hour.
    List {
        /// Print JSON instead of a table: breakers and what language models cost today, too.
        #[arg(long)]
        json: bool,
    },
    /// Claims nothing more of a queue; what runs goes on, what is inserted waits.
    Pause {
        /// report, entity, quarter or calculation.
        queue: Queue,
        /// Why; shown by `orrery explain`.
        #[arg(long)]
        note: Option<String>,
    },
    /// Lets a queue go on.
    Resume {
        /// report, entity, quarter or calculation.
        queue: Queue,
    },
    /// Pauses a queue and waits until nothing of it runs.
    Drain {
        /// report, entity, quarter or calculation.
        queue: Queue,
        /// Why; shown by `orrery explain`.
        #[arg(long)]
        note: Option<String>,
        /// Seconds to wait at most.
        #[arg(long, default_value_t = 600, value_name = "SECONDS")]
        timeout: u64,
    },
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    match arguments.command {
        Command::List { json } => list(&pool, json).await?,
        Command::Pause { queue, note } => {
            act::pause_queue(&pool, queue, true, note.as_deref(), &actor()).await?;
            let running = control::running(&pool, queue).await?;
            table::say(&format!("{queue}: paused; {running} rows still run"));
        }
        Command::Resume { queue } => {
            act::pause_queue(&pool, queue, false, None, &actor()).await?;
            table::say(&format!("{queue}: goes on"));
        }
        Command::Drain { queue, note, timeout } => {
            act::pause_queue(&pool, queue, true, note.as_deref(), &actor()).await?;
            drained(&pool, queue, Duration::from_secs(timeout)).await?;
            table::say(&format!(
                "{queue}: paused, and nothing of it runs; let it go on with: orrery queues resume {queue}"
            ));
        }
    }
    Ok(())
}

async fn list(pool: &PgPool, json: bool) -> anyhow::Result<()> {
    let overview = overview::overview(pool).await?;
    if json {
        return table::say_json(&overview);
    }
    let rows = overview.queues.into_iter().map(|queue| {
        let paused =
            queue.note.as_ref().map_or_else(|| "paused".to_owned(), |note| format!("paused: {note}"));
        [
            queue.queue.to_string(),
            queue.ready.to_string(),
            queue.waiting.to_string(),
            queue.running.to_string(),
            queue.oldest_s.map_or_else(String::new, seconds),
            queue.completed.map_or_else(String::new, |rows| rows.to_string()),
            queue.failed.to_string(),
            if queue.paused { paused } else { String::new() },
        ]
    });
    let headings =
        ["queue", "ready", "waiting", "running", "oldest", "completed (1 h)", "failed (1 h)", "switch"];
    table::rows(headings, rows);
    for breaker in overview.breakers.iter().filter(|breaker| breaker.state != "closed") {
        let reason = breaker.reason.as_deref().unwrap_or("no reason noted");
        table::say(&format!("{} is left alone: {reason}", breaker.name));
    }
    Ok(())
}

async fn drained(pool: &PgPool, queue: Queue, limit: Duration) -> anyhow::Result<()> {
    let wait = async {
        while control::running(pool, queue).await? > 0 {
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    };
    match tokio::time::timeout(limit, wait).await {
        Ok(result) => result,
        Err(_) => bail!(
            "{} rows of {queue} still run after {} s; the queue stays paused",
            control::running(pool, queue).await?,
            limit.as_secs()
        ),
    }
}
