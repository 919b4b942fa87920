//! Tests against a real PostgreSQL, a real MongoDB and real worker processes. `make test` starts all that they need.
//!
//! Each test has databases of its own (`support::World`), so they run side by side. None of them sleeps to wait for
//! something: they poll for what they expect, and say what they saw last when it does not come.

mod cancelling;
mod chaos;
mod claims;
mod crash;
mod dashboard;
mod dependencies;
mod doctor;
mod drill;
mod llm;
mod llm_accounts;
mod llm_batches;
mod model;
mod operate;
mod outcomes;
mod pipeline;
mod quarters;
mod recipes;
mod rescue;
mod restore;
mod rooms;
mod schema;
mod secure;
mod service;
mod slots;
mod support;
mod switches;
#[cfg(feature = "otel")]
mod traces;
mod upgrade;
mod walk;
