//! Histories that grow by one entry a quarter.

use bson::raw::{RawDocument, RawDocumentBuf};

use super::HISTORY_QUARTERS;
use super::values::{key, or_null, stored_quarter};
use crate::domain::Quarter;

/// What a stored current part becomes in the history: these of its fields, null where it has none.
pub(super) fn entry(stored: &RawDocument, kept: &[&str]) -> RawDocumentBuf {
    kept.iter().map(|name| (key(name), or_null(stored.get(name).ok().flatten()))).collect()
}

/// The history of a stored document after `current` has taken its place: every other quarter once, oldest first.
///
/// `latest` is what the stored current part becomes as an entry. It is left out when it speaks of `current` itself
/// (the same quarter computed again), and it replaces an older entry of its own quarter. At most
/// [`HISTORY_QUARTERS`] stay, the latest ones.
pub(super) fn carried_on<'a>(
    stored: Option<&'a RawDocument>,
    field: &str,
    latest: Option<&'a RawDocument>,
    current: Quarter,
) -> Vec<&'a RawDocument> {
    let kept = stored.and_then(|document| document.get_array(field).ok()).into_iter().flatten();
    let mut entries: Vec<&RawDocument> = kept.filter_map(|entry| entry.ok()?.as_document()).collect();
    if let Some(latest) = latest {
        let of = stored_quarter(latest);
        entries.retain(|entry| of.is_none() || stored_quarter(entry) != of);
        entries.push(latest);
    }
    entries.retain(|entry| stored_quarter(entry) != Some(current));
    entries.sort_by_key(|entry| stored_quarter(entry));
    entries.split_off(entries.len().saturating_sub(HISTORY_QUARTERS))
}

/// The last entry before a quarter.
pub(super) fn before<'a>(entries: &[&'a RawDocument], quarter: Quarter) -> Option<&'a RawDocument> {
    entries.iter().rev().copied().find(|entry| stored_quarter(entry).is_some_and(|of| of < quarter))
}
