//! `orrery schedules`.

use anyhow::Context as _;
use chrono::Utc;
use clap::{Args, Subcommand};
use serde_json::json;
use sqlx::PgPool;

use super::{quarter, table};
use crate::config::Config;
use crate::domain::Quarter;
use crate::operate::schedules;
use crate::pipeline::quarter::control::Hours;
use crate::store::pg::{self, Role};

/// Shows what runs by the calendar and when it runs next; runs it now, holds it, lets it go on.
///
/// The schedules are the quarters; `orrery quarter` also plans them, cancels them and lets their failures run again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists all schedules and how they stand.
    List,
    /// Lists schedules that have not ended, by when they run next (UTC).
    Next,
    /// Runs a schedule now, also outside its window. However many start it, it runs once.
    RunNow {
        /// Which, such as 2026-Q4.
        quarter: Quarter,
    },
    /// Holds a schedule: no more of its rows are claimed; what runs goes on.
    Pause {
        /// Which, such as 2026-Q4.
        quarter: Quarter,
        /// Why.
        #[arg(long)]
        note: Option<String>,
    },
    /// Lets a schedule go on that is held.
    Resume {
        /// Which, such as 2026-Q4.
        quarter: Quarter,
    },
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let json = arguments.json;
    match arguments.command {
        Command::List if json => table::say_json(&json!({ "rows": schedules::list(&pool).await? })),
        Command::List => quarter::status(&pool, None, true, false).await,
        Command::Next => next(&pool, json).await,
        Command::RunNow { quarter } => quarter::start(&pool, &config, quarter, Hours::Any, json).await,
        Command::Pause { quarter, note } => quarter::pause(&pool, Some(quarter), note.as_deref(), json).await,
        Command::Resume { quarter } => quarter::resume(&pool, Some(quarter), json).await,
    }
}

async fn next(pool: &PgPool, json: bool) -> anyhow::Result<()> {
    let rows = schedules::next(pool, Utc::now()).await?;
    if json {
        return table::say_json(&json!({ "rows": rows }));
    }
    if rows.is_empty() {
        table::note("nothing is scheduled; plan the next four quarters with: orrery quarter plan");
        return Ok(());
    }
    let lines = rows.iter().map(|due| {
        let held = if due.paused { "held" } else { "" };
        [due.quarter.clone(), due.status.clone(), table::time(Some(due.at)), held.to_owned()]
    });
    table::rows(["schedule", "status", "next", "switch"], lines);
    Ok(())
}
