//! Urgent reports while a quarter runs: somebody waits for each of them.

use std::time::Duration;

use anyhow::ensure;
use sqlx::Connection as _;
use tokio::sync::oneshot;

use super::report::sorted;
use super::servers::Servers;

/// Time between two urgent reports.
const BETWEEN: Duration = Duration::from_millis(500);

const INSERT: &str = "
    insert into report_generation_queue (employee_id, report_type, priority, requested_by)
    select md5('employee ' || $1)::uuid, 'personality_role_specific', 10, '00000000-0000-0000-0000-000000000001'";

/// `created_at` is the start of the inserting transaction, so its commit is in what is measured too.
const WAITS: &str = "
    select extract(epoch from started_at - created_at)::float8 * 1000 from report_generation_queue
    where request_reason is null and started_at is not null";

/// Inserts urgent reports until it is told to end, then waits for the last; milliseconds that each waited, sorted.
pub async fn insert_until(servers: &Servers, mut ended: oneshot::Receiver<()>) -> anyhow::Result<Vec<f64>> {
    let mut connection = servers.connect().await?;
    let mut inserted = 0_i64;
    let mut ticks = tokio::time::interval(BETWEEN);
    while ended.try_recv() == Err(oneshot::error::TryRecvError::Empty) {
        ticks.tick().await;
        sqlx::query(INSERT).bind(inserted * 7).execute(&mut connection).await?;
        inserted += 1;
    }
    let waits = loop {
        let waits: Vec<f64> = sqlx::query_scalar(WAITS).fetch_all(&mut connection).await?;
        if i64::try_from(waits.len())? == inserted {
            break waits;
        }
        ticks.tick().await;
    };
    let failed: i64 =
        sqlx::query_scalar("select count(*) from report_generation_queue where status = 'failed'")
            .fetch_one(&mut connection)
            .await?;
    ensure!(failed == 0, "{failed} urgent reports failed");
    connection.close().await?;
    Ok(sorted(waits))
}
