//! `orrery jobs`.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::table;
use crate::config::Config;
use crate::queue::control::{self, Changed};
use crate::store::pg::{self, Role};

/// Cancels rows and lets them run again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Cancels rows that have not ended; a job that runs stops at its next step and publishes nothing.
    ///
    /// Rows that wait for a cancelled row fail with dependency.failed. Rows of the entity queue become skipped.
    Cancel {
        /// The rows.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Uuid>,
    },
    /// Lets rows run again that failed, were cancelled or skipped; releases them from quarantine.
    #[command(alias = "release")]
    Retry {
        /// The rows.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<Uuid>,
    },
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let (ids, cancel) = match arguments.command {
        Command::Cancel { ids } => (ids, true),
        Command::Retry { ids } => (ids, false),
    };
    let mut refused = 0;
    for id in ids {
        let Some(queue) = control::queue_of(&pool, id).await? else {
            refused += 1;
            table::say(&format!("{id}: no queue has this row"));
            continue;
        };
        let changed = if cancel {
            control::cancel(&pool, queue, id).await?
        } else {
            control::retry(&pool, queue, id).await?
        };
        let done = if cancel { queue.words().cancelled } else { queue.words().open };
        table::say(&match changed {
            Changed::Done { before } => format!("{id}: {before} -> {done}"),
            Changed::Refused { status } => {
                refused += 1;
                let way_out =
                    if cancel { "it has ended" } else { "only rows that ended badly can run again" };
                format!("{id}: left {status}; {way_out}")
            }
        });
    }
    if refused > 0 {
        bail!("{refused} rows were left as they are");
    }
    Ok(())
}
