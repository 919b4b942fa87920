//! Turns: how many jobs of one process compute or use the stores at the same time.
//!
//! A job that waits for a language model holds no turn, so that a thousand may wait while a few work. Whoever comes back with an
//! answer goes first, because that answer is paid for and not yet written down. Those that have only to finish and those that begin
//! follow in turn, one of each: if all that return went first, the model would have nothing to do while they are written, and
//! everybody would wait for it together afterwards; if all that begin did, work that is nearly done could wait for ever.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// Who goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Brings an answer that is nowhere written down.
    Answered,
    /// Has only to finish.
    Returning,
    /// Begins.
    Beginning,
}

/// The turns of a process. Cheap to clone; all clones hand out the same turns.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Mutex<State>>);

/// Invariant: while a turn is free, nobody waits.
#[derive(Debug)]
struct State {
    free: usize,
    /// By rank, in the order in which they came.
    waiting: [VecDeque<oneshot::Sender<Turn>>; 3],
    /// Whether the last turn that somebody waited for went to one that begins.
    began: bool,
}

impl State {
    /// The next of those that still wait, and how it came.
    fn next(&mut self) -> Option<(Rank, oneshot::Sender<Turn>)> {
        let order = if self.began {
            [Rank::Answered, Rank::Returning, Rank::Beginning]
        } else {
            [Rank::Answered, Rank::Beginning, Rank::Returning]
        };
        order.into_iter().find_map(|rank| {
            let waiting = &mut self.waiting[rank as usize];
            std::iter::from_fn(|| waiting.pop_front())
                .find(|sender| !sender.is_closed())
                .map(|sender| (rank, sender))
        })
    }

    /// Notes who had a turn.
    fn served(&mut self, rank: Rank) {
        if rank != Rank::Answered {
            self.began = rank == Rank::Beginning;
        }
    }
}

/// The right to work; whoever drops it passes it on.
#[derive(Debug)]
pub struct Turn(Option<Turns>);

impl Turns {
    /// So many at the same time, at least one.
    #[must_use]
    pub fn new(number: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: number.max(1), waiting: Default::default(), began: true })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    ///
    /// Cancel safety: whoever stops waiting has no turn; one that was on its way goes to the next.
    pub async fn take(&self, rank: Rank) -> Turn {
        let waiting = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Turn(Some(self.clone()));
            }
            let (sender, receiver) = oneshot::channel();
            state.waiting[rank as usize].push_back(sender);
            receiver
        };
        // A sender leaves the queue only with a turn in it, and the queue lives as long as `self`.
        waiting.await.unwrap_or(Turn(None))
    }

    /// Hands a turn to the first that still waits.
    fn pass_on(self) {
        let mut turn = Turn(Some(self.clone()));
        loop {
            let mut state = self.lock();
            let Some((rank, next)) = state.next() else {
                state.free += 1;
                turn.0 = None;
                return;
            };
            // A turn that comes back has not been dropped, so nobody else asks for the lock.
            match next.send(turn) {
                Err(back) => turn = back,
                Ok(()) => return state.served(rank),
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.0.take() {
            turns.pass_on();
        }
    }
}

/// The place of one job: holds its turn, or none while it waits for others.
#[derive(Debug)]
pub struct Seat {
    turns: Turns,
    held: Mutex<Option<Turn>>,
    waited_us: AtomicU64,
}

impl Seat {
    /// A place without a turn yet.
    #[must_use]
    pub const fn new(turns: Turns) -> Self {
        Self { turns, held: Mutex::new(None), waited_us: AtomicU64::new(0) }
    }

    fn held(&self) -> MutexGuard<'_, Option<Turn>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn, unless there is one.
    pub async fn take(&self, rank: Rank) {
        if self.held().is_some() {
            return;
        }
        let since = Instant::now();
        let turn = self.turns.take(rank).await;
        let waited_us = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited_us.fetch_add(waited_us, Ordering::Relaxed);
        *self.held() = Some(turn);
    }

    /// Passes the turn on.
    pub fn leave(&self) {
        // Outside the lock: whoever gets the turn may be polled at once.
        let turn = self.held().take();
        drop(turn);
    }

    /// Time that was spent waiting for turns so far.
    #[must_use]
    pub fn waited(&self) -> Duration {
        Duration::from_micros(self.waited_us.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn answers_go_first_and_those_that_return_and_begin_alternate() {
        let turns = Turns::new(1);
        let first = turns.take(Rank::Beginning).await;
        // Those who are gone take nobody's place.
        for rank in [Rank::Beginning, Rank::Returning] {
            assert!(turns.take(rank).now_or_never().is_none(), "there is one turn only");
        }
        let came = [
            Rank::Beginning,
            Rank::Beginning,
            Rank::Returning,
            Rank::Returning,
            Rank::Returning,
            Rank::Answered,
        ];
        let mut waiting: Vec<_> = came.map(|rank| (rank, Box::pin(turns.take(rank)))).into();
        for (_, waiting) in &mut waiting {
            assert!(waiting.now_or_never().is_none(), "there is one turn only");
        }
        drop(first);
        let mut went = Vec::new();
        while !waiting.is_empty() {
            let with_turn = waiting.iter_mut().position(|(_, waiting)| {
                waiting.now_or_never().is_some_and(|turn| {
                    drop(turn);
                    true
                })
            });
            went.push(waiting.remove(with_turn.expect("a free turn goes to somebody")).0);
        }
        let [begins, returns] = [Rank::Beginning, Rank::Returning];
        assert_eq!(went, [Rank::Answered, returns, begins, returns, begins, returns]);
        assert!(turns.take(Rank::Beginning).now_or_never().is_some(), "the turn is free again");
    }

    #[tokio::test]
    async fn whoever_stops_waiting_takes_no_turn_with_him() {
        let turns = Turns::new(1);
        let first = turns.take(Rank::Beginning).await;
        let mut gone: Vec<_> = (0..10_000).map(|_| Box::pin(turns.take(Rank::Answered))).collect();
        for waiting in &mut gone {
            assert!(waiting.now_or_never().is_none());
        }
        let mut stays = Box::pin(turns.take(Rank::Beginning));
        assert!((&mut stays).now_or_never().is_none());
        // The turn is on its way to the first of them when they all stop waiting.
        drop(first);
        drop(gone);
        assert!(stays.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_seat_without_its_turn_lets_others_work() {
        let turns = Turns::new(1);
        let seat = Seat::new(turns.clone());
        seat.take(Rank::Beginning).await;
        seat.take(Rank::Beginning).await;
        let other = Seat::new(turns);
        assert!(other.take(Rank::Beginning).now_or_never().is_none());
        seat.leave();
        assert!(other.take(Rank::Beginning).now_or_never().is_some());
        drop(other);
        assert!(seat.take(Rank::Returning).now_or_never().is_some());
    }
}
