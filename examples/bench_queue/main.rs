//! Orrery's queue beside the raw statements and the queues of others, in one run on one server.
//!
//! `make bench-queue` starts a private server, installs the peers and runs it. Each system gets a database of its own in each
//! round; their order turns from round to round, and medians are printed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark reports where it is called")]

mod blocked;
mod child;
mod database;
mod drain;
mod noop;
mod peers;
mod processor;
mod raw;
mod report;
mod run;
mod statements;
mod steady;
mod system;
mod waiting;

use clap::{Parser, Subcommand};

use child::Asked;
use database::Server;
use system::System;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Orrery's worker with a handler that does nothing.
    Worker(Asked),
    /// Plain statements.
    Raw(Asked),
    /// The whole benchmark.
    Run(run::Plan),
    /// One drain, and where its time went.
    Profile {
        #[arg(long, env = "ORRERY_POSTGRES_URL")]
        url: String,
        #[arg(long, default_value_t = 20_000)]
        rows: u64,
        #[arg(long)]
        raw: bool,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Worker(asked) => noop::work(&asked).await,
        What::Raw(asked) => raw::work(&asked).await,
        What::Run(plan) => run::run(plan).await,
        What::Profile { url, rows, raw } => profile(&url, rows, raw).await,
    }
}

async fn profile(url: &str, rows: u64, raw: bool) -> anyhow::Result<()> {
    let server = Server::at(url)?;
    let database = "orrery_bench_profile";
    let system = if raw { System::Raw } else { System::Orrery };
    system.set_up(&server, database).await?;
    let counted = statements::count_in(&server, database).await?;
    let drain = drain::drain(&server, database, &system, rows).await?;
    println!(
        "{}: {:.0} jobs/s; processor time for 1,000 jobs: worker {:.0} ms, server {:.0} ms",
        system.name(),
        drain.rate,
        drain.worker_ms,
        drain.server_ms
    );
    if counted {
        statements::print(&server, database).await?;
    }
    server.remove(database).await?;
    Ok(())
}
