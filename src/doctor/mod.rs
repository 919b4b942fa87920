//! Checks of everything that a worker needs, as data: what was found, why it matters, what mends it.
//!
//! A check reads and changes nothing. Its remedy is one line that can be run as it stands: a statement of SQL (`sql: ...`), a command
//! (`orrery ...`), or words where only a person can help.

mod mongodb;
mod postgres;

pub use postgres::GIVEN;

use serde::Serialize;

use crate::config::Config;
use crate::llm::Chain;
use crate::store::certificate;
use crate::store::connect;
use crate::store::mongo::Databases;
use crate::store::pg::{self, Role};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As it should be.
    Ok,
    /// Work goes on; somebody should look.
    Warn,
    /// Rows do not run, or results are in danger.
    Fail,
}

/// What one check found.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Name of the check, such as `postgres.triggers`.
    pub id: &'static str,
    /// How bad it is.
    pub status: Status,
    /// What was seen.
    pub found: String,
    /// Why it matters.
    pub why: &'static str,
    /// What mends it; empty where all is well.
    pub fix: String,
}

impl Finding {
    fn ok(id: &'static str, why: &'static str, found: impl Into<String>) -> Self {
        Self { id, status: Status::Ok, found: found.into(), why, fix: String::new() }
    }

    fn fail(id: &'static str, why: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { id, status: Status::Fail, found: found.into(), why, fix: fix.into() }
    }

    fn warn(id: &'static str, why: &'static str, found: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { status: Status::Warn, ..Self::fail(id, why, found, fix) }
    }
}

/// Runs all checks. What cannot be reached is a finding and not an error.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut findings = vec![providers(config)];
    match pg::connect(&config.postgres, Role::Operator).await {
        Ok(pool) => {
            findings.push(Finding::ok("postgres.reachable", REACHABLE, "it answers"));
            findings.extend(postgres::examine(&pool, config).await);
        }
        Err(error) => findings.push(Finding::fail(
            "postgres.reachable",
            REACHABLE,
            error.to_string(),
            certificate::of_postgres(&error)
                .map_or("start it, or set postgres.url (orrery config show --origin)", |trouble| {
                    trouble.advice
                }),
        )),
    }
    match connect::mongodb(&config.mongodb, "orrery doctor").await {
        Ok(client) => findings.extend(mongodb::examine(&client, &Databases::from(&config.mongodb)).await),
        Err(error) => findings.push(Finding::fail(
            "mongodb.reachable",
            REACHABLE,
            error.to_string(),
            "start it, or set mongodb.uri (orrery config show --origin)",
        )),
    }
    findings
}

const REACHABLE: &str = "Without it nothing runs.";

/// Whether every provider of the chain has its key. Nothing is asked: `orrery llm test` does that.
fn providers(config: &Config) -> Finding {
    const ID: &str = "llm.providers";
    const WHY: &str = "A worker does not start with a chain that names a provider it cannot ask.";
    match Chain::of(&config.llm, &|name| std::env::var(name).ok()) {
        Ok(chain) if chain.is_empty() => Finding::ok(ID, WHY, "none: the narrator writes"),
        Ok(chain) => {
            let names: Vec<&str> = chain.providers().iter().map(|provider| provider.name.as_str()).collect();
            Finding::ok(ID, WHY, names.join(", "))
        }
        Err(error) => Finding::fail(
            ID,
            WHY,
            error.to_string(),
            "set the key that is named, or take the provider out of llm.chain",
        ),
    }
}
