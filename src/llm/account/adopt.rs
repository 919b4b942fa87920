//! Answers whose worker died between MongoDB and PostgreSQL: the texts are there, the row says that the call is under way.

use serde_json::Value;
use uuid::Uuid;

use super::audit::Kept;
use super::prices::Way;
use super::{Account, row};
use crate::llm::answer::Answer;
use crate::llm::error::LlmError;

impl Account {
    /// Takes over the answer of a call whose worker is gone, if its texts are there.
    pub(super) async fn adopt(&self, id: Uuid, provider: &str) -> Result<Option<Answer>, LlmError> {
        let kept =
            self.audit.read(id).await.map_err(|error| super::mongodb("texts could not be read", error))?;
        let Some(Kept { answer, model }) = kept else { return Ok(None) };
        let cost = row::cost(&self.prices(), &self.terms(provider), &model, &answer.usage, Way::Direct);
        self.adopted(id, row::answered(&answer, cost))
            .await
            .map_err(|error| super::postgres("an answer could not be taken over", error))?;
        tracing::info!(call_id = %id, "answer of a worker that died taken over: nothing is paid again");
        self.book(id, Some(&answer), None).await;
        Ok(Some(answer))
    }

    async fn adopted(&self, id: Uuid, answered: Value) -> Result<(), sqlx::Error> {
        let _: Option<String> = sqlx::query_scalar(include_str!("sql/answered.sql"))
            .bind(id)
            .bind(answered)
            .fetch_optional(&self.pool)
            .await?;
        Ok(())
    }

    /// Books a call that has ended; what cannot be booked now is booked by the sweep.
    pub(super) async fn book(&self, id: Uuid, answer: Option<&Answer>, failure: Option<Value>) {
        let used = answer.map(|answer| answer.usage.input.saturating_add(answer.usage.output));
        let booked = sqlx::query(include_str!("sql/settle.sql"))
            .bind(id)
            .bind(used.map(|used| i64::try_from(used).unwrap_or(i64::MAX)))
            .bind(failure)
            .execute(&self.pool)
            .await;
        if let Err(error) = booked {
            tracing::warn!(call_id = %id, %error, "a call could not be booked; the sweep does it later");
        }
    }
}
