//! Claims rows of one queue as slots become free.

use std::sync::Arc;
use std::time::Instant;

use metrics::{counter, histogram};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::daemon::line::Line;
use super::dial::Dial;
use crate::queue::claim::{Claimed, Terms, claim};
use crate::queue::metrics::{CLAIM_SECONDS, CLAIMED};
use crate::queue::notify::Wake;
use crate::queue::vitals::Heart;
use crate::queue::{ClaimedJob, InFlight, Outage, Queue};

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
    pub(super) async fn run(self, stop: CancellationToken) {
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
            let (queue, terms, look) = (self.queue, &self.terms, view.of(room));
            let asking = self.line.ask(|pool| async move { claim(&pool, queue, terms, room, look).await });
            let again = match self.heart.within(asking).await {
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
