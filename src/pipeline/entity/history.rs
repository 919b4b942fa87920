//! What is stored of an entity already.

use std::collections::HashMap;

use bson::raw::{RawBsonRef, RawDocument, RawDocumentBuf};
use bson::{Document, doc};
use futures::TryStreamExt as _;

use super::facts::{EntityKey, EntityKind};
use crate::pipeline::Context;
use crate::queue::{JobError, Lease, Stage};
use crate::store::documents::{Guess, Store};

/// Documents of an entity before this update, as they came: most of them goes on into the next ones as it is.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// `harmonic_codes`.
    pub code: Option<RawDocumentBuf>,
    /// `harmonic_energy_codes`; employees only.
    pub projection: Option<RawDocumentBuf>,
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

    /// Whether the stored code was written by an earlier run of this very row, which died before it could complete it.
    #[must_use]
    pub fn is_of(&self, lease: Lease) -> bool {
        let job = self.code.as_ref().and_then(|code| code.get_document("job").ok());
        let is = |field, value: &str| job.and_then(|job| job.get_str(field).ok()) == Some(value);
        is("queue", lease.queue.as_str()) && is("id", &lease.job_id.to_string())
    }

    /// Version and signature of the code that stood before this row: the last of the history if an earlier run of the row has put
    /// its own in place already.
    #[must_use]
    pub fn before(&self, lease: Lease) -> (Option<&str>, Option<&str>) {
        if !self.is_of(lease) {
            return (self.version(), self.signature());
        }
        let past = self.code.as_ref().and_then(|code| code.get_array("historical_codes").ok());
        let last = past.and_then(|codes| codes.into_iter().last()?.ok()).and_then(RawBsonRef::as_document);
        let text = |field| last.and_then(|code| code.get_str(field).ok());
        (text("version"), text("energy_signature"))
    }

    /// What this tells of all documents of the entity.
    #[must_use]
    pub const fn guess(&self) -> Guess {
        if self.code.is_none() && self.projection.is_none() { Guess::Missing } else { Guess::Present }
    }

    fn current(&self) -> Option<&RawDocument> {
        self.code.as_ref().and_then(|code| code.get_document("current_code").ok())
    }
}

/// Reads what is stored of an entity.
///
/// # Errors
/// When MongoDB refuses or does not answer.
pub async fn read(context: &Context, key: EntityKey) -> Result<History, JobError> {
    Ok(read_all(context, &[key]).await?.remove(&key).unwrap_or_default())
}

/// Reads what is stored of these entities, one question for each collection and kind. Entities of which nothing is stored
/// are missing.
///
/// # Errors
/// When MongoDB refuses or does not answer.
pub async fn read_all(
    context: &Context,
    keys: &[EntityKey],
) -> Result<HashMap<EntityKey, History>, JobError> {
    let of = |kind: EntityKind| codes(context, kind, keys);
    let (employees, candidates, companies, projections) = futures::try_join!(
        of(EntityKind::Employee),
        of(EntityKind::Candidate),
        of(EntityKind::Company),
        projections(context, keys)
    )?;
    let mut all: HashMap<EntityKey, History> = HashMap::new();
    for (key, document) in [employees, candidates, companies].into_iter().flatten() {
        all.entry(key).or_default().code = Some(document);
    }
    for (key, document) in projections {
        all.entry(key).or_default().projection = Some(document);
    }
    Ok(all)
}

async fn codes(
    context: &Context,
    kind: EntityKind,
    keys: &[EntityKey],
) -> Result<Vec<(EntityKey, RawDocumentBuf)>, JobError> {
    let wanted = Wanted { store: Store::Astrology, collection: "harmonic_codes", id: "entity_id" };
    let only = doc! { "entity_id": 1, "current_code": 1, "historical_codes": 1, "job": 1 };
    find(context, &wanted, kind, doc! { "entity_type": kind.as_str() }, only, keys).await
}

async fn projections(
    context: &Context,
    keys: &[EntityKey],
) -> Result<Vec<(EntityKey, RawDocumentBuf)>, JobError> {
    let wanted = Wanted { store: Store::Reports, collection: "harmonic_energy_codes", id: "employeeId" };
    let only = doc! { "employeeId": 1, "currentQuarter": 1, "previousQuarters": 1 };
    find(context, &wanted, EntityKind::Employee, doc! {}, only, keys).await
}

/// Where documents stand, and the field with the id of the entity.
struct Wanted {
    store: Store,
    collection: &'static str,
    id: &'static str,
}

async fn find(
    context: &Context,
    wanted: &Wanted,
    kind: EntityKind,
    mut filter: Document,
    only: Document,
    keys: &[EntityKey],
) -> Result<Vec<(EntityKey, RawDocumentBuf)>, JobError> {
    let ids: Vec<String> = keys.iter().filter(|key| key.kind == kind).map(|key| key.id.to_string()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |error| JobError::mongodb(Stage::Collect, error);
    filter.insert(wanted.id, doc! { "$in": ids });
    let collection = context
        .mongo
        .database(context.databases.name(wanted.store))
        .collection::<RawDocumentBuf>(wanted.collection);
    let found: Vec<RawDocumentBuf> = collection
        .find(filter)
        .projection(only)
        .await
        .map_err(failed)?
        .try_collect()
        .await
        .map_err(failed)?;
    let of = |document: &RawDocument| document.get_str(wanted.id).ok().and_then(|id| id.parse().ok());
    Ok(found
        .into_iter()
        .filter_map(|document| Some((EntityKey { kind, id: of(&document)? }, document)))
        .collect())
}
