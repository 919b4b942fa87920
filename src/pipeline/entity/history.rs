//! What is stored of an entity already.

use bson::{Document, doc};

use super::facts::{EntityKey, EntityKind};
use crate::pipeline::Context;
use crate::queue::{JobError, Stage};
use crate::store::documents::Store;

/// Documents of an entity before this update.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// `harmonic_codes`.
    pub code: Option<Document>,
    /// `harmonic_energy_codes`; employees only.
    pub projection: Option<Document>,
}

impl History {
    /// `2026-Q3` of the stored code.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.current().and_then(|code| code.get_str("version").ok())
    }

    /// `energy_signature` of the stored code.
    #[must_use]
    pub fn signature(&self) -> Option<&str> {
        self.current().and_then(|code| code.get_str("energy_signature").ok())
    }

    fn current(&self) -> Option<&Document> {
        self.code.as_ref().and_then(|code| code.get_document("current_code").ok())
    }
}

/// Reads what is stored of an entity.
///
/// # Errors
/// When MongoDB refuses or does not answer.
pub async fn read(context: &Context, key: EntityKey) -> Result<History, JobError> {
    let id = key.id.to_string();
    let code = find(
        context,
        Store::Astrology,
        "harmonic_codes",
        doc! { "entity_id": &id, "entity_type": key.kind.as_str() },
    );
    if key.kind != EntityKind::Employee {
        return Ok(History { code: code.await?, projection: None });
    }
    let projection = find(context, Store::Reports, "harmonic_energy_codes", doc! { "employeeId": &id });
    let (code, projection) = futures::try_join!(code, projection)?;
    Ok(History { code, projection })
}

async fn find(
    context: &Context,
    store: Store,
    collection: &str,
    filter: Document,
) -> Result<Option<Document>, JobError> {
    context
        .mongo
        .database(context.databases.name(store))
        .collection::<Document>(collection)
        .find_one(filter)
        .await
        .map_err(|error| JobError::mongodb(Stage::Collect, error))
}
