//! `orrery queues`.

use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use sqlx::PgPool;

use super::table;
use crate::config::Config;
use crate::queue::{Queue, control};
use crate::store::pg::{self, Role};

/// Time between two looks at a queue that drains.
const LOOK: Duration = Duration::from_millis(500);

/// Pauses, resumes and drains whole queues, for all workers, until told otherwise.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
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
        Command::Pause { queue, note } => {
            control::set_paused(&pool, queue, true, note.as_deref()).await?;
            let running = control::running(&pool, queue).await?;
            table::say(&format!("{queue}: paused; {running} rows still run"));
        }
        Command::Resume { queue } => {
            control::set_paused(&pool, queue, false, None).await?;
            table::say(&format!("{queue}: goes on"));
        }
        Command::Drain { queue, note, timeout } => {
            control::set_paused(&pool, queue, true, note.as_deref()).await?;
            drained(&pool, queue, Duration::from_secs(timeout)).await?;
            table::say(&format!(
                "{queue}: paused, and nothing of it runs; let it go on with: orrery queues resume {queue}"
            ));
        }
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
