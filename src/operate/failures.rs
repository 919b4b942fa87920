//! Failed rows, grouped by what they failed with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use super::filter::{Filter, State};
use super::jobs::{self, JobLine};

/// Failed rows that are grouped: the newest.
const MOST: usize = 5_000;

/// Steps of looking back for them, of 10,000 rows of each queue.
const STEPS: usize = 30;

/// Ids that a group shows, and organizations.
const SAMPLES: usize = 5;

/// Failed rows of one queue with one code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The queue.
    pub queue: String,
    /// The code; `unknown` where nobody has noted it.
    pub code: String,
    /// How many.
    pub rows: u64,
    /// When the first of them failed.
    pub first: Option<DateTime<Utc>>,
    /// When the last of them failed.
    pub last: Option<DateTime<Utc>>,
    /// What the newest of them said.
    pub message: Option<String>,
    /// A few of them, the newest first.
    pub sample: Vec<Uuid>,
    /// How many organizations it met.
    pub organizations: u64,
}

/// All groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Groups {
    /// The largest first.
    pub groups: Vec<Group>,
    /// False: only the newest 5,000 failed rows, or those among the newest 300,000 rows of each queue, are in the groups.
    pub complete: bool,
}

/// Groups the failed rows that the filter lets through; a state other than quarantined is not looked at.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn groups(pool: &PgPool, filter: &Filter) -> Result<Groups, sqlx::Error> {
    let state = if filter.state == Some(State::Quarantined) { State::Quarantined } else { State::Failed };
    let filter = Filter { state: Some(state), ..filter.clone() };
    let mut connection = pool.acquire().await?;
    let (found, next) = jobs::look_back(&mut connection, &filter, None, MOST, STEPS).await?;
    let lines = jobs::lines(&mut connection, &found).await?;
    Ok(Groups { groups: grouped(lines), complete: next.is_none() })
}

/// Lines come the newest first.
fn grouped(lines: Vec<JobLine>) -> Vec<Group> {
    let mut groups: BTreeMap<(String, String), (Group, BTreeSet<String>)> = BTreeMap::new();
    for line in lines {
        let code = line.code.unwrap_or_else(|| "unknown".to_owned());
        let (group, organizations) = groups.entry((line.queue.clone(), code.clone())).or_insert_with(|| {
            let empty = Group {
                queue: line.queue,
                code,
                rows: 0,
                first: None,
                last: None,
                message: line.message,
                sample: Vec::new(),
                organizations: 0,
            };
            (empty, BTreeSet::new())
        });
        group.rows += 1;
        if let Some(at) = line.ended_at.or(line.created_at) {
            group.first = Some(group.first.map_or(at, |first| first.min(at)));
            group.last = Some(group.last.map_or(at, |last| last.max(at)));
        }
        if group.sample.len() < SAMPLES {
            group.sample.push(line.id);
        }
        organizations.extend(line.organization_id);
        group.organizations = organizations.len() as u64;
    }
    let mut groups: Vec<Group> = groups.into_values().map(|(group, _)| group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.rows));
    groups
}
