//! `/chat/completions`: `OpenAI`, Azure, and the many servers that speak the same.

use serde_json::{Map, Value, json};

use super::read::{count, empty, text};
use super::{Reading, Wire};
use crate::config::{Auth, OutputCap};
use crate::llm::answer::Finish;
use crate::llm::error::LlmError;
use crate::llm::provider::Provider;
use crate::llm::request::Request;
use crate::llm::usage::Usage;

pub(super) struct OpenAi;

impl Wire for OpenAi {
    fn url(&self, provider: &Provider) -> String {
        let url = format!("{}/chat/completions", provider.base_url);
        if provider.api_version.is_empty() {
            return url;
        }
        format!("{url}?api-version={}", provider.api_version)
    }

    fn headers(&self, provider: &Provider) -> Vec<(&'static str, String)> {
        let Some(key) = &provider.key else { return Vec::new() };
        match provider.auth {
            Auth::ApiKey => vec![("api-key", key.expose().to_owned())],
            Auth::Wire | Auth::Bearer => vec![("authorization", format!("Bearer {}", key.expose()))],
        }
    }

    fn body(&self, provider: &Provider, request: &Request, cap: u32) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(provider.model));
        body.insert("messages".to_owned(), super::messages(request));
        let name = match provider.output_cap {
            OutputCap::MaxTokens => "max_tokens",
            OutputCap::MaxCompletionTokens => "max_completion_tokens",
        };
        body.insert(name.to_owned(), json!(cap));
        if let Some(temperature) = request.temperature.filter(|_| provider.takes_temperature) {
            body.insert("temperature".to_owned(), super::number(temperature));
        }
        if let Some(seed) = request.seed.filter(|_| provider.takes_seed) {
            body.insert("seed".to_owned(), json!(seed));
        }
        if let Some(set) = &request.schema
            && let Some(schema) = set.rendered(provider.schema)
        {
            body.insert(
                "response_format".to_owned(),
                json!({"type": "json_schema", "json_schema": {"name": set.name(), "strict": true, "schema": schema}}),
            );
        }
        Value::Object(body)
    }

    fn read(&self, body: &Value) -> Result<Reading, LlmError> {
        let Some(choice) = body.pointer("/choices/0") else {
            return Err(empty("the answer has no choice"));
        };
        let refusal = text(choice, "/message/refusal").filter(|refusal| !refusal.is_empty());
        let finish = match (refusal, text(choice, "/finish_reason")) {
            (Some(_), _) => Finish::Refusal,
            (None, Some("stop")) => Finish::Stop,
            (None, Some("length")) => Finish::Length,
            (None, Some("content_filter")) => Finish::Filter,
            (None, None) => Finish::Missing,
            (None, Some(_)) => Finish::Other,
        };
        Ok(Reading {
            text: content(choice.pointer("/message/content").unwrap_or(&Value::Null)),
            finish,
            usage: body.get("usage").filter(|usage| usage.is_object()).map(usage),
            model: text(body, "/model").map(str::to_owned),
            id: text(body, "/id").map(str::to_owned),
        })
    }
}

/// A text, or the texts of a list of parts.
fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| text(part, "/text")).collect(),
        _ => String::new(),
    }
}

/// The prompt's count includes cached tokens, the answer's includes reasoning: as we count.
fn usage(usage: &Value) -> Usage {
    Usage {
        input: count(usage, "/prompt_tokens"),
        cached_input: count(usage, "/prompt_tokens_details/cached_tokens"),
        cache_write: 0,
        output: count(usage, "/completion_tokens"),
        reasoning: count(usage, "/completion_tokens_details/reasoning_tokens"),
        estimated: false,
    }
}
