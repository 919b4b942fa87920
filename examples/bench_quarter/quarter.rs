//! One quarter, worked off by one worker process.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use bson::doc;
use sqlx::{Connection as _, PgConnection};
use tokio::process::{Child, Command};
use uuid::Uuid;

use super::Plan;
use super::processor;
use super::servers::Servers;
use super::urgent;

/// Time between two looks at the schedule.
const LOOK: Duration = Duration::from_millis(100);

/// Longest a quarter may take.
const PATIENCE: Duration = Duration::from_hours(4);

/// What was measured.
#[derive(Debug)]
pub struct Run {
    pub entities: u64,
    pub seconds: f64,
    /// Seconds after that until both servers have written to their data files what they still held.
    pub flush_s: f64,
    /// Largest resident set of the worker.
    pub peak_kib: u64,
    /// Seconds of processor time, with what was left to write.
    pub worker_s: f64,
    pub postgres_s: f64,
    pub mongodb_s: f64,
    /// Milliseconds that each urgent report waited, sorted.
    pub urgent_ms: Vec<f64>,
}

impl Run {
    /// Entities per second.
    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn rate(&self) -> f64 {
        self.entities as f64 / self.seconds
    }

    /// Seconds of processor time of all three.
    pub fn processor_s(&self) -> f64 {
        self.worker_s + self.postgres_s + self.mongodb_s
    }

    /// So many seconds, for 1,000 entities.
    #[allow(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn per_thousand(&self, seconds: f64) -> f64 {
        seconds * 1000.0 / self.entities as f64
    }
}

/// Inserts the schedule row of the present quarter and waits until it is closed; meanwhile urgent reports, if asked for.
pub async fn run(servers: &Servers, plan: &Plan, entities: u64, urgent: bool) -> anyhow::Result<Run> {
    let mut connection = servers.connect().await?;
    let mut worker = start(servers, plan)?;
    until_registered(&mut connection).await?;
    let (postgres, mongodb) = servers.processor().await?;
    let pid = worker.id().context("the worker has ended")?;
    let own = processor::of_process(pid);
    let started = Instant::now();
    let schedule: Uuid = sqlx::query_scalar(
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, batch_size)
         select 'Q' || extract(quarter from now())::integer, extract(year from now())::integer, current_date - 1, '12:00', '11:59:59', 1000 returning id",
    )
    .fetch_one(&mut connection)
    .await?;
    let (end, ended) = tokio::sync::oneshot::channel();
    let closed = async {
        let closed = until_closed(&mut connection, schedule, started, plan.progress).await;
        drop(end);
        closed.map(|()| started.elapsed().as_secs_f64())
    };
    let waits = async { if urgent { urgent::insert_until(servers, ended).await } else { Ok(Vec::new()) } };
    let (seconds, urgent_ms) = tokio::try_join!(closed, waits)?;
    let flushing = Instant::now();
    servers.flush().await?;
    let flush_s = flushing.elapsed().as_secs_f64();
    let (postgres_after, mongodb_after) = servers.processor().await?;
    let run = Run {
        entities,
        seconds,
        flush_s,
        peak_kib: peak_kib(pid)?,
        worker_s: processor::of_process(pid) - own,
        postgres_s: postgres_after - postgres,
        mongodb_s: mongodb_after - mongodb,
        urgent_ms,
    };
    stop(&mut worker).await?;
    check(servers, &mut connection, schedule, entities).await?;
    connection.close().await?;
    Ok(run)
}

fn start(servers: &Servers, plan: &Plan) -> anyhow::Result<Child> {
    let log = std::fs::File::create(plan.logs.join("bench-quarter-worker.log"))?;
    let mut command = Command::new(&plan.program);
    command
        .arg("run")
        .envs(servers.environment())
        .env("ORRERY_QUARTER_REGENERATE_REPORTS", "false")
        .env_remove("ORRERY_BIN")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true);
    command.spawn().with_context(|| format!("{} could not be started", plan.program.display()))
}

async fn stop(worker: &mut Child) -> anyhow::Result<()> {
    if let Some(pid) = worker.id() {
        Command::new("kill").arg(pid.to_string()).status().await?;
    }
    let ended = tokio::time::timeout(Duration::from_mins(1), worker.wait())
        .await
        .context("the worker does not stop")??;
    ensure!(ended.success(), "the worker ended with {ended}");
    Ok(())
}

async fn until_registered(connection: &mut PgConnection) -> anyhow::Result<()> {
    for _ in 0..300 {
        let there: bool = sqlx::query_scalar("select exists (select 1 from orrery.worker)")
            .fetch_one(&mut *connection)
            .await?;
        if there {
            return Ok(());
        }
        tokio::time::sleep(LOOK).await;
    }
    bail!("the worker does not start; see its log")
}

async fn until_closed(
    connection: &mut PgConnection,
    schedule: Uuid,
    started: Instant,
    progress: bool,
) -> anyhow::Result<()> {
    let mut told = Instant::now();
    loop {
        let (status, processed): (String, i32) = sqlx::query_as(
            "select status, coalesce(processed_entities, 0) from quarterly_update_schedule where id = $1",
        )
        .bind(schedule)
        .fetch_one(&mut *connection)
        .await?;
        match status.as_str() {
            "completed" => return Ok(()),
            "failed" | "cancelled" => bail!("the quarter ended as {status}"),
            _ => ensure!(started.elapsed() < PATIENCE, "the quarter does not end"),
        }
        if progress && told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            eprintln!("{:>6.0} s: {processed} entities", started.elapsed().as_secs_f64());
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// `VmHWM` of a process.
fn peak_kib(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("status"))?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).context("no value")?.parse()?)
}

/// A run counts only if every entity has its results.
async fn check(
    servers: &Servers,
    connection: &mut PgConnection,
    schedule: Uuid,
    entities: u64,
) -> anyhow::Result<()> {
    let (total, processed, failed): (i32, i32, i32) = sqlx::query_as(
        "select total_entities, processed_entities, failed_entities from quarterly_update_schedule where id = $1",
    )
    .bind(schedule)
    .fetch_one(&mut *connection)
    .await?;
    let wanted = i32::try_from(entities)?;
    ensure!(
        (total, processed, failed) == (wanted, wanted, 0),
        "{total} entities, {processed} processed, {failed} failed"
    );
    for collection in ["birth_charts", "harmonic_codes", "energy_patterns"] {
        let database = servers.mongo.database(&servers.databases.astrology);
        let stored = database.collection::<bson::Document>(collection).count_documents(doc! {}).await?;
        ensure!(stored == entities, "{stored} documents in {collection}");
    }
    Ok(())
}
