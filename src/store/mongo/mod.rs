//! MongoDB: names of the databases, collections with their validators and indexes, and their set-up.
//!
//! [`schema`] says what is to be there, [`setup`] makes it so and repairs what drifted, [`replica_set`] turns a
//! fresh server into a replica set of one node, without which there are no transactions.

pub mod replica_set;
pub mod schema;
pub mod sessions;
pub mod setup;

pub use setup::{SetupError, SetupReport, ensure};

/// Names of the databases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Databases {
    /// Reports, analyses, recommendations, questionnaires and what is shown of employees' charts and codes.
    pub reports: String,
    /// Charts, harmonic codes, comparisons, patterns and reference data.
    pub astrology: String,
}

impl Default for Databases {
    fn default() -> Self {
        Self { reports: "planetshr_reports".to_owned(), astrology: "planetshr_astrology".to_owned() }
    }
}
