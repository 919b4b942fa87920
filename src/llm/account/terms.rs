//! What the configuration knows of a provider, as far as the accounts need it.

use crate::config::{Price, WireName};
use crate::domain::digest::{hexadecimal, sha256};
use crate::llm::Provider;

/// One provider of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Name in the configuration.
    pub provider: String,
    /// Price list to look in when there is none under that name, such as `openai`.
    pub price_list: String,
    /// Whether its calls cost nothing.
    pub free: bool,
    /// Which key, by a name that does not tell it; empty without a key.
    pub key_id: String,
    /// Requests in a minute that all workers together may make; `None`: no limit known.
    pub requests_per_minute: Option<u64>,
    /// Tokens in a minute; `None`: no limit known.
    pub tokens_per_minute: Option<u64>,
}

impl Terms {
    /// A provider of which only the name is known.
    #[must_use]
    pub fn unknown(provider: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            price_list: String::new(),
            free: false,
            key_id: String::new(),
            requests_per_minute: None,
            tokens_per_minute: None,
        }
    }

    /// A name for a key that does not tell it: eight digits of its SHA-256.
    #[must_use]
    pub fn name_of_key(key: &str) -> String {
        hexadecimal(&sha256(key)[..4])
    }
}

impl From<&Provider> for Terms {
    fn from(provider: &Provider) -> Self {
        let price_list = match provider.wire {
            WireName::Openai => "openai",
            WireName::Anthropic => "anthropic",
            WireName::Gemini => "gemini",
            WireName::Ollama => "ollama",
        };
        let limit = |per_minute: u64| (per_minute > 0).then_some(per_minute);
        Self {
            provider: provider.name.clone(),
            price_list: price_list.to_owned(),
            free: provider.price == Price::Free,
            key_id: provider.key.as_ref().map_or_else(String::new, |key| Self::name_of_key(key.expose())),
            requests_per_minute: limit(provider.requests_per_minute),
            tokens_per_minute: limit(provider.tokens_per_minute),
        }
    }
}
