//! What may be turned while a worker runs: whether it claims rows of a queue, and how many slots of it work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;
use tokio::sync::Notify;

use crate::config::{Config, QueueSlots};
use crate::queue::Queue;

/// What the configuration says of the slots of a queue.
pub(super) const fn slots_of(config: &Config, queue: Queue) -> QueueSlots {
    match queue {
        Queue::Report => config.report.slots,
        Queue::Entity => config.entity.slots,
        Queue::Quarter => config.quarter.slots,
        Queue::Calculation => config.calculation.slots,
    }
}

/// The dials of a worker. Cheap to clone; all clones turn the same.
#[derive(Debug, Clone)]
pub struct Dials(Arc<[Arc<Dial>; 4]>);

impl Dials {
    /// As the configuration has them.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self(Arc::new(Queue::ALL.map(|queue| Arc::new(Dial::new(slots_of(config, queue))))))
    }

    /// The dial of a queue.
    #[must_use]
    pub fn queue(&self, queue: Queue) -> &Arc<Dial> {
        &self.0[queue as usize]
    }

    /// The slots that a configuration wants of a queue.
    #[must_use]
    pub const fn wanted(config: &Config, queue: Queue) -> usize {
        slots_of(config, queue).concurrency
    }

    /// Turns all of them to what another configuration says.
    pub fn turn(&self, config: &Config) {
        for queue in Queue::ALL {
            self.queue(queue).turn(slots_of(config, queue));
        }
    }
}

/// The dial of one queue.
#[derive(Debug)]
pub struct Dial {
    /// Whether the worker was started with slots of this queue.
    enabled: bool,
    claims: AtomicBool,
    /// Slots that may work, of `slots` that there are.
    most: AtomicUsize,
    slots: usize,
    busy: AtomicUsize,
    /// The slots wait here for one of them to be free.
    waits: AtomicWaker,
    turned: Notify,
}

impl Dial {
    fn new(slots: QueueSlots) -> Self {
        Self {
            enabled: slots.enabled,
            claims: AtomicBool::new(slots.enabled),
            most: AtomicUsize::new(slots.concurrency),
            slots: slots.concurrency,
            busy: AtomicUsize::new(0),
            waits: AtomicWaker::new(),
            turned: Notify::new(),
        }
    }

    fn turn(&self, to: QueueSlots) {
        self.claims.store(to.enabled, Ordering::SeqCst);
        self.most.store(to.concurrency, Ordering::SeqCst);
        self.waits.wake();
        self.turned.notify_waiters();
    }

    /// Whether the worker was started with the queue: only then there is anybody who claims its rows.
    #[must_use]
    pub const fn has_slots(&self) -> bool {
        self.enabled
    }

    /// Slots that there are; no setting makes more of them work.
    #[must_use]
    pub const fn slots(&self) -> usize {
        self.slots
    }

    /// Whether rows are claimed.
    pub(super) fn claims(&self) -> bool {
        self.claims.load(Ordering::SeqCst)
    }

    /// Rung whenever the dial is turned.
    pub(super) const fn turned(&self) -> &Notify {
        &self.turned
    }

    /// Ready when another slot may work. Asked by one task only. Where all slots may work, the slots themselves are the limit.
    pub(super) fn poll_room(&self, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_room() {
            return Poll::Ready(());
        }
        self.waits.register(cx.waker());
        // A slot may have become free before the waker was there.
        if self.has_room() { Poll::Ready(()) } else { Poll::Pending }
    }

    fn has_room(&self) -> bool {
        let most = self.most.load(Ordering::SeqCst);
        most >= self.slots || self.busy.load(Ordering::SeqCst) < most
    }

    /// A slot begins.
    pub(super) fn begin(&self) {
        self.busy.fetch_add(1, Ordering::SeqCst);
    }

    /// A slot has begun; it ends when the result is dropped.
    pub(super) fn ends(dial: Arc<Self>) -> Ends {
        Ends(dial)
    }
}

/// A slot that works.
#[derive(Debug)]
pub(super) struct Ends(Arc<Dial>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
        self.0.waits.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures::FutureExt as _;

    use super::*;

    const FOUR: QueueSlots = QueueSlots { enabled: true, concurrency: 4, prefetch: 1, deadline_s: 1 };

    #[test]
    fn fewer_slots_work_after_a_turn_and_all_again_after_another() {
        let dial = Arc::new(Dial::new(FOUR));
        let room = || poll_fn(|cx| dial.poll_room(cx)).now_or_never().is_some();
        let begin = || {
            dial.begin();
            Dial::ends(Arc::clone(&dial))
        };
        let mut working: Vec<Ends> = (0..3).map(|_| begin()).collect();
        assert!(room());
        dial.turn(QueueSlots { concurrency: 2, ..FOUR });
        assert!(!room());
        working.truncate(2);
        assert!(!room(), "two work");
        working.truncate(1);
        assert!(room());
        dial.turn(FOUR);
        working.extend((0..5).map(|_| begin()));
        assert!(room(), "the slots are the limit");
    }

    #[tokio::test]
    async fn whoever_waits_is_woken_by_a_slot_that_ends_and_by_a_turn() {
        let dial = Arc::new(Dial::new(FOUR));
        for wake in [0, 1] {
            dial.turn(QueueSlots { concurrency: 1, ..FOUR });
            dial.begin();
            let working = Dial::ends(Arc::clone(&dial));
            let waiting = tokio::spawn({
                let dial = Arc::clone(&dial);
                async move { poll_fn(|cx| dial.poll_room(cx)).await }
            });
            tokio::task::yield_now().await;
            assert!(!waiting.is_finished());
            if wake == 0 {
                drop(working);
            } else {
                dial.turn(FOUR);
            }
            waiting.await.unwrap();
        }
    }
}
