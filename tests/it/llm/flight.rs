//! Reports that wait for a model: many hold no turn and no connection, a stop gives them all back, and one that is cancelled hangs up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Barrier;
use uuid::Uuid;

use super::listener::{Listener, Reply};
use super::model::{configured, report_for};
use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::rows::{self, REPORTS, count, run, standing};

/// Types that can be written about both people.
const KINDS: [&str; 6] = [
    "personality_role_specific",
    "behavior_company_specific",
    "compatibility_job_role",
    "compatibility_company",
    "compatibility_industry",
    "training_development",
];

const ALL: i64 = 12;

const PATIENCE: Duration = Duration::from_mins(1);

/// Time in which a report that is cancelled lets its call go.
const AT_ONCE: Duration = Duration::from_secs(2);

async fn ask_for_all(world: &World) -> Vec<Uuid> {
    let mut asked = Vec::new();
    for person in [ANNA, BEN] {
        for kind in KINDS {
            asked.push(rows::report(&world.app, person, kind).await);
        }
    }
    asked
}

/// A model that answers nobody before all have asked.
async fn answers_when_all_have_asked() -> String {
    async fn answer(State(all): State<Arc<Barrier>>, Json(question): Json<Value>) -> Json<Value> {
        let text = report_for(&question);
        all.wait().await;
        Json(json!({
            "id": "c-1", "model": "m-1", "choices": [{ "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 900, "completion_tokens": 100 },
        }))
    }
    let barrier = Arc::new(Barrier::new(usize::try_from(ALL).unwrap()));
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let router = Router::new().route("/v1/chat/completions", post(answer)).with_state(barrier);
    tokio::spawn(async move { axum::serve(socket, router).await });
    format!("http://127.0.0.1:{port}/v1")
}

#[tokio::test]
async fn reports_that_wait_for_a_model_hold_neither_a_turn_nor_a_connection() {
    let world = World::new().await;
    let url = answers_when_all_have_asked().await;
    let file = world.logs().join("models.toml");
    let text = format!(
        "[report]\nconcurrency = {ALL}\nprefetch = {ALL}\nturns = 1\n[postgres]\nmax_connections = 4\n\
         [llm]\nchain = [\"m\"]\n[[llm.provider]]\nname = \"m\"\nwire = \"openai\"\nbase_url = \"{url}\"\nmodel = \"m-1\"\nprice = \"free\"\n"
    );
    std::fs::write(&file, text).unwrap();
    let mut worker = world.worker(&[("ORRERY_CONFIG", file.to_str().unwrap())]).await;
    ask_for_all(&world).await;
    world
        .eventually(PATIENCE, "all reports are written", async || {
            let done =
                count(&world.app, "select count(*) from report_generation_queue where status = 'completed'")
                    .await;
            if done == ALL { Ok(()) } else { Err(format!("{done} are")) }
        })
        .await;
    let by_model = "select count(*) from orrery.llm_calls where usable and tries = 1";
    assert_eq!(count(&world.app, by_model).await, ALL, "each was asked once\n{}", world.evidence());
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_errors").await,
        0,
        "nobody waited in vain\n{}",
        world.evidence()
    );
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn a_stop_gives_all_reports_back_that_wait_for_a_model() {
    let world = World::new().await;
    let listener = Listener::start(vec![Reply::Silence]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let many = ALL.to_string();
    let mut worker = world
        .worker(&[
            ("ORRERY_CONFIG", &file),
            ("ORRERY_REPORT_CONCURRENCY", &many),
            ("ORRERY_REPORT_PREFETCH", &many),
            ("ORRERY_REPORT_TURNS", "2"),
            ("ORRERY_QUEUE_DRAIN_S", "1"),
        ])
        .await;
    let asked = ask_for_all(&world).await;
    world
        .eventually(PATIENCE, "the model is asked for all", async || {
            let seen = listener.seen().len();
            if seen == asked.len() { Ok(()) } else { Err(format!("{seen} questions were sent")) }
        })
        .await;
    // One row is held by the application: it alone must not keep the others from going back.
    let mut held = world.app.begin().await.unwrap();
    sqlx::query("select from report_generation_queue where id = $1 for update")
        .bind(asked[0])
        .execute(&mut *held)
        .await
        .unwrap();
    worker.signal("TERM");
    world
        .eventually(PATIENCE, "all but one are back", async || {
            let back = count(&world.app, "select count(*) from orrery.dispatch where state = 'ready'").await;
            if back == ALL - 1 { Ok(()) } else { Err(format!("{back} are back")) }
        })
        .await;
    held.rollback().await.unwrap();
    assert!(worker.ended(Duration::from_secs(30)).await.success(), "{}", worker.log());
    let untouched = "select count(*) from report_generation_queue q join orrery.dispatch d on d.queue = 'report' and d.job_id = q.id
                     where q.status = 'pending' and q.attempt_count = 0 and d.attempts = 0 and d.state = 'ready'";
    let back = count(&world.app, untouched).await;
    // The one that was held goes back when it is let go; if that came too late its lease runs out.
    assert!(back >= ALL - 1, "{back} are back as if they had never run\n{}", world.evidence());
    assert_eq!(count(&world.app, "select count(*) from report_generation_errors").await, 0);
    world.close().await;
}

#[tokio::test]
async fn an_update_to_cancelled_breaks_off_the_call_to_a_model_and_nothing_is_published() {
    let world = World::new().await;
    let listener = Listener::start(vec![Reply::Silence]).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file)]).await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    world
        .eventually(PATIENCE, "the model is asked", async || {
            if listener.seen().len() == 1 { Ok(()) } else { Err("it is not".to_owned()) }
        })
        .await;
    assert_eq!(listener.hung_up(), 0, "the report waits for the answer");
    run(&world.app, "update report_generation_queue set status = 'cancelled'").await;
    let cancelled = Instant::now();
    world
        .eventually(PATIENCE, "the worker hangs up", async || {
            if listener.hung_up() == 1 { Ok(()) } else { Err("it still waits".to_owned()) }
        })
        .await;
    let took = cancelled.elapsed();
    assert!(took < AT_ONCE, "{took:?}\n{}", world.evidence());
    // Whatever it still does, it has done when it has stopped.
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    assert_eq!(listener.seen().len(), 1, "nobody asked again");
    assert_eq!(standing(&world.app, REPORTS, id).await.status, "cancelled");
    world.assert_nothing_published().await;
    world.close().await;
}
