//! The reference as data: every key with its default, its kind and what it means.

use serde_json::{Map, Value as Json, json};
use toml::Value;

use super::{DEFAULT_TOML, layers};

/// One key.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// `section.name`.
    pub name: String,
    /// The environment variable that sets it.
    pub variable: String,
    /// Its default.
    pub default: Value,
    /// What it means: the comment above it.
    pub meaning: String,
}

/// Every key in the order of the file.
///
/// # Panics
/// When the embedded defaults are no TOML, which a test excludes.
#[must_use]
pub fn keys() -> Vec<Key> {
    let known = layers::leaves(&DEFAULT_TOML.parse().expect("the embedded defaults are TOML"));
    let mut found = Vec::new();
    let (mut section, mut comment) = (String::new(), Vec::new());
    for line in DEFAULT_TOML.lines() {
        if let Some(words) = line.strip_prefix('#') {
            comment.push(words.trim());
        } else if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            comment.clear();
        } else if let Some((name, _)) = line.split_once('=') {
            let name = format!("{section}.{}", name.trim());
            if let Some(default) = known.get(&name) {
                let (variable, default) = (layers::variable(&name), default.clone());
                found.push(Key { variable, default, meaning: comment.join(" "), name });
            }
            comment.clear();
        } else {
            comment.clear();
        }
    }
    found
}

/// A JSON Schema of the configuration file, for editors.
#[must_use]
pub fn schema() -> Json {
    let mut sections: Map<String, Json> = Map::new();
    for key in keys() {
        let Some((section, name)) = key.name.split_once('.') else { continue };
        let kind = match key.default {
            Value::Integer(_) => json!({ "type": "integer" }),
            Value::Float(_) => json!({ "type": "number" }),
            Value::Boolean(_) => json!({ "type": "boolean" }),
            Value::Array(_) if key.name == "llm.provider" => {
                json!({ "type": "array", "items": { "type": "object" } })
            }
            Value::Array(_) => json!({ "type": "array", "items": { "type": "string" } }),
            _ => json!({ "type": "string" }),
        };
        let mut property = kind;
        property["default"] = serde_json::to_value(&key.default).unwrap_or_default();
        property["description"] = format!("{} ({})", key.meaning, key.variable).into();
        sections.entry(section).or_insert_with(
            || json!({ "type": "object", "additionalProperties": false, "properties": {} }),
        )["properties"][name] = property;
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of orrery",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_meaning_or_shares_the_one_above() {
        let keys = keys();
        let known = layers::leaves(&DEFAULT_TOML.parse().unwrap());
        assert_eq!(keys.len(), known.len(), "a key of the file is missing");
        let lease = keys.iter().find(|key| key.name == "queue.lease_s").unwrap();
        assert_eq!(lease.variable, "ORRERY_QUEUE_LEASE_S");
        assert!(lease.meaning.starts_with("Seconds a lease lasts"), "{}", lease.meaning);
    }

    #[test]
    fn the_schema_takes_the_defaults_and_refuses_what_the_program_refuses() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        let read = |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
        assert!(schema.is_valid(&read(DEFAULT_TOML)));
        assert!(!schema.is_valid(&read("[queue]\nlease_seconds = 3\n")));
        assert!(!schema.is_valid(&read("[queue]\nlease_s = \"three\"\n")));
    }
}
