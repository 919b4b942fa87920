//! Why a row waits for a language model.

use super::{Dispatch, Reason, Standing, reason, time};

impl Standing {
    /// What a row that was put off by the accounts of language models waits for.
    pub(super) fn models(&self, dispatch: &Dispatch) -> Vec<Reason> {
        match dispatch.last_code.as_deref() {
            Some("llm.budget_exceeded") => vec![self.budget(dispatch)],
            Some("llm.circuit_open" | "llm.auth" | "llm.quota_exhausted") => self.open_models(),
            Some("llm.local_rate_limit" | "llm.rate_limited") => vec![reason(
                "llm.limit",
                "the provider's limit for requests or tokens is used up for now, or the same question is under way",
                "it comes back when there is room; orrery llm limits shows the pace",
            )],
            Some("llm.batch_waiting") => vec![reason(
                "llm.batch",
                "its question goes to the model in a batch, at a lower price; the answer wakes the row",
                "orrery llm batches shows it; a priority above 5 asks at once",
            )],
            Some("llm.daily_quota") => vec![reason(
                "llm.daily_quota",
                "what the provider allows in a day is used up",
                "looked at again when the provider's day is over; a model of another provider in llm.chain would be asked meanwhile",
            )],
            Some("llm.overloaded") => vec![reason(
                "llm.overloaded",
                "the provider of the model had no room or was broken, and nobody else in llm.chain answered",
                "tried again by itself; orrery llm test asks now and says what it finds",
            )],
            Some("llm.store_unavailable") => vec![reason(
                "llm.store",
                "PostgreSQL or MongoDB did not take what a call of a model writes down; without that nobody is asked",
                "tried again by itself; orrery doctor says what is wrong with them",
            )],
            Some("llm.prompt_unknown") => vec![self.prompt(dispatch)],
            _ => Vec::new(),
        }
    }

    fn prompt(&self, dispatch: &Dispatch) -> Reason {
        let id = &dispatch.organization_id;
        let error = self.error.as_deref().unwrap_or("no error noted");
        reason(
            "llm.prompt",
            format!(
                "organization {id} is pinned to a version of the prompt that the worker does not have: {error}"
            ),
            format!(
                "set prompt_version of organization {id} in orrery.organization_policy to one of these, or to null; looked at again every 5 minutes"
            ),
        )
    }

    fn budget(&self, dispatch: &Dispatch) -> Reason {
        let id = &dispatch.organization_id;
        let spent = self.spend.map_or_else(
            || "nothing yet".to_owned(),
            |spend| {
                #[allow(clippy::cast_precision_loss, reason = "shown to people")]
                let usd = spend.nano_usd as f64 / 1e9;
                format!("{usd:.2} USD, {} tokens, {} calls", spend.tokens, spend.calls)
            },
        );
        reason(
            "llm.budget",
            format!("organization {id} has used its budget for language models of this month ({spent})"),
            format!("it runs in the new month, or at once after: orrery llm budget set {id} --usd DOLLARS"),
        )
    }

    fn open_models(&self) -> Vec<Reason> {
        let of = |breaker: &super::Breaker| {
            let name = breaker.name.trim_start_matches("llm:");
            reason(
                "llm.breaker",
                format!(
                    "model {name} is left alone since {}: {}",
                    breaker.opened_at.map_or_else(String::new, time),
                    breaker.reason
                ),
                format!(
                    "tried again at {}; sooner after: orrery llm breakers close {name}",
                    breaker.probe_at.map_or_else(String::new, time)
                ),
            )
        };
        self.models.iter().map(of).collect()
    }
}
