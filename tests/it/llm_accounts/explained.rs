//! `orrery explain` has words for every reason for which a row waits for a language model.

use std::time::Duration;

use orrery::llm::guard::Guard as _;
use orrery::llm::kind::{Kind, Last};
use orrery::queue::{JobError, Queue, Stage, explain};

use super::asking::{account, call, failure, of_organization, request, seen, settings};
use crate::support::World;
use crate::support::jobs::end_waits;
use crate::support::platform::ANNA;
use crate::support::rows;

/// What puts a row off, and the reason that is given.
const EXPLAINED: [(Kind, &str); 10] = [
    (Kind::RateLimited, "llm.limit"),
    (Kind::LocalRateLimit, "llm.limit"),
    (Kind::DailyQuota, "llm.daily_quota"),
    (Kind::Overloaded, "llm.overloaded"),
    (Kind::QuotaExhausted, "llm.breaker"),
    (Kind::Auth, "llm.breaker"),
    (Kind::CircuitOpen, "llm.breaker"),
    (Kind::Store, "llm.store"),
    (Kind::BudgetExceeded, "llm.budget"),
    (Kind::BatchWaiting, "llm.batch"),
];

#[test]
fn no_kind_of_wait_is_left_out() {
    let waits = |kind: &Kind| matches!(kind.policy().last, Last::Snooze(_) | Last::Park(_) | Last::Await(_));
    // A question whose batch expired is asked directly: no row waits with that code.
    for kind in Kind::ALL.into_iter().filter(|kind| waits(kind) && *kind != Kind::BatchExpired) {
        assert!(EXPLAINED.iter().any(|(explained, _)| *explained == kind), "{}", kind.code());
    }
}

#[tokio::test]
async fn a_row_that_waits_for_a_model_says_for_what_and_what_can_be_done() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    let call = call(&question);
    let permit = guard.permit(&call).await.unwrap();
    seen(&guard, &call, &permit, Some(&failure(Kind::Auth))).await;
    guard.settle(&call, permit, Err(&failure(Kind::Auth))).await;

    let id = rows::report(&world.app, ANNA, "personality_role_specific").await;
    let codes = EXPLAINED.map(|(kind, reason)| (kind.code(), reason));
    for (code, reason) in codes.into_iter().chain([("llm.prompt_unknown", "llm.prompt")]) {
        let job = world.claim_one(Queue::Report).await;
        let put_off = JobError::snooze(Stage::Analyse, code, "why it waits", Duration::from_mins(10));
        world.settle(&job, &put_off).await;
        let reasons = explain::standing(&world.app, id, 12.0).await.unwrap().unwrap().reasons();
        let given: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
        assert_eq!(given, ["later", reason, "workers.none"], "{code}");
        assert!(reasons[0].what.contains(code), "{reasons:?}");
        assert!(!reasons[1].way_out.is_empty(), "{reasons:?}");
        if code == "llm.prompt_unknown" {
            assert!(reasons[1].what.contains("why it waits"), "{reasons:?}");
            assert!(reasons[1].way_out.contains("orrery.organization_policy"), "{reasons:?}");
        }
        end_waits(&world.app).await;
    }
    world.close().await;
}
