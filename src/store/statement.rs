//! One guarded write, in the form in which it is sent.

use bson::raw::{CStr, RawBsonRef, RawDocument, RawDocumentBuf};
use bson::{Document, doc};
use mongodb::error::Error;

use super::documents::{Fence, Guess, Store, Upsert};

/// The condition of the filter that holds stale writers off.
const GUARD: &str = "job.token";

/// An upsert under a token. It holds its bytes and nothing else, so that many of them may wait.
#[derive(Debug, Clone)]
pub struct Statement {
    store: Store,
    collection: &'static str,
    guess: Guess,
    update: RawDocumentBuf,
}

/// How statements are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As guessed: what is believed to be missing is inserted, which costs the server half of an upsert.
    Guessed,
    /// All as upserts.
    Upserts,
}

impl Statement {
    /// The upsert under this fence. The document is only touched while its `job.token` is not greater than that of the fence: a
    /// stale writer finds no such document, tries to insert one, and meets the unique key.
    ///
    /// # Errors
    /// When the fields cannot be BSON, such as a key with a zero byte.
    pub fn new(upsert: Upsert, fence: Fence, guess: Guess) -> Result<Self, Error> {
        let Upsert { store, collection, key: mut filter, mut set, set_on_insert, existing_only } = upsert;
        // Also true where there is no token; one condition and no `$or`, so that the server keeps one plan for all statements.
        filter.insert(GUARD, doc! { "$not": { "$gt": fence.token } });
        set.insert(
            "job",
            doc! { "queue": fence.queue, "id": fence.job_id.to_string(), "token": fence.token },
        );
        let mut update = doc! { "$set": set };
        if !existing_only && !set_on_insert.is_empty() {
            update.insert("$setOnInsert", set_on_insert);
        }
        let statement = doc! { "q": filter, "u": update, "upsert": !existing_only, "multi": false };
        let guess = if existing_only { Guess::Present } else { guess };
        Ok(Self { store, collection, guess, update: RawDocumentBuf::try_from(&statement)? })
    }

    /// Finds the document when its token is greater than that of the fence.
    pub(super) fn newer(&self) -> Option<Document> {
        let mut filter = Document::try_from(self.update.get_document("q").ok()?).ok()?;
        let not = filter.get_document(GUARD).ok()?.get_document("$not").ok()?.clone();
        filter.insert(GUARD, not);
        Some(filter)
    }

    /// Which database.
    #[must_use]
    pub const fn store(&self) -> Store {
        self.store
    }

    /// Which collection.
    #[must_use]
    pub const fn collection(&self) -> &'static str {
        self.collection
    }

    /// Its size when it is sent, near enough.
    pub(super) fn bytes(&self) -> usize {
        self.update.as_bytes().len()
    }

    /// Whether it is sent as an insert.
    pub(super) fn inserts(&self, form: Form) -> bool {
        form == Form::Guessed && self.guess == Guess::Missing
    }

    /// An element of the array `updates` of the command.
    pub(super) fn update(&self) -> &RawDocument {
        &self.update
    }

    /// The document that the upsert makes when it finds none, with its fields in the same order: `_id`, those of the filter, and
    /// the others by name.
    pub(super) fn document(&self) -> Result<RawDocumentBuf, Error> {
        let update = self.update.get_document("u")?;
        let on_insert = update.get("$setOnInsert")?.and_then(RawBsonRef::as_document);
        let written = [on_insert, Some(update.get_document("$set")?)].into_iter().flatten().flatten();
        let mut written = written.map(pair).collect::<Result<Vec<_>, _>>()?;
        written.sort_unstable_by_key(|(path, _)| (*path != "_id", *path));
        let at = usize::from(written.first().is_some_and(|(path, _)| *path == "_id"));
        let found = self.update.get_document("q")?.into_iter().map(pair).collect::<Result<Vec<_>, _>>()?;
        written.splice(at..at, found.into_iter().filter(|(path, _)| *path != GUARD));

        let mut document = RawDocumentBuf::new();
        for (at, (path, value)) in written.iter().enumerate() {
            let Some((parent, _)) = path.split_once('.') else {
                document.append(<&CStr>::try_from(*path)?, *value);
                continue;
            };
            let first = !written[..at].iter().any(|(path, _)| child(parent, path).is_some());
            if first {
                document.append(<&CStr>::try_from(parent)?, embedded(parent, &written[at..])?);
            }
        }
        Ok(document)
    }
}

type Pair<'a> = (&'a str, RawBsonRef<'a>);

fn pair<'a>(field: Result<(&'a CStr, RawBsonRef<'a>), bson::error::Error>) -> Result<Pair<'a>, Error> {
    let (path, value) = field?;
    Ok((path.as_str(), value))
}

/// The rest of a dotted path below `parent`.
fn child<'a>(parent: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(parent)?.strip_prefix('.')
}

/// The embedded document `parent` from the dotted paths among these fields.
fn embedded(parent: &str, fields: &[Pair<'_>]) -> Result<RawDocumentBuf, Error> {
    let mut document = RawDocumentBuf::new();
    for (path, value) in fields {
        if let Some(child) = child(parent, path) {
            document.append(<&CStr>::try_from(child)?, *value);
        }
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use bson::oid::ObjectId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_insert_makes_the_document_of_the_upsert() {
        let id = ObjectId::from_bytes([7; 12]);
        let upsert = Upsert {
            store: Store::Astrology,
            collection: "compatibility_scores",
            key: doc! { "subject.type": "employee", "subject.id": "1", "target.id": "2", "kind": "role" },
            set: doc! { "subject.name": "Ada", "score": 81, "dimensions": [1, 2] },
            set_on_insert: doc! { "_id": id, "created_at": 5 },
            existing_only: false,
        };
        let fence = Fence { queue: "entity", job_id: Uuid::nil(), token: 9 };
        let statement = Statement::new(upsert, fence, Guess::Missing).unwrap();
        let expected = doc! {
            "_id": id, "subject": { "type": "employee", "id": "1", "name": "Ada" }, "target": { "id": "2" }, "kind": "role",
            "created_at": 5, "dimensions": [1, 2],
            "job": { "queue": "entity", "id": Uuid::nil().to_string(), "token": 9_i64 }, "score": 81,
        };
        assert_eq!(statement.document().unwrap(), RawDocumentBuf::try_from(&expected).unwrap());
    }

    #[test]
    fn what_an_application_has_made_is_never_inserted() {
        let upsert = Upsert {
            store: Store::Reports,
            collection: "questionnaire_responses",
            key: doc! { "responseId": "1" },
            set: doc! { "read": true },
            set_on_insert: Document::new(),
            existing_only: true,
        };
        let fence = Fence { queue: "report", job_id: Uuid::nil(), token: 9 };
        assert!(!Statement::new(upsert, fence, Guess::Missing).unwrap().inserts(Form::Guessed));
    }
}
