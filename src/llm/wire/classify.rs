//! What an error answer means. The code first, then the type, then the status: three meanings hide behind 429.
//!
//! The body is read as bytes and need not be JSON; `error.code` may be a text, a number or null.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::hint;
use super::read::text;
use crate::llm::error::LlmError;
use crate::llm::kind::Kind;

/// Makes an error of an answer that is no 2xx.
#[must_use]
pub fn classify(status: StatusCode, headers: &HeaderMap, body: &Bytes, now: DateTime<Utc>) -> LlmError {
    let json: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    // Gemini wraps the error into a list at times.
    let json = match json {
        Value::Array(mut items) if !items.is_empty() => items.swap_remove(0),
        other => other,
    };
    let said = Said::of(&json);
    let kind = said
        .words()
        .find_map(|word| of_word(word, &said))
        .or_else(|| of_message(&said.message))
        .unwrap_or_else(|| of_status(status, &said.message));
    let named = said.words().next();
    let message = named.map_or_else(
        || format!("the provider answered {}", status.as_u16()),
        |word| format!("the provider answered {} ({word})", status.as_u16()),
    );
    let mut error = LlmError::new(kind, message).with_hint(hint::wait(headers, &json, now));
    if kind == Kind::DailyQuota {
        // The delay in the body is that of the minute's limit; the day's ends at midnight in California.
        error.hint = hint::new_day(now, fastrand::f64());
    }
    error.detail.status = Some(status.as_u16());
    error.detail.provider_code = named.map(str::to_owned);
    error.detail.provider_message = said.message.chars().take(500).collect();
    error.detail.should_retry = match headers.get("x-should-retry").map(HeaderValue::as_bytes) {
        Some(b"true") => Some(true),
        Some(b"false") => Some(false),
        _ => None,
    };
    error.detail.body = body.clone();
    error
}

/// What the body says, wherever it says it.
struct Said {
    code: String,
    kind: String,
    status: String,
    reasons: Vec<String>,
    message: String,
}

impl Said {
    fn of(json: &Value) -> Self {
        let error = json.get("error").unwrap_or(json);
        let word = |value: Option<&Value>| match value {
            Some(Value::String(text)) => plain(text),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let none = Vec::new();
        let details = error.get("details").and_then(Value::as_array).unwrap_or(&none);
        let mut reasons: Vec<String> =
            details.iter().filter_map(|detail| text(detail, "/reason")).map(plain).collect();
        for detail in details {
            let violations = detail.get("violations").and_then(Value::as_array).unwrap_or(&none);
            reasons.extend(violations.iter().filter_map(|one| text(one, "/quotaId")).map(plain));
        }
        let inner = word(error.pointer("/innererror/code"));
        if !inner.is_empty() {
            reasons.push(inner);
        }
        let message = match error {
            Value::String(message) => message.clone(),
            other => {
                ["/message", "/detail"].into_iter().find_map(|at| text(other, at)).unwrap_or("").to_owned()
            }
        };
        Self {
            code: word(error.get("code")),
            kind: word(error.get("type")),
            status: word(error.get("status")),
            reasons,
            message,
        }
    }

    /// Code, type, status and reasons in the order in which they count.
    fn words(&self) -> impl Iterator<Item = &str> {
        [&self.code, &self.kind, &self.status]
            .into_iter()
            .chain(&self.reasons)
            .map(String::as_str)
            .filter(|word| !word.is_empty())
    }
}

/// A word of a provider, short and printable.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).take(80).collect()
}

/// Words that say no more than the status, such as `server_error` and `api_error`, are left to it.
fn of_word(word: &str, said: &Said) -> Option<Kind> {
    Some(match word.to_ascii_lowercase().as_str() {
        "insufficient_quota"
        | "credit_balance_exhausted"
        | "organization_spend_limit_exceeded"
        | "project_spend_limit_exceeded"
        | "organization_usage_limit_exceeded"
        | "billing_hard_limit_reached"
        | "billing_not_active"
        | "billing_error"
        | "billing_disabled" => Kind::QuotaExhausted,
        "invalid_api_key"
        | "api_key_invalid"
        | "authentication_error"
        | "permission_error"
        | "unauthenticated"
        | "permission_denied"
        | "permissiondenied"
        | "account_deactivated" => Kind::Auth,
        "model_not_found" | "deploymentnotfound" => Kind::ModelNotFound,
        "context_length_exceeded" | "exceed_context_size_error" | "request_too_large" => Kind::ContextTooLong,
        "content_filter" | "content_policy_violation" | "responsibleaipolicyviolation" => Kind::ContentFilter,
        "rate_limit_exceeded" | "rate_limit_error" | "slow_down" | "ratelimitreached" => Kind::RateLimited,
        "resource_exhausted" => {
            if said.reasons.iter().any(|reason| reason.contains("PerDay")) {
                Kind::DailyQuota
            } else {
                Kind::RateLimited
            }
        }
        "server_is_overloaded" | "overloaded_error" | "engine_overloaded" | "unavailable" => Kind::Overloaded,
        "timeout_error" | "deadline_exceeded" => Kind::Timeout,
        _ => return None,
    })
}

/// What some providers say in words only.
fn of_message(message: &str) -> Option<Kind> {
    let message = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if has(&["credit balance is too low", "exceeded your current quota", "spend limit"]) {
        // Gemini says "exceeded your current quota" for limits per minute and day too, but those have a status word.
        return Some(Kind::QuotaExhausted);
    }
    if has(&[
        "prompt is too long",
        "maximum context length",
        "exceeds the maximum number of tokens",
        "exceeds the context window",
        "exceed context limit",
    ]) {
        return Some(Kind::ContextTooLong);
    }
    if has(&["api key not valid"]) {
        return Some(Kind::Auth);
    }
    None
}

fn of_status(status: StatusCode, message: &str) -> Kind {
    let message = message.to_lowercase();
    match status.as_u16() {
        401 | 403 => Kind::Auth,
        402 => Kind::QuotaExhausted,
        404 if message.contains("model") || message.contains("deployment") => Kind::ModelNotFound,
        408 | 504 => Kind::Timeout,
        413 => Kind::ContextTooLong,
        429 => Kind::RateLimited,
        500.. => Kind::Overloaded,
        // What is left is our mistake or a wrong address; 3xx too, since no redirect is followed.
        _ => Kind::BadRequest,
    }
}
