//! A claimed row, its lease, and the signal that tells its job to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::error::{JobError, Stage};
use super::name::Queue;
use crate::store::documents::Fence;

/// The right to write for one row until somebody else claims it.
///
/// Invariant: tokens come from one sequence and only rise, over all queues. Of two leases of the same row the one
/// with the greater token is the valid one, whatever clocks and workers believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Which queue.
    pub queue: Queue,
    /// Primary key of the application's row.
    pub job_id: Uuid,
    /// Fencing token.
    pub token: i64,
}

impl From<Lease> for Fence {
    fn from(lease: Lease) -> Self {
        Self { queue: lease.queue.as_str(), job_id: lease.job_id, token: lease.token }
    }
}

/// A row that this worker has claimed.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// The right to write.
    pub lease: Lease,
    /// Tenant; empty when unknown.
    pub organization_id: String,
    /// Attempts that counted, this one included; 1 on the first run.
    pub attempt: i32,
    /// Attempts after which a failure is final.
    pub max_attempts: i32,
    /// Workers that died over this row before.
    pub crashes: i32,
    /// Times the row was put off without burning an attempt.
    pub snoozes: i32,
    /// When the application made the row.
    pub enqueued_at: DateTime<Utc>,
    /// The application's row, as it was after the claim.
    pub payload: Payload,
    /// Tells the job to stop.
    pub signal: Signal,
}

/// A row of an application as JSON. Read where it is needed: a claimer that takes hundreds of rows at once does not read them.
#[derive(Debug, Clone)]
pub struct Payload(Box<str>);

impl From<String> for Payload {
    fn from(json: String) -> Self {
        Self(json.into_boxed_str())
    }
}

impl Payload {
    /// The columns that `T` names.
    ///
    /// # Errors
    /// When a column is missing or has another type or shape.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        // By way of a value, so that errors name columns and not places in a text that nobody sees.
        serde_json::from_str::<Value>(&self.0).and_then(serde_json::from_value)
    }

    /// All columns, as an object.
    #[must_use]
    pub fn columns(&self) -> Value {
        self.read().unwrap_or_default()
    }
}

/// Why a job has to stop before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody cancelled or deleted the row.
    Cancelled,
    /// The lease went to somebody else.
    LeaseLost,
    /// This process shuts down and its deadline has passed.
    Interrupted,
}

impl StopReason {
    const fn code(self) -> u8 {
        match self {
            Self::Cancelled => 1,
            Self::LeaseLost => 2,
            Self::Interrupted => 3,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Cancelled),
            2 => Some(Self::LeaseLost),
            3 => Some(Self::Interrupted),
            _ => None,
        }
    }
}

/// Stop signal of one job: set once, by the first reason.
#[derive(Debug, Clone, Default)]
pub struct Signal {
    token: CancellationToken,
    reason: Arc<AtomicU8>,
}

impl Signal {
    /// Tells the job to stop; later reasons do not replace the first.
    pub fn stop(&self, reason: StopReason) {
        // Ordering: the reason is stored before the token wakes anybody who reads it.
        let _ = self.reason.compare_exchange(0, reason.code(), Ordering::AcqRel, Ordering::Acquire);
        self.token.cancel();
    }

    /// The reason, once the job was told to stop.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        StopReason::from_code(self.reason.load(Ordering::Acquire))
    }

    /// Waits until the job is told to stop.
    pub async fn told(&self) {
        self.token.cancelled().await;
    }

    /// Fails when the job was told to stop; stages call it before they begin.
    ///
    /// # Errors
    /// A [`JobError`] of the class that belongs to the reason.
    pub fn check(&self, stage: Stage) -> Result<(), JobError> {
        self.reason().map_or(Ok(()), |reason| Err(JobError::stopped(reason, stage)))
    }

    /// Runs `work` until it ends or the job is told to stop, whichever comes first.
    ///
    /// Cancel safety: `work` is dropped at its next await point, so it must not leave half of a write behind.
    ///
    /// # Errors
    /// What `work` fails with, or a [`JobError`] of the class that belongs to the reason.
    pub async fn guard<T>(
        &self,
        stage: Stage,
        work: impl Future<Output = Result<T, JobError>>,
    ) -> Result<T, JobError> {
        self.check(stage)?;
        tokio::select! {
            biased;
            () = self.token.cancelled() => Err(JobError::stopped(self.reason().unwrap_or(StopReason::Interrupted), stage)),
            result = work => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_stands() {
        let signal = Signal::default();
        assert!(signal.check(Stage::Collect).is_ok());
        signal.stop(StopReason::Cancelled);
        signal.stop(StopReason::Interrupted);
        assert_eq!(signal.reason(), Some(StopReason::Cancelled));
        assert!(signal.check(Stage::Collect).is_err());
    }
}
