//! The four queues.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// A table of an application that Orrery works off. The word is the one in `orrery.dispatch.queue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    /// `report_generation_queue`: reports to write.
    Report,
    /// `entity_update_queue`: entities to recalculate.
    Entity,
    /// `quarterly_update_schedule`: quarters to run.
    Quarter,
    /// `calculation_jobs` in `pending`: single calculations.
    Calculation,
}

impl Queue {
    /// All queues.
    pub const ALL: [Self; 4] = [Self::Report, Self::Entity, Self::Quarter, Self::Calculation];

    /// The word in `orrery.dispatch.queue`, in metrics and in the CLI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Entity => "entity",
            Self::Quarter => "quarter",
            Self::Calculation => "calculation",
        }
    }

    /// The application's table.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Report => "report_generation_queue",
            Self::Entity => "entity_update_queue",
            Self::Quarter => "quarterly_update_schedule",
            Self::Calculation => "calculation_jobs",
        }
    }
}

/// The status words of a queue's table.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// Column that holds them.
    pub column: &'static str,
    /// Waits to be claimed.
    pub open: &'static str,
    /// A worker has it.
    pub running: &'static str,
    /// Somebody called it off. The entity queue has no such word; skipped is what it has.
    pub cancelled: &'static str,
}

impl Queue {
    /// The status words of the application's table.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            Self::Report => {
                Words { column: "status", open: "pending", running: "processing", cancelled: "cancelled" }
            }
            Self::Entity => {
                Words { column: "queue_status", open: "queued", running: "processing", cancelled: "skipped" }
            }
            Self::Quarter => {
                Words { column: "status", open: "scheduled", running: "in_progress", cancelled: "cancelled" }
            }
            Self::Calculation => Words {
                column: "job_status",
                open: "pending",
                running: "in_progress",
                cancelled: "cancelled",
            },
        }
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no queue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("queue {0:?} is not known; known are report, entity, quarter, calculation")]
pub struct UnknownQueue(String);

impl FromStr for Queue {
    type Err = UnknownQueue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|queue| queue.as_str() == text)
            .ok_or_else(|| UnknownQueue(text.to_owned()))
    }
}
