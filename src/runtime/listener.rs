//! The loop that hears what the database tells.

use std::time::{Duration, Instant};

use sqlx::postgres::PgListener;
use sqlx::{Acquire as _, Connection as _, PgPool};
use tokio_util::sync::CancellationToken;

use super::daemon::line::Line;
use crate::queue::notify::{self, CHANNELS, Wake};
use crate::queue::{InFlight, Outage, Queue};

/// Pause before a lost connection is tried again.
const RECONNECT: Duration = Duration::from_secs(2);

/// Silence after which the server is asked whether it is still there: of a connection that is dark nothing is heard either. The question
/// is no statement, only a sign to and fro.
const SILENCE: Duration = Duration::from_secs(5);

/// Hears notices over a connection of its own: wakes queues, and tells jobs that they were cancelled.
pub struct Listener {
    line: Line,
    wake: Wake,
    inflight: InFlight,
    outage: Outage,
}

impl Listener {
    /// A listener at the server of `jobs`, which answers within `limit` or counts as gone.
    #[must_use]
    pub fn new(jobs: &PgPool, limit: Duration, wake: Wake, inflight: InFlight, outage: Outage) -> Self {
        Self { line: Line::new(jobs, limit), wake, inflight, outage }
    }

    /// Listens until `stop`; reconnects by itself.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let since = Instant::now();
            let heard = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                heard = self.hear() => heard,
            };
            match heard {
                // A server that hangs up is called again at once, one that does so each time is not.
                Ok(()) if since.elapsed() > RECONNECT => continue,
                Ok(()) => {}
                Err(error) => self.outage.failed("notices are not heard; work goes on by polling", &error),
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = tokio::time::sleep(RECONNECT) => {}
            }
        }
    }

    /// Hears notices over one connection until the server hangs up.
    async fn hear(&self) -> Result<(), sqlx::Error> {
        let mut listener = self.line.ask(|pool| async move { connect(&pool).await }).await?;
        // What was notified while nobody listened is found by looking once.
        for queue in Queue::ALL {
            self.wake.of(queue).notify_one();
        }
        loop {
            // Cancel safety: a notice that has come in part stays in the buffer of the connection.
            match tokio::time::timeout(SILENCE, listener.try_recv()).await {
                Ok(Ok(Some(notice))) => notify::hear(&notice, &self.wake, &self.inflight),
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    let silent = &mut listener;
                    self.line.ask(move |_| ping(silent)).await?;
                }
            }
        }
    }
}

async fn connect(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A connection that is lost is told, so that what was missed meanwhile is looked for.
    listener.eager_reconnect(false);
    listener.listen_all(CHANNELS).await?;
    Ok(listener)
}

/// Notices that come meanwhile are kept and heard afterwards.
async fn ping(listener: &mut PgListener) -> Result<(), sqlx::Error> {
    listener.acquire().await?.ping().await
}
