//! The questions of batches: put into one, sent, answered or not.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Held, Item, stopped};
use crate::llm::account::prices::Way;
use crate::llm::account::record::Priced;
use crate::llm::account::{Account, mongodb, row};
use crate::llm::answer::Answer;
use crate::llm::error::LlmError;
use crate::llm::kind::Kind;

impl Account {
    /// Takes out questions that wait in vain; returns how many.
    pub(in crate::llm) async fn take_out_questions(&self) -> Result<usize, LlmError> {
        let out: Vec<(Uuid, String)> = sqlx::query_as(include_str!("../sql/batch_take_out.sql"))
            .fetch_all(&self.pool)
            .await
            .map_err(stopped)?;
        let ids: Vec<Uuid> = out.into_iter().map(|(id, _)| id).collect();
        if !ids.is_empty() {
            self.audit.remove(&ids).await;
        }
        Ok(ids.len())
    }

    /// Questions of a batch that have no end yet.
    pub(in crate::llm) async fn open_items(&self, batch: Uuid) -> Result<Vec<Item>, LlmError> {
        sqlx::query_as(include_str!("../sql/batch_open_items.sql"))
            .bind(batch)
            .fetch_all(&self.pool)
            .await
            .map_err(stopped)
    }

    /// The questions as they are to be sent. One whose text is gone is left out.
    pub(in crate::llm) async fn questions(&self, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>, LlmError> {
        let bodies = self.audit.bodies(ids).await;
        bodies.map_err(|error| mongodb("the questions of a batch could not be read", error))
    }

    /// Commits the answer to a question of a batch, as that to a direct one.
    pub(in crate::llm) async fn record_item(
        &self,
        held: &Held,
        id: Uuid,
        answer: &Answer,
    ) -> Result<(), LlmError> {
        let terms = self.terms(&held.provider);
        let mut texts = json!({ "provider": held.provider, "model": held.model, "answer": answer });
        texts["raw"] = String::from_utf8_lossy(&answer.raw).into();
        let priced = Priced { terms: &terms, model: &held.model, way: Way::Batch };
        self.commit(id, None, &priced, answer, texts).await?;
        // No bucket was charged, so none gets anything back: the tokens are not told.
        self.book(id, None, None).await;
        Ok(())
    }

    /// Notes that a question of a batch failed, with what it used all the same.
    pub(in crate::llm) async fn fail_item(
        &self,
        held: &Held,
        id: Uuid,
        error: &LlmError,
    ) -> Result<(), LlmError> {
        let cost = error.detail.usage.as_ref().and_then(|usage| {
            row::cost(&self.prices(), &self.terms(&held.provider), &held.model, usage, Way::Batch)
        });
        if !error.detail.body.is_empty() {
            let mut texts =
                json!({ "failure": { "code": error.kind.code(), "status": error.detail.status } });
            texts["raw"] = String::from_utf8_lossy(&error.detail.body).into();
            if let Err(error) = self.audit.write(id, &texts, false).await {
                tracing::warn!(call_id = %id, error = %error.kind, "the texts of a failure could not be kept");
            }
        }
        sqlx::query("select orrery.llm_undone($1, $2)")
            .bind(id)
            .bind(row::failed(error, cost))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(stopped)
    }

    /// Ends all questions of a batch that have no end: they were not done and are asked directly. Returns how many.
    pub(in crate::llm) async fn items_are_undone(&self, held: &Held, why: &str) -> Result<i64, LlmError> {
        let failure = row::failed(&LlmError::new(Kind::BatchExpired, why), None);
        self.end_items(held.id, Some(held.held_by), Some(failure)).await
    }

    /// Ends all questions of a batch that have no end: nobody knows whether they were done and paid.
    pub(in crate::llm) async fn items_are_unknown(&self, held: &Held) -> Result<i64, LlmError> {
        self.end_items(held.id, Some(held.held_by), None).await
    }

    pub(super) async fn end_items(
        &self,
        batch: Uuid,
        look: Option<Uuid>,
        failure: Option<Value>,
    ) -> Result<i64, LlmError> {
        sqlx::query_scalar(include_str!("../sql/batch_undone.sql"))
            .bind(batch)
            .bind(failure)
            .bind(look)
            .fetch_one(&self.pool)
            .await
            .map_err(stopped)
    }

    /// Lets rows run whose questions wait no more; returns how many.
    pub(in crate::llm) async fn wake_waiting_rows(&self) -> Result<i64, LlmError> {
        sqlx::query_scalar(include_str!("../sql/batch_wake.sql")).fetch_one(&self.pool).await.map_err(stopped)
    }
}
