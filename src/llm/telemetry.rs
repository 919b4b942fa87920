//! One line in the log, one span and two figures for each call, by the names of the `OpenTelemetry` conventions for generative AI: ids and counts, never text.
//!
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/>, status "development" when this was written. Fields without a name
//! there (`call`, `purpose`, `tries`, `latency_ms`) keep ours.

use std::time::Duration;

use metrics::{Label, histogram};
use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

use super::account::batches::Item;
use super::answer::{Answer, Finish};
use super::error::LlmError;
use super::guard::Call;
use super::metrics::{OPERATION_SECONDS, TOKEN_USAGE};
use super::provider::Provider;
use super::usage::Usage;
use crate::config::{Auth, WireName};

/// What all of it is: questions of a conversation.
const OPERATION: &str = "chat";

/// The span of a call, for traces; the log leaves it out.
pub(super) fn begun(provider: &Provider, call: &Call<'_>, id: Uuid) -> Span {
    // As in the queue, which this room does not know.
    let span = tracing::info_span!(
        target: "orrery::trace",
        "chat",
        otel.name = format!("chat {}", call.model),
        otel.kind = "client",
        otel.status_code = Empty,
        orrery.call.id = %id,
        orrery.call.tries = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = name(provider),
        gen_ai.output.r#type = if call.request.schema.is_some() { "json" } else { "text" },
        gen_ai.request.model = call.model,
        gen_ai.request.max_tokens = number(call.output),
        gen_ai.response.model = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        error.r#type = Empty,
        server.address = Empty,
        server.port = Empty,
    );
    if !span.is_disabled() {
        let (host, port) = server(provider);
        span.record("server.address", host);
        span.record("server.port", port.map(i64::from));
    }
    span
}

/// Adds to the span how the call ended.
pub(super) fn told(span: &Span, result: &Result<Answer, LlmError>) {
    if span.is_disabled() {
        return;
    }
    let usage = match result {
        Ok(answer) => {
            span.record("orrery.call.tries", i64::from(answer.tries));
            span.record("gen_ai.response.model", answer.model.as_str());
            span.record("gen_ai.response.id", answer.request_id.as_deref());
            span.record("gen_ai.response.finish_reasons", tracing::field::debug([reason(answer.finish)]));
            Some(answer.usage)
        }
        Err(error) => {
            span.record("orrery.call.tries", i64::from(error.detail.tries));
            span.record("otel.status_code", "ERROR");
            span.record("error.type", error.kind.code());
            error.detail.usage
        }
    };
    span.record("gen_ai.usage.input_tokens", usage.map(|usage| number(usage.input)));
    span.record("gen_ai.usage.output_tokens", usage.map(|usage| number(usage.output)));
}

/// As traces hold numbers: signed.
fn number(of: u64) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}

/// A question as its end is told of, asked directly or in a batch.
struct Asked<'a> {
    id: Uuid,
    purpose: &'a str,
    /// Whether a schema binds the answer.
    json: bool,
    max_tokens: u64,
    temperature: Option<f64>,
    /// The batch that it was in.
    batch: Option<Uuid>,
}

/// Tells that a call has ended, and counts it. `took`: all its requests and the waits between them.
pub(super) fn ended(
    provider: &Provider,
    call: &Call<'_>,
    id: Uuid,
    result: &Result<Answer, LlmError>,
    took: Duration,
) {
    let asked = Asked {
        id,
        purpose: call.request.purpose,
        json: call.request.schema.is_some(),
        max_tokens: call.output,
        temperature: call.request.temperature.map(f64::from),
        batch: None,
    };
    tell(provider, &asked, result);
    // A call that ended before its first request took nothing of the provider's time.
    let sent = result.as_ref().err().is_none_or(|error| error.detail.tries > 0);
    count(provider, &asked, result, sent.then_some(took));
}

/// The same for a question of a batch. `took`: from handing the batch in to finding that it has ended.
pub(super) fn ended_in_batch(
    provider: &Provider,
    batch: Uuid,
    item: &Item,
    result: &Result<Answer, LlmError>,
    took: Duration,
) {
    let wanted = item.max_output.and_then(|cap| u64::try_from(cap).ok()).unwrap_or(u64::MAX);
    let asked = Asked {
        id: item.id,
        purpose: &item.purpose,
        json: item.json,
        max_tokens: wanted.min(u64::from(provider.max_output)),
        temperature: item.temperature,
        batch: Some(batch),
    };
    tell(provider, &asked, result);
    count(provider, &asked, result, Some(took));
}

/// Tokens of an answer, or of a failure that used some.
fn used(result: &Result<Answer, LlmError>) -> Option<Usage> {
    match result {
        Ok(answer) => Some(answer.usage),
        Err(error) => error.detail.usage,
    }
}

fn tell(provider: &Provider, asked: &Asked<'_>, result: &Result<Answer, LlmError>) {
    let (answer, error) = (result.as_ref().ok(), result.as_ref().err());
    let usage = used(result);
    let (host, port) = server(provider);
    let told = if answer.is_some() { "a model answered" } else { "a call failed" };
    tracing::info!(
        call = %asked.id,
        batch = asked.batch.map(tracing::field::display),
        purpose = asked.purpose,
        provider = provider.name,
        tries = answer.map_or_else(|| error.map_or(0, |error| error.detail.tries), |answer| answer.tries),
        latency_ms = answer.map(|answer| u64::try_from(answer.latency.as_millis()).unwrap_or(u64::MAX)),
        gen_ai.operation.name = OPERATION,
        gen_ai.provider.name = name(provider),
        gen_ai.output.r#type = if asked.json { "json" } else { "text" },
        gen_ai.request.model = provider.model,
        gen_ai.request.max_tokens = asked.max_tokens,
        gen_ai.request.temperature = asked.temperature.filter(|_| provider.takes_temperature),
        gen_ai.response.model = answer.map(|answer| answer.model.as_str()),
        gen_ai.response.id = answer.and_then(|answer| answer.request_id.as_deref()),
        gen_ai.response.finish_reasons = answer.map(|answer| tracing::field::debug([reason(answer.finish)])),
        gen_ai.usage.input_tokens = usage.map(|usage| usage.input),
        gen_ai.usage.output_tokens = usage.map(|usage| usage.output),
        error.r#type = error.map(|error| error.kind.code()),
        server.address = host,
        server.port = port,
        "{told}"
    );
}

fn count(provider: &Provider, asked: &Asked<'_>, result: &Result<Answer, LlmError>, took: Option<Duration>) {
    let common = [
        Label::new("gen_ai_operation_name", OPERATION),
        Label::new("gen_ai_provider_name", name(provider)),
        Label::new("gen_ai_request_model", provider.model.clone()),
        Label::new("orrery_way", if asked.batch.is_some() { "batch" } else { "direct" }),
    ];
    let with = |label: Option<Label>| common.iter().cloned().chain(label).collect::<Vec<_>>();
    if let Some(usage) = used(result) {
        for (kind, tokens) in [("input", usage.input), ("output", usage.output)] {
            let labels = with(Some(Label::new("gen_ai_token_type", kind)));
            #[allow(clippy::cast_precision_loss, reason = "no call has 2^52 tokens")]
            let tokens = tokens as f64;
            histogram!(TOKEN_USAGE, labels).record(tokens);
        }
    }
    if let Some(took) = took {
        let error = result.as_ref().err().map(|error| Label::new("error_type", error.kind.code()));
        histogram!(OPERATION_SECONDS, with(error)).record(took);
    }
}

/// The conventions' word for who answers; that of the wire where it is not known.
fn name(provider: &Provider) -> &'static str {
    match (provider.wire, provider.auth) {
        (WireName::Openai, Auth::ApiKey) => "azure.ai.openai",
        (WireName::Openai, Auth::Wire | Auth::Bearer) => "openai",
        (WireName::Anthropic, _) => "anthropic",
        (WireName::Gemini, _) => "gcp.gemini",
        (WireName::Ollama, _) => "ollama",
    }
}

/// The conventions' word for why a model stopped.
const fn reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Filter => "content_filter",
        other => other.as_str(),
    }
}

fn server(provider: &Provider) -> (Option<String>, Option<u16>) {
    let url = reqwest::Url::parse(&provider.base_url).ok();
    let host = url.as_ref().and_then(|url| url.host_str().map(str::to_owned));
    (host, url.and_then(|url| url.port_or_known_default()))
}
