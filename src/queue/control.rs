//! What an operator does to rows and queues. Rows are changed as any application would change them: the triggers do the rest.

use sqlx::PgPool;
use uuid::Uuid;

use super::name::Queue;

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// Done; the status before.
    Done {
        /// The status before.
        before: String,
    },
    /// Not possible in this status, which is left alone.
    Refused {
        /// The status.
        status: String,
    },
}

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

/// Cancels a row that has not ended. A worker that runs it stops at its next step and publishes nothing.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn cancel(pool: &PgPool, queue: Queue, job_id: Uuid) -> Result<Changed, sqlx::Error> {
    let words = queue.words();
    change(pool, queue, job_id, words.cancelled, &[words.open, words.running]).await
}

/// Lets a row run again that failed, was cancelled, skipped or quarantined.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn retry(pool: &PgPool, queue: Queue, job_id: Uuid) -> Result<Changed, sqlx::Error> {
    let words = queue.words();
    change(pool, queue, job_id, words.open, &["failed", "cancelled", "skipped"]).await
}

async fn change(
    pool: &PgPool,
    queue: Queue,
    job_id: Uuid,
    to: &str,
    from: &[&str],
) -> Result<Changed, sqlx::Error> {
    let (table, column) = (queue.table(), queue.words().column);
    let mut transaction = pool.begin().await?;
    let before: String = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "select {column} from {table} where id = $1 for update"
    )))
    .bind(job_id)
    .fetch_one(&mut *transaction)
    .await?;
    if !from.contains(&before.as_str()) {
        return Ok(Changed::Refused { status: before });
    }
    sqlx::query(sqlx::AssertSqlSafe(format!("update {table} set {column} = $2 where id = $1")))
        .bind(job_id)
        .bind(to)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(Changed::Done { before })
}

/// Holds a queue or lets it go, for all workers, until somebody says otherwise. What runs goes on.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn set_paused(
    pool: &PgPool,
    queue: Queue,
    paused: bool,
    note: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/set_paused.sql"))
        .bind(queue.as_str())
        .bind(paused)
        .bind(note)
        .execute(pool)
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
