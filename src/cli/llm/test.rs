//! `orrery llm test`.

use std::time::Duration;

use clap::Args;

use crate::cli::table;
use crate::config::Config;
use crate::llm::guard::Unguarded;
use crate::llm::kind::Last;
use crate::llm::probe::{Found, probe};
use crate::llm::{Chain, LlmError, Provider};

/// Asks each provider of the chain a tiny question and says what it found, one line for each.
///
/// Costs a few tokens per provider. Ends with 0 if all answer or none is configured, 75 if those that do not may
/// answer later, 69 otherwise.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Seconds to wait for one provider.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    timeout: u64,
}

/// Not all providers answer.
#[derive(Debug, thiserror::Error)]
#[error("{failed} of {all} providers do not answer")]
pub(in crate::cli) struct Silent {
    failed: usize,
    all: usize,
    /// Whether waiting may help with all of them.
    pub(in crate::cli) later: bool,
}

pub(super) async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let chain = Chain::of(&config.llm, &|name| std::env::var(name).ok())?;
    if chain.is_empty() {
        table::say("no provider in llm.chain: the narrator writes every report, offline and free");
        return Ok(());
    }
    let mut failed: Vec<LlmError> = Vec::new();
    for (step, provider) in chain.providers().iter().enumerate() {
        match probe(&chain, step, &Unguarded, Duration::from_secs(arguments.timeout)).await {
            Ok(found) => table::say(&good(provider, &found)),
            Err(error) => {
                table::say(&bad(provider, &error));
                failed.push(error);
            }
        }
    }
    if failed.is_empty() {
        return Ok(());
    }
    let later = failed
        .iter()
        .all(|error| matches!(error.policy().last, Last::Snooze(_) | Last::Await(_) | Last::Retry));
    Err(Silent { failed: failed.len(), all: chain.providers().len(), later }.into())
}

fn head(provider: &Provider) -> String {
    format!("{}  {}  {}", provider.name, provider.model, provider.base_url)
}

fn good(provider: &Provider, found: &Found) -> String {
    let answer = &found.answer;
    let estimated = if answer.usage.estimated { " (estimated: the provider counts nothing)" } else { "" };
    let schema = if found.keeps_schema { "keeps to the schema" } else { "does not keep to the schema" };
    let served =
        if answer.model == provider.model { String::new() } else { format!(", served by {}", answer.model) };
    format!(
        "{}  ok: {} ms, {} + {} tokens{estimated}, {schema}{served}",
        head(provider),
        answer.latency.as_millis(),
        answer.usage.input,
        answer.usage.output
    )
}

fn bad(provider: &Provider, error: &LlmError) -> String {
    let said = error.detail.provider_message.replace(char::is_control, " ");
    let said: String = said.chars().take(200).collect();
    let said = if said.trim().is_empty() { String::new() } else { format!(": {}", said.trim()) };
    let tries =
        if error.detail.tries > 1 { format!(" after {} tries", error.detail.tries) } else { String::new() };
    let wait =
        error.hint.map_or_else(String::new, |hint| format!("; asks to wait {} s", hint.as_secs().max(1)));
    format!("{}  {error}{tries}{said}{wait}", head(provider))
}
