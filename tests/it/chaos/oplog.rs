//! Every write that MongoDB ever took, from its own log.

use bson::{Bson, Document, doc};
use futures::TryStreamExt as _;

/// A write of one document, or its removal.
#[derive(Debug, Clone)]
pub struct Write {
    /// `database.collection:_id`.
    pub document: String,
    /// Token that the write put there; none when it left the token as it was.
    pub token: Option<i64>,
    /// Whether the document was removed.
    pub removed: bool,
}

/// All writes to documents of reports and entities, in the order in which they were made.
pub async fn writes(client: &mongodb::Client) -> Vec<Write> {
    let mut cursor = client
        .database("local")
        .collection::<Document>("oplog.rs")
        .find(doc! { "op": { "$in": ["i", "u", "d", "c"] } })
        .sort(doc! { "$natural": 1 })
        .await
        .unwrap();
    let mut writes = Vec::new();
    while let Some(entry) = cursor.try_next().await.unwrap() {
        add(&entry, &mut writes);
    }
    writes
}

fn add(entry: &Document, writes: &mut Vec<Write>) {
    let Ok(change) = entry.get_document("o") else { return };
    if let Ok(together) = change.get_array("applyOps") {
        // A transaction: its writes are in it.
        for inner in together.iter().filter_map(Bson::as_document) {
            add(inner, writes);
        }
        return;
    }
    let (Ok(kind), Ok(namespace)) = (entry.get_str("op"), entry.get_str("ns")) else { return };
    let id = entry.get_document("o2").ok().and_then(|key| key.get("_id")).or_else(|| change.get("_id"));
    let Some(id) = id else { return };
    let token = match kind {
        "i" => token_of(change),
        "u" => change.get_document("diff").ok().map_or_else(|| token_of(change), token_of_difference),
        "d" => None,
        _ => return,
    };
    writes.push(Write { document: format!("{namespace}:{id}"), token, removed: kind == "d" });
}

fn token_of(document: &Document) -> Option<i64> {
    document.get_document("job").ok()?.get_i64("token").ok()
}

/// An update is logged as a difference: `u` changed fields, `i` new ones, `s<name>` a difference inside a field.
fn token_of_difference(difference: &Document) -> Option<i64> {
    ["u", "i"].iter().find_map(|part| {
        let changed = |difference: &Document, name: &str| difference.get_document(name).ok().cloned();
        changed(difference, part).and_then(|fields| token_of(&fields)).or_else(|| {
            changed(difference, "sjob").and_then(|inner| inner.get_document(part).ok()?.get_i64("token").ok())
        })
    })
}

#[test]
fn tokens_are_found_in_every_form_of_a_write() {
    let tokens = |entry: Document| {
        let mut writes = Vec::new();
        add(&entry, &mut writes);
        writes.iter().map(|write| write.token).collect::<Vec<_>>()
    };
    let insert = doc! { "op": "i", "ns": "d.c", "o": { "_id": 1, "job": { "token": 7_i64 } } };
    let inside = doc! { "op": "u", "ns": "d.c", "o": { "diff": { "sjob": { "u": { "token": 8_i64 } } } }, "o2": { "_id": 1 } };
    let whole = doc! { "op": "u", "ns": "d.c", "o": { "diff": { "u": { "job": { "token": 9_i64 } } } }, "o2": { "_id": 1 } };
    assert_eq!(
        tokens(doc! { "op": "c", "ns": "admin.$cmd", "o": { "applyOps": [insert, inside, whole] } }),
        [Some(7), Some(8), Some(9)]
    );
}
