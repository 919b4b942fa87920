//! Deterministic ids: a retry of the same row makes the same documents.

use uuid::Uuid;

/// Name space of every id that Orrery derives.
const NAMESPACE: Uuid = Uuid::from_u128(0x6f72_7265_7279_5f69_6473_5f76_315f_0001);

/// The id that belongs to these parts and to no others.
#[must_use]
pub fn derive(parts: &[&str]) -> Uuid {
    // The unit separator cannot occur in an id or a word, so ("a", "bc") and ("ab", "c") differ.
    Uuid::new_v5(&NAMESPACE, parts.join("\u{1f}").as_bytes())
}

/// `reportId` of the report that a queue row publishes under a version: a retry makes the same one.
#[must_use]
pub fn report(queue_id: Uuid, version: i32) -> Uuid {
    derive(&["report", &queue_id.to_string(), &version.to_string()])
}

/// Id of a document that belongs to an entity, such as its chart.
#[must_use]
pub fn of_entity(what: &str, entity_type: &str, entity_id: &str) -> Uuid {
    derive(&[what, entity_type, entity_id])
}
