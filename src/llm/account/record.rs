//! Writing an answer down before anybody looks into it: texts to MongoDB, then usage and cost to PostgreSQL.
//!
//! Whichever of the two is down, a paid answer is kept: without MongoDB the texts wait in the row of the call until the next
//! round of the sweep; without PostgreSQL the next run of the job finds the texts and goes on from there.

use std::time::Duration;

use backon::Retryable as _;
use serde_json::Value;
use uuid::Uuid;

use super::prices::Way;
use super::{Account, Terms, mongodb, postgres, row};
use crate::llm::answer::Answer;
use crate::llm::error::LlmError;
use crate::queue::outage;
use crate::store::availability::{postgres_is_busy, postgres_is_down};

/// Time that MongoDB has for the texts before they are held in PostgreSQL.
const TEXTS_LIMIT: Duration = Duration::from_secs(10);

/// Further tries at PostgreSQL: about half a minute.
const TRIES: usize = 10;

/// By what an answer is priced.
pub(super) struct Priced<'a> {
    pub(super) terms: &'a Terms,
    pub(super) model: &'a str,
    pub(super) way: Way,
}

impl Account {
    /// Commits texts, usage and cost of an answer. `begun` is the row of the call, for a server that may have lost it.
    pub(super) async fn commit(
        &self,
        id: Uuid,
        begun: Option<Value>,
        priced: &Priced<'_>,
        answer: &Answer,
        texts: Value,
    ) -> Result<(), LlmError> {
        let written = tokio::time::timeout(TEXTS_LIMIT, self.audit.write(id, &texts, true)).await;
        let unkept = match written {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(mongodb("the texts of an answer could not be kept", error)),
            Err(_) => Some(LlmError::new(
                crate::llm::Kind::Store,
                "MongoDB did not take the texts of an answer in time",
            )),
        };
        if let Some(error) = &unkept {
            tracing::warn!(call_id = %id, %error, "the texts of an answer wait in PostgreSQL");
        }
        let cost = row::cost(&self.prices(), priced.terms, priced.model, &answer.usage, priced.way);
        if cost.is_none() {
            tracing::warn!(
                provider = priced.terms.provider,
                model = priced.model,
                "no price is known for this model: its cost counts as unknown"
            );
        }
        let held = unkept.is_some().then_some(texts);
        let attempt = || self.write_answered(id, begun.as_ref(), row::answered(answer, cost), held.as_ref());
        attempt
            .retry(outage::waits().with_max_times(TRIES))
            .when(|error| postgres_is_down(error) || postgres_is_busy(error))
            .await
            .map_err(|error| postgres("an answer could not be written down", error))
    }

    async fn write_answered(
        &self,
        id: Uuid,
        begun: Option<&Value>,
        mut answered: Value,
        held: Option<&Value>,
    ) -> Result<(), sqlx::Error> {
        if let Some(texts) = held {
            row::add(&mut answered, serde_json::json!({ "held_answer": texts }));
        }
        let state: Option<String> = sqlx::query_scalar(include_str!("sql/answered.sql"))
            .bind(id)
            .bind(&answered)
            .fetch_optional(&self.pool)
            .await?;
        let (None, Some(begun)) = (state, begun) else { return Ok(()) };
        // Permits are committed without waiting for the disk: a server that crashed may not have the row.
        let mut whole = begun.clone();
        row::add(&mut whole, answered);
        sqlx::query(include_str!("sql/answered_anew.sql")).bind(whole).execute(&self.pool).await.map(drop)
    }
}
