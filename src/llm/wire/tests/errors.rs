//! Each failure that a provider can answer with, as it was seen, and what it is taken for.

use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};

use crate::llm::error::LlmError;
use crate::llm::kind::Kind;
use crate::llm::wire::classify;

fn error(status: u16, body: &str) -> LlmError {
    classify(
        StatusCode::from_u16(status).unwrap(),
        &HeaderMap::new(),
        &Bytes::copy_from_slice(body.as_bytes()),
        Utc::now(),
    )
}

/// Status, body, meaning.
const SEEN: [(u16, &str, Kind); 46] = [
    // Three meanings of 429.
    (
        429,
        r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#,
        Kind::RateLimited,
    ),
    (
        429,
        r#"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#,
        Kind::QuotaExhausted,
    ),
    (
        429,
        r#"{"error":{"message":"x","type":"insufficient_quota","code":"something_new"}}"#,
        Kind::QuotaExhausted,
    ),
    (
        429,
        r#"{"error":{"message":"x","type":"billing","code":"credit_balance_exhausted"}}"#,
        Kind::QuotaExhausted,
    ),
    (
        429,
        r#"{"error":{"message":"x","type":"x","code":"project_spend_limit_exceeded"}}"#,
        Kind::QuotaExhausted,
    ),
    (
        429,
        r#"{"error":{"message":"x","type":"x","code":"organization_spend_limit_exceeded"}}"#,
        Kind::QuotaExhausted,
    ),
    (429, r#"{"error":{"message":"x","code":"organization_usage_limit_exceeded"}}"#, Kind::QuotaExhausted),
    (429, r#"{"error":{"message":"x","type":"slow_down"}}"#, Kind::RateLimited),
    (429, "too many requests", Kind::RateLimited),
    (429, "", Kind::RateLimited),
    (
        429,
        r#"{"error":{"code":"429","message":"Requests to the API have exceeded the call rate limit"}}"#,
        Kind::RateLimited,
    ),
    (429, r#"{"type":"error","error":{"type":"rate_limit_error","message":"x"}}"#, Kind::RateLimited),
    (
        429,
        r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]},{"retryDelay":"22s"}]}}"#,
        Kind::RateLimited,
    ),
    (
        429,
        r#"{"error":{"code":429,"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"22s"}]}}"#,
        Kind::DailyQuota,
    ),
    // Money.
    (402, r#"{"type":"error","error":{"type":"billing_error","message":"x"}}"#, Kind::QuotaExhausted),
    (
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API"}}"#,
        Kind::QuotaExhausted,
    ),
    (402, "", Kind::QuotaExhausted),
    // Keys.
    (
        401,
        r#"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        Kind::Auth,
    ),
    (
        401,
        r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
        Kind::Auth,
    ),
    (403, r#"{"type":"error","error":{"type":"permission_error","message":"x"}}"#, Kind::Auth),
    (
        400,
        r#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
        Kind::Auth,
    ),
    (401, "<html>", Kind::Auth),
    // Models.
    (
        404,
        r#"{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","code":"model_not_found"}}"#,
        Kind::ModelNotFound,
    ),
    (404, r#"{"error":{"code":"DeploymentNotFound","message":"x"}}"#, Kind::ModelNotFound),
    (404, r#"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#, Kind::ModelNotFound),
    (404, r#"{"error":"model 'x' not found"}"#, Kind::ModelNotFound),
    (404, "404 page not found", Kind::BadRequest),
    // Length.
    (
        400,
        r#"{"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
        Kind::ContextTooLong,
    ),
    (
        400,
        r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}"#,
        Kind::ContextTooLong,
    ),
    (
        400,
        r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
        Kind::ContextTooLong,
    ),
    (413, r#"{"type":"error","error":{"type":"request_too_large","message":"x"}}"#, Kind::ContextTooLong),
    // Filters.
    (
        400,
        r#"{"error":{"message":"x","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"#,
        Kind::ContentFilter,
    ),
    // Capacity.
    (529, r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, Kind::Overloaded),
    (503, r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, Kind::Overloaded),
    (503, r#"{"error":{"code":"server_is_overloaded","message":"x"}}"#, Kind::Overloaded),
    (503, r#"[{"error":{"code":503,"message":"x","status":"UNAVAILABLE"}}]"#, Kind::Overloaded),
    (500, "Internal Server Error", Kind::Overloaded),
    (502, "<html>Bad gateway</html>", Kind::Overloaded),
    // Time.
    (504, r#"{"type":"error","error":{"type":"timeout_error","message":"x"}}"#, Kind::Timeout),
    (504, r#"{"error":{"code":504,"message":"x","status":"DEADLINE_EXCEEDED"}}"#, Kind::Timeout),
    (408, "", Kind::Timeout),
    (504, r#"{"type":"error","error":{"type":"api_error","message":"x"}}"#, Kind::Timeout),
    (504, r#"{"error":{"type":"server_error","code":"gateway_timeout","message":"x"}}"#, Kind::Timeout),
    (500, r#"{"error":{"code":500,"message":"x","status":"INTERNAL"}}"#, Kind::Overloaded),
    // Our own mistakes.
    (
        400,
        r#"{"error":{"message":"Unsupported parameter","type":"invalid_request_error","param":"max_tokens","code":null}}"#,
        Kind::BadRequest,
    ),
    (422, r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#, Kind::BadRequest),
];

#[test]
fn every_answer_that_was_seen_has_its_meaning() {
    for (status, body, kind) in SEEN {
        let error = error(status, body);
        assert_eq!(error.kind, kind, "{status} {body}");
        assert_eq!(error.detail.status, Some(status));
        assert_eq!(error.detail.body, body.as_bytes());
    }
}

#[test]
fn the_delay_of_a_daily_quota_is_not_believed_and_its_end_is_midnight_in_california() {
    assert_eq!(error(SEEN[12].0, SEEN[12].1).hint.map(|hint| hint.as_secs()), Some(22));
    let (status, body) =
        (StatusCode::from_u16(SEEN[13].0).unwrap(), Bytes::from_static(SEEN[13].1.as_bytes()));
    let at = "2026-11-06T20:00:00Z".parse().unwrap();
    let mut hints: Vec<Duration> = (0..100)
        .map(|_| classify(status, &HeaderMap::new(), &body, at).hint.expect("it is known when the day ends"))
        .collect();
    hints.sort_unstable();
    let midnight = Duration::from_hours(12);
    assert!(hints[0] >= midnight && hints[99] <= midnight + Duration::from_mins(10), "{hints:?}");
    assert!(hints[99] > hints[0] + Duration::from_mins(5), "all come back in one moment: {hints:?}");
}

#[test]
fn the_message_never_holds_what_the_provider_quotes() {
    let error = error(
        400,
        r#"{"error":{"message":"your prompt 'Ada is a secret' is bad","type":"invalid_request_error"}}"#,
    );
    assert_eq!(error.to_string(), "llm.bad_request: the provider answered 400 (invalid_request_error)");
    assert!(!format!("{error:?}").contains("Ada"));
    assert!(error.detail.provider_message.contains("Ada"));
}

#[test]
fn a_code_from_outside_is_cut_to_a_plain_word() {
    let error = error(400, r#"{"error":{"code":"a\u001b[31m b<script>","message":""}}"#);
    assert_eq!(error.detail.provider_code.as_deref(), Some("a31mbscript"));
}

#[test]
fn the_header_of_the_provider_decides_whether_to_try_again() {
    for (value, allowed) in [("false", 1), ("true", 3), ("maybe", 3)] {
        let mut headers = HeaderMap::new();
        headers.insert("x-should-retry", HeaderValue::from_static(value));
        let error = classify(StatusCode::SERVICE_UNAVAILABLE, &headers, &Bytes::new(), Utc::now());
        assert_eq!(error.tries_allowed(), allowed, "{value}");
    }
}

#[test]
fn any_bytes_have_some_meaning() {
    for body in ["null", "[]", "[1]", "{\"error\":null}", "{\"error\":[]}", "\u{feff}{}", "\"x\""] {
        assert_eq!(error(500, body).kind, Kind::Overloaded, "{body}");
        assert_eq!(error(418, body).kind, Kind::BadRequest, "{body}");
    }
}
