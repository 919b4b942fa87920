//! Making the entity rows of a quarter, page by page. How far it has come is noted with each page, so a crash costs a page.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use uuid::Uuid;

use super::handler::Row;
use super::run::Run;
use crate::queue::{ClaimedJob, JobError, Stage, StopReason};

/// The last kind of entities, as `expand_quarter.sql` numbers them.
const KINDS: i32 = 4;

/// A look makes rows for so long; then it is seen whether the window is still open and nobody has paused it.
const LOOK: Duration = Duration::from_secs(5);

/// Makes rows. `false`: there are more to make.
pub(super) async fn go_on(pool: &PgPool, job: &ClaimedJob, row: &Row, run: &Run) -> Result<bool, JobError> {
    if run.expanded {
        return Ok(true);
    }
    let started = Instant::now();
    let (mut kind, mut department, mut id) = (run.kind, run.after_department, run.after_id);
    while kind <= KINDS {
        if started.elapsed() > LOOK {
            return Ok(false);
        }
        job.signal.check(Stage::Collect)?;
        let reached: Option<(Uuid, Uuid)> = sqlx::query_as(include_str!("../sql/expand_quarter.sql"))
            .bind(row.id)
            .bind(kind)
            .bind(department)
            .bind(id)
            .bind(row.batch_size.unwrap_or(100).clamp(1, 10_000))
            .bind(job.lease.token)
            .fetch_optional(pool)
            .await
            .map_err(failed)?;
        (kind, department, id) = match reached {
            Some((department, id)) => (kind, department, id),
            None => (next_kind(pool, job, row.id, kind).await?, Uuid::nil(), Uuid::nil()),
        };
    }
    Ok(true)
}

async fn next_kind(pool: &PgPool, job: &ClaimedJob, schedule: Uuid, kind: i32) -> Result<i32, JobError> {
    let next: Option<i32> = sqlx::query_scalar(include_str!("../sql/next_kind.sql"))
        .bind(schedule)
        .bind(kind)
        .bind(job.lease.token)
        .fetch_optional(pool)
        .await
        .map_err(failed)?;
    next.ok_or_else(|| JobError::stopped(StopReason::LeaseLost, Stage::Collect))
}

fn failed(error: sqlx::Error) -> JobError {
    JobError::postgres(Stage::Collect, error)
}
