//! `orrery llm batches`.

use clap::Args;
use serde_json::json;
use sqlx::PgPool;

use super::calls::dollars;
use crate::cli::table;
use crate::llm::account::batches::{self, BatchRow, Queued};

/// Lists batches of questions, newest first, and the questions that wait to be collected.
///
/// `undone` counts questions that expired, were cancelled or got lost: their rows ask directly. `orrery llm calls --state batched`
/// shows the questions themselves.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only those that have not ended.
    #[arg(long)]
    open: bool,
    /// At most so many batches.
    #[arg(long, default_value_t = 20, value_name = "ROWS")]
    limit: i64,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(pool: &PgPool, arguments: Arguments) -> anyhow::Result<()> {
    let found = batches::list(pool, arguments.open, arguments.limit).await?;
    let queued = batches::queued(pool).await?;
    if arguments.json {
        table::say(&serde_json::to_string_pretty(&json!({ "batches": found, "queued": queued }))?);
        return Ok(());
    }
    if found.is_empty() {
        table::say(if arguments.open { "no batch is under way" } else { "there has been no batch yet" });
    } else {
        let mut rows = table::new([
            "made",
            "state",
            "model",
            "items",
            "answered",
            "failed",
            "undone",
            "cost",
            "took",
            "at the provider",
            "trouble",
        ]);
        for batch in &found {
            rows.add_row(row(batch));
        }
        table::say(&rows.to_string());
    }
    for waiting in &queued {
        table::say(&in_words(waiting));
    }
    Ok(())
}

fn row(batch: &BatchRow) -> [String; 11] {
    let took = batch.submitted_at.zip(batch.ended_at).map(|(since, until)| (until - since).num_minutes());
    [
        batch.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        batch.state.clone(),
        format!("{}/{}", batch.provider, batch.model),
        batch.items.to_string(),
        batch.answered.to_string(),
        batch.failed.to_string(),
        batch.undone.to_string(),
        dollars(batch.cost_nano_usd),
        took.map_or_else(String::new, |minutes| format!("{minutes} min")),
        batch.provider_batch_id.clone().unwrap_or_default(),
        match (&batch.error_code, &batch.message) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            _ => String::new(),
        },
    ]
}

fn in_words(queued: &Queued) -> String {
    let Queued { provider, model, questions, bytes, oldest } = queued;
    let oldest = oldest.format("%Y-%m-%d %H:%M:%S UTC");
    format!(
        "waiting for the next batch of {provider}/{model}: {questions} questions, {bytes} bytes, the oldest since {oldest}"
    )
}
