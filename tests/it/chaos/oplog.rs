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
    /// Fields that it changed, as dotted paths, where it left the token as it was.
    pub fields: Vec<String>,
    /// Token of a later row that found nothing new and moved the expiry, which the write put into `job.renewed`.
    pub renewed: Option<i64>,
    /// Whether the document was removed.
    pub removed: bool,
}

impl Write {
    /// Collection of the document.
    pub fn collection(&self) -> &str {
        let namespace = self.document.split(':').next().unwrap_or_default();
        namespace.split_once('.').map_or(namespace, |(_, collection)| collection)
    }
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
    if !matches!(kind, "i" | "u" | "d") {
        return;
    }
    let difference = change.get_document("diff").ok().filter(|_| kind == "u");
    let put = |name: &str| match difference {
        _ if kind == "d" => None,
        Some(difference) => number_of_difference(difference, name),
        None => number_of(change, name),
    };
    let (token, renewed) = (put("token"), put("renewed"));
    let fields = match difference {
        // Most writes bring their token: what they changed is not looked at.
        _ if kind == "d" || token.is_some() => Vec::new(),
        Some(difference) => fields_of_difference(difference),
        None => change.keys().cloned().collect(),
    };
    let document = format!("{namespace}:{id}");
    writes.push(Write { document, token, fields, renewed, removed: kind == "d" });
}

/// A number in `job`.
fn number_of(document: &Document, name: &str) -> Option<i64> {
    document.get_document("job").ok()?.get_i64(name).ok()
}

/// An update is logged as a difference: `u` changed fields, `i` new ones, `d` removed ones, `s<name>` a difference inside a field.
fn number_of_difference(difference: &Document, name: &str) -> Option<i64> {
    ["u", "i"].iter().find_map(|part| {
        let changed = |difference: &Document, part: &str| difference.get_document(part).ok().cloned();
        changed(difference, part).and_then(|fields| number_of(&fields, name)).or_else(|| {
            changed(difference, "sjob").and_then(|inner| inner.get_document(part).ok()?.get_i64(name).ok())
        })
    })
}

/// Fields that a difference changes. What is changed in an array is not told apart.
fn fields_of_difference(difference: &Document) -> Vec<String> {
    let mut fields = Vec::new();
    for (part, change) in difference {
        match (part.strip_prefix('s'), change.as_document()) {
            (Some(name), Some(inner)) => {
                fields.extend(fields_of_difference(inner).into_iter().map(|field| format!("{name}.{field}")));
            }
            (None, Some(changed)) => fields.extend(changed.keys().cloned()),
            (_, None) => fields.push(part.clone()),
        }
    }
    fields
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

#[test]
fn a_write_that_leaves_the_token_says_what_it_changed() {
    let write = |diff: Document| {
        let mut writes = Vec::new();
        let entry = doc! { "op": "u", "ns": "d.reports", "o": { "diff": diff }, "o2": { "_id": "a:b" } };
        add(&entry, &mut writes);
        writes.pop().unwrap()
    };
    let renewal =
        write(doc! { "u": { "expiryDate": 1, "updatedAt": 2 }, "sjob": { "i": { "renewed": 9_i64 } } });
    assert_eq!((renewal.collection(), renewal.token, renewal.renewed), ("reports", None, Some(9)));
    assert_eq!(renewal.fields, ["expiryDate", "updatedAt", "job.renewed"]);
    let content = doc! { "spart": { "u": { "text": 1 } }, "i": { "new": 1 } };
    let inside = write(doc! { "d": { "summary": false }, "scontent": content });
    assert_eq!((inside.token, inside.renewed), (None, None));
    assert_eq!(inside.fields, ["summary", "content.part.text", "content.new"]);
    assert!(write(doc! { "u": { "job": { "token": 3_i64 }, "summary": 1 } }).fields.is_empty());
}
