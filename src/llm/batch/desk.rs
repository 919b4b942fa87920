//! What the batch interfaces of the providers have in common: hand in, find again, look, fetch, cancel, forget.

use std::collections::HashSet;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use uuid::Uuid;

use super::{anthropic, gemini, openai};
use crate::config::WireName;
use crate::llm::error::LlmError;
use crate::llm::http::{self, Errand};
use crate::llm::kind::Kind;
use crate::llm::provider::Provider;
use crate::llm::wire;

/// Clocks of providers may differ from ours by this much.
const SKEW: TimeDelta = TimeDelta::minutes(10);

/// Pages of a list that are read at most when a batch is sought.
pub(super) const PAGES: usize = 20;

/// A batch interface.
#[async_trait]
pub(super) trait Desk: Send + Sync {
    /// Hands a batch in, marked with its id; returns the provider's id. `items`: ids and bodies of the questions.
    async fn create(
        &self,
        provider: &Provider,
        batch: Uuid,
        items: &[(Uuid, String)],
    ) -> Result<String, NotCreated>;

    /// Looks for a batch that may have been handed in.
    async fn find(&self, provider: &Provider, sought: &Sought) -> Result<Found, LlmError>;

    /// How a batch stands.
    async fn look(&self, provider: &Provider, id: &str) -> Result<Look, LlmError>;

    /// The results of a batch that has ended, in any order.
    async fn results(&self, provider: &Provider, id: &str, ended: &Ended) -> Result<Vec<Line>, LlmError>;

    /// Asks the provider to stop it; what is done already is kept and paid.
    async fn cancel(&self, provider: &Provider, id: &str) -> Result<(), LlmError>;

    /// Removes what lies at the provider. The provider forgets by itself too, so failures do not matter.
    async fn forget(&self, provider: &Provider, id: &str, ended: &Ended);
}

/// The interface of a wire; none for Ollama.
pub(super) fn of(wire: WireName) -> Option<&'static dyn Desk> {
    match wire {
        WireName::Openai => Some(&openai::OpenAi),
        WireName::Anthropic => Some(&anthropic::Anthropic),
        WireName::Gemini => Some(&gemini::Gemini),
        WireName::Ollama => None,
    }
}

/// A batch was not handed in, as far as we know.
#[derive(Debug)]
pub(super) struct NotCreated {
    /// Why.
    pub(super) error: LlmError,
    /// Whether the provider may have it all the same.
    pub(super) perhaps: bool,
}

impl NotCreated {
    /// Nothing that is paid was asked for yet.
    pub(super) const fn surely(error: LlmError) -> Self {
        Self { error, perhaps: false }
    }

    /// The request that creates the batch failed. Only a refusal says that there is none.
    pub(super) fn by(error: LlmError) -> Self {
        let refused = error.detail.status.is_some_and(|status| (400..500).contains(&status) && status != 408);
        Self { error, perhaps: !refused }
    }
}

/// A batch that may be with the provider.
#[derive(Debug)]
pub(super) struct Sought {
    /// The mark.
    pub(super) batch: Uuid,
    /// Ids of its questions.
    pub(super) items: HashSet<String>,
    /// When it was last about to be handed in.
    pub(super) since: DateTime<Utc>,
    /// Ids of other batches.
    pub(super) known: HashSet<String>,
}

impl Sought {
    /// Whether a batch that was created then is older than the one that is sought.
    pub(super) fn is_before(&self, created: Option<DateTime<Utc>>) -> bool {
        created.is_some_and(|created| created < self.since - SKEW)
    }
}

/// What became of the search.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Under this id.
    Here(String),
    /// It is not there.
    Nowhere,
    /// It cannot be told yet.
    Unsure,
}

/// How a batch stands.
#[derive(Debug)]
pub(super) enum Look {
    /// Not ended.
    UnderWay,
    /// Ended, well or not.
    Ended(Ended),
}

/// A batch that has ended.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// Files with results.
    pub(super) results: Vec<String>,
    /// Further files.
    pub(super) others: Vec<String>,
    /// Results that came with the look.
    pub(super) inline: Vec<Value>,
    /// Why nothing was done, where the provider refused the batch as a whole.
    pub(super) failed: Option<String>,
}

/// The result of one question.
#[derive(Debug)]
pub(super) struct Line {
    /// Id of the question.
    pub(super) id: String,
    /// What became of it.
    pub(super) outcome: Outcome,
}

/// What became of one question.
#[derive(Debug)]
pub(super) enum Outcome {
    /// An answer of the wire, with the status and the provider's id of it.
    Body {
        /// As a direct answer would have had it.
        status: StatusCode,
        /// For the provider's support.
        request_id: Option<String>,
        /// The body of the answer.
        body: Bytes,
    },
    /// Not done: expired or cancelled.
    Undone,
}

impl Outcome {
    /// A refusal in the words of the wire.
    pub(super) fn refused(status: u16, body: &Value) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::Body { status, request_id: None, body: Bytes::from(body.to_string()) }
    }
}

/// What a status that is no 2xx means: as for a direct answer.
pub(super) fn classified(status: StatusCode, body: &Bytes) -> LlmError {
    wire::classify(status, &HeaderMap::new(), body, Utc::now())
}

/// Gets JSON.
pub(super) async fn get(provider: &Provider, url: &str) -> Result<Value, LlmError> {
    json(&fetch(provider, url).await?)
}

/// Gets a file.
pub(super) async fn fetch(provider: &Provider, url: &str) -> Result<Bytes, LlmError> {
    http::run(provider, Errand { method: Method::GET, url, content_type: JSON, body: Vec::new() }).await
}

/// Posts JSON and reads JSON.
pub(super) async fn post(provider: &Provider, url: &str, body: Vec<u8>) -> Result<Value, LlmError> {
    json(&http::run(provider, Errand { method: Method::POST, url, content_type: JSON, body }).await?)
}

/// Removes what is there; what cannot be removed is left.
pub(super) async fn delete(provider: &Provider, url: &str) {
    let errand = Errand { method: Method::DELETE, url, content_type: JSON, body: Vec::new() };
    if let Err(error) = http::run(provider, errand).await {
        tracing::debug!(provider = provider.name, %error, "something of a batch stays at its provider until it expires");
    }
}

const JSON: &str = "application/json";

fn json(body: &Bytes) -> Result<Value, LlmError> {
    serde_json::from_slice(body).map_err(|_| {
        let mut error = LlmError::new(Kind::StreamBroken, "the answer of a batch interface is no JSON");
        error.detail.body = body.clone();
        error
    })
}

/// The id that an answer must have.
pub(super) fn id_of(answer: &Value, key: &str) -> Result<String, LlmError> {
    let id = answer.get(key).and_then(Value::as_str).filter(|id| is_plain(id));
    id.map(str::to_owned)
        .ok_or_else(|| LlmError::new(Kind::StreamBroken, "the answer of a batch interface has no id"))
}

/// Ids become parts of addresses, so they may hold nothing that leads elsewhere.
pub(super) fn is_plain(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 256
        && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/'))
        && !id.contains("..")
        && !id.starts_with('/')
}

/// Lines of JSON; what is no JSON is left out, and its question is then not done.
pub(super) fn lines(file: &Bytes) -> impl Iterator<Item = Value> + '_ {
    file.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok())
}

/// A time as providers write it.
pub(super) fn time(value: Option<&Value>) -> Option<DateTime<Utc>> {
    match value? {
        Value::Number(seconds) => DateTime::from_timestamp(seconds.as_i64()?, 0),
        Value::String(text) => Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc)),
        _ => None,
    }
}
