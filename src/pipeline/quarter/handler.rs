//! Runs rows of `quarterly_update_schedule`, one look at a time.
//!
//! A look does what is due and is then put off for a moment: the row stays `in_progress`, holds no slot, burns no
//! attempt, and any worker may take the next look.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_json::json;
use sqlx::FromRow;
use uuid::Uuid;

use super::window::Window;
use crate::pipeline::Context;
use crate::pipeline::context::complete;
use crate::queue::{ClaimedJob, JobError, Queue, Stage};
use crate::runtime::{Done, Handler};

/// Employees by department and without one, candidates, companies, as `expand_quarter.sql` numbers them.
const KINDS: [i32; 4] = [1, 2, 3, 4];

/// A look waits for so many times what counting took: counting reads every row of the quarter, and must not become its work.
const REST: u32 = 30;

/// Report rows that one statement adds.
const REPORT_PAGE: i64 = 1000;

/// The columns of `quarterly_update_schedule` that are read.
#[derive(Debug, Deserialize)]
struct Row {
    id: Uuid,
    quarter: String,
    year: i32,
    scheduled_date: NaiveDate,
    execution_start_time: NaiveTime,
    execution_end_time: NaiveTime,
    batch_size: Option<i64>,
}

#[derive(Debug, FromRow)]
struct Counts {
    total: i64,
    processed: i64,
    failed: i64,
    open: i64,
    skipped: i64,
}

/// Runs quarters.
pub struct QuarterHandler {
    context: Arc<Context>,
}

impl QuarterHandler {
    /// A handler over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    async fn look(&self, job: &ClaimedJob, row: &Row) -> Result<(), JobError> {
        let window =
            Window { from: row.scheduled_date, start: row.execution_start_time, end: row.execution_end_time };
        let now = self.context.now();
        if let Some(opens) = window.opens(now) {
            // Looked at again soon even if the opening is far: somebody may move the window meanwhile.
            let wait = (opens - now).to_std().unwrap_or_default().min(Duration::from_mins(1));
            return Err(JobError::snooze(
                Stage::Collect,
                "quarter.outside_window",
                "outside the execution window",
                wait,
            ));
        }
        self.expand_once(job, row).await?;
        let started = Instant::now();
        let counts = self.count(row.id).await?;
        let counting = started.elapsed();
        if counts.open > 0 {
            self.note(job, row.id, &counts).await?;
            let wait = Duration::from_millis(self.context.config.quarter.look_ms).max(counting * REST);
            return Err(JobError::snooze(
                Stage::Calculate,
                "quarter.running",
                "entities are still being updated",
                wait,
            ));
        }
        self.close(job, row, &counts).await
    }

    async fn expand_once(&self, job: &ClaimedJob, row: &Row) -> Result<(), JobError> {
        let failed = |error| JobError::postgres(Stage::Collect, error);
        let done: bool = sqlx::query_scalar(
            "select exists (select 1 from orrery.result where queue = 'quarter.expanded' and job_id = $1)",
        )
        .bind(row.id)
        .fetch_one(&self.context.pg)
        .await
        .map_err(failed)?;
        if done {
            return Ok(());
        }
        self.expand(job, row).await?;
        sqlx::query(
            "insert into orrery.result (queue, job_id, output) values ('quarter.expanded', $1, '{}') on conflict do nothing",
        )
        .bind(row.id)
        .execute(&self.context.pg)
        .await
        .map(drop)
        .map_err(failed)
    }

    /// Makes the entity rows, page by page; a crash in between is made good by the next look.
    async fn expand(&self, job: &ClaimedJob, row: &Row) -> Result<(), JobError> {
        for kind in KINDS {
            let mut after = Some((Uuid::nil(), Uuid::nil()));
            while let Some((department, id)) = after {
                job.signal.check(Stage::Collect)?;
                after = sqlx::query_as(include_str!("../sql/expand_quarter.sql"))
                    .bind(row.id)
                    .bind(kind)
                    .bind(department)
                    .bind(id)
                    .bind(row.batch_size.unwrap_or(100).clamp(1, 10_000))
                    .fetch_optional(&self.context.pg)
                    .await
                    .map_err(|error| JobError::postgres(Stage::Collect, error))?;
            }
        }
        Ok(())
    }

    async fn count(&self, schedule: Uuid) -> Result<Counts, JobError> {
        sqlx::query_as(include_str!("../sql/count_quarter.sql"))
            .bind(schedule)
            .fetch_one(&self.context.pg)
            .await
            .map_err(|error| JobError::postgres(Stage::Calculate, error))
    }

    async fn note(&self, job: &ClaimedJob, schedule: Uuid, counts: &Counts) -> Result<(), JobError> {
        sqlx::query(include_str!("../sql/note_quarter.sql"))
            .bind(schedule)
            .bind(counts.total)
            .bind(counts.processed)
            .bind(counts.failed)
            .bind(counts.open)
            .bind(job.lease.token)
            .execute(&self.context.pg)
            .await
            .map(drop)
            .map_err(|error| JobError::postgres(Stage::Calculate, error))
    }

    async fn close(&self, job: &ClaimedJob, row: &Row, counts: &Counts) -> Result<(), JobError> {
        let failed = |error| JobError::postgres(Stage::Publish, error);
        let reports =
            if self.context.config.quarter.regenerate_reports { self.regenerate(row.id).await? } else { 0 };
        let mut transaction = self.context.pg.begin().await.map_err(failed)?;
        let summary = json!({
            "schedule_id": row.id, "quarter": format!("{}-{}", row.year, row.quarter), "entities": counts.total,
            "processed": counts.processed, "failed": counts.failed, "skipped": counts.skipped, "reports_queued": reports,
        });
        complete(&mut transaction, job.lease, &summary).await?;
        sqlx::query(include_str!("../sql/close_quarter.sql"))
            .bind(row.id)
            .bind(counts.total)
            .bind(counts.processed)
            .bind(counts.failed)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        sqlx::query("insert into orrery.outbox (topic, payload) values ('quarter.completed', $1)")
            .bind(&summary)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        tracing::info!(schedule = %row.id, entities = counts.total, failed = counts.failed, reports, "quarter completed");
        Ok(())
    }

    /// Queues the reports of updated employees; rows that are there already are not made again.
    async fn regenerate(&self, schedule: Uuid) -> Result<u64, JobError> {
        let mut all = 0;
        loop {
            let made = sqlx::query(include_str!("../sql/regenerate_reports.sql"))
                .bind(schedule)
                .bind(REPORT_PAGE)
                .execute(&self.context.pg)
                .await
                .map_err(|error| JobError::postgres(Stage::Publish, error))?
                .rows_affected();
            if made == 0 {
                return Ok(all);
            }
            all += made;
        }
    }
}

#[async_trait]
impl Handler for QuarterHandler {
    fn queue(&self) -> Queue {
        Queue::Quarter
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        let row: Row = job.payload.read().map_err(|error| {
            JobError::permanent(Stage::Collect, "data.shape", format!("quarterly_update_schedule: {error}"))
        })?;
        job.signal.guard(Stage::Collect, self.look(&job, &row)).await.map(|()| Done::Published)
    }
}
