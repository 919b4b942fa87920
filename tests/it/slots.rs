//! Slots whose handler hangs, panics, or leaves the completion to the worker: a worker in the test's own process, with
//! handlers of the test.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use orrery::queue::{ClaimedJob, JobError, Queue};
use orrery::runtime::{Daemon, Done, Handler, Life, worker_id};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::World;
use crate::support::database;
use crate::support::platform::{ANNA, USER};
use crate::support::rows::{self, REPORTS, attempts, count, error_codes, run, says};

const KIND: &str = "training_development";

/// One slot with a short deadline, and hardly a wait between attempts.
const ONE_SLOT: [(&str, &str); 4] = [
    ("ORRERY_REPORT_CONCURRENCY", "1"),
    ("ORRERY_REPORT_PREFETCH", "1"),
    ("ORRERY_REPORT_DEADLINE_S", "1"),
    ("ORRERY_QUEUE_BACKOFF_BASE_MS", "1"),
];

/// Rows that end together.
const MANY: usize = 200;

/// Does on the first attempt what the row asks for: hangs, or panics. Otherwise the job ends well.
struct Obedient {
    under_way: Arc<AtomicUsize>,
}

/// A job, for as long as anything runs it.
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn begin(under_way: &Arc<AtomicUsize>) -> Self {
        under_way.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(under_way))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl Handler for Obedient {
    fn queue(&self) -> Queue {
        Queue::Report
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        let _under_way = UnderWay::begin(&self.under_way);
        if job.attempt == 1 {
            let columns = job.payload.columns();
            match columns["request_metadata"]["at_first"].as_str() {
                Some("hang") => std::future::pending::<()>().await,
                Some("panic") => panic!("a screw came loose"),
                _ => {}
            }
        }
        Ok(Done::Unpublished(Value::Null))
    }
}

/// Ends the first attempts of all rows at once.
struct Together {
    all: Barrier,
}

#[async_trait]
impl Handler for Together {
    fn queue(&self) -> Queue {
        Queue::Report
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        if job.attempt == 1 {
            self.all.wait().await;
        }
        Ok(Done::Unpublished(Value::Null))
    }
}

/// Runs a worker with this handler until `seen` has come to its end; then the worker must stop well.
async fn worker_until(
    world: &World,
    settings: &[(&str, &str)],
    handler: impl Handler,
    seen: impl Future<Output = ()>,
) {
    let config = database::config(&world.environment(settings));
    let handlers: Vec<Arc<dyn Handler>> = vec![Arc::new(handler)];
    let daemon = Daemon::new(config, world.worker_pool.clone(), worker_id(), handlers, Life::default());
    let stop = CancellationToken::new();
    let running = Box::pin(daemon.run(stop.clone(), CancellationToken::new()));
    let looking = async {
        seen.await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(running, looking);
    ended.unwrap();
}

/// The only slot of a worker has one row that does this on its first attempt, and one that ends well; both must complete, and
/// the error of the first attempt must have this code and these words.
async fn only_slot_goes_on(at_first: &str, code: &str, words: &str) {
    let world = World::new().await;
    let parameters = json!({ "at_first": at_first });
    let row = rows::report_with(&world.app, ANNA, KIND, "manual_request", parameters).await;
    let next = rows::report(&world.app, ANNA, KIND).await;
    let under_way = Arc::new(AtomicUsize::new(0));
    let handler = Obedient { under_way: Arc::clone(&under_way) };
    worker_until(&world, &ONE_SLOT, handler, async {
        world.completed(REPORTS, row).await;
        world.completed(REPORTS, next).await;
    })
    .await;
    assert_eq!(under_way.load(Ordering::SeqCst), 0, "nothing of the first attempt runs on unseen");
    assert_eq!(error_codes(&world.app, row).await, [code]);
    assert_eq!(attempts(&world.app, row).await, 2, "the row went back and was tried again");
    let (message, again): (String, bool) = sqlx::query_as(
        "select error_message, (retry_attempted and retry_successful) is true from report_generation_errors where queue_id = $1",
    )
    .bind(row)
    .fetch_one(&world.app)
    .await
    .unwrap();
    says(&message, &[words]);
    assert!(again, "the error says that the second attempt worked");
    assert_eq!(attempts(&world.app, next).await, 1);
    assert_eq!(error_codes(&world.app, next).await.len(), 0, "its neighbour is not blamed");
    world.close().await;
}

#[tokio::test]
async fn a_job_past_its_deadline_is_tried_again_and_its_slot_goes_on() {
    only_slot_goes_on("hang", "job.deadline", "deadline_s").await;
}

#[tokio::test]
async fn a_job_that_panics_is_tried_again_and_its_slot_goes_on() {
    only_slot_goes_on("panic", "internal.panic", "a screw came loose").await;
}

/// From now on the application's table refuses to let this row complete, and counts how often it was refused together with others.
async fn refuse(world: &World, row: Uuid) {
    run(
        &world.app,
        &format!(
            "create sequence refused_with_others;
             create function refuse() returns trigger language plpgsql as $$
             begin
               if exists (select from changed c where c.id = '{row}' and c.status = 'completed') then
                 if (select count(*) from changed) > 1 then
                   perform nextval('refused_with_others');
                 end if;
                 raise exception 'the application refuses';
               end if;
               return null;
             end $$;
             create trigger refuse after update on report_generation_queue
             referencing new table as changed for each statement execute function refuse()"
        ),
    )
    .await;
}

#[tokio::test]
async fn a_row_that_its_table_refuses_to_complete_fails_alone_and_its_whole_batch_completes() {
    let world = World::new().await;
    let many = i64::try_from(MANY).unwrap();
    let asked: Vec<Uuid> = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by)
         select $1, $2, $3 from generate_series(1, $4::bigint) returning id",
    )
    .bind(ANNA)
    .bind(KIND)
    .bind(USER)
    .bind(many)
    .fetch_all(&world.app)
    .await
    .unwrap();
    let refused = asked[MANY / 2];
    refuse(&world, refused).await;
    let slots = MANY.to_string();
    let settings = [
        ("ORRERY_REPORT_CONCURRENCY", slots.as_str()),
        ("ORRERY_REPORT_PREFETCH", slots.as_str()),
        ("ORRERY_QUEUE_BACKOFF_BASE_MS", "1"),
    ];
    let handler = Together { all: Barrier::new(MANY) };
    worker_until(&world, &settings, handler, async {
        says(&world.failed(REPORTS, refused).await, &["the application refuses"]);
        world
            .eventually(Duration::from_secs(10), "all others are completed", async || {
                let done =
                    "select count(*) from report_generation_queue where status = 'completed' and attempt_count = 1";
                let done = count(&world.app, done).await;
                if done == many - 1 { Ok(()) } else { Err(format!("{done} are")) }
            })
            .await;
    })
    .await;
    // A sequence keeps what was counted in a transaction that was rolled back.
    let with_others = "select case when is_called then last_value else 0 end from refused_with_others";
    assert_eq!(count(&world.app, with_others).await, 1, "the first refusal met a batch");
    assert_eq!(error_codes(&world.app, refused).await, ["store.postgres_error"; 3]);
    assert_eq!(attempts(&world.app, refused).await, 3);
    assert_eq!(count(&world.app, "select count(*) from report_generation_errors").await, 3);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    world.close().await;
}
