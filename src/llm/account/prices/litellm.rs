//! The price map that the `LiteLLM` project publishes (`model_prices_and_context_window.json`), as a source to import from.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;

use super::{Price, PriceError};
use crate::llm::account::budget::nano_usd;

/// Tokens that a price is for.
const TOKENS: f64 = 1e6;

/// Dearest price of one token that can be meant, in dollars.
const DEAREST: f64 = 1.0;

#[derive(Debug, Deserialize)]
struct Entry {
    litellm_provider: String,
    mode: Option<String>,
    input_cost_per_token: f64,
    output_cost_per_token: f64,
    cache_read_input_token_cost: Option<f64>,
    cache_creation_input_token_cost: Option<f64>,
    output_cost_per_reasoning_token: Option<f64>,
    input_cost_per_token_batches: Option<f64>,
}

/// Reads the map; prices hold from `day`. Entries that are no language model with a price for each token are left out.
///
/// # Errors
/// When it is no JSON object, or nothing in it is a price.
pub fn parse(text: &str, day: NaiveDate) -> Result<Vec<Price>, PriceError> {
    let map: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|error| PriceError::Form(error.to_string()))?;
    let prices: Vec<Price> = map
        .into_iter()
        .filter_map(|(name, value)| Some((name, serde_json::from_value::<Entry>(value).ok()?)))
        .filter_map(|(name, entry)| entry.price(&name, day))
        .collect();
    if prices.is_empty() {
        return Err(PriceError::Form(
            "no entry has litellm_provider, input_cost_per_token and output_cost_per_token".to_owned(),
        ));
    }
    Ok(prices)
}

impl Entry {
    fn price(self, name: &str, day: NaiveDate) -> Option<Price> {
        if self.mode.is_some_and(|mode| !matches!(mode.as_str(), "chat" | "responses" | "completion")) {
            return None;
        }
        let amount =
            |per_token: f64| (0.0..=DEAREST).contains(&per_token).then(|| nano_usd(per_token * TOKENS));
        let (input, output) = (self.input_cost_per_token, self.output_cost_per_token);
        // Half the price in a batch is written as a price of its own.
        let batch_percent = match self.input_cost_per_token_batches {
            Some(batch) if input > 0.0 && (0.0..=input).contains(&batch) => percent(batch / input),
            _ => 100,
        };
        let prefix = format!("{}/", self.litellm_provider);
        Some(Price {
            id: 0,
            model: name.strip_prefix(&prefix).unwrap_or(name).to_owned(),
            provider: self.litellm_provider,
            valid_from: day,
            source: String::new(),
            input: amount(input)?,
            cached_input: amount(self.cache_read_input_token_cost.unwrap_or(input))?,
            cache_write: amount(self.cache_creation_input_token_cost.unwrap_or(input))?,
            output: amount(output)?,
            reasoning: amount(self.output_cost_per_reasoning_token.unwrap_or(output))?,
            batch_percent,
        })
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
fn percent(share: f64) -> i32 {
    (share * 100.0).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_price_is_taken_and_the_rest_left_out() {
        let text = r#"{
          "sample_spec": { "litellm_provider": "one of https://...", "mode": "one of: chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0 },
          "gpt-x": { "litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05,
                     "cache_read_input_token_cost": 1.25e-06, "input_cost_per_token_batches": 1.25e-06, "max_tokens": 16384 },
          "gemini/gemini-x": { "litellm_provider": "gemini", "input_cost_per_token": 3e-07, "output_cost_per_token": 2.5e-06 },
          "picture": { "litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1e-05, "output_cost_per_token": 1e-05 },
          "broken": { "litellm_provider": "openai", "input_cost_per_token": -1, "output_cost_per_token": 1 },
          "no price": { "litellm_provider": "openai", "mode": "chat" }
        }"#;
        let prices = parse(text, "2026-11-01".parse().unwrap()).unwrap();
        let of = |model: &str| prices.iter().find(|price| price.model == model).unwrap();
        assert_eq!(prices.len(), 2);
        let gpt = of("gpt-x");
        assert_eq!(
            (gpt.input, gpt.cached_input, gpt.output, gpt.reasoning, gpt.batch_percent),
            (2_500_000_000, 1_250_000_000, 10_000_000_000, 10_000_000_000, 50)
        );
        assert_eq!((of("gemini-x").provider.as_str(), of("gemini-x").input), ("gemini", 300_000_000));
        assert!(parse("[]", "2026-11-01".parse().unwrap()).is_err());
        assert!(parse("{}", "2026-11-01".parse().unwrap()).is_err());
    }
}
