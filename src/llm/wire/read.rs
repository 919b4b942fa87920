//! Small tools for reading what providers write.

use serde_json::Value;

use crate::llm::error::LlmError;
use crate::llm::kind::Kind;

/// A whole number at a path of keys; 0 when there is none.
pub(super) fn count(value: &Value, path: &str) -> u64 {
    value.pointer(path).and_then(Value::as_u64).unwrap_or(0)
}

/// A text at a path of keys.
pub(super) fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}

/// A 2xx that is no answer.
pub(super) fn broken(message: &str) -> LlmError {
    LlmError::new(Kind::StreamBroken, message)
}

/// A 2xx without anything said.
pub(super) fn empty(message: &str) -> LlmError {
    LlmError::new(Kind::EmptyOutput, message)
}
