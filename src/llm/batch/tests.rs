//! Small things of the batch interfaces.

use serde_json::json;

use super::desk::{NotCreated, is_plain, lines, time};
use crate::llm::error::LlmError;
use crate::llm::kind::Kind;

#[test]
fn an_id_that_leads_elsewhere_is_none() {
    for id in ["batch_67f0", "msgbatch_01H", "batches/abc-123", "file-A.b"] {
        assert!(is_plain(id), "{id}");
    }
    for id in ["", "/etc", "a/../b", "a?b=c", "a#b", "a b", "http://x", "a%2e", &"x".repeat(300)] {
        assert!(!is_plain(id), "{id}");
    }
}

#[test]
fn only_a_refusal_says_that_there_is_no_batch() {
    for (status, perhaps) in
        [(Some(400), false), (Some(429), false), (Some(408), true), (Some(500), true), (None, true)]
    {
        let mut error = LlmError::new(Kind::Overloaded, "");
        error.detail.status = status;
        assert_eq!(NotCreated::by(error).perhaps, perhaps, "{status:?}");
    }
}

#[test]
fn a_file_with_a_broken_line_keeps_the_others() {
    let file = bytes::Bytes::from_static(b"{\"a\":1}\n\n{\"a\":\n{\"a\":2}");
    assert_eq!(lines(&file).collect::<Vec<_>>(), [json!({"a": 1}), json!({"a": 2})]);
}

#[test]
fn times_are_read_as_each_provider_writes_them() {
    assert_eq!(time(Some(&json!(1_762_000_000))).unwrap().timestamp(), 1_762_000_000);
    assert_eq!(time(Some(&json!("2025-11-01T12:26:40.5Z"))).unwrap().timestamp(), 1_762_000_000);
    assert_eq!(time(Some(&json!(true))), None);
    assert_eq!(time(None), None);
}
