//! Loops beside the slots: heartbeat, rescue, sweep, chores.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::handler::Chore;
use crate::queue::{InFlight, Queue, maintenance};

/// Runs `round` at once and then every `period` until `stop`; a slow round delays the next instead of crowding it.
pub(super) async fn every<F: Future<Output = ()>>(
    period: Duration,
    stop: CancellationToken,
    mut round: impl FnMut() -> F,
) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = ticks.tick() => round().await,
        }
    }
}

/// Renews the leases of this process.
pub(super) async fn beat(pool: &PgPool, inflight: &InFlight, worker_id: &str, lease: Duration) {
    match inflight.beat(pool, worker_id, lease).await {
        Ok(0) => {}
        Ok(lost) => tracing::warn!(lost, "leases lost; their jobs are told to stop"),
        Err(error) => tracing::warn!(%error, "heartbeat failed; leases stand until somebody takes them over"),
    }
}

/// Takes over what dead workers left and unties what waits.
pub(super) async fn rescue(pool: &PgPool, crash_limit: i32, lease: Duration) {
    for queue in Queue::ALL {
        if let Err(error) = maintenance::rescue(pool, queue, crash_limit, lease).await {
            tracing::warn!(%queue, %error, "rescue failed");
            return;
        }
    }
    if let Err(error) = maintenance::settle_waiting(pool).await {
        tracing::warn!(%error, "waiting rows could not be looked at");
    }
}

/// Puts right what triggers did not see.
pub(super) async fn sweep(pool: &PgPool, orphan_after: Duration) {
    for queue in Queue::ALL {
        if let Err(error) = maintenance::sweep(pool, queue, orphan_after).await {
            tracing::warn!(%queue, %error, "sweep failed");
            return;
        }
    }
}

/// One round of a chore.
pub(super) async fn chore(chore: Arc<dyn Chore>) {
    if let Err(error) = chore.round().await {
        tracing::warn!(chore = chore.name(), %error, "chore failed");
    }
}
