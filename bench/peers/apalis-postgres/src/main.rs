//! apalis-postgres as a peer of the queue benchmark: `setup` or `work`, in the words of `examples/bench_queue/child.rs`.
//!
//! Tuned by its documentation: notices beside polling, a large batch, rows not marked a second time when they start
//! (`lock_tasks(false)`).

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use apalis::prelude::*;
use apalis_postgres::{Config, PgPool, PostgresStorage};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;

const QUEUE: &str = "bench";
const BATCH: usize = 500;
const CONNECTIONS: u32 = 8;
const POLL: Duration = Duration::from_secs(1);

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    n: i64,
}

#[derive(Clone)]
struct Teller {
    expect: u64,
    log: bool,
    done: Arc<AtomicU64>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(String::as_str)
    };
    let url = value("--url").context("--url is missing")?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).min_connections(2).connect(url).await?;
    match arguments.first().map(String::as_str) {
        Some("setup") => Ok(PostgresStorage::setup(&pool).await?),
        Some("work") => {
            let expect = value("--expect").unwrap_or("0").parse()?;
            let log = arguments.iter().any(|argument| argument == "--log");
            work(pool, Teller { expect, log, done: Arc::default() }).await
        }
        _ => anyhow::bail!("usage: bench-apalis-postgres setup|work --url URL [--expect ROWS] [--log]"),
    }
}

async fn work(pool: PgPool, teller: Teller) -> anyhow::Result<()> {
    let config = Config::default().queue(QUEUE).batch_size(BATCH).lock_tasks(false);
    let backend = PostgresStorage::<Row>::new(&pool)
        .with_config(config)
        .with_pubsub()
        .poll_with_strategy(Strategy::new().interval(POLL));
    let worker = WorkerBuilder::new("bench").backend(backend).data(teller).build(handle);
    tell(&format!("ready {}", now_ns()));
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        ended = worker.run() => ended?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

async fn handle(row: Row, teller: Data<Teller>) -> Result<(), BoxDynError> {
    if teller.log {
        tell(&format!("job {} {}", row.n, now_ns()));
    }
    if teller.done.fetch_add(1, Ordering::Relaxed) + 1 == teller.expect {
        tell(&format!("all {}", now_ns()));
    }
    Ok(())
}

fn now_ns() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos()
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
