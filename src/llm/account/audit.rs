//! The texts of a call in MongoDB: the question as it was sent, free of personal data, and the answer as it came. They expire.

use std::collections::HashMap;
use std::time::Duration;

use bson::{DateTime, Document, doc};
use futures::TryStreamExt as _;
use mongodb::Collection;
use mongodb::options::{Acknowledgment, WriteConcern};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Payer;
use crate::llm::answer::Answer;
use crate::llm::error::LlmError;
use crate::llm::guard::Call;
use crate::store::mongo::Databases;

/// Name of the collection.
pub(super) const COLLECTION: &str = "llm_audit";

/// The texts.
#[derive(Debug, Clone)]
pub(super) struct Audit {
    collection: Collection<Document>,
    kept: Duration,
}

/// What the texts tell of an answer.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) answer: Answer,
    /// The model that was asked, by which it is priced.
    pub(super) model: String,
}

impl Audit {
    pub(super) fn new(client: &mongodb::Client, databases: &Databases, kept: Duration) -> Self {
        Self { collection: client.database(&databases.reports).collection(COLLECTION), kept }
    }

    /// The texts of an answered call, as JSON.
    pub(super) fn of_answer(call: &Call<'_>, payer: &Payer, answer: &Answer) -> Value {
        let mut texts = of_call(call, payer);
        texts["answer"] = serde_json::to_value(answer).unwrap_or_default();
        texts["raw"] = String::from_utf8_lossy(&answer.raw).into();
        texts
    }

    /// The texts of a failed call, as JSON; nothing where the provider said nothing.
    pub(super) fn of_failure(call: &Call<'_>, payer: &Payer, error: &LlmError) -> Option<Value> {
        if error.detail.body.is_empty() {
            return None;
        }
        let mut texts = of_call(call, payer);
        texts["failure"] = json!({ "code": error.kind.code(), "status": error.detail.status });
        texts["raw"] = String::from_utf8_lossy(&error.detail.body).into();
        Some(texts)
    }

    /// Writes texts under the id of their call. With `majority` they survive the loss of a server.
    pub(super) async fn write(
        &self,
        id: Uuid,
        texts: &Value,
        majority: bool,
    ) -> Result<(), mongodb::error::Error> {
        let now = DateTime::now();
        let kept_ms = i64::try_from(self.kept.as_millis()).unwrap_or(i64::MAX);
        let expires = DateTime::from_millis(now.timestamp_millis().saturating_add(kept_ms));
        let mut set = bson::serialize_to_document(texts).map_err(mongodb::error::Error::custom)?;
        set.insert("expiresAt", expires);
        let concern = if majority {
            WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
        } else {
            WriteConcern::builder().w(Acknowledgment::Nodes(1)).build()
        };
        self.collection
            .update_one(
                doc! { "_id": id.to_string() },
                doc! { "$set": set, "$setOnInsert": { "createdAt": now } },
            )
            .upsert(true)
            .write_concern(concern)
            .await
            .map(drop)
    }

    /// Removes texts that are of no use; what cannot be removed expires.
    pub(super) async fn remove(&self, ids: &[Uuid]) {
        let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
        if let Err(error) = self.collection.delete_many(doc! { "_id": { "$in": ids } }).await {
            tracing::debug!(error = %error.kind, "texts that are of no use are left to expire");
        }
    }

    /// The questions as they are to be sent, in this order, of those whose texts are there.
    pub(super) async fn bodies(&self, wanted: &[Uuid]) -> Result<Vec<(Uuid, String)>, mongodb::error::Error> {
        let ids: Vec<String> = wanted.iter().map(Uuid::to_string).collect();
        let found =
            self.collection.find(doc! { "_id": { "$in": ids } }).projection(doc! { "body": 1 }).await?;
        let found: Vec<Document> = found.try_collect().await?;
        let one = |document: &Document| {
            let id = document.get_str("_id").ok()?.parse().ok()?;
            Some((id, document.get_str("body").ok()?.to_owned()))
        };
        let mut bodies: HashMap<Uuid, String> = found.iter().filter_map(one).collect();
        Ok(wanted.iter().filter_map(|id| bodies.remove_entry(id)).collect())
    }

    /// The answer of a call, while its texts are there.
    pub(super) async fn read(&self, id: Uuid) -> Result<Option<Kept>, mongodb::error::Error> {
        let Some(texts) = self.collection.find_one(doc! { "_id": id.to_string() }).await? else {
            return Ok(None);
        };
        Ok(kept(bson::Bson::Document(texts).into_relaxed_extjson()))
    }
}

/// Reads an answer out of its texts.
pub(super) fn kept(mut texts: Value) -> Option<Kept> {
    let answer = serde_json::from_value(texts.get_mut("answer")?.take()).ok()?;
    let model = texts.get("model").and_then(Value::as_str)?.to_owned();
    Some(Kept { answer, model })
}

pub(super) fn of_call(call: &Call<'_>, payer: &Payer) -> Value {
    json!({
        "organizationId": payer.organization_id,
        "queue": payer.job.map(|job| job.queue),
        "jobId": payer.job.map(|job| job.id.to_string()),
        "purpose": call.request.purpose,
        "section": call.request.part,
        "provider": call.provider,
        "model": call.model,
        "promptId": call.request.prompt.id,
        "promptVersion": call.request.prompt.version,
        "messages": call.request.messages,
    })
}
