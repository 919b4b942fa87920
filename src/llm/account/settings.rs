//! The settings of `[llm_account]`, in the units that the statements take.

use std::time::Duration;

use serde_json::{Value, json};

use super::budget::Limits;
use crate::config::LlmAccount;
use crate::llm::error::LlmError;

/// What may be spent and waited.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// For an organization in a month, where it has no limits of its own.
    pub month: Limits,
    /// For one job.
    pub job: Limits,
    /// Longest wait for a bucket while a job holds its slot.
    pub patience: Duration,
    /// Time in which the pace grows from nothing to the whole limit.
    pub ramp: Duration,
    /// How long texts are kept.
    pub audit_kept: Duration,
    /// When a model is left alone.
    pub breaker: BreakerPolicy,
}

/// When the breaker of a model opens and how long it rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// Failures in a row that open it.
    pub in_a_row: u32,
    /// Share of the requests of the last minute that opens it, in percent.
    pub share_percent: u32,
    /// Requests of the last minute below which the share says nothing.
    pub least_calls: u32,
    /// First rest; doubles with each probe that fails.
    pub rest: Duration,
    /// Longest rest, and the rest when a person must act.
    pub rest_cap: Duration,
}

impl BreakerPolicy {
    /// What `orrery.llm_count` takes: a verdict, why it is bad, and this policy.
    pub(super) fn counted(&self, verdict: &str, error: Option<&LlmError>) -> Value {
        json!({
            "breaker": verdict, "reason": error.map(ToString::to_string), "in_a_row": self.in_a_row, "least_calls": self.least_calls,
            "share_percent": self.share_percent, "rest_s": self.rest.as_secs_f64(), "rest_cap_s": self.rest_cap.as_secs_f64(),
            "hold_s": self.rest_cap.as_secs_f64(),
        })
    }
}

impl From<&LlmAccount> for Settings {
    fn from(config: &LlmAccount) -> Self {
        Self {
            month: Limits::of(config.month_usd, config.month_tokens, config.month_calls),
            job: Limits::of(config.job_usd, config.job_tokens, config.job_calls),
            patience: Duration::from_secs(config.patience_s),
            ramp: Duration::from_secs(config.ramp_s),
            audit_kept: Duration::from_secs(u64::from(config.audit_days) * 86_400),
            breaker: BreakerPolicy {
                in_a_row: config.breaker_failures,
                share_percent: config.breaker_share_percent,
                least_calls: config.breaker_calls,
                rest: Duration::from_secs(config.breaker_rest_s),
                rest_cap: Duration::from_secs(config.breaker_rest_cap_s),
            },
        }
    }
}
