//! A program without traces. That nobody asks it for any was checked with the configuration.

use std::time::Duration;

use super::{TraceLayer, TracesError};
use crate::config::Telemetry;

/// Nothing.
#[derive(Debug)]
pub struct Traces;

impl Traces {
    /// Sends nothing.
    ///
    /// # Errors
    /// None.
    pub const fn start(_: &Telemetry, _: &str) -> Result<(Self, Option<TraceLayer>), TracesError> {
        Ok((Self, None))
    }

    /// Has nothing to send.
    #[allow(clippy::unused_async, reason = "as where there is something to send")]
    pub async fn flush(self, _: Duration) {}
}
