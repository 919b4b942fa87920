//! `orrery quarter`.

mod bar;
mod lines;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::json;
use sqlx::PgPool;

use super::actor::actor;
use super::table;
use crate::config::Config;
use crate::domain::Quarter;
use crate::operate::act;
use crate::pipeline::quarter::control::{self, Hours, Standing, Started};
use crate::pipeline::quarter::{Window, plan};
use crate::store::pg::{self, Role};

/// Plans, starts, holds and watches quarterly updates.
///
/// A quarter is written as 2026-Q4. A worker runs a due quarter by itself, inside its daily window; these commands are for people, and
/// for cron and timers.
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
    /// Makes the schedule rows of the next four quarters, as workers do daily.
    Plan,
    /// Runs a quarter now, also outside its window, until it ends or is paused.
    ///
    /// Makes its schedule row if there is none; lets a paused, failed or cancelled quarter go on. However many start it, it runs once.
    Start {
        /// Which; without it the present one.
        quarter: Option<Quarter>,
        /// For timers: it runs inside its window only; one that has ended or is paused is left as it is, and that is no error.
        #[arg(long)]
        scheduled: bool,
    },
    /// Holds a quarter: no more of its rows are claimed; what runs goes on.
    Pause {
        /// Which; without it the one that runs.
        quarter: Option<Quarter>,
        /// Why; shown by `orrery quarter status`.
        #[arg(long)]
        note: Option<String>,
    },
    /// Lets a paused quarter go on, inside its window or at once if it was started by hand.
    Resume {
        /// Which; without it the one that runs.
        quarter: Option<Quarter>,
    },
    /// Cancels a quarter; its open rows end as skipped.
    Cancel {
        /// Which.
        quarter: Quarter,
    },
    /// Shows how quarters stand; on a terminal a running one is followed to its end.
    Status {
        /// Which; without it all.
        quarter: Option<Quarter>,
        /// Look once, also on a terminal.
        #[arg(long)]
        once: bool,
    },
    /// Lets the failed rows of a quarter run again, and nothing else.
    RetryFailed {
        /// Which.
        quarter: Quarter,
        /// Only rows that failed with this code, such as `data.birth_data_missing`.
        #[arg(long)]
        code: Option<String>,
    },
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let json = arguments.json;
    match arguments.command {
        Command::Plan => plan_ahead(&pool, &config, json).await,
        Command::Start { quarter, scheduled } => {
            let quarter = quarter.unwrap_or_else(present);
            let hours = if scheduled { Hours::Window } else { Hours::Any };
            start(&pool, &config, quarter, hours, json).await
        }
        Command::Pause { quarter, note } => pause(&pool, quarter, note.as_deref(), json).await,
        Command::Resume { quarter } => resume(&pool, quarter, json).await,
        Command::Cancel { quarter } => {
            let standing = one(&pool, quarter).await?;
            let Some(ended) = act::cancel_schedule(&pool, standing.id, &actor()).await? else {
                bail!("{quarter} is {}; only a quarter that has not ended can be cancelled", standing.status);
            };
            say_rows(json, &standing, "cancelled", ended, "rows ended as skipped");
            Ok(())
        }
        Command::Status { quarter, once } => status(&pool, quarter, once, json).await,
        Command::RetryFailed { quarter, code } => {
            let standing = one(&pool, quarter).await?;
            let again = act::retry_schedule(&pool, standing.id, code.as_deref(), &actor()).await?;
            let Some(again) = again else {
                bail!(
                    "{quarter} is {} and not all its rows are made, so more than its failures would run; start it: orrery quarter start {quarter}",
                    standing.status
                );
            };
            // A quarter that had ended has its window again.
            let when = if again == 0 || one(&pool, quarter).await?.forced {
                String::new()
            } else {
                format!(", inside its window; at once with: orrery quarter start {quarter}")
            };
            say_rows(
                json,
                &standing,
                "retried",
                i64::try_from(again)?,
                &format!("failed rows run again{when}"),
            );
            Ok(())
        }
    }
}

fn present() -> Quarter {
    Quarter::of_date(Utc::now().date_naive())
}

async fn plan_ahead(pool: &PgPool, config: &Config, json: bool) -> anyhow::Result<()> {
    let coming = plan::coming(present());
    let made = plan::plan(pool, &config.quarter, &coming).await?;
    if json {
        let rows = coming.iter().map(|quarter| {
            json!({ "quarter": quarter.to_string(), "due": plan::due(*quarter), "made": made.contains(quarter) })
        });
        table::say(&serde_json::to_string_pretty(&rows.collect::<Vec<_>>())?);
        return Ok(());
    }
    for quarter in &coming {
        let what = if made.contains(quarter) {
            format!("planned for {}", plan::due(*quarter))
        } else {
            "is there already".to_owned()
        };
        table::say(&format!("{quarter}: {what}"));
    }
    Ok(())
}

/// Starts a quarter, and says what became of that.
pub(super) async fn start(
    pool: &PgPool,
    config: &Config,
    quarter: Quarter,
    hours: Hours,
    json: bool,
) -> anyhow::Result<()> {
    let today = Utc::now().date_naive();
    let started = act::start_schedule(pool, &config.quarter, quarter, today, hours, &actor()).await?;
    let standing = one(pool, quarter).await?;
    match started {
        Started::Now => {
            let text = "runs now, also outside its window; watch it with: orrery quarter status";
            say(json, &standing, "started", text);
        }
        Started::InWindow => say(json, &standing, "scheduled", &in_window(&standing, Utc::now())),
        Started::Already => say(json, &standing, "runs", "had been started already, for any hour"),
        Started::Left => {
            let how = if standing.paused { "paused" } else { &standing.status };
            say(json, &standing, how, "it is left as it is");
        }
        Started::Completed => bail!(
            "{quarter} has completed; only what failed of it can run again: orrery quarter retry-failed {quarter}"
        ),
    }
    Ok(())
}

/// `it runs inside its window, 03:00 to 06:00 UTC from 2027-01-02`.
fn in_window(standing: &Standing, now: DateTime<Utc>) -> String {
    let (from, start, end) =
        (standing.scheduled_date, standing.execution_start_time, standing.execution_end_time);
    let window = Window { from, start, end };
    let daily = format!("{} to {} UTC", start.format("%H:%M"), end.format("%H:%M"));
    match window.opens(now) {
        None => format!("it runs now, inside its window, {daily}"),
        Some(opens) => format!("it runs inside its window, {daily} from {}", opens.date_naive()),
    }
}

/// Holds a quarter.
pub(super) async fn pause(
    pool: &PgPool,
    quarter: Option<Quarter>,
    note: Option<&str>,
    json: bool,
) -> anyhow::Result<()> {
    let standing = running(pool, quarter).await?;
    act::pause_schedule(pool, standing.id, true, note, &actor()).await?;
    say(json, &standing, "paused", "what runs of it goes on; let it go on with: orrery quarter resume");
    Ok(())
}

/// Lets a quarter go on.
pub(super) async fn resume(pool: &PgPool, quarter: Option<Quarter>, json: bool) -> anyhow::Result<()> {
    let standing = running(pool, quarter).await?;
    act::pause_schedule(pool, standing.id, false, None, &actor()).await?;
    let when = if standing.forced { "at once" } else { "inside its window" };
    say(json, &standing, "resumed", &format!("it goes on {when}"));
    Ok(())
}

/// Shows how quarters stand.
pub(super) async fn status(
    pool: &PgPool,
    quarter: Option<Quarter>,
    once: bool,
    json: bool,
) -> anyhow::Result<()> {
    use std::io::IsTerminal as _;

    let all = match quarter {
        Some(quarter) => vec![one(pool, quarter).await?],
        None => control::standing(pool, None).await?,
    };
    if json {
        table::say(&serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    if all.is_empty() {
        table::say("no quarter is planned; plan the next four with: orrery quarter plan");
    }
    let follow = !once && std::io::stdout().is_terminal();
    for standing in all {
        let ended = if follow && standing.status == "in_progress" {
            bar::follow(pool, standing).await?
        } else {
            standing
        };
        table::say(&lines::standing(&ended, Utc::now()));
    }
    Ok(())
}

/// The schedule of a quarter.
async fn one(pool: &PgPool, quarter: Quarter) -> anyhow::Result<Standing> {
    match control::standing(pool, Some(quarter)).await?.pop() {
        Some(standing) => Ok(standing),
        None => bail!(
            "there is no schedule row of {quarter}; make it with: orrery quarter plan, or run it with: orrery quarter start {quarter}"
        ),
    }
}

/// The schedule of a quarter that has not ended: the one that is named, or the only one that runs.
async fn running(pool: &PgPool, quarter: Option<Quarter>) -> anyhow::Result<Standing> {
    if let Some(quarter) = quarter {
        let standing = one(pool, quarter).await?;
        if !matches!(standing.status.as_str(), "scheduled" | "in_progress") {
            bail!("{quarter} is {}; only a quarter that has not ended can be held", standing.status);
        }
        return Ok(standing);
    }
    let mut all = control::standing(pool, None).await?;
    all.retain(|standing| standing.status == "in_progress");
    match (all.pop(), all.is_empty()) {
        (Some(standing), true) => Ok(standing),
        (Some(_), false) => bail!("several quarters run; say which, such as 2026-Q4"),
        (None, _) => bail!("no quarter runs; say which, such as 2026-Q4"),
    }
}

fn say(json: bool, standing: &Standing, word: &str, text: &str) {
    let name = lines::name(standing);
    if json {
        table::say(&json!({ "quarter": name, "id": standing.id, "done": word }).to_string());
    } else {
        table::say(&format!("{name}: {word}; {text}"));
    }
}

fn say_rows(json: bool, standing: &Standing, word: &str, rows: i64, text: &str) {
    let name = lines::name(standing);
    if json {
        table::say(&json!({ "quarter": name, "id": standing.id, "done": word, "rows": rows }).to_string());
    } else {
        table::say(&format!("{name}: {word}; {rows} {text}"));
    }
}
