//! What is to be there in MongoDB: collections, validators, indexes.
//!
//! A validator refuses only what no reader could use: a missing identifier, a word outside its list, a score
//! outside its range. Fields that it does not name are free, because applications add their own. Documents that
//! Orrery writes carry `job`, by whose token a stale worker is kept out.

pub mod astrology;
pub mod reports;

use bson::{Bson, Document, doc};

/// A collection and everything about it that the daemon relies on.
#[derive(Debug, Clone, PartialEq)]
pub struct Collection {
    /// Name within its database.
    pub name: &'static str,
    /// Validator, a `$jsonSchema`.
    pub validator: Document,
    /// Indexes besides the one on `_id`.
    pub indexes: Vec<Index>,
}

impl Collection {
    fn new(name: &'static str, required: &[&str], properties: Document, indexes: Vec<Index>) -> Self {
        let mut properties = properties;
        properties.insert("job", job());
        let schema = doc! { "bsonType": "object", "required": required, "properties": properties };
        Self { name, validator: doc! { "$jsonSchema": schema }, indexes }
    }
}

/// An index with the options that change what it enforces.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Name; by default the keys with their directions, as the server would name it.
    pub name: String,
    /// Fields with 1, -1 or `2dsphere`, in order.
    pub keys: Document,
    /// Whether two documents may not have equal keys.
    pub unique: bool,
    /// Whether documents without the field are left out.
    pub sparse: bool,
    /// Condition on the documents that are indexed.
    pub partial: Option<Document>,
    /// Age of the indexed date, in seconds, at which a document is removed.
    pub expire_after_seconds: Option<i64>,
}

impl Index {
    /// An index with no option, under the name that the server would give it.
    #[must_use]
    pub fn on(keys: Document) -> Self {
        let name = keys
            .iter()
            .map(|(field, direction)| match direction {
                Bson::String(kind) => format!("{field}_{kind}"),
                number => format!("{field}_{number}"),
            })
            .collect::<Vec<_>>()
            .join("_");
        Self { name, keys, unique: false, sparse: false, partial: None, expire_after_seconds: None }
    }

    /// Makes it unique.
    #[must_use]
    pub fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// Leaves out documents without the field.
    #[must_use]
    pub fn sparse(mut self) -> Self {
        self.sparse = true;
        self
    }

    /// Restricts it to documents that meet the condition.
    #[must_use]
    pub fn only(mut self, condition: Document) -> Self {
        self.partial = Some(condition);
        self
    }

    /// Gives it another name than the server would.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Lets documents expire this many seconds after the indexed date.
    #[must_use]
    pub fn expiring_after(mut self, seconds: i64) -> Self {
        self.expire_after_seconds = Some(seconds);
        self
    }

    /// The index as the command `createIndexes` takes it.
    #[must_use]
    pub fn to_document(&self) -> Document {
        let mut index = doc! { "key": self.keys.clone(), "name": self.name.clone() };
        if self.unique {
            index.insert("unique", true);
        }
        if self.sparse {
            index.insert("sparse", true);
        }
        if let Some(condition) = &self.partial {
            index.insert("partialFilterExpression", condition.clone());
        }
        if let Some(seconds) = self.expire_after_seconds {
            index.insert("expireAfterSeconds", seconds);
        }
        index
    }
}

fn string() -> Document {
    doc! { "bsonType": "string" }
}

fn one_of(words: &[&str]) -> Document {
    doc! { "enum": words }
}

fn number_between(minimum: i32, maximum: i32) -> Document {
    doc! { "bsonType": ["int", "long", "double", "decimal"], "minimum": minimum, "maximum": maximum }
}

fn whole_number_from(minimum: i32) -> Document {
    doc! { "bsonType": ["int", "long"], "minimum": minimum }
}

fn object(required: &[&str], properties: Document) -> Document {
    let mut object = doc! { "bsonType": "object" };
    // An empty list of required fields is refused by the server.
    if !required.is_empty() {
        object.insert("required", required);
    }
    object.insert("properties", properties);
    object
}

fn array_of(items: Document) -> Document {
    doc! { "bsonType": "array", "items": items }
}

/// A point as longitude and latitude in degrees, in this order. The reverse order is refused where the longitude
/// lies beyond 90 degrees, and would otherwise be stored in another country.
fn point() -> Document {
    let degrees = [number_between(-180, 180), number_between(-90, 90)];
    let coordinates = doc! { "bsonType": "array", "minItems": 2, "maxItems": 2, "items": degrees.to_vec() };
    object(&["type", "coordinates"], doc! { "type": one_of(&["Point"]), "coordinates": coordinates })
}

/// Who wrote the document: queue, row and token of the claim.
fn job() -> Document {
    object(
        &["queue", "id", "token"],
        doc! { "queue": string(), "id": string(), "token": doc! { "bsonType": ["int", "long"] } },
    )
}
