//! A model that fails is left alone by the whole fleet; the queue goes on.

use std::time::Duration;

use orrery::llm::account::JobAccount;
use orrery::llm::guard::{Call, Guard as _};
use orrery::llm::kind::Kind;
use orrery::queue::{JobError, Queue, Stage, explain, pulse};

use super::asking::{account, call, call_of, failure, of_organization, request, seen, send, settings};
use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, run};

const REPORT: &str = "personality_role_specific";

/// A call with one request that ends like this.
async fn once(guard: &JobAccount, call: &Call<'_>, kind: Option<Kind>) {
    let permit = guard.permit(call).await.unwrap();
    let error = kind.map(failure);
    seen(guard, call, &permit, error.as_ref()).await;
    guard.settle(call, permit, Err(&failure(kind.unwrap_or(Kind::BadRequest)))).await;
}

async fn state(world: &World) -> String {
    sqlx::query_scalar("select state from orrery.breaker where name = 'llm:openai/gpt-4o'")
        .fetch_one(&world.app)
        .await
        .unwrap()
}

async fn rest_s(world: &World) -> f64 {
    sqlx::query_scalar(
        "select extract(epoch from probe_at - now())::float8 from orrery.breaker where queues = '{}'",
    )
    .fetch_one(&world.app)
    .await
    .unwrap()
}

#[tokio::test]
async fn five_failures_in_a_row_open_it_for_all_workers_and_for_that_model_alone() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    for _ in 0..4 {
        once(&guard, &call(&question), Some(Kind::Overloaded)).await;
    }
    once(&guard, &call(&question), None).await;
    for _ in 0..4 {
        once(&guard, &call(&question), Some(Kind::Timeout)).await;
        run(&world.app, "update orrery.breaker set calls = '{99,0,0,0,0,0}'").await;
    }
    assert_eq!(state(&world).await, "closed", "the good one began the count anew");
    once(&guard, &call(&question), Some(Kind::Connect)).await;
    assert_eq!(state(&world).await, "open");
    assert!((55.0..=60.0).contains(&rest_s(&world).await));

    let other = of_organization(&super::asking::account(&world, settings(&world)).await, "b");
    let refused = other.permit(&call(&question)).await.unwrap_err();
    assert_eq!(refused.kind, Kind::CircuitOpen);
    assert!(refused.hint.unwrap() > Duration::from_secs(50), "{refused:?}");
    other.permit(&call_of(&question, "openai", "gpt-4o-mini")).await.expect("another model is asked");

    // Nothing of the queue is held up, and no worker probes it beside the calls.
    rows::report(&world.app, ANNA, REPORT).await;
    world.claim_one(Queue::Report).await;
    run(&world.app, "update orrery.breaker set probe_at = now() - interval '1 s'").await;
    assert!(pulse::pulse(&world.worker_pool).await.unwrap().probes.is_empty());
    world.close().await;
}

#[tokio::test]
async fn a_fifth_of_ten_requests_opens_it_and_refusals_never_do() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    for kind in [None, Some(Kind::RateLimited), Some(Kind::Overloaded)] {
        once(&guard, &call(&question), kind).await;
    }
    for _ in 0..6 {
        once(&guard, &call(&question), Some(Kind::RateLimited)).await;
    }
    assert_eq!(state(&world).await, "closed");
    once(&guard, &call(&question), Some(Kind::Overloaded)).await;
    assert_eq!(state(&world).await, "open", "two of ten");
    world.close().await;
}

#[tokio::test]
async fn requests_of_more_than_a_minute_ago_do_not_count() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    for _ in 0..3 {
        once(&guard, &call(&question), Some(Kind::Overloaded)).await;
    }
    run(&world.app, "update orrery.breaker set slice = slice - 6, failures = 0").await;
    for _ in 0..9 {
        once(&guard, &call(&question), None).await;
    }
    once(&guard, &call(&question), Some(Kind::Overloaded)).await;
    assert_eq!(state(&world).await, "closed", "one of ten");
    world.close().await;
}

#[tokio::test]
async fn a_refused_key_opens_it_at_once_for_long() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    once(&guard, &call(&request("Who?")), Some(Kind::Auth)).await;
    assert_eq!(state(&world).await, "open");
    assert!((890.0..=900.0).contains(&rest_s(&world).await));
    world.close().await;
}

#[tokio::test]
async fn rows_that_wait_for_a_key_or_for_money_run_when_a_call_is_answered_again() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let questions = [request("Who?"), request("Why?")];
    for (kind, report) in [(Kind::Auth, REPORT), (Kind::QuotaExhausted, "training_development")] {
        once(&guard, &call(&questions[0]), Some(kind)).await;
        let refused = guard.permit(&call(&questions[1])).await.unwrap_err();
        assert_eq!(refused.kind, kind, "{refused}");
        rows::report(&world.app, ANNA, report).await;
        let job = world.claim_one(Queue::Report).await;
        let wait = refused.hint.unwrap();
        let put_off = JobError::snooze(Stage::Analyse, kind.code(), refused.to_string(), wait);
        world.settle(&job, &put_off).await;
        assert!(world.claim(Queue::Report, 5).await.is_empty(), "{kind:?}");

        run(&world.app, "update orrery.breaker set probe_at = now() - interval '1 s'").await;
        once(&guard, &call(&questions[0]), None).await;
        assert_eq!(state(&world).await, "closed");
        assert_eq!(world.claim_one(Queue::Report).await.lease.job_id, job.lease.job_id, "{kind:?}");
    }
    world.close().await;
}

#[tokio::test]
async fn one_call_probes_it_a_bad_one_doubles_the_rest_and_a_good_one_wakes_the_rows_that_wait() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let (one, other) = (of_organization(&account, "a"), of_organization(&account, "b"));
    let questions = [request("Who?"), request("Why?")];
    let calls = [call(&questions[0]), call(&questions[1])];
    for _ in 0..5 {
        once(&one, &calls[0], Some(Kind::Overloaded)).await;
    }
    rows::report(&world.app, ANNA, REPORT).await;
    let job = world.claim_one(Queue::Report).await;
    let put_off =
        JobError::snooze(Stage::Analyse, Kind::CircuitOpen.code(), "left alone", Duration::from_mins(10));
    world.settle(&job, &put_off).await;
    let standing = explain::standing(&world.app, job.lease.job_id, 12.0).await.unwrap().unwrap();
    let reasons = standing.reasons();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.code == "llm.breaker" && reason.way_out.contains("close openai/gpt-4o")),
        "{reasons:?}"
    );

    for (kind, rest) in [(Some(Kind::Overloaded), 120.0), (Some(Kind::Overloaded), 240.0), (None, 0.0)] {
        run(&world.app, "update orrery.breaker set probe_at = now() - interval '1 s'").await;
        let permit = send(&one, &calls[0]).await;
        let refused = other.permit(&calls[1]).await.unwrap_err();
        assert_eq!(refused.kind, Kind::CircuitOpen, "one probe at a time");
        let error = kind.map(failure);
        seen(&one, &calls[0], &permit, error.as_ref()).await;
        one.settle(&calls[0], permit, Err(&failure(Kind::BadRequest))).await;
        if kind.is_some() {
            assert!((rest - 5.0..=rest).contains(&rest_s(&world).await), "{}", rest_s(&world).await);
        }
    }
    assert_eq!(state(&world).await, "closed");
    other.permit(&calls[1]).await.unwrap();
    assert_eq!(world.claim_one(Queue::Report).await.lease.job_id, job.lease.job_id);
    let events: Vec<String> = sqlx::query_scalar("select topic from orrery.outbox order by id")
        .fetch_all(&world.app)
        .await
        .unwrap();
    assert_eq!(events, ["breaker.opened", "breaker.closed"]);
    world.close().await;
}

#[tokio::test]
async fn a_probe_whose_worker_died_is_taken_over() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let questions = [request("Who?"), request("Why?")];
    once(&guard, &call(&questions[0]), Some(Kind::Auth)).await;
    for question in &questions {
        run(&world.app, "update orrery.breaker set probe_at = now() - interval '1 s'").await;
        guard.permit(&call(question)).await.expect("the probe is due");
        assert_eq!(state(&world).await, "half_open");
    }
    world.close().await;
}
