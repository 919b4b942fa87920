//! A connection of a loop's own, and the limit of what is asked over it.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use sqlx::PgPool;

use crate::store::availability::postgres_is_down;
use crate::store::pg::within;

/// A connection of a loop's own, beside those of the jobs. The server keeps the plans of a session, and making those of a claim takes
/// longer than the claim of a single row; and a heartbeat waits for no job.
///
/// A connection goes dark when its other end is gone and no packet says so: whoever asks over it waits for good. So it is given up when
/// no answer comes in time, and the next question goes over a new one. Cheap to clone; all clones are the same line.
#[derive(Clone)]
pub(in crate::runtime) struct Line {
    /// Invariant: a pool of one connection, replaced whenever it may hold one that is dark.
    pool: Arc<Mutex<PgPool>>,
    limit: Duration,
}

impl Line {
    /// A line to the server of `jobs`, where an answer takes `limit` at most.
    pub(in crate::runtime) fn new(jobs: &PgPool, limit: Duration) -> Self {
        Self { pool: Arc::new(Mutex::new(alike(jobs))), limit }
    }

    /// Asks over the connection, or over a new one when there is none that works.
    ///
    /// # Errors
    /// Those of the question; without an answer in time that of a server that is down.
    pub(in crate::runtime) async fn ask<T, F>(
        &self,
        question: impl FnOnce(PgPool) -> F,
    ) -> Result<T, sqlx::Error>
    where
        F: Future<Output = Result<T, sqlx::Error>>,
    {
        let pool = self.lock().clone();
        let mut asked = pin!(question(pool.clone()));
        let answer = within(self.limit, asked.as_mut()).await;
        if answer.as_ref().is_err_and(postgres_is_down) {
            *self.lock() = alike(&pool);
            // Before the question is dropped with its connection: a closed pool hangs up on what comes back, where an open one first
            // asks it whether it works, and waits for good. One poll closes it; nobody waits for the rest.
            pool.close().now_or_never();
        }
        answer
    }

    fn lock(&self) -> MutexGuard<'_, PgPool> {
        // Whole between any two statements, so a panic elsewhere does not spoil it.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Another pool to the same server, of one connection, which is made when it is first asked.
fn alike(pool: &PgPool) -> PgPool {
    pool.options().clone().max_connections(1).connect_lazy_with((*pool.connect_options()).clone())
}
