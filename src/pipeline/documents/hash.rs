//! The fingerprint of a report's content.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::narrator::output::{Content, Scores};

/// SHA-256, lower case hexadecimal, over `{"content": ..., "scores": ...}` as JSON without spaces and with sorted keys.
/// It is the same for content read back from the store.
#[must_use]
pub fn content_hash(content: &Content, scores: &Scores) -> String {
    let mut text = String::with_capacity(16 * 1024);
    text.push_str("{\"content\":");
    write_sorted(&json(content), &mut text);
    text.push_str(",\"scores\":");
    write_sorted(&json(scores), &mut text);
    text.push('}');
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn json<T: Serialize>(value: &T) -> Value {
    // Unwrap safety: JSON refuses only maps whose keys are no text, and there are none in content and scores.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

fn write_sorted(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_sorted(item, text);
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (at, (key, item)) in fields.into_iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                let _ = write!(text, "{}:", Value::from(key.as_str()));
                write_sorted(item, text);
            }
            text.push('}');
        }
        leaf => {
            // Writing to a String cannot fail.
            let _ = write!(text, "{leaf}");
        }
    }
}
