//! The slots: apalis workers over our own claims. The only file that knows apalis.
//!
//! The backend merely hands over jobs that the claimers have claimed. Its layer, the outermost one, settles every
//! outcome, also of handlers that panicked or ran into their deadline. It never fails: an error of a backend
//! would end the worker and drop the jobs in flight.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

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
use metrics::{counter, histogram};
use sqlx::PgPool;
use tokio::sync::mpsc;
use tower::{Layer, Service};
use tracing::Instrument as _;

use super::dial::Dial;
use super::handler::{Done, Handler};
use crate::config::QueueSlots;
use crate::queue::complete::Completer;
use crate::queue::metrics::{JOB_SECONDS, JOBS};
use crate::queue::settle::{Settled, Settler};
use crate::queue::spans::{Attempt, End};
use crate::queue::{ClaimedJob, ErrorClass, InFlight, JobError, Lease, Stage};

/// Claimed jobs on their way to the slots. Shared, so that a restarted worker takes up where the former stopped.
pub(super) type Claims = Arc<Mutex<mpsc::Receiver<Arc<ClaimedJob>>>>;

/// Jobs that a slot runs together: one, but for handlers that ask for more. And their span, which ends with them.
#[derive(Debug)]
struct Taken {
    jobs: Vec<Arc<ClaimedJob>>,
    attempt: Attempt,
}

type Batch = Arc<Taken>;

/// The slots of one queue.
pub(super) struct Slots {
    pub(super) worker_id: Arc<str>,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) pool: PgPool,
    pub(super) claims: Claims,
    pub(super) settings: QueueSlots,
    pub(super) dial: Arc<Dial>,
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
            let start = Start {
                handler: Arc::clone(&slots.handler),
                pool: slots.pool.clone(),
                inflight: slots.inflight.clone(),
            };
            WorkerBuilder::new(slots.handler.queue().as_str())
                .backend(ClaimedJobs::of(&slots))
                .concurrency(slots.settings.concurrency)
                // Each batch is a task of its own, so that calculations use every core and one slow poll delays nobody.
                .parallelize(tokio::spawn)
                .catch_panic()
                // Inside `parallelize`: outside, jobs past their deadline would run on unseen.
                .timeout(Duration::from_secs(slots.settings.deadline_s))
                .build(move |taken: Batch| {
                    let (start, span) = (start.clone(), taken.attempt.span());
                    async move { Ok::<_, Infallible>(start.run(&taken.jobs).await) }.instrument(span)
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

/// What a slot does with the jobs that it takes.
#[derive(Clone)]
struct Start {
    handler: Arc<dyn Handler>,
    pool: PgPool,
    inflight: InFlight,
}

impl Start {
    /// Says that the jobs begin, where they were said to wait, and only then runs them: a row that kills its worker is always counted.
    async fn run(&self, jobs: &[Arc<ClaimedJob>]) -> Ends {
        let leases: Vec<Lease> = jobs.iter().map(|job| job.lease).collect();
        match self.inflight.begin(&self.pool, &leases).await {
            Ok(()) => self.handler.run_many(jobs).await,
            Err(error) => {
                JobError::postgres(Stage::Collect, error).of_each(jobs.len()).into_iter().map(Err).collect()
            }
        }
    }
}

struct ClaimedJobs {
    worker_id: Arc<str>,
    handler: Arc<dyn Handler>,
    claims: Claims,
    dial: Arc<Dial>,
    layer: SettleLayer,
}

impl ClaimedJobs {
    fn of(slots: &Slots) -> Self {
        let layer = SettleLayer {
            settler: slots.settler.clone(),
            completer: slots.completer.clone(),
            inflight: slots.inflight.clone(),
            dial: Arc::clone(&slots.dial),
        };
        Self {
            worker_id: Arc::clone(&slots.worker_id),
            handler: Arc::clone(&slots.handler),
            claims: Arc::clone(&slots.claims),
            dial: Arc::clone(&slots.dial),
            layer,
        }
    }
}

impl Backend for ClaimedJobs {
    type Task = Task<Batch>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        ready!(self.dial.poll_room(cx));
        let mut claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let mut jobs = Vec::new();
        let taken = claims.poll_recv_many(cx, &mut jobs, self.handler.rows().max(1));
        taken.map(|number| {
            (number > 0).then(|| {
                self.dial.begin();
                let attempt = Attempt::of(&jobs, &self.worker_id);
                Ok(Task::new(Arc::new(Taken { jobs, attempt })))
            })
        })
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for ClaimedJobs {
    type Args = Batch;
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

/// How each job of a batch ended, in their order.
type Ends = Vec<Result<Done, JobError>>;

/// Settles the outcome of every job.
#[derive(Clone)]
pub(super) struct SettleLayer {
    settler: Settler,
    completer: Completer,
    inflight: InFlight,
    dial: Arc<Dial>,
}

impl SettleLayer {
    async fn settle(&self, job: &Arc<ClaimedJob>, end: Result<Done, JobError>) -> End {
        let end = match end {
            Ok(Done::Published) => {
                self.inflight.remove(job.lease);
                End::COMPLETED
            }
            Ok(Done::Unpublished(output)) => {
                self.completer.complete(Arc::clone(job), output).await;
                End::COMPLETED
            }
            Err(error) => {
                // A job that was told to stop may come back as anything, a dropped connection for instance.
                let error =
                    job.signal.reason().map_or(error, |reason| JobError::stopped(reason, Stage::Publish));
                // The process stops: all that it interrupts is given back together, at the end.
                if error.class == ErrorClass::Interrupted {
                    return End::other("interrupted", &error);
                }
                let settled = self.settler.settle(job, &error).await;
                tell(job, &error, settled);
                End::other(outcome(&error, settled), &error)
            }
        };
        counter!(JOBS, "queue" => job.lease.queue.as_str(), "outcome" => end.outcome).increment(1);
        end
    }
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

impl<S> Service<Task<Batch>> for Settle<S>
where
    S: Service<Task<Batch>, Response = Ends>,
    S::Error: Into<BoxDynError>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = BoxDynError;
    type Future = Pin<Box<dyn Future<Output = Result<(), BoxDynError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Batch>) -> Self::Future {
        let taken = Arc::clone(&task.args);
        let running = self.inner.call(task);
        let layer = self.layer.clone();
        let began = Instant::now();
        let working = Dial::ends(Arc::clone(&layer.dial));
        Box::pin(async move {
            let (ends, error) = match running.await {
                Ok(ends) => (ends, None),
                Err(error) => (Vec::new(), Some(error.into())),
            };
            let mut ends = ends.into_iter();
            let mut completed = 0;
            for job in &taken.jobs {
                let end = ends.next().unwrap_or_else(|| Err(lost(error.as_ref())));
                let end = layer.settle(job, end).await;
                completed += usize::from(end.code.is_none());
                taken.attempt.tell(job, &end);
                histogram!(JOB_SECONDS, "queue" => job.lease.queue.as_str()).record(began.elapsed());
            }
            taken.attempt.completed(completed);
            drop(working);
            // Whatever became of the jobs, the worker is well.
            Ok(())
        })
    }
}

/// A [`JobError`] for a job whose handler did not come back: its deadline passed, or it panicked.
fn lost(error: Option<&BoxDynError>) -> JobError {
    let Some(error) = error else {
        return JobError::retry(
            Stage::Publish,
            "internal.panic",
            "the handler said nothing of this job, which is a defect of Orrery",
        );
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

/// Its word in the metrics.
fn outcome(error: &JobError, settled: Settled) -> &'static str {
    match settled {
        Settled::Failed => "failed",
        Settled::PutBack { .. } if error.class == ErrorClass::Retry => "retried",
        Settled::PutBack { .. } => "put_off",
        Settled::Fenced => "fenced",
    }
}

/// The message for the log. One about the data of a person may quote it, as a birth date that cannot be used: that stands on the row, where the
/// application keeps its own data.
fn told(error: &JobError) -> &str {
    let personal = ["astro.", "data."].iter().any(|family| error.code.starts_with(family));
    if personal { "the message is on the row" } else { &error.message }
}

fn tell(job: &ClaimedJob, error: &JobError, settled: Settled) {
    let lease = job.lease;
    let (queue, job_id, code) = (lease.queue, lease.job_id, error.code.as_ref());
    match settled {
        Settled::Failed => {
            tracing::warn!(%queue, %job_id, code, attempt = job.attempt, "failed: {}", told(error));
        }
        Settled::PutBack { wait, counted } if error.class == ErrorClass::Retry => {
            tracing::warn!(%queue, %job_id, code, attempt = job.attempt, ?wait, counted, "will be tried again: {}", told(error));
        }
        Settled::PutBack { wait, .. } => tracing::debug!(%queue, %job_id, code, ?wait, "put off"),
        Settled::Fenced => tracing::info!(%queue, %job_id, code, "stopped; nothing was written"),
    }
}
