//! The gate of a quarter: its open rows wait while its window is closed or an operator holds it. What runs goes on to its end.

use sqlx::PgPool;
use uuid::Uuid;

use crate::queue::{JobError, Stage};

/// Rows that one statement moves.
const PAGE: i64 = 5000;

/// Lets no more rows of the schedule run.
pub(super) async fn hold(pool: &PgPool, schedule: Uuid) -> Result<(), JobError> {
    let held = pages(pool, schedule, include_str!("../sql/hold_quarter.sql")).await?;
    if held > 0 {
        tracing::info!(%schedule, rows = held, "rows of a quarter wait until it goes on");
    }
    Ok(())
}

/// Lets the rows of the schedule run.
pub(super) async fn release(pool: &PgPool, schedule: Uuid) -> Result<(), JobError> {
    let released = pages(pool, schedule, include_str!("../sql/release_quarter.sql")).await?;
    if released > 0 {
        tracing::info!(%schedule, rows = released, "rows of a quarter go on");
        sqlx::query("select pg_notify('orrery_wake', 'entity')").execute(pool).await.map_err(failed)?;
    }
    Ok(())
}

async fn pages(pool: &PgPool, schedule: Uuid, statement: &'static str) -> Result<u64, JobError> {
    let mut all = 0;
    loop {
        let moved = sqlx::query(statement)
            .bind(schedule)
            .bind(PAGE)
            .execute(pool)
            .await
            .map_err(failed)?
            .rows_affected();
        all += moved;
        if moved == 0 {
            return Ok(all);
        }
    }
}

fn failed(error: sqlx::Error) -> JobError {
    JobError::postgres(Stage::Collect, error)
}
