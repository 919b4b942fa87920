//! One guarded write, in the form in which it is sent.

use bson::raw::{CStr, RawBsonRef, RawDocumentBuf, cstr};
use bson::{Document, doc, rawdoc};
use mongodb::error::Error;

use super::documents::{Fence, Guess, MOST_BYTES, Store, TooLarge, Upsert};

/// The condition of the filter that holds stale writers off.
const GUARD: &CStr = cstr!("job.token");

/// An upsert under a token. It holds the bytes of its parts and nothing else, so that many of them may wait; they are put together in
/// the form in which they are sent, once it is known.
#[derive(Debug, Clone)]
pub struct Statement {
    /// `set` with `job`.
    upsert: Upsert,
    token: i64,
    guess: Guess,
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
    #[must_use]
    pub fn new(mut upsert: Upsert, fence: Fence, guess: Guess) -> Self {
        let Fence { queue, job_id, token } = fence;
        let job = rawdoc! { "queue": queue, "id": job_id.to_string(), "token": token };
        upsert.set.append(cstr!("job"), job);
        let guess = if upsert.existing_only { Guess::Present } else { guess };
        Self { upsert, token, guess }
    }

    /// Finds the document when its token is greater than that of the fence.
    pub(super) fn newer(&self) -> Option<Document> {
        let mut filter = Document::try_from(&self.upsert.key).ok()?;
        filter.insert(GUARD.as_str(), doc! { "$gt": self.token });
        Some(filter)
    }

    /// Which database.
    #[must_use]
    pub const fn store(&self) -> Store {
        self.upsert.store
    }

    /// Which collection.
    #[must_use]
    pub const fn collection(&self) -> &'static str {
        self.upsert.collection
    }

    /// Its size when it is sent, near enough.
    pub(super) fn bytes(&self) -> usize {
        let Upsert { key, set, set_on_insert, .. } = &self.upsert;
        [key, set, set_on_insert].map(|part| part.as_bytes().len()).iter().sum()
    }

    /// Whether the document would be larger than MongoDB takes, in whatever form it is sent. It never has more bytes than are counted here,
    /// and hardly fewer. What an application has put into it already is not counted.
    pub(super) fn too_large(&self) -> Option<TooLarge> {
        let bytes = self.bytes();
        (bytes > MOST_BYTES).then(|| TooLarge {
            collection: self.collection(),
            key: Document::try_from(&self.upsert.key).unwrap_or_default().to_string(),
            bytes,
        })
    }

    /// Whether it is sent as an insert.
    pub(super) fn inserts(&self, form: Form) -> bool {
        form == Form::Guessed && self.guess == Guess::Missing
    }

    /// An element of the array `updates` of the command.
    pub(super) fn update(&self) -> RawDocumentBuf {
        let Upsert { key, set, set_on_insert, existing_only, .. } = &self.upsert;
        let mut filter = key.clone();
        // Also true where there is no token; one condition and no `$or`, so that the server keeps one plan for all statements.
        filter.append(GUARD, rawdoc! { "$not": { "$gt": self.token } });
        let mut update = rawdoc! {};
        update.append(cstr!("$set"), set);
        if !existing_only && !set_on_insert.is_empty() {
            update.append(cstr!("$setOnInsert"), set_on_insert);
        }
        rawdoc! { "q": filter, "u": update, "upsert": !existing_only, "multi": false }
    }

    /// The document that the upsert makes when it finds none, with its fields in the same order: `_id`, those of the filter, and
    /// the others by name.
    pub(super) fn document(&self) -> Result<RawDocumentBuf, Error> {
        let Upsert { key, set, set_on_insert, .. } = &self.upsert;
        let mut fields = set_on_insert.iter().chain(set).map(pair).collect::<Result<Vec<_>, _>>()?;
        fields.sort_unstable_by_key(|(path, _)| (*path != "_id", *path));
        let at = usize::from(fields.first().is_some_and(|(path, _)| *path == "_id"));
        fields.splice(at..at, key.iter().map(pair).collect::<Result<Vec<_>, _>>()?);

        let mut document = RawDocumentBuf::new();
        for (at, (path, value)) in fields.iter().enumerate() {
            let Some((parent, _)) = path.split_once('.') else {
                document.append(<&CStr>::try_from(*path)?, *value);
                continue;
            };
            let first = !fields[..at].iter().any(|(path, _)| child(parent, path).is_some());
            if first {
                document.append(<&CStr>::try_from(parent)?, embedded(parent, &fields[at..])?);
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
            key: rawdoc! { "subject.type": "employee", "subject.id": "1", "target.id": "2", "kind": "role" },
            set: rawdoc! { "subject.name": "Ada", "score": 81, "dimensions": [1, 2] },
            set_on_insert: rawdoc! { "_id": id, "created_at": 5 },
            existing_only: false,
        };
        let fence = Fence { queue: "entity", job_id: Uuid::nil(), token: 9 };
        let statement = Statement::new(upsert, fence, Guess::Missing);
        let expected = rawdoc! {
            "_id": id, "subject": { "type": "employee", "id": "1", "name": "Ada" }, "target": { "id": "2" }, "kind": "role",
            "created_at": 5, "dimensions": [1, 2],
            "job": { "queue": "entity", "id": Uuid::nil().to_string(), "token": 9_i64 }, "score": 81,
        };
        assert_eq!(statement.document().unwrap(), expected);
    }

    #[test]
    fn an_upsert_finds_no_document_with_a_greater_token() {
        let upsert = Upsert {
            store: Store::Reports,
            collection: "reports",
            key: rawdoc! { "reportId": "1" },
            set: rawdoc! { "status": "completed" },
            set_on_insert: rawdoc! { "createdAt": 5 },
            existing_only: false,
        };
        let fence = Fence { queue: "report", job_id: Uuid::nil(), token: 9 };
        let job = rawdoc! { "queue": "report", "id": Uuid::nil().to_string(), "token": 9_i64 };
        let expected = rawdoc! {
            "q": { "reportId": "1", "job.token": { "$not": { "$gt": 9_i64 } } },
            "u": { "$set": { "status": "completed", "job": job }, "$setOnInsert": { "createdAt": 5 } },
            "upsert": true,
            "multi": false,
        };
        let statement = Statement::new(upsert, fence, Guess::Missing);
        assert_eq!(statement.update(), expected);
        assert_eq!(statement.newer(), Some(doc! { "reportId": "1", "job.token": { "$gt": 9_i64 } }));
    }

    #[test]
    fn what_mongodb_cannot_hold_is_told_before_it_is_sent() {
        let with = |text: usize| {
            let upsert = Upsert {
                store: Store::Reports,
                collection: "analysis_data",
                key: rawdoc! { "analysisId": "1" },
                set: rawdoc! { "context": "x".repeat(text) },
                set_on_insert: rawdoc! { "createdAt": 5 },
                existing_only: false,
            };
            Statement::new(upsert, Fence { queue: "report", job_id: Uuid::nil(), token: 9 }, Guess::Missing)
        };
        let room = MOST_BYTES - with(0).bytes();
        let largest = with(room);
        assert_eq!(largest.too_large(), None);
        assert!((MOST_BYTES - 16..=MOST_BYTES).contains(&largest.document().unwrap().as_bytes().len()));
        let found = with(room + 1).too_large().unwrap();
        assert_eq!((found.collection, found.bytes), ("analysis_data", MOST_BYTES + 1));
        assert!(found.key.contains("analysisId") && !found.to_string().contains("xxx"), "{found}");
    }

    #[test]
    fn what_an_application_has_made_is_never_inserted() {
        let upsert = Upsert {
            store: Store::Reports,
            collection: "questionnaire_responses",
            key: rawdoc! { "responseId": "1" },
            set: rawdoc! { "read": true },
            set_on_insert: rawdoc! {},
            existing_only: true,
        };
        let fence = Fence { queue: "report", job_id: Uuid::nil(), token: 9 };
        assert!(!Statement::new(upsert, fence, Guess::Missing).inserts(Form::Guessed));
    }
}
