//! How a job can end other than well.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::breaker::Dependency;
use super::job::StopReason;

const POSTGRES_DOWN: &str = "store.postgres_unavailable";

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What follows from an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Try again after the back-off; counts as an attempt.
    Retry,
    /// Put off for this long; does not count as an attempt.
    Snooze(Duration),
    /// Trying again cannot help.
    Permanent,
    /// Somebody cancelled the row: nothing is published, nothing is written to it.
    Cancelled,
    /// Somebody else has the row: nothing may be written.
    LeaseLost,
    /// This process shuts down: the row goes back, the attempt does not count.
    Interrupted,
}

/// The step of a job that failed; the word in `report_generation_errors.processing_stage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reading the row and what it needs.
    Collect,
    /// Charts, codes, comparisons, patterns.
    Calculate,
    /// Weighing and writing.
    Analyse,
    /// Putting the documents together.
    Compile,
    /// Writing to the stores.
    Publish,
}

impl Stage {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "data_collection",
            Self::Calculate => "calculation",
            Self::Analyse => "ai_analysis",
            Self::Compile => "compilation",
            Self::Publish => "publication",
        }
    }
}

/// An error of a job: a class that decides what follows, a stable code, and words for people.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    /// What follows.
    pub class: ErrorClass,
    /// Stable dotted code, such as `data.employee_missing`.
    pub code: Cow<'static, str>,
    /// Field, problem and way out.
    pub message: String,
    /// Where it happened.
    pub stage: Stage,
    /// What went in: ids and sizes, no personal data.
    pub input: Box<Value>,
    /// What is down, if that is why.
    pub dependency: Option<Dependency>,
    /// The error below, for the log.
    #[source]
    pub source: Option<Source>,
}

impl JobError {
    fn new(class: ErrorClass, stage: Stage, code: impl Into<Cow<'static, str>>, message: String) -> Self {
        Self {
            class,
            code: code.into(),
            message,
            stage,
            input: Box::new(Value::Null),
            dependency: None,
            source: None,
        }
    }

    /// An error that trying again cannot help.
    pub fn permanent(stage: Stage, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Permanent, stage, code, message.into())
    }

    /// An error that may go away by itself.
    pub fn retry(stage: Stage, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorClass::Retry, stage, code, message.into())
    }

    /// Not now: look again after `wait`, without burning an attempt.
    pub fn snooze(
        stage: Stage,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
        wait: Duration,
    ) -> Self {
        Self::new(ErrorClass::Snooze(wait), stage, code, message.into())
    }

    /// The job was told to stop.
    #[must_use]
    pub fn stopped(reason: StopReason, stage: Stage) -> Self {
        let (class, code, message) = match reason {
            StopReason::Cancelled => {
                (ErrorClass::Cancelled, "job.cancelled", "the row was cancelled while it ran")
            }
            StopReason::LeaseLost => {
                (ErrorClass::LeaseLost, "job.lease_lost", "another worker has taken the row over")
            }
            StopReason::Interrupted => {
                (ErrorClass::Interrupted, "job.interrupted", "the worker shuts down and gives the row back")
            }
        };
        Self::new(class, stage, code, message.to_owned())
    }

    /// The same error for each of so many rows that were worked on together. One of them carries the error below and what is down, so
    /// that a breaker counts one failure for one attempt.
    #[must_use]
    pub fn of_each(self, rows: usize) -> Vec<Self> {
        let shared = |_| Self {
            input: self.input.clone(),
            ..Self::new(self.class, self.stage, self.code.clone(), self.message.clone())
        };
        let mut all: Vec<Self> = (1..rows).map(shared).collect();
        all.push(self);
        all
    }

    /// Adds what went in.
    #[must_use]
    pub fn with_input(mut self, input: Value) -> Self {
        *self.input = input;
        self
    }

    /// Says what is down; its breaker counts the failure.
    #[must_use]
    pub const fn because_of(mut self, dependency: Dependency) -> Self {
        self.dependency = Some(dependency);
        self
    }

    /// Adds the error below.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An error of PostgreSQL: down or busy is a snooze, all else a retry.
    #[must_use]
    pub fn postgres(stage: Stage, error: sqlx::Error) -> Self {
        if crate::store::availability::postgres_is_down(&error) {
            return Self::snooze(
                stage,
                POSTGRES_DOWN,
                format!("PostgreSQL does not answer: {error}"),
                Duration::from_secs(5),
            )
            .with_source(error);
        }
        if crate::store::availability::postgres_is_busy(&error) {
            return Self::snooze(
                stage,
                "store.postgres_busy",
                format!("PostgreSQL gave up waiting for others: {error}"),
                Duration::from_secs(2),
            )
            .with_source(error);
        }
        Self::retry(stage, "store.postgres_error", format!("PostgreSQL refused a statement: {error}"))
            .with_source(error)
    }

    /// Whether this is PostgreSQL being out of reach.
    #[must_use]
    pub fn is_postgres_down(&self) -> bool {
        self.code == POSTGRES_DOWN
    }

    /// An error of MongoDB: down or busy is a snooze, a document that it cannot hold is permanent, all else a retry.
    #[must_use]
    pub fn mongodb(stage: Stage, error: mongodb::error::Error) -> Self {
        if let Some(said) = crate::store::availability::mongodb_too_large(&error) {
            return Self::permanent(
                stage,
                "store.too_large",
                format!(
                    "{said}; shorten what applications wrote into the rows and questionnaires that it is made from, then let the row run again"
                ),
            )
            .with_source(error);
        }
        if crate::store::availability::mongodb_is_down(&error) {
            return Self::snooze(
                stage,
                "store.mongodb_unavailable",
                format!("MongoDB does not answer: {}", error.kind),
                Duration::from_secs(5),
            )
            .because_of(Dependency::Mongodb)
            .with_source(error);
        }
        if crate::store::availability::mongodb_is_busy(&error) {
            return Self::snooze(
                stage,
                "store.mongodb_busy",
                format!("MongoDB broke off, for another transaction or while it shut down: {}", error.kind),
                Duration::from_secs(5),
            )
            .with_source(error);
        }
        Self::retry(stage, "store.mongodb_error", format!("MongoDB refused a write: {}", error.kind))
            .with_source(error)
    }

    /// The word in `report_generation_errors.error_code`; at most 20 characters, as the documents have it.
    #[must_use]
    pub const fn class_word(&self) -> &'static str {
        match self.class {
            ErrorClass::Retry => "retry",
            ErrorClass::Snooze(_) => "snooze",
            ErrorClass::Permanent => "permanent",
            ErrorClass::Cancelled => "cancelled",
            ErrorClass::LeaseLost => "lease_lost",
            ErrorClass::Interrupted => "interrupted",
        }
    }
}
