//! One line in the log when PostgreSQL goes away, and one when it is back.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};

use crate::store::availability::{postgres_is_busy, postgres_is_down};
use crate::store::pg::within;

/// Waits between tries while PostgreSQL is down: growing, jittered, without end.
#[must_use]
pub fn waits() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(5))
        .with_jitter()
        .without_max_times()
}

/// An answer that comes so soon after PostgreSQL went was on its way then; the next one tells.
const ON_ITS_WAY: Duration = Duration::from_millis(20);

/// Shared by everything in a process that talks to PostgreSQL. Cheap to clone; all clones see the same outage.
#[derive(Debug, Clone)]
pub struct Outage {
    since: Arc<Mutex<Option<Instant>>>,
    /// How long one try may take.
    limit: Duration,
}

impl Default for Outage {
    fn default() -> Self {
        Self { since: Arc::default(), limit: Duration::MAX }
    }
}

impl Outage {
    /// The same outage, where PostgreSQL answers within `limit` or counts as gone: over a connection that is dark no answer comes, and no
    /// end either.
    #[must_use]
    pub fn answering_within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Tells of a failed statement: the first one of an outage as an error, the others of it only when debugging.
    pub fn failed(&self, what: &str, error: &sqlx::Error) {
        if !postgres_is_down(error) {
            tracing::warn!(%error, "{what}");
            return;
        }
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_some() {
            tracing::debug!(%error, "{what}");
            return;
        }
        *since = Some(Instant::now());
        tracing::error!(%error, "PostgreSQL does not answer; nothing is claimed, outcomes are kept, and work goes on by itself when it is back");
    }

    /// Tries until PostgreSQL answers, with growing, jittered waits; any other error comes back at once.
    ///
    /// # Errors
    /// What PostgreSQL refuses.
    pub async fn persist<T, F: Future<Output = Result<T, sqlx::Error>>>(
        &self,
        what: &str,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, sqlx::Error> {
        let limit = self.limit;
        let tried = || within(limit, Box::pin(attempt()));
        tried
            .retry(waits())
            .when(|error| postgres_is_down(error) || postgres_is_busy(error))
            .notify(|error, _| self.failed(what, error))
            .await
    }

    /// For how long PostgreSQL has not answered, if it does not.
    #[must_use]
    pub fn lasts(&self) -> Option<Duration> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner).map(|since| since.elapsed())
    }

    /// Tells that a statement worked.
    pub fn answered(&self) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(since) = since.take_if(|since| since.elapsed() >= ON_ITS_WAY) {
            tracing::info!(after = ?since.elapsed(), "PostgreSQL answers again");
        }
    }
}
