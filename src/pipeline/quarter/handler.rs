//! Runs rows of `quarterly_update_schedule`, one look at a time.
//!
//! A look does what is due and is then put off for a moment: the row stays `in_progress`, holds no slot, burns no
//! attempt, and any worker may take the next look.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::counts::{self, Counts, Last, Noted};
use super::expand;
use super::gate;
use super::pace;
use super::run::Run;
use super::window::Window;
use crate::config::Misfire;
use crate::domain::Quarter;
use crate::pipeline::Context;
use crate::pipeline::context::complete;
use crate::queue::{ClaimedJob, JobError, Queue, Stage};
use crate::runtime::{Done, Handler};

/// A look waits for so many times what counting took: it must not become its work.
const REST: u32 = 30;

/// Longest wait while nothing may run: somebody may resume it, or move its window.
const SHUT_LOOK: Duration = Duration::from_secs(10);

/// The columns of `quarterly_update_schedule` that are read.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) id: Uuid,
    quarter: String,
    year: i32,
    scheduled_date: NaiveDate,
    execution_start_time: NaiveTime,
    execution_end_time: NaiveTime,
    pub(super) batch_size: Option<i64>,
}

impl Row {
    fn name(&self) -> String {
        format!("{}-{}", self.year, self.quarter)
    }

    const fn window(&self) -> Window {
        Window { from: self.scheduled_date, start: self.execution_start_time, end: self.execution_end_time }
    }
}

/// Why nothing may run now.
struct Shut {
    code: &'static str,
    why: &'static str,
    wait: Duration,
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
        let run = Run::of(&self.context.pg, row.id).await?;
        self.refuse_missed(row, &run)?;
        if let Some(shut) = self.shut(row, &run) {
            gate::hold(&self.context.pg, row.id).await?;
            let counts = counts::fold(&self.context.pg, row.id).await?;
            self.note(job, row, &run, &counts, false).await?;
            return Err(JobError::snooze(Stage::Collect, shut.code, shut.why, shut.wait));
        }
        gate::release(&self.context.pg, row.id).await?;
        run.started(&self.context.pg, row.id, &row.name()).await?;
        if !expand::go_on(&self.context.pg, job, row, &run).await? {
            let counts = counts::fold(&self.context.pg, row.id).await?;
            self.note(job, row, &run, &counts, true).await?;
            return Err(running(Duration::ZERO));
        }
        let started = Instant::now();
        let mut counts = counts::fold(&self.context.pg, row.id).await?;
        if counts.open() <= 0 || counts.still {
            counts = counts::recount(&self.context.pg, row.id).await?;
        }
        if counts.open() > 0 {
            self.note(job, row, &run, &counts, true).await?;
            let look = Duration::from_millis(self.context.config.quarter.look_ms);
            return Err(running(look.max(started.elapsed() * REST)));
        }
        self.close(job, row).await
    }

    /// The misfire policy, for a quarter that has not begun.
    fn refuse_missed(&self, row: &Row, run: &Run) -> Result<(), JobError> {
        let skips = self.context.config.quarter.misfire == Misfire::Skip && !run.started && !run.forced;
        let quarter: Option<Quarter> = row.name().parse().ok();
        let over = quarter.is_some_and(|quarter| quarter.last_day() < self.context.now().date_naive());
        if skips && over {
            let message = format!(
                "quarter {} was over before it could begin, and quarter.misfire is skip; run it all the same with: orrery quarter start {}",
                row.name(),
                row.name()
            );
            return Err(JobError::permanent(Stage::Collect, "quarter.missed", message));
        }
        Ok(())
    }

    fn shut(&self, row: &Row, run: &Run) -> Option<Shut> {
        if run.paused {
            return Some(Shut { code: "quarter.paused", why: "an operator has paused it", wait: SHUT_LOOK });
        }
        if run.forced {
            return None;
        }
        let now = self.context.now();
        let opens = row.window().opens(now)?;
        let wait = (opens - now).to_std().unwrap_or_default().min(SHUT_LOOK);
        Some(Shut { code: "quarter.outside_window", why: "outside the execution window", wait })
    }

    async fn note(
        &self,
        job: &ClaimedJob,
        row: &Row,
        run: &Run,
        counts: &Counts,
        works: bool,
    ) -> Result<(), JobError> {
        let rate = pace::rate(run, counts.ended());
        let noted = Noted {
            schedule: row.id,
            token: job.lease.token,
            works,
            rate,
            until: rate.filter(|_| !run.paused).and_then(|rate| self.until(row, run, counts, rate)),
        };
        counts::note(&self.context.pg, &noted, counts).await
    }

    /// When the last row is expected to end, its windows taken into account.
    fn until(&self, row: &Row, run: &Run, counts: &Counts, rate: f64) -> Option<DateTime<Utc>> {
        let work = pace::work(counts.open(), rate)?;
        let now = self.context.now();
        if run.forced {
            now.checked_add_signed(chrono::TimeDelta::from_std(work).ok()?)
        } else {
            row.window().reaches(now, work)
        }
    }

    async fn close(&self, job: &ClaimedJob, row: &Row) -> Result<(), JobError> {
        let failed = |error| JobError::postgres(Stage::Publish, error);
        let mut transaction = self.context.pg.begin().await.map_err(failed)?;
        let last = counts::last(&mut transaction, row.id).await.map_err(failed)?;
        let counts = last.counts;
        if counts.open() > 0 {
            // Somebody has set rows back to run again meanwhile.
            return Err(running(Duration::ZERO));
        }
        let summary = summary(row, &last);
        complete(&mut transaction, job.lease, &summary).await?;
        counts::close(&mut transaction, row.id, &counts).await.map_err(failed)?;
        sqlx::query("insert into orrery.outbox (topic, payload) values ('quarter.completed', $1)")
            .bind(&summary)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        tracing::info!(schedule = %row.id, entities = counts.total, failed = counts.failed, reports = last.reports, "quarter completed");
        Ok(())
    }
}

fn running(wait: Duration) -> JobError {
    JobError::snooze(Stage::Calculate, "quarter.running", "entities are still being updated", wait)
}

fn summary(row: &Row, last: &Last) -> Value {
    let Last { counts, errors, reports, took_s } = last;
    json!({
        "schedule_id": row.id, "quarter": row.name(), "entities": counts.total, "processed": counts.processed(),
        "failed": counts.failed, "skipped": counts.skipped, "reports_queued": reports,
        "errors": errors.clone().unwrap_or_else(|| json!([])), "took_s": took_s.round(),
    })
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
