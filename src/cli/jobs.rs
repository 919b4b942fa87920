//! `orrery jobs`.

mod act;
mod lines;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use sqlx::PgPool;
use uuid::Uuid;

use super::exit::Usage;
use super::filter::Flags;
use super::table;
use crate::config::Config;
use crate::operate::{Action, Cursor, failures, jobs};
use crate::queue::control;
use crate::store::pg::{self, Role};

/// Lists rows of all queues, shows one, cancels rows and lets them run again: by id, or all that a filter finds.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists rows, the newest first.
    ///
    /// A page looks at the newest 100,000 rows of each queue at most, so that it costs the same whatever the size of the tables. Where
    /// there may be more it says how to go on.
    List {
        #[command(flatten)]
        flags: Flags,
        /// At most so many rows (1 to 1000).
        #[arg(long, default_value_t = 50, value_name = "ROWS")]
        limit: usize,
        /// Go on after this place, which a page before gave.
        #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
        after: Option<String>,
        /// Say only how many rows there are.
        #[arg(long)]
        count: bool,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Shows all of one row: what decides about it, its time line, what it waits for and what waits for it, what it made.
    Show {
        /// The row.
        id: Uuid,
        /// Also what the application has written into the row for its work. It may tell of persons.
        #[arg(long)]
        arguments: bool,
        /// Print JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Groups failed rows by queue and code, the largest group first: the newest 5,000 that the filter finds.
    Failures {
        #[command(flatten)]
        flags: Flags,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Lets rows run again that failed, were cancelled or skipped; also out of quarantine.
    ///
    /// With --all-matching and no --state: rows that failed. Rows of the quarter queue only with --queue quarter.
    Retry(act::Rows),
    /// Cancels rows that have not ended; a job that runs stops at its next step and publishes nothing.
    ///
    /// Rows that wait for a cancelled row fail with dependency.failed. Rows of the entity queue become skipped.
    Cancel(act::Rows),
    /// Lets rows in quarantine run again, and no others.
    Release(act::Rows),
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    match arguments.command {
        Command::List { flags, limit, after, count, json } => {
            list(&pool, &flags, limit, after.as_deref(), count, json).await
        }
        Command::Show { id, arguments, json } => show(&pool, &config, id, arguments, json).await,
        Command::Failures { flags, json } => grouped(&pool, &flags, json).await,
        Command::Retry(rows) => act::run(&pool, Action::Retry, &rows).await,
        Command::Cancel(rows) => act::run(&pool, Action::Cancel, &rows).await,
        Command::Release(rows) => act::run(&pool, Action::Release, &rows).await,
    }
}

async fn list(
    pool: &PgPool,
    flags: &Flags,
    limit: usize,
    after: Option<&str>,
    count: bool,
    json: bool,
) -> anyhow::Result<()> {
    let filter = flags.filter()?;
    if !(1..=jobs::MOST_ROWS).contains(&limit) {
        return Err(Usage(format!("limit {limit} cannot be used; give 1 to {}", jobs::MOST_ROWS)).into());
    }
    if count {
        let count = jobs::count(pool, &filter).await?;
        if json {
            return table::say_json(&count);
        }
        table::say(&count.to_string());
        return Ok(());
    }
    let after: Option<Cursor> = after.map(str::parse).transpose()?;
    let page = jobs::list(pool, &filter, after, limit).await?;
    if json {
        return table::say_json(&page);
    }
    lines::page(&page);
    Ok(())
}

async fn grouped(pool: &PgPool, flags: &Flags, json: bool) -> anyhow::Result<()> {
    let groups = failures::groups(pool, &flags.filter()?).await?;
    if json {
        return table::say_json(&groups);
    }
    lines::groups(&groups);
    Ok(())
}

async fn show(pool: &PgPool, config: &Config, id: Uuid, arguments: bool, json: bool) -> anyhow::Result<()> {
    let job = match control::queue_of(pool, id).await? {
        Some(queue) => jobs::show(pool, queue, id, config.queue.lease()).await?,
        None => None,
    };
    let Some(job) = job else {
        bail!("no queue has a row {id}; orrery jobs list shows the rows of all queues");
    };
    if json {
        let mut value = serde_json::to_value(&job)?;
        if !arguments && let Some(fields) = value.as_object_mut() {
            fields.remove("arguments");
        }
        return table::say_json(&value);
    }
    lines::job(&job, arguments);
    Ok(())
}
