//! `orrery orgs`.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::actor::actor;
use super::exit::Usage;
use super::table;
use crate::config::Config;
use crate::operate::act::{self, OrganizationChange};
use crate::operate::organizations::{self, Organization};
use crate::store::pg::{self, Role};

/// Shows organizations and how they share the workers; pauses, weighs and caps them.
///
/// An organization of which nothing is set has weight 1 and no cap. Workers see a change with their next claim; what runs goes on.
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
    /// Lists organizations: first those with a policy or open rows, then the others by name.
    List {
        /// At most so many.
        #[arg(long, default_value_t = 100, value_name = "ROWS")]
        limit: i64,
    },
    /// Claims nothing more of an organization; what runs goes on, what is inserted waits.
    Pause {
        /// Which.
        #[arg(value_parser = organization)]
        id: String,
        /// Why; shown by `orrery explain`.
        #[arg(long)]
        note: Option<String>,
    },
    /// Lets an organization go on.
    Resume {
        /// Which.
        #[arg(value_parser = organization)]
        id: String,
    },
    /// Gives an organization so many turns where others get one.
    Weight {
        /// Which.
        #[arg(value_parser = organization)]
        id: String,
        /// 1 is what others have.
        #[arg(value_parser = clap::value_parser!(i32).range(1..))]
        weight: i32,
    },
    /// Sets weight, cap, note, and who may be paid; what is not named stays.
    Set {
        /// Which.
        #[arg(value_parser = organization)]
        id: String,
        /// Turns where others get one.
        #[arg(long, value_parser = clap::value_parser!(i32).range(1..))]
        weight: Option<i32>,
        /// Most rows of each queue that run at once, or none for no cap.
        #[arg(long, value_parser = cap, value_name = "ROWS")]
        cap: Option<Cap>,
        /// Why; empty takes it back.
        #[arg(long)]
        note: Option<String>,
        /// Whether the next provider of language models may be paid where the account of one is empty: yes or no.
        #[arg(long, value_parser = yes_or_no, value_name = "YES_OR_NO")]
        other_bill: Option<bool>,
    },
}

/// A cap, or none.
#[derive(Debug, Clone, Copy)]
struct Cap(Option<i32>);

/// UUIDs as the platform writes them; other texts as they are.
#[allow(clippy::unnecessary_wraps, reason = "the form of a parser")]
fn organization(text: &str) -> Result<String, String> {
    Ok(text.parse::<Uuid>().map_or_else(|_| text.to_owned(), |id| id.to_string()))
}

fn cap(text: &str) -> Result<Cap, String> {
    if text == "none" {
        return Ok(Cap(None));
    }
    let rows = text.parse::<u16>().map_err(|_| "give a number from 0 to 65535, or none".to_owned())?;
    Ok(Cap(Some(i32::from(rows))))
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("give yes or no".to_owned()),
    }
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    let json = arguments.json;
    let (id, change) = match arguments.command {
        Command::List { limit } => return list(&pool, limit, json).await,
        Command::Pause { id, note } => {
            (id, OrganizationChange { paused: Some(true), note, ..OrganizationChange::default() })
        }
        Command::Resume { id } => {
            (id, OrganizationChange { paused: Some(false), ..OrganizationChange::default() })
        }
        Command::Weight { id, weight } => {
            (id, OrganizationChange { weight: Some(weight), ..OrganizationChange::default() })
        }
        Command::Set { id, weight, cap, note, other_bill } => {
            let max_in_flight = cap.map(|cap| cap.0);
            let llm_other_bill = other_bill;
            (id, OrganizationChange { paused: None, weight, max_in_flight, note, llm_other_bill })
        }
    };
    if change == OrganizationChange::default() {
        return Err(Usage("nothing is set; give --weight, --cap, --note or --other-bill".to_owned()).into());
    }
    if !act::set_organization(&pool, &id, &change, &actor()).await? {
        bail!("nothing knows an organization {id}; orrery orgs list shows them");
    }
    if json {
        return table::say_json(&json!({ "organization": id, "set": change }));
    }
    table::say(&format!("{id}: {}", in_words(&change)));
    Ok(())
}

fn in_words(change: &OrganizationChange) -> String {
    let parts = [
        change.paused.map(|paused| if paused { "paused; what runs goes on" } else { "goes on" }.to_owned()),
        change.weight.map(|weight| format!("weight {weight}")),
        change.max_in_flight.map(|cap| cap.map_or_else(|| "no cap".to_owned(), |rows| format!("cap {rows}"))),
        change.note.as_ref().map(|note| format!("note {note:?}")),
        change.llm_other_bill.map(|allowed| {
            if allowed {
                "where the account at one provider is empty the next may be paid".to_owned()
            } else {
                "where the account at one provider is empty reports wait".to_owned()
            }
        }),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

async fn list(pool: &PgPool, limit: i64, json: bool) -> anyhow::Result<()> {
    let rows = organizations::list(pool, limit).await?;
    if json {
        return table::say_json(&json!({ "rows": rows }));
    }
    let headings = [
        "organization",
        "name",
        "weight",
        "cap",
        "switch",
        "running",
        "ready",
        "waiting",
        "note",
        "other bill",
    ];
    table::rows(headings, rows.iter().map(line));
    Ok(())
}

fn line(row: &Organization) -> [String; 10] {
    [
        row.id.clone(),
        row.name.clone().unwrap_or_default(),
        row.weight.to_string(),
        row.max_in_flight.map_or_else(String::new, |rows| rows.to_string()),
        if row.paused { "paused".to_owned() } else { String::new() },
        row.running.to_string(),
        if row.more { format!("{} or more", row.ready) } else { row.ready.to_string() },
        row.waiting.to_string(),
        row.note.clone().unwrap_or_default(),
        if row.llm_other_bill { "allowed".to_owned() } else { String::new() },
    ]
}
