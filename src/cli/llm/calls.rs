//! `orrery llm calls`.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use crate::cli::table;
use crate::llm::account::budget::usd;
use crate::llm::account::calls::{self, By, CallRow, Filter, Sum};
use crate::operate::moment::{FORMS, moment};

/// Lists calls of language models, newest first, and sums what they cost; `--by` shows sums only.
///
/// `reads` counts the times that an answer was read again instead of being paid again. A cost of `?` is not known: the model
/// has no price (`orrery llm prices`), or the call ended without telling its tokens.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only this organization's.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    /// Only of this model.
    #[arg(long)]
    model: Option<String>,
    /// Only in this state.
    #[arg(long, value_parser = ["queued", "batched", "in_flight", "answered", "failed", "unknown", "late", "expired"])]
    state: Option<String>,
    /// Only those made for this queue row.
    #[arg(long, value_name = "ID")]
    job: Option<Uuid>,
    /// Only since then: a time such as 90m, 24h or 7d ago, or a day such as 2026-11-01 (UTC).
    #[arg(long, value_parser = since, value_name = "WHEN")]
    since: Option<DateTime<Utc>>,
    /// Sum by this instead of listing calls.
    #[arg(long, value_enum)]
    by: Option<What>,
    /// At most so many rows; the total counts all.
    #[arg(long, default_value_t = 20, value_name = "ROWS")]
    limit: i64,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// The row that they were made for: a report.
    Job,
    Organization,
    Month,
    /// Provider and model.
    Model,
}

impl From<What> for By {
    fn from(what: What) -> Self {
        match what {
            What::Job => Self::Job,
            What::Organization => Self::Organization,
            What::Month => Self::Month,
            What::Model => Self::Model,
        }
    }
}

pub(super) async fn run(pool: &PgPool, arguments: Arguments) -> anyhow::Result<()> {
    let filter = Filter {
        organization: arguments.organization,
        model: arguments.model,
        state: arguments.state,
        job: arguments.job,
        since: arguments.since,
    };
    let total = calls::sums(pool, &filter, None, 1).await?.pop();
    if let Some(by) = arguments.by {
        let sums = calls::sums(pool, &filter, Some(by.into()), arguments.limit).await?;
        table::say(&if arguments.json {
            serde_json::to_string_pretty(&json!({ "sums": sums, "total": total }))?
        } else {
            let mut rows =
                table::new(["of", "calls", "answered", "failed", "unknown", "reads", "tokens", "cost"]);
            for sum in &sums {
                rows.add_row(cells(sum));
            }
            rows.to_string()
        });
        return Ok(());
    }
    let calls = calls::list(pool, &filter, arguments.limit).await?;
    if arguments.json {
        table::say(&serde_json::to_string_pretty(&json!({ "calls": calls, "total": total }))?);
        return Ok(());
    }
    let mut rows = table::new([
        "when",
        "state",
        "model",
        "section",
        "organization",
        "row",
        "tokens",
        "cost",
        "reads",
        "took",
    ]);
    for call in &calls {
        rows.add_row(row(call));
    }
    table::say(&rows.to_string());
    if let Some(total) = total {
        table::say(&in_words(&total));
    }
    Ok(())
}

fn row(call: &CallRow) -> [String; 10] {
    let state = match (&call.error_code, &call.finish) {
        (Some(code), _) => format!("{} {code}", call.state),
        (None, Some(finish)) if finish != "stop" => format!("{} {finish}", call.state),
        _ => call.state.clone(),
    };
    let tokens = call.input_tokens.zip(call.output_tokens);
    [
        call.created_at.format("%Y-%m-%d %H:%M:%S").to_string(),
        state,
        format!("{}/{}", call.provider, call.model),
        call.section.clone(),
        call.organization_id.clone(),
        call.job_id.map_or_else(String::new, |id| id.to_string()),
        tokens.map_or_else(String::new, |(input, output)| format!("{input} + {output}")),
        call.cost_nano_usd.map_or_else(|| "?".to_owned(), dollars),
        call.reads.to_string(),
        call.latency_ms.map_or_else(String::new, |ms| format!("{ms} ms")),
    ]
}

fn cells(sum: &Sum) -> [String; 8] {
    [
        if sum.of.is_empty() { "(none)".to_owned() } else { sum.of.clone() },
        sum.calls.to_string(),
        sum.answered.to_string(),
        sum.failed.to_string(),
        sum.unknown.to_string(),
        sum.reads.to_string(),
        format!("{} + {}", sum.input_tokens, sum.output_tokens),
        if sum.unpriced > 0 {
            format!("{}, calls without a price: {}", dollars(sum.cost_nano_usd), sum.unpriced)
        } else {
            dollars(sum.cost_nano_usd)
        },
    ]
}

fn in_words(total: &Sum) -> String {
    let [_, calls, answered, failed, unknown, reads, tokens, cost] = cells(total);
    format!(
        "{calls} calls: {answered} answered, {failed} failed, {unknown} unknown; {tokens} tokens, {cost}; answers read again instead of paid: {reads}"
    )
}

/// Dollars with as many places as a single call needs.
pub(super) fn dollars(nano_usd: i64) -> String {
    let places = if nano_usd != 0 && nano_usd.abs() < 1_000_000_000 { 6 } else { 2 };
    format!("{:.places$} USD", usd(nano_usd))
}

fn since(text: &str) -> Result<DateTime<Utc>, String> {
    moment(text, Utc::now()).ok_or_else(|| FORMS.to_owned())
}
