//! Switches of whole queues, and which queue a row is in.

use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

use super::name::Queue;

/// The queue that has a row with this id; `None` if none has.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn queue_of(pool: &PgPool, job_id: Uuid) -> Result<Option<Queue>, sqlx::Error> {
    for queue in Queue::ALL {
        let there: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select exists (select 1 from {} where id = $1)",
            queue.table()
        )))
        .bind(job_id)
        .fetch_one(pool)
        .await?;
        if there {
            return Ok(Some(queue));
        }
    }
    Ok(None)
}

/// Holds a queue or lets it go, for all workers, until somebody says otherwise. What runs goes on.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn set_paused(
    executor: impl PgExecutor<'_>,
    queue: Queue,
    paused: bool,
    note: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/set_paused.sql"))
        .bind(queue.as_str())
        .bind(paused)
        .bind(note)
        .execute(executor)
        .await
        .map(drop)
}

/// How many rows of a queue run now.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn running(pool: &PgPool, queue: Queue) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select count(*) from orrery.dispatch where queue = $1 and state = 'leased'")
        .bind(queue.as_str())
        .fetch_one(pool)
        .await
}
