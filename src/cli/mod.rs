//! The command line: one file for each command.

mod actor;
mod audit;
mod birth;
mod chart;
mod code;
mod compare;
mod config;
mod dashboard;
mod demo;
mod dev;
mod doctor;
mod enqueue;
mod exit;
mod explain;
mod filter;
mod generate;
mod jobs;
mod llm;
mod log;
mod migrate;
mod orgs;
mod pattern;
mod picture;
mod quarter;
mod queues;
mod report;
mod run;
mod schedules;
mod status;
mod table;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Sources};

/// Worker daemon of an HR platform: claims rows that other applications insert into PostgreSQL, computes charts,
/// harmonic codes, comparisons and patterns, writes reports, and stores them in MongoDB and PostgreSQL exactly once.
///
/// Insert a row into `report_generation_queue`, `entity_update_queue`, `quarterly_update_schedule` or `calculation_jobs`
/// (pending); a worker started with `orrery run` takes it from there.
#[derive(Debug, Parser)]
#[command(name = "orrery", version, propagate_version = true, max_term_width = 110)]
struct Arguments {
    /// Configuration file; only what differs from the defaults needs to stand in it.
    ///
    /// Environment variables (`ORRERY_POSTGRES_URL`, `ORRERY_QUEUE_LEASE_S`, ...) win over it.
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Arguments),
    Migrate(migrate::Arguments),
    Enqueue(enqueue::Arguments),
    Status(status::Arguments),
    Explain(explain::Arguments),
    Doctor(doctor::Arguments),
    Jobs(jobs::Arguments),
    Queues(queues::Arguments),
    Orgs(orgs::Arguments),
    Schedules(schedules::Arguments),
    Quarter(quarter::Arguments),
    Audit(audit::Arguments),
    Llm(llm::Arguments),
    Report(report::Arguments),
    Chart(chart::Arguments),
    Code(code::Arguments),
    Compare(compare::Arguments),
    Pattern(pattern::Arguments),
    Demo(demo::Arguments),
    Dashboard(dashboard::Arguments),
    Config(config::Arguments),
    Generate(generate::Arguments),
    #[command(hide = true)]
    Dev(dev::Arguments),
}

/// Parses the command line, runs the command, and turns its error into words and an exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit::report(&anyhow::Error::new(error).context("threads cannot be started")),
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<()> {
    // Commands that need neither configuration nor databases.
    let command = match arguments.command {
        Command::Chart(chart) => return chart::run(&chart),
        Command::Code(code) => return code::run(&code),
        Command::Compare(compare) => return compare::run(&compare),
        Command::Pattern(pattern) => return pattern::run(&pattern),
        Command::Dev(dev) => return dev::run(dev).await,
        Command::Generate(generate) => return generate::run(&generate),
        Command::Dashboard(dashboard) if dashboard.is_hash() => return dashboard::hash_password(),
        other => other,
    };
    let sources = Sources::of_process(arguments.config.as_deref());
    if let Command::Config(config) = command {
        return config::run(&sources, &config);
    }
    let config: Config = sources.load()?;
    match command {
        Command::Run(run) => run::run(sources, config, run).await,
        Command::Migrate(migrate) => migrate::run(config, migrate).await,
        Command::Enqueue(enqueue) => enqueue::run(config, enqueue).await,
        Command::Status(status) => status::run(config, status).await,
        Command::Doctor(doctor) => doctor::run(config, doctor).await,
        Command::Explain(explain) => explain::run(config, explain).await,
        Command::Jobs(jobs) => jobs::run(config, jobs).await,
        Command::Queues(queues) => queues::run(config, queues).await,
        Command::Orgs(orgs) => orgs::run(config, orgs).await,
        Command::Schedules(schedules) => schedules::run(config, schedules).await,
        Command::Audit(audit) => audit::run(config, audit).await,
        Command::Quarter(quarter) => Box::pin(quarter::run(config, quarter)).await,
        Command::Llm(llm) => llm::run(config, llm).await,
        Command::Report(report) => report::run(config, report).await,
        Command::Demo(demo) => demo::run(config, demo).await,
        Command::Dashboard(_) => dashboard::check(&config),
        Command::Chart(_)
        | Command::Code(_)
        | Command::Compare(_)
        | Command::Pattern(_)
        | Command::Config(_)
        | Command::Generate(_)
        | Command::Dev(_) => Ok(()),
    }
}
