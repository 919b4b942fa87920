//! `orrery audit`.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use super::table;
use crate::config::Config;
use crate::operate::audit;
use crate::store::pg::{self, Role};

/// Shows what operators did, at the command line and at the dashboard.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists actions, the newest first.
    ///
    /// An action on many rows is one line with the rows that it was meant for and those that it changed. An outcome of `begun` goes on, or
    /// was stopped half-way.
    List {
        /// At most so many (1 to 1000).
        #[arg(long, default_value_t = 50, value_name = "ROWS")]
        limit: i64,
        /// Only actions before this number.
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let Command::List { limit, before, json } = arguments.command;
    let rows = audit::list(&pool, before, limit).await?;
    if json {
        return table::say_json(&json!({ "rows": rows }));
    }
    if rows.is_empty() {
        table::note("no operator has done anything yet");
        return Ok(());
    }
    let lines = rows.iter().map(|entry| {
        [
            entry.id.to_string(),
            table::time(Some(entry.at)),
            format!("{} ({})", entry.actor, entry.source),
            entry.action.clone(),
            entry.target.to_string(),
            entry.matched.to_string(),
            entry.changed.to_string(),
            entry.outcome.clone(),
        ]
    });
    table::rows(["number", "when", "who", "action", "on", "rows", "changed", "outcome"], lines);
    Ok(())
}
