//! The fingerprint of a report's content.

use serde_json::json;

use crate::domain::digest::{canonical_json, hexadecimal, sha256};
use crate::narrator::output::{Content, Scores};

/// SHA-256, lower case hexadecimal, over `{"content": ..., "scores": ...}` as JSON without spaces and with sorted keys.
/// It is the same for content read back from the store.
#[must_use]
pub fn content_hash(content: &Content, scores: &Scores) -> String {
    let value = json!({ "content": content, "scores": scores });
    hexadecimal(&sha256(&canonical_json(&value)))
}
