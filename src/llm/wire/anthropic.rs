//! `/v1/messages`.

use serde_json::{Map, Value, json};

use super::read::{count, empty, text};
use super::{Reading, Wire};
use crate::config::Auth;
use crate::llm::answer::Finish;
use crate::llm::error::LlmError;
use crate::llm::provider::Provider;
use crate::llm::request::{Request, Role};
use crate::llm::usage::Usage;

/// Version of the interface where the configuration names none.
const VERSION: &str = "2023-06-01";

pub(super) struct Anthropic;

impl Wire for Anthropic {
    fn url(&self, provider: &Provider) -> String {
        format!("{}/v1/messages", provider.base_url.trim_end_matches("/v1"))
    }

    fn headers(&self, provider: &Provider) -> Vec<(&'static str, String)> {
        let version = if provider.api_version.is_empty() { VERSION } else { &provider.api_version };
        let mut headers = vec![("anthropic-version", version.to_owned())];
        if let Some(key) = &provider.key {
            headers.push(match provider.auth {
                Auth::Bearer => ("authorization", format!("Bearer {}", key.expose())),
                Auth::ApiKey => ("api-key", key.expose().to_owned()),
                Auth::Wire => ("x-api-key", key.expose().to_owned()),
            });
        }
        headers
    }

    fn body(&self, provider: &Provider, request: &Request, cap: u32) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(provider.model));
        body.insert("max_tokens".to_owned(), json!(cap));
        let system = request.system();
        if !system.is_empty() {
            // The rules are equal for all reports of a type: read from the cache at a tenth of the price.
            body.insert(
                "system".to_owned(),
                json!([{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]),
            );
        }
        let messages: Vec<Value> = request
            .turns()
            .map(|message| {
                let role = if message.role == Role::Assistant { "assistant" } else { "user" };
                json!({"role": role, "content": message.text})
            })
            .collect();
        body.insert("messages".to_owned(), Value::Array(messages));
        if let Some(temperature) = request.temperature.filter(|_| provider.takes_temperature) {
            body.insert("temperature".to_owned(), super::number(temperature.min(1.0)));
        }
        if let Some(set) = &request.schema
            && let Some(schema) = set.rendered(provider.schema)
        {
            body.insert(
                "output_config".to_owned(),
                json!({"format": {"type": "json_schema", "schema": schema}}),
            );
        }
        Value::Object(body)
    }

    fn read(&self, body: &Value) -> Result<Reading, LlmError> {
        let Some(Value::Array(parts)) = body.get("content") else {
            return Err(empty("the answer has no content"));
        };
        let finish = match text(body, "/stop_reason") {
            Some("end_turn" | "stop_sequence") => Finish::Stop,
            Some("max_tokens") => Finish::Length,
            Some("model_context_window_exceeded") => Finish::Window,
            Some("refusal") => Finish::Refusal,
            None => Finish::Missing,
            Some(_) => Finish::Other,
        };
        let texts = parts.iter().filter(|part| text(part, "/type") == Some("text"));
        Ok(Reading {
            text: texts.filter_map(|part| text(part, "/text")).collect(),
            finish,
            usage: body.get("usage").filter(|usage| usage.is_object()).map(usage),
            model: text(body, "/model").map(str::to_owned),
            id: text(body, "/id").map(str::to_owned),
        })
    }
}

/// The input's count leaves out what was read from and written to the cache; we count it in.
fn usage(usage: &Value) -> Usage {
    let cached = count(usage, "/cache_read_input_tokens");
    let written = count(usage, "/cache_creation_input_tokens");
    Usage {
        input: count(usage, "/input_tokens") + cached + written,
        cached_input: cached,
        cache_write: written,
        output: count(usage, "/output_tokens"),
        reasoning: 0,
        estimated: false,
    }
}
