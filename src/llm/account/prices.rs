//! What tokens cost: a table with dates, shipped with the program, to which operators add theirs.

pub mod litellm;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use sqlx::{FromRow, PgPool};

use crate::llm::usage::Usage;

/// The prices that are shipped.
pub const SHIPPED: &str = include_str!("../../../data/llm_prices.toml");

/// Prices are for so many tokens.
const TOKENS: i128 = 1_000_000;

/// A price, in billionths of a dollar for a million tokens.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields are the columns of orrery.llm_prices")]
pub struct Price {
    #[serde(default)]
    pub id: i64,
    pub provider: String,
    pub model: String,
    pub valid_from: NaiveDate,
    #[serde(default)]
    pub source: String,
    pub input: i64,
    pub cached_input: i64,
    pub cache_write: i64,
    pub output: i64,
    pub reasoning: i64,
    pub batch_percent: i32,
}

/// What something costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Billionths of a dollar.
    pub nano_usd: i64,
    /// The price that was applied; `None` where nothing is charged.
    pub price_id: Option<i64>,
}

/// How a question gets to its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By a request of its own.
    Direct,
    /// In a batch, at its share of the price.
    Batch,
}

impl Price {
    /// What of `nano_usd`, a sum at this price, is charged for this way; a broken billionth of a dollar counts as whole.
    #[must_use]
    pub fn share(&self, way: Way, nano_usd: i64) -> i64 {
        if way == Way::Direct {
            return nano_usd;
        }
        let share = (i128::from(nano_usd) * i128::from(self.batch_percent) + 99) / 100;
        i64::try_from(share).unwrap_or(i64::MAX)
    }

    /// What these tokens cost, in billionths of a dollar, rounded to the nearest.
    #[must_use]
    pub fn of(&self, usage: &Usage) -> i64 {
        let cached = usage.cached_input.min(usage.input);
        let written = usage.cache_write.min(usage.input - cached);
        let reasoning = usage.reasoning.min(usage.output);
        let parts = [
            (usage.input - cached - written, self.input),
            (cached, self.cached_input),
            (written, self.cache_write),
            (usage.output - reasoning, self.output),
            (reasoning, self.reasoning),
        ];
        let sum: i128 = parts.iter().map(|(tokens, price)| i128::from(*tokens) * i128::from(*price)).sum();
        i64::try_from((sum + TOKENS / 2) / TOKENS).unwrap_or(i64::MAX)
    }

    /// The most that this many tokens can cost.
    #[must_use]
    pub fn at_most(&self, input: u64, output: u64) -> i64 {
        let dearest_input = self.input.max(self.cache_write);
        let dearest_output = self.output.max(self.reasoning);
        let sum =
            i128::from(input) * i128::from(dearest_input) + i128::from(output) * i128::from(dearest_output);
        i64::try_from((sum + TOKENS - 1) / TOKENS).unwrap_or(i64::MAX)
    }
}

/// All prices.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct PriceBook(Vec<Price>);

impl PriceBook {
    /// From its rows.
    #[must_use]
    pub const fn new(prices: Vec<Price>) -> Self {
        Self(prices)
    }

    /// The price of `model` on `day` in the first of these lists that has one: the longest pattern that fits, of these the
    /// latest that has begun, of these the operator's.
    #[must_use]
    pub fn find(&self, lists: &[&str], model: &str, day: NaiveDate) -> Option<&Price> {
        lists.iter().filter(|list| !list.is_empty()).find_map(|list| {
            self.0
                .iter()
                .filter(|price| {
                    price.provider == *list && price.valid_from <= day && fits(&price.model, model)
                })
                .max_by_key(|price| {
                    let literal = price.model.chars().filter(|c| *c != '*').count();
                    (literal, price.valid_from, price.source == "operator")
                })
        })
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[Price] {
        &self.0
    }
}

/// Whether `model` fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, model: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == model };
    let Some(tail) = model.strip_prefix(head) else { return false };
    rest.is_empty() || (0..=tail.len()).any(|at| tail.is_char_boundary(at) && fits(rest, &tail[at..]))
}

/// What is wrong with a file of prices.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// Not the form of `data/llm_prices.toml`.
    #[error("the prices cannot be read: {0}")]
    Form(String),
    /// A price that cannot be one.
    #[error(
        "{provider} {model}: {field} is {value}; must be dollars for a million tokens, from 0 to 1000000"
    )]
    Amount {
        /// List.
        provider: String,
        /// Pattern.
        model: String,
        /// Which price.
        field: &'static str,
        /// As it stands.
        value: f64,
    },
}

/// A file of prices: dollars for a million tokens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    price: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    provider: String,
    models: Vec<String>,
    valid_from: NaiveDate,
    input: f64,
    cached_input: Option<f64>,
    cache_write: Option<f64>,
    output: f64,
    reasoning: Option<f64>,
    #[serde(default = "hundred")]
    batch_percent: i32,
}

const fn hundred() -> i32 {
    100
}

/// Reads a file of the form of `data/llm_prices.toml`.
///
/// # Errors
/// Names what is wrong.
pub fn parse(text: &str) -> Result<Vec<Price>, PriceError> {
    let file: File = toml::from_str(text).map_err(|error| PriceError::Form(error.to_string()))?;
    let mut prices = Vec::new();
    for entry in file.price {
        if !(0..=100).contains(&entry.batch_percent) {
            return Err(PriceError::Form(format!(
                "{} {}: batch_percent is {}, must be from 0 to 100",
                entry.provider,
                entry.models.join(", "),
                entry.batch_percent
            )));
        }
        for model in &entry.models {
            prices.push(entry.price(model)?);
        }
    }
    Ok(prices)
}

impl Entry {
    fn price(&self, model: &str) -> Result<Price, PriceError> {
        let amount = |field: &'static str, value: f64| {
            if (0.0..=1e6).contains(&value) {
                return Ok(super::budget::nano_usd(value));
            }
            Err(PriceError::Amount { provider: self.provider.clone(), model: model.to_owned(), field, value })
        };
        Ok(Price {
            id: 0,
            provider: self.provider.clone(),
            model: model.to_owned(),
            valid_from: self.valid_from,
            source: String::new(),
            input: amount("input", self.input)?,
            cached_input: amount("cached_input", self.cached_input.unwrap_or(self.input))?,
            cache_write: amount("cache_write", self.cache_write.unwrap_or(self.input))?,
            output: amount("output", self.output)?,
            reasoning: amount("reasoning", self.reasoning.unwrap_or(self.output))?,
            batch_percent: self.batch_percent,
        })
    }
}

/// Puts prices into the table under `source`; returns how many are new or changed.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn put(pool: &PgPool, prices: &[Price], source: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(include_str!("sql/prices_put.sql"))
        .bind(sqlx::types::Json(prices))
        .bind(source)
        .execute(pool)
        .await?;
    Ok(done.rows_affected())
}

/// All prices, the shipped ones included, which are put into the table where they are missing.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
///
/// # Panics
/// Never: a test parses the shipped prices.
pub async fn load(pool: &PgPool) -> Result<PriceBook, sqlx::Error> {
    let shipped = parse(SHIPPED).expect("the shipped prices are valid");
    put(pool, &shipped, "orrery").await?;
    read(pool).await
}

/// All prices as they stand in the table.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn read(pool: &PgPool) -> Result<PriceBook, sqlx::Error> {
    sqlx::query_as(include_str!("sql/prices.sql")).fetch_all(pool).await.map(PriceBook)
}

#[cfg(test)]
mod tests;
