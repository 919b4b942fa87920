//! `/files` and `/batches` of `OpenAI`: questions as a file of lines, marked by metadata.

use async_trait::async_trait;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::desk::{self, Desk, Ended, Found, Line, Look, NotCreated, Outcome, PAGES, Sought};
use crate::llm::error::LlmError;
use crate::llm::http::{self, Errand};
use crate::llm::provider::Provider;

/// What each question is asked of.
const ENDPOINT: &str = "/v1/chat/completions";

/// Metadata that holds our id.
const MARK: &str = "orrery_batch";

/// Separates the parts of an upload. Questions are JSON on one line, so no line of theirs can be this.
const BOUNDARY: &str = "orrery-5f1d7a90c2e84b36";

pub(super) struct OpenAi;

fn url(provider: &Provider, path: &str) -> String {
    let (base, version) = (&provider.base_url, &provider.api_version);
    let joint = if path.contains('?') { '&' } else { '?' };
    if version.is_empty() {
        format!("{base}{path}")
    } else {
        format!("{base}{path}{joint}api-version={version}")
    }
}

/// The file as a form.
fn upload(batch: Uuid, items: &[(Uuid, String)]) -> Vec<u8> {
    let mut form = vec![
        format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"),
        format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"orrery-{batch}.jsonl\"\r\n"
        ),
        "content-type: application/jsonl\r\n\r\n".to_owned(),
    ];
    for (id, body) in items {
        form.push(format!(
            "{{\"custom_id\":\"{id}\",\"method\":\"POST\",\"url\":\"{ENDPOINT}\",\"body\":{body}}}\n"
        ));
    }
    form.push(format!("\r\n--{BOUNDARY}--\r\n"));
    form.concat().into_bytes()
}

#[async_trait]
impl Desk for OpenAi {
    async fn create(
        &self,
        provider: &Provider,
        batch: Uuid,
        items: &[(Uuid, String)],
    ) -> Result<String, NotCreated> {
        let errand = Errand {
            method: Method::POST,
            url: &url(provider, "/files"),
            content_type: "multipart/form-data; boundary=orrery-5f1d7a90c2e84b36",
            body: upload(batch, items),
        };
        let file = http::run(provider, errand).await.map_err(NotCreated::surely)?;
        let file: Value = serde_json::from_slice(&file).unwrap_or_default();
        let file = desk::id_of(&file, "id").map_err(NotCreated::surely)?;
        let body = json!({
            "input_file_id": file, "endpoint": ENDPOINT, "completion_window": "24h",
            "metadata": { MARK: batch.to_string() },
        });
        let created = desk::post(provider, &url(provider, "/batches"), body.to_string().into_bytes()).await;
        let created = created.and_then(|created| desk::id_of(&created, "id")).map_err(NotCreated::by);
        if created.as_ref().is_err_and(|failure| !failure.perhaps) {
            desk::delete(provider, &url(provider, &format!("/files/{file}"))).await;
        }
        created
    }

    async fn find(&self, provider: &Provider, sought: &Sought) -> Result<Found, LlmError> {
        let mark = sought.batch.to_string();
        let mut after = String::new();
        for _ in 0..PAGES {
            let page = desk::get(provider, &url(provider, &format!("/batches?limit=100{after}"))).await?;
            let batches = page.get("data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for batch in batches {
                if batch.pointer("/metadata/orrery_batch").and_then(Value::as_str) == Some(mark.as_str()) {
                    return desk::id_of(batch, "id").map(Found::Here);
                }
            }
            let last = batches.last();
            let more = page.get("has_more") == Some(&Value::Bool(true));
            if !more || sought.is_before(desk::time(last.and_then(|batch| batch.get("created_at")))) {
                return Ok(Found::Nowhere);
            }
            after = format!("&after={}", desk::id_of(last.unwrap_or(&Value::Null), "id")?);
        }
        Ok(Found::Unsure)
    }

    async fn look(&self, provider: &Provider, id: &str) -> Result<Look, LlmError> {
        let batch = desk::get(provider, &url(provider, &format!("/batches/{id}"))).await?;
        let word = |key: &str| batch.get(key).and_then(Value::as_str).filter(|word| desk::is_plain(word));
        let status = word("status").unwrap_or_default();
        if !matches!(status, "completed" | "failed" | "expired" | "cancelled") {
            return Ok(Look::UnderWay);
        }
        let file = |key: &str| word(key).map(str::to_owned);
        let codes = batch.pointer("/errors/data").and_then(Value::as_array).into_iter().flatten();
        let codes: Vec<&str> = codes
            .filter_map(|error| error.get("code")?.as_str())
            .filter(|code| desk::is_plain(code))
            .collect();
        Ok(Look::Ended(Ended {
            results: ["output_file_id", "error_file_id"].into_iter().filter_map(file).collect(),
            others: file("input_file_id").into_iter().collect(),
            failed: (status == "failed").then(|| format!("the provider refused it: {}", codes.join(", "))),
            ..Ended::default()
        }))
    }

    async fn results(&self, provider: &Provider, _: &str, ended: &Ended) -> Result<Vec<Line>, LlmError> {
        let mut found = Vec::new();
        for file in &ended.results {
            let file = desk::fetch(provider, &url(provider, &format!("/files/{file}/content"))).await?;
            found.extend(desk::lines(&file).filter_map(|line| read(&line)));
        }
        Ok(found)
    }

    async fn cancel(&self, provider: &Provider, id: &str) -> Result<(), LlmError> {
        desk::post(provider, &url(provider, &format!("/batches/{id}/cancel")), b"{}".to_vec()).await.map(drop)
    }

    async fn forget(&self, provider: &Provider, _: &str, ended: &Ended) {
        for file in ended.results.iter().chain(&ended.others) {
            desk::delete(provider, &url(provider, &format!("/files/{file}"))).await;
        }
    }
}

fn read(line: &Value) -> Option<Line> {
    let id = line.get("custom_id")?.as_str()?.to_owned();
    let outcome = match (line.get("response"), line.get("error")) {
        (Some(response @ Value::Object(_)), _) => {
            let status = response.get("status_code").and_then(Value::as_u64).unwrap_or(200);
            let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok())?;
            Outcome::Body {
                status,
                request_id: response.get("request_id").and_then(Value::as_str).map(str::to_owned),
                body: response.get("body").map(Value::to_string).unwrap_or_default().into(),
            }
        }
        (_, Some(error @ Value::Object(_))) => match error.get("code").and_then(Value::as_str) {
            Some("batch_expired" | "batch_cancelled") => Outcome::Undone,
            _ => Outcome::refused(400, &json!({ "error": error })),
        },
        _ => Outcome::Undone,
    };
    Some(Line { id, outcome })
}
