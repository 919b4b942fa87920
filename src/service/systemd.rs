//! Words to systemd: ready, alive, what it does, and how long the stop may take. Without `NOTIFY_SOCKET` they go nowhere.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::MissedTickBehavior;

use super::Watch;
use crate::queue::vitals::Phase;

/// Time between two status lines.
const STATUS: Duration = Duration::from_secs(10);

/// What the end of a worker takes beyond its drain: interrupting, writing, giving back.
const AFTER_DRAIN: Duration = Duration::from_secs(30);

/// Tells systemd of the worker's life until the task is ended. `drain` is how long running jobs may take once it stops.
pub async fn tell(watch: Watch, drain: Duration) {
    if std::env::var_os("NOTIFY_SOCKET").is_none() {
        return;
    }
    let watchdog = sd_notify::watchdog_enabled();
    // Three times within what systemd bears, so that one late beat does not end the process.
    let every = watchdog.map_or(STATUS, |limit| (limit / 3).min(STATUS));
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut phase = watch.life.vitals.phase();
    let mut last = Phase::Starting;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            changed = phase.changed() => if changed.is_err() { return },
        }
        let now = *phase.borrow_and_update();
        if now != last {
            last = now;
            match now {
                Phase::Starting => {}
                Phase::Running => say(&[NotifyState::Ready]),
                Phase::Draining => say(&[NotifyState::Stopping, extension(drain + AFTER_DRAIN)]),
            }
        }
        let stuck = watch.stuck();
        let status = status(&watch, now, &stuck);
        if stuck.is_empty() {
            say(&[NotifyState::Watchdog, NotifyState::Status(&status)]);
        } else {
            tracing::error!(
                loops = stuck.join(", "),
                "loops of this worker do not advance; systemd is not told that it lives"
            );
            say(&[NotifyState::Status(&status)]);
        }
    }
}

fn extension(time: Duration) -> NotifyState<'static> {
    NotifyState::ExtendTimeoutUsec(u32::try_from(time.as_micros()).unwrap_or(u32::MAX))
}

/// The line that `systemctl status` shows.
fn status(watch: &Watch, phase: Phase, stuck: &[String]) -> String {
    let mut parts = vec![format!("{}, {} in flight", phase.as_str(), watch.life.inflight.len())];
    if let Some(since) = watch.life.outage.lasts() {
        parts.push(format!("PostgreSQL has not answered for {} s", since.as_secs()));
    }
    if !stuck.is_empty() {
        parts.push(format!("stuck: {}", stuck.join(", ")));
    }
    parts.join("; ")
}

fn say(words: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(words) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
