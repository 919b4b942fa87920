//! Seeding `astrological_reference_data`: the meanings of planets, signs, houses and aspects, versioned.

use bson::{DateTime, Document, doc};
use futures::TryStreamExt;
use mongodb::{Client, Collection};

use crate::reference::{self, ReferenceDocument};
use crate::store::documents::Store;
use crate::store::mongo::Databases;

/// Why the meanings could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// MongoDB refused or does not answer.
    #[error("reference data could not be stored")]
    Store(#[from] mongodb::error::Error),
    /// A document is not what BSON can hold.
    #[error("reference data could not be written as bson")]
    Document(#[from] bson::error::Error),
}

/// Stores the meanings of this version and retires those of others. Returns how many documents were made.
///
/// Safe to repeat, and safe for several processes at once: the unique keys let each document in once.
///
/// # Errors
/// When MongoDB refuses or does not answer.
pub async fn seed(client: &Client, databases: &Databases) -> Result<u64, SeedError> {
    let collection: Collection<Document> =
        client.database(databases.name(Store::Astrology)).collection("astrological_reference_data");
    let current = doc! { "version": reference::VERSION, "status": "active" };
    let all = reference::documents();
    let stored = collection.count_documents(current.clone()).await?;
    if usize::try_from(stored).is_ok_and(|stored| stored == all.len()) {
        return Ok(0);
    }
    let there: Vec<Document> = collection.find(current).await?.try_collect().await?;
    let known = |reference: &ReferenceDocument| {
        there.iter().any(|document| {
            document.get_str("reference_type").ok() == Some(reference.reference_type)
                && document.get_document("data").ok().and_then(|data| data.get_str("key").ok())
                    == Some(reference.data.key.as_str())
        })
    };
    let mut made = 0;
    for reference in all.iter().filter(|reference| !known(reference)) {
        retire(&collection, reference).await?;
        collection.insert_one(document(reference)?).await?;
        made += 1;
    }
    Ok(made)
}

/// Only one version of a key is active.
async fn retire(collection: &Collection<Document>, reference: &ReferenceDocument) -> Result<(), SeedError> {
    let now = DateTime::now();
    collection
        .update_many(
            doc! {
                "reference_type": reference.reference_type, "data.key": &reference.data.key,
                "version": { "$ne": reference.version }, "status": "active",
            },
            doc! { "$set": { "status": "deprecated", "effective_until": now, "updated_at": now } },
        )
        .await?;
    Ok(())
}

fn document(reference: &ReferenceDocument) -> Result<Document, SeedError> {
    let now = DateTime::now();
    Ok(doc! {
        "reference_type": reference.reference_type,
        "data": bson::serialize_to_bson(&reference.data)?,
        "version": reference.version,
        "effective_from": DateTime::parse_rfc3339_str(reference.effective_from)?,
        "effective_until": bson::Bson::Null,
        "status": reference.status,
        "created_at": now,
        "updated_at": now,
    })
}
