//! What the jobs do, one folder for each queue.
//!
//! Data goes one way: claimed row, collect, calculate, analyse, compile, publish. Publishing writes MongoDB first,
//! then PostgreSQL in one transaction that also completes the row; both are guarded by the token of the lease.

pub mod backing;
pub mod calculation;
pub mod context;
pub mod documents;
pub mod entity;
pub mod figures;
pub mod llm_batches;
pub mod llm_sweep;
pub mod quarter;
pub mod reconcile;
pub mod reference;
pub mod regenerate;
pub mod report;

pub use context::Context;
