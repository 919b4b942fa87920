//! A worker that waits: what it costs while nothing happens, and how fast it picks up a row.

use std::time::Duration;

use sqlx::Connection as _;

use super::child::now_ns;
use super::database::Server;
use super::processor;
use super::statements;
use super::system::{System, Worker, insert};

/// Time between a worker's start and the first look at what it costs.
const WARM_UP: Duration = Duration::from_secs(2);

/// Cost of waiting.
#[derive(Debug, Clone, Copy)]
pub struct Idle {
    /// Per cent of a core, worker.
    pub worker: f64,
    /// Per cent of a core, server.
    pub server: f64,
    /// Statements per second and queue; none where they cannot be counted.
    pub statements: Option<f64>,
}

/// Measures a worker that has nothing to do.
pub async fn idle(server: &Server, database: &str, system: &System, span: Duration) -> anyhow::Result<Idle> {
    let postmaster = server.postmaster().await?;
    let counts = statements::count_in(server, database).await?;
    let worker = system.start(server, database, 0, false).await?;
    tokio::time::sleep(WARM_UP).await;
    let calls = if counts { Some(statements::calls(server, database).await?) } else { None };
    let before = (processor::of_process(worker.pid()), processor::of_server(postmaster));
    tokio::time::sleep(span).await;
    let after = (processor::of_process(worker.pid()), processor::of_server(postmaster));
    let seconds = span.as_secs_f64();
    let statements = match calls {
        Some(calls) => Some((statements::calls(server, database).await? - calls) / seconds / system.queues()),
        None => None,
    };
    worker.stop().await?;
    statements::stop_counting(server, database).await?;
    let percent = |from: f64, to: f64| (to - from) / seconds * 100.0;
    Ok(Idle { worker: percent(before.0, after.0), server: percent(before.1, after.1), statements })
}

/// Milliseconds from the commit of a row to the start of its handler, for rows that come one by one at random times.
pub async fn latencies(
    server: &Server,
    database: &str,
    system: &System,
    rows: u64,
) -> anyhow::Result<Vec<f64>> {
    let mut connection = server.connect(database).await?;
    let mut worker = system.start(server, database, 0, true).await?;
    tokio::time::sleep(WARM_UP).await;
    let mut all = Vec::new();
    for number in 1..=i64::try_from(rows)? {
        tokio::time::sleep(Duration::from_micros(fastrand::u64(5_000..45_000))).await;
        insert(&mut connection, system, number, number).await?;
        let committed = now_ns().cast_signed();
        all.push(until_started(&mut worker, number).await? - committed);
    }
    worker.stop().await?;
    connection.close().await?;
    #[allow(clippy::cast_precision_loss, reason = "milliseconds")]
    Ok(all.into_iter().map(|ns| ns as f64 / 1e6).collect())
}

async fn until_started(worker: &mut Worker, number: i64) -> anyhow::Result<i128> {
    loop {
        if let [started, at] = worker.expect("job").await?[..]
            && started == i128::from(number)
        {
            return Ok(at);
        }
    }
}
