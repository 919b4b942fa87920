//! What the tests of this room stand on.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::provider::Provider;
use super::request::{Message, PromptRef, Request, Role};
use super::schema::SchemaSet;
use crate::config::Config;

/// A provider from the lines of its table; its key is `key-0123456789`.
pub(crate) fn provider(lines: &str) -> Provider {
    let text = format!(
        "[llm]\nchain = [\"p\"]\n[[llm.provider]]\nname = \"p\"\nmodel = \"m-1\"\nkey_env = \"K\"\n{lines}\n"
    );
    let config = Config::of_text(Path::new("test.toml"), &text).unwrap();
    Provider::of(&config.llm.provider[0], &|_| Some("key-0123456789".to_owned())).unwrap()
}

pub(crate) fn schema() -> Arc<SchemaSet> {
    Arc::new(SchemaSet::new(
        "note",
        json!({"type": "object", "properties": {"text": {"type": "string", "minLength": 1}}, "required": ["text"],
            "additionalProperties": false}),
    ))
}

pub(crate) fn request() -> Request {
    Request {
        purpose: "test",
        part: "all".to_owned(),
        prompt: PromptRef { id: "test".to_owned(), version: "1.0.0".to_owned(), hash: "00".to_owned() },
        messages: vec![
            Message::new(Role::System, "Be brief."),
            Message::new(Role::User, "Say \"a\"."),
            Message::new(Role::Assistant, "b"),
            Message::new(Role::User, "No."),
        ],
        schema: Some(schema()),
        max_output: 50,
        temperature: Some(0.2),
        seed: Some(7),
        locale: "en".to_owned(),
        nonce: 0,
        deadline: Instant::now() + Duration::from_mins(1),
    }
}
