//! One HTTP request: sends a question, reads the whole body, and says what it means.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use chrono::Utc;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

use super::answer::Answer;
use super::error::LlmError;
use super::kind::Kind;
use super::limits::Limits;
use super::provider::Provider;
use super::request::{Request, tokens_of_bytes};
use super::usage::Usage;
use super::wire::{self, Reading};

/// No report is a hundredth of this; a longer body is a mistake or an attack on memory.
const LONGEST_BODY: usize = 8 * 1024 * 1024;

/// The answers of the largest batch are less than half of this.
const LONGEST_FILE: usize = 128 * 1024 * 1024;

/// Where to look when the certificate of a provider is not taken.
const CERTIFICATE: &str = "look at ca_file of the provider: it names further certificates to trust, and the server's certificate must be for \
                           the host of base_url";

/// What one request brought.
pub(super) struct Sent {
    pub(super) result: Result<Answer, LlmError>,
    pub(super) limits: Limits,
    pub(super) latency: Duration,
}

/// Sends one request and waits for its answer, no longer than the provider's limit and the deadline of the question.
pub(super) async fn send(provider: &Provider, request: &Request, cap: u32) -> Sent {
    let begin = Instant::now();
    let mut limits = Limits::default();
    let until = (begin + provider.timeout).min(request.deadline);
    let exchange = exchange(provider, request, cap, &mut limits);
    let result = tokio::time::timeout_at(until, exchange).await.unwrap_or_else(|_| {
        Err(LlmError::new(Kind::Timeout, format!("no answer within {:.1} s", begin.elapsed().as_secs_f64())))
    });
    let latency = begin.elapsed();
    let result = match result {
        Ok(mut answer) => {
            answer.latency = latency;
            Ok(answer)
        }
        Err(error) => Err(of_provider(provider, error)),
    };
    Sent { result, limits, latency }
}

async fn exchange(
    provider: &Provider,
    request: &Request,
    cap: u32,
    limits: &mut Limits,
) -> Result<Answer, LlmError> {
    let wire = provider.speaks();
    let body = wire.body(provider, request, cap).to_string();
    let sent = provider
        .client
        .post(wire.url(provider))
        .headers(headers(provider))
        .body(body)
        .send()
        .await
        .map_err(unsent)?;
    let (status, headers) = (sent.status(), sent.headers().clone());
    *limits = wire::limits(&headers, Utc::now());
    let body = whole(sent, LONGEST_BODY).await;
    let id = wire::request_id(&headers);
    let with_id = |mut error: LlmError| {
        error.detail.request_id.clone_from(&id);
        error
    };
    if !status.is_success() {
        // A body that breaks off does not change what the status says.
        let body = body.unwrap_or_default();
        return Err(with_id(wire::classify(status, &headers, &body, Utc::now())));
    }
    let body = body.map_err(with_id)?;
    read(provider, request.estimated_input(), status, id.clone(), body).map_err(with_id)
}

/// A request beside the questions: files and batches.
pub(super) struct Errand<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

/// Sends it, once, and reads the whole answer, no longer than the provider's limit.
pub(super) async fn run(provider: &Provider, errand: Errand<'_>) -> Result<Bytes, LlmError> {
    let work = async {
        let mut headers = headers(provider);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(errand.content_type));
        let request = provider.client.request(errand.method, errand.url).headers(headers);
        let request = if errand.body.is_empty() { request } else { request.body(errand.body) };
        let sent = request.send().await.map_err(unsent)?;
        let (status, headers) = (sent.status(), sent.headers().clone());
        let body = whole(sent, LONGEST_FILE).await;
        if status.is_success() {
            return body;
        }
        Err(wire::classify(status, &headers, &body.unwrap_or_default(), Utc::now()))
    };
    let result = tokio::time::timeout(provider.timeout, work).await.unwrap_or_else(|_| {
        Err(LlmError::new(Kind::Timeout, format!("no answer within {} s", provider.timeout.as_secs())))
    });
    result.map_err(|error| of_provider(provider, error))
}

/// Says whose error it is, and strikes out the key.
fn of_provider(provider: &Provider, mut error: LlmError) -> LlmError {
    error.detail.provider.clone_from(&provider.name);
    error.detail.model.clone_from(&provider.model);
    if let Some(key) = &provider.key {
        error.detail.provider_message = key.struck_from(&error.detail.provider_message);
    }
    error
}

/// Reads the body of a 2xx. `estimated_input` stands for the tokens of the question where the provider says nothing.
pub(super) fn read(
    provider: &Provider,
    estimated_input: u64,
    status: StatusCode,
    request_id: Option<String>,
    body: Bytes,
) -> Result<Answer, LlmError> {
    let Ok(json) = serde_json::from_slice::<Value>(&body) else {
        return Err(refused(Kind::StreamBroken, "the answer is no JSON", status, body));
    };
    // Some gateways answer 200 and put the error into the body.
    if json.get("error").is_some_and(|error| error.is_object() || error.is_string()) {
        let status = json.pointer("/error/code").and_then(Value::as_u64);
        let status = status.and_then(|code| StatusCode::from_u16(u16::try_from(code).ok()?).ok());
        let status = status.filter(|status| !status.is_success()).unwrap_or(StatusCode::BAD_GATEWAY);
        return Err(wire::classify(status, &HeaderMap::new(), &body, Utc::now()));
    }
    let Reading { text, finish, usage, model, id } = provider.speaks().read(&json).map_err(|mut error| {
        error.detail.status = Some(status.as_u16());
        error.detail.body = body.clone();
        error
    })?;
    let usage = usage.unwrap_or_else(|| Usage {
        input: estimated_input,
        output: tokens_of_bytes(text.len()),
        estimated: true,
        ..Usage::default()
    });
    Ok(Answer {
        text,
        finish,
        usage,
        provider: provider.name.clone(),
        model: model.unwrap_or_else(|| provider.model.clone()),
        request_id: request_id.or(id),
        status: status.as_u16(),
        tries: 1,
        latency: Duration::ZERO,
        raw: body,
    })
}

fn refused(kind: Kind, message: &str, status: StatusCode, body: Bytes) -> LlmError {
    let mut error = LlmError::new(kind, message);
    error.detail.status = Some(status.as_u16());
    error.detail.body = body;
    error
}

fn headers(provider: &Provider) -> HeaderMap {
    let mut headers = provider.headers.clone();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in provider.speaks().headers(provider) {
        // Keys were checked when they were read, versions are plain.
        if let Ok(mut value) = HeaderValue::from_str(&value) {
            value.set_sensitive(name != "anthropic-version");
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

/// The whole body, up to a limit.
async fn whole(mut response: Response, longest: usize) -> Result<Bytes, LlmError> {
    let status = response.status();
    let mut body = BytesMut::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > longest => {
                return Err(refused(Kind::StreamBroken, "the answer is too long", status, Bytes::new()));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) => {
                let error = error.without_url();
                return Err(refused(Kind::StreamBroken, "the answer breaks off", status, body.freeze())
                    .with_source(error));
            }
        }
    }
}

/// The request did not get through, or no head of an answer came back.
fn unsent(error: reqwest::Error) -> LlmError {
    // The address may hold a deployment's name; the configuration says it, the log need not.
    let error = error.without_url();
    let why = deepest(&error);
    let (kind, message) = if error.is_timeout() && !error.is_connect() {
        (Kind::Timeout, "no answer in time".to_owned())
    } else if error.is_builder() {
        (Kind::BadRequest, format!("the request cannot be made: {why}"))
    } else if why.contains("invalid peer certificate") {
        (Kind::Connect, format!("no connection: {why}; {CERTIFICATE}"))
    } else {
        (Kind::Connect, format!("no connection: {why}"))
    };
    LlmError::new(kind, message).with_source(error)
}

/// The last cause, which says most: `connection refused` and not `error sending request`.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(below) = deepest.source() {
        deepest = below;
    }
    deepest.to_string()
}
