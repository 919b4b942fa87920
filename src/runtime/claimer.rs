//! Claims rows of one queue as slots become free.

use std::sync::Arc;
use std::time::Instant;

use metrics::{counter, histogram};
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::dial::Dial;
use crate::queue::claim::{Claimed, Terms, claim};
use crate::queue::metrics::{CLAIM_SECONDS, CLAIMED};
use crate::queue::notify::Wake;
use crate::queue::vitals::Heart;
use crate::queue::{ClaimedJob, InFlight, Outage, Queue};
use crate::store::availability::postgres_is_down;

/// The connections that claim: one for each queue, beside those of the jobs.
pub(super) fn connections(jobs: &PgPool) -> PgPool {
    let most = u32::try_from(Queue::ALL.len()).unwrap_or(u32::MAX);
    jobs.options().clone().max_connections(most).connect_lazy_with((*jobs.connect_options()).clone())
}

/// A connection of one's own that stays open. The server keeps the plans of a session, and making those of a claim takes longer
/// than the claim of a single row.
pub(super) struct Line {
    pool: PgPool,
    open: Option<PoolConnection<Postgres>>,
}

impl Line {
    pub(super) const fn new(pool: PgPool) -> Self {
        Self { pool, open: None }
    }

    /// Claims over the open connection; over a new one when there is none or it no longer works.
    async fn claim(
        &mut self,
        queue: Queue,
        terms: &Terms,
        rows: usize,
        look: usize,
    ) -> Result<Claimed, sqlx::Error> {
        if let Some(mut connection) = self.open.take() {
            match claim(&mut *connection, queue, terms, rows, look).await {
                Err(error) if postgres_is_down(&error) => connection.close_on_drop(),
                answered => {
                    self.open = Some(connection);
                    return answered;
                }
            }
        }
        let mut connection = self.pool.acquire().await?;
        let claimed = claim(&mut *connection, queue, terms, rows, look).await?;
        self.open = Some(connection);
        Ok(claimed)
    }
}

/// How many rows are looked at. An application may hold the first thousand locked for an hour; what stands behind them is free.
#[derive(Debug, Default)]
struct View(usize);

impl View {
    /// Rows that are looked at at most: the rows behind them wait for those who hold so many.
    const FARTHEST: usize = 20_000;

    /// Rows to look at for so many.
    fn of(&self, rows: usize) -> usize {
        self.0.max(rows)
    }

    /// Looks farther when all rows within sight were held. Says whether there is something to claim at once.
    fn after(&mut self, rows: usize, claimed: &Claimed) -> bool {
        if !claimed.jobs.is_empty() {
            self.0 /= 2;
            return claimed.offered > claimed.jobs.len();
        }
        let (seen, all_held) = (self.of(rows), claimed.offered >= self.of(rows));
        if all_held {
            self.0 = (8 * seen).min(Self::FARTHEST);
        }
        all_held && self.0 > seen
    }
}

/// Feeds the slots of one queue.
///
/// Sends to: the slots, through a bounded channel whose room is the prefetch. Ends when `stop` is cancelled; dropping the
/// sender then tells the slots that no more will come.
pub(super) struct Claimer {
    pub(super) line: Line,
    pub(super) queue: Queue,
    pub(super) terms: Terms,
    pub(super) wake: Wake,
    pub(super) inflight: InFlight,
    pub(super) outage: Outage,
    pub(super) slots: mpsc::Sender<Arc<ClaimedJob>>,
    pub(super) heart: Heart,
    pub(super) dial: Arc<Dial>,
}

impl Claimer {
    pub(super) async fn run(mut self, stop: CancellationToken) {
        // A claim costs about the same for one row as for fifty, so half of the prefetch is used up before the next.
        let enough = self.slots.max_capacity().div_ceil(2);
        let mut view = View::default();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                room = self.slots.reserve_many(enough) => if room.is_err() { return },
            }
            // Interest is registered before the look for work: a row that is committed between the look and the
            // wait would otherwise be noticed only at the next pulse.
            let woken = self.wake.of(self.queue).notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let turned = self.dial.turned().notified();
            tokio::pin!(turned);
            turned.as_mut().enable();
            if !self.dial.claims() {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = &mut turned => continue,
                }
            }
            let room = self.slots.capacity();
            let asked = Instant::now();
            let answer =
                self.heart.within(self.line.claim(self.queue, &self.terms, room, view.of(room))).await;
            let again = match answer {
                Ok(claimed) => {
                    self.outage.answered();
                    histogram!(CLAIM_SECONDS, "queue" => self.queue.as_str()).record(asked.elapsed());
                    let again = view.after(room, &claimed);
                    self.hand_over(claimed.jobs).await;
                    again
                }
                Err(error) => {
                    self.outage.failed("no rows can be claimed; trying on", &error);
                    false
                }
            };
            if again {
                continue;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = &mut woken => {}
            }
        }
    }

    async fn hand_over(&self, jobs: Vec<ClaimedJob>) {
        counter!(CLAIMED, "queue" => self.queue.as_str()).increment(jobs.len() as u64);
        // All of them first: what cannot be handed over is given back at the end, if it is known.
        for job in &jobs {
            tracing::debug!(queue = %self.queue, job_id = %job.lease.job_id, token = job.lease.token, "claimed");
            self.inflight.add_claimed(job.lease, job.signal.clone(), self.terms.tells);
        }
        for job in jobs {
            // There is room for each, because only this task sends; but the slots may be gone.
            if self.slots.send(Arc::new(job)).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(offered: usize) -> Claimed {
        Claimed { offered, ..Claimed::default() }
    }

    #[test]
    fn it_looks_farther_until_it_has_seen_all_rows_or_enough_of_them() {
        let mut view = View::default();
        assert!(!view.after(4, &offered(0)), "nothing is ready");
        assert!(!view.after(4, &offered(3)), "all three that are ready are held");
        assert_eq!(view.of(4), 4);
        assert!(view.after(4, &offered(12)));
        assert_eq!(view.of(4), 32);
        assert!(!view.after(4, &offered(31)), "no row was out of sight");
        assert!(view.after(4, &offered(40)));
        let mut looks = 0;
        while view.after(4, &offered(usize::MAX)) {
            looks += 1;
        }
        assert!(looks < 5, "{looks}");
        assert_eq!(view.of(4), View::FARTHEST);
        assert!(!view.after(4, &offered(usize::MAX)), "it waits for those who hold them");
    }
}
