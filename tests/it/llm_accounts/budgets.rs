//! What may be spent in a month and by one job.

use std::time::Duration;

use orrery::llm::account::budget::{self, Limits};
use orrery::llm::guard::Guard as _;
use orrery::llm::kind::Kind;
use orrery::queue::{JobError, Queue, Stage, explain};
use orrery::store::pg::{self, Role};

use super::asking::{
    COST, RESERVED, account, account_on, answer, ask, call, failure, of_job, of_organization, request, send,
    settings, spend,
};
use crate::support::World;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, dispatch};

const KIND: &str = "personality_role_specific";

fn of_month(nano_usd: Option<i64>, tokens: Option<i64>, calls: Option<i64>) -> Limits {
    Limits { nano_usd, tokens, calls }
}

#[tokio::test]
async fn what_is_set_aside_counts_until_it_is_known_what_was_spent() {
    let world = World::new().await;
    let mut settings = settings(&world);
    settings.month = of_month(Some(2 * RESERVED), None, None);
    let account = account(&world, settings).await;
    let guard = of_organization(&account, "a");
    let questions = [request("1"), request("2"), request("3")];
    let first = send(&guard, &call(&questions[0])).await;
    let second = send(&guard, &call(&questions[1])).await;
    let refused = guard.permit(&call(&questions[2])).await.unwrap_err();
    assert_eq!(refused.kind, Kind::BudgetExceeded, "{refused}");
    let until_next_month: f64 = sqlx::query_scalar(
        "select extract(epoch from (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC' - now())::float8",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    let hint = refused.hint.expect("it says when the month ends").as_secs_f64();
    assert!((until_next_month - 5.0..until_next_month + 610.0).contains(&hint), "{hint} {until_next_month}");
    of_organization(&account, "b")
        .permit(&call(&questions[2]))
        .await
        .expect("another organization has its own");

    guard.record(&call(&questions[0]), &first, &answer("x")).await.unwrap();
    guard.settle(&call(&questions[0]), first, Ok(&answer("x"))).await;
    guard.settle(&call(&questions[1]), second, Err(&failure(Kind::Overloaded))).await;
    assert_eq!(spend(&world.app, "a").await, (2, 0, COST, 0, 0));
    ask(&guard, &call(&request("4")), &answer("x")).await;
    world.close().await;
}

#[tokio::test]
async fn tokens_and_calls_have_limits_of_their_own() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    for (organization, limits, what) in [
        ("tokens", of_month(None, Some(2 * 300), None), "tokens"),
        ("calls", of_month(None, None, Some(2)), "calls"),
    ] {
        budget::set(&world.app, organization, limits, None).await.unwrap();
        let guard = of_organization(&account, organization);
        let permitted = [request(&format!("{what} 1")), request(&format!("{what} 2"))];
        for question in &permitted {
            send(&guard, &call(question)).await;
        }
        let refused = guard.permit(&call(&request(&format!("{what} 3")))).await.unwrap_err();
        assert!(refused.kind == Kind::BudgetExceeded && refused.to_string().contains(what), "{refused}");
    }
    world.close().await;
}

#[tokio::test]
async fn three_workers_that_race_never_pass_the_limit_together() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let mut settings = settings(&world);
    settings.month = of_month(None, None, Some(20));
    let mut racing = tokio::task::JoinSet::new();
    for worker in 0..3 {
        let pool = pg::connect(&world.config.postgres, Role::Worker).await.unwrap();
        let account = account_on(&world, pool, settings.clone(), Vec::new()).await;
        for number in 0..15 {
            let guard = of_organization(&account, "a");
            racing.spawn(async move {
                let question = request(&format!("{worker} {number}"));
                guard.permit(&call(&question)).await.map(drop).map_err(|error| error.kind)
            });
        }
    }
    let ended = racing.join_all().await;
    assert_eq!(ended.iter().filter(|permit| permit.is_ok()).count(), 20);
    assert!(
        ended.iter().all(|permit| !matches!(permit, Err(kind) if *kind != Kind::BudgetExceeded)),
        "{ended:?}"
    );
    world.close().await;
}

#[tokio::test]
async fn a_row_that_waits_for_budget_says_so_and_runs_when_the_limit_is_raised() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, KIND).await;
    let job = world.claim_one(Queue::Report).await;
    let over =
        JobError::snooze(Stage::Analyse, Kind::BudgetExceeded.code(), "no budget", Duration::from_hours(24));
    world.settle(&job, &over).await;
    let id = job.lease.job_id;
    let parked = dispatch(&world.app, id).await.unwrap();
    assert!(parked.wait_s > 80_000.0 && parked.attempts == 0, "{parked:?}");
    let standing = explain::standing(&world.app, id, 12.0).await.unwrap().unwrap();
    let reasons = standing.reasons();
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(codes, ["later", "llm.budget", "workers.none"]);
    let company = COMPANY.to_string();
    assert!(reasons[1].way_out.contains(&format!("orrery llm budget set {company}")), "{reasons:?}");

    budget::set(&world.app, "somebody else", of_month(None, None, None), None).await.unwrap();
    assert!(dispatch(&world.app, id).await.unwrap().wait_s > 80_000.0);
    budget::set(&world.app, &company, of_month(Some(1), None, None), None).await.unwrap();
    assert_eq!(world.claim_one(Queue::Report).await.lease.job_id, id);
    world.close().await;
}

#[tokio::test]
async fn one_job_has_limits_over_all_its_attempts() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, KIND).await;
    let job = world.claim_one(Queue::Report).await;
    for (limits, what) in [
        (of_month(None, None, Some(1)), "calls"),
        (of_month(None, Some(120 + 299), None), "tokens"),
        (of_month(Some(COST + RESERVED - 1), None, None), "usd"),
    ] {
        let mut settings = settings(&world);
        settings.job = limits;
        let account = account(&world, settings).await;
        let guard = of_job(&account, &job);
        let question = request(what);
        ask(&guard, &call(&question), &answer("x")).await;
        let refused = guard.permit(&call(&request("one more"))).await.unwrap_err();
        assert_eq!(refused.kind, Kind::JobBudgetExceeded);
        assert!(refused.to_string().contains(&format!("job_{what}")), "{refused}");
        assert!(guard.stored(&call(&question)).await.unwrap().is_some(), "what is paid can be read");
        sqlx::query("delete from orrery.llm_calls").execute(&world.app).await.unwrap();
    }
    world.close().await;
}
