//! Claims rows of one queue as slots become free.

use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::queue::claim::{Terms, claim};
use crate::queue::notify::Wake;
use crate::queue::{ClaimedJob, InFlight, Queue};

/// Feeds the slots of one queue.
///
/// Sends to: the slots, through a bounded channel whose room is the prefetch. Ends when `stop` is cancelled; dropping the
/// sender then tells the slots that no more will come.
pub(super) struct Claimer {
    pub(super) pool: PgPool,
    pub(super) queue: Queue,
    pub(super) terms: Terms,
    pub(super) poll: Duration,
    pub(super) wake: Wake,
    pub(super) inflight: InFlight,
    pub(super) slots: mpsc::Sender<Arc<ClaimedJob>>,
}

impl Claimer {
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut healthy = true;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                room = self.slots.reserve() => if room.is_err() { return },
            }
            // Interest is registered before the look for work: a row that is committed between the look and the
            // wait would otherwise be noticed only at the next poll.
            let woken = self.wake.of(self.queue).notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let room = self.slots.capacity();
            let full = match claim(&self.pool, self.queue, &self.terms, room).await {
                Ok(jobs) => {
                    if !healthy {
                        tracing::info!(queue = %self.queue, "PostgreSQL answers again; claiming goes on");
                        healthy = true;
                    }
                    let full = jobs.len() == room;
                    self.hand_over(jobs).await;
                    full
                }
                Err(error) => {
                    if healthy {
                        tracing::error!(queue = %self.queue, %error, "no rows can be claimed; trying on");
                        healthy = false;
                    }
                    false
                }
            };
            if full {
                continue;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = &mut woken => {}
                () = tokio::time::sleep(jittered(self.poll)) => {}
            }
        }
    }

    async fn hand_over(&self, jobs: Vec<ClaimedJob>) {
        for job in jobs {
            tracing::debug!(queue = %self.queue, job_id = %job.lease.job_id, token = job.lease.token, "claimed");
            self.inflight.add(job.lease, job.signal.clone());
            // There is room for each: only this task sends. If the slots are gone, the lease is given back at the end.
            if self.slots.send(Arc::new(job)).await.is_err() {
                return;
            }
        }
    }
}

/// Polls of many workers must not fall together.
fn jittered(poll: Duration) -> Duration {
    poll.mul_f64(0.75 + 0.5 * fastrand::f64())
}
