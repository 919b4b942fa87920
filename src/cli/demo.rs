//! `orrery demo`.

mod database;
mod expected;
mod progress;
mod summary;
mod worker;

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use self::database::Demo;
use self::worker::Worker;
use super::table;
use crate::config::Config;

/// Longest time that each part of the demo may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// Shows a platform at work: real rows in real databases become charts, codes, comparisons, patterns and reports.
///
/// Makes a database of its own (`orrery_demo`) beside the configured one, and MongoDB databases of its own; both are made
/// anew each time. Inserts with `psql` what applications would insert - single rows, a COPY, dependent rows, an urgent
/// one, a cancelled one, rows that must fail - starts a worker, waits until every row has ended, runs a quarter, and prints
/// what became of it all. Exits with 0 only if every row ended as planned.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Leave the quarter out.
    #[arg(long)]
    no_quarter: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let bar = progress::Progress::new();
    bar.step("making databases of the demo");
    let demo = Demo::create(config).await?;
    bar.step("loading 86 people of history in three organizations");
    demo.psql("01_platform.sql").await?;
    demo.load_questionnaires().await?;

    bar.step("starting a worker");
    let worker = Worker::start(&demo.config)?;
    bar.step("inserting rows, as applications do");
    for file in ["02_entities.sql", "03_reports.sql", "05_calculations.sql"] {
        demo.psql(file).await?;
    }
    bar.wait_until_ended(&demo, "rows of the applications", PATIENCE).await.context(worker.log_hint())?;
    let expected = expected::check(&demo).await?;
    let waits = summary::Waits::read(&demo).await?;

    if !arguments.no_quarter {
        bar.step("running the quarter: every subscribed entity, then its reports");
        demo.psql("04_quarter.sql").await?;
        bar.wait_until_ended(&demo, "rows of the quarter", PATIENCE).await.context(worker.log_hint())?;
    }
    bar.step("stopping the worker");
    worker.stop().await?;
    bar.finish();

    summary::print(&demo, &expected, &waits).await?;
    let consistent = summary::check_stores(&demo).await?;
    demo.close().await;
    anyhow::ensure!(expected.as_planned(), "some rows did not end as planned; the table above names them");
    anyhow::ensure!(consistent, "the two stores do not agree; the counts above show where");
    table::say("Every row ended as planned, and both stores agree.");
    Ok(())
}
