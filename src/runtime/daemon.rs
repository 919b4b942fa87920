//! One worker process: what it is put together from, and how it starts.

pub(super) mod line;
mod stop;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use self::line::Line;
use super::apalis::{Claims, Slots};
use super::claimer::Claimer;
use super::dial::{Dials, slots_of};
use super::handler::{Backing, Chore, Handler};
use super::keeper::{self, Keeper};
use super::lane::{LaneFeeder, LaneProgram, Lanes};
use super::listener::Listener;
use crate::config::Config;
use crate::queue::backoff::Backoff;
use crate::queue::breaker::{Breakers, Policy};
use crate::queue::claim::{Suspects, Terms};
use crate::queue::complete::Completer;
use crate::queue::notify::Wake;
use crate::queue::settle::Settler;
use crate::queue::vitals::{Phase, Vitals};
use crate::queue::{ClaimedJob, InFlight, Outage};
use crate::store::pg::within;

/// Statements that take as long as one may, in a round of a chore. Far more than any takes.
const CHORE_STATEMENTS: u32 = 10;

/// Statements of the sweep of a queue.
const SWEEP_STATEMENTS: u32 = 2;

/// Statements that take as long as one may, in the transaction that writes the outcome of a job.
const OUTCOME_STATEMENTS: u32 = 2;

/// Why a worker could not start or did not stop well.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The worker could not be registered.
    #[error("worker could not be registered in orrery.worker")]
    Register(#[source] sqlx::Error),
    /// The slots ended by themselves.
    #[error("slots ended unasked: {0}")]
    Slots(String),
}

/// A name for this start of a worker: `host:pid:random`.
#[must_use]
pub fn worker_id() -> String {
    let host =
        hostname::get().map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned());
    format!("{host}:{}:{:08x}", std::process::id(), fastrand::u32(..))
}

/// A worker process, ready to run.
pub struct Daemon {
    config: Config,
    pool: PgPool,
    worker_id: String,
    handlers: Vec<Arc<dyn Handler>>,
    chores: Vec<Arc<dyn Chore>>,
    backings: Vec<Arc<dyn Backing>>,
    lanes: Option<Arc<Lanes>>,
    dials: Dials,
    inflight: InFlight,
    wake: Wake,
    outage: Outage,
    breakers: Breakers,
    vitals: Vitals,
}

/// What others may see of a worker while it lives. Cheap to clone; all clones see the same.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Its loops and its phase.
    pub vitals: Vitals,
    /// Its leases.
    pub inflight: InFlight,
    /// Whether PostgreSQL answers it.
    pub outage: Outage,
}

/// The tasks beside the slots, and what the stop needs of them.
struct Beside {
    tasks: JoinSet<()>,
    claimers: JoinSet<()>,
    claims: Vec<Claims>,
}

impl Daemon {
    /// A worker with these handlers.
    #[must_use]
    pub fn new(
        config: Config,
        pool: PgPool,
        worker_id: String,
        handlers: Vec<Arc<dyn Handler>>,
        life: Life,
    ) -> Self {
        let Life { vitals, inflight, outage } = life;
        let outage = outage.answering_within(config.postgres.patience().saturating_mul(OUTCOME_STATEMENTS));
        let policy = Policy {
            failures: config.breaker.failures,
            window: Duration::from_secs(config.breaker.window_s),
            rest: Duration::from_secs(config.breaker.rest_s),
            rest_cap: Duration::from_secs(config.breaker.rest_cap_s),
        };
        Self {
            breakers: Breakers::new(pool.clone(), worker_id.clone(), policy, outage.clone()),
            dials: Dials::of(&config),
            config,
            pool,
            worker_id,
            handlers,
            chores: Vec::new(),
            backings: Vec::new(),
            lanes: None,
            inflight,
            wake: Wake::default(),
            outage,
            vitals,
        }
    }

    /// Adds work that recurs.
    #[must_use]
    pub fn with_chores(mut self, chores: Vec<Arc<dyn Chore>>) -> Self {
        self.chores = chores;
        self
    }

    /// Adds what the jobs need beside PostgreSQL: probed while its breaker is open, tidied up after dead workers.
    #[must_use]
    pub fn with_backings(mut self, backings: Vec<Arc<dyn Backing>>) -> Self {
        self.backings = backings;
        self
    }

    /// What may be turned while it runs.
    #[must_use]
    pub fn dials(&self) -> Dials {
        self.dials.clone()
    }

    /// Leaves rows over which a worker died to processes of their own. Without it they are claimed like any other row.
    #[must_use]
    pub fn with_lanes(mut self, program: LaneProgram) -> Self {
        self.lanes = Some(Arc::new(Lanes::new(program, self.config.queue.lanes)));
        self
    }

    /// Works until `stop` is cancelled, then drains: claims nothing more, finishes what runs within the deadline,
    /// gives the rest back without burning an attempt. Cancelling `now` skips the wait.
    ///
    /// # Errors
    /// When the worker cannot be registered or the slots end unasked.
    pub async fn run(self, stop: CancellationToken, now: CancellationToken) -> Result<(), DaemonError> {
        self.register(None).await.map_err(DaemonError::Register)?;
        let ended = CancellationToken::new();
        let keeper = self.keeper();
        let mut beside = Beside {
            tasks: self.start_heartbeat(&keeper, &ended),
            claimers: JoinSet::new(),
            claims: Vec::new(),
        };
        self.start_maintenance(&keeper, &mut beside.tasks, &stop);
        let (completer, completing) = self.completer();
        let slots = self.start_claimers(&mut beside, &completer, &stop);
        drop(completer);
        self.vitals.enter(Phase::Running);
        tracing::info!(worker_id = %self.worker_id, queues = slots.len(), "worker runs");
        let result = self.work(slots, &beside.claims, &stop, now).await;
        self.finish(beside, completing, &ended, &stop).await;
        result
    }

    /// Runs the rows over which a worker died, one at a time, until there is none left or `stop` is cancelled. `opener` is the
    /// worker that opened the lane.
    ///
    /// # Errors
    /// As [`Daemon::run`].
    pub async fn run_lane(
        self,
        opener: &str,
        stop: CancellationToken,
        now: CancellationToken,
    ) -> Result<(), DaemonError> {
        self.register(Some(opener)).await.map_err(DaemonError::Register)?;
        let ended = CancellationToken::new();
        let mut beside = Beside {
            tasks: self.start_heartbeat(&self.keeper(), &ended),
            claimers: JoinSet::new(),
            claims: Vec::new(),
        };
        let (completer, completing) = self.completer();
        let mut feeds = Vec::new();
        let mut slots = Vec::new();
        for handler in self.enabled() {
            let (sender, receiver) = mpsc::channel(1);
            feeds.push((handler.queue(), sender));
            slots.push(self.slots(handler, receiver, &completer, &mut beside.claims));
        }
        drop(completer);
        let feeder = LaneFeeder {
            line: Line::new(&self.pool, self.config.postgres.patience()),
            terms: self.terms(Suspects::Only),
            inflight: self.inflight.clone(),
            outage: self.outage.clone(),
            slots: feeds,
        };
        beside.claimers.spawn(feeder.run(stop.clone()));
        let result = self.work(slots, &beside.claims, &stop, now).await;
        self.finish(beside, completing, &ended, &stop).await;
        result
    }

    fn keeper(&self) -> Keeper {
        let queue = &self.config.queue;
        let heartbeat = Duration::from_secs(queue.heartbeat_s);
        // After a heartbeat that gets no answer there is time for a second one before the lease ends.
        let half = queue.lease().saturating_sub(heartbeat) / 2;
        Keeper {
            beats: Line::new(&self.pool, half),
            looks: Line::new(&self.pool, self.config.postgres.patience()),
            waits: Line::new(&self.pool, self.config.postgres.patience()),
            sweeps: Line::new(&self.pool, self.config.postgres.patience().saturating_mul(SWEEP_STATEMENTS)),
            worker_id: self.worker_id.clone(),
            inflight: self.inflight.clone(),
            wake: self.wake.clone(),
            outage: self.outage.clone(),
            breakers: self.breakers.clone(),
            backings: self.backings.clone(),
            lanes: self.lanes.clone(),
            lease: queue.lease(),
            crash_limit: queue.crash_limit,
            orphan_after: Duration::from_secs(queue.orphan_after_s),
        }
    }

    /// How long a server may take to connect or to give a sign before it counts as down.
    const fn connect_timeout(&self) -> Duration {
        Duration::from_secs(self.config.postgres.connect_timeout_s)
    }

    /// Heartbeat and notices go on while the worker drains.
    fn start_heartbeat(&self, keeper: &Keeper, ended: &CancellationToken) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        let every = Duration::from_secs(self.config.queue.heartbeat_s);
        let heart = Arc::new(self.vitals.watch("heartbeat"));
        spawn_every(&mut tasks, every, ended, keeper, move |keeper| {
            let heart = Arc::clone(&heart);
            async move { heart.within(keeper.beat()).await }
        });
        let listener = Listener::new(
            &self.pool,
            self.connect_timeout(),
            self.wake.clone(),
            self.inflight.clone(),
            self.outage.clone(),
        );
        tasks.spawn(listener.run(ended.clone()));
        tasks
    }

    fn start_maintenance(&self, keeper: &Keeper, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
        let queue = &self.config.queue;
        let poll = Duration::from_millis(queue.poll_ms);
        let heart = Arc::new(self.vitals.watch("pulse"));
        spawn_every(tasks, poll, stop, keeper, move |keeper| {
            let heart = Arc::clone(&heart);
            async move { heart.within(keeper.pulse()).await }
        });
        let waiting = Duration::from_secs(queue.waiting_s);
        spawn_every(tasks, waiting, stop, keeper, |keeper| async move { keeper.settle_waiting().await });
        let sweep = Duration::from_secs(queue.sweep_s);
        let sweeper = keeper.clone();
        tasks.spawn(keeper::sparingly(sweep, stop.clone(), move || {
            let keeper = sweeper.clone();
            async move { keeper.sweep().await }
        }));
        let limit = self.config.postgres.patience().saturating_mul(CHORE_STATEMENTS);
        for chore in &self.chores {
            let (period, chore) = (chore.every(), Arc::clone(chore));
            let limit = limit.saturating_add(chore.takes());
            let round = move || keeper::chore(Arc::clone(&chore), limit);
            tasks.spawn(keeper::every(period, stop.clone(), round));
        }
    }

    fn completer(&self) -> (Completer, JoinHandle<()>) {
        let (completer, completing) = Completer::new(
            self.pool.clone(),
            self.settler(),
            self.inflight.clone(),
            self.outage.clone(),
            self.vitals.watch("completions"),
        );
        (completer, tokio::spawn(completing))
    }

    fn settler(&self) -> Settler {
        let backoff = Backoff {
            base: Duration::from_millis(self.config.queue.backoff_base_ms),
            cap: Duration::from_secs(self.config.queue.backoff_cap_s),
        };
        Settler::new(
            self.pool.clone(),
            backoff,
            self.inflight.clone(),
            self.breakers.clone(),
            self.outage.clone(),
        )
    }

    fn terms(&self, suspects: Suspects) -> Terms {
        let queue = &self.config.queue;
        Terms {
            worker_id: self.worker_id.clone(),
            lease: queue.lease(),
            max_attempts: queue.max_attempts,
            suspects,
            tells: false,
        }
    }

    fn enabled(&self) -> impl Iterator<Item = &Arc<dyn Handler>> {
        self.handlers.iter().filter(|handler| slots_of(&self.config, handler.queue()).enabled)
    }

    fn start_claimers(
        &self,
        beside: &mut Beside,
        completer: &Completer,
        stop: &CancellationToken,
    ) -> Vec<Slots> {
        let suspects = if self.lanes.is_some() { Suspects::Leave } else { Suspects::Any };
        let mut all = Vec::new();
        for handler in self.enabled() {
            let (sender, receiver) = mpsc::channel(slots_of(&self.config, handler.queue()).prefetch);
            let claimer = Claimer {
                line: Line::new(&self.pool, self.config.postgres.patience()),
                queue: handler.queue(),
                terms: Terms { tells: handler.tells(), ..self.terms(suspects) },
                wake: self.wake.clone(),
                inflight: self.inflight.clone(),
                outage: self.outage.clone(),
                slots: sender,
                heart: self.vitals.watch(format!("claims of {}", handler.queue())),
                dial: Arc::clone(self.dials.queue(handler.queue())),
            };
            beside.claimers.spawn(claimer.run(stop.clone()));
            all.push(self.slots(handler, receiver, completer, &mut beside.claims));
        }
        all
    }

    fn slots(
        &self,
        handler: &Arc<dyn Handler>,
        receiver: mpsc::Receiver<Arc<ClaimedJob>>,
        completer: &Completer,
        all: &mut Vec<Claims>,
    ) -> Slots {
        let claims: Claims = Arc::new(Mutex::new(receiver));
        all.push(Arc::clone(&claims));
        Slots {
            worker_id: self.worker_id.as_str().into(),
            handler: Arc::clone(handler),
            pool: self.pool.clone(),
            claims,
            settings: slots_of(&self.config, handler.queue()),
            dial: Arc::clone(self.dials.queue(handler.queue())),
            settler: self.settler(),
            completer: completer.clone(),
            inflight: self.inflight.clone(),
        }
    }

    async fn register(&self, lane_of: Option<&str>) -> Result<(), sqlx::Error> {
        let host = self.worker_id.split(':').next().unwrap_or_default();
        sqlx::query(
            "insert into orrery.worker (worker_id, host, pid, version, lane_of) values ($1, $2, $3, $4, $5)",
        )
        .bind(&self.worker_id)
        .bind(host)
        .bind(i32::try_from(std::process::id()).unwrap_or(i32::MAX))
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(lane_of)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    async fn set_state(&self, state: &str) {
        let set =
            sqlx::query("update orrery.worker set state = $2, last_seen_at = now() where worker_id = $1")
                .bind(&self.worker_id)
                .bind(state)
                .execute(&self.pool);
        let limit = self.connect_timeout();
        // The stop waits for it, and not for a connection that is dark.
        if let Err(error) = within(limit, set).await {
            tracing::warn!(%error, state, "state of the worker could not be noted");
        }
    }
}

/// Runs a round of the keeper every `period` until `stop`.
fn spawn_every<F: Future<Output = ()> + Send + 'static>(
    tasks: &mut JoinSet<()>,
    period: Duration,
    stop: &CancellationToken,
    keeper: &Keeper,
    round: impl Fn(Keeper) -> F + Send + 'static,
) {
    let keeper = keeper.clone();
    tasks.spawn(keeper::every(period, stop.clone(), move || round(keeper.clone())));
}
