//! The slots: apalis workers over our own claims. The only file that knows apalis.
//!
//! The backend merely hands over jobs that the claimers have claimed. Its layer, the outermost one, settles every
//! outcome, also of handlers that panicked or ran into their deadline. It never fails: an error of a backend
//! would end the worker and drop the jobs in flight.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use apalis::layers::WorkerBuilderExt as _;
use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::error::BoxDynError;
use apalis_core::monitor::Monitor;
use apalis_core::task::Task;
use apalis_core::task::task_id::RandomId;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::ext::parallelize::ParallelizeExt as _;
use tokio::sync::mpsc;
use tower::{Layer, Service};

use super::handler::{Done, Handler};
use crate::config::QueueSlots;
use crate::queue::complete::Completer;
use crate::queue::settle::{Settled, Settler};
use crate::queue::{ClaimedJob, ErrorClass, InFlight, JobError, Stage};

/// Claimed jobs on their way to the slots. Shared, so that a restarted worker takes up where the former stopped.
pub(super) type Claims = Arc<Mutex<mpsc::Receiver<Arc<ClaimedJob>>>>;

/// The slots of one queue.
pub(super) struct Slots {
    pub(super) handler: Arc<dyn Handler>,
    pub(super) claims: Claims,
    pub(super) settings: QueueSlots,
    pub(super) settler: Settler,
    pub(super) completer: Completer,
    pub(super) inflight: InFlight,
}

/// Runs all slots until `stop` resolves and every job in flight has ended.
pub(super) async fn run(
    all: Vec<Slots>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), BoxDynError> {
    let mut monitor = Monitor::new().should_restart(|_, _| true);
    for slots in all {
        monitor = monitor.register(move |_restarts| {
            let handler = Arc::clone(&slots.handler);
            WorkerBuilder::new(slots.handler.queue().as_str())
                .backend(ClaimedJobs::of(&slots))
                .concurrency(slots.settings.concurrency)
                // Each job is a task of its own, so that calculations use every core and one slow poll delays nobody.
                .parallelize(tokio::spawn)
                .catch_panic()
                // Inside `parallelize`: outside, a job past its deadline would run on unseen.
                .timeout(Duration::from_secs(slots.settings.deadline_s))
                .build(move |job: Arc<ClaimedJob>| {
                    let handler = Arc::clone(&handler);
                    async move { handler.run(job).await }
                })
        });
    }
    monitor
        .run_with_signal(async move {
            stop.await;
            Ok(())
        })
        .await
        .map_err(Into::into)
}

struct ClaimedJobs {
    claims: Claims,
    layer: SettleLayer,
}

impl ClaimedJobs {
    fn of(slots: &Slots) -> Self {
        let layer = SettleLayer {
            settler: slots.settler.clone(),
            completer: slots.completer.clone(),
            inflight: slots.inflight.clone(),
        };
        Self { claims: Arc::clone(&slots.claims), layer }
    }
}

impl Backend for ClaimedJobs {
    type Task = Task<Arc<ClaimedJob>>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        claims.poll_recv(cx).map(|job| job.map(|job| Ok(Task::new(job))))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for ClaimedJobs {
    type Args = Arc<ClaimedJob>;
    type Id = RandomId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = SettleLayer;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> SettleLayer {
        self.layer.clone()
    }
}

/// Settles the outcome of every job.
#[derive(Clone)]
pub(super) struct SettleLayer {
    settler: Settler,
    completer: Completer,
    inflight: InFlight,
}

impl<S> Layer<S> for SettleLayer {
    type Service = Settle<S>;

    fn layer(&self, inner: S) -> Settle<S> {
        Settle { inner, layer: self.clone() }
    }
}

/// The service that [`SettleLayer`] wraps around the others.
#[derive(Clone)]
pub(super) struct Settle<S> {
    inner: S,
    layer: SettleLayer,
}

impl<S> Service<Task<Arc<ClaimedJob>>> for Settle<S>
where
    S: Service<Task<Arc<ClaimedJob>>, Response = Done>,
    S::Error: Into<BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = Pin<Box<dyn Future<Output = Result<(), BoxDynError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Arc<ClaimedJob>>) -> Self::Future {
        let job = Arc::clone(&task.args);
        let running = self.inner.call(task);
        let SettleLayer { settler, completer, inflight } = self.layer.clone();
        Box::pin(async move {
            match running.await.map_err(|error| job_error(error.into(), &job)) {
                Ok(Done::Published) => inflight.remove(job.lease),
                Ok(Done::Unpublished(output)) => completer.complete(job, output).await,
                Err(error) => {
                    let settled = settler.settle(&job, &error).await;
                    tell(&job, &error, settled);
                }
            }
            // Whatever became of the job, the worker is well.
            Ok(())
        })
    }
}

/// A [`JobError`] from whatever came through the layers.
fn job_error(error: BoxDynError, job: &ClaimedJob) -> JobError {
    // A job that was told to stop may come back as anything, a dropped connection for instance.
    if let Some(reason) = job.signal.reason() {
        return JobError::stopped(reason, Stage::Publish);
    }
    let error = match error.downcast::<JobError>() {
        Ok(error) => return *error,
        Err(other) => other,
    };
    if error.is::<tower::timeout::error::Elapsed>() {
        return JobError::retry(
            Stage::Publish,
            "job.deadline",
            "the job ran past its deadline; raise deadline_s of its queue if such jobs are expected to take longer",
        );
    }
    JobError::retry(
        Stage::Publish,
        "internal.panic",
        format!("the job panicked, which is a defect of Orrery: {error}"),
    )
}

fn tell(job: &ClaimedJob, error: &JobError, settled: Settled) {
    let lease = job.lease;
    let (queue, job_id, code) = (lease.queue, lease.job_id, error.code.as_ref());
    match settled {
        Settled::Failed => {
            tracing::warn!(%queue, %job_id, code, attempt = job.attempt, "failed: {}", error.message);
        }
        Settled::PutBack { wait, counted } if error.class == ErrorClass::Retry => {
            tracing::warn!(%queue, %job_id, code, attempt = job.attempt, ?wait, counted, "will be tried again: {}", error.message);
        }
        Settled::PutBack { wait, .. } => tracing::debug!(%queue, %job_id, code, ?wait, "put off"),
        Settled::Fenced => tracing::info!(%queue, %job_id, code, "stopped; nothing was written"),
    }
}
