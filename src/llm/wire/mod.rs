//! The protocols of the providers: how a question is written and an answer is read. No I/O here.

mod anthropic;
mod classify;
mod gemini;
mod hint;
mod ollama;
mod openai;
mod read;

#[cfg(test)]
mod tests;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};

pub use classify::classify;
pub use hint::limits;

use super::answer::Finish;
use super::error::LlmError;
use super::provider::Provider;
use super::request::{Message, Request, Role};
use super::usage::Usage;
use crate::config::WireName;

/// What was read out of a good answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The text.
    pub text: String,
    /// Why the model stopped.
    pub finish: Finish,
    /// Tokens; `None` when the provider says nothing.
    pub usage: Option<Usage>,
    /// The model that answered, where it is named.
    pub model: Option<String>,
    /// The provider's id of the answer, where the body has one.
    pub id: Option<String>,
}

/// A protocol.
pub trait Wire: Send + Sync {
    /// Address of the request.
    fn url(&self, provider: &Provider) -> String;

    /// Headers beside those of the configuration; the key is among them.
    fn headers(&self, provider: &Provider) -> Vec<(&'static str, String)>;

    /// Body of the request. `cap` is the most tokens of the answer.
    fn body(&self, provider: &Provider, request: &Request, cap: u32) -> Value;

    /// Reads the body of a 2xx.
    ///
    /// # Errors
    /// When it is no answer of this protocol.
    fn read(&self, body: &Value) -> Result<Reading, LlmError>;
}

/// The protocol of a name.
#[must_use]
pub fn of(name: WireName) -> &'static dyn Wire {
    match name {
        WireName::Openai => &openai::OpenAi,
        WireName::Anthropic => &anthropic::Anthropic,
        WireName::Gemini => &gemini::Gemini,
        WireName::Ollama => &ollama::Ollama,
    }
}

/// The conversation as `OpenAI` and Ollama want it.
fn messages(request: &Request) -> Value {
    let one = |message: &Message| {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": message.text})
    };
    request.messages.iter().map(one).collect()
}

/// A temperature as people write it: 0.2, not the 0.20000000298 that a wider number would show.
fn number(value: f32) -> Value {
    let rounded = (f64::from(value) * 1000.0).round() / 1000.0;
    serde_json::Number::from_f64(rounded).map_or(Value::Null, Value::Number)
}

/// The provider's id for its support, where a header has it.
#[must_use]
pub fn request_id(headers: &HeaderMap) -> Option<String> {
    ["x-request-id", "request-id", "apim-request-id"]
        .into_iter()
        .find_map(|name| headers.get(name)?.to_str().ok())
        .map(|id| id.chars().filter(char::is_ascii_graphic).take(128).collect())
}
