//! Histories that grow by one entry a quarter.

use bson::{Bson, Document};

use super::HISTORY_QUARTERS;
use super::values::stored_quarter;
use crate::domain::Quarter;

/// The history of a stored document after `current` has taken its place: every other quarter once, oldest first.
///
/// `latest` is what the stored current part becomes as an entry. It is left out when it speaks of `current` itself
/// (the same quarter computed again), and it replaces an older entry of its own quarter. At most
/// [`HISTORY_QUARTERS`] stay, the latest ones.
pub(super) fn carried_on(
    stored: Option<&Document>,
    field: &str,
    latest: Option<Document>,
    current: Quarter,
) -> Vec<Document> {
    let kept = stored.and_then(|document| document.get_array(field).ok()).into_iter().flatten();
    let mut entries: Vec<Document> = kept.filter_map(Bson::as_document).cloned().collect();
    if let Some(latest) = latest {
        let of = stored_quarter(&latest);
        entries.retain(|entry| of.is_none() || stored_quarter(entry) != of);
        entries.push(latest);
    }
    entries.retain(|entry| stored_quarter(entry) != Some(current));
    entries.sort_by_key(stored_quarter);
    entries.split_off(entries.len().saturating_sub(HISTORY_QUARTERS))
}

/// The last entry before a quarter.
pub(super) fn before(entries: &[Document], quarter: Quarter) -> Option<&Document> {
    entries.iter().rev().find(|entry| stored_quarter(entry).is_some_and(|of| of < quarter))
}
