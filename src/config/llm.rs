//! `[llm]`: the chain of models. An empty chain means that the narrator writes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::ConfigError;

/// `[llm]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Llm {
    pub chain: Vec<String>,
    pub narrator_fallback: bool,
    pub prompt: String,
    pub prompt_next: String,
    pub prompt_next_percent: u8,
    pub prompt_next_by: PromptNextBy,
    pub provider: Vec<LlmProvider>,
}

/// What `prompt_next_percent` is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptNextBy {
    /// Organizations: all reports of one have the same prompt.
    Organization,
    /// Rows.
    Row,
}

/// One table of `[[llm.provider]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct LlmProvider {
    pub name: String,
    pub wire: WireName,
    pub base_url: String,
    pub model: String,
    #[serde(default)]
    pub key_file: String,
    #[serde(default)]
    pub key_env: String,
    #[serde(default)]
    pub auth: Auth,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub api_version: String,
    #[serde(default = "default_timeout_s")]
    pub timeout_s: u64,
    #[serde(default = "default_connect_timeout_s")]
    pub connect_timeout_s: u64,
    #[serde(default = "default_max_output")]
    pub max_output: u32,
    #[serde(default)]
    pub output_cap: OutputCap,
    #[serde(default)]
    pub context_window: u64,
    #[serde(default)]
    pub schema: SchemaForm,
    #[serde(default = "yes")]
    pub temperature: bool,
    #[serde(default)]
    pub seed: bool,
    #[serde(default)]
    pub price: Price,
    #[serde(default)]
    pub requests_per_minute: u64,
    #[serde(default)]
    pub tokens_per_minute: u64,
    #[serde(default)]
    pub batch: bool,
    #[serde(default)]
    pub ca_file: String,
}

const fn default_timeout_s() -> u64 {
    120
}

const fn default_connect_timeout_s() -> u64 {
    10
}

const fn default_max_output() -> u32 {
    8000
}

const fn yes() -> bool {
    true
}

/// The protocol that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WireName {
    /// `/chat/completions`: `OpenAI`, Azure, vLLM, llama.cpp, LM Studio, `OpenRouter`, `LiteLLM`.
    Openai,
    /// `/v1/messages`.
    Anthropic,
    /// `:generateContent`.
    Gemini,
    /// `/api/chat`.
    Ollama,
}

/// How the key is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// As the wire has it.
    #[default]
    Wire,
    /// `Authorization: Bearer`.
    Bearer,
    /// `api-key`, as Azure has it.
    ApiKey,
}

/// Name of the parameter that caps the answer on the wire `openai`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputCap {
    /// Compatible servers.
    #[default]
    MaxTokens,
    /// `OpenAI` and Azure with reasoning models.
    MaxCompletionTokens,
}

/// Which rendering of the schema is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaForm {
    /// Without bounds, all keys required: what cloud providers take.
    #[default]
    Strict,
    /// With bounds: servers that compile a grammar.
    Bounded,
    /// None; the prompt alone says what is wanted.
    None,
}

/// Where the price of a call comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Price {
    /// The table of prices; a model that is not in it costs an unknown amount.
    #[default]
    Table,
    /// Nothing: a server of one's own.
    Free,
}

impl Llm {
    /// The provider of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&LlmProvider> {
        self.provider.iter().find(|provider| provider.name == name)
    }

    pub(super) fn check(&self, origin: &dyn Fn(&str) -> String) -> Result<(), ConfigError> {
        let refuse = |key: String, problem: String| {
            let origin = origin(&key);
            Err(ConfigError::Value { key, origin, problem })
        };
        if self.prompt_next_percent > 100 {
            let problem = format!("is {}, must be from 0 to 100", self.prompt_next_percent);
            return refuse("llm.prompt_next_percent".to_owned(), problem);
        }
        let mut names = BTreeSet::new();
        for (at, provider) in self.provider.iter().enumerate() {
            if let Some((field, problem)) = provider.problem() {
                return refuse(format!("llm.provider[{at}].{field}"), problem);
            }
            if !names.insert(provider.name.as_str()) {
                return refuse(
                    format!("llm.provider[{at}].name"),
                    format!("{:?} is the name of two providers", provider.name),
                );
            }
        }
        let mut seen = BTreeSet::new();
        for name in &self.chain {
            if !names.contains(name.as_str()) {
                let known: Vec<&str> = names.iter().copied().collect();
                return refuse(
                    "llm.chain".to_owned(),
                    format!("names {name:?}, but the providers are [{}]", known.join(", ")),
                );
            }
            if !seen.insert(name) {
                return refuse("llm.chain".to_owned(), format!("names {name:?} twice"));
            }
        }
        Ok(())
    }
}

impl LlmProvider {
    /// The first field that cannot be used, and why.
    fn problem(&self) -> Option<(&'static str, String)> {
        let empty = |text: &str| text.trim().is_empty();
        if self.name.is_empty()
            || !self
                .name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
        {
            return Some(("name", format!("is {:?}, must be small letters, digits, - and _", self.name)));
        }
        if empty(&self.model) {
            return Some(("model", "is empty".to_owned()));
        }
        match reqwest::Url::parse(&self.base_url) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => {
                return Some(("base_url", "must begin with http:// or https://".to_owned()));
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                return Some(("base_url", "holds a password; use key_file or key_env".to_owned()));
            }
            Ok(_) => {}
            Err(error) => return Some(("base_url", format!("is no address: {error}"))),
        }
        if !self.key_file.is_empty() && !self.key_env.is_empty() {
            return Some(("key_env", "and key_file are both set; set one".to_owned()));
        }
        for (name, value) in &self.headers {
            let secret = ["authorization", "x-api-key", "api-key", "x-goog-api-key"];
            if secret.contains(&name.to_lowercase().as_str()) {
                return Some(("headers", format!("holds the key {name:?}; use key_file or key_env")));
            }
            if reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_err()
                || reqwest::header::HeaderValue::from_str(value).is_err()
            {
                return Some(("headers", format!("{name:?} is no header of HTTP, or its value is none")));
            }
        }
        if self.batch && self.wire == WireName::Ollama {
            return Some(("batch", "is true, but the wire ollama has no batches".to_owned()));
        }
        if self.timeout_s == 0 || self.connect_timeout_s == 0 {
            return Some(("timeout_s", "and connect_timeout_s must be at least 1".to_owned()));
        }
        if self.max_output == 0 {
            return Some(("max_output", "is 0, must be at least 1".to_owned()));
        }
        if self.context_window > 0 && self.context_window <= u64::from(self.max_output) {
            return Some(("context_window", "leaves no room beside max_output".to_owned()));
        }
        None
    }
}
