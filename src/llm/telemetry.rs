//! One line in the log and one span for each call, by the names of the `OpenTelemetry` conventions for generative AI: ids and counts, never text.
//!
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/>, status "development" when this was written. Fields without a name
//! there (`call`, `purpose`, `tries`, `latency_ms`) keep ours.

use tracing::Span;
use tracing::field::Empty;
use uuid::Uuid;

use super::answer::{Answer, Finish};
use super::error::LlmError;
use super::guard::Call;
use super::provider::Provider;
use super::usage::Usage;
use crate::config::{Auth, WireName};

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

/// Tells that a call has ended.
pub(super) fn ended(provider: &Provider, call: &Call<'_>, id: Uuid, result: &Result<Answer, LlmError>) {
    let (answer, error) = (result.as_ref().ok(), result.as_ref().err());
    let usage: Option<Usage> =
        answer.map(|answer| answer.usage).or_else(|| error.and_then(|error| error.detail.usage));
    let (host, port) = server(provider);
    let told = if answer.is_some() { "a model answered" } else { "a call failed" };
    tracing::info!(
        call = %id,
        purpose = call.request.purpose,
        provider = call.provider,
        tries = answer.map_or_else(|| error.map_or(0, |error| error.detail.tries), |answer| answer.tries),
        latency_ms = answer.map(|answer| u64::try_from(answer.latency.as_millis()).unwrap_or(u64::MAX)),
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = name(provider),
        gen_ai.output.r#type = if call.request.schema.is_some() { "json" } else { "text" },
        gen_ai.request.model = call.model,
        gen_ai.request.max_tokens = call.output,
        gen_ai.request.temperature = call.request.temperature.filter(|_| provider.takes_temperature).map(f64::from),
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
