//! Loops beside the slots: heartbeat, pulse, rescue, sweep, chores.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::counter;
use sqlx::PgPool;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::daemon::line::Line;
use super::handler::{Backing, Chore};
use super::lane::Lanes;
use crate::queue::breaker::Breakers;
use crate::queue::metrics::{LEASES_LOST, QUARANTINED_TOTAL, RESCUED};
use crate::queue::notify::Wake;
use crate::queue::pulse::pulse;
use crate::queue::{InFlight, Outage, Queue, maintenance};

/// Time that a probe may take before another worker may try.
const PROBE_LIMIT: Duration = Duration::from_secs(15);

/// Runs `round` at once and then every `period` until `stop`; a slow round delays the next instead of crowding it, and the
/// rounds of many workers do not fall together.
pub(super) async fn every<F: Future<Output = ()>>(
    period: Duration,
    stop: CancellationToken,
    mut round: impl FnMut() -> F,
) {
    let mut ticks = tokio::time::interval(period.mul_f64(0.9 + 0.1 * fastrand::f64()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = ticks.tick() => round().await,
        }
    }
}

/// Rounds of [`sparingly`] take no more than one part in so many of the time ...
const SPARING: u32 = 20;

/// ... but come at least once in so many periods.
const RAREST: u32 = 10;

/// As [`every`], and less often where rounds take long: what reads more the more rows there are must not slow their work down.
pub(super) async fn sparingly<F: Future<Output = ()>>(
    period: Duration,
    stop: CancellationToken,
    mut round: impl FnMut() -> F,
) {
    let period = period.mul_f64(0.9 + 0.1 * fastrand::f64());
    loop {
        let began = Instant::now();
        round().await;
        let wait = tokio::time::sleep((began.elapsed() * SPARING).clamp(period, period * RAREST));
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = wait => {}
        }
    }
}

/// What the loops work with. Cheap to clone.
#[derive(Clone)]
pub(super) struct Keeper {
    /// For heartbeats.
    pub(super) beats: Line,
    /// For the pulse and what follows from it.
    pub(super) looks: Line,
    /// For rows that wait for others.
    pub(super) waits: Line,
    /// For sweeps.
    pub(super) sweeps: Line,
    pub(super) worker_id: String,
    pub(super) inflight: InFlight,
    pub(super) wake: Wake,
    pub(super) outage: Outage,
    pub(super) breakers: Breakers,
    pub(super) backings: Vec<Arc<dyn Backing>>,
    pub(super) lanes: Option<Arc<Lanes>>,
    pub(super) lease: Duration,
    pub(super) crash_limit: i32,
    pub(super) orphan_after: Duration,
}

impl Keeper {
    /// Renews the leases of this process.
    pub(super) async fn beat(&self) {
        let beat = self
            .beats
            .ask(|pool| async move { self.inflight.beat(&pool, &self.worker_id, self.lease).await });
        match beat.await {
            Ok(0) => {}
            Ok(lost) => {
                counter!(LEASES_LOST).increment(lost as u64);
                tracing::warn!(lost, "leases lost; their jobs are told to stop");
            }
            Err(error) => {
                self.outage.failed("heartbeat failed; leases stand until somebody takes them over", &error);
            }
        }
    }

    /// One look at what no notice tells, and what follows from it.
    pub(super) async fn pulse(&self) {
        let seen = match self.looks.ask(|pool| async move { pulse(&pool).await }).await {
            Ok(seen) => seen,
            Err(error) => return self.outage.failed("the queues could not be looked at", &error),
        };
        self.outage.answered();
        let mut suspects = seen.suspects;
        for queue in seen.expired {
            suspects += self.rescue(queue).await;
        }
        for &queue in &seen.due {
            self.wake.of(queue).notify_one();
        }
        if let Some(lanes) = &self.lanes {
            lanes.open(suspects).await;
        }
        for backing in &self.backings {
            if seen.probes.iter().any(|name| name == backing.dependency().name()) {
                self.probe(backing.as_ref()).await;
            }
        }
    }

    /// Takes over what dead workers left; returns how many rows may run again alone.
    async fn rescue(&self, queue: Queue) -> usize {
        let (crash_limit, lease) = (self.crash_limit, self.lease);
        let mut rescued: Vec<maintenance::Rescued> = Vec::new();
        let into = &mut rescued;
        let round = self.looks.ask(move |pool| async move {
            maintenance::rescue_into(into, &pool, queue, crash_limit, lease).await
        });
        // What was taken back before an error is taken back.
        if let Err(error) = round.await {
            self.outage.failed("rescue failed", &error);
        }
        let again = rescued.iter().filter(|row| !row.quarantined).count();
        counter!(RESCUED, "queue" => queue.as_str()).increment(again as u64);
        counter!(QUARANTINED_TOTAL, "queue" => queue.as_str()).increment((rescued.len() - again) as u64);
        if again > 0 {
            self.wake.of(queue).notify_one();
        }
        let suspects = rescued.iter().filter(|row| row.crashes > 0 && !row.quarantined).count();
        let mut dead: Vec<String> = rescued.into_iter().filter_map(|row| row.worker_id).collect();
        dead.sort_unstable();
        dead.dedup();
        for worker_id in dead {
            for backing in &self.backings {
                // A connection may be dark there too, and rescue must not wait with it.
                let released = tokio::time::timeout(PROBE_LIMIT, backing.release(&worker_id)).await;
                let why = match released {
                    Ok(Ok(())) => continue,
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => format!("no answer within {PROBE_LIMIT:?}"),
                };
                tracing::warn!(worker_id, %why, "what a dead worker holds could not be released; it ends by itself");
            }
        }
        suspects
    }

    async fn probe(&self, backing: &dyn Backing) {
        let name = backing.dependency().name();
        let tried = async {
            let taking =
                |pool: PgPool| async move { self.breakers.over(pool).take_probe(name, PROBE_LIMIT).await };
            if self.looks.ask(taking).await? {
                let result = tokio::time::timeout(PROBE_LIMIT, backing.probe())
                    .await
                    .unwrap_or_else(|_| Err("no answer in time".to_owned()));
                let result = &result;
                let noting =
                    |pool: PgPool| async move { self.breakers.over(pool).probed(name, result).await };
                self.looks.ask(noting).await?;
            }
            Ok(())
        };
        if let Err(error) = tried.await {
            self.outage.failed("a probe could not be noted", &error);
        }
    }

    /// Wakes, fails and unties rows that wait for others.
    pub(super) async fn settle_waiting(&self) {
        let settling = |pool: PgPool| async move { maintenance::settle_waiting(&pool).await };
        if let Err(error) = self.waits.ask(settling).await {
            self.outage.failed("waiting rows could not be looked at", &error);
        }
    }

    /// Puts right what triggers did not see.
    pub(super) async fn sweep(&self) {
        for queue in Queue::ALL {
            let sweeping =
                |pool: PgPool| async move { maintenance::sweep(&pool, queue, self.orphan_after).await };
            if let Err(error) = self.sweeps.ask(sweeping).await {
                return self.outage.failed("sweep failed", &error);
            }
        }
    }
}

/// One round of a chore, which ends after `limit` at the latest: what it waits for may never come.
pub(super) async fn chore(chore: Arc<dyn Chore>, limit: Duration) {
    let Ok(round) = tokio::time::timeout(limit, chore.round()).await else {
        return tracing::warn!(chore = chore.name(), ?limit, "chore given up; its next round goes on");
    };
    if let Err(error) = round {
        if error.is_postgres_down() {
            tracing::debug!(chore = chore.name(), %error, "chore failed");
        } else {
            tracing::warn!(chore = chore.name(), %error, "chore failed");
        }
    }
}
