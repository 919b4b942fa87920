//! The course of a batch: collected, held by one look at a time, handed in, closed.

use std::time::Duration;

use uuid::Uuid;

use super::{Collecting, Held, Release, stopped};
use crate::llm::account::Account;
use crate::llm::error::LlmError;
use crate::llm::kind::{Breaker, Kind};

/// How much later than its end a batch is closed without a word of its provider: nobody here knows the provider any more.
const OVERDUE: Duration = Duration::from_hours(2);

impl Account {
    /// Makes a batch of questions that wait, if it is time; returns how many it has.
    pub(in crate::llm) async fn collect_batch(
        &self,
        provider: &str,
        model: &str,
        collecting: &Collecting,
    ) -> Result<Option<i32>, LlmError> {
        sqlx::query_scalar(include_str!("../sql/batch_collect.sql"))
            .bind(provider)
            .bind(model)
            .bind(self.terms(provider).key_id)
            .bind(collecting.age.as_secs_f64())
            .bind(i64::from(collecting.most_items))
            .bind(i64::try_from(collecting.most_bytes).unwrap_or(i64::MAX))
            .bind(Uuid::new_v4())
            .bind(collecting.give_up.as_secs_f64())
            .fetch_optional(&self.pool)
            .await
            .map_err(stopped)
    }

    /// Takes one batch that is due, for this long; nobody else looks at it meanwhile.
    pub(in crate::llm) async fn hold_batch(
        &self,
        providers: &[String],
        at_most: Duration,
    ) -> Result<Option<Held>, LlmError> {
        sqlx::query_as(include_str!("../sql/batch_hold.sql"))
            .bind(providers)
            .bind(Uuid::new_v4())
            .bind(at_most.as_secs_f64())
            .fetch_optional(&self.pool)
            .await
            .map_err(stopped)
    }

    /// Notes that the batch is about to be sent; `false` when another look has taken it over.
    pub(in crate::llm) async fn begin_batch(&self, held: &Held) -> Result<bool, LlmError> {
        if held.state == "collected" {
            let ended: Vec<(Uuid, String)> = sqlx::query_as(include_str!("../sql/batch_drop_ended.sql"))
                .bind(held.id)
                .fetch_all(&self.pool)
                .await
                .map_err(stopped)?;
            let ids: Vec<Uuid> = ended.into_iter().map(|(id, _)| id).collect();
            if !ids.is_empty() {
                self.audit.remove(&ids).await;
            }
        }
        sqlx::query_scalar(include_str!("../sql/batch_begin.sql"))
            .bind(held.id)
            .bind(held.held_by)
            .fetch_one(&self.pool)
            .await
            .map_err(stopped)
    }

    /// Ids of this provider's batches that are known.
    pub(in crate::llm) async fn known_batches(&self, provider: &str) -> Result<Vec<String>, LlmError> {
        sqlx::query_scalar(include_str!("../sql/batch_known.sql"))
            .bind(provider)
            .fetch_all(&self.pool)
            .await
            .map_err(stopped)
    }

    /// Notes the provider's id of a batch; `false` when another look has taken it over.
    pub(in crate::llm) async fn batch_is_submitted(
        &self,
        held: &Held,
        id: &str,
        wait: Duration,
    ) -> Result<bool, LlmError> {
        let done = sqlx::query(include_str!("../sql/batch_submitted.sql"))
            .bind(held.id)
            .bind(held.held_by)
            .bind(id)
            .bind(wait.as_secs_f64())
            .execute(&self.pool)
            .await
            .map_err(stopped)?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a look.
    pub(in crate::llm) async fn release_batch(
        &self,
        held: &Held,
        release: &Release<'_>,
    ) -> Result<(), LlmError> {
        sqlx::query(include_str!("../sql/batch_release.sql"))
            .bind(held.id)
            .bind(held.held_by)
            .bind(release.wait.as_secs_f64())
            .bind(release.state)
            .bind(release.error.map(|error| error.kind.code()))
            .bind(release.error.map(|error| error.message.as_str()))
            .bind(release.cancelled)
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(stopped)
    }

    /// Ends a batch; `look` is the one that saw the end.
    pub(in crate::llm) async fn close_batch(
        &self,
        batch: Uuid,
        look: Option<Uuid>,
        state: &'static str,
        error: Option<&LlmError>,
    ) -> Result<(), LlmError> {
        sqlx::query(include_str!("../sql/batch_close.sql"))
            .bind(batch)
            .bind(look)
            .bind(state)
            .bind(error.map(|error| error.kind.code()))
            .bind(error.map(|error| error.message.as_str()))
            .execute(&self.pool)
            .await
            .map(drop)
            .map_err(stopped)
    }

    /// Closes batches that no worker could bring to an end, such as those of a provider that is not configured any more.
    pub(in crate::llm) async fn close_overdue_batches(&self) -> Result<usize, LlmError> {
        let overdue: Vec<Uuid> = sqlx::query_scalar(include_str!("../sql/batch_overdue.sql"))
            .bind(OVERDUE.as_secs_f64())
            .fetch_all(&self.pool)
            .await
            .map_err(stopped)?;
        for batch in &overdue {
            // What may have been paid is not known: it counts as what was set aside.
            self.end_items(*batch, None, None).await?;
            let error = LlmError::new(Kind::BatchExpired, "no worker could reach the provider of this batch");
            self.close_batch(*batch, None, "failed", Some(&error)).await?;
            tracing::warn!(batch_id = %batch, "a batch was given up without a word of its provider");
        }
        Ok(overdue.len())
    }

    /// How long a model is left alone yet; `None`: it may be asked.
    pub(in crate::llm) async fn rests(
        &self,
        provider: &str,
        model: &str,
    ) -> Result<Option<Duration>, LlmError> {
        let left: Option<f64> = sqlx::query_scalar(include_str!("../sql/batch_probe.sql"))
            .bind(provider)
            .bind(model)
            .fetch_optional(&self.pool)
            .await
            .map_err(stopped)?;
        Ok(left.map(|left| Duration::try_from_secs_f64(left).unwrap_or_default()))
    }

    /// Counts an exchange with the interface of batches for the breaker of the model.
    pub(in crate::llm) async fn batch_seen(&self, provider: &str, model: &str, error: Option<&LlmError>) {
        let verdict = match error.map(|error| error.policy().breaker) {
            None | Some(Breaker::Ignores) => "answered",
            Some(Breaker::Counts) => "counts",
            Some(Breaker::Opens) => "opens",
        };
        let counted: Result<String, sqlx::Error> = sqlx::query_scalar(include_str!("../sql/batch_seen.sql"))
            .bind(provider)
            .bind(model)
            .bind(self.settings().breaker.counted(verdict, error))
            .fetch_one(&self.pool)
            .await;
        match counted.as_deref() {
            Ok("opened") => {
                tracing::error!(
                    provider,
                    model,
                    error = error.map(tracing::field::display),
                    "breaker opened by batches"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "an exchange with the interface of batches could not be counted");
            }
        }
    }
}
