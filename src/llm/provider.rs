//! One provider of the chain, ready to be called.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect;

use super::wire::{self, Wire};
use crate::config::{Auth, ConfigError, LlmProvider, OutputCap, Price, SchemaForm, WireName};

/// A key. Neither printed nor compared.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a key.
    #[must_use]
    pub const fn new(key: String) -> Self {
        Self(key)
    }

    /// The key itself, to be sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` with the key struck out, whole or in part: providers quote what they were sent.
    #[must_use]
    pub fn struck_from(&self, text: &str) -> String {
        let mut text = if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "***") };
        if self.0.len() >= 12 && self.0.is_ascii() {
            for part in [&self.0[..8], &self.0[self.0.len() - 4..]] {
                text = text.replace(part, "***");
            }
        }
        text
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// One provider of the chain.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Name in the configuration.
    pub name: String,
    /// The model, or the deployment.
    pub model: String,
    /// Address without the path of the wire, and without a slash at its end.
    pub base_url: String,
    /// The protocol.
    pub wire: WireName,
    /// The key, where one is needed.
    pub key: Option<Secret>,
    /// How it is sent.
    pub auth: Auth,
    /// Further headers.
    pub headers: HeaderMap,
    /// Version of the interface, or nothing.
    pub api_version: String,
    /// For one HTTP request.
    pub timeout: Duration,
    /// Most tokens of an answer.
    pub max_output: u32,
    /// Name of that cap.
    pub output_cap: OutputCap,
    /// Tokens of question and answer; `None` when unknown.
    pub context_window: Option<u64>,
    /// Form of the schema.
    pub schema: SchemaForm,
    /// Whether the model takes a temperature.
    pub takes_temperature: bool,
    /// Whether the model takes a seed.
    pub takes_seed: bool,
    /// Where its price comes from.
    pub price: Price,
    /// Requests per minute; 0 for none known.
    pub requests_per_minute: u64,
    /// Tokens per minute; 0 for none known.
    pub tokens_per_minute: u64,
    /// Whether questions that can wait go by batches.
    pub batch: bool,
    pub(super) client: reqwest::Client,
}

impl Provider {
    /// From its table in the configuration; reads the key. `environment` finds variables.
    ///
    /// # Errors
    /// When key or certificates cannot be read.
    pub fn of(
        config: &LlmProvider,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &config.headers {
            // Both were checked when the configuration was read.
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            {
                headers.insert(name, value);
            }
        }
        Ok(Self {
            name: config.name.clone(),
            model: config.model.clone(),
            base_url: config.base_url.trim_end_matches('/').to_owned(),
            wire: config.wire,
            key: key(config, environment)?,
            auth: config.auth,
            headers,
            api_version: config.api_version.clone(),
            timeout: Duration::from_secs(config.timeout_s),
            max_output: config.max_output,
            output_cap: config.output_cap,
            context_window: (config.context_window > 0).then_some(config.context_window),
            schema: config.schema,
            takes_temperature: config.temperature,
            takes_seed: config.seed,
            price: config.price,
            requests_per_minute: config.requests_per_minute,
            tokens_per_minute: config.tokens_per_minute,
            batch: config.batch,
            client: client(config)?,
        })
    }

    /// Its protocol.
    #[must_use]
    pub fn speaks(&self) -> &'static dyn Wire {
        wire::of(self.wire)
    }

    /// Whether this is another account than `other`, by its key.
    pub(super) fn key_differs(&self, other: &Self) -> bool {
        self.key.as_ref().map(Secret::expose) != other.key.as_ref().map(Secret::expose)
    }
}

fn refused(config: &LlmProvider, field: &str, origin: String, problem: String) -> ConfigError {
    ConfigError::Value { key: format!("llm.provider {:?}.{field}", config.name), origin, problem }
}

fn key(
    config: &LlmProvider,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<Secret>, ConfigError> {
    if config.key_file.is_empty() && config.key_env.is_empty() {
        return Ok(None);
    }
    let (field, origin, key) = if config.key_file.is_empty() {
        let origin = format!("environment variable {}", config.key_env);
        let text = environment(&config.key_env)
            .ok_or_else(|| refused(config, "key_env", origin.clone(), "is not set".to_owned()))?;
        ("key_env", origin, text)
    } else {
        let origin = format!("file {}", config.key_file);
        let text = std::fs::read_to_string(Path::new(&config.key_file)).map_err(|error| {
            refused(config, "key_file", origin.clone(), format!("cannot be read: {error}"))
        })?;
        ("key_file", origin, text)
    };
    let key = key.trim();
    if key.is_empty() || HeaderValue::from_str(key).is_err() {
        return Err(refused(config, field, origin, "holds no key that can be sent".to_owned()));
    }
    Ok(Some(Secret::new(key.to_owned())))
}

fn client(config: &LlmProvider) -> Result<reqwest::Client, ConfigError> {
    let wrong = |problem: String| refused(config, "ca_file", format!("file {}", config.ca_file), problem);
    let tls = super::tls::client_config(&config.ca_file).map_err(wrong)?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        // A key must not follow a redirect to somebody else.
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_secs(config.connect_timeout_s))
        .user_agent(concat!("orrery/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| refused(config, "base_url", "the program".to_owned(), error.to_string()))
}
