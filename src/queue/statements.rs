//! The statements of each queue. Each lives in a file of its own that says why it is written so;
//! the four files of one kind are alike and differ in table, column and status words only.

use super::name::Queue;

/// The statements that one queue needs; parameters and results are the same for every queue.
#[derive(Debug, Clone, Copy)]
pub struct Statements {
    /// `$1` worker, `$2` rows, `$3` lease in seconds, `$4` default for max attempts, `$5` rows that killed a worker: none, only, any,
    /// `$6` whether the worker will say when each row begins.
    pub claim: &'static str,
    /// `$1` jobs, `$2` tokens, `$3` outputs; a row that does not come back is fenced.
    pub complete: &'static str,
    /// `$1` job, `$2` token, `$3` delay in seconds, `$4` attempt did not count, `$5` message, `$6` code, `$7` whether it is time that the row
    /// is put off; no row back means fenced.
    pub put_back: &'static str,
    /// `$1` jobs, `$2` tokens; a row that does not come back is fenced or locked by somebody.
    pub give_back: &'static str,
    /// `$1` job, `$2` token, `$3` message, `$4` code; no row back means fenced.
    pub fail: &'static str,
    /// `$1` rows, `$2` deaths until quarantine, `$3` length of a lease in seconds, `$4` only these rows, null for any, `$5` not these rows.
    pub rescue: &'static str,
    /// `$1` seconds until a running row without a lease is an orphan.
    pub sweep: &'static str,
}

macro_rules! statements {
    ($queue:literal) => {
        Statements {
            claim: include_str!(concat!("sql/claim_", $queue, ".sql")),
            complete: include_str!(concat!("sql/complete_", $queue, ".sql")),
            put_back: include_str!(concat!("sql/put_back_", $queue, ".sql")),
            give_back: include_str!(concat!("sql/give_back_", $queue, ".sql")),
            fail: include_str!(concat!("sql/fail_", $queue, ".sql")),
            rescue: include_str!(concat!("sql/rescue_", $queue, ".sql")),
            sweep: include_str!(concat!("sql/sweep_", $queue, ".sql")),
        }
    };
}

static REPORT: Statements = statements!("report");
static ENTITY: Statements = statements!("entity");
static QUARTER: Statements = statements!("quarter");
static CALCULATION: Statements = statements!("calculation");

impl Queue {
    /// The statements of this queue.
    #[must_use]
    pub const fn statements(self) -> &'static Statements {
        match self {
            Self::Report => &REPORT,
            Self::Entity => &ENTITY,
            Self::Quarter => &QUARTER,
            Self::Calculation => &CALCULATION,
        }
    }
}
