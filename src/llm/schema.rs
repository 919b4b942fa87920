//! The shape of an answer: one source, and a rendering for each family of providers.
//!
//! Whatever is sent, the answer is checked against the canonical schema here: a 200 whose schema was ignored is a real case.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::request::Digest;
use crate::config::SchemaForm;

/// Keywords that bound a value. Cloud providers refuse some of them, each others.
const BOUNDS: [&str; 11] = [
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minProperties",
    "maxProperties",
];

/// Keywords for readers, which no model needs.
const NOTES: [&str; 5] = ["$schema", "$id", "$comment", "default", "examples"];

/// The shape of an answer.
#[derive(Debug)]
pub struct SchemaSet {
    name: String,
    canonical: Value,
    digest: Digest,
    bytes: usize,
    /// Made when the first answer is judged; nothing where the canonical schema is none.
    validator: OnceLock<Option<Validator>>,
}

impl SchemaSet {
    /// From the canonical schema. It uses `type`, `properties`, `items`, `enum`, `required` and bounds; no `$ref`.
    #[must_use]
    pub fn new(name: &str, canonical: Value) -> Self {
        let (digest, bytes) = (Digest::of(&canonical), canonical.to_string().len());
        Self { name: name.to_owned(), canonical, digest, bytes, validator: OnceLock::new() }
    }

    /// A short name that providers ask for: letters, digits and `_`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole schema with all bounds: what we check against.
    #[must_use]
    pub const fn canonical(&self) -> &Value {
        &self.canonical
    }

    /// Length of the canonical schema as it is written.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What judges by the canonical schema; nothing where that is no schema, which is a mistake of ours.
    pub(super) fn validator(&self) -> Option<&Validator> {
        let made = self.validator.get_or_init(|| {
            jsonschema::draft202012::new(&self.canonical)
                .inspect_err(|error| tracing::error!(%error, "a schema of this program is no schema"))
                .ok()
        });
        made.as_ref()
    }

    /// Of the canonical schema.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// What is sent. Equal for equal schemas, byte by byte: providers cache what they make of it.
    #[must_use]
    pub fn rendered(&self, form: SchemaForm) -> Option<Value> {
        match form {
            SchemaForm::Strict => Some(strict(&self.canonical)),
            SchemaForm::Bounded => Some(bounded(&self.canonical)),
            SchemaForm::None => None,
        }
    }
}

/// No bounds, every object closed, every key required.
fn strict(schema: &Value) -> Value {
    let Value::Object(keys) = schema else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in keys {
        let key = key.as_str();
        if BOUNDS.contains(&key) || NOTES.contains(&key) || matches!(key, "required" | "additionalProperties")
        {
            continue;
        }
        out.insert(key.to_owned(), below(key, value, strict));
    }
    if let Some(Value::Object(properties)) = keys.get("properties") {
        let all = properties.keys().map(|name| Value::String(name.clone())).collect();
        out.insert("required".to_owned(), Value::Array(all));
        out.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    Value::Object(out)
}

/// All bounds, no notes.
fn bounded(schema: &Value) -> Value {
    let Value::Object(keys) = schema else { return schema.clone() };
    let kept = keys.iter().filter(|(key, _)| !NOTES.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), below(key, value, bounded))).collect())
}

/// What stands below a keyword: schemas are rendered, names and values stay.
fn below(key: &str, value: &Value, render: fn(&Value) -> Value) -> Value {
    match (key, value) {
        ("properties", Value::Object(properties)) => {
            Value::Object(properties.iter().map(|(name, schema)| (name.clone(), render(schema))).collect())
        }
        ("items", schema) => render(schema),
        ("anyOf", Value::Array(schemas)) => Value::Array(schemas.iter().map(render).collect()),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn source() -> SchemaSet {
        SchemaSet::new(
            "note",
            json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "properties": {
                    "format": {"type": "string", "minLength": 2, "maxLength": 9},
                    "tags": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "string", "pattern": "^[a-z]+$"}}
                },
                "required": ["format"],
                "additionalProperties": false
            }),
        )
    }

    #[test]
    fn the_strict_form_has_no_bounds_and_requires_all() {
        assert_eq!(
            source().rendered(SchemaForm::Strict).unwrap().to_string(),
            r#"{"type":"object","properties":{"format":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}}},"required":["format","tags"],"additionalProperties":false}"#
        );
    }

    #[test]
    fn the_bounded_form_keeps_all_but_notes() {
        assert_eq!(
            source().rendered(SchemaForm::Bounded).unwrap().to_string(),
            r#"{"type":"object","properties":{"format":{"type":"string","minLength":2,"maxLength":9},"tags":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"string","pattern":"^[a-z]+$"}}},"required":["format"],"additionalProperties":false}"#
        );
        assert_eq!(source().rendered(SchemaForm::None), None);
    }
}
