//! The ceiling: the same table with its indexes and keys, without Orrery's triggers, worked off by two plain
//! statements in batches. No lease, no token, no fairness, no dependencies.

use std::sync::Arc;

use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Row as _};
use tokio::signal::unix::{SignalKind, signal};
use uuid::Uuid;

use super::child::{Asked, Teller, ready};

/// Rows of one batch.
pub const BATCH: i64 = 500;
/// Connections.
pub const CONNECTIONS: u32 = 2;

const CLAIM: &str = "
with free as (
  select q.id from report_generation_queue q
  where q.status = 'pending' and (q.scheduled_for is null or q.scheduled_for <= now())
  order by q.priority desc, q.created_at limit $1
  for update skip locked
)
update report_generation_queue q
set status = 'processing', started_at = clock_timestamp(), worker_id = 'raw', attempt_count = q.attempt_count + 1,
    updated_at = clock_timestamp()
from free where q.id = free.id
returning q.*";

const COMPLETE: &str = "
update report_generation_queue q
set status = 'completed', completed_at = clock_timestamp(), updated_at = clock_timestamp()
where q.id = any ($1) and q.status = 'processing'";

/// Works until nothing is left, then waits for SIGTERM: the processor time of a backend that ends is harder to read.
pub async fn work(asked: &Asked) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(CONNECTIONS)
        .connect(&asked.url)
        .await?;
    let teller = Arc::new(Teller::new(asked));
    ready();
    let lanes: Vec<_> =
        (0..CONNECTIONS).map(|_| tokio::spawn(drain(pool.clone(), Arc::clone(&teller)))).collect();
    for lane in lanes {
        lane.await??;
    }
    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

async fn drain(pool: PgPool, teller: Arc<Teller>) -> anyhow::Result<()> {
    let mut connection = pool.acquire().await?;
    loop {
        let rows = sqlx::query(CLAIM).bind(BATCH).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let ids = rows.iter().map(|row| row.try_get("id")).collect::<Result<Vec<Uuid>, _>>()?;
        let done = sqlx::query(COMPLETE).bind(&ids).execute(&mut *connection).await?.rows_affected();
        teller.ended(done);
    }
}
