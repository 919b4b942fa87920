//! What any worker does for all: calls whose worker died, answers that were not booked, texts that wait for MongoDB, new prices.

use std::sync::{Arc, PoisonError};

use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Account, prices};
use crate::llm::error::LlmError;

/// What one round put right.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Answers of dead workers that were taken over.
    pub adopted: usize,
    /// Calls of dead workers that were given up.
    pub unknown: usize,
    /// Ended calls that were booked late.
    pub booked: usize,
    /// Texts that went to MongoDB late.
    pub moved: usize,
}

#[derive(Debug, FromRow)]
struct Left {
    id: Uuid,
    provider: String,
    sent: bool,
}

impl Account {
    /// One round. Safe to repeat, and any number of workers may do it at once.
    ///
    /// # Errors
    /// When a store does not answer; the next round goes on.
    pub async fn sweep(&self) -> Result<Swept, LlmError> {
        let mut swept = Swept::default();
        let fresh = prices::read(&self.pool)
            .await
            .map_err(|error| super::postgres("prices could not be read", error))?;
        *self.prices.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        for left in self
            .left()
            .await
            .map_err(|error| super::postgres("calls of dead workers could not be found", error))?
        {
            if left.sent && self.adopt(left.id, &left.provider).await?.is_some() {
                swept.adopted += 1;
                continue;
            }
            sqlx::query(include_str!("sql/abandon.sql"))
                .bind(left.id)
                .execute(&self.pool)
                .await
                .map_err(|error| super::postgres("a call of a dead worker could not be given up", error))?;
            if left.sent {
                swept.unknown += 1;
                tracing::warn!(call_id = %left.id, provider = left.provider, "a call was under way when its worker died: it may have been paid");
            }
        }
        swept.booked =
            self.book_late().await.map_err(|error| super::postgres("calls could not be booked", error))?;
        swept.moved = self.move_held().await?;
        Ok(swept)
    }

    async fn left(&self) -> Result<Vec<Left>, sqlx::Error> {
        sqlx::query_as(include_str!("sql/left.sql")).fetch_all(&self.pool).await
    }

    async fn book_late(&self) -> Result<usize, sqlx::Error> {
        let booked = sqlx::query(include_str!("sql/book_late.sql")).fetch_all(&self.pool).await?;
        Ok(booked.len())
    }

    async fn move_held(&self) -> Result<usize, LlmError> {
        let held: Vec<(Uuid, Json<serde_json::Value>)> = sqlx::query_as(include_str!("sql/held.sql"))
            .fetch_all(&self.pool)
            .await
            .map_err(|error| super::postgres("texts that wait could not be read", error))?;
        for (id, Json(texts)) in &held {
            self.audit
                .write(*id, texts, true)
                .await
                .map_err(|error| super::mongodb("texts could not be kept", error))?;
            sqlx::query("update orrery.llm_calls set held_answer = null where id = $1")
                .bind(id)
                .execute(&self.pool)
                .await
                .map_err(|error| super::postgres("texts that went to MongoDB could not be removed", error))?;
        }
        Ok(held.len())
    }
}
