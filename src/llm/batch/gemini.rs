//! `:batchGenerateContent` and `/batches` of Gemini: questions in the request, marked by the display name.

use async_trait::async_trait;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{self, Desk, Ended, Found, Line, Look, NotCreated, Outcome, PAGES, Sought};
use crate::llm::error::LlmError;
use crate::llm::provider::Provider;

pub(super) struct Gemini;

/// Address of the interface, without a path.
fn base(provider: &Provider) -> String {
    let url = provider.speaks().url(provider);
    url.rsplit_once("/models/").map_or_else(|| url.clone(), |(base, _)| base.to_owned())
}

fn mark(batch: Uuid) -> String {
    format!("orrery-{batch}")
}

#[async_trait]
impl Desk for Gemini {
    async fn create(
        &self,
        provider: &Provider,
        batch: Uuid,
        items: &[(Uuid, String)],
    ) -> Result<String, NotCreated> {
        let requests: Vec<String> = items
            .iter()
            .map(|(id, body)| format!("{{\"request\":{body},\"metadata\":{{\"key\":\"{id}\"}}}}"))
            .collect();
        let body = format!(
            "{{\"batch\":{{\"displayName\":\"{}\",\"inputConfig\":{{\"requests\":{{\"requests\":[{}]}}}}}}}}",
            mark(batch),
            requests.join(",")
        );
        let url = format!("{}/models/{}:batchGenerateContent", base(provider), provider.model);
        let created = desk::post(provider, &url, body.into_bytes()).await;
        created.and_then(|created| desk::id_of(&created, "name")).map_err(NotCreated::by)
    }

    async fn find(&self, provider: &Provider, sought: &Sought) -> Result<Found, LlmError> {
        let mark = mark(sought.batch);
        let mut page_token = String::new();
        for _ in 0..PAGES {
            let url = format!("{}/batches?pageSize=100{page_token}", base(provider));
            let page = desk::get(provider, &url).await?;
            let batches =
                page.get("operations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for batch in batches {
                if batch.pointer("/metadata/displayName").and_then(Value::as_str) == Some(mark.as_str()) {
                    return desk::id_of(batch, "name").map(Found::Here);
                }
            }
            // The order of the list is not documented, so all of it is read.
            let next = page.get("nextPageToken").and_then(Value::as_str).filter(|token| !token.is_empty());
            let Some(next) = next else { return Ok(Found::Nowhere) };
            if !next.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '.')) {
                return Ok(Found::Unsure);
            }
            page_token = format!("&pageToken={next}");
        }
        Ok(Found::Unsure)
    }

    async fn look(&self, provider: &Provider, id: &str) -> Result<Look, LlmError> {
        let batch = desk::get(provider, &format!("{}/{id}", base(provider))).await?;
        // `BATCH_STATE_RUNNING` in the reference, `JOB_STATE_RUNNING` in the clients.
        let state = batch.pointer("/metadata/state").and_then(Value::as_str).unwrap_or_default();
        let state = state.rsplit("STATE_").next().unwrap_or_default();
        let done = batch.get("done") == Some(&Value::Bool(true));
        if !done && !matches!(state, "SUCCEEDED" | "FAILED" | "CANCELLED" | "EXPIRED") {
            return Ok(Look::UnderWay);
        }
        let responses = [
            "/response/inlinedResponses/inlinedResponses",
            "/response/output/inlinedResponses/inlinedResponses",
            "/metadata/output/inlinedResponses/inlinedResponses",
        ];
        let inline = responses.into_iter().find_map(|at| batch.pointer(at)?.as_array()).cloned();
        Ok(Look::Ended(Ended {
            inline: inline.unwrap_or_default(),
            failed: (state == "FAILED").then(|| "the provider could not do it".to_owned()),
            ..Ended::default()
        }))
    }

    async fn results(&self, _: &Provider, _: &str, ended: &Ended) -> Result<Vec<Line>, LlmError> {
        Ok(ended.inline.iter().filter_map(read).collect())
    }

    async fn cancel(&self, provider: &Provider, id: &str) -> Result<(), LlmError> {
        let url = format!("{}/{id}:cancel", base(provider));
        desk::post(provider, &url, b"{}".to_vec()).await.map(drop)
    }

    async fn forget(&self, provider: &Provider, id: &str, _: &Ended) {
        desk::delete(provider, &format!("{}/{id}", base(provider))).await;
    }
}

fn read(line: &Value) -> Option<Line> {
    let id = line.pointer("/metadata/key")?.as_str()?.to_owned();
    let outcome = match (line.get("response"), line.get("error")) {
        (Some(response @ Value::Object(_)), _) => {
            Outcome::Body { status: StatusCode::OK, request_id: None, body: response.to_string().into() }
        }
        (_, Some(error @ Value::Object(_))) => match error.get("code").and_then(Value::as_u64) {
            // Cancelled.
            Some(1) => Outcome::Undone,
            code => Outcome::refused(status(code.unwrap_or_default()), &json!({ "error": error })),
        },
        _ => Outcome::Undone,
    };
    Some(Line { id, outcome })
}

/// The status of HTTP that stands for a code of gRPC.
fn status(code: u64) -> u16 {
    match code {
        3 | 9 | 11 => 400,
        4 => 504,
        5 => 404,
        7 => 403,
        8 => 429,
        14 => 503,
        16 => 401,
        _ => u16::try_from(code).ok().filter(|code| (400..600).contains(code)).unwrap_or(500),
    }
}
