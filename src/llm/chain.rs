//! The chain of providers: one question, asked of one after the other until somebody answers.

use std::time::Duration;

use tracing::Instrument as _;

use super::answer::{Answer, Finish};
use super::error::LlmError;
use super::guard::{Call, Exchange, Guard, Judgement, Permit};
use super::http::{self, Sent};
use super::kind::{Kind, Last, Next};
use super::provider::Provider;
use super::request::Request;
use super::retry::{Retry, Waits};
use super::telemetry;
use super::usage::Usage;
use crate::config::{ConfigError, Llm, WireName};

/// The providers in the order in which they are asked.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    providers: Vec<Provider>,
    waits: Waits,
}

/// An answer, and how it was come by.
#[derive(Debug)]
pub struct Asked {
    /// The answer: whole, and not yet looked into.
    pub answer: Answer,
    /// Place in the chain of the provider that gave it.
    pub step: usize,
    /// The failures of those before it.
    pub failed: Vec<LlmError>,
    /// Whether it was stored, so that nothing was sent.
    pub stored: bool,
}

impl Chain {
    /// From the configuration; reads keys. `environment` finds variables.
    ///
    /// # Errors
    /// When a key or certificates cannot be read.
    pub fn of(config: &Llm, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let providers = config.chain.iter().filter_map(|name| config.named(name));
        let providers = providers.map(|provider| Provider::of(provider, environment));
        Ok(Self { providers: providers.collect::<Result<_, _>>()?, waits: Waits::default() })
    }

    /// Of these providers, with waits of one's own.
    #[must_use]
    pub const fn with(providers: Vec<Provider>, waits: Waits) -> Self {
        Self { providers, waits }
    }

    /// The providers in their order.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// Whether nothing is configured: the narrator writes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// Asks one provider after the other, as the policy of each failure says.
    ///
    /// # Errors
    /// The failure that leaves most hope, when nobody answered.
    pub async fn ask(&self, request: &Request, guard: &dyn Guard) -> Result<Asked, LlmError> {
        self.ask_from(0, request, guard).await
    }

    /// As [`Chain::ask`], from a place in the chain on.
    ///
    /// # Errors
    /// As [`Chain::ask`].
    pub async fn ask_from(
        &self,
        first: usize,
        request: &Request,
        guard: &dyn Guard,
    ) -> Result<Asked, LlmError> {
        let mut failed: Vec<LlmError> = Vec::new();
        let mut step = first;
        while step < self.providers.len() {
            match self.ask_one(step, request, guard).await {
                Ok((answer, stored)) => return Ok(Asked { answer, step, failed, stored }),
                Err(error) => {
                    tracing::warn!(
                        provider = self.providers[step].name,
                        model = self.providers[step].model,
                        code = error.kind.code(),
                        status = error.detail.status,
                        tries = error.detail.tries,
                        "a provider gave no usable answer"
                    );
                    let next = self.after(step, &error, guard);
                    failed.push(error);
                    let Some(next) = next else { break };
                    step = next;
                }
            }
        }
        Err(most_hopeful(failed))
    }

    /// The place in the chain to go to after this failure at `step`.
    #[must_use]
    pub fn after(&self, step: usize, error: &LlmError, guard: &dyn Guard) -> Option<usize> {
        let here = self.providers.get(step)?;
        let allowed = |there: &Provider| match error.policy().next {
            Next::No => false,
            Next::Any => true,
            Next::IfAllowed => guard.allows_other_bill(),
            Next::OtherProvider => there.base_url != here.base_url || there.key_differs(here),
            Next::LargerWindow => match (here.context_window, there.context_window) {
                (Some(here), Some(there)) => there > here,
                (None, Some(_)) | (_, None) => false,
            },
        };
        (step + 1..self.providers.len()).find(|at| allowed(&self.providers[*at]))
    }

    /// Asks the provider at `step`, with retries; says whether the answer was stored.
    ///
    /// # Errors
    /// Why it gave no usable answer.
    pub async fn ask_one(
        &self,
        step: usize,
        request: &Request,
        guard: &dyn Guard,
    ) -> Result<(Answer, bool), LlmError> {
        let provider = &self.providers[step];
        let call = call(provider, step, request);
        if let Some(answer) = guard.stored(&call).await? {
            return finished(&call, provider, answer).map(|answer| (answer, true));
        }
        fits(provider, &call)?;
        if provider.batch {
            let body = || provider.speaks().body(provider, request, cap(&call)).to_string();
            guard.defer(&call, &body).await?;
        }
        let permit = guard.permit(&call).await?;
        let id = permit.id;
        let span = telemetry::begun(provider, &call, id);
        let mut took = Duration::ZERO;
        let result = self.requests(provider, &call, &permit, guard, &mut took).instrument(span.clone()).await;
        let result = match result {
            Ok(answer) => guard.record(&call, &permit, &answer).await.map(|()| answer),
            Err(error) => Err(error),
        };
        guard.settle(&call, permit, result.as_ref()).await;
        telemetry::ended(provider, &call, id, &result, took);
        telemetry::told(&span, &result);
        finished(&call, provider, result?).map(|answer| (answer, false))
    }

    /// Tells the guard what was found in an answer to `request` of the provider at `step`.
    pub async fn judged(&self, step: usize, request: &Request, guard: &dyn Guard, judgement: &Judgement) {
        guard.judged(&call(&self.providers[step], step, request), judgement).await;
    }

    /// The HTTP requests of one call. `took`: they and the waits between them, without what we waited for ourselves.
    async fn requests(
        &self,
        provider: &Provider,
        call: &Call<'_>,
        permit: &Permit,
        guard: &dyn Guard,
        took: &mut Duration,
    ) -> Result<Answer, LlmError> {
        let mut retry = Retry::new(self.waits, call.request.deadline);
        let mut wasted = Usage::default();
        loop {
            let admitted = guard.admit(call, permit, retry.tries() + 1).await;
            let wait = admitted.map_err(|error| after_all(error, retry.tries(), wasted))?;
            retry.count();
            guard.away();
            tokio::time::sleep(wait).await;
            let Sent { result, limits, latency } = http::send(provider, call.request, cap(call)).await;
            guard.back().await;
            *took += latency;
            let result = result.and_then(said_something);
            let error = result.as_ref().err();
            guard
                .seen(call, permit, &Exchange { attempt: retry.tries(), error, limits: &limits, latency })
                .await;
            let error = match result {
                Ok(mut answer) => {
                    answer.tries = retry.tries();
                    answer.usage = answer.usage.plus(wasted);
                    return Ok(answer);
                }
                Err(error) => error,
            };
            wasted = wasted.plus(error.detail.usage.unwrap_or_default());
            let wait = retry.next(&error);
            tracing::debug!(
                provider = provider.name,
                code = error.kind.code(),
                attempt = retry.tries(),
                wait_ms = wait.map(|wait| wait.as_millis()),
                "a request to a model failed"
            );
            let Some(wait) = wait else {
                return Err(after_all(error, retry.tries(), wasted));
            };
            guard.away();
            tokio::time::sleep(wait).await;
            *took += wait;
            guard.back().await;
        }
    }
}

/// The failure that ends a call, with what all its requests have used: they may be paid whoever ends it.
fn after_all(mut error: LlmError, tries: u32, used: Usage) -> LlmError {
    error.detail.tries = tries;
    error.detail.usage = (used != Usage::default()).then_some(used);
    error
}

fn call<'a>(provider: &'a Provider, step: usize, request: &'a Request) -> Call<'a> {
    Call {
        request,
        provider: &provider.name,
        model: &provider.model,
        digest: request.digest(&provider.name, &provider.model),
        step,
        input: request.estimated_input(),
        output: u64::from(request.max_output.min(provider.max_output)),
    }
}

/// The cap that is sent.
fn cap(call: &Call<'_>) -> u32 {
    u32::try_from(call.output).unwrap_or(u32::MAX)
}

/// Refuses what cannot fit into a window that is known, before anything is paid.
fn fits(provider: &Provider, call: &Call<'_>) -> Result<(), LlmError> {
    match provider.context_window {
        Some(window) if call.input + call.output > window => Err(named(
            LlmError::new(
                Kind::ContextTooLong,
                format!("about {} tokens and room for {} do not fit into {window}", call.input, call.output),
            ),
            provider,
        )),
        _ => Ok(()),
    }
}

/// A 2xx with nothing in it is a failure like another; what was paid for it counts.
pub(super) fn said_something(answer: Answer) -> Result<Answer, LlmError> {
    let silent = answer.text.trim().is_empty()
        && matches!(answer.finish, Finish::Stop | Finish::Missing | Finish::Other);
    if !silent {
        return Ok(answer);
    }
    let mut error = LlmError::new(Kind::EmptyOutput, "the answer has no text");
    error.detail.usage = Some(answer.usage);
    error.detail.provider = answer.provider;
    error.detail.model = answer.model;
    error.detail.request_id = answer.request_id;
    error.detail.status = Some(answer.status);
    error.detail.body = answer.raw;
    Err(error)
}

/// Why the model stopped comes before what it said: what was cut is not repaired, what was refused is not read.
fn finished(call: &Call<'_>, provider: &Provider, answer: Answer) -> Result<Answer, LlmError> {
    let (kind, message) = match answer.finish {
        Finish::Stop | Finish::Missing | Finish::Other if was_cut(call, provider, &answer.usage) => {
            (Kind::ContextTooLong, "the server counted far fewer tokens than were sent: it cut the question")
        }
        Finish::Stop | Finish::Missing | Finish::Other => return Ok(answer),
        Finish::Length => (Kind::OutputTruncated, "the answer was cut at the cap on its length"),
        Finish::Window => (Kind::ContextTooLong, "the window of the model was full"),
        Finish::Filter => (Kind::ContentFilter, "the provider's filter held the answer back"),
        Finish::Refusal => (Kind::Refusal, "the model declined"),
    };
    let mut error = named(LlmError::new(kind, message), provider);
    error.detail.usage = Some(answer.usage);
    error.detail.request_id = answer.request_id;
    error.detail.status = Some(answer.status);
    error.detail.tries = answer.tries;
    error.detail.body = answer.raw;
    Err(error)
}

/// Servers of one's own cut a question that is too long for their window, and answer as if nothing were.
fn was_cut(call: &Call<'_>, provider: &Provider, usage: &Usage) -> bool {
    // Our estimate is a third of the bytes; no tokenizer needs fewer than one token in nine bytes of English.
    provider.wire == WireName::Ollama && !usage.estimated && call.input > 1000 && usage.input < call.input / 3
}

fn named(mut error: LlmError, provider: &Provider) -> LlmError {
    error.detail.provider.clone_from(&provider.name);
    error.detail.model.clone_from(&provider.model);
    error
}

/// Of several failures the one after which trying again is most likely to help; of waits the shortest, of equals the first.
pub(super) fn most_hopeful(failed: Vec<LlmError>) -> LlmError {
    let most = failed.into_iter().min_by_key(|error| {
        let of = |wait: Duration| error.hint.unwrap_or(wait);
        match error.policy().last {
            Last::Await(wait) => (0, wait),
            Last::Snooze(wait) => (1, of(wait)),
            Last::Park(wait) => (2, of(wait)),
            Last::Retry => (3, Duration::ZERO),
            Last::Narrator => (4, Duration::ZERO),
            Last::Fail => (5, Duration::ZERO),
        }
    });
    most.unwrap_or_else(|| LlmError::new(Kind::NoProvider, "no provider of language models is configured"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_waits_the_shortest_is_kept() {
        let day = || LlmError::new(Kind::DailyQuota, "").with_hint(Some(Duration::from_hours(9)));
        let moment = || LlmError::new(Kind::RateLimited, "").with_hint(Some(Duration::from_secs(40)));
        for failed in [vec![day(), moment()], vec![moment(), day()]] {
            assert_eq!(most_hopeful(failed).kind, Kind::RateLimited);
        }
        let wrong = LlmError::new(Kind::BadRequest, "");
        assert_eq!(most_hopeful(vec![wrong, day()]).kind, Kind::DailyQuota, "a wait may help");
    }
}
