//! `orrery llm`.

mod batches;
mod breakers;
mod budget;
mod calls;
mod prices;
mod test;

use anyhow::Context as _;
use clap::{Args, Subcommand};

pub(super) use self::test::Silent;
use crate::config::Config;
use crate::store::pg::{self, Role};

/// Shows and steers what language models are asked and cost.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Test(test::Arguments),
    Calls(calls::Arguments),
    Batches(batches::Arguments),
    Budget(budget::Arguments),
    Prices(prices::Arguments),
    Breakers(breakers::Arguments),
    Limits(breakers::LimitsArguments),
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    if let Command::Test(arguments) = &arguments.command {
        return test::run(&config, arguments).await;
    }
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    match arguments.command {
        Command::Test(_) => Ok(()),
        Command::Calls(arguments) => calls::run(&pool, arguments).await,
        Command::Batches(arguments) => batches::run(&pool, arguments).await,
        Command::Budget(arguments) => budget::run(&config, &pool, arguments).await,
        Command::Prices(arguments) => prices::run(&pool, arguments).await,
        Command::Breakers(arguments) => breakers::run(&pool, arguments).await,
        Command::Limits(arguments) => breakers::limits(&pool, arguments).await,
    }
}
