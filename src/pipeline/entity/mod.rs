//! Entity updates: chart, code, comparisons and pattern of employees, candidates and companies.
//!
//! Rows are worked on in batches; a single row is a batch of one. Data goes one way: [`batch`] reads what is known of all rows
//! ([`facts`], [`history`]), has each calculated on all cores ([`prepare`]: [`compute`], [`stored`]), writes all documents in
//! one transaction of MongoDB and all rows in one of PostgreSQL ([`rows`]). What a store refuses is tried again in halves
//! ([`halves`]), so that one bad entity fails alone.

mod batch;
pub mod casts;
pub mod compute;
pub mod facts;
mod halves;
pub mod handler;
pub mod history;
mod pace;
mod prepare;
pub mod publish;
mod rows;
pub mod stored;

pub use compute::{Compared, Computed};
pub use facts::{EntityKey, EntityKind, Facts};
pub use handler::EntityHandler;
