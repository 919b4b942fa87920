//! Guarded writes in bulk: one command for each collection, all of them in one transaction with majority.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bson::raw::{RawDocumentBuf, cstr};
use bson::{Document, doc};
use mongodb::error::{
    Error, ErrorKind, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT, WriteError,
    WriteFailure,
};
use mongodb::options::{Acknowledgment, ReadConcern, TransactionOptions, WriteConcern};
use mongodb::{Client, ClientSession};

use super::availability::{mongodb_is_down, mongodb_key_is_taken};
use super::command::Command;
use super::documents::{Store, Written};
use super::mongo::Databases;
use super::statement::{Form, Statement};

/// Times that a transaction is tried again after it met another one.
const CONFLICT_RETRIES: usize = 10;

/// Times that a commit is asked for again when its answer was lost.
const COMMIT_RETRIES: usize = 3;

/// Bytes of statements in one command; the server takes 16 MiB.
const COMMAND_BYTES: usize = 8 * 1024 * 1024;

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
        let documents = client.database(databases.name(statement.store())).collection(statement.collection());
        let found: Option<Document> = documents.find_one(filter).projection(doc! { "job.token": 1 }).await?;
        let token = found.and_then(|found| found.get_document("job").ok()?.get_i64("token").ok());
        newest = newest.max(token);
    }
    Ok(newest)
}

/// Writes all documents in one transaction with majority, or none of them.
///
/// Guard: a document is only touched while its `job.token` is not greater than that of the fence. A stale
/// worker finds no such document, tries to insert, and meets the unique key: the whole transaction is undone.
///
/// # Errors
/// When MongoDB refuses or does not answer, or one of the documents is larger than it takes ([`super::documents::TooLarge`] as a custom
/// error); nothing was written then.
pub async fn write(
    client: &Client,
    databases: &Databases,
    statements: &[&Statement],
) -> Result<Written, Error> {
    if statements.is_empty() {
        return Ok(Written::All);
    }
    // Told here, with the name of the document: the server names none, and closes the connection where a message is far too long.
    if let Some(large) = statements.iter().find_map(|statement| statement.too_large()) {
        return Err(Error::custom(large));
    }
    let written = write_as(Form::Guessed, client, databases, statements).await?;
    if written == Written::All || !statements.iter().any(|statement| statement.inserts(Form::Guessed)) {
        return Ok(written);
    }
    // Something was there. Whether it is newer, the guard of the upserts decides.
    write_as(Form::Upserts, client, databases, statements).await
}

async fn write_as(
    form: Form,
    client: &Client,
    databases: &Databases,
    statements: &[&Statement],
) -> Result<Written, Error> {
    // Built for each attempt: a second one is rare, and a copy would be made for each first one.
    let attempt = async || write_once(client, databases, commands(statements, form)?).await;
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

/// One command for each collection, in the order in which the collections come; more only where the bytes would not
/// fit into one, or some documents are inserted and others are not.
fn commands(statements: &[&Statement], form: Form) -> Result<Vec<(Store, RawDocumentBuf)>, Error> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for statement in statements {
        let open = parts.iter_mut().rev().find(|part| part.takes(statement, form));
        match open {
            Some(part) if part.bytes + statement.bytes() <= COMMAND_BYTES => part.add(statement),
            _ => parts.push(Part::of(statement, form)),
        }
    }
    parts.iter().map(|part| Ok((part.store, part.command()?))).collect()
}

/// Statements of one command.
struct Part<'a> {
    store: Store,
    collection: &'static str,
    inserts: bool,
    bytes: usize,
    statements: Vec<&'a Statement>,
}

impl<'a> Part<'a> {
    fn of(statement: &'a Statement, form: Form) -> Self {
        Self {
            store: statement.store(),
            collection: statement.collection(),
            inserts: statement.inserts(form),
            bytes: statement.bytes(),
            statements: vec![statement],
        }
    }

    fn takes(&self, statement: &Statement, form: Form) -> bool {
        (self.store, self.collection, self.inserts)
            == (statement.store(), statement.collection(), statement.inserts(form))
    }

    fn add(&mut self, statement: &'a Statement) {
        self.bytes += statement.bytes();
        self.statements.push(statement);
    }

    fn command(&self) -> Result<RawDocumentBuf, Error> {
        let (verb, list) = if self.inserts {
            (cstr!("insert"), cstr!("documents"))
        } else {
            (cstr!("update"), cstr!("updates"))
        };
        let mut command = Command::new(verb, self.collection, list, self.statements.len(), self.bytes);
        for statement in &self.statements {
            let document = if self.inserts { statement.document()? } else { statement.update() };
            command.push(&document);
        }
        command.finish()
    }
}

async fn write_once(
    client: &Client,
    databases: &Databases,
    commands: Vec<(Store, RawDocumentBuf)>,
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
    commands: Vec<(Store, RawDocumentBuf)>,
    session: &mut ClientSession,
) -> Result<(), Error> {
    for (store, command) in commands {
        let database = client.database(databases.name(store));
        let answer = database.run_raw_command(command).session(&mut *session).await?;
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
