//! The leases that this process holds, and the heartbeat that keeps them.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::Notify;
use uuid::Uuid;

use super::job::{Lease, Signal, StopReason};
use super::name::Queue;

/// Token and stop signal by row.
type Leases = HashMap<(Queue, Uuid), (i64, Signal)>;

/// Leases of this process by row. Cheap to clone; all clones see the same leases.
///
/// A claimed job is added before its handler starts and removed when its outcome is settled, so the heartbeat
/// keeps prefetched jobs alive too, and a forced stop knows what to give back.
#[derive(Debug, Clone, Default)]
pub struct InFlight {
    leases: Arc<Mutex<Leases>>,
    /// Tokens that the last heartbeat did not find.
    missed: Arc<Mutex<HashSet<i64>>>,
    /// Rung when the last lease is gone.
    idle: Arc<Notify>,
    /// Writes that were refused because the lease was gone.
    fenced: Arc<AtomicI64>,
}

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, Leases> {
        // The map is whole between any two statements, so a panic elsewhere does not spoil it.
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a claim.
    pub fn add(&self, lease: Lease, signal: Signal) {
        self.lock().insert((lease.queue, lease.job_id), (lease.token, signal));
    }

    /// Forgets a claim, unless a newer one of the same row has taken its place.
    pub fn remove(&self, lease: Lease) {
        let mut leases = self.lock();
        if leases.get(&(lease.queue, lease.job_id)).is_some_and(|(token, _)| *token == lease.token) {
            leases.remove(&(lease.queue, lease.job_id));
        }
        if leases.is_empty() {
            self.idle.notify_waiters();
        }
    }

    /// Waits until there is no lease.
    pub async fn emptied(&self) {
        loop {
            let idle = self.idle.notified();
            tokio::pin!(idle);
            idle.as_mut().enable();
            if self.is_empty() {
                return;
            }
            idle.await;
        }
    }

    /// Counts a write that was refused because its lease was gone; the heartbeat stores the count.
    pub fn count_fenced(&self) {
        self.fenced.fetch_add(1, Ordering::Relaxed);
    }

    /// All leases.
    #[must_use]
    pub fn all(&self) -> Vec<Lease> {
        self.lock().iter().map(|(&(queue, job_id), &(token, _))| Lease { queue, job_id, token }).collect()
    }

    /// How many leases there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells one job to stop, if this process runs it.
    pub fn stop(&self, queue: Queue, job_id: Uuid, reason: StopReason) {
        if let Some((_, signal)) = self.lock().get(&(queue, job_id)) {
            signal.stop(reason);
        }
    }

    /// Tells every job to stop.
    pub fn stop_all(&self, reason: StopReason) {
        for (_, signal) in self.lock().values() {
            signal.stop(reason);
        }
    }

    /// Renews every lease in one statement, by the clock of the database; a job whose lease was gone twice in a
    /// row is told to stop. Returns how many were told.
    ///
    /// # Errors
    /// When PostgreSQL does not answer; nothing is told to stop then, because nobody can take the rows over either.
    pub async fn beat(&self, pool: &PgPool, worker_id: &str, lease: Duration) -> Result<usize, sqlx::Error> {
        let held = self.all();
        let queues: Vec<&str> = held.iter().map(|lease| lease.queue.as_str()).collect();
        let ids: Vec<Uuid> = held.iter().map(|lease| lease.job_id).collect();
        let tokens: Vec<i64> = held.iter().map(|lease| lease.token).collect();
        let renewed: Vec<i64> = sqlx::query_scalar(include_str!("sql/heartbeat.sql"))
            .bind(&queues)
            .bind(&ids)
            .bind(&tokens)
            .bind(lease.as_secs_f64())
            .bind(worker_id)
            .bind(self.fenced.load(Ordering::Relaxed))
            .fetch_all(pool)
            .await?;
        let renewed: HashSet<i64> = renewed.into_iter().collect();
        let lost: Vec<Lease> = held.into_iter().filter(|lease| !renewed.contains(&lease.token)).collect();
        // A job that has just completed is in the map until its handler returns, so one miss proves nothing; and nothing
        // hangs on being quick, because every write of a job whose lease is gone is refused.
        let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        let again: Vec<Lease> = lost.iter().copied().filter(|lease| missed.contains(&lease.token)).collect();
        *missed = lost.iter().map(|lease| lease.token).collect();
        drop(missed);
        let leases = self.lock();
        let mut told = 0;
        for lease in again {
            if let Some((token, signal)) = leases.get(&(lease.queue, lease.job_id))
                && *token == lease.token
            {
                signal.stop(StopReason::LeaseLost);
                told += 1;
            }
        }
        Ok(told)
    }
}
