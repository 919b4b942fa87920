//! A worker, its two providers, and what becomes of a row.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bson::Bson;
use sqlx::FromRow;
use uuid::Uuid;

use super::table::{Case, Fate, Recorded};
use crate::llm::listener::{Listener, Reply};
use crate::llm::model::stored;
use crate::support::World;
use crate::support::platform::{ANNA, USER};
use crate::support::rows::{REPORTS, attempts, run, says, standing};
use crate::support::worker::Worker;

const PATIENCE: Duration = Duration::from_mins(1);

/// A provider that answers as it is told.
struct Actor {
    listener: Listener,
    script: Arc<Mutex<Vec<Reply>>>,
}

impl Actor {
    async fn start() -> Self {
        let script: Arc<Mutex<Vec<Reply>>> = Arc::default();
        let told = Arc::clone(&script);
        let listener = Listener::with(move |_| {
            let mut left = told.lock().unwrap();
            if left.len() > 1 { left.remove(0) } else { left.first().cloned().unwrap_or(Reply::Close) }
        })
        .await;
        Self { listener, script }
    }

    fn plays(&self, replies: Vec<Reply>) {
        *self.script.lock().unwrap() = replies;
    }
}

/// A row that was put back.
#[derive(Debug, FromRow)]
pub struct Back {
    state: String,
    pub attempts: i32,
    pub snoozes: i32,
    last_code: Option<String>,
    wait_s: f64,
}

/// A call as it stands in the accounts.
#[derive(Debug, Clone, PartialEq, FromRow)]
struct Call {
    provider: String,
    state: String,
    error_code: Option<String>,
    http_status: Option<i32>,
    finish: Option<String>,
    tries: i32,
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    assumed: bool,
}

/// Two providers, and a worker that asks the second after the first.
pub struct Scene {
    /// Its databases.
    pub world: World,
    worker: Worker,
    actors: [Actor; 2],
}

impl Scene {
    /// Starts it; whether the narrator may write what no model could.
    pub async fn begin(narrator: bool) -> Self {
        let world = World::new().await;
        let actors = [Actor::start().await, Actor::start().await];
        let table = |name: &str, actor: &Actor, window: u32| {
            format!(
                "[[llm.provider]]\nname = \"{name}\"\nwire = \"openai\"\nbase_url = \"{}\"\nmodel = \"m-1\"\nprice = \"free\"\n\
                 timeout_s = 3\nmax_output = 16000\ncontext_window = {window}\n",
                actor.listener.url()
            )
        };
        let text = format!(
            "[queue]\nbackoff_base_ms = 900000\n[llm]\nchain = [\"first\", \"second\"]\nnarrator_fallback = {narrator}\n{}{}",
            table("first", &actors[0], 200_000),
            table("second", &actors[1], 400_000)
        );
        let file = world.logs().join("models.toml");
        std::fs::write(&file, text).unwrap();
        let worker = world.worker(&[("ORRERY_CONFIG", file.to_str().unwrap())]).await;
        Self { world, worker, actors }
    }

    /// Inserts a row of this age that may be tried so often, where the fleet has learnt nothing but what the case says.
    pub async fn row(&self, case: &Case, tries: i32, age: &str) -> Uuid {
        let (app, id) = (&self.world.app, Uuid::new_v4());
        run(app, "delete from orrery.breaker where name like 'llm:%'; delete from orrery.llm_buckets; delete from orrery.llm_limits").await;
        if !case.before.is_empty() {
            run(app, &case.before.replace("ROW", &id.to_string())).await;
        }
        sqlx::query(
            "insert into report_generation_queue (id, employee_id, report_type, requested_by, request_metadata, max_attempts, created_at)
             values ($1, $2, 'compatibility_industry', $3, '{\"new_version\": true}', $4, now() - $5::text::interval)",
        )
        .bind(id)
        .bind(ANNA)
        .bind(USER)
        .bind(tries)
        .bind(age)
        .execute(app)
        .await
        .unwrap();
        id
    }

    /// What the first and the second provider answer from now on.
    pub fn play(&self, replies: [Vec<Reply>; 2]) {
        for (actor, replies) in self.actors.iter().zip(replies) {
            actor.plays(replies);
        }
    }

    /// Requests so far.
    pub fn asked(&self) -> [usize; 2] {
        [0, 1].map(|at: usize| self.actors[at].listener.seen().len())
    }

    /// Waits until the worker has let go of a row, so many times in all; nothing when it has ended.
    pub async fn let_go(&self, id: Uuid, times: i32) -> Option<Back> {
        let back = self
            .world
            .eventually(PATIENCE, &format!("the worker lets go of row {id}"), async || {
                let back: Option<Back> = sqlx::query_as(
                    "select state, attempts, snoozes, last_code, extract(epoch from run_at - clock_timestamp())::float8 as wait_s
                     from orrery.dispatch where job_id = $1",
                )
                .bind(id)
                .fetch_optional(&self.world.app)
                .await
                .unwrap();
                match back {
                    Some(back) if back.state != "ready" || back.attempts + back.snoozes < times => {
                        Err(format!("{back:?}"))
                    }
                    back => Ok(back),
                }
            })
            .await;
        // However short its wait is, it does not run again while it is looked at.
        run(
            &self.world.app,
            "update orrery.dispatch set run_at = run_at + interval '1 hour' where state = 'ready'",
        )
        .await;
        back
    }

    async fn calls(&self, id: Uuid) -> Vec<Call> {
        sqlx::query_as(
            "select provider, state, error_code, http_status, finish, tries, input_tokens, output_tokens, assumed
             from orrery.llm_calls where job_id = $1 and provider <> 'earlier' order by created_at",
        )
        .bind(id)
        .fetch_all(&self.world.app)
        .await
        .unwrap()
    }

    /// Code, class, stage, whether it runs again, and whether it is what the row says, of each error of a row.
    pub async fn errors(&self, id: Uuid) -> Vec<String> {
        sqlx::query_scalar(
            "select concat_ws(' ', e.error_type, e.error_code, e.processing_stage, e.retry_attempted, e.error_message = q.last_error)
             from report_generation_errors e join report_generation_queue q on q.id = e.queue_id where q.id = $1 order by e.occurred_at",
        )
        .bind(id)
        .fetch_all(&self.world.app)
        .await
        .unwrap()
    }

    async fn breaker(&self) -> Option<(String, i32)> {
        sqlx::query_as("select state, failures from orrery.breaker where name = 'llm:first/m-1'")
            .fetch_optional(&self.world.app)
            .await
            .unwrap()
    }

    /// Lets a case happen to a row, and asserts that nobody wrote it and that all came as the case says.
    pub async fn shows(&self, case: &Case) {
        let code = case.code;
        self.play([case.replies.clone(), case.replies.clone()]);
        let before = self.asked();
        let id = self.row(case, 3, "0 s").await;
        let back = self.let_go(id, 1).await;
        assert_eq!(since(before, self.asked()), case.asked, "{code}\n{}", self.world.evidence());
        assert_eq!(self.calls(id).await, expected(case), "{code}");
        assert_eq!(
            self.breaker().await,
            case.breaker.map(|(state, failures)| (state.to_owned(), failures)),
            "{code}"
        );

        let told = self.world.run(&["explain", &id.to_string()]).1;
        let (status, burnt, errors) = match (&case.fate, back) {
            (Fate::Retried, Some(back)) => {
                assert_eq!((back.attempts, back.snoozes, back.last_code.as_deref()), (1, 0, Some(code)));
                says(&told, &["after attempt 1 ended with", code]);
                ("pending", 1, vec![format!("{code} retry ai_analysis t t")])
            }
            (Fate::Waits(seconds), Some(back)) => {
                assert_eq!((back.attempts, back.snoozes, back.last_code.as_deref()), (0, 1, Some(code)));
                assert!(seconds.contains(&back.wait_s), "{code}: {back:?}");
                says(&told, &["put off with", code]);
                ("pending", 0, Vec::new())
            }
            (Fate::Fails, None) => {
                says(&told, &["failed at", code, "orrery jobs retry"]);
                ("failed", 1, vec![format!("{code} permanent ai_analysis f t")])
            }
            (fate, back) => panic!("{code}: {fate:?}, but {back:?}\n{}", self.world.evidence()),
        };
        says(&told, &[case.says]);
        let row = standing(&self.world.app, REPORTS, id).await;
        assert_eq!(row.status, status, "{code}");
        let error = row.error.expect("the row says why");
        assert!(error.starts_with(&format!("{code}: ")) && error.contains(case.error), "{code}: {error}");
        assert_eq!(attempts(&self.world.app, id).await, burnt, "{code}");
        assert_eq!(self.errors(id).await, errors, "{code}");
        run(
            &self.world.app,
            "update report_generation_queue set status = 'cancelled' where status = 'pending'",
        )
        .await;
    }

    /// Lets a case happen to a row at its last attempt, and asserts that the narrator wrote it and says why.
    pub async fn shows_the_narrator(&self, case: &Case) {
        let code = case.code;
        self.play([case.replies.clone(), case.replies.clone()]);
        let before = self.asked();
        let id = self.row(case, 1, "0 s").await;
        self.assert_narrated(id, code).await;
        assert_eq!(since(before, self.asked()), case.asked, "{code}");
        assert_eq!(self.calls(id).await, expected(case), "{code}");
        assert_eq!(self.errors(id).await, Vec::<String>::new(), "{code}");
    }

    /// Asserts that a row completes with the narrator's words, and that the report says why.
    pub async fn assert_narrated(&self, id: Uuid, code: &str) {
        let report = stored(&self.world, id).await;
        let generation = report.get_document("generation").unwrap();
        assert_eq!(generation.get_str("generator").unwrap(), "narrator", "{code}: {generation}");
        assert!(generation.get_bool("degraded").unwrap(), "{code}: {generation}");
        assert_eq!(*generation.get_array("degradedReasons").unwrap(), [Bson::String(code.to_owned())]);
        let warnings = report.get_document("content").unwrap().get_array("warnings").unwrap();
        let warns = |line: &Bson| line.as_str().is_some_and(|line| line.contains("built-in narrator"));
        assert!(warnings.iter().any(warns), "{code}: {warnings:?}");
    }

    /// Stops the worker and removes everything.
    pub async fn end(self) {
        let Self { world, mut worker, .. } = self;
        assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
        world.close().await;
    }
}

/// Requests between two looks.
pub fn since(before: [usize; 2], now: [usize; 2]) -> [usize; 2] {
    [now[0] - before[0], now[1] - before[1]]
}

/// The calls of a case as they should stand in the accounts.
fn expected(case: &Case) -> Vec<Call> {
    let Recorded { tries, status, finish, tokens } = case.call;
    let state = if finish.is_some() { "answered" } else { "failed" };
    let of = |provider: &str| Call {
        provider: provider.to_owned(),
        state: state.to_owned(),
        error_code: finish.is_none().then(|| case.code.to_owned()),
        http_status: status,
        finish: finish.map(str::to_owned),
        tries: i32::try_from(tries).unwrap(),
        input_tokens: tokens.map(|(input, _)| input),
        output_tokens: tokens.map(|(_, output)| output),
        // Whoever did not answer in time may send a bill.
        assumed: case.code == "llm.timeout",
    };
    let [first, second] = case.asked.map(|asked| asked / tries);
    [vec![of("first"); first], vec![of("second"); second]].concat()
}
