//! The sections; `config/default.toml` says what each key means.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chrono::NaiveTime;
use serde::Deserialize;

use super::{ConfigError, Dashboard, Llm, Telemetry};
use crate::astro::chart::HouseSystem;

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "the fields are the sections of config/default.toml")]
pub struct Config {
    pub postgres: Postgres,
    pub mongodb: Mongodb,
    pub queue: Timing,
    pub report: Report,
    pub entity: Entity,
    pub quarter: Quarter,
    pub calculation: Calculation,
    pub llm: Llm,
    pub llm_account: LlmAccount,
    pub llm_batch: LlmBatch,
    pub breaker: Breaker,
    pub reconcile: Reconcile,
    pub regenerate: Regenerate,
    pub figures: Figures,
    pub http: Http,
    pub dashboard: Dashboard,
    pub telemetry: Telemetry,
    pub log: Log,
}

/// `[postgres]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Postgres {
    pub url: String,
    pub url_file: String,
    pub search_path: String,
    pub max_connections: u32,
    pub connect_timeout_s: u64,
    pub statement_timeout_s: u64,
}

impl Postgres {
    /// How long a statement may take that nobody else ends: until the server itself would have given up on it, if it would.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        if self.statement_timeout_s == 0 {
            return Duration::MAX;
        }
        Duration::from_secs(self.connect_timeout_s.saturating_add(self.statement_timeout_s))
    }
}

/// `[mongodb]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Mongodb {
    pub uri: String,
    pub uri_file: String,
    pub reports_database: String,
    pub astrology_database: String,
    pub server_selection_timeout_s: u64,
}

/// `[queue]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Timing {
    pub lease_s: u64,
    pub heartbeat_s: u64,
    pub waiting_s: u64,
    pub sweep_s: u64,
    pub poll_ms: u64,
    pub orphan_after_s: u64,
    pub crash_limit: i32,
    pub max_attempts: i32,
    pub backoff_base_ms: u64,
    pub backoff_cap_s: u64,
    pub drain_s: u64,
    pub lanes: usize,
}

/// How many rows of one queue a worker runs, and for how long.
#[derive(Debug, Clone, Copy, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct QueueSlots {
    pub enabled: bool,
    pub concurrency: usize,
    pub prefetch: usize,
    pub deadline_s: u64,
}

/// `[report]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Report {
    #[serde(flatten)]
    pub slots: QueueSlots,
    pub turns: usize,
    pub validity_days: u32,
}

impl Report {
    /// Reports that compute or use the stores at the same time.
    #[must_use]
    pub fn turns(&self) -> usize {
        if self.turns > 0 {
            return self.turns;
        }
        // Also while one core computes others may wait for a store.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        (2 * cores).max(4)
    }
}

/// `[entity]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Entity {
    #[serde(flatten)]
    pub slots: QueueSlots,
    pub batch: usize,
    pub house_system: HouseSystem,
}

/// `[quarter]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Quarter {
    #[serde(flatten)]
    pub slots: QueueSlots,
    pub look_ms: u64,
    pub regenerate_reports: bool,
    pub plan: bool,
    pub plan_start: NaiveTime,
    pub plan_end: NaiveTime,
    pub misfire: Misfire,
}

/// What becomes of a quarter whose time has passed while no worker ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Misfire {
    /// It runs once, in the next open window, however late.
    NextWindow,
    /// It runs in the next open window of its quarter; once that is over, it fails.
    Skip,
}

/// `[calculation]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Calculation {
    #[serde(flatten)]
    pub slots: QueueSlots,
}

/// `[llm_account]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct LlmAccount {
    pub month_usd: f64,
    pub month_tokens: u64,
    pub month_calls: u64,
    pub job_usd: f64,
    pub job_tokens: u64,
    pub job_calls: u64,
    pub patience_s: u64,
    pub ramp_s: u64,
    pub audit_days: u32,
    pub breaker_failures: u32,
    pub breaker_share_percent: u32,
    pub breaker_calls: u32,
    pub breaker_rest_s: u64,
    pub breaker_rest_cap_s: u64,
}

impl LlmAccount {
    /// The first key whose value cannot be meant, and why.
    fn problem(&self) -> Option<(&'static str, String)> {
        for (key, usd) in [("llm_account.month_usd", self.month_usd), ("llm_account.job_usd", self.job_usd)] {
            if !(0.0..=1e9).contains(&usd) {
                return Some((key, format!("is {usd}, must be dollars from 0 (no limit) to 1000000000")));
            }
        }
        let least_one = [
            ("llm_account.audit_days", u64::from(self.audit_days)),
            ("llm_account.breaker_failures", u64::from(self.breaker_failures)),
            ("llm_account.breaker_calls", u64::from(self.breaker_calls)),
            ("llm_account.breaker_rest_s", self.breaker_rest_s),
            ("llm_account.breaker_rest_cap_s", self.breaker_rest_cap_s),
        ];
        if let Some((key, _)) = least_one.into_iter().find(|(_, value)| *value == 0) {
            return Some((key, "is 0, must be at least 1".to_owned()));
        }
        if !(1..=100).contains(&self.breaker_share_percent) {
            let problem = format!("is {}, must be from 1 to 100", self.breaker_share_percent);
            return Some(("llm_account.breaker_share_percent", problem));
        }
        None
    }
}

/// `[llm_batch]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct LlmBatch {
    pub age_s: u64,
    pub most_items: u32,
    pub most_bytes: u64,
    pub poll_s: u64,
    pub give_up_h: u32,
}

impl LlmBatch {
    /// The first key whose value cannot be meant, and why.
    fn problem(&self) -> Option<(&'static str, String)> {
        let ranges = [
            ("llm_batch.most_items", u64::from(self.most_items), 1, 10_000),
            ("llm_batch.most_bytes", self.most_bytes, 1, 100_000_000),
            ("llm_batch.poll_s", self.poll_s, 1, 3600),
            ("llm_batch.give_up_h", u64::from(self.give_up_h), 1, 168),
        ];
        let wrong = ranges.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value));
        wrong.map(|(key, value, least, most)| (key, format!("is {value}, must be from {least} to {most}")))
    }
}

/// `[breaker]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Breaker {
    pub failures: i32,
    pub window_s: u64,
    pub rest_s: u64,
    pub rest_cap_s: u64,
}

/// `[reconcile]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Reconcile {
    pub every_s: u64,
    pub settle_s: u64,
}

/// `[regenerate]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Regenerate {
    pub enabled: bool,
    pub every_s: u64,
    pub again_days: u32,
}

/// `[figures]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Figures {
    pub every_s: u64,
    pub compare_h: u32,
}

/// `[http]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Http {
    pub listen: String,
}

impl Http {
    /// Where probes and metrics are answered; `None` for nowhere.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }
}

/// `[log]`.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs, reason = "config/default.toml says what each key means")]
pub struct Log {
    pub level: String,
    pub format: String,
}

impl Timing {
    /// How long a lease lasts.
    #[must_use]
    pub const fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_s)
    }
}

impl Config {
    /// Checks what types cannot say. `origin` tells where the value of a key stands.
    pub(super) fn check(&self, origin: &dyn Fn(&str) -> String) -> Result<(), ConfigError> {
        let refuse = |key: &str, problem: String| {
            Err(ConfigError::Value { key: key.to_owned(), origin: origin(key), problem })
        };
        for (key, value) in [
            ("queue.lease_s", self.queue.lease_s),
            ("queue.heartbeat_s", self.queue.heartbeat_s),
            ("queue.waiting_s", self.queue.waiting_s),
            ("queue.sweep_s", self.queue.sweep_s),
            ("queue.poll_ms", self.queue.poll_ms),
            ("quarter.look_ms", self.quarter.look_ms),
            ("breaker.window_s", self.breaker.window_s),
            ("breaker.rest_s", self.breaker.rest_s),
            ("breaker.rest_cap_s", self.breaker.rest_cap_s),
            ("reconcile.every_s", self.reconcile.every_s),
            ("regenerate.every_s", self.regenerate.every_s),
            ("regenerate.again_days", self.regenerate.again_days.into()),
            ("figures.every_s", self.figures.every_s),
            ("report.deadline_s", self.report.slots.deadline_s),
            ("entity.deadline_s", self.entity.slots.deadline_s),
            ("quarter.deadline_s", self.quarter.slots.deadline_s),
            ("calculation.deadline_s", self.calculation.slots.deadline_s),
        ] {
            if value == 0 {
                return refuse(key, "is 0, must be at least 1".to_owned());
            }
        }
        for (key, slots) in [
            ("report", self.report.slots),
            ("entity", self.entity.slots),
            ("quarter", self.quarter.slots),
            ("calculation", self.calculation.slots),
        ] {
            if slots.concurrency == 0 {
                return refuse(
                    &format!("{key}.concurrency"),
                    format!("is 0, must be at least 1; to leave the queue alone set {key}.enabled = false"),
                );
            }
            if slots.prefetch == 0 {
                return refuse(&format!("{key}.prefetch"), "is 0, must be at least 1".to_owned());
            }
        }
        if self.entity.batch == 0 {
            return refuse("entity.batch", "is 0, must be at least 1".to_owned());
        }
        if self.quarter.plan_start == self.quarter.plan_end {
            return refuse(
                "quarter.plan_end",
                "is equal to quarter.plan_start: a window has a length".to_owned(),
            );
        }
        if self.queue.heartbeat_s * 3 > self.queue.lease_s {
            return refuse(
                "queue.heartbeat_s",
                format!(
                    "is {}, must be at most a third of queue.lease_s ({})",
                    self.queue.heartbeat_s, self.queue.lease_s
                ),
            );
        }
        if !matches!(self.log.format.as_str(), "text" | "json") {
            return refuse("log.format", format!("is {:?}, must be text or json", self.log.format));
        }
        if !self.http.listen.is_empty() && self.http.address().is_none() {
            let problem = format!(
                "is {:?}, must be an address and a port such as 127.0.0.1:9478, or empty",
                self.http.listen
            );
            return refuse("http.listen", problem);
        }
        if self.queue.crash_limit < 1 || self.queue.max_attempts < 1 {
            return refuse("queue.crash_limit", "crash_limit and max_attempts must be at least 1".to_owned());
        }
        if self.breaker.failures < 1 {
            return refuse("breaker.failures", "must be at least 1".to_owned());
        }
        if let Some((key, problem)) = self.section_problem() {
            return refuse(key, problem);
        }
        if self.queue.lanes == 0 {
            return refuse(
                "queue.lanes",
                "is 0, must be at least 1: rows over which a worker died run nowhere else".to_owned(),
            );
        }
        self.llm.check(origin)
    }

    fn section_problem(&self) -> Option<(&'static str, String)> {
        self.llm_account
            .problem()
            .or_else(|| self.llm_batch.problem())
            .or_else(|| self.dashboard.problem())
            .or_else(|| self.telemetry.problem())
    }

    /// Takes the addresses from their files, where files are named.
    pub(super) fn read_secrets(&mut self) -> Result<(), ConfigError> {
        for (key, file, value) in [
            ("postgres.url_file", &self.postgres.url_file, &mut self.postgres.url),
            ("mongodb.uri_file", &self.mongodb.uri_file, &mut self.mongodb.uri),
        ] {
            if !file.is_empty() {
                let text = std::fs::read_to_string(Path::new(file)).map_err(|error| ConfigError::Value {
                    key: key.to_owned(),
                    origin: format!("file {file}"),
                    problem: format!("cannot be read: {error}"),
                })?;
                text.trim().clone_into(value);
            }
        }
        Ok(())
    }
}
