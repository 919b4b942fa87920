//! Rows that are cancelled or run again.

use anyhow::bail;
use clap::Args;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::cli::actor::{actor, agreed};
use crate::cli::exit::Usage;
use crate::cli::filter::{Flags, in_words};
use crate::cli::table;
use crate::operate::act::{Changed, on_matching, on_one};
use crate::operate::{Acted, Action, Mode};
use crate::queue::control;

// Which rows, and how. No doc comment: it would become that of the command.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct Rows {
    /// The rows.
    #[arg(value_name = "ID")]
    ids: Vec<Uuid>,
    #[command(flatten)]
    flags: Flags,
    /// All rows that the filter finds, instead of rows by id. Says how many those are, and asks.
    #[arg(long)]
    all_matching: bool,
    /// Do not ask.
    #[arg(long, requires = "all_matching")]
    yes: bool,
    /// Only say how many rows there are.
    #[arg(long, requires = "all_matching", conflicts_with = "yes")]
    dry_run: bool,
    /// Print JSON instead of text.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(pool: &PgPool, action: Action, rows: &Rows) -> anyhow::Result<()> {
    let filter = rows.flags.filter()?;
    match (rows.ids.is_empty(), rows.all_matching) {
        (false, false) if filter.is_empty() => one_by_one(pool, action, rows).await,
        (true, true) => matching(pool, action, rows).await,
        (true, false) => {
            let text = "name rows by their ids, or all that a filter finds with --all-matching";
            Err(Usage(text.to_owned()).into())
        }
        _ => {
            let text = "name rows by their ids or by a filter with --all-matching, not by both";
            Err(Usage(text.to_owned()).into())
        }
    }
}

async fn matching(pool: &PgPool, action: Action, rows: &Rows) -> anyhow::Result<()> {
    let filter = rows.flags.filter()?;
    let word = action.as_str();
    let meant = in_words(&action.meant(&filter));
    if !rows.yes {
        let would = on_matching(pool, &filter, action, &actor(), Mode::DryRun).await?;
        if rows.dry_run || would.changed == 0 {
            tell(rows.json, action, &meant, would, true)?;
            return Ok(());
        }
        if !agreed(&format!("{word} {} rows ({meant})?", would.changed))? {
            bail!("nothing was changed");
        }
    }
    let acted = on_matching(pool, &filter, action, &actor(), Mode::Apply).await?;
    tell(rows.json, action, &meant, acted, false)
}

fn tell(json: bool, action: Action, meant: &str, acted: Acted, dry_run: bool) -> anyhow::Result<()> {
    let word = action.as_str();
    let Acted { matched, changed, refused } = acted;
    if json {
        return table::say_json(&json!({
            "action": word, "dry_run": dry_run, "matched": matched, "changed": changed, "refused": refused,
        }));
    }
    let (did, left) = if dry_run {
        ("would be changed", "would be left as they are")
    } else {
        ("changed", "left as they are")
    };
    table::say(&format!("{word} ({meant}): {matched} rows, {changed} {did}, {refused} {left}"));
    Ok(())
}

async fn one_by_one(pool: &PgPool, action: Action, rows: &Rows) -> anyhow::Result<()> {
    let actor = actor();
    let mut refused = 0;
    let mut told: Vec<Value> = Vec::new();
    for id in &rows.ids {
        let queue = control::queue_of(pool, *id).await?;
        let changed = match queue {
            Some(queue) => on_one(pool, queue, *id, action, &actor).await?,
            None => None,
        };
        if !matches!(changed, Some(Changed::Done { .. })) {
            refused += 1;
        }
        if rows.json {
            let mut row =
                changed.as_ref().map_or_else(|| Ok(json!({ "outcome": "missing" })), serde_json::to_value)?;
            row["id"] = json!(id);
            row["queue"] = json!(queue);
            told.push(row);
        } else {
            table::say(&format!("{id}: {}", in_text(action, changed.as_ref())));
        }
    }
    if rows.json {
        table::say_json(&json!({ "action": action.as_str(), "rows": told }))?;
    }
    if refused > 0 {
        bail!("{refused} rows were left as they are");
    }
    Ok(())
}

fn in_text(action: Action, changed: Option<&Changed>) -> String {
    let way_out = match action {
        Action::Retry => "only rows that ended badly can run again",
        Action::Cancel => "it has ended",
        Action::Release => {
            "it is not in quarantine; orrery jobs retry lets any row run again that ended badly"
        }
    };
    match changed {
        None => "no queue has this row".to_owned(),
        Some(Changed::Done { before, now }) => format!("{before} -> {now}"),
        Some(Changed::Refused { status }) => format!("left {status}; {way_out}"),
    }
}
