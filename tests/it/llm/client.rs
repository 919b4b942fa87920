//! Chains and questions for tests.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use orrery::config::Config;
use orrery::llm::chain::Asked;
use orrery::llm::guard::Unguarded;
use orrery::llm::request::{Message, PromptRef, Role};
use orrery::llm::retry::Waits;
use orrery::llm::schema::SchemaSet;
use orrery::llm::{Chain, LlmError, Provider, Request};
use serde_json::json;
use tokio::time::Instant;

/// The key of every provider here.
pub const KEY: &str = "sk-test-0123456789abcdef";

/// A client that speaks to the judge itself.
pub fn plain() -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(
            rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth(),
        )
        .build()
        .unwrap()
}

/// A provider named `name` of a wire at an address, with further lines of its table.
pub fn provider(name: &str, wire: &str, base_url: &str, lines: &str) -> Provider {
    let text = format!(
        "[[llm.provider]]\nname = \"{name}\"\nwire = \"{wire}\"\nbase_url = \"{base_url}\"\nmodel = \"m-1\"\nkey_env = \"K\"\n{lines}\n"
    );
    let config = Config::of_text(Path::new("test.toml"), &text).unwrap();
    Provider::of(&config.llm.provider[0], &|_| Some(KEY.to_owned())).unwrap()
}

/// A chain with the waits of the product.
pub fn chain(providers: Vec<Provider>) -> Chain {
    Chain::with(providers, Waits::default())
}

/// A chain that hardly waits, for tests of what is not waiting.
pub fn hasty(providers: Vec<Provider>) -> Chain {
    let (floor, cap) = (Duration::from_millis(1), Duration::from_millis(5));
    Chain::with(providers, Waits { floor, cap, ..Waits::default() })
}

/// A question; different words make it another call.
pub fn request(words: &str) -> Request {
    Request {
        purpose: "test",
        part: "all".to_owned(),
        prompt: PromptRef { id: "test".to_owned(), version: "1.0.0".to_owned(), hash: String::new() },
        messages: vec![Message::new(Role::System, "Be brief."), Message::new(Role::User, words)],
        schema: Some(Arc::new(SchemaSet::new(
            "note",
            json!({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"], "additionalProperties": false}),
        ))),
        max_output: 50,
        temperature: Some(0.2),
        seed: None,
        locale: "en".to_owned(),
        nonce: 0,
        deadline: Instant::now() + Duration::from_mins(2),
    }
}

/// Asks without accounts.
pub async fn ask(chain: &Chain, words: &str) -> Result<Asked, LlmError> {
    chain.ask(&request(words), &Unguarded).await
}
