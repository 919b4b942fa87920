//! Merging the layers, and telling where each value came from.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::{ConfigError, DEFAULT_TOML, Sources};

/// Variables that begin with the prefix but are no configuration keys: they belong to scripts and tests.
const OTHER_VARIABLES: [&str; 5] =
    ["ORRERY_CONFIG", "ORRERY_VAR", "ORRERY_BIN", "ORRERY_PG_BINDIR", "ORRERY_MONGOD"];

/// The merged table and the origin of every value that is not a default.
pub(super) struct Merged {
    pub(super) table: Table,
    origins: BTreeMap<String, String>,
}

impl Merged {
    pub(super) fn origin_of(&self, key: &str) -> String {
        // The origin of a list is the origin of what is in it.
        let listed = key.split('[').next().unwrap_or(key);
        let origin = self.origins.get(key).or_else(|| self.origins.get(listed));
        origin.cloned().unwrap_or_else(|| "the defaults".to_owned())
    }

    /// Adds the text of the operator's file.
    fn add_file(
        &mut self,
        path: &Path,
        text: &str,
        known: &BTreeMap<String, Value>,
    ) -> Result<(), ConfigError> {
        let given: Table = text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
            path: path.to_path_buf(),
            problem: error.to_string(),
        })?;
        let origin = format!("file {}", path.display());
        for (key, value) in leaves(&given) {
            let Some(default) = known.get(&key) else { return Err(unknown(&key, &origin, known.keys())) };
            same_type(&key, default, &value, &origin)?;
            self.set(&key, value, origin.clone());
        }
        Ok(())
    }

    /// Every key with its value and, where it is not the default, its origin.
    pub(super) fn values(&self) -> Vec<(String, Value, Option<String>)> {
        let origin = |key: &String| self.origins.get(key).cloned();
        leaves(&self.table).into_iter().map(|(key, value)| (key.clone(), value, origin(&key))).collect()
    }

    fn set(&mut self, key: &str, value: Value, origin: String) {
        // Every key is known by now, so both the section and the key exist.
        if let Some((section, name)) = key.split_once('.')
            && let Some(Value::Table(section)) = self.table.get_mut(section)
        {
            section.insert(name.to_owned(), value);
            self.origins.insert(key.to_owned(), origin);
        }
    }
}

/// The defaults, and every key with its default.
fn defaults() -> (Merged, BTreeMap<String, Value>) {
    // Unwrap safety: a test parses the embedded file.
    let table: Table = DEFAULT_TOML.parse().expect("the embedded defaults are TOML");
    let known = leaves(&table);
    (Merged { table, origins: BTreeMap::new() }, known)
}

/// The defaults and the text of a file.
pub(super) fn with_text(path: &Path, text: &str) -> Result<Merged, ConfigError> {
    let (mut merged, known) = defaults();
    merged.add_file(path, text, &known)?;
    Ok(merged)
}

pub(super) fn merge(sources: &Sources) -> Result<Merged, ConfigError> {
    let (mut merged, known) = defaults();
    if let Some(path) = &sources.file {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        merged.add_file(path, &text, &known)?;
    }
    let variables: BTreeMap<String, &String> = known.keys().map(|key| (variable(key), key)).collect();
    for (name, text) in &sources.environment {
        if !name.starts_with("ORRERY_") || OTHER_VARIABLES.contains(&name.as_str()) {
            continue;
        }
        let origin = "the environment".to_owned();
        let Some(key) = variables.get(name) else { return Err(unknown(name, &origin, variables.keys())) };
        let value = read_as(key, &known[*key], text)?;
        merged.set(key, value, format!("environment variable {name}"));
    }
    Ok(merged)
}

/// `queue.lease_s` is set by `ORRERY_QUEUE_LEASE_S`.
pub(super) fn variable(key: &str) -> String {
    format!("ORRERY_{}", key.replace('.', "_").to_uppercase())
}

pub(super) fn leaves(table: &Table) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (section, value) in table {
        match value {
            Value::Table(keys) => {
                all.extend(keys.iter().map(|(name, value)| (format!("{section}.{name}"), value.clone())));
            }
            other => {
                all.insert(section.clone(), other.clone());
            }
        }
    }
    all
}

fn unknown<'a>(key: &str, origin: &str, known: impl Iterator<Item = &'a String>) -> ConfigError {
    let hint = known
        .map(|candidate| (strsim::jaro_winkler(candidate, key), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, near)| format!(" (did you mean {near:?}?)"));
    ConfigError::UnknownKey { key: key.to_owned(), origin: origin.to_owned(), hint }
}

fn same_type(key: &str, default: &Value, given: &Value, origin: &str) -> Result<(), ConfigError> {
    // `50` is as good a number as `50.0`.
    if default.same_type(given) || (default.is_float() && given.is_integer()) {
        return Ok(());
    }
    Err(ConfigError::Value {
        key: key.to_owned(),
        origin: origin.to_owned(),
        problem: format!("is {}, must be {} such as {default}", kind(given), kind(default)),
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Integer(_) => "an integer",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "an array",
        Value::Table(_) => "a table",
        Value::String(_) | Value::Datetime(_) => "a text",
    }
}

/// `a, b`, or a list as TOML writes it.
fn list(text: &str) -> Option<Value> {
    if text.trim_start().starts_with('[') {
        let table: Table = format!("list = {text}").parse().ok()?;
        return table.get("list").cloned();
    }
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Some(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
}

fn read_as(key: &str, default: &Value, text: &str) -> Result<Value, ConfigError> {
    let value = match default {
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Float(_) => text.parse().ok().map(Value::Float),
        Value::Array(_) => list(text),
        _ => Some(Value::String(text.to_owned())),
    };
    value.ok_or_else(|| ConfigError::Value {
        key: key.to_owned(),
        origin: format!("environment variable {}", variable(key)),
        problem: format!("{text:?} is not {} such as {default}", kind(default)),
    })
}
