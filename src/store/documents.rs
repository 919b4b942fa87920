//! Writing documents: one transaction, majority, deterministic ids, guarded by the token of the lease.

use bson::oid::ObjectId;
use bson::{Document, doc};
use mongodb::error::{TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{Acknowledgment, ReadConcern, TransactionOptions, WriteConcern};
use mongodb::{Client, ClientSession};
use uuid::Uuid;

use super::availability::mongodb_key_is_taken;
use super::mongo::Databases;
use crate::queue::Lease;

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
/// Guard: a document is only touched while its `job.token` is not greater than that of the lease. A stale
/// worker finds no such document, tries to insert, and meets the unique key: the whole transaction is undone.
///
/// # Errors
/// When MongoDB refuses or does not answer; nothing was written then.
pub async fn write_all(
    client: &Client,
    databases: &Databases,
    lease: Lease,
    upserts: &[Upsert],
) -> Result<Written, mongodb::error::Error> {
    let mut session = client.start_session().await?;
    loop {
        let options = TransactionOptions::builder()
            .read_concern(ReadConcern::snapshot())
            .write_concern(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build())
            .build();
        session.start_transaction().with_options(options).await?;
        match write_in(client, databases, lease, upserts, &mut session).await {
            Ok(()) => match commit(&mut session).await {
                Err(error) if error.contains_label(TRANSIENT_TRANSACTION_ERROR) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(Written::All),
            },
            Err(error) => {
                // The server has undone it already; this only tidies the session.
                let _ = session.abort_transaction().await;
                if mongodb_key_is_taken(&error) {
                    return Ok(Written::Superseded);
                }
                if !error.contains_label(TRANSIENT_TRANSACTION_ERROR) {
                    return Err(error);
                }
            }
        }
    }
}

async fn commit(session: &mut ClientSession) -> Result<(), mongodb::error::Error> {
    loop {
        match session.commit_transaction().await {
            Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) => {}
            result => return result,
        }
    }
}

async fn write_in(
    client: &Client,
    databases: &Databases,
    lease: Lease,
    upserts: &[Upsert],
    session: &mut ClientSession,
) -> Result<(), mongodb::error::Error> {
    for upsert in upserts {
        let collection = client.database(databases.name(upsert.store)).collection::<Document>(upsert.collection);
        let mut filter = upsert.key.clone();
        filter.insert("$or", [doc! { "job.token": { "$lte": lease.token } }, doc! { "job.token": { "$exists": false } }].to_vec());
        let mut set = upsert.set.clone();
        set.insert("job", doc! { "queue": lease.queue.as_str(), "id": lease.job_id.to_string(), "token": lease.token });
        let mut update = doc! { "$set": set };
        if !upsert.existing_only && !upsert.set_on_insert.is_empty() {
            update.insert("$setOnInsert", upsert.set_on_insert.clone());
        }
        collection.update_one(filter, update).upsert(!upsert.existing_only).session(&mut *session).await?;
    }
    Ok(())
}
