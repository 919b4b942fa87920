//! The queue over tables that applications own: claim, lease, outcome, rescue.
//!
//! An application inserts a row; a statement trigger makes a row in `orrery.dispatch`; a worker claims both with
//! `FOR UPDATE SKIP LOCKED` and gets a [`Lease`] with a token that only rises. Every later write names the token,
//! and a write that touches no row means that the lease is lost: stop, change nothing.
//! This room knows PostgreSQL and nothing of what the jobs do.

pub mod backoff;
pub mod breaker;
pub mod claim;
pub mod complete;
pub mod control;
pub mod error;
pub mod explain;
pub mod inflight;
pub mod job;
pub mod maintenance;
pub mod metrics;
pub mod name;
pub mod notify;
pub mod open;
pub mod outage;
pub mod pulse;
pub mod settle;
pub mod spans;
pub mod statements;
pub mod turns;
pub mod vitals;

pub use breaker::Dependency;
pub use error::{ErrorClass, JobError, Stage};
pub use inflight::InFlight;
pub use job::{ClaimedJob, Lease, Payload, Signal, StopReason};
pub use name::Queue;
pub use outage::Outage;
