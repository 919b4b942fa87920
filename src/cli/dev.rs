//! Commands for scripts of this project; not part of the product's interface.

use clap::{Args, Subcommand};

use crate::store::mongo::replica_set::init_replica_set;

/// Commands for scripts of this project.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a fresh MongoDB server a replica set of one node and waits until it takes writes.
    InitReplicaSet {
        /// Address of the server.
        uri: String,
    },
}

pub(super) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::InitReplicaSet { uri } => Ok(init_replica_set(&uri).await?),
    }
}
