//! Turns a fresh server into a replica set of one node, without which MongoDB has no transactions.
//!
//! For private servers of the demo and the tests. A set with more than one member is never changed.

use std::time::Duration;

use bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};
use tokio::time::Instant;

/// How long the server may take from its first answer to being primary.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the server may hold back an answer while nothing changes.
const LONGEST_ANSWER: Duration = Duration::from_secs(2);
const DEFAULT_NAME: &str = "rs0";
const ALREADY_INITIALIZED: i32 = 23;

/// Why there is no primary.
#[derive(Debug, thiserror::Error)]
pub enum ReplicaSetError {
    /// The address cannot be read.
    #[error("cannot read the connection string")]
    ParseUri(#[source] Error),
    /// The address names several servers.
    #[error("a private replica set has one server, but the connection string names {0}")]
    SeveralHosts(usize),
    /// No client could be made of the address.
    #[error("cannot make a client")]
    Connect(#[source] Error),
    /// The server did not answer.
    #[error("cannot ask the server for its state")]
    Hello(#[source] Error),
    /// The set could not be made.
    #[error("cannot initiate the replica set")]
    Initiate(#[source] Error),
    /// The set could not be moved to the server's present address.
    #[error("cannot move the replica set to the present address")]
    Reconfigure(#[source] Error),
    /// The server belongs to a set of several.
    #[error("the server belongs to a replica set of {0} members and is left alone")]
    SeveralMembers(usize),
    /// The server did not become primary in time.
    #[error("the server did not become primary within {} s", PATIENCE.as_secs())]
    NoPrimary,
}

/// Makes the server at `uri` the primary of its own replica set and waits until it is.
///
/// The name of the set is that of the connection string, or `rs0`. Does nothing where there is a primary already.
/// A set that was made under another port is moved to the present one.
///
/// # Errors
/// When the server does not answer or refuses, belongs to a larger set, or is not primary after a minute.
pub async fn init_replica_set(uri: &str) -> Result<(), ReplicaSetError> {
    let mut options = ClientOptions::parse(uri).await.map_err(ReplicaSetError::ParseUri)?;
    let [host] = options.hosts.as_slice() else {
        return Err(ReplicaSetError::SeveralHosts(options.hosts.len()));
    };
    let host = host.to_string();
    // With a name the driver would not talk to a server that has no set yet.
    let name = options.repl_set_name.take().unwrap_or_else(|| DEFAULT_NAME.to_owned());
    options.direct_connection = Some(true);
    let client = Client::with_options(options).map_err(ReplicaSetError::Connect)?;
    let admin = client.database("admin");

    let deadline = Instant::now() + PATIENCE;
    let mut hello = ask(&admin, doc! { "hello": 1 }).await?;
    if !is_member(&hello) {
        initiate(&admin, &name, &host).await?;
    }
    while !hello.get_bool("isWritablePrimary").unwrap_or(false) {
        if Instant::now() >= deadline {
            return Err(ReplicaSetError::NoPrimary);
        }
        hello = ask_for_change(&admin, &hello).await?;
    }
    Ok(())
}

/// Whether the server holds a valid configuration of its set: a fresh one has none, and neither has one that was
/// started under another address than the configuration names.
fn is_member(hello: &Document) -> bool {
    hello.contains_key("setName")
}

async fn initiate(admin: &Database, name: &str, host: &str) -> Result<(), ReplicaSetError> {
    let config = doc! { "_id": name, "members": [{ "_id": 0, "host": host }] };
    match admin.run_command(doc! { "replSetInitiate": config }).await {
        Ok(_) => Ok(()),
        Err(error) if is_code(&error, ALREADY_INITIALIZED) => move_to(admin, host).await,
        Err(error) => Err(ReplicaSetError::Initiate(error)),
    }
}

async fn move_to(admin: &Database, host: &str) -> Result<(), ReplicaSetError> {
    let answer =
        admin.run_command(doc! { "replSetGetConfig": 1 }).await.map_err(ReplicaSetError::Reconfigure)?;
    let mut config = answer.get_document("config").cloned().unwrap_or_default();
    let mut members = config.get_array("members").cloned().unwrap_or_default();
    let [member] = members.as_mut_slice() else {
        return Err(ReplicaSetError::SeveralMembers(members.len()));
    };
    if let Some(member) = member.as_document_mut() {
        member.insert("host", host);
    }
    config.insert("members", members);
    // A forced configuration gets a version of its own from the server.
    admin
        .run_command(doc! { "replSetReconfig": config, "force": true })
        .await
        .map(drop)
        .map_err(ReplicaSetError::Reconfigure)
}

/// Asks for the state as soon as it differs from `last`, or again after [`LONGEST_ANSWER`].
async fn ask_for_change(admin: &Database, last: &Document) -> Result<Document, ReplicaSetError> {
    let mut command = doc! { "hello": 1 };
    if let Ok(version) = last.get_document("topologyVersion") {
        command.insert("topologyVersion", version.clone());
        command.insert("maxAwaitTimeMS", i64::try_from(LONGEST_ANSWER.as_millis()).unwrap_or(i64::MAX));
    }
    ask(admin, command).await
}

async fn ask(admin: &Database, command: Document) -> Result<Document, ReplicaSetError> {
    admin.run_command(command).await.map_err(ReplicaSetError::Hello)
}

fn is_code(error: &Error, code: i32) -> bool {
    matches!(error.kind.as_ref(), ErrorKind::Command(command) if command.code == code)
}
