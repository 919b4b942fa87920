//! What can go wrong with a model, and what follows from each case.

use std::time::Duration;

/// What went wrong. The word of [`Kind::code`] is the same in reports of errors, metrics and the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No answer in time; it may have been billed.
    Timeout,
    /// No connection: refused, unknown host, TLS, reset.
    Connect,
    /// Too many requests or tokens per minute.
    RateLimited,
    /// The day's free allowance is used up.
    DailyQuota,
    /// The provider is out of capacity or broken.
    Overloaded,
    /// No money or no credit: needs a person.
    QuotaExhausted,
    /// The key is wrong or may not do this: needs a person.
    Auth,
    /// No such model or deployment.
    ModelNotFound,
    /// The request is wrong: our mistake or a parameter that the model does not take.
    BadRequest,
    /// Question and answer do not fit into the window.
    ContextTooLong,
    /// The answer was cut at the cap on its length.
    OutputTruncated,
    /// The answer is no valid report, also after asking again.
    InvalidOutput,
    /// An answer without text.
    EmptyOutput,
    /// The model declined.
    Refusal,
    /// The provider's filter held back the question or the answer.
    ContentFilter,
    /// The answer ended without a reason to end.
    StreamBroken,
    /// The breaker of this provider and model is open.
    CircuitOpen,
    /// Our own bucket for this provider is empty.
    LocalRateLimit,
    /// The organization has spent its budget.
    BudgetExceeded,
    /// The job has spent what one job may.
    JobBudgetExceeded,
    /// The question waits for a batch.
    BatchWaiting,
    /// A batch ended before this item was done.
    BatchExpired,
    /// Nothing is configured.
    NoProvider,
    /// Personal data was about to leave or came back.
    Privacy,
    /// A prompt cannot be rendered.
    PromptRender,
    /// Our own store does not answer.
    Store,
}

/// Whether the next provider of the chain may help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// No: it would fail alike, or the case is not the provider's fault.
    No,
    /// Yes.
    Any,
    /// Only one with a larger window.
    LargerWindow,
    /// Only another provider, not another model of the same.
    OtherProvider,
    /// Only where the organization allows it: another bill.
    IfAllowed,
}

/// What becomes of the job when no provider of the chain helped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// An attempt of the queue is burnt; the row runs again after the back-off.
    Retry,
    /// The row is put off for this long, or for the hint where there is one; no attempt is burnt.
    Snooze(Duration),
    /// The answer is on its way and wakes the row; after this long, or after the hint where there is one, it looks by itself. Nobody else
    /// is asked and nobody writes meanwhile; no attempt is burnt.
    Await(Duration),
    /// The row is put off until a person or the calendar changes something; no attempt is burnt; the operator is told.
    Park(Duration),
    /// The row fails.
    Fail,
    /// The narrator writes, unless that is forbidden.
    Narrator,
}

/// What a failure means for the breaker of its provider and model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaker {
    /// Nothing.
    Ignores,
    /// One more failure.
    Counts,
    /// Opens it at once.
    Opens,
}

/// What follows from a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// HTTP requests at most within one call; 1 means no retry there.
    pub tries: u32,
    /// Whether to step down the chain.
    pub next: Next,
    /// What becomes of the job.
    pub last: Last,
    /// What it means for the breaker.
    pub breaker: Breaker,
}

/// Tries within one call where trying again helps.
pub const TRIES: u32 = 3;

const MINUTE: Duration = Duration::from_mins(1);
const QUARTER_HOUR: Duration = Duration::from_mins(15);

impl Kind {
    /// All of them, for tables and tests.
    pub const ALL: [Self; 26] = [
        Self::Timeout,
        Self::Connect,
        Self::RateLimited,
        Self::DailyQuota,
        Self::Overloaded,
        Self::QuotaExhausted,
        Self::Auth,
        Self::ModelNotFound,
        Self::BadRequest,
        Self::ContextTooLong,
        Self::OutputTruncated,
        Self::InvalidOutput,
        Self::EmptyOutput,
        Self::Refusal,
        Self::ContentFilter,
        Self::StreamBroken,
        Self::CircuitOpen,
        Self::LocalRateLimit,
        Self::BudgetExceeded,
        Self::JobBudgetExceeded,
        Self::BatchWaiting,
        Self::BatchExpired,
        Self::NoProvider,
        Self::Privacy,
        Self::PromptRender,
        Self::Store,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Timeout => "llm.timeout",
            Self::Connect => "llm.connect",
            Self::RateLimited => "llm.rate_limited",
            Self::DailyQuota => "llm.daily_quota",
            Self::Overloaded => "llm.overloaded",
            Self::QuotaExhausted => "llm.quota_exhausted",
            Self::Auth => "llm.auth",
            Self::ModelNotFound => "llm.model_not_found",
            Self::BadRequest => "llm.bad_request",
            Self::ContextTooLong => "llm.context_too_long",
            Self::OutputTruncated => "llm.output_truncated",
            Self::InvalidOutput => "llm.invalid_output",
            Self::EmptyOutput => "llm.empty_output",
            Self::Refusal => "llm.refusal",
            Self::ContentFilter => "llm.content_filter",
            Self::StreamBroken => "llm.stream_broken",
            Self::CircuitOpen => "llm.circuit_open",
            Self::LocalRateLimit => "llm.local_rate_limit",
            Self::BudgetExceeded => "llm.budget_exceeded",
            Self::JobBudgetExceeded => "llm.job_budget_exceeded",
            Self::BatchWaiting => "llm.batch_waiting",
            Self::BatchExpired => "llm.batch_expired",
            Self::NoProvider => "llm.no_provider",
            Self::Privacy => "llm.privacy",
            Self::PromptRender => "llm.prompt_render",
            Self::Store => "llm.store_unavailable",
        }
    }

    /// What follows.
    #[must_use]
    pub const fn policy(self) -> Policy {
        let (tries, next, last, breaker) = match self {
            // One more try only: the first may have been billed.
            Self::Timeout => (2, Next::Any, Last::Retry, Breaker::Counts),
            Self::Connect => (TRIES, Next::Any, Last::Retry, Breaker::Counts),
            Self::RateLimited => (TRIES, Next::No, Last::Snooze(MINUTE), Breaker::Ignores),
            Self::DailyQuota => (1, Next::Any, Last::Snooze(QUARTER_HOUR), Breaker::Ignores),
            Self::Overloaded => (TRIES, Next::Any, Last::Snooze(MINUTE), Breaker::Counts),
            Self::QuotaExhausted => (1, Next::IfAllowed, Last::Snooze(QUARTER_HOUR), Breaker::Opens),
            Self::Auth => (1, Next::No, Last::Park(QUARTER_HOUR), Breaker::Opens),
            Self::ModelNotFound | Self::ContentFilter => (1, Next::Any, Last::Fail, Breaker::Ignores),
            Self::ContextTooLong => (1, Next::LargerWindow, Last::Fail, Breaker::Ignores),
            Self::InvalidOutput => (1, Next::Any, Last::Retry, Breaker::Ignores),
            Self::EmptyOutput => (2, Next::Any, Last::Retry, Breaker::Ignores),
            Self::StreamBroken => (2, Next::No, Last::Retry, Breaker::Ignores),
            Self::Refusal => (1, Next::OtherProvider, Last::Fail, Breaker::Ignores),
            Self::CircuitOpen => (1, Next::Any, Last::Snooze(MINUTE), Breaker::Ignores),
            Self::LocalRateLimit | Self::Store => {
                (1, Next::No, Last::Snooze(Duration::from_secs(5)), Breaker::Ignores)
            }
            Self::BudgetExceeded => (1, Next::No, Last::Park(QUARTER_HOUR), Breaker::Ignores),
            Self::BatchWaiting => (1, Next::No, Last::Await(QUARTER_HOUR), Breaker::Ignores),
            Self::BatchExpired => (1, Next::No, Last::Snooze(Duration::ZERO), Breaker::Ignores),
            Self::NoProvider => (1, Next::No, Last::Narrator, Breaker::Ignores),
            Self::BadRequest
            | Self::OutputTruncated
            | Self::JobBudgetExceeded
            | Self::Privacy
            | Self::PromptRender => (1, Next::No, Last::Fail, Breaker::Ignores),
        };
        Policy { tries, next, last, breaker }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row of the manual, as the code would write it.
    fn row(kind: Kind) -> String {
        let Policy { tries, next, last, breaker } = kind.policy();
        let next = match next {
            Next::No => "no",
            Next::Any => "yes",
            Next::LargerWindow => "larger window",
            Next::OtherProvider => "other provider",
            Next::IfAllowed => "if allowed",
        };
        let last = match last {
            Last::Retry => "retry",
            Last::Snooze(_) => "snooze",
            Last::Await(_) => "await",
            Last::Park(_) => "park",
            Last::Fail => "fail",
            Last::Narrator => "narrator",
        };
        let breaker = match breaker {
            Breaker::Ignores => "-",
            Breaker::Counts => "counts",
            Breaker::Opens => "opens",
        };
        format!("| {tries} | {next} | {last} | {breaker} |")
    }

    #[test]
    fn the_manual_says_what_the_code_does() {
        let manual = include_str!("../../docs/language-models.md");
        let rows = manual.lines().filter(|line| line.starts_with("| `llm."));
        assert_eq!(rows.count(), Kind::ALL.len());
        for kind in Kind::ALL {
            let begin = format!("| `{}` |", kind.code());
            let line = manual.lines().find(|line| line.starts_with(&begin));
            let line = line.unwrap_or_else(|| panic!("the manual does not know {}", kind.code()));
            assert!(line.ends_with(&row(kind)), "{line}\nshould end with {}", row(kind));
        }
    }
}
