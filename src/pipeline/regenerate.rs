//! Asking for reports that no longer say what is known, or that are due again.
//!
//! Two causes: the date in `report_metadata.scheduled_regeneration_date` has come, or the person was marked in
//! `orrery.regeneration` because birth data or a code has changed. Either way ordinary rows are put into
//! `report_generation_queue`; whether a new version comes of them is decided when they run.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDate;
use sqlx::FromRow;

use super::Context;
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;

/// What one page came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Round {
    /// Due reports or marks that were looked at.
    pub looked: i64,
    /// Rows that were put into the queue.
    pub made: i64,
}

/// Looks for reports to be written again.
pub struct Regenerator {
    context: Arc<Context>,
}

impl Regenerator {
    /// A regenerator over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Queues every report that is due on `day`, page by page.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer; what was queued by then stays.
    pub async fn queue_due(&self, day: NaiveDate) -> Result<Round, JobError> {
        let again = i32::try_from(self.context.config.regenerate.again_days).unwrap_or(i32::MAX);
        self.pages(|| {
            sqlx::query_as(include_str!("sql/regenerate_due.sql"))
                .bind(day)
                .bind(again)
                .fetch_one(&self.context.pg)
        })
        .await
    }

    /// Queues the current reports of everybody who was marked, page by page.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer; what was queued by then stays.
    pub async fn queue_marked(&self) -> Result<Round, JobError> {
        self.pages(|| sqlx::query_as(include_str!("sql/regenerate_marked.sql")).fetch_one(&self.context.pg))
            .await
    }

    /// Every page takes what it looked at out of the way, so the walk ends.
    async fn pages<F: Future<Output = Result<Round, sqlx::Error>>>(
        &self,
        page: impl Fn() -> F,
    ) -> Result<Round, JobError> {
        let mut all = Round::default();
        loop {
            let round = page().await.map_err(|error| JobError::postgres(Stage::Collect, error))?;
            all = Round { looked: all.looked + round.looked, made: all.made + round.made };
            if round.looked == 0 {
                return Ok(all);
            }
        }
    }
}

#[async_trait]
impl Chore for Regenerator {
    fn name(&self) -> &'static str {
        "regenerate"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(self.context.config.regenerate.every_s)
    }

    async fn round(&self) -> Result<(), JobError> {
        let marked = self.queue_marked().await?;
        let due = self.queue_due(self.context.now().date_naive()).await?;
        if marked.made + due.made > 0 {
            tracing::info!(due = due.made, changed = marked.made, "reports are asked for again");
        }
        Ok(())
    }
}
