//! What came back, independent of any provider.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::usage::Usage;

/// An answer as it came, paid for and not yet looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text of the model; may be empty, cut or no JSON at all.
    pub text: String,
    /// Why the model stopped.
    pub finish: Finish,
    /// Tokens.
    pub usage: Usage,
    /// Name of the provider in the configuration.
    pub provider: String,
    /// The model that says it answered, else the one that was asked.
    pub model: String,
    /// The provider's id for its support.
    pub request_id: Option<String>,
    /// Status of HTTP.
    pub status: u16,
    /// HTTP requests it took.
    pub tries: u32,
    /// From the last request to the last byte.
    pub latency: Duration,
    /// The body as it came, for the audit. Left out when an answer is serialised: it has a place of its own.
    #[serde(skip)]
    pub raw: Bytes,
}

/// Why a model stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It had said all.
    Stop,
    /// The cap on the output was reached: the text is cut.
    Length,
    /// The window of the model was full: the text is cut.
    Window,
    /// The provider's filter held something back.
    Filter,
    /// The model declined.
    Refusal,
    /// The provider named no reason.
    Missing,
    /// A reason that we do not know.
    Other,
}

impl Finish {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::Window => "window",
            Self::Filter => "filter",
            Self::Refusal => "refusal",
            Self::Missing => "missing",
            Self::Other => "other",
        }
    }
}
