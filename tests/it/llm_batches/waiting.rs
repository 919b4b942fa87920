//! Who waits, and what becomes of a question that is not wanted any more.

use std::time::Duration;

use orrery::llm::kind::Kind;

use super::provider::Provider;
use super::sleepers::{HALF, Sleepers};
use crate::llm::client;
use crate::llm_accounts::asking::of_job;
use crate::support::rows::{count, run};

#[tokio::test]
async fn the_question_of_a_row_that_ends_is_taken_out() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let (kept, cancelled) = (sleepers.sleeper("kept").await, sleepers.sleeper("cancelled").await);
    let id = cancelled.job.lease.job_id;
    sqlx::query("update report_generation_queue set status = 'cancelled' where id = $1")
        .bind(id)
        .execute(&sleepers.world.app)
        .await
        .unwrap();
    let batcher = sleepers.batcher().await;
    let round = batcher.round().await.unwrap();
    assert_eq!((round.taken_out, round.collected), (1, 1));
    sleepers.rounds_until_ended(&batcher, 1).await;
    assert!(!provider.read().contains("cancelled"), "it was not sent");
    assert_eq!(sleepers.spend().await, (1, 0, HALF, 0, 0), "and nothing is set aside for it");
    assert!(sleepers.wakes(&kept).await.unwrap().1);
    sleepers.world.close().await;
}

#[tokio::test]
async fn whoever_cannot_wait_asks_directly_and_the_sleeper_reads_the_same_answer() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let sleeper = sleepers.sleeper("same").await;
    let urgent = sleepers.claimed().await;
    let guard = of_job(&sleepers.account, &urgent);
    let (_, stored) = sleepers.chain.ask_one(0, &client::request("same"), &guard).await.unwrap();
    assert!(!stored);
    let round = sleepers.batcher().await.round().await.unwrap();
    assert_eq!((round.taken_out, round.collected, round.woken), (1, 0, 1));
    assert!(sleepers.is_awake(sleeper.job.lease.job_id).await);
    assert!(sleepers.wakes(&sleeper).await.unwrap().1, "nothing is paid twice");
    assert_eq!(provider.counts(), (0, 1));
    sleepers.world.close().await;
}

#[tokio::test]
async fn a_row_that_becomes_urgent_takes_its_question_back() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let sleeper = sleepers.sleeper("soon").await;
    let guard = of_job(&sleepers.account, &sleeper.job);
    let (_, stored) = sleepers.chain.ask_one(0, &sleeper.question, &guard).await.unwrap();
    assert!(!stored);
    assert_eq!(sleepers.calls().await, [("answered".to_owned(), None, Some(2 * HALF))], "at the full price");
    assert_eq!(sleepers.batcher().await.round().await.unwrap().collected, 0);
    sleepers.world.close().await;
}

#[tokio::test]
async fn an_answer_of_a_batch_that_comes_after_a_direct_one_is_booked_as_late() {
    let provider = Provider::start().await;
    provider.state().ends = false;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let sleeper = sleepers.sleeper("same").await;
    let batcher = sleepers.batcher().await;
    batcher.round().await.unwrap();
    let guard = of_job(&sleepers.account, &sleeper.job);
    sleepers.chain.ask_one(0, &sleeper.question, &guard).await.unwrap();
    provider.state().ends = true;
    sleepers.rounds_until_ended(&batcher, 1).await;
    let states: Vec<_> = sleepers.calls().await.into_iter().map(|(state, _, cost)| (state, cost)).collect();
    assert_eq!(states, [("late".to_owned(), Some(HALF)), ("answered".to_owned(), Some(2 * HALF))]);
    assert_eq!(sleepers.spend().await, (2, 0, 3 * HALF, 0, 0), "both were paid");
    sleepers.world.close().await;
}

#[tokio::test]
async fn what_the_organization_cannot_pay_is_not_put_down() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let question = client::request("dear");
    let job = sleepers.claimed().await;
    // About 100 tokens at 2,000 and 50 at 10,000: enough for a batch, too little for a direct call.
    run(
        &sleepers.world.app,
        "insert into orrery.llm_limits (organization_id, month_nano_usd)
         select distinct organization_id, 400000 from orrery.dispatch",
    )
    .await;
    let direct = of_job(&sleepers.account, &job);
    let refused = sleepers.chain.ask_one(0, &question, &direct).await.unwrap_err();
    assert_eq!(refused.kind, Kind::BudgetExceeded, "directly it is too dear: {refused}");
    let waits = sleepers.chain.ask_one(0, &question, &sleepers.patient(&job)).await.unwrap_err();
    sleepers.to_sleep(&job, &waits).await;
    let other = sleepers.claimed().await;
    let refused =
        sleepers.chain.ask_one(0, &client::request("another"), &sleepers.patient(&other)).await.unwrap_err();
    assert_eq!(refused.kind, Kind::BudgetExceeded, "what waits is set aside: {refused}");
    let texts = sleepers.world.reports("llm_audit", bson::doc! {}).await;
    assert_eq!(texts.len(), 1, "what was not put down leaves no text");
    sleepers.world.close().await;
}

#[tokio::test]
async fn two_rows_with_the_same_question_wait_for_one_answer() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let (one, other) = (sleepers.sleeper("same").await, sleepers.sleeper("same").await);
    let waiting = "select count(*) from orrery.llm_calls where state = 'queued'";
    assert_eq!(count(&sleepers.world.app, waiting).await, 1);
    let batcher = sleepers.batcher().await;
    sleepers.rounds_until_ended(&batcher, 1).await;
    for sleeper in [&one, &other] {
        assert!(sleepers.is_awake(sleeper.job.lease.job_id).await);
        assert!(sleepers.wakes(sleeper).await.unwrap().1);
    }
    assert_eq!(sleepers.spend().await, (1, 0, HALF, 0, 0));
    sleepers.world.close().await;
}

#[tokio::test]
async fn a_question_is_put_down_once_however_often_its_row_runs() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let sleeper = sleepers.sleeper("patience").await;
    let again = sleepers.wakes(&sleeper).await.unwrap_err();
    assert_eq!(again.kind, Kind::BatchWaiting);
    assert!(again.hint.unwrap() > Duration::from_mins(50), "it sleeps until its answer wakes it");
    let changed =
        sleepers.chain.ask_one(0, &client::request("changed"), &sleepers.patient(&sleeper.job)).await;
    assert_eq!(changed.unwrap_err().kind, Kind::BatchWaiting);
    let states: Vec<_> = sleepers.calls().await.into_iter().map(|(state, ..)| state).collect();
    assert_eq!(states, ["queued"], "a row that asks something else takes back what it asked before");
    sleepers.world.close().await;
}
