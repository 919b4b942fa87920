//! `/api/chat` of Ollama: the only one of its interfaces that takes a schema and the size of the window for sure.

use serde_json::{Map, Value, json};

use super::read::{broken, count, empty, text};
use super::{Reading, Wire};
use crate::llm::answer::Finish;
use crate::llm::error::LlmError;
use crate::llm::provider::Provider;
use crate::llm::request::Request;
use crate::llm::usage::Usage;

pub(super) struct Ollama;

impl Wire for Ollama {
    fn url(&self, provider: &Provider) -> String {
        format!("{}/api/chat", provider.base_url)
    }

    fn headers(&self, provider: &Provider) -> Vec<(&'static str, String)> {
        let key = provider.key.as_ref();
        key.map(|key| ("authorization", format!("Bearer {}", key.expose()))).into_iter().collect()
    }

    fn body(&self, provider: &Provider, request: &Request, cap: u32) -> Value {
        let mut options = Map::new();
        options.insert("num_predict".to_owned(), json!(cap));
        // Without it the window is 4096 tokens, and what does not fit is cut without a word.
        let window = provider
            .context_window
            .unwrap_or_else(|| (request.estimated_input() + u64::from(cap)).next_multiple_of(1024));
        options.insert("num_ctx".to_owned(), json!(window));
        if let Some(temperature) = request.temperature.filter(|_| provider.takes_temperature) {
            options.insert("temperature".to_owned(), super::number(temperature));
        }
        if let Some(seed) = request.seed.filter(|_| provider.takes_seed) {
            options.insert("seed".to_owned(), json!(seed));
        }
        let mut body = Map::new();
        body.insert("model".to_owned(), json!(provider.model));
        body.insert("messages".to_owned(), super::messages(request));
        body.insert("stream".to_owned(), json!(false));
        body.insert("options".to_owned(), Value::Object(options));
        if let Some(set) = &request.schema
            && let Some(schema) = set.rendered(provider.schema)
        {
            body.insert("format".to_owned(), schema);
        }
        Value::Object(body)
    }

    fn read(&self, body: &Value) -> Result<Reading, LlmError> {
        let Some(said) = text(body, "/message/content") else {
            return Err(empty("the answer has no message"));
        };
        if body.get("done") == Some(&Value::Bool(false)) {
            return Err(broken("the answer ends before the model was done"));
        }
        let finish = match text(body, "/done_reason") {
            Some("stop") => Finish::Stop,
            Some("length") => Finish::Length,
            None => Finish::Missing,
            Some(_) => Finish::Other,
        };
        let counted = body.get("eval_count").is_some() && body.get("prompt_eval_count").is_some();
        Ok(Reading {
            text: said.to_owned(),
            finish,
            usage: counted.then(|| Usage {
                input: count(body, "/prompt_eval_count"),
                output: count(body, "/eval_count"),
                ..Usage::default()
            }),
            model: text(body, "/model").map(str::to_owned),
            id: None,
        })
    }
}
