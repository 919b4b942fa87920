//! Guarded upserts in bulk: one `update` command for each collection, all of them in one transaction with majority.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bson::raw::{RawArrayBuf, RawDocumentBuf};
use bson::{Document, doc};
use mongodb::error::{
    Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteError,
    WriteFailure,
};
use mongodb::options::{Acknowledgment, ReadConcern, TransactionOptions, WriteConcern};
use mongodb::{Client, ClientSession};

use super::availability::{mongodb_is_down, mongodb_key_is_taken};
use super::documents::{Fence, Store, Upsert, Written};
use super::mongo::Databases;

/// Times that a transaction is tried again after it met another one.
const CONFLICT_RETRIES: usize = 10;

/// Times that a commit is asked for again when its answer was lost.
const COMMIT_RETRIES: usize = 3;

/// Bytes of statements in one command; the server takes 16 MiB.
const COMMAND_BYTES: usize = 8 * 1024 * 1024;

/// An upsert under a token, in the form in which it is sent: it holds its bytes and nothing else, so that many of them may wait.
#[derive(Debug, Clone)]
pub struct Statement {
    store: Store,
    collection: &'static str,
    update: RawDocumentBuf,
}

impl Statement {
    /// The upsert under this fence. The document is only touched while its `job.token` is not greater than that of the fence: a
    /// stale writer finds no such document, tries to insert one, and meets the unique key.
    ///
    /// # Errors
    /// When the fields cannot be BSON, such as a key with a zero byte.
    pub fn new(upsert: Upsert, fence: Fence) -> Result<Self, Error> {
        let Upsert { store, collection, key: mut filter, mut set, set_on_insert, existing_only } = upsert;
        // Also true where there is no token; one condition and no `$or`, so that the server keeps one plan for all statements.
        filter.insert("job.token", doc! { "$not": { "$gt": fence.token } });
        set.insert(
            "job",
            doc! { "queue": fence.queue, "id": fence.job_id.to_string(), "token": fence.token },
        );
        let mut update = doc! { "$set": set };
        if !existing_only && !set_on_insert.is_empty() {
            update.insert("$setOnInsert", set_on_insert);
        }
        let statement = doc! { "q": filter, "u": update, "upsert": !existing_only, "multi": false };
        Ok(Self { store, collection, update: RawDocumentBuf::try_from(&statement)? })
    }

    /// Finds the document when its token is greater than that of the fence.
    fn newer(&self) -> Option<Document> {
        let mut filter = Document::try_from(self.update.get_document("q").ok()?).ok()?;
        let not = filter.get_document("job.token").ok()?.get_document("$not").ok()?.clone();
        filter.insert("job.token", not);
        Some(filter)
    }

    /// Which database.
    #[must_use]
    pub const fn store(&self) -> Store {
        self.store
    }

    /// Which collection.
    #[must_use]
    pub const fn collection(&self) -> &'static str {
        self.collection
    }

    /// An element of the array `updates` of the command.
    #[must_use]
    pub const fn update(&self) -> &RawDocumentBuf {
        &self.update
    }
}

/// The greatest token that stands on a document of these statements and is greater than their own: who refused them. `None` where
/// there is no such document: then a unique key is taken by one that these statements do not mean.
///
/// # Errors
/// When MongoDB does not answer.
pub async fn refused_by(
    client: &Client,
    databases: &Databases,
    statements: &[&Statement],
) -> Result<Option<i64>, Error> {
    let mut newest = None;
    for statement in statements {
        let Some(filter) = statement.newer() else { continue };
        let documents = client.database(databases.name(statement.store)).collection(statement.collection);
        let found: Option<Document> = documents.find_one(filter).projection(doc! { "job.token": 1 }).await?;
        let token = found.and_then(|found| found.get_document("job").ok()?.get_i64("token").ok());
        newest = newest.max(token);
    }
    Ok(newest)
}

/// Writes all documents in one transaction with majority, or none of them.
///
/// # Errors
/// When MongoDB refuses or does not answer; nothing was written then.
pub async fn write(
    client: &Client,
    databases: &Databases,
    statements: &[&Statement],
) -> Result<Written, Error> {
    if statements.is_empty() {
        return Ok(Written::All);
    }
    let commands = commands(statements);
    let attempt = || write_once(client, databases, &commands);
    let waits = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(5))
        .with_max_delay(Duration::from_millis(200))
        .with_jitter()
        .with_max_times(CONFLICT_RETRIES);
    // Two jobs of one entity may meet; whoever loses tries again. A server that is down is the queue's business.
    attempt
        .retry(waits)
        .when(|error| error.contains_label(TRANSIENT_TRANSACTION_ERROR) && !mongodb_is_down(error))
        .await
}

/// One `update` command for each collection, in the order in which the collections come; more only where the bytes would not
/// fit into one.
#[must_use]
pub fn commands(statements: &[&Statement]) -> Vec<(Store, RawDocumentBuf)> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for statement in statements {
        let bytes = statement.update.as_bytes().len();
        let open = parts.iter_mut().rev().find(|part| part.is_of(statement));
        match open {
            Some(part) if part.bytes + bytes <= COMMAND_BYTES => part.add(statement),
            _ => parts.push(Part::of(statement)),
        }
    }
    parts.into_iter().map(Part::command).collect()
}

/// Statements of one command.
struct Part<'a> {
    store: Store,
    collection: &'static str,
    bytes: usize,
    updates: Vec<&'a RawDocumentBuf>,
}

impl<'a> Part<'a> {
    fn of(statement: &'a Statement) -> Self {
        let (store, collection) = (statement.store, statement.collection);
        let mut part = Self { store, collection, bytes: 0, updates: Vec::new() };
        part.add(statement);
        part
    }

    fn is_of(&self, statement: &Statement) -> bool {
        (self.store, self.collection) == (statement.store, statement.collection)
    }

    fn add(&mut self, statement: &'a Statement) {
        self.bytes += statement.update.as_bytes().len();
        self.updates.push(&statement.update);
    }

    fn command(self) -> (Store, RawDocumentBuf) {
        let mut updates = RawArrayBuf::new();
        for update in self.updates {
            updates.push(update.as_ref());
        }
        let mut command = RawDocumentBuf::new();
        command.append(bson::raw::cstr!("update"), self.collection);
        command.append(bson::raw::cstr!("ordered"), false);
        command.append(bson::raw::cstr!("updates"), updates);
        (self.store, command)
    }
}

async fn write_once(
    client: &Client,
    databases: &Databases,
    commands: &[(Store, RawDocumentBuf)],
) -> Result<Written, Error> {
    let options = TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build())
        .build();
    let mut session = client.start_session().await?;
    session.start_transaction().with_options(options).await?;
    match write_in(client, databases, commands, &mut session).await {
        Ok(()) => commit(&mut session).await.map(|()| Written::All),
        Err(error) => {
            // The server has undone it already; this only tidies the session.
            let _ = session.abort_transaction().await;
            if mongodb_key_is_taken(&error) { Ok(Written::Superseded) } else { Err(error) }
        }
    }
}

/// Commits; when the answer was lost the commit is asked for again, which the server takes as the same one.
async fn commit(session: &mut ClientSession) -> Result<(), Error> {
    let mut result = session.commit_transaction().await;
    for _ in 0..COMMIT_RETRIES {
        match &result {
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {
                result = session.commit_transaction().await;
            }
            _ => break,
        }
    }
    result
}

async fn write_in(
    client: &Client,
    databases: &Databases,
    commands: &[(Store, RawDocumentBuf)],
    session: &mut ClientSession,
) -> Result<(), Error> {
    for (store, command) in commands {
        let database = client.database(databases.name(*store));
        let answer = database.run_raw_command(command.clone()).session(&mut *session).await?;
        refused(&answer)?;
    }
    Ok(())
}

/// A statement that the server refused is told in an answer that is otherwise good. Within a transaction one is enough.
fn refused(answer: &Document) -> Result<(), Error> {
    let Some(first) = answer.get_array("writeErrors").ok().and_then(|errors| errors.first()) else {
        return Ok(());
    };
    let error: WriteError = bson::deserialize_from_bson(first.clone())?;
    Err(ErrorKind::Write(WriteFailure::WriteError(error)).into())
}
