//! One worker process from start to stop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::apalis::{self, Claims, Slots};
use super::claimer::Claimer;
use super::handler::{Chore, Handler};
use super::keeper;
use crate::config::{Config, QueueSlots};
use crate::queue::backoff::Backoff;
use crate::queue::claim::Terms;
use crate::queue::notify::{self, Wake};
use crate::queue::settle::{self, Settler};
use crate::queue::{InFlight, Queue, StopReason};

/// Time that interrupted jobs get to come back by themselves before their leases are given back without them.
const AFTER_INTERRUPT: Duration = Duration::from_secs(5);

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

/// A worker process, ready to run.
pub struct Daemon {
    config: Config,
    pool: PgPool,
    worker_id: String,
    handlers: Vec<Arc<dyn Handler>>,
    chores: Vec<Arc<dyn Chore>>,
    inflight: InFlight,
    wake: Wake,
}

impl Daemon {
    /// A worker with these handlers and chores.
    #[must_use]
    pub fn new(
        config: Config,
        pool: PgPool,
        handlers: Vec<Arc<dyn Handler>>,
        chores: Vec<Arc<dyn Chore>>,
    ) -> Self {
        let host =
            hostname::get().map_or_else(|_| "unknown".to_owned(), |name| name.to_string_lossy().into_owned());
        let worker_id = format!("{host}:{}:{:08x}", std::process::id(), fastrand::u32(..));
        Self {
            config,
            pool,
            worker_id,
            handlers,
            chores,
            inflight: InFlight::default(),
            wake: Wake::default(),
        }
    }

    /// `host:pid:random`.
    #[must_use]
    pub fn worker_id(&self) -> &str {
        &self.worker_id
    }

    /// Works until `stop` is cancelled, then drains: claims nothing more, finishes what runs within the deadline,
    /// gives the rest back without burning an attempt. Cancelling `now` skips the wait.
    ///
    /// # Errors
    /// When the worker cannot be registered or the slots end unasked.
    pub async fn run(self, stop: CancellationToken, now: CancellationToken) -> Result<(), DaemonError> {
        self.register().await.map_err(DaemonError::Register)?;
        let ended = CancellationToken::new();
        let mut beside = self.start_keepers(&stop, &ended);
        let (slots, claims) = self.start_claimers(&mut beside, &stop);
        tracing::info!(worker_id = %self.worker_id, queues = slots.len(), "worker runs");

        let told = stop.clone();
        let running = apalis::run(slots, async move { told.cancelled().await });
        tokio::pin!(running);
        let early = tokio::select! {
            biased;
            () = stop.cancelled() => None,
            result = &mut running => Some(result),
        };
        let result = match early {
            // Idle slots may end in the same moment as the stop is heard.
            Some(_) if stop.is_cancelled() => Ok(()),
            Some(result) => Err(DaemonError::Slots(
                result.err().map_or_else(|| "no reason given".to_owned(), |error| error.to_string()),
            )),
            None => {
                self.drain(running, &claims, now).await;
                Ok(())
            }
        };
        self.give_back_all().await;
        ended.cancel();
        stop.cancel();
        while beside.join_next().await.is_some() {}
        self.set_state("stopped").await;
        tracing::info!(worker_id = %self.worker_id, "worker stopped");
        result
    }

    fn start_keepers(&self, stop: &CancellationToken, ended: &CancellationToken) -> JoinSet<()> {
        let mut beside = JoinSet::new();
        let queue = &self.config.queue;
        let (pool, inflight, worker_id) = (self.pool.clone(), self.inflight.clone(), self.worker_id.clone());
        let lease = queue.lease();
        // The heartbeat goes on while the worker drains.
        beside.spawn(keeper::every(Duration::from_secs(queue.heartbeat_s), ended.clone(), move || {
            let (pool, inflight, worker_id) = (pool.clone(), inflight.clone(), worker_id.clone());
            async move { keeper::beat(&pool, &inflight, &worker_id, lease).await }
        }));
        beside.spawn(notify::listen(
            self.pool.clone(),
            self.wake.clone(),
            self.inflight.clone(),
            ended.clone(),
        ));
        let (pool, crash_limit) = (self.pool.clone(), queue.crash_limit);
        beside.spawn(keeper::every(Duration::from_secs(queue.rescue_s), stop.clone(), move || {
            let pool = pool.clone();
            async move { keeper::rescue(&pool, crash_limit, lease).await }
        }));
        let (pool, orphan_after) = (self.pool.clone(), Duration::from_secs(queue.orphan_after_s));
        beside.spawn(keeper::every(Duration::from_secs(queue.sweep_s), stop.clone(), move || {
            let pool = pool.clone();
            async move { keeper::sweep(&pool, orphan_after).await }
        }));
        for chore in &self.chores {
            let chore = Arc::clone(chore);
            beside
                .spawn(keeper::every(chore.every(), stop.clone(), move || keeper::chore(Arc::clone(&chore))));
        }
        beside
    }

    fn start_claimers(
        &self,
        beside: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> (Vec<Slots>, Vec<Claims>) {
        let queue = &self.config.queue;
        let backoff = Backoff {
            base: Duration::from_millis(queue.backoff_base_ms),
            cap: Duration::from_secs(queue.backoff_cap_s),
        };
        let settler = Settler::new(self.pool.clone(), backoff, self.inflight.clone());
        let mut slots = Vec::new();
        for handler in &self.handlers {
            let settings = self.slots_of(handler.queue());
            if !settings.enabled {
                continue;
            }
            let (sender, receiver) = mpsc::channel(settings.prefetch);
            let claims: Claims = Arc::new(Mutex::new(receiver));
            let claimer = Claimer {
                pool: self.pool.clone(),
                queue: handler.queue(),
                terms: Terms {
                    worker_id: self.worker_id.clone(),
                    lease: queue.lease(),
                    max_attempts: queue.max_attempts,
                },
                poll: Duration::from_millis(queue.poll_ms),
                wake: self.wake.clone(),
                inflight: self.inflight.clone(),
                slots: sender,
            };
            beside.spawn(claimer.run(stop.clone()));
            slots.push(Slots {
                handler: Arc::clone(handler),
                claims,
                settings,
                settler: settler.clone(),
                inflight: self.inflight.clone(),
            });
        }
        let claims = slots.iter().map(|slots| Arc::clone(&slots.claims)).collect();
        (slots, claims)
    }

    const fn slots_of(&self, queue: Queue) -> QueueSlots {
        match queue {
            Queue::Report => self.config.report.slots,
            Queue::Entity => self.config.entity.slots,
            Queue::Quarter => self.config.quarter.slots,
            Queue::Calculation => self.config.calculation.slots,
        }
    }

    async fn drain(&self, running: impl Future, claims: &[Claims], now: CancellationToken) {
        self.set_state("draining").await;
        self.give_back_prefetched(claims).await;
        let deadline = Duration::from_secs(self.config.queue.drain_s);
        tracing::info!(running = self.inflight.len(), ?deadline, "draining");
        tokio::pin!(running);
        tokio::select! {
            _ = &mut running => return,
            () = now.cancelled() => tracing::info!("told to stop at once"),
            () = tokio::time::sleep(deadline) => tracing::warn!(running = self.inflight.len(), "deadline passed"),
        }
        self.inflight.stop_all(StopReason::Interrupted);
        if tokio::time::timeout(AFTER_INTERRUPT, &mut running).await.is_err() {
            tracing::warn!(
                running = self.inflight.len(),
                "jobs did not come back; their rows are given back without them"
            );
        }
    }

    /// Rows that were claimed but not started go back at once.
    async fn give_back_prefetched(&self, claims: &[Claims]) {
        let mut unstarted = Vec::new();
        for claims in claims {
            let mut claims = claims.lock().unwrap_or_else(PoisonError::into_inner);
            claims.close();
            while let Ok(job) = claims.try_recv() {
                unstarted.push(job);
            }
        }
        for job in unstarted {
            self.give_back(job.lease).await;
        }
    }

    async fn give_back_all(&self) {
        for lease in self.inflight.all() {
            self.give_back(lease).await;
        }
    }

    async fn give_back(&self, lease: crate::queue::Lease) {
        let given = async {
            let mut connection = self.pool.acquire().await?;
            settle::put_back(&mut connection, lease, Duration::ZERO, false, None).await
        };
        if let Err(error) = given.await {
            // The lease runs out by itself and the row is rescued.
            tracing::warn!(job_id = %lease.job_id, %error, "row could not be given back");
        }
        self.inflight.remove(lease);
    }

    async fn register(&self) -> Result<(), sqlx::Error> {
        let host = self.worker_id.split(':').next().unwrap_or_default();
        sqlx::query("insert into orrery.worker (worker_id, host, pid, version) values ($1, $2, $3, $4)")
            .bind(&self.worker_id)
            .bind(host)
            .bind(i32::try_from(std::process::id()).unwrap_or(i32::MAX))
            .bind(env!("CARGO_PKG_VERSION"))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn set_state(&self, state: &str) {
        let set =
            sqlx::query("update orrery.worker set state = $2, last_seen_at = now() where worker_id = $1")
                .bind(&self.worker_id)
                .bind(state)
                .execute(&self.pool)
                .await;
        if let Err(error) = set {
            tracing::warn!(%error, state, "state of the worker could not be noted");
        }
    }
}
