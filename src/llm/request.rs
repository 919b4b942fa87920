//! What is asked of a model, independent of any provider.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::schema::SchemaSet;
use crate::domain::digest::{canonical_json, hexadecimal, sha256};

/// One question to a model. All text in it is already free of personal data.
#[derive(Debug, Clone)]
pub struct Request {
    /// What it is for, such as `report.section`; a word for logs and accounts, not sent.
    pub purpose: &'static str,
    /// Part of the work it covers, such as `all` or a section id; tells calls of one job apart, not sent.
    pub part: String,
    /// The prompt that the messages were rendered from.
    pub prompt: PromptRef,
    /// The conversation.
    pub messages: Vec<Message>,
    /// Shape of the answer; `None` asks for plain text.
    pub schema: Option<Arc<SchemaSet>>,
    /// Most tokens the answer may have, reasoning included.
    pub max_output: u32,
    /// 0 to 2; `None` leaves it to the provider (some models refuse the parameter).
    pub temperature: Option<f32>,
    /// Best effort where a provider knows it.
    pub seed: Option<u64>,
    /// Language of the answer, BCP 47.
    pub locale: String,
    /// Changes the digest without changing what is sent: asks again although an answer is stored.
    pub nonce: u32,
    /// When the caller stops waiting. Not part of the digest.
    pub deadline: Instant,
}

/// A rendered prompt by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptRef {
    /// Folder under `data/prompts`, such as `report`.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// SHA-256 of the sources, in hexadecimal.
    pub hash: String,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The rules; comes first.
    System,
    /// We.
    User,
    /// The model, in an earlier turn.
    Assistant,
}

impl Message {
    /// A turn of `role`.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into() }
    }
}

impl Request {
    /// The texts of the rules, joined: providers that take them apart from the conversation take one.
    #[must_use]
    pub fn system(&self) -> String {
        let rules = self.messages.iter().filter(|message| message.role == Role::System);
        rules.map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n\n")
    }

    /// The conversation without the rules.
    pub fn turns(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| message.role != Role::System)
    }

    /// The key under which an answer of `model` at `provider` is stored: SHA-256 over canonical JSON of all that
    /// decides the answer. Equal questions have equal digests, whoever asks; the deadline, the purpose and keys are not in it.
    #[must_use]
    pub fn digest(&self, provider: &str, model: &str) -> Digest {
        let all = json!({
            "format": 1,
            "provider": provider,
            "model": model,
            "prompt": self.prompt,
            "part": self.part,
            "messages": self.messages,
            "schema": self.schema.as_ref().map(|schema| schema.digest().to_string()),
            "max_output": self.max_output,
            "temperature": self.temperature.map(|value| value.to_string()),
            "seed": self.seed,
            "locale": self.locale,
            "nonce": self.nonce,
        });
        Digest::of(&all)
    }

    /// Tokens that the question may have: our guess from its bytes, schema included. Errs high for English.
    #[must_use]
    pub fn estimated_input(&self) -> u64 {
        let texts: usize = self.messages.iter().map(|message| message.text.len() + 16).sum();
        let schema = self.schema.as_ref().map_or(0, |schema| schema.bytes());
        tokens_of_bytes(texts + schema)
    }
}

/// About four bytes of English or JSON are one token; three errs on the safe side.
#[must_use]
pub const fn tokens_of_bytes(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(3)
}

/// SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of a value, whatever the order of its keys.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        Self(sha256(&canonical_json(value)))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::llm::testing::request;

    #[test]
    fn keys_in_any_order_have_one_digest() {
        let one = json!({"b": [1, {"d": null, "c": "\""}], "a": 1.5});
        let other = json!({"a": 1.5, "b": [1, {"c": "\"", "d": null}]});
        assert_eq!(Digest::of(&one), Digest::of(&other));
        assert_eq!(
            Digest::of(&json!({})).to_string(),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }

    #[test]
    fn the_digest_changes_with_all_that_decides_the_answer_and_with_nothing_else() {
        let base = request();
        let digest = base.digest("p", "m");
        let changed = |change: &dyn Fn(&mut Request)| {
            let mut other = request();
            change(&mut other);
            other.digest("p", "m")
        };
        assert_ne!(base.digest("q", "m"), digest);
        assert_ne!(base.digest("p", "n"), digest);
        assert_ne!(changed(&|r| r.part.push('x')), digest);
        assert_ne!(changed(&|r| r.prompt.hash.push('x')), digest);
        assert_ne!(changed(&|r| r.messages[1].text.push('x')), digest);
        assert_ne!(changed(&|r| r.schema = None), digest);
        assert_ne!(changed(&|r| r.max_output += 1), digest);
        assert_ne!(changed(&|r| r.temperature = None), digest);
        assert_ne!(changed(&|r| r.seed = None), digest);
        assert_ne!(changed(&|r| r.locale.push('x')), digest);
        assert_ne!(changed(&|r| r.nonce = 1), digest);
        assert_eq!(changed(&|r| r.purpose = "other"), digest);
        assert_eq!(changed(&|r| r.deadline += Duration::from_secs(1)), digest);
    }
}
