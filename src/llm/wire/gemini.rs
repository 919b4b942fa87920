//! `:generateContent`.

use serde_json::{Map, Value, json};

use super::read::{count, empty, text};
use super::{Reading, Wire};
use crate::config::Auth;
use crate::llm::answer::Finish;
use crate::llm::error::LlmError;
use crate::llm::provider::Provider;
use crate::llm::request::{Request, Role};
use crate::llm::usage::Usage;

/// Version of the interface where neither the address nor the configuration names one.
const VERSION: &str = "v1beta";

pub(super) struct Gemini;

impl Wire for Gemini {
    fn url(&self, provider: &Provider) -> String {
        let last = provider.base_url.rsplit('/').next().unwrap_or_default();
        let model = &provider.model;
        // Anything from `v1` to `v1beta3` is a version.
        if last.starts_with('v') && last[1..].starts_with(|c: char| c.is_ascii_digit()) {
            return format!("{}/models/{model}:generateContent", provider.base_url);
        }
        let version = if provider.api_version.is_empty() { VERSION } else { &provider.api_version };
        format!("{}/{version}/models/{model}:generateContent", provider.base_url)
    }

    fn headers(&self, provider: &Provider) -> Vec<(&'static str, String)> {
        let Some(key) = &provider.key else { return Vec::new() };
        match provider.auth {
            Auth::Bearer => vec![("authorization", format!("Bearer {}", key.expose()))],
            Auth::ApiKey => vec![("api-key", key.expose().to_owned())],
            Auth::Wire => vec![("x-goog-api-key", key.expose().to_owned())],
        }
    }

    fn body(&self, provider: &Provider, request: &Request, cap: u32) -> Value {
        let mut body = Map::new();
        let system = request.system();
        if !system.is_empty() {
            body.insert("systemInstruction".to_owned(), json!({"parts": [{"text": system}]}));
        }
        let contents: Vec<Value> = request
            .turns()
            .map(|message| {
                let role = if message.role == Role::Assistant { "model" } else { "user" };
                json!({"role": role, "parts": [{"text": message.text}]})
            })
            .collect();
        body.insert("contents".to_owned(), Value::Array(contents));
        let mut settings = Map::new();
        settings.insert("maxOutputTokens".to_owned(), json!(cap));
        if let Some(temperature) = request.temperature.filter(|_| provider.takes_temperature) {
            settings.insert("temperature".to_owned(), super::number(temperature));
        }
        if let Some(seed) = request.seed.filter(|_| provider.takes_seed) {
            settings.insert("seed".to_owned(), json!(seed));
        }
        if let Some(set) = &request.schema {
            settings.insert("responseMimeType".to_owned(), json!("application/json"));
            if let Some(schema) = set.rendered(provider.schema) {
                settings.insert("responseJsonSchema".to_owned(), schema);
            }
        }
        body.insert("generationConfig".to_owned(), Value::Object(settings));
        Value::Object(body)
    }

    fn read(&self, body: &Value) -> Result<Reading, LlmError> {
        let usage = body.get("usageMetadata").filter(|usage| usage.is_object()).map(usage);
        let model = text(body, "/modelVersion").map(str::to_owned);
        let id = text(body, "/responseId").map(str::to_owned);
        if text(body, "/promptFeedback/blockReason").is_some() {
            return Ok(Reading { text: String::new(), finish: Finish::Filter, usage, model, id });
        }
        let Some(candidate) = body.pointer("/candidates/0") else {
            return Err(empty("the answer has no candidate"));
        };
        let finish = match text(candidate, "/finishReason") {
            Some("STOP") => Finish::Stop,
            Some("MAX_TOKENS") => Finish::Length,
            Some("SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "LANGUAGE") => {
                Finish::Filter
            }
            None => Finish::Missing,
            Some(_) => Finish::Other,
        };
        let none = Vec::new();
        let parts = candidate.pointer("/content/parts").and_then(Value::as_array).unwrap_or(&none);
        // Thoughts are parts too, marked as such.
        let said = parts.iter().filter(|part| part.get("thought") != Some(&Value::Bool(true)));
        Ok(Reading { text: said.filter_map(|part| text(part, "/text")).collect(), finish, usage, model, id })
    }
}

/// The candidates' count leaves out thoughts; we count them in.
fn usage(usage: &Value) -> Usage {
    let thoughts = count(usage, "/thoughtsTokenCount");
    Usage {
        input: count(usage, "/promptTokenCount") + count(usage, "/toolUsePromptTokenCount"),
        cached_input: count(usage, "/cachedContentTokenCount"),
        cache_write: 0,
        output: count(usage, "/candidatesTokenCount") + thoughts,
        reasoning: thoughts,
        estimated: false,
    }
}
