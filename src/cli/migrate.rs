//! `orrery migrate`.

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::table;
use crate::config::Config;
use crate::pipeline::reference;
use crate::store::connect;
use crate::store::mongo::{self, Databases};
use crate::store::pg::migrate::{self as migrations, Mode};
use crate::store::pg::{self, Role};

/// Sets up, takes back or shows the schema in both databases.
///
/// On an empty PostgreSQL database `up` makes the platform's tables and Orrery's own schema. On a database whose tables
/// exist already use `up --attach`: it adds only the schema `orrery` and the triggers that see new rows. MongoDB's
/// collections, validators and indexes are made and repaired each time.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Applies what is missing; safe to repeat.
    Up {
        /// Add only Orrery's own schema and triggers to tables that are there already.
        #[arg(long)]
        attach: bool,
    },
    /// Takes migrations of PostgreSQL back, newest first. Documents in MongoDB are left alone.
    Down {
        /// Take back everything after this version; 0 takes back all.
        #[arg(long, value_name = "VERSION")]
        to: i64,
        /// Really do it: data in the tables that go is lost.
        #[arg(long)]
        yes: bool,
    },
    /// Shows which migrations the database has.
    Status,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    match arguments.command {
        Command::Up { attach } => {
            let mode = migrations::up(&pool, attach.then_some(Mode::Attach)).await?;
            let client =
                connect::mongodb(&config.mongodb, "orrery").await.context("MongoDB cannot be reached")?;
            let done = mongo::ensure(&client, &Databases::from(&config.mongodb)).await?;
            let seeded = reference::seed(&client, &Databases::from(&config.mongodb)).await?;
            table::say(&format!(
                "PostgreSQL is up to date ({}). MongoDB: {} collections and {} indexes made, {} validators and {} indexes changed, {seeded} reference meanings added.",
                match mode {
                    Mode::Whole => "the platform's tables and schema orrery",
                    Mode::Attach => "attached: schema orrery and triggers",
                },
                done.collections_created,
                done.indexes_created,
                done.validators_changed,
                done.indexes_changed,
            ));
        }
        Command::Down { to, yes } => {
            anyhow::ensure!(yes, "this drops tables with their data; add --yes to go on");
            migrations::down(&pool, to).await?;
            table::say(&format!("PostgreSQL is back at version {to}."));
        }
        Command::Status => {
            let steps = migrations::status(&pool).await?;
            let mut rows = table::new(["version", "state", "migration"]);
            for step in steps {
                rows.add_row([
                    step.version.to_string(),
                    if step.applied { "applied" } else { "missing" }.to_owned(),
                    step.description,
                ]);
            }
            table::say(&rows.to_string());
        }
    }
    Ok(())
}
