//! A failed call: what it was, what the provider said, and how long to wait.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::kind::{Kind, Policy};
use super::usage::Usage;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a call brought no usable answer. The message names no content of question or answer, so it may be logged.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", kind.code())]
pub struct LlmError {
    /// What went wrong.
    pub kind: Kind,
    /// In words.
    pub message: String,
    /// How long the provider, or the guard, asks to wait; a minimum.
    pub hint: Option<Duration>,
    /// What else is known.
    pub detail: Box<Detail>,
}

/// What else is known of a failed call.
#[derive(Default)]
pub struct Detail {
    /// Name of the provider in the configuration; empty when none was involved.
    pub provider: String,
    /// The model that was asked.
    pub model: String,
    /// Status of HTTP, when there was an answer.
    pub status: Option<u16>,
    /// The provider's own code or type.
    pub provider_code: Option<String>,
    /// The provider's own words. They may quote the question, so they are neither logged nor printed with the error.
    pub provider_message: String,
    /// The provider's id for its support.
    pub request_id: Option<String>,
    /// What `X-Should-Retry` said; wins over our own opinion.
    pub should_retry: Option<bool>,
    /// HTTP requests made.
    pub tries: u32,
    /// Tokens that were used all the same.
    pub usage: Option<Usage>,
    /// The body as it came, for the audit.
    pub body: Bytes,
    /// The error below.
    pub source: Option<Source>,
}

impl fmt::Debug for Detail {
    // Without the body: it may quote the question.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detail")
            .field("provider", &self.provider)
            .field("model", &self.model)
            .field("status", &self.status)
            .field("provider_code", &self.provider_code)
            .field("request_id", &self.request_id)
            .field("tries", &self.tries)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl LlmError {
    /// An error of `kind`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, detail: Box::default() }
    }

    /// Adds how long to wait.
    #[must_use]
    pub const fn with_hint(mut self, hint: Option<Duration>) -> Self {
        self.hint = hint;
        self
    }

    /// Adds the error below.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.detail.source = Some(source.into());
        self
    }

    /// What follows from it.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.kind.policy()
    }

    /// HTTP requests that one call may make in view of this error.
    #[must_use]
    pub fn tries_allowed(&self) -> u32 {
        match self.detail.should_retry {
            Some(false) => 1,
            Some(true) => self.policy().tries.max(2),
            None => self.policy().tries,
        }
    }
}
