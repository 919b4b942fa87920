//! Writing documents: one transaction, majority, deterministic ids, guarded by the token of the lease.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bson::oid::ObjectId;
use bson::{Document, doc};
use mongodb::error::{TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{Acknowledgment, ReadConcern, TransactionOptions, WriteConcern};
use mongodb::{Client, ClientSession};
use uuid::Uuid;

use super::availability::{mongodb_is_down, mongodb_key_is_taken};
use super::mongo::Databases;

/// Times that a transaction is tried again after it met another one.
const CONFLICT_RETRIES: usize = 10;

/// Times that a commit is asked for again when its answer was lost.
const COMMIT_RETRIES: usize = 3;

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Reports, analyses, recommendations, questionnaires, employees' projections.
    Reports,
    /// Charts, codes, comparisons, patterns.
    Astrology,
}

/// One document to be there after the transaction: found by `key`, made if it is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Upsert {
    /// Which database.
    pub store: Store,
    /// Which collection.
    pub collection: &'static str,
    /// Fields that find the document and are part of it; a unique index covers them.
    pub key: Document,
    /// Fields that are written each time.
    pub set: Document,
    /// Fields that are written only when the document is made (`_id`, `createdAt`).
    pub set_on_insert: Document,
    /// Whether a document must be there already: an application made it and only parts of it are ours.
    pub existing_only: bool,
}

/// Who writes, and with which right: the lease of a row, as the documents remember it in `job`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// Queue of the row.
    pub queue: &'static str,
    /// Primary key of the row.
    pub job_id: Uuid,
    /// Fencing token: of two writers the one with the greater token is right.
    pub token: i64,
}

/// What came of a guarded write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// All documents are there.
    All,
    /// A claim with a greater token has written one of them: nothing was written.
    Superseded,
}

/// The `_id` that belongs to a derived id: its first twelve bytes.
#[must_use]
pub fn object_id(id: Uuid) -> ObjectId {
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&id.as_bytes()[..12]);
    ObjectId::from_bytes(bytes)
}

/// Writes all documents in one transaction with majority, or none of them.
///
/// Guard: a document is only touched while its `job.token` is not greater than that of the fence. A stale
/// worker finds no such document, tries to insert, and meets the unique key: the whole transaction is undone.
///
/// # Errors
/// When MongoDB refuses or does not answer; nothing was written then.
pub async fn write_all(
    client: &Client,
    databases: &Databases,
    fence: Fence,
    upserts: &[Upsert],
) -> Result<Written, mongodb::error::Error> {
    let attempt = || write_once(client, databases, fence, upserts);
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

async fn write_once(
    client: &Client,
    databases: &Databases,
    fence: Fence,
    upserts: &[Upsert],
) -> Result<Written, mongodb::error::Error> {
    let options = TransactionOptions::builder()
        .read_concern(ReadConcern::snapshot())
        .write_concern(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build())
        .build();
    let mut session = client.start_session().await?;
    session.start_transaction().with_options(options).await?;
    match write_in(client, databases, fence, upserts, &mut session).await {
        Ok(()) => commit(&mut session).await.map(|()| Written::All),
        Err(error) => {
            // The server has undone it already; this only tidies the session.
            let _ = session.abort_transaction().await;
            if mongodb_key_is_taken(&error) { Ok(Written::Superseded) } else { Err(error) }
        }
    }
}

/// Commits; when the answer was lost the commit is asked for again, which the server takes as the same one.
async fn commit(session: &mut ClientSession) -> Result<(), mongodb::error::Error> {
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
    fence: Fence,
    upserts: &[Upsert],
    session: &mut ClientSession,
) -> Result<(), mongodb::error::Error> {
    for upsert in upserts {
        let collection =
            client.database(databases.name(upsert.store)).collection::<Document>(upsert.collection);
        let mut filter = upsert.key.clone();
        filter.insert(
            "$or",
            [doc! { "job.token": { "$lte": fence.token } }, doc! { "job.token": { "$exists": false } }]
                .to_vec(),
        );
        let mut set = upsert.set.clone();
        set.insert(
            "job",
            doc! { "queue": fence.queue, "id": fence.job_id.to_string(), "token": fence.token },
        );
        let mut update = doc! { "$set": set };
        if !upsert.existing_only && !upsert.set_on_insert.is_empty() {
            update.insert("$setOnInsert", upsert.set_on_insert.clone());
        }
        collection.update_one(filter, update).upsert(!upsert.existing_only).session(&mut *session).await?;
    }
    Ok(())
}

impl Databases {
    /// The configured name of a database.
    #[must_use]
    pub fn name(&self, store: Store) -> &str {
        match store {
            Store::Reports => &self.reports,
            Store::Astrology => &self.astrology,
        }
    }
}
