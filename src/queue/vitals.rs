//! Whether the loops of a worker advance: what the watchdog of systemd and `/livez` look at.
//!
//! A process that answers is not yet a worker that works: a loop may hang on something that never comes back, or be gone after a
//! panic. Each loop without which nothing is done wraps what must come back into [`Heart::within`].

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// How far a worker is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It connects to its stores.
    Starting,
    /// It claims.
    Running,
    /// It claims nothing more and finishes what runs.
    Draining,
}

impl Phase {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Draining => "draining",
        }
    }
}

#[derive(Debug)]
struct Watched {
    name: String,
    busy_since: Option<Instant>,
    gone: bool,
}

/// The loops of a worker and its phase. Cheap to clone; all clones see the same.
#[derive(Debug, Clone)]
pub struct Vitals {
    loops: Arc<Mutex<Vec<Watched>>>,
    phase: Arc<watch::Sender<Phase>>,
}

impl Default for Vitals {
    fn default() -> Self {
        Self { loops: Arc::default(), phase: Arc::new(watch::Sender::new(Phase::Starting)) }
    }
}

impl Vitals {
    fn lock(&self) -> MutexGuard<'_, Vec<Watched>> {
        // Whole between any two statements, so a panic elsewhere does not spoil it.
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A loop to be watched from now on. It counts as gone when it panics.
    #[must_use]
    pub fn watch(&self, name: impl Into<String>) -> Heart {
        let mut loops = self.lock();
        loops.push(Watched { name: name.into(), busy_since: None, gone: false });
        Heart { vitals: self.clone(), at: loops.len() - 1 }
    }

    /// Names of the loops that have been at the same thing for longer than `patience`, or are gone.
    #[must_use]
    pub fn stuck(&self, patience: Duration) -> Vec<String> {
        let stuck = |watched: &&Watched| {
            watched.gone || watched.busy_since.is_some_and(|since| since.elapsed() > patience)
        };
        self.lock().iter().filter(stuck).map(|watched| watched.name.clone()).collect()
    }

    /// Notes a step in the worker's life.
    pub fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// The phase of now, and word of later ones.
    #[must_use]
    pub fn phase(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }
}

/// What a loop holds while it runs.
#[derive(Debug)]
pub struct Heart {
    vitals: Vitals,
    at: usize,
}

impl Heart {
    /// Waits for something that must come back before long.
    pub async fn within<F: Future>(&self, work: F) -> F::Output {
        // Also where the work is dropped half-way.
        struct Rest<'a>(&'a Heart);
        impl Drop for Rest<'_> {
            fn drop(&mut self) {
                self.0.set(None);
            }
        }
        self.set(Some(Instant::now()));
        let _rest = Rest(self);
        work.await
    }

    fn set(&self, busy_since: Option<Instant>) {
        self.vitals.lock()[self.at].busy_since = busy_since;
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.vitals.lock()[self.at].gone = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_loop_is_stuck_while_what_must_come_back_does_not() {
        let vitals = Vitals::default();
        let heart = vitals.watch("claims");
        let seen = heart.within(async { vitals.stuck(Duration::ZERO) }).await;
        assert_eq!(seen, ["claims"]);
        assert_eq!(heart.within(async { vitals.stuck(Duration::from_mins(1)) }).await, Vec::<String>::new());
        assert_eq!(vitals.stuck(Duration::ZERO), Vec::<String>::new(), "between two rounds it rests");
    }

    #[tokio::test]
    async fn a_loop_whose_work_was_dropped_half_way_is_not_stuck() {
        let vitals = Vitals::default();
        let heart = vitals.watch("claims");
        let mut work = Box::pin(heart.within(std::future::pending::<()>()));
        assert!(futures::poll!(&mut work).is_pending());
        assert_eq!(vitals.stuck(Duration::ZERO), ["claims"]);
        drop(work);
        assert_eq!(vitals.stuck(Duration::ZERO), Vec::<String>::new());
    }

    #[tokio::test]
    async fn a_loop_that_panics_is_missed_and_one_that_ends_is_not() {
        let vitals = Vitals::default();
        let (ends, panics) = (vitals.watch("pulse"), vitals.watch("heartbeat"));
        drop(ends);
        let panicked = tokio::spawn(async move { panics.within(async { panic!("on purpose") }).await });
        assert!(panicked.await.unwrap_err().is_panic());
        assert_eq!(vitals.stuck(Duration::from_mins(1)), ["heartbeat"]);
    }
}
