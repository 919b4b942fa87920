//! Bending a value towards its schema where the meaning is clear: `"74"` is 74, one line is a list of one, `WORK_STYLE` is
//! `work_style`, what nobody asked for goes, what is too long ends with a sentence.

use serde_json::{Map, Value};

/// Changes `value` towards `schema`; says whether anything changed.
pub(super) fn toward(schema: &Value, value: &mut Value) -> bool {
    let mut changed = retyped(schema, value);
    match value {
        Value::Object(map) => changed |= object(schema, map),
        Value::Array(items) => changed |= array(schema, items),
        Value::String(text) => changed |= string(schema, text),
        _ => {}
    }
    changed
}

/// Another type where that loses nothing.
fn retyped(schema: &Value, value: &mut Value) -> bool {
    let wanted = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let new = match (wanted, &*value) {
        ("integer", Value::String(text)) => text.trim().parse::<i64>().ok().map(Value::from),
        #[allow(clippy::cast_possible_truncation, reason = "whole and within the range of a score")]
        ("integer", Value::Number(number)) if number.is_f64() => number
            .as_f64()
            .filter(|float| float.fract() == 0.0 && float.abs() < 1e9)
            .map(|float| Value::from(float as i64)),
        ("number", Value::String(text)) => {
            text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
        }
        ("boolean", Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(Value::Bool(true)),
            "false" | "no" => Some(Value::Bool(false)),
            _ => None,
        },
        ("string", Value::Number(number)) => Some(Value::String(number.to_string())),
        // Lines in a list where one text was wanted.
        ("string", Value::Array(items)) if !items.is_empty() && items.iter().all(Value::is_string) => {
            let lines: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            Some(Value::String(lines.join(" ")))
        }
        ("array", Value::Null) => Some(Value::Array(Vec::new())),
        ("array", scalar) if !scalar.is_array() => Some(Value::Array(vec![scalar.clone()])),
        _ => None,
    };
    new.map(|new| *value = new).is_some()
}

fn object(schema: &Value, map: &mut Map<String, Value>) -> bool {
    let Some(Value::Object(properties)) = schema.get("properties") else { return false };
    let mut changed = false;
    // Names in another case or with blanks first, so that they are not dropped as unknown.
    let strangers: Vec<String> = map.keys().filter(|key| !properties.contains_key(*key)).cloned().collect();
    for stranger in strangers {
        let Some(value) = map.shift_remove(&stranger) else { continue };
        let meant = properties.keys().find(|name| folded(name) == folded(&stranger));
        if let Some(name) = meant
            && !map.contains_key(name)
        {
            map.insert(name.clone(), value);
        }
        changed = true;
    }
    for (name, schema) in properties {
        match map.get_mut(name) {
            Some(value) => changed |= toward(schema, value),
            None if schema.get("type").and_then(Value::as_str) == Some("array") && least(schema) == 0 => {
                map.insert(name.clone(), Value::Array(Vec::new()));
                changed = true;
            }
            None => {}
        }
    }
    changed
}

fn least(schema: &Value) -> u64 {
    schema.get("minItems").and_then(Value::as_u64).unwrap_or(0)
}

fn array(schema: &Value, items: &mut Vec<Value>) -> bool {
    let mut changed = false;
    if let Some(inner) = schema.get("items") {
        for item in items.iter_mut() {
            changed |= toward(inner, item);
        }
    }
    if let Some(most) = schema.get("maxItems").and_then(Value::as_u64)
        && items.len() as u64 > most
    {
        items.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        changed = true;
    }
    changed
}

fn string(schema: &Value, text: &mut String) -> bool {
    if let Some(Value::Array(allowed)) = schema.get("enum") {
        let mut words = allowed.iter().filter_map(Value::as_str);
        if words.clone().any(|word| word == text) {
            return false;
        }
        return match words.find(|word| folded(word) == folded(text)) {
            Some(word) => {
                word.clone_into(text);
                true
            }
            None => false,
        };
    }
    let Some(most) = schema.get("maxLength").and_then(Value::as_u64) else { return false };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let Some((end, _)) = text.char_indices().nth(most) else { return false };
    // At the end of a sentence, so that nobody reads half of one; a text without any stays too long.
    let Some(stop) = text[..end].rfind(['.', '!', '?']) else { return false };
    text.truncate(stop + 1);
    true
}

/// Small letters and digits only; `F7` and `F07` are the same fact.
fn folded(text: &str) -> String {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match plain.strip_prefix('f').and_then(|digits| digits.parse::<u8>().ok()) {
        Some(number) => format!("f{number}"),
        None => plain,
    }
}
