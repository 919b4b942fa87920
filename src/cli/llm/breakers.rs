//! `orrery llm breakers` and `orrery llm limits`.

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use sqlx::PgPool;

use crate::cli::table;
use crate::llm::account::breakers;

/// Shows which models are left alone, and lets them be asked again.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lets a model be asked again at once: after a key was changed or an account was filled up.
    Close {
        /// The model, such as openai/gpt-5.
        #[arg(value_name = "PROVIDER/MODEL")]
        model: String,
    },
}

/// Shows how fast each model may be asked, as learnt from refusals and headers; configured limits hold as well.
#[derive(Debug, Args)]
pub(super) struct LimitsArguments {
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(pool: &PgPool, arguments: Arguments) -> anyhow::Result<()> {
    if let Some(Command::Close { model }) = arguments.command {
        let Some((provider, name)) = model.split_once('/') else {
            bail!("{model:?} is no model such as openai/gpt-5");
        };
        let open = breakers::close(pool, provider, name).await?;
        table::say(&format!(
            "{model}: {}",
            if open { "asked again from now on" } else { "was not left alone" }
        ));
        return Ok(());
    }
    let found = breakers::breakers(pool).await?;
    if arguments.json {
        table::say(&serde_json::to_string_pretty(&found)?);
        return Ok(());
    }
    let mut rows = table::new(["model", "state", "since", "tried again", "last minute", "reason"]);
    for breaker in found {
        rows.add_row([
            breaker.name.trim_start_matches("llm:").to_owned(),
            breaker.state,
            time(breaker.opened_at),
            time(breaker.probe_at),
            format!("{} of {} failed", breaker.failed_of_minute, breaker.calls_of_minute),
            breaker.reason,
        ]);
    }
    table::say(&if rows.is_empty() { "no model has been asked yet".to_owned() } else { rows.to_string() });
    Ok(())
}

pub(super) async fn limits(pool: &PgPool, arguments: LimitsArguments) -> anyhow::Result<()> {
    let found = breakers::buckets(pool).await?;
    if arguments.json {
        table::say(&serde_json::to_string_pretty(&found)?);
        return Ok(());
    }
    let mut rows =
        table::new(["model", "key", "requests/min", "tokens/min", "pace", "slowed", "blocked until"]);
    for bucket in found {
        let limit = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.0}"));
        let guessed = if bucket.guessed { " (guessed)" } else { "" };
        rows.add_row([
            format!("{}/{}", bucket.provider, bucket.model),
            bucket.key_id,
            format!("{}{guessed}", limit(bucket.requests_limit)),
            limit(bucket.tokens_limit),
            format!("{:.0} %", bucket.pace * 100.0),
            time(bucket.slowed_at),
            time(bucket.blocked_until),
        ]);
    }
    table::say(&if rows.is_empty() { "nothing is known of any limit".to_owned() } else { rows.to_string() });
    Ok(())
}

fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S UTC").to_string())
}
