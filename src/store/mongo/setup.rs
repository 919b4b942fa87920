//! Makes collections, validators and indexes what [`super::schema`] says, and repairs what drifted.
//!
//! Idempotent: a second run changes nothing and only reads. Indexes and collections that the schema does not
//! name are left alone.

mod compare;
mod drift;

use std::collections::HashMap;

use bson::{Document, doc};
use futures::TryStreamExt;
use mongodb::error::{Error, ErrorKind};
use mongodb::{Client, Database};

use self::compare::{expiry_to_change, same_keys, same_options};
use super::Databases;
pub use super::replica_set::{ReplicaSetError, init_replica_set};
use super::schema::{Collection, Index, astrology, reports};
pub use drift::drift;

/// What a run of [`ensure`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SetupReport {
    /// Collections that were missing.
    pub collections_created: usize,
    /// Collections whose validator was another.
    pub validators_changed: usize,
    /// Indexes that were missing.
    pub indexes_created: usize,
    /// Indexes whose keys or options were others.
    pub indexes_changed: usize,
}

impl SetupReport {
    /// Whether everything was there already.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        *self == Self::default()
    }
}

/// Why the set-up failed, by step. Running it again goes on where it stopped.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The collections could not be listed.
    #[error("cannot list the collections of {database}")]
    ListCollections {
        /// Name of the database.
        database: String,
        /// What the server or the driver said.
        #[source]
        source: Error,
    },
    /// A view has the name of a collection.
    #[error("{collection} is a {kind}, not a collection")]
    NotACollection {
        /// Database and name.
        collection: String,
        /// What it is.
        kind: String,
    },
    /// A collection could not be made.
    #[error("cannot create collection {collection}")]
    CreateCollection {
        /// Database and name.
        collection: String,
        /// What the server or the driver said.
        #[source]
        source: Error,
    },
    /// A validator could not be changed.
    #[error("cannot change the validator of {collection}")]
    ChangeValidator {
        /// Database and name.
        collection: String,
        /// What the server or the driver said.
        #[source]
        source: Error,
    },
    /// The indexes could not be listed.
    #[error("cannot list the indexes of {collection}")]
    ListIndexes {
        /// Database and name.
        collection: String,
        /// What the server or the driver said.
        #[source]
        source: Error,
    },
    /// An index could not be made; for a unique one, there may be documents with equal keys.
    #[error("cannot create index {index} of {collection}")]
    CreateIndex {
        /// Database and name.
        collection: String,
        /// Name of the index.
        index: String,
        /// What the server or the driver said.
        #[source]
        source: Error,
    },
    /// An index with other options could not be changed or removed.
    #[error("cannot change index {index} of {collection}")]
    ChangeIndex {
        /// Database and name.
        collection: String,
        /// Name of the index.
        index: String,
        /// What the server or the driver said.
        #[source]
        source: Error,
    },
}

/// Creates what is missing and repairs what differs, in both databases.
///
/// # Errors
/// When the server refuses a step or does not answer; what was done until then stays.
pub async fn ensure(client: &Client, databases: &Databases) -> Result<SetupReport, SetupError> {
    let mut report = SetupReport::default();
    ensure_database(&client.database(&databases.reports), &reports::collections(), &mut report).await?;
    ensure_database(&client.database(&databases.astrology), &astrology::collections(), &mut report).await?;
    Ok(report)
}

async fn ensure_database(
    database: &Database,
    wanted: &[Collection],
    report: &mut SetupReport,
) -> Result<(), SetupError> {
    let present = list_collections(database)
        .await
        .map_err(|source| SetupError::ListCollections { database: database.name().to_owned(), source })?;
    for collection in wanted {
        Target { database, collection }.ensure(present.get(collection.name), report).await?;
    }
    Ok(())
}

/// All collections and views by name, as `listCollections` describes them.
async fn list_collections(database: &Database) -> Result<HashMap<String, Document>, Error> {
    let cursor = database.run_cursor_command(doc! { "listCollections": 1 }).await?;
    let all: Vec<Document> = cursor.try_collect().await?;
    Ok(all.into_iter().filter_map(|entry| Some((entry.get_str("name").ok()?.to_owned(), entry))).collect())
}

/// One collection that is to be as its schema says.
struct Target<'a> {
    database: &'a Database,
    collection: &'a Collection,
}

impl Target<'_> {
    async fn ensure(&self, present: Option<&Document>, report: &mut SetupReport) -> Result<(), SetupError> {
        match present {
            Some(entry) => self.ensure_validator(entry, report).await?,
            None => self.create(report).await?,
        }
        self.ensure_indexes(report).await
    }

    async fn create(&self, report: &mut SetupReport) -> Result<(), SetupError> {
        let command = doc! {
            "create": self.collection.name,
            "validator": self.collection.validator.clone(),
            "validationLevel": VALIDATION_LEVEL,
            "validationAction": VALIDATION_ACTION,
        };
        match self.database.run_command(command).await {
            Ok(_) => report.collections_created += 1,
            // Another worker that starts up made it, or the first write of an application did.
            Err(error) if code(&error) == Some(NAMESPACE_EXISTS) => self.change_validator(report).await?,
            Err(source) => {
                return Err(SetupError::CreateCollection { collection: self.name(), source });
            }
        }
        Ok(())
    }

    async fn ensure_validator(&self, entry: &Document, report: &mut SetupReport) -> Result<(), SetupError> {
        let kind = entry.get_str("type").unwrap_or("collection");
        if kind != "collection" {
            return Err(SetupError::NotACollection { collection: self.name(), kind: kind.to_owned() });
        }
        if self.has_validator(entry) { Ok(()) } else { self.change_validator(report).await }
    }

    fn has_validator(&self, entry: &Document) -> bool {
        let Ok(options) = entry.get_document("options") else { return false };
        options.get_document("validator").is_ok_and(|validator| *validator == self.collection.validator)
            && options.get_str("validationLevel").is_ok_and(|level| level == VALIDATION_LEVEL)
            && options.get_str("validationAction").is_ok_and(|action| action == VALIDATION_ACTION)
    }

    async fn change_validator(&self, report: &mut SetupReport) -> Result<(), SetupError> {
        let command = doc! {
            "collMod": self.collection.name,
            "validator": self.collection.validator.clone(),
            "validationLevel": VALIDATION_LEVEL,
            "validationAction": VALIDATION_ACTION,
        };
        self.database
            .run_command(command)
            .await
            .map_err(|source| SetupError::ChangeValidator { collection: self.name(), source })?;
        report.validators_changed += 1;
        Ok(())
    }

    async fn ensure_indexes(&self, report: &mut SetupReport) -> Result<(), SetupError> {
        let present = self
            .list_indexes()
            .await
            .map_err(|source| SetupError::ListIndexes { collection: self.name(), source })?;
        for index in &self.collection.indexes {
            if present.iter().any(|other| same_keys(index, other) && same_options(index, other)) {
                continue;
            }
            // The server refuses a second index of the same name, and mostly one of the same keys.
            let rival = present
                .iter()
                .find(|other| other.get_str("name").is_ok_and(|name| name == index.name))
                .or_else(|| present.iter().find(|other| same_keys(index, other)));
            match rival {
                None => {
                    self.create_index(index).await?;
                    report.indexes_created += 1;
                }
                Some(rival) => {
                    self.change_index(index, rival).await?;
                    report.indexes_changed += 1;
                }
            }
        }
        Ok(())
    }

    async fn list_indexes(&self) -> Result<Vec<Document>, Error> {
        self.database
            .run_cursor_command(doc! { "listIndexes": self.collection.name })
            .await?
            .try_collect()
            .await
    }

    async fn create_index(&self, index: &Index) -> Result<(), SetupError> {
        self.run_create_index(index.to_document()).await.map_err(|source| SetupError::CreateIndex {
            collection: self.name(),
            index: index.name.clone(),
            source,
        })
    }

    async fn run_create_index(&self, index: Document) -> Result<(), Error> {
        self.database
            .run_command(doc! { "createIndexes": self.collection.name, "indexes": [index] })
            .await
            .map(drop)
    }

    /// Changes the expiry in place, and replaces an index that differs in anything else.
    async fn change_index(&self, index: &Index, rival: &Document) -> Result<(), SetupError> {
        let rival_name = rival.get_str("name").unwrap_or(&index.name);
        if let Some(seconds) = expiry_to_change(index, rival) {
            let change = doc! { "name": rival_name, "expireAfterSeconds": seconds };
            return self.change(index, doc! { "collMod": self.collection.name, "index": change }).await;
        }
        self.change(index, doc! { "dropIndexes": self.collection.name, "index": rival_name }).await?;
        let created = self.create_index(index).await;
        if created.is_err() {
            // Equal keys, for instance, keep a unique index out; without the old one queries would crawl until then.
            let mut old = rival.clone();
            old.remove("v");
            if let Err(error) = self.run_create_index(old).await {
                tracing::warn!(collection = %self.name(), index = rival_name, %error, "cannot restore the old index");
            }
        }
        created
    }

    async fn change(&self, index: &Index, command: Document) -> Result<(), SetupError> {
        self.database.run_command(command).await.map(drop).map_err(|source| SetupError::ChangeIndex {
            collection: self.name(),
            index: index.name.clone(),
            source,
        })
    }

    fn name(&self) -> String {
        format!("{}.{}", self.database.name(), self.collection.name)
    }
}

/// Documents that were there before the validator and break it can still be updated.
const VALIDATION_LEVEL: &str = "moderate";
const VALIDATION_ACTION: &str = "error";
const NAMESPACE_EXISTS: i32 = 48;

fn code(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(command) => Some(command.code),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
