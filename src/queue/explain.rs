//! Why a row does not run, or what became of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use uuid::Uuid;

use super::name::Queue;

mod models;

/// All that decides about a row, as the database holds it at one instant.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of sql/explain.sql")]
pub struct Standing {
    pub job_id: Uuid,
    pub queue: String,
    pub status: String,
    pub error: Option<String>,
    pub enqueued_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
    pub dispatch: Option<Dispatch>,
    pub parents: Vec<Parent>,
    pub queue_policy: Option<QueuePolicy>,
    pub organization_policy: Option<OrganizationPolicy>,
    pub breakers: Vec<Breaker>,
    pub models: Vec<Breaker>,
    pub spend: Option<Spend>,
    pub quarantine: Option<Quarantine>,
    pub running_of_organization: i64,
    pub ahead: i64,
    pub workers: i64,
}

/// The row of `orrery.dispatch`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are the columns of orrery.dispatch")]
pub struct Dispatch {
    pub organization_id: String,
    pub priority: i32,
    pub run_at: DateTime<Utc>,
    pub state: String,
    pub attempts: i32,
    pub crashes: i32,
    pub worker_id: Option<String>,
    pub worker_seen_at: Option<DateTime<Utc>>,
    pub leased_at: Option<DateTime<Utc>>,
    pub lease_expires_at: Option<DateTime<Utc>>,
    pub begun: Option<bool>,
    pub last_code: Option<String>,
}

/// A row that must complete first.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of sql/explain.sql")]
pub struct Parent {
    pub job_id: Uuid,
    pub kind: String,
    pub status: Option<String>,
}

/// The row of `orrery.queue_policy`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.queue_policy")]
pub struct QueuePolicy {
    pub paused: bool,
    pub note: Option<String>,
    pub changed_at: DateTime<Utc>,
}

/// The row of `orrery.organization_policy`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.organization_policy")]
pub struct OrganizationPolicy {
    pub paused: bool,
    pub max_in_flight: Option<i64>,
    pub note: Option<String>,
}

/// A breaker that is not closed.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.breaker")]
pub struct Breaker {
    pub name: String,
    pub reason: String,
    pub opened_at: Option<DateTime<Utc>>,
    pub probe_at: Option<DateTime<Utc>>,
}

/// What the row's organization spent on language models this month.
#[derive(Debug, Clone, Copy, Deserialize)]
#[allow(missing_docs, reason = "the fields are those of sql/explain.sql")]
pub struct Spend {
    pub nano_usd: i64,
    pub tokens: i64,
    pub calls: i64,
}

/// An open quarantine.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.quarantine")]
pub struct Quarantine {
    pub crashes: i32,
    pub evidence: serde_json::Value,
    pub quarantined_at: DateTime<Utc>,
}

/// One thing that decides about the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// Stable dotted code.
    pub code: &'static str,
    /// What is so.
    pub what: String,
    /// What to do about it; empty where there is nothing to do.
    pub way_out: String,
}

/// Reads how a row stands; `None` if no queue has it.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn standing(
    pool: &PgPool,
    job_id: Uuid,
    dead_after_s: f64,
) -> Result<Option<Standing>, sqlx::Error> {
    let found: Option<sqlx::types::Json<Standing>> = sqlx::query_scalar(include_str!("sql/explain.sql"))
        .bind(job_id)
        .bind(dead_after_s)
        .fetch_optional(pool)
        .await?;
    Ok(found.map(|json| json.0))
}

impl Standing {
    /// What decides about the row, the first thing first. Never empty.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if let Some(quarantine) = &self.quarantine {
            reasons.push(Reason {
                code: "quarantined",
                what: format!(
                    "{} workers died while they had it; quarantined at {}",
                    quarantine.crashes,
                    time(quarantine.quarantined_at)
                ),
                way_out: format!("put right what kills the worker, then: orrery jobs retry {}", self.job_id),
            });
        }
        match &self.dispatch {
            None => reasons.push(self.without_dispatch()),
            Some(dispatch) => match dispatch.state.as_str() {
                "leased" => reasons.push(self.leased(dispatch)),
                "waiting" => reasons.extend(self.waiting()),
                _ => reasons.extend(self.ready(dispatch)),
            },
        }
        reasons
    }

    fn without_dispatch(&self) -> Reason {
        let at = self.ended_at.map_or_else(String::new, |at| format!(" at {}", time(at)));
        let error = self.error.as_deref().unwrap_or("no error noted");
        let retry = format!("orrery jobs retry {}", self.job_id);
        match self.status.as_str() {
            "completed" => reason("ended.completed", format!("completed{at}"), ""),
            "skipped" => reason("ended.skipped", format!("skipped{at}: {error}"), ""),
            "cancelled" => {
                reason("ended.cancelled", format!("cancelled{at}"), format!("to run it after all: {retry}"))
            }
            "failed" => {
                reason("ended.failed", format!("failed{at}: {error}"), format!("put it right, then: {retry}"))
            }
            open => reason(
                "unseen",
                format!("the row is {open}, and no trigger has seen it"),
                "a worker that runs picks it up within queue.sweep_s; check the triggers with: orrery migrate status",
            ),
        }
    }

    fn leased(&self, dispatch: &Dispatch) -> Reason {
        let worker = dispatch.worker_id.as_deref().unwrap_or("unknown");
        let since = dispatch.leased_at.map_or_else(String::new, |at| format!(" since {}", time(at)));
        match dispatch.lease_expires_at {
            Some(until) if until < self.now => reason(
                "lease.expired",
                format!(
                    "worker {worker} had it{since} and does not answer; its lease ran out at {}",
                    time(until)
                ),
                "any worker that runs takes it over within seconds",
            ),
            until if dispatch.begun == Some(false) => reason(
                "claimed",
                format!(
                    "claimed{since} by worker {worker} ahead of a free slot, lease until {}",
                    until.map_or_else(String::new, time)
                ),
                "",
            ),
            until => reason(
                "running",
                format!(
                    "runs{since} on worker {worker}, attempt {}, lease until {}",
                    dispatch.attempts,
                    until.map_or_else(String::new, time)
                ),
                "",
            ),
        }
    }

    fn waiting(&self) -> Vec<Reason> {
        let of = |parent: &Parent| {
            let (code, way_out) = match parent.status.as_deref() {
                None => {
                    ("waiting.parent_missing", "insert that row, or clear depends_on_queue_id".to_owned())
                }
                Some("failed" | "cancelled") => (
                    "waiting.parent_ended",
                    "this row fails with dependency.failed within queue.waiting_s".to_owned(),
                ),
                Some(_) => ("waiting.parent", format!("orrery explain {}", parent.job_id)),
            };
            let status = parent.status.as_deref().unwrap_or("not there");
            let how = if parent.kind == "blocks" {
                "which lists it in blocks_queue_ids"
            } else {
                "named in depends_on_queue_id"
            };
            reason(code, format!("waits for row {}, {how}, which is {status}", parent.job_id), way_out)
        };
        if self.queue == "entity" {
            return vec![reason(
                "waiting.quarter",
                "waits until its quarter goes on: it is paused, or outside its window",
                "orrery quarter status",
            )];
        }
        if self.parents.is_empty() {
            return vec![reason(
                "waiting.over",
                "what it waited for has ended",
                "it is set free within queue.waiting_s while a worker runs",
            )];
        }
        self.parents.iter().map(of).collect()
    }

    fn ready(&self, dispatch: &Dispatch) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if dispatch.run_at > self.now {
            let why = match &dispatch.last_code {
                Some(code) if dispatch.attempts > 0 => {
                    format!("after attempt {} ended with {code}", dispatch.attempts)
                }
                Some(code) => format!("put off with {code}"),
                None => "as scheduled_for says".to_owned(),
            };
            reasons.push(reason("later", format!("runs not before {}, {why}", time(dispatch.run_at)), ""));
            reasons.extend(self.models(dispatch));
        }
        if let Some(policy) = self.queue_policy.as_ref().filter(|policy| policy.paused) {
            let note = policy.note.as_deref().map_or_else(String::new, |note| format!(" ({note})"));
            reasons.push(reason(
                "queue.paused",
                format!("queue {} is paused since {}{note}", self.queue, time(policy.changed_at)),
                format!("orrery queues resume {}", self.queue),
            ));
        }
        reasons.extend(self.organization(dispatch));
        for breaker in &self.breakers {
            reasons.push(reason(
                "breaker.open",
                format!(
                    "{} is down since {}: {}",
                    breaker.name,
                    breaker.opened_at.map_or_else(String::new, time),
                    breaker.reason
                ),
                format!(
                    "tried again at {}; work goes on by itself when it answers",
                    breaker.probe_at.map_or_else(String::new, time)
                ),
            ));
        }
        if self.workers == 0 {
            reasons.push(reason("workers.none", "no worker runs", "start one: orrery run"));
        }
        if dispatch.crashes > 0 {
            reasons.push(reason(
                "suspect",
                format!(
                    "workers that died while they had it: {}; it runs alone, in a process of its own",
                    dispatch.crashes
                ),
                "",
            ));
        }
        if reasons.is_empty() {
            reasons.push(reason(
                "next",
                format!(
                    "may run now; rows of its organization that go first: {}; of the same organization run: {}",
                    self.ahead, self.running_of_organization
                ),
                if self.ahead > 0 { "to run it sooner, raise its priority" } else { "" },
            ));
        }
        reasons
    }

    fn organization(&self, dispatch: &Dispatch) -> Option<Reason> {
        let policy = self.organization_policy.as_ref()?;
        let id = &dispatch.organization_id;
        if policy.paused {
            let note = policy.note.as_deref().map_or_else(String::new, |note| format!(" ({note})"));
            return Some(reason(
                "organization.paused",
                format!("organization {id} is paused{note}"),
                format!("orrery orgs resume {id}"),
            ));
        }
        let cap = policy.max_in_flight.filter(|cap| self.running_of_organization >= *cap)?;
        Some(reason(
            "organization.cap",
            format!(
                "organization {id} runs {} rows of this queue, and its cap is {cap}",
                self.running_of_organization
            ),
            format!("wait for one to end, or raise it: orrery orgs set {id} --cap ROWS"),
        ))
    }

    /// The application's table.
    #[must_use]
    pub fn table(&self) -> &'static str {
        self.queue.parse::<Queue>().map_or("", Queue::table)
    }
}

fn reason(code: &'static str, what: impl Into<String>, way_out: impl Into<String>) -> Reason {
    Reason { code, what: what.into(), way_out: way_out.into() }
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
