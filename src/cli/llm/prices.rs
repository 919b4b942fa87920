//! `orrery llm prices`.

use std::path::PathBuf;

use anyhow::Context as _;
use chrono::{NaiveDate, Utc};
use clap::{Args, Subcommand};
use sqlx::PgPool;

use crate::cli::table;
use crate::llm::account::budget::usd;
use crate::llm::account::prices;

/// Shows and imports what tokens of language models cost.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists all prices, in dollars for a million tokens.
    List {
        /// Only of this price list, such as openai.
        #[arg(long)]
        provider: Option<String>,
        /// Print JSON (billionths of a dollar for a million tokens) instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Imports prices from a file; they win over shipped ones of the same day.
    ///
    /// A file that ends in `.json` is read as the price map of `LiteLLM`, any other as one of the form of `data/llm_prices.toml`.
    /// Workers know the prices within a minute. What calls have cost already stays as it is.
    Import {
        /// The file.
        file: PathBuf,
        /// First day (UTC) of the prices of a map, which has no days; by default today.
        #[arg(long, value_name = "DAY")]
        from: Option<NaiveDate>,
    },
}

pub(super) async fn run(pool: &PgPool, arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::List { provider, json } => {
            let book = prices::load(pool).await?;
            let wanted =
                |price: &&prices::Price| provider.as_ref().is_none_or(|list| *list == price.provider);
            let prices: Vec<_> = book.all().iter().filter(wanted).collect();
            if json {
                table::say(&serde_json::to_string_pretty(&prices)?);
                return Ok(());
            }
            let mut rows = table::new([
                "provider",
                "model",
                "from",
                "input",
                "cached",
                "cache write",
                "output",
                "reasoning",
                "batch",
                "source",
            ]);
            for price in prices {
                rows.add_row([
                    price.provider.clone(),
                    price.model.clone(),
                    price.valid_from.to_string(),
                    usd(price.input).to_string(),
                    usd(price.cached_input).to_string(),
                    usd(price.cache_write).to_string(),
                    usd(price.output).to_string(),
                    usd(price.reasoning).to_string(),
                    format!("{} %", price.batch_percent),
                    price.source.clone(),
                ]);
            }
            table::say(&rows.to_string());
        }
        Command::Import { file, from } => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            let read = if file.extension().is_some_and(|extension| extension == "json") {
                prices::litellm::parse(&text, from.unwrap_or_else(|| Utc::now().date_naive()))
            } else {
                prices::parse(&text)
            };
            let read = read.with_context(|| file.display().to_string())?;
            let changed = prices::put(pool, &read, "operator").await?;
            table::say(&format!("{} prices read, {changed} new or changed", read.len()));
        }
    }
    Ok(())
}
