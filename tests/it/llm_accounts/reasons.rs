//! Why a model is left alone is told until its breaker closes, whatever calls that were under way run into.

use orrery::llm::account::JobAccount;
use orrery::llm::guard::{Call, Guard as _, Permit};
use orrery::llm::kind::Kind;

use super::asking::{account, call, failure, of_organization, request, seen, settings};
use crate::support::World;
use crate::support::rows::run;

/// State and reason of the breaker.
async fn breaker(world: &World) -> (String, String) {
    sqlx::query_as("select state, reason from orrery.breaker where name = 'llm:openai/gpt-4o'")
        .fetch_one(&world.app)
        .await
        .unwrap()
}

/// A call under way ends like this.
async fn ends(guard: &JobAccount, call: &Call<'_>, permit: Permit, kind: Option<Kind>) {
    let error = kind.map(failure);
    seen(guard, call, &permit, error.as_ref()).await;
    guard.settle(call, permit, Err(&failure(kind.unwrap_or(Kind::BadRequest)))).await;
}

#[tokio::test]
async fn a_refused_key_stays_the_reason_until_the_breaker_closes() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let questions = [request("1"), request("2"), request("3")];
    let calls = [call(&questions[0]), call(&questions[1]), call(&questions[2])];
    let (first, second) = (guard.permit(&calls[0]).await.unwrap(), guard.permit(&calls[1]).await.unwrap());
    ends(&guard, &calls[0], first, Some(Kind::Auth)).await;
    ends(&guard, &calls[1], second, Some(Kind::Timeout)).await;
    let (state, reason) = breaker(&world).await;
    assert!(state == "open" && reason.starts_with("llm.auth:"), "{state}, {reason}");
    let refused = guard.permit(&calls[2]).await.unwrap_err();
    assert_eq!(refused.kind, Kind::Auth, "no other provider is paid in its place: {refused}");

    // A probe that fails for another reason does not hide it either; one that is answered ends it.
    for (kind, left) in [(Some(Kind::Overloaded), "open"), (None, "closed")] {
        run(&world.app, "update orrery.breaker set probe_at = now() - interval '1 s'").await;
        let probe = guard.permit(&calls[2]).await.expect("the probe is due");
        ends(&guard, &calls[2], probe, kind).await;
        let (state, reason) = breaker(&world).await;
        assert!(state == left && reason.starts_with("llm.auth:"), "{kind:?}: {state}, {reason}");
    }
    for _ in 0..5 {
        let permit = guard.permit(&calls[0]).await.unwrap();
        ends(&guard, &calls[0], permit, Some(Kind::Timeout)).await;
    }
    let (state, reason) = breaker(&world).await;
    assert!(state == "open" && reason.starts_with("llm.timeout:"), "{state}, {reason}");
    world.close().await;
}

#[tokio::test]
async fn a_failure_over_which_a_person_must_act_takes_the_place_of_one_that_passes() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let questions = [request("1"), request("2")];
    let calls = [call(&questions[0]), call(&questions[1])];
    let under_way = guard.permit(&calls[0]).await.unwrap();
    for _ in 0..5 {
        let permit = guard.permit(&calls[1]).await.unwrap();
        ends(&guard, &calls[1], permit, Some(Kind::Overloaded)).await;
    }
    assert_eq!(guard.permit(&calls[1]).await.unwrap_err().kind, Kind::CircuitOpen);
    ends(&guard, &calls[0], under_way, Some(Kind::QuotaExhausted)).await;
    let (state, reason) = breaker(&world).await;
    assert!(state == "open" && reason.starts_with("llm.quota_exhausted:"), "{state}, {reason}");
    assert_eq!(guard.permit(&calls[1]).await.unwrap_err().kind, Kind::QuotaExhausted);
    world.close().await;
}
