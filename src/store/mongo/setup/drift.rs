//! What [`super::ensure`] would change, without changing it.

use mongodb::{Client, Database};

use super::compare::{same_keys, same_options};
use super::{Collection, Databases, SetupError, Target, astrology, list_collections, reports};

/// What differs from the schema, in words; empty when nothing does.
///
/// # Errors
/// When the server refuses or does not answer.
pub async fn drift(client: &Client, databases: &Databases) -> Result<Vec<String>, SetupError> {
    let mut found = of(&client.database(&databases.reports), &reports::collections()).await?;
    found.extend(of(&client.database(&databases.astrology), &astrology::collections()).await?);
    Ok(found)
}

async fn of(database: &Database, wanted: &[Collection]) -> Result<Vec<String>, SetupError> {
    let present = list_collections(database)
        .await
        .map_err(|source| SetupError::ListCollections { database: database.name().to_owned(), source })?;
    let mut found = Vec::new();
    for collection in wanted {
        let target = Target { database, collection };
        let Some(entry) = present.get(collection.name) else {
            found.push(format!("{} is missing", target.name()));
            continue;
        };
        if !target.has_validator(entry) {
            found.push(format!("the validator of {} is another", target.name()));
        }
        let indexes = target
            .list_indexes()
            .await
            .map_err(|source| SetupError::ListIndexes { collection: target.name(), source })?;
        for index in &collection.indexes {
            if !indexes.iter().any(|other| same_keys(index, other) && same_options(index, other)) {
                found.push(format!("index {} of {} is missing or another", index.name, target.name()));
            }
        }
    }
    Ok(found)
}
