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

/// What is held, by row.
type Leases = HashMap<(Queue, Uuid), Held>;

/// A lease of this process.
#[derive(Debug)]
struct Held {
    token: i64,
    signal: Signal,
    life: Life,
}

/// Whether a claimed row has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// It waits for a slot.
    Waits(Word),
    /// A slot has it.
    Begun,
}

/// What was said of a row that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Nothing, and no heartbeat has seen it.
    New,
    /// Nothing, but a heartbeat has seen it wait. Rows that rush through a busy queue come no further, and cost nothing.
    Seen,
    /// PostgreSQL may know that it waits, so it must be told before the row begins.
    Told,
}

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

    /// Registers a claim of which nothing was said.
    pub fn add(&self, lease: Lease, signal: Signal) {
        self.add_claimed(lease, signal, false);
    }

    /// Registers a claim; `told`: the claim itself said that the row waits.
    pub fn add_claimed(&self, lease: Lease, signal: Signal, told: bool) {
        let life = Life::Waits(if told { Word::Told } else { Word::New });
        let held = Held { token: lease.token, signal, life };
        self.lock().insert((lease.queue, lease.job_id), held);
    }

    /// Rows of one queue begin. Where they were said to wait, PostgreSQL is told first; no step may be taken before this returns.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer; the rows must not run then.
    pub async fn begin(&self, pool: &PgPool, leases: &[Lease]) -> Result<(), sqlx::Error> {
        let told = self.begun(leases);
        let Some(first) = told.first() else { return Ok(()) };
        sqlx::query(include_str!("sql/begin.sql"))
            .bind(first.queue.as_str())
            .bind(told.iter().map(|lease| lease.job_id).collect::<Vec<_>>())
            .bind(told.iter().map(|lease| lease.token).collect::<Vec<_>>())
            .execute(pool)
            .await
            .map(drop)
    }

    /// Notes that rows have begun, and returns those that were said to wait.
    fn begun(&self, leases: &[Lease]) -> Vec<Lease> {
        let mut held = self.lock();
        let mut told = Vec::new();
        for lease in leases {
            let Some(held) = held.get_mut(&(lease.queue, lease.job_id)) else { continue };
            if held.token == lease.token {
                if held.life == Life::Waits(Word::Told) {
                    told.push(*lease);
                }
                held.life = Life::Begun;
            }
        }
        told
    }

    /// Rows that have waited for a slot since the last heartbeat at least. From now on PostgreSQL may know it, whatever becomes of the
    /// statement that says so.
    fn waiting(&self) -> Vec<i64> {
        let mut waiting = Vec::new();
        for held in self.lock().values_mut() {
            let Life::Waits(word) = &mut held.life else { continue };
            if *word == Word::New {
                *word = Word::Seen;
            } else {
                *word = Word::Told;
                waiting.push(held.token);
            }
        }
        waiting
    }

    /// Forgets a claim, unless a newer one of the same row has taken its place.
    pub fn remove(&self, lease: Lease) {
        let mut leases = self.lock();
        if leases.get(&(lease.queue, lease.job_id)).is_some_and(|held| held.token == lease.token) {
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
        self.lock()
            .iter()
            .map(|(&(queue, job_id), held)| Lease { queue, job_id, token: held.token })
            .collect()
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
        if let Some(held) = self.lock().get(&(queue, job_id)) {
            held.signal.stop(reason);
        }
    }

    /// Tells every job to stop.
    pub fn stop_all(&self, reason: StopReason) {
        for held in self.lock().values() {
            held.signal.stop(reason);
        }
    }

    /// Renews every lease in one statement, by the clock of the database, and says which rows have waited for
    /// a slot since the last time; a job whose lease was gone twice in a
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
            .bind(self.waiting())
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
            if let Some(held) = leases.get(&(lease.queue, lease.job_id))
                && held.token == lease.token
            {
                held.signal.stop(StopReason::LeaseLost);
                told += 1;
            }
        }
        Ok(told)
    }
}
