//! Questions, answers and workers that ask.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use orrery::llm::account::{Account, JobAccount, Payer, PayingJob, Settings, Terms};
use orrery::llm::answer::{Answer, Finish};
use orrery::llm::error::LlmError;
use orrery::llm::guard::{Call, Exchange, Guard as _, Permit};
use orrery::llm::kind::Kind;
use orrery::llm::limits::Limits;
use orrery::llm::request::{Message, PromptRef, Request, Role};
use orrery::llm::usage::Usage;
use orrery::queue::ClaimedJob;
use sqlx::PgPool;
use tokio::time::Instant;

use crate::support::World;

/// A provider with a price.
pub const PROVIDER: &str = "openai";
/// Its model: 2.50 dollars for a million tokens in, 10 out.
pub const MODEL: &str = "gpt-4o";
/// What [`call`] sets aside at these prices: 100 tokens in, 200 out.
pub const RESERVED: i64 = 250_000 + 2_000_000;

/// A question.
pub fn request(text: &str) -> Request {
    Request {
        purpose: "report.section",
        part: "overview".to_owned(),
        prompt: PromptRef { id: "report".to_owned(), version: "1.0.0".to_owned(), hash: "ab".to_owned() },
        messages: vec![Message::new(Role::System, "Be kind."), Message::new(Role::User, text)],
        schema: None,
        max_output: 200,
        temperature: Some(0.2),
        seed: None,
        locale: "en".to_owned(),
        nonce: 0,
        deadline: Instant::now() + Duration::from_mins(2),
    }
}

/// The question put to a model.
pub fn call_of<'a>(request: &'a Request, provider: &'a str, model: &'a str) -> Call<'a> {
    Call {
        request,
        provider,
        model,
        digest: request.digest(provider, model),
        step: 0,
        input: 100,
        output: 200,
    }
}

/// The question put to the model with a price.
pub fn call(request: &Request) -> Call<'_> {
    call_of(request, PROVIDER, MODEL)
}

/// An answer of 80 tokens to 60: 750,000 billionths of a dollar.
pub fn answer(text: &str) -> Answer {
    Answer {
        text: text.to_owned(),
        finish: Finish::Stop,
        usage: Usage { input: 60, output: 60, ..Usage::default() },
        provider: PROVIDER.to_owned(),
        model: "gpt-4o-2024-11-20".to_owned(),
        request_id: Some("req-1".to_owned()),
        status: 200,
        tries: 1,
        latency: Duration::from_millis(1234),
        raw: Bytes::from(format!("{{\"said\": \"{text}\"}}")),
    }
}

/// What [`answer`] costs.
pub const COST: i64 = 60 * 2500 + 60 * 10_000;

/// A failure with this kind.
pub fn failure(kind: Kind) -> LlmError {
    LlmError::new(kind, "it did not work")
}

/// The settings of the defaults, without limits.
pub fn settings(world: &World) -> Settings {
    let mut settings = Settings::from(&world.config.llm_account);
    settings.patience = Duration::ZERO;
    settings.ramp = Duration::ZERO;
    settings
}

/// A worker's accounts over a pool.
pub async fn account_on(world: &World, pool: PgPool, settings: Settings, terms: Vec<Terms>) -> Arc<Account> {
    Account::open(pool, &world.mongo, &world.databases, settings, "worker".to_owned(), terms).await.unwrap()
}

/// A worker's accounts.
pub async fn account(world: &World, settings: Settings) -> Arc<Account> {
    world.set_up_mongodb().await;
    account_on(world, world.worker_pool.clone(), settings, Vec::new()).await
}

/// The guard of a claimed row.
pub fn of_job(account: &Arc<Account>, job: &ClaimedJob) -> JobAccount {
    account.of(Payer {
        organization_id: job.organization_id.clone(),
        job: Some(PayingJob {
            queue: job.lease.queue.as_str(),
            id: job.lease.job_id,
            token: job.lease.token,
        }),
    })
}

/// The guard of an organization outside of jobs.
pub fn of_organization(account: &Arc<Account>, organization: &str) -> JobAccount {
    account.of(Payer { organization_id: organization.to_owned(), job: None })
}

/// Permits a call and lets its first request through.
pub async fn send(guard: &JobAccount, call: &Call<'_>) -> Permit {
    let permit = guard.permit(call).await.unwrap();
    tokio::time::sleep(guard.admit(call, &permit, 1).await.unwrap()).await;
    permit
}

/// A whole call that is answered.
pub async fn ask(guard: &JobAccount, call: &Call<'_>, answer: &Answer) {
    let permit = send(guard, call).await;
    seen(guard, call, &permit, None).await;
    guard.record(call, &permit, answer).await.unwrap();
    guard.settle(call, permit, Ok(answer)).await;
}

/// One request and how it ended.
pub async fn seen(guard: &JobAccount, call: &Call<'_>, permit: &Permit, error: Option<&LlmError>) {
    let limits = Limits::default();
    let exchange = Exchange { attempt: 1, error, limits: &limits, latency: Duration::from_millis(5) };
    guard.seen(call, permit, &exchange).await;
}

/// State, cost and reads of the calls, oldest first.
pub async fn calls(pool: &PgPool) -> Vec<(String, Option<i64>, i32)> {
    sqlx::query_as("select state, cost_nano_usd, reads from orrery.llm_calls order by created_at")
        .fetch_all(pool)
        .await
        .unwrap()
}

/// Calls, open calls, spent, assumed and set aside of an organization this month.
pub async fn spend(pool: &PgPool, organization: &str) -> (i64, i64, i64, i64, i64) {
    sqlx::query_as(
        "select calls, open_calls, spent_nano_usd, assumed_nano_usd, reserved_nano_usd from orrery.llm_spend where organization_id = $1",
    )
    .bind(organization)
    .fetch_one(pool)
    .await
    .unwrap()
}
