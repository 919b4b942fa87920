//! `orrery llm budget`.

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use sqlx::PgPool;

use super::calls::dollars;
use crate::cli::table;
use crate::config::Config;
use crate::llm::account::Settings;
use crate::llm::account::budget::{self, Limits, Standing};

/// Shows and sets what organizations may spend on language models in a month (UTC).
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows limits, what is spent and what is set aside for calls under way.
    ///
    /// `assumed` is what was set aside for calls of which nobody knows whether they were billed; it counts against the limit.
    Show {
        /// Only this organization.
        organization: Option<String>,
        /// Another month than this one, such as 2026-10.
        #[arg(long, value_parser = month)]
        month: Option<NaiveDate>,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Gives an organization limits of its own. What is not named stays; rows that wait for budget look again at once.
    Set {
        /// Tenant.
        organization: String,
        /// Dollars in a month, or none for no limit.
        #[arg(long, value_parser = usd)]
        usd: Option<Limit>,
        /// Tokens in a month, or none for no limit.
        #[arg(long, value_parser = whole)]
        tokens: Option<Limit>,
        /// Calls in a month, or none for no limit.
        #[arg(long, value_parser = whole)]
        calls: Option<Limit>,
        /// Why; shown beside the limits.
        #[arg(long)]
        note: Option<String>,
    },
    /// Lets the limits of the configuration hold again.
    Reset {
        /// Tenant.
        organization: String,
    },
}

/// A limit, or none.
#[derive(Debug, Clone, Copy)]
struct Limit(Option<i64>);

pub(super) async fn run(config: &Config, pool: &PgPool, arguments: Arguments) -> anyhow::Result<()> {
    let defaults = Settings::from(&config.llm_account).month;
    match arguments.command {
        Command::Show { organization, month, json } => {
            let standings = budget::standings(pool, organization.as_deref(), month, defaults).await?;
            table::say(&if json { serde_json::to_string_pretty(&standings)? } else { shown(&standings) });
        }
        Command::Set { organization, usd, tokens, calls, note } => {
            let before = budget::own_limits(pool, &organization).await?.unwrap_or(defaults);
            let limits = Limits {
                nano_usd: usd.map_or(before.nano_usd, |limit| limit.0),
                tokens: tokens.map_or(before.tokens, |limit| limit.0),
                calls: calls.map_or(before.calls, |limit| limit.0),
            };
            budget::set(pool, &organization, limits, note.as_deref()).await?;
            table::say(&format!("{organization}: {} in a month", words(limits)));
        }
        Command::Reset { organization } => {
            let had = budget::reset(pool, &organization).await?;
            let said = if had { "no limits of its own any more" } else { "had no limits of its own" };
            table::say(&format!(
                "{organization}: {said}; the configuration says {} in a month",
                words(defaults)
            ));
        }
    }
    Ok(())
}

fn shown(standings: &[Standing]) -> String {
    if standings.is_empty() {
        return "no organization has asked a language model this month or has limits of its own".to_owned();
    }
    let mut rows =
        table::new(["organization", "month", "calls", "tokens", "spent", "assumed", "set aside", "limits"]);
    for standing in standings {
        let own = if standing.own_limits { "" } else { " (configuration)" };
        let note = standing.note.as_deref().map_or_else(String::new, |note| format!(": {note}"));
        let unpriced = match standing.unpriced_calls {
            0 => String::new(),
            calls => format!(", calls without a price: {calls}"),
        };
        rows.add_row([
            standing.organization_id.clone(),
            standing.month.format("%Y-%m").to_string(),
            standing.calls.to_string(),
            standing.tokens.to_string(),
            format!("{}{unpriced}", dollars(standing.spent_nano_usd)),
            dollars(standing.assumed_nano_usd),
            dollars(standing.reserved_nano_usd),
            format!("{}{own}{note}", words(standing.limits)),
        ]);
    }
    rows.to_string()
}

fn words(limits: Limits) -> String {
    let parts = [
        limits.nano_usd.map(dollars),
        limits.tokens.map(|tokens| format!("{tokens} tokens")),
        limits.calls.map(|calls| format!("{calls} calls")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "no limit".to_owned() } else { parts.join(", ") }
}

fn usd(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    match text.parse::<f64>() {
        Ok(usd) if (0.0..=1e9).contains(&usd) => Ok(Limit(Some(budget::nano_usd(usd)))),
        _ => Err(format!("{text:?} is neither dollars from 0 to 1000000000 nor none")),
    }
}

fn whole(text: &str) -> Result<Limit, String> {
    if text == "none" {
        return Ok(Limit(None));
    }
    match text.parse::<i64>() {
        Ok(number) if number >= 0 => Ok(Limit(Some(number))),
        _ => Err(format!("{text:?} is neither a whole number from 0 nor none")),
    }
}

fn month(text: &str) -> Result<NaiveDate, String> {
    format!("{text}-01").parse().map_err(|_| format!("{text:?} is no month such as 2026-10"))
}
