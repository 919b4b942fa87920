//! `/v1/messages/batches`. A batch has no mark of ours, only its results name the questions.

use async_trait::async_trait;
use reqwest::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::desk::{self, Desk, Ended, Found, Line, Look, NotCreated, Outcome, PAGES, Sought};
use crate::llm::error::LlmError;
use crate::llm::provider::Provider;

pub(super) struct Anthropic;

fn url(provider: &Provider, rest: &str) -> String {
    format!("{}/v1/messages/batches{rest}", provider.base_url.trim_end_matches("/v1"))
}

fn has_ended(batch: &Value) -> bool {
    batch.get("processing_status").and_then(Value::as_str) == Some("ended")
}

/// Questions of a batch; `None` when the provider does not say.
fn size(batch: &Value) -> Option<u64> {
    let counts = batch.get("request_counts")?.as_object()?;
    Some(counts.values().filter_map(Value::as_u64).sum())
}

#[async_trait]
impl Desk for Anthropic {
    async fn create(
        &self,
        provider: &Provider,
        _: Uuid,
        items: &[(Uuid, String)],
    ) -> Result<String, NotCreated> {
        let requests: Vec<String> =
            items.iter().map(|(id, body)| format!("{{\"custom_id\":\"{id}\",\"params\":{body}}}")).collect();
        let body = format!("{{\"requests\":[{}]}}", requests.join(","));
        let created = desk::post(provider, &url(provider, ""), body.into_bytes()).await;
        created.and_then(|created| desk::id_of(&created, "id")).map_err(NotCreated::by)
    }

    async fn find(&self, provider: &Provider, sought: &Sought) -> Result<Found, LlmError> {
        let most = u64::try_from(sought.items.len()).unwrap_or(u64::MAX);
        let (mut after, mut unsure) = (String::new(), false);
        for _ in 0..PAGES {
            let page = desk::get(provider, &url(provider, &format!("?limit=100{after}"))).await?;
            let batches = page.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for batch in batches {
                let id = desk::id_of(batch, "id")?;
                let other = sought.known.contains(&id)
                    || sought.is_before(desk::time(batch.get("created_at")))
                    || size(batch).is_some_and(|size| size > most);
                if other {
                    continue;
                }
                if !has_ended(batch) {
                    unsure = true;
                } else if self.names_one(provider, &id, sought).await? {
                    return Ok(Found::Here(id));
                }
            }
            let last = batches.last();
            let more = page.get("has_more") == Some(&Value::Bool(true));
            if !more || sought.is_before(desk::time(last.and_then(|batch| batch.get("created_at")))) {
                return Ok(if unsure { Found::Unsure } else { Found::Nowhere });
            }
            after = format!("&after_id={}", desk::id_of(last.unwrap_or(&Value::Null), "id")?);
        }
        Ok(Found::Unsure)
    }

    async fn look(&self, provider: &Provider, id: &str) -> Result<Look, LlmError> {
        let batch = desk::get(provider, &url(provider, &format!("/{id}"))).await?;
        Ok(if has_ended(&batch) { Look::Ended(Ended::default()) } else { Look::UnderWay })
    }

    async fn results(&self, provider: &Provider, id: &str, _: &Ended) -> Result<Vec<Line>, LlmError> {
        // The batch names an address for its results; ours is built here, so that the key goes nowhere else.
        let file = desk::fetch(provider, &url(provider, &format!("/{id}/results"))).await?;
        Ok(desk::lines(&file).filter_map(|line| read(&line)).collect())
    }

    async fn cancel(&self, provider: &Provider, id: &str) -> Result<(), LlmError> {
        desk::post(provider, &url(provider, &format!("/{id}/cancel")), Vec::new()).await.map(drop)
    }

    async fn forget(&self, provider: &Provider, id: &str, _: &Ended) {
        desk::delete(provider, &url(provider, &format!("/{id}"))).await;
    }
}

impl Anthropic {
    /// Whether the results of a batch name one of the questions.
    async fn names_one(&self, provider: &Provider, id: &str, sought: &Sought) -> Result<bool, LlmError> {
        let lines = self.results(provider, id, &Ended::default()).await?;
        Ok(lines.iter().any(|line| sought.items.contains(&line.id)))
    }
}

fn read(line: &Value) -> Option<Line> {
    let id = line.get("custom_id")?.as_str()?.to_owned();
    let result = line.get("result")?;
    let outcome = match result.get("type").and_then(Value::as_str) {
        Some("succeeded") => Outcome::Body {
            status: StatusCode::OK,
            request_id: None,
            body: result.get("message").map(Value::to_string).unwrap_or_default().into(),
        },
        Some("errored") => {
            let error = result.get("error").unwrap_or(&Value::Null);
            let kind = error.pointer("/error/type").or_else(|| error.get("type")).and_then(Value::as_str);
            Outcome::refused(status(kind.unwrap_or_default()), error)
        }
        _ => Outcome::Undone,
    };
    Some(Line { id, outcome })
}

/// The status that a direct answer with such an error has.
fn status(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}
