//! Writing documents: one transaction, majority, deterministic ids, guarded by the token of the lease.

use bson::Document;
use bson::oid::ObjectId;
use mongodb::Client;
use uuid::Uuid;

use super::bulk::{self, Statement};
use super::mongo::Databases;

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
    upserts: Vec<Upsert>,
) -> Result<Written, mongodb::error::Error> {
    let statements = statements(upserts, fence)?;
    bulk::write(client, databases, &statements.iter().collect::<Vec<_>>()).await
}

/// Upserts under one fence, as they are sent.
///
/// # Errors
/// When fields cannot be BSON.
pub fn statements(upserts: Vec<Upsert>, fence: Fence) -> Result<Vec<Statement>, mongodb::error::Error> {
    upserts.into_iter().map(|upsert| Statement::new(upsert, fence)).collect()
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
