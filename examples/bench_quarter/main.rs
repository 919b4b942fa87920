//! A quarter from end to end: a schedule row is inserted, one worker with its defaults works it off, and the run ends when the
//! schedule is closed. In the same run, on the same servers, the ceiling: the same documents and rows written by bare commands.
//!
//! `make bench-quarter` starts private servers and runs it.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reports where it is called")]

mod ceiling;
mod people;
#[path = "../bench_queue/processor.rs"]
mod processor;
mod quarter;
#[allow(dead_code, reason = "bench_queue, whose file it is, needs more of it")]
#[path = "../bench_queue/report.rs"]
mod report;
mod servers;
mod urgent;

use clap::Parser;

use ceiling::Ceiling;
use quarter::Run;
use report::grouped;
use servers::Servers;

/// What to measure.
#[derive(Debug, Parser)]
struct Plan {
    /// PostgreSQL.
    #[arg(long, env = "ORRERY_POSTGRES_URL")]
    url: String,
    /// MongoDB.
    #[arg(long, env = "ORRERY_MONGODB_URI")]
    mongodb: String,
    /// The program.
    #[arg(long, env = "ORRERY_BIN")]
    program: std::path::PathBuf,
    /// Folder of the worker's log.
    #[arg(long, env = "BENCH_LOGS", default_value = "/tmp")]
    logs: std::path::PathBuf,
    /// Entities of each run.
    #[arg(long, value_delimiter = ' ', default_values_t = [10_000, 100_000, 300_000])]
    sizes: Vec<u64>,
    /// Entities whose documents and rows are written again for the ceiling.
    #[arg(long, default_value_t = 10_000)]
    sample: u64,
    /// Entities of one more run, while urgent reports are asked for; 0 leaves it out.
    #[arg(long, default_value_t = 20_000)]
    urgent: u64,
    /// Leaves the ceiling out.
    #[arg(long)]
    no_ceiling: bool,
    /// Tells how far it has come.
    #[arg(long)]
    progress: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let plan = Plan::parse();
    let servers = Servers::at(&plan.url, &plan.mongodb).await?;
    println!("{}", servers.about().await?);
    println!(
        "one worker with default settings, reports after the quarter switched off (quarter.regenerate_reports = false); {} people in a department",
        people::DEPARTMENT
    );
    let mut measured = Vec::new();
    for &size in &plan.sizes {
        eprintln!("{size} entities");
        servers.make().await?;
        people::load(&servers, size).await?;
        let run = quarter::run(&servers, &plan, size, false).await?;
        let ceiling = if plan.no_ceiling {
            None
        } else {
            Some(ceiling::measure(&servers, plan.sample.min(size)).await?)
        };
        measured.push((run, ceiling));
    }
    print(&measured);
    if plan.urgent > 0 {
        eprintln!("{} entities and urgent reports", plan.urgent);
        servers.make().await?;
        people::load(&servers, plan.urgent).await?;
        print_urgent(&quarter::run(&servers, &plan, plan.urgent, true).await?);
    }
    servers.close().await
}

#[allow(clippy::cast_precision_loss, reason = "counts are small")]
fn print_urgent(run: &Run) {
    let waits = &run.urgent_ms;
    println!(
        "\n{} urgent reports while a quarter of {} ran ({} entities/s): from insert to start p50 {:.0} ms, p95 {:.0} ms, longest {:.0} ms",
        waits.len(),
        grouped(run.entities as f64),
        grouped(run.rate()),
        report::percentile(waits, 50),
        report::percentile(waits, 95),
        report::percentile(waits, 100),
    );
}

#[allow(clippy::cast_precision_loss, reason = "counts are small")]
fn print(measured: &[(Run, Option<Ceiling>)]) {
    let rows = measured.iter().map(|(run, ceiling)| {
        let of = |what: fn(&Ceiling) -> f64| {
            ceiling.as_ref().map_or("-".to_owned(), |ceiling| grouped(what(ceiling)))
        };
        let share = |what: fn(&Ceiling) -> f64| {
            ceiling
                .as_ref()
                .map_or("-".to_owned(), |ceiling| format!("{:.0} %", run.rate() / what(ceiling) * 100.0))
        };
        vec![
            grouped(run.entities as f64),
            grouped(run.rate()),
            of(|ceiling| ceiling.upserted),
            share(|ceiling| ceiling.upserted),
            of(|ceiling| ceiling.inserted),
            share(|ceiling| ceiling.inserted),
            format!("{:.0}", run.peak_kib as f64 / 1024.0),
            format!("{:.2}", run.per_thousand(run.worker_s)),
            format!("{:.2}", run.per_thousand(run.postgres_s)),
            format!("{:.2}", run.per_thousand(run.mongodb_s)),
            format!("{:.1}", run.seconds),
            format!("{:.1}", run.flush_s),
        ]
    });
    report::print(
        "Entities from the schedule row to the closed quarter",
        &[
            "entities",
            "entities/s",
            "bare upserts/s",
            "of them",
            "bare inserts/s",
            "of them",
            "worker peak MiB",
            "worker s CPU per 1,000",
            "PostgreSQL s",
            "MongoDB s",
            "seconds",
            "then to disk s",
        ],
        rows.collect(),
    );
    for (run, ceiling) in measured {
        if let Some(ceiling) = ceiling {
            println!(
                "{} entities: bare inserts of {} entities at once on both servers: {} documents/s and {} rows/s; MongoDB alone {} entities/s, PostgreSQL alone {}",
                grouped(run.entities as f64),
                grouped(ceiling.entities as f64),
                grouped(ceiling.documents as f64 / ceiling.seconds),
                grouped(ceiling.rows as f64 / ceiling.seconds),
                grouped(ceiling.entities as f64 / ceiling.mongodb_s),
                grouped(ceiling.entities as f64 / ceiling.postgres_s),
            );
        }
    }
    if let (Some((first, _)), Some((last, _))) = (measured.first(), measured.last()) {
        let ratio = |cost: fn(&Run) -> f64| last.per_thousand(cost(last)) / first.per_thousand(cost(first));
        println!(
            "an entity at {} against one at {}: {:.2} of the time until the quarter is closed, {:.2} until all is on disk, {:.2} of the processor time",
            grouped(last.entities as f64),
            grouped(first.entities as f64),
            ratio(|run| run.seconds),
            ratio(|run| run.seconds + run.flush_s),
            ratio(Run::processor_s),
        );
    }
}
