//! A worker with a thousand reports in flight against a model that takes its time.
//!
//! `make bench-llm` starts private servers and runs it. A server in this process speaks the wire `openai` and answers each question
//! after a fixed time, whoever asks. Then so many reports in flight can end per second at most: their number divided by that time.
//! Printed are the share of that rate which one worker reaches, over the whole run and without its beginning and its end; its peak
//! memory; and its own time for a report: from the start of the handler to the published report, less what the model took, with and
//! without the waits for its turn among the other reports. Both databases and the model run on the same machine.

#![allow(clippy::print_stdout, reason = "a benchmark reports on standard output")]
#![allow(clippy::cast_precision_loss, reason = "counts and times are small")]

mod log;
mod model;
mod platform;
#[path = "../../tests/it/llm/prose.rs"]
mod prose;
mod worker;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::ensure;
use clap::Parser;

use model::Model;
use platform::Platform;
use worker::Worker;

#[derive(Debug, Parser)]
struct Arguments {
    /// A database of the server that the benchmark may use.
    #[arg(long, env = "ORRERY_POSTGRES_URL")]
    postgres: String,
    /// The replica set.
    #[arg(long, env = "ORRERY_MONGODB_URI")]
    mongodb: String,
    /// The program.
    #[arg(long)]
    orrery: PathBuf,
    /// Folder for the log and the configuration of the worker.
    #[arg(long)]
    folder: PathBuf,
    /// Reports to write.
    #[arg(long, default_value_t = 3000)]
    rows: u32,
    /// Reports in flight.
    #[arg(long, default_value_t = 1000)]
    flight: u32,
    /// Milliseconds until the model answers.
    #[arg(long, default_value_t = 2000)]
    delay_ms: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let delay = Duration::from_millis(arguments.delay_ms);
    let model = Model::start(delay).await?;
    let platform = Platform::create(&arguments.postgres, &arguments.orrery, &arguments.mongodb).await?;
    platform.ask_for(arguments.rows).await?;
    let worker = Worker::start(&arguments, &platform, &model.url())?;
    let ended = platform.until_written(arguments.rows, delay).await;
    let memory = worker.peak_memory_mb();
    let log = worker.stop().await?;
    ended?;

    let ends = platform.ends().await?;
    let own = worker::own_times(&log, &platform.model_times().await?);
    ensure!(
        own.all.len() == arguments.rows as usize,
        "{} of {} reports are in the log",
        own.all.len(),
        arguments.rows
    );
    let possible = f64::from(arguments.flight) / delay.as_secs_f64();
    let whole = ends.last().map_or(f64::NAN, |last| f64::from(arguments.rows) / last);
    let steady = steady(&ends, arguments.flight as usize);
    println!(
        "{} reports, {} in flight at most ({} seen by the model), answers after {} ms",
        arguments.rows,
        arguments.flight,
        model.most_at_once(),
        arguments.delay_ms
    );
    println!(
        "reports per second         {whole:.1} of {possible:.1} that the answers allow: {:.0} %",
        whole / possible * 100.0
    );
    if let Some(steady) = steady {
        println!("  without begin and end    {steady:.1}: {:.0} %", steady / possible * 100.0);
    }
    println!("peak memory of the worker  {memory:.0} MB");
    for (what, times) in [("own time for a report    ", &own.all), ("  without waits for a turn", &own.work)]
    {
        println!(
            "{what}  p50 {:.0} ms, p95 {:.0} ms, worst {:.0} ms",
            at(times, 0.5),
            at(times, 0.95),
            at(times, 1.0)
        );
    }
    platform.remove().await
}

/// Reports per second from the first end to that after which as many are left as were in flight: the slots were full all that time.
/// `None` where that is no time.
fn steady(ends: &[f64], flight: usize) -> Option<f64> {
    let until = ends.len().checked_sub(flight).filter(|until| *until > 0)?;
    Some(until as f64 / (ends[until] - ends[0]))
}

/// The value at a share of a sorted list.
fn at(sorted: &[f64], share: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let index = ((sorted.len() as f64 * share) as usize).min(sorted.len() - 1);
    sorted[index]
}
