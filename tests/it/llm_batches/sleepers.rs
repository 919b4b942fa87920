//! Rows that put their question down and sleep, and the rounds that carry it.

use std::sync::Arc;
use std::time::Duration;

use orrery::llm::account::{Account, JobAccount, Terms, prices};
use orrery::llm::batch::{Batcher, Round, Settings};
use orrery::llm::kind::Kind;
use orrery::llm::{Chain, LlmError, Provider, Request};
use orrery::queue::settle::put_back;
use orrery::queue::{ClaimedJob, JobError, Queue, Stage};
use uuid::Uuid;

use crate::llm::client;
use crate::llm_accounts::asking::{account_on, of_job, settings};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, TYPES};
use crate::support::rows;

/// Longest wait for a provider.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Two dollars for a million tokens in, ten out, half of it in a batch: 2,000 and 10,000 billionths of a dollar for a token.
const PRICES: &str = "[[price]]\nprovider = \"p\"\nmodels = [\"m-1\"]\nvalid_from = \"2020-01-01\"\ninput = 2.0\noutput = 10.0\nbatch_percent = 50\n";

/// What 900 tokens in and 100 out cost directly.
const WHOLE: i64 = 900 * 2000 + 100 * 10_000;

/// What they cost in a batch.
pub const HALF: i64 = WHOLE / 2;

/// Puts a price for model m-1 of provider `name` into the table.
pub async fn price(world: &World, name: &str) {
    let table = prices::parse(&PRICES.replace("\"p\"", &format!("\"{name}\""))).unwrap();
    prices::put(&world.app, &table, "operator").await.unwrap();
}

/// A worker with one provider `p` that takes batches.
pub struct Sleepers {
    pub world: World,
    pub account: Arc<Account>,
    pub chain: Chain,
    provider: Provider,
    places: usize,
}

/// A row that sleeps.
pub struct Sleeper {
    pub job: ClaimedJob,
    pub question: Request,
}

impl Sleepers {
    /// For a wire at an address.
    pub async fn new(wire: &str, url: &str) -> Self {
        let world = World::new().await;
        world.set_up_mongodb().await;
        price(&world, "p").await;
        let provider = client::provider("p", wire, url, "batch = true");
        let (account, chain) = worker(&world, &provider).await;
        Self { world, account, chain, provider, places: 0 }
    }

    /// The carrier of another worker, which knows nothing of the first.
    pub async fn batcher(&self) -> Batcher {
        let (account, chain) = worker(&self.world, &self.provider).await;
        Batcher::new(account, chain.providers(), self.settings())
    }

    /// Collects at once and looks often.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::from(&self.world.config.llm_batch);
        settings.collecting.age = Duration::ZERO;
        settings.poll = Duration::from_millis(100);
        settings
    }

    /// A claimed row.
    pub async fn claimed(&mut self) -> ClaimedJob {
        let (person, kind) = ([ANNA, BEN][self.places / 8], TYPES[self.places % 8]);
        self.places += 1;
        let id = rows::report(&self.world.app, person, kind).await;
        let claimed = self.world.claim(Queue::Report, 10).await;
        claimed.into_iter().find(|job| job.lease.job_id == id).expect("it can be claimed")
    }

    /// The guard of a row that may wait.
    pub fn patient(&self, job: &ClaimedJob) -> JobAccount {
        of_job(&self.account, job).that_may_wait(Duration::from_hours(1))
    }

    /// A row that puts its question down and goes to sleep.
    pub async fn sleeper(&mut self, words: &str) -> Sleeper {
        let job = self.claimed().await;
        let question = client::request(words);
        let error = self.chain.ask_one(0, &question, &self.patient(&job)).await.unwrap_err();
        self.to_sleep(&job, &error).await;
        Sleeper { job, question }
    }

    /// Puts a row off, as the worker does.
    pub async fn to_sleep(&self, job: &ClaimedJob, error: &LlmError) {
        assert_eq!(error.kind, Kind::BatchWaiting, "{error}");
        let wait = error.hint.expect("how long");
        let error = JobError::snooze(Stage::Analyse, error.kind.code(), error.to_string(), wait);
        let mut connection = self.world.worker_pool.acquire().await.unwrap();
        assert!(put_back(&mut connection, job.lease, wait, false, Some(&error)).await.unwrap());
    }

    /// What the next run of a row gets: the text, and whether it was stored.
    pub async fn wakes(&self, sleeper: &Sleeper) -> Result<(String, bool), LlmError> {
        let guard = self.patient(&sleeper.job);
        let asked = self.chain.ask_one(0, &sleeper.question, &guard).await;
        asked.map(|(answer, stored)| (answer.text, stored))
    }

    /// Whether a row may run now.
    pub async fn is_awake(&self, id: Uuid) -> bool {
        rows::dispatch(&self.world.app, id).await.is_some_and(|row| row.state == "ready" && row.wait_s <= 0.0)
    }

    /// Rounds until so many batches have ended; what all rounds did.
    pub async fn rounds_until_ended(&self, batcher: &Batcher, ends: usize) -> Round {
        let mut all = Round::default();
        self.world
            .eventually(PATIENCE, "the batches end", async || {
                let round = batcher.round().await.unwrap();
                all.taken_out += round.taken_out;
                all.collected += round.collected;
                all.submitted += round.submitted;
                all.ended += round.ended;
                all.woken += round.woken;
                if all.ended >= ends { Ok(()) } else { Err(format!("{all:?}")) }
            })
            .await;
        all
    }

    /// State, code and cost of the calls, oldest first.
    pub async fn calls(&self) -> Vec<(String, Option<String>, Option<i64>)> {
        sqlx::query_as("select state, error_code, cost_nano_usd from orrery.llm_calls order by created_at")
            .fetch_all(&self.world.app)
            .await
            .unwrap()
    }

    /// State, items, answered, failed, undone of the batches, oldest first.
    pub async fn batches(&self) -> Vec<(String, i32, Option<i32>, Option<i32>, Option<i32>)> {
        sqlx::query_as(
            "select state, items, answered, failed, undone from orrery.llm_batches order by created_at",
        )
        .fetch_all(&self.world.app)
        .await
        .unwrap()
    }

    /// Calls, open calls, spent, set aside, assumed of all organizations.
    pub async fn spend(&self) -> (i64, i64, i64, i64, i64) {
        sqlx::query_as(
            "select sum(calls)::bigint, sum(open_calls)::bigint, sum(spent_nano_usd)::bigint, sum(reserved_nano_usd)::bigint,
                    sum(assumed_nano_usd)::bigint from orrery.llm_spend",
        )
        .fetch_one(&self.world.app)
        .await
        .unwrap()
    }

    /// As when the worker that looks at a batch is dead for long enough.
    pub async fn end_holds(&self) {
        rows::run(&self.world.app, "update orrery.llm_batches set held_until = now(), look_at = now()").await;
    }
}

async fn worker(world: &World, provider: &Provider) -> (Arc<Account>, Chain) {
    let terms = vec![Terms::from(provider)];
    let account = account_on(world, world.worker_pool.clone(), settings(world), terms).await;
    (account, client::hasty(vec![provider.clone()]))
}
