//! Minutes under a steady load: whether dead rows and waits stay bounded, also while somebody pins the horizon of vacuum
//! with an old snapshot.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::child::now_ns;
use super::database::{INSERT_REPORTS, Server};
use super::processor;
use super::system::{System, Worker};

/// Rows per second.
pub const RATE: u64 = 200;

/// Connections that insert: one waits for the disk while others go on.
const LANES: u64 = 8;

/// The part of the time in which a snapshot is held.
const PINNED: std::ops::Range<f64> = 0.4..0.6;

const DEAD: &str = "
select coalesce(sum(n_dead_tup) filter (where relname = 'report_generation_queue'), 0)::bigint,
       coalesce(sum(n_dead_tup) filter (where schemaname = 'orrery' and relname = 'dispatch'), 0)::bigint,
       coalesce(sum(autovacuum_count) filter (where schemaname = 'orrery' and relname = 'dispatch'), 0)::bigint,
       pg_total_relation_size('orrery.dispatch')::bigint
from pg_stat_user_tables";

/// One look at the tables.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Seconds since the start.
    pub at: f64,
    /// Dead rows of the documents' queue.
    pub dead_queue: i64,
    /// Dead rows of `orrery.dispatch`.
    pub dead_dispatch: i64,
    /// Vacuums of `orrery.dispatch`.
    pub vacuums: i64,
    /// Bytes of `orrery.dispatch` with its indexes.
    pub bytes: i64,
    /// Whether a snapshot was held.
    pub pinned: bool,
}

/// Outcome.
#[derive(Debug)]
pub struct Steady {
    /// Looks at the tables, every five seconds.
    pub samples: Vec<Sample>,
    /// For each row: seconds since the start, milliseconds from commit to start of the handler.
    pub waits: Vec<(f64, f64)>,
    /// Rows that were inserted.
    pub inserted: u64,
    /// Seconds of processor time of the worker and the server for one second.
    pub cores: (f64, f64),
}

/// Inserts rows one by one for `span` and watches.
pub async fn steady(server: &Server, database: &str, span: Duration) -> anyhow::Result<Steady> {
    let mut worker = System::Orrery.start(server, database, 0, true).await?;
    let postmaster = server.postmaster().await?;
    let before = (processor::of_process(worker.pid()), processor::of_server(postmaster));
    let start = Instant::now();
    let start_ns = now_ns().cast_signed();
    let enough = CancellationToken::new();
    let looking = tokio::spawn(sample(server.clone(), database.to_owned(), start, span, enough.clone()));
    let mut lanes = JoinSet::new();
    for lane in 0..LANES {
        lanes.spawn(insert(server.connect(database).await?, lane, start, span));
    }
    let mut started = HashMap::new();
    let mut committed = Vec::new();
    loop {
        // Reads as rows start, so that the worker never waits for a full pipe.
        tokio::select! {
            lane = lanes.join_next() => match lane {
                Some(lane) => committed.extend(lane??),
                None => break,
            },
            line = worker.expect("job") => note(&mut started, &line?),
        }
    }
    until_all_started(&mut worker, &mut started, committed.len()).await?;
    let after = (processor::of_process(worker.pid()), processor::of_server(postmaster));
    let seconds = start.elapsed().as_secs_f64();
    enough.cancel();
    let samples = looking.await??;
    worker.stop().await?;
    #[allow(clippy::cast_precision_loss, reason = "milliseconds")]
    let waits = committed
        .iter()
        .filter_map(|(number, at)| {
            Some(((at - start_ns) as f64 / 1e9, (started.get(number)? - at) as f64 / 1e6))
        })
        .collect();
    Ok(Steady {
        samples,
        waits,
        inserted: u64::try_from(committed.len())?,
        cores: ((after.0 - before.0) / seconds, (after.1 - before.1) / seconds),
    })
}

fn note(started: &mut HashMap<i64, i128>, line: &[i128]) {
    if let [number, at] = *line
        && let Ok(number) = i64::try_from(number)
    {
        started.insert(number, at);
    }
}

async fn until_all_started(
    worker: &mut Worker,
    started: &mut HashMap<i64, i128>,
    rows: usize,
) -> anyhow::Result<()> {
    while started.len() < rows {
        note(started, &worker.expect("job").await?);
    }
    Ok(())
}

/// Inserts the rows of one lane until the time is over; returns each and when its commit was answered.
#[allow(clippy::cast_precision_loss, reason = "there are few lanes")]
async fn insert(
    mut connection: PgConnection,
    lane: u64,
    start: Instant,
    span: Duration,
) -> anyhow::Result<Vec<(i64, i128)>> {
    let period = Duration::from_micros(1_000_000 * LANES / RATE);
    let first = start + period.mul_f64(lane as f64 / LANES as f64);
    let mut ticks = tokio::time::interval_at(first.into(), period);
    let mut committed = Vec::new();
    let mut number = i64::try_from(lane)?;
    while start.elapsed() < span {
        ticks.tick().await;
        number += i64::try_from(LANES)?;
        sqlx::query(INSERT_REPORTS).bind(number).bind(number).execute(&mut connection).await?;
        committed.push((number, now_ns().cast_signed()));
    }
    connection.close().await?;
    Ok(committed)
}

/// Looks at the tables every five seconds, and holds a snapshot for a part of the time.
async fn sample(
    server: Server,
    database: String,
    start: Instant,
    span: Duration,
    enough: CancellationToken,
) -> Result<Vec<Sample>, sqlx::Error> {
    let mut watching = server.connect(&database).await?;
    let mut holding = server.connect(&database).await?;
    let mut pinned = false;
    let mut samples = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(5));
    loop {
        tokio::select! {
            () = enough.cancelled() => break,
            _ = ticks.tick() => {}
        }
        let at = start.elapsed().as_secs_f64();
        let pin = PINNED.contains(&(at / span.as_secs_f64()));
        if pin != pinned {
            let sql = if pin {
                "begin isolation level repeatable read; select count(*) from orrery.worker"
            } else {
                "commit"
            };
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut holding).await?;
            pinned = pin;
        }
        let (dead_queue, dead_dispatch, vacuums, bytes) =
            sqlx::query_as(DEAD).fetch_one(&mut watching).await?;
        samples.push(Sample { at, dead_queue, dead_dispatch, vacuums, bytes, pinned });
    }
    watching.close().await?;
    holding.close().await?;
    Ok(samples)
}
