//! Trying a provider with a tiny question.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::answer::Answer;
use super::chain::Chain;
use super::error::LlmError;
use super::guard::Guard;
use super::request::{Message, PromptRef, Request, Role};
use super::schema::SchemaSet;

/// Enough for a model that thinks before it says one word.
const MAX_OUTPUT: u32 = 1024;

/// What a provider did with the tiny question.
#[derive(Debug)]
pub struct Found {
    /// Its answer.
    pub answer: Answer,
    /// Whether it kept to the schema. One that does not is usable: answers are repaired and checked anyway.
    pub keeps_schema: bool,
}

/// Asks the provider at `step`. Nothing of anybody is in the question.
///
/// # Errors
/// Why it did not answer.
pub async fn probe(
    chain: &Chain,
    step: usize,
    guard: &dyn Guard,
    limit: Duration,
) -> Result<Found, LlmError> {
    let schema = json!({
        "type": "object",
        "properties": {"ready": {"type": "boolean"}},
        "required": ["ready"],
        "additionalProperties": false
    });
    let request = Request {
        purpose: "test",
        part: "all".to_owned(),
        prompt: PromptRef { id: "test".to_owned(), version: "1.0.0".to_owned(), hash: String::new() },
        messages: vec![
            Message::new(Role::System, "Answer with one JSON object that follows the schema."),
            Message::new(Role::User, "Are you ready? Answer {\"ready\": true}."),
        ],
        schema: Some(Arc::new(SchemaSet::new("test", schema))),
        max_output: MAX_OUTPUT,
        temperature: Some(0.0),
        seed: None,
        locale: "en".to_owned(),
        nonce: 0,
        deadline: Instant::now() + limit,
    };
    let (answer, _) = chain.ask_one(step, &request, guard).await?;
    let keeps_schema = serde_json::from_str::<Value>(&answer.text)
        .is_ok_and(|value| value.get("ready").is_some_and(Value::is_boolean));
    Ok(Found { answer, keeps_schema })
}
