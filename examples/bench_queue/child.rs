//! What a worker process tells the benchmark on its standard output, one line each:
//!
//! - `ready <ns>`: connected, about to look for work;
//! - `job <n> <ns>`: the handler of row n starts (only when asked for, with `--log`);
//! - `all <ns>`: as many handlers have ended as were expected.
//!
//! Times are nanoseconds since 1970 of the clock that all processes of the machine share. Peers speak the same words.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use clap::Args;

/// What the benchmark asks of a worker process.
#[derive(Debug, Clone, Args)]
pub struct Asked {
    /// Database.
    #[arg(long)]
    pub url: String,
    /// Says `all` after so many rows.
    #[arg(long, default_value_t = 0)]
    pub expect: u64,
    /// Says `job` for each row.
    #[arg(long)]
    pub log: bool,
}

/// Nanoseconds since 1970.
pub fn now_ns() -> u128 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos()
}

/// Writes a line at once.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    // A benchmark that has gone away needs no answer.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// The worker is connected.
pub fn ready() {
    tell(&format!("ready {}", now_ns()));
}

/// Counts rows and tells of them.
#[derive(Debug)]
pub struct Teller {
    expect: u64,
    log: bool,
    done: AtomicU64,
}

impl Teller {
    pub fn new(asked: &Asked) -> Self {
        Self { expect: asked.expect, log: asked.log, done: AtomicU64::new(0) }
    }

    /// The handler of a row starts. `number` is asked for only when somebody wants to know.
    pub fn starts(&self, number: impl FnOnce() -> i64) {
        if self.log {
            let now = now_ns();
            tell(&format!("job {} {now}", number()));
        }
    }

    /// So many more rows have ended.
    pub fn ended(&self, rows: u64) {
        let before = self.done.fetch_add(rows, Ordering::Relaxed);
        if before < self.expect && before + rows >= self.expect {
            tell(&format!("all {}", now_ns()));
        }
    }
}
