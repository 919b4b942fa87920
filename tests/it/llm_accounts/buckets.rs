//! Limits of providers, kept by all workers together. Turns are handed out as times, so nothing here waits for them.

use std::time::Duration;

use orrery::llm::account::{Account, Terms};
use orrery::llm::guard::{Exchange, Guard as _};
use orrery::llm::kind::Kind;
use orrery::llm::limits::Limits;
use orrery::store::pg::{self, Role};
use sqlx::PgPool;
use uuid::Uuid;

use super::asking::{account_on, answer, call_of, failure, of_organization, request, send, settings};
use crate::support::World;
use crate::support::rows::{count, run};

/// A request that may wait for as long as it takes.
struct Turn<'a> {
    provider: &'a str,
    tokens: i64,
    requests_limit: Option<f64>,
    tokens_limit: Option<f64>,
    patience_s: f64,
}

impl Turn<'_> {
    /// When the request may begin, in seconds from now, or when to come back.
    async fn take(&self, pool: &PgPool) -> (bool, f64) {
        let id = a_call(pool, self).await;
        sqlx::query_as("select admitted, wait_s from orrery.llm_admit($1, $2, 'm', '', $3, $4, $5, $6, 0)")
            .bind(id)
            .bind(self.provider)
            .bind(self.tokens)
            .bind(self.requests_limit)
            .bind(self.tokens_limit)
            .bind(self.patience_s)
            .fetch_one(pool)
            .await
            .unwrap()
    }
}

async fn a_call(pool: &PgPool, turn: &Turn<'_>) -> Uuid {
    sqlx::query_scalar(
        "insert into orrery.llm_calls (id, request_digest, state, purpose, provider, model, prompt_id, prompt_version, month, created_at, expires_at, reserved_tokens)
         select u, encode(sha256(u::text::bytea), 'hex'), 'in_flight', 'test', $1, 'm', 'p', '1', '2026-01-01', now(), now() + interval '1 hour', $2
         from gen_random_uuid() u returning id",
    )
    .bind(turn.provider)
    .bind(turn.tokens)
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Beginning and tokens of each request of a provider, in order of time, in seconds.
async fn begun(pool: &PgPool, provider: &str) -> Vec<(f64, i64)> {
    sqlx::query_as(
        "select extract(epoch from sent_at)::float8, reserved_tokens from orrery.llm_calls where provider = $1 and sent_at is not null order by sent_at",
    )
    .bind(provider)
    .fetch_all(pool)
    .await
    .unwrap()
}

/// The most that any window of this many seconds holds, both of its ends included.
fn most(begun: &[(f64, i64)], window_s: f64, of: impl Fn(&(f64, i64)) -> i64) -> i64 {
    let in_window =
        |start: f64| begun.iter().filter(|(at, _)| (start..=start + window_s).contains(at)).map(&of).sum();
    begun.iter().map(|(at, _)| in_window(*at)).max().unwrap_or(0)
}

#[tokio::test]
async fn two_limits_of_sixty_in_a_minute_are_kept_exactly_by_three_workers_that_race() {
    let world = World::new().await;
    let mut racing = tokio::task::JoinSet::new();
    for _ in 0..3 {
        let pool = pg::connect(&world.config.postgres, Role::Worker).await.unwrap();
        for number in 0..120 {
            let pool = pool.clone();
            racing.spawn(async move {
                let provider = if number % 2 == 0 { "one" } else { "other" };
                let turn = Turn {
                    provider,
                    tokens: 10,
                    requests_limit: Some(60.0),
                    tokens_limit: None,
                    patience_s: 1e6,
                };
                turn.take(&pool).await.0
            });
        }
    }
    assert!(racing.join_all().await.into_iter().all(|admitted| admitted));
    for provider in ["one", "other"] {
        let begun = begun(&world.app, provider).await;
        assert_eq!(begun.len(), 180);
        assert_eq!(most(&begun, 60.0, |_| 1), 60, "the limit is reached and never passed");
        assert!(most(&begun, 60.9, |_| 1) <= 60, "also when requests are under way for different times");
        assert!(most(&begun, 0.9, |_| 1) <= 1, "and evenly spread");
    }
    world.close().await;
}

#[tokio::test]
async fn a_limit_of_tokens_holds_in_every_minute_whatever_the_sizes() {
    let world = World::new().await;
    let limit = 10_000;
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..150 {
        // Mostly small, some above half of the limit.
        let tokens = if random.u8(..10) == 0 { random.i64(2_000..9_000) } else { random.i64(50..1_500) };
        let turn = Turn {
            provider: "p",
            tokens,
            requests_limit: None,
            tokens_limit: Some(10_000.0),
            patience_s: 1e6,
        };
        assert!(turn.take(&world.worker_pool).await.0);
    }
    let begun = begun(&world.app, "p").await;
    let most = most(&begun, 60.0, |(_, tokens)| *tokens);
    assert!(most <= limit, "{most} tokens in a minute");
    let small = Turn {
        provider: "q",
        tokens: 100,
        requests_limit: None,
        tokens_limit: Some(10_000.0),
        patience_s: 1e6,
    };
    for _ in 0..200 {
        small.take(&world.worker_pool).await;
    }
    let evenly = self::begun(&world.app, "q").await;
    let used = self::most(&evenly, 60.0, |(_, tokens)| *tokens);
    assert!((9_500..=limit).contains(&used), "{used} tokens in a minute");
    world.close().await;
}

#[tokio::test]
async fn a_large_limit_allows_the_burst_of_one_second_and_no_more() {
    let world = World::new().await;
    let turn =
        Turn { provider: "p", tokens: 1, requests_limit: Some(600.0), tokens_limit: None, patience_s: 1e6 };
    for _ in 0..700 {
        turn.take(&world.worker_pool).await;
    }
    let begun = begun(&world.app, "p").await;
    assert!(most(&begun, 60.0, |_| 1) <= 600);
    assert!(most(&begun, 1.0, |_| 1) <= 21, "a burst of ten and ten a second");
    world.close().await;
}

#[tokio::test]
async fn who_would_wait_too_long_is_sent_away_one_after_the_other() {
    let world = World::new().await;
    let turn =
        Turn { provider: "p", tokens: 1, requests_limit: Some(6.0), tokens_limit: None, patience_s: 0.5 };
    assert!(turn.take(&world.worker_pool).await.0);
    let mut before = 0.0;
    for _ in 0..5 {
        let (admitted, wait_s) = turn.take(&world.worker_pool).await;
        let back_at: f64 =
            sqlx::query_scalar("select extract(epoch from return_at)::float8 from orrery.llm_buckets")
                .fetch_one(&world.app)
                .await
                .unwrap();
        assert!(!admitted && wait_s > 0.5 && back_at > before + 10.0, "{wait_s}: {back_at} after {before}");
        before = back_at;
    }
    assert_eq!(begun(&world.app, "p").await.len(), 1, "nothing is set aside for them");
    world.close().await;
}

async fn limited(world: &World, requests: Option<u64>, tokens: Option<u64>) -> std::sync::Arc<Account> {
    world.set_up_mongodb().await;
    let terms = Terms { requests_per_minute: requests, tokens_per_minute: tokens, ..Terms::unknown("p") };
    let mut settings = settings(world);
    settings.ramp = Duration::from_mins(5);
    settings.patience = Duration::from_secs(2);
    account_on(world, world.worker_pool.clone(), settings, vec![terms]).await
}

async fn pace(pool: &PgPool) -> f64 {
    sqlx::query_scalar("select pace from orrery.llm_buckets").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn a_burst_of_refusals_halves_the_pace_once_and_it_recovers_evenly() {
    let world = World::new().await;
    let account = limited(&world, Some(6000), None).await;
    let guard = of_organization(&account, "a");
    run(&world.app, "insert into orrery.llm_buckets (provider, model, used_at) values ('p', 'm', now())")
        .await;
    let refusal = failure(Kind::RateLimited).with_hint(Some(Duration::from_secs(40)));
    let questions: Vec<_> = (0..3).map(|number| request(&number.to_string())).collect();
    let mut sent = Vec::new();
    for question in &questions {
        let call = call_of(question, "p", "m");
        sent.push((call, send(&guard, &call).await));
    }
    for (call, permit) in &sent {
        super::asking::seen(&guard, call, permit, Some(&refusal)).await;
    }
    assert!((pace(&world.app).await - 0.5).abs() < 0.05, "{}", pace(&world.app).await);
    let other = request("other");
    let call = call_of(&other, "p", "m");
    let permit = guard.permit(&call).await.unwrap();
    let away = guard.admit(&call, &permit, 1).await.unwrap_err();
    assert_eq!(away.kind, Kind::LocalRateLimit);
    assert!(away.hint.unwrap() > Duration::from_secs(35), "the provider asked for 40 s: {:?}", away.hint);

    // A minute and a quarter later a quarter of the limit has come back.
    run(&world.app, "update orrery.llm_buckets set blocked_until = '-infinity', return_at = '-infinity', pace_at = now() - interval '75 s'").await;
    tokio::time::sleep(guard.admit(&call, &permit, 1).await.unwrap()).await;
    assert!((pace(&world.app).await - 0.75).abs() < 0.05, "{}", pace(&world.app).await);
    let open = count(&world.app, "select count(*) from orrery.breaker where state <> 'closed'").await;
    assert_eq!(open, 0, "a refusal says that the provider is there");
    world.close().await;
}

#[tokio::test]
async fn after_a_pause_a_large_limit_is_reached_over_minutes() {
    let world = World::new().await;
    let account = limited(&world, Some(6000), None).await;
    let guard = of_organization(&account, "a");
    let question = request("1");
    send(&guard, &call_of(&question, "p", "m")).await;
    assert!((pace(&world.app).await - 0.25).abs() < 0.01, "{}", pace(&world.app).await);
    world.close().await;
}

#[tokio::test]
async fn limits_are_learnt_from_headers_and_from_refusals_where_nobody_tells() {
    let world = World::new().await;
    let account = limited(&world, None, None).await;
    let guard = of_organization(&account, "a");
    let questions: Vec<_> = (0..9).map(|number| request(&number.to_string())).collect();
    for question in &questions[..8] {
        let call = call_of(question, "p", "m");
        let permit = send(&guard, &call).await;
        super::asking::seen(&guard, &call, &permit, None).await;
    }
    assert_eq!(
        count(&world.app, "select count(*) from orrery.llm_buckets").await,
        0,
        "without limits nothing is shared"
    );

    let call = call_of(&questions[8], "p", "m");
    let permit = send(&guard, &call).await;
    super::asking::seen(&guard, &call, &permit, Some(&failure(Kind::RateLimited))).await;
    let guess: (Option<f64>, bool, f64) =
        sqlx::query_as("select requests_limit, guessed, pace from orrery.llm_buckets")
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!(guess, (Some(9.0), true, 0.5), "what was going on, halved");

    let limits = Limits {
        requests: Some(120),
        tokens: Some(50_000),
        tokens_left: Some(0),
        tokens_reset: Some(Duration::from_secs(30)),
        ..Limits::default()
    };
    let exchange = Exchange { attempt: 2, error: None, limits: &limits, latency: Duration::from_millis(1) };
    guard.seen(&call, &permit, &exchange).await;
    let told: (Option<f64>, Option<f64>, bool, bool) = sqlx::query_as(
        "select requests_limit, tokens_limit, guessed, blocked_until > now() + interval '20 s' from orrery.llm_buckets",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert_eq!(told, (Some(120.0), Some(50_000.0), false, true));
    world.close().await;
}

#[tokio::test]
async fn tokens_that_were_not_used_are_given_back() {
    let world = World::new().await;
    let account = limited(&world, None, Some(3000)).await;
    let guard = of_organization(&account, "a");
    let question = request("1");
    let call = call_of(&question, "p", "m");
    let permit = send(&guard, &call).await;
    let until = "select extract(epoch from next_token_at)::float8 from orrery.llm_buckets";
    let full: f64 = sqlx::query_scalar(until).fetch_one(&world.app).await.unwrap();
    guard.record(&call, &permit, &answer("x")).await.unwrap();
    guard.settle(&call, permit, Ok(&answer("x"))).await;
    let rest: f64 = sqlx::query_scalar(until).fetch_one(&world.app).await.unwrap();
    // 300 of 3000 were set aside and 120 used: 180 at 61 s for 2700.
    assert!((full - rest - 180.0 * 61.0 / 2700.0).abs() < 0.01, "{full} then {rest}");
    world.close().await;
}
