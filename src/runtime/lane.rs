//! Lanes: processes of one row each. A row over which a worker died runs alone, so that it can take nobody with it if it
//! kills again, and so that its neighbours are not blamed.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

use super::daemon::line::Line;
use crate::queue::claim::{Terms, claim};
use crate::queue::{ClaimedJob, InFlight, Outage, Queue};

/// How to start a lane: a program that works off suspects one at a time and ends when there is none left, or when its
/// standard input is closed.
#[derive(Debug, Clone)]
pub struct LaneProgram {
    /// The program.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// The lanes that this worker has opened.
pub(super) struct Lanes {
    program: LaneProgram,
    limit: usize,
    open: Mutex<Vec<Child>>,
}

impl Lanes {
    pub(super) fn new(program: LaneProgram, limit: usize) -> Self {
        Self { program, limit, open: Mutex::new(Vec::new()) }
    }

    /// Sees to it that there is a lane for each suspect, within the limit.
    pub(super) async fn open(&self, suspects: usize) {
        let mut open = self.open.lock().await;
        open.retain_mut(|lane| !matches!(lane.try_wait(), Ok(Some(_))));
        for _ in open.len()..suspects.min(self.limit) {
            // Its standard input closes when this process ends, however it ends: then the lane ends too.
            let lane =
                Command::new(&self.program.path).args(&self.program.arguments).stdin(Stdio::piped()).spawn();
            match lane {
                Ok(lane) => {
                    tracing::info!(pid = lane.id(), "lane opened for a row that a worker died over");
                    open.push(lane);
                }
                Err(error) => {
                    return tracing::error!(program = %self.program.path.display(), %error, "a lane could not be opened");
                }
            }
        }
    }

    /// Tells all lanes to stop and waits for them.
    pub(super) async fn close(&self, limit: Duration) {
        let mut open = self.open.lock().await;
        for lane in open.iter_mut() {
            drop(lane.stdin.take());
        }
        let ended = futures::future::join_all(open.iter_mut().map(Child::wait));
        if tokio::time::timeout(limit, ended).await.is_err() {
            tracing::warn!("lanes did not end in time; they end by themselves");
        }
    }
}

/// Feeds the slots of a lane: one suspect at a time over all queues, until there is none or it is told to stop.
pub(super) struct LaneFeeder {
    pub(super) line: Line,
    pub(super) terms: Terms,
    pub(super) inflight: InFlight,
    pub(super) outage: Outage,
    pub(super) slots: Vec<(Queue, mpsc::Sender<Arc<ClaimedJob>>)>,
}

impl LaneFeeder {
    /// Cancels `stop` when there is nothing more to do.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut worked = true;
        while worked && !stop.is_cancelled() {
            worked = false;
            for (queue, slot) in &self.slots {
                let (queue, terms) = (*queue, &self.terms);
                let asking = self.line.ask(|pool| async move { claim(&pool, queue, terms, 1, 1).await });
                let claimed = match asking.await {
                    Ok(claimed) => claimed,
                    Err(error) => {
                        self.outage.failed("a lane could not claim its row", &error);
                        continue;
                    }
                };
                for job in claimed.jobs {
                    worked = true;
                    self.inflight.add(job.lease, job.signal.clone());
                    if slot.send(Arc::new(job)).await.is_ok() {
                        self.inflight.emptied().await;
                    }
                }
            }
        }
        stop.cancel();
    }
}
