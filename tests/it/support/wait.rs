//! Waiting for something without sleeping.

use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// How much slower than the usual one a machine may be. A deadline only says when to give up: no test passes by it.
const SLOWEST: u32 = 4;

/// Looks until `look` finds it and returns what it found; `Err` says what was seen instead. After `deadline` on a usual machine, and
/// [`SLOWEST`] times that in any case, it panics with what it waited for, what it saw last and `evidence`.
pub async fn eventually<T>(
    deadline: Duration,
    what: &str,
    evidence: impl Fn() -> String,
    mut look: impl AsyncFnMut() -> Result<T, String>,
) -> T {
    let started = Instant::now();
    let mut ticks = tokio::time::interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match look().await {
            Ok(found) => return found,
            Err(seen) if started.elapsed() > deadline * SLOWEST => {
                panic!("waited {:?} for: {what}\nseen last: {seen}\n{}", started.elapsed(), evidence());
            }
            Err(_) => {}
        }
    }
}
