//! Workers that die between permit, answer and booking.

use orrery::llm::account::Swept;
use orrery::llm::guard::Guard as _;
use orrery::llm::kind::Kind;
use orrery::queue::{ClaimedJob, Queue};

use super::asking::{
    COST, RESERVED, account, answer, call, calls, failure, of_job, request, send, settings, spend,
};
use crate::support::World;
use crate::support::jobs::end_leases;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, run};

const KIND: &str = "personality_role_specific";

/// A row whose worker dies after the claim, and the claim of the next worker.
async fn taken_over(world: &World) -> ClaimedJob {
    end_leases(&world.app).await;
    world.rescue(Queue::Report).await;
    world.claim_one(Queue::Report).await
}

#[tokio::test]
async fn a_worker_killed_after_the_answer_was_committed_does_not_pay_again() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    rows::report(&world.app, ANNA, KIND).await;
    let first = world.claim_one(Queue::Report).await;
    let question = request("Who?");
    let call = call(&question);
    let guard = of_job(&account, &first);
    let permit = send(&guard, &call).await;
    guard.record(&call, &permit, &answer("Person A.")).await.unwrap();
    // It dies here: nothing is booked.
    let second = taken_over(&world).await;
    let guard = of_job(&account, &second);
    assert_eq!(guard.stored(&call).await.unwrap().map(|answer| answer.text).as_deref(), Some("Person A."));
    assert_eq!(calls(&world.app).await, [("answered".to_owned(), Some(COST), 1)]);

    run(&world.app, "update orrery.llm_calls set ended_at = ended_at - interval '2 minutes'").await;
    assert_eq!(account.sweep().await.unwrap(), Swept { booked: 1, ..Swept::default() });
    assert_eq!(spend(&world.app, &COMPANY.to_string()).await, (1, 0, COST, 0, 0));
    assert_eq!(account.sweep().await.unwrap(), Swept::default(), "nothing is booked twice");
    world.close().await;
}

#[tokio::test]
async fn an_answer_that_reached_mongodb_only_is_taken_over_by_the_next_run() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    rows::report(&world.app, ANNA, KIND).await;
    let first = world.claim_one(Queue::Report).await;
    let question = request("Who?");
    let call = call(&question);
    let guard = of_job(&account, &first);
    let permit = send(&guard, &call).await;
    guard.record(&call, &permit, &answer("Person A.")).await.unwrap();
    // As PostgreSQL stood before the answer.
    run(
        &world.app,
        "update orrery.llm_calls set state = 'in_flight', ended_at = null, cost_nano_usd = null, input_tokens = null",
    )
    .await;
    // Its own stores failed the first worker: the call is left open for the next run.
    guard.settle(&call, permit, Err(&failure(Kind::Store))).await;
    assert_eq!(calls(&world.app).await[0].0, "in_flight");

    let second = taken_over(&world).await;
    let stored = of_job(&account, &second).stored(&call).await.unwrap();
    assert_eq!(stored.map(|answer| answer.text).as_deref(), Some("Person A."));
    assert_eq!(calls(&world.app).await, [("answered".to_owned(), Some(COST), 0)]);
    assert_eq!(spend(&world.app, &COMPANY.to_string()).await, (1, 0, COST, 0, 0));
    world.close().await;
}

#[tokio::test]
async fn a_call_under_way_when_its_worker_died_is_unknown_and_its_late_answer_is_booked() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    rows::report(&world.app, ANNA, KIND).await;
    let first = world.claim_one(Queue::Report).await;
    let question = request("Who?");
    let call = call(&question);
    let zombie = of_job(&account, &first);
    let stale = send(&zombie, &call).await;

    let second = taken_over(&world).await;
    let guard = of_job(&account, &second);
    assert!(guard.stored(&call).await.unwrap().is_none());
    let permit = send(&guard, &call).await;
    let company = COMPANY.to_string();
    assert_eq!(spend(&world.app, &company).await, (1, 1, 0, RESERVED, RESERVED), "it may have been paid");

    // The zombie wakes up and has an answer after all.
    zombie.record(&call, &stale, &answer("too late")).await.unwrap();
    zombie.settle(&call, stale, Ok(&answer("too late"))).await;
    guard.record(&call, &permit, &answer("in time")).await.unwrap();
    guard.settle(&call, permit, Ok(&answer("in time"))).await;
    let states: Vec<String> = calls(&world.app).await.into_iter().map(|(state, ..)| state).collect();
    assert_eq!(states, ["late", "answered"]);
    assert_eq!(spend(&world.app, &company).await, (2, 0, 2 * COST, 0, 0), "both were paid");
    assert_eq!(guard.stored(&call).await.unwrap().map(|answer| answer.text).as_deref(), Some("in time"));
    world.close().await;
}

#[tokio::test]
async fn the_same_run_may_ask_again_after_it_dropped_its_call() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    rows::report(&world.app, ANNA, KIND).await;
    let job = world.claim_one(Queue::Report).await;
    let question = request("Who?");
    let call = call(&question);
    let guard = of_job(&account, &job);
    guard.permit(&call).await.unwrap();
    let permit = send(&guard, &call).await;
    guard.settle(&call, permit, Err(&failure(Kind::Overloaded))).await;
    let states: Vec<String> = calls(&world.app).await.into_iter().map(|(state, ..)| state).collect();
    assert_eq!(states, ["failed"], "of the first nothing had been sent");
    world.close().await;
}

#[tokio::test]
async fn calls_that_nobody_comes_back_for_are_given_up_by_the_sweep() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    rows::report(&world.app, ANNA, KIND).await;
    let job = world.claim_one(Queue::Report).await;
    let guard = of_job(&account, &job);
    let questions = [request("sent"), request("not sent"), request("answered")];
    send(&guard, &call(&questions[0])).await;
    guard.permit(&call(&questions[1])).await.unwrap();
    let permit = send(&guard, &call(&questions[2])).await;
    guard.record(&call(&questions[2]), &permit, &answer("yes")).await.unwrap();
    run(
        &world.app,
        "update orrery.llm_calls set state = 'in_flight', expires_at = now() - interval '1 second'",
    )
    .await;
    assert_eq!(account.sweep().await.unwrap(), Swept { adopted: 1, unknown: 1, ..Swept::default() });
    let mut states: Vec<String> = calls(&world.app).await.into_iter().map(|(state, ..)| state).collect();
    states.sort();
    assert_eq!(states, ["answered", "unknown"]);
    assert_eq!(spend(&world.app, &COMPANY.to_string()).await, (2, 0, COST, RESERVED, 0));
    world.close().await;
}
