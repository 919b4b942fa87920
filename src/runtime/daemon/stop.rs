//! The end of a worker: drain, give back, finish.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Beside, Daemon, DaemonError};
use crate::queue::vitals::Phase;
use crate::queue::{Lease, StopReason, settle};
use crate::runtime::apalis::{self, Claims, Slots};

/// Time that interrupted jobs get to come back by themselves before their leases are given back without them.
const AFTER_INTERRUPT: Duration = Duration::from_secs(5);

/// Time that giving rows back may take.
const TO_GIVE_BACK: Duration = Duration::from_secs(5);

impl Daemon {
    /// Runs the slots until they are told to stop, and drains them.
    pub(super) async fn work(
        &self,
        slots: Vec<Slots>,
        claims: &[Claims],
        stop: &CancellationToken,
        now: CancellationToken,
    ) -> Result<(), DaemonError> {
        let told = stop.clone();
        let running = apalis::run(slots, async move { told.cancelled().await });
        tokio::pin!(running);
        let early = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            result = &mut running => Some(result),
        };
        match early {
            // Idle slots may end in the same moment as the stop is heard.
            Some(_) if stop.is_cancelled() => Ok(()),
            Some(result) => Err(DaemonError::Slots(
                result.err().map_or_else(|| "no reason given".to_owned(), |error| error.to_string()),
            )),
            None => {
                self.drain(running, claims, now).await;
                Ok(())
            }
        }
    }

    /// Writes what is still to be written, gives back what did not come back, and ends.
    pub(super) async fn finish(
        &self,
        beside: Beside,
        completing: JoinHandle<()>,
        ended: &CancellationToken,
        stop: &CancellationToken,
    ) {
        self.vitals.enter(Phase::Draining);
        stop.cancel();
        let Beside { mut tasks, mut claimers, .. } = beside;
        // A claim that was under way when the stop was heard may still bring rows: they too must go back.
        let claimed = async { while claimers.join_next().await.is_some() {} };
        if tokio::time::timeout(AFTER_INTERRUPT, claimed).await.is_err() {
            claimers.abort_all();
        }
        let mut completing = completing;
        if tokio::time::timeout(AFTER_INTERRUPT, &mut completing).await.is_err() {
            // PostgreSQL does not answer; the leases run out and the rows run again.
            completing.abort();
        }
        if let Some(lanes) = &self.lanes {
            lanes.close(Duration::from_secs(self.config.queue.drain_s)).await;
        }
        self.give_back_all().await;
        ended.cancel();
        // A round that was under way may wait for an answer that never comes.
        let rounds = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(AFTER_INTERRUPT, rounds).await.is_err() {
            tasks.abort_all();
        }
        self.set_state("stopped").await;
        tracing::info!(worker_id = %self.worker_id, "worker stopped");
    }

    async fn drain(&self, running: impl Future, claims: &[Claims], now: CancellationToken) {
        self.vitals.enter(Phase::Draining);
        self.give_back_prefetched(claims).await;
        self.set_state("draining").await;
        let deadline = Duration::from_secs(self.config.queue.drain_s);
        tracing::info!(running = self.inflight.len(), ?deadline, "draining");
        tokio::pin!(running);
        tokio::select! {
            _ = &mut running => return,
            () = now.cancelled() => tracing::info!("told to stop at once"),
            () = tokio::time::sleep(deadline) => tracing::warn!(running = self.inflight.len(), "deadline passed"),
        }
        self.inflight.stop_all(StopReason::Interrupted);
        if tokio::time::timeout(AFTER_INTERRUPT, &mut running).await.is_err() {
            tracing::warn!(
                running = self.inflight.len(),
                "jobs did not come back; their rows are given back without them"
            );
        }
        // At once, before anything else is waited for: whoever takes them over may begin.
        self.give_back_all().await;
    }

    /// Rows that were claimed but not started go back at once.
    async fn give_back_prefetched(&self, claims: &[Claims]) {
        let mut unstarted = Vec::new();
        for claims in claims {
            let mut claims = claims.lock().unwrap_or_else(PoisonError::into_inner);
            claims.close();
            while let Ok(job) = claims.try_recv() {
                unstarted.push(job);
            }
        }
        self.give_back(unstarted.iter().map(|job| job.lease).collect()).await;
    }

    async fn give_back_all(&self) {
        self.give_back(self.inflight.all()).await;
    }

    async fn give_back(&self, leases: Vec<Lease>) {
        let given = tokio::time::timeout(TO_GIVE_BACK, settle::give_back(&self.pool, &leases)).await;
        match given {
            Ok(Ok(())) if leases.is_empty() => {}
            Ok(Ok(())) => tracing::info!(rows = leases.len(), "rows were given back"),
            // The leases run out by themselves and the rows are rescued.
            Ok(Err(error)) => tracing::warn!(rows = leases.len(), %error, "rows could not be given back"),
            Err(_) => tracing::warn!(rows = leases.len(), "rows could not be given back in time"),
        }
        for lease in leases {
            self.inflight.remove(lease);
        }
    }
}
