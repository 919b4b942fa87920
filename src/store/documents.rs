//! Documents to write: deterministic ids, guarded by the token of the lease.

use bson::oid::ObjectId;
use bson::raw::RawDocumentBuf;
use uuid::Uuid;

use super::mongo::Databases;

/// Which of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    /// Reports, analyses, recommendations, questionnaires, employees' projections.
    Reports,
    /// Charts, codes, comparisons, patterns.
    Astrology,
}

/// One document to be there after the transaction: found by `key`, made if it is missing. Its parts are bytes, as they are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Upsert {
    /// Which database.
    pub store: Store,
    /// Which collection.
    pub collection: &'static str,
    /// Fields that find the document and are part of it; a unique index covers them.
    pub key: RawDocumentBuf,
    /// Fields that are written each time.
    pub set: RawDocumentBuf,
    /// Fields that are written only when the document is made (`_id`, `createdAt`).
    pub set_on_insert: RawDocumentBuf,
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

/// What is believed of documents before they are written. A wrong guess costs a second command and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// Nobody has written them yet.
    Missing,
    /// They are there, or nothing is known.
    Present,
}

/// The same guess for all of them.
pub fn guessed(upserts: Vec<Upsert>, guess: Guess) -> impl Iterator<Item = (Upsert, Guess)> {
    upserts.into_iter().map(move |upsert| (upsert, guess))
}

/// Bytes that a document may have in MongoDB.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;

/// A document that MongoDB would not take. The message holds ids and sizes only.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the document {key} of {collection} would have {bytes} bytes, and MongoDB takes {most} at most",
    most = MOST_BYTES
)]
pub struct TooLarge {
    /// Where it belongs.
    pub collection: &'static str,
    /// The fields that find it.
    pub key: String,
    /// Its size, near enough.
    pub bytes: usize,
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
