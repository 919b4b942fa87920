//! Jobs per second: rows first, then the worker; from its start to the last row completed.

use sqlx::Connection as _;

use super::child::now_ns;
use super::database::Server;
use super::processor;
use super::system::{System, insert, until_none_left};

/// Outcome of one drain.
#[derive(Debug, Clone, Copy)]
pub struct Drain {
    /// Rows per second.
    pub rate: f64,
    /// Milliseconds of processor time of the worker for 1,000 rows.
    pub worker_ms: f64,
    /// The same of the PostgreSQL server.
    pub server_ms: f64,
}

/// Inserts `rows` rows and has them worked off.
pub async fn drain(server: &Server, database: &str, system: &System, rows: u64) -> anyhow::Result<Drain> {
    let mut connection = server.connect(database).await?;
    insert(&mut connection, system, 1, i64::try_from(rows)?).await?;
    connection.close().await?;
    server.settle(database).await?;
    let postmaster = server.postmaster().await?;
    let server_before = processor::of_server(postmaster);
    let mut worker = system.start(server, database, rows, false).await?;
    worker.expect("all").await?;
    until_none_left(server, database, system).await?;
    #[allow(clippy::cast_precision_loss, reason = "a benchmark lasts seconds")]
    let seconds = (now_ns().cast_signed() - worker.ready_ns) as f64 / 1e9;
    let worker_s = processor::of_process(worker.pid());
    let server_s = processor::of_server(postmaster) - server_before;
    worker.stop().await?;
    #[allow(clippy::cast_precision_loss, reason = "rows are few")]
    let rows = rows as f64;
    Ok(Drain { rate: rows / seconds, worker_ms: worker_s * 1e6 / rows, server_ms: server_s * 1e6 / rows })
}
