//! What the headers of an answer say about the provider's limits.

use std::time::Duration;

/// What is left of the provider's limits; each part only where the provider says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests left in the window.
    pub requests_left: Option<u64>,
    /// Tokens left in the window.
    pub tokens_left: Option<u64>,
    /// Requests in a window at all.
    pub requests: Option<u64>,
    /// Tokens in a window at all.
    pub tokens: Option<u64>,
    /// Until requests are full again.
    pub requests_reset: Option<Duration>,
    /// Until tokens are full again.
    pub tokens_reset: Option<Duration>,
}
