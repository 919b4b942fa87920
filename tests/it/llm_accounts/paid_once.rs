//! An answer is paid once and kept.

use bson::{Document, doc};
use orrery::llm::account::Swept;
use orrery::llm::error::LlmError;
use orrery::llm::guard::{Guard as _, Judgement};
use orrery::llm::kind::Kind;
use orrery::llm::usage::Usage;

use super::asking::{
    COST, account, account_on, answer, ask, call, calls, failure, of_organization, request, send, settings,
    spend,
};
use crate::support::World;

#[tokio::test]
async fn an_answer_is_paid_once_and_read_again_by_whoever_asks_the_same() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let (one, other) = (of_organization(&account, "a"), of_organization(&account, "b"));
    let question = request("How does Person A work?");
    let call = call(&question);
    assert!(one.stored(&call).await.unwrap().is_none());
    ask(&one, &call, &answer("Well.")).await;

    for reader in [&one, &other] {
        let mut again = reader.stored(&call).await.unwrap().expect("the answer is stored");
        again.raw = answer("Well.").raw;
        assert_eq!(again, answer("Well."));
    }
    assert_eq!(calls(&world.app).await, [("answered".to_owned(), Some(COST), 2)]);
    assert_eq!(spend(&world.app, "a").await, (1, 0, COST, 0, 0));

    let mut once_more = question.clone();
    once_more.nonce = 1;
    let anew = super::asking::call(&once_more);
    assert!(one.stored(&anew).await.unwrap().is_none(), "a nonce asks anew");
    world.close().await;
}

#[tokio::test]
async fn texts_stand_in_mongodb_until_they_expire_and_never_in_postgresql() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("a question like no other");
    let call = call(&question);
    ask(&guard, &call, &answer("an answer like no other")).await;
    let judgement =
        Judgement { usable: true, repairs: vec!["fences"], violations: vec!["too_short".to_owned()] };
    guard.judged(&call, &judgement).await;

    let row: String = sqlx::query_scalar("select to_jsonb(c)::text from orrery.llm_calls c")
        .fetch_one(&world.app)
        .await
        .unwrap();
    assert!(!row.contains("like no other") && row.contains("fences") && row.contains("too_short"), "{row}");

    let texts = world.reports("llm_audit", doc! {}).await.pop().expect("the texts are kept");
    let messages = texts.get_array("messages").unwrap();
    assert!(
        messages.iter().any(|message| message.to_string().contains("a question like no other")),
        "{texts}"
    );
    assert!(texts.get_str("raw").unwrap().contains("an answer like no other"));
    let kept = texts.get_datetime("expiresAt").unwrap().timestamp_millis()
        - texts.get_datetime("createdAt").unwrap().timestamp_millis();
    let days = kept / 86_400_000;
    assert!((89..=90).contains(&days), "{days} days");
    let indexes = world.mongo.database(&world.databases.reports).collection::<Document>("llm_audit");
    let names = indexes.list_index_names().await.unwrap();
    assert!(names.contains(&"expiresAt_1".to_owned()), "{names:?}");

    indexes.delete_many(doc! {}).await.unwrap();
    assert!(guard.stored(&call).await.unwrap().is_none(), "without its texts an answer is gone");
    ask(&guard, &call, &answer("another")).await;
    assert_eq!(
        calls(&world.app).await,
        [("expired".to_owned(), Some(COST), 1), ("answered".to_owned(), Some(COST), 0)]
    );
    world.close().await;
}

#[tokio::test]
async fn an_answer_waits_in_postgresql_while_mongodb_is_down() {
    let world = World::new().await;
    let good = account(&world, settings(&world)).await;
    let nowhere =
        format!("mongodb://127.0.0.1:{}/?serverSelectionTimeoutMS=100", crate::support::servers::free_port());
    let dead = mongodb::Client::with_uri_str(&nowhere).await.unwrap();
    let cut_off = orrery::llm::account::Account::open(
        world.worker_pool.clone(),
        &dead,
        &world.databases,
        settings(&world),
        "worker".to_owned(),
        Vec::new(),
    )
    .await
    .unwrap();
    let question = request("Who?");
    let call = call(&question);
    let guard = of_organization(&cut_off, "a");
    ask(&guard, &call, &answer("Person A.")).await;
    assert_eq!(guard.stored(&call).await.unwrap().map(|answer| answer.text).as_deref(), Some("Person A."));

    assert_eq!(good.sweep().await.unwrap(), Swept { moved: 1, ..Swept::default() });
    assert_eq!(good.sweep().await.unwrap(), Swept::default());
    assert_eq!(world.reports("llm_audit", doc! {}).await.len(), 1);
    let stored = of_organization(&good, "a").stored(&call).await.unwrap();
    assert_eq!(stored.map(|answer| answer.text).as_deref(), Some("Person A."));
    world.close().await;
}

#[tokio::test]
async fn while_one_asks_another_with_the_same_question_waits() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let (one, other) = (of_organization(&account, "a"), of_organization(&account, "b"));
    let question = request("Who?");
    let call = call(&question);
    let permit = send(&one, &call).await;
    assert!(other.stored(&call).await.unwrap().is_none());
    let refused = other.permit(&call).await.unwrap_err();
    assert_eq!(refused.kind, Kind::LocalRateLimit, "{refused}");
    one.record(&call, &permit, &answer("Person A.")).await.unwrap();
    assert!(other.stored(&call).await.unwrap().is_some());
    one.settle(&call, permit, Ok(&answer("Person A."))).await;
    assert_eq!(calls(&world.app).await.len(), 1);
    world.close().await;
}

#[tokio::test]
async fn a_failed_call_keeps_what_it_used_and_the_question_may_be_asked_again() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    let call = call(&question);
    let permit = send(&guard, &call).await;
    let mut error: LlmError = failure(Kind::EmptyOutput);
    error.detail.usage = Some(Usage { input: 60, output: 60, ..Usage::default() });
    error.detail.status = Some(200);
    error.detail.body = bytes::Bytes::from_static(b"{}");
    guard.settle(&call, permit, Err(&error)).await;
    assert_eq!(calls(&world.app).await, [("failed".to_owned(), Some(COST), 0)]);
    assert_eq!(spend(&world.app, "a").await, (1, 0, COST, 0, 0));
    assert_eq!(world.reports("llm_audit", doc! { "failure.code": "llm.empty_output" }).await.len(), 1);

    // Nobody knows whether a provider bills what it did not answer in time.
    let permit = send(&guard, &call).await;
    guard.settle(&call, permit, Err(&failure(Kind::Timeout))).await;
    assert_eq!(spend(&world.app, "a").await, (2, 0, COST, super::asking::RESERVED, 0));
    ask(&guard, &call, &answer("Person A.")).await;
    assert!(guard.stored(&call).await.unwrap().is_some());
    world.close().await;
}

#[tokio::test]
async fn a_call_of_which_nothing_was_sent_leaves_no_trace() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    let call = call(&question);
    let permit = guard.permit(&call).await.unwrap();
    guard.settle(&call, permit, Err(&failure(Kind::LocalRateLimit))).await;
    assert!(calls(&world.app).await.is_empty());
    assert_eq!(spend(&world.app, "a").await, (0, 0, 0, 0, 0));
    world.close().await;
}

#[tokio::test]
async fn a_model_without_a_price_costs_null_and_a_server_of_ones_own_costs_nothing() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let own = orrery::llm::account::Terms { free: true, ..orrery::llm::account::Terms::unknown("cellar") };
    let account = account_on(&world, world.worker_pool.clone(), settings(&world), vec![own]).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    for (provider, model) in [("openai", "gpt-99"), ("cellar", "llama")] {
        ask(&guard, &super::asking::call_of(&question, provider, model), &answer("Person A.")).await;
    }
    let costs: Vec<Option<i64>> = calls(&world.app).await.into_iter().map(|(_, cost, _)| cost).collect();
    assert_eq!(costs, [None, Some(0)]);
    let unpriced: i64 = sqlx::query_scalar("select unpriced_calls from orrery.llm_spend")
        .fetch_one(&world.app)
        .await
        .unwrap();
    assert_eq!(unpriced, 1);
    world.close().await;
}

#[tokio::test]
async fn a_server_that_lost_the_permit_still_takes_the_answer() {
    let world = World::new().await;
    let account = account(&world, settings(&world)).await;
    let guard = of_organization(&account, "a");
    let question = request("Who?");
    let call = call(&question);
    let permit = send(&guard, &call).await;
    // Permits are not flushed to disk one by one: this is what a crash of the server may leave.
    crate::support::rows::run(&world.app, "delete from orrery.llm_calls; delete from orrery.llm_spend").await;
    guard.record(&call, &permit, &answer("Person A.")).await.unwrap();
    guard.settle(&call, permit, Ok(&answer("Person A."))).await;
    assert_eq!(calls(&world.app).await, [("answered".to_owned(), Some(COST), 0)]);
    assert_eq!(spend(&world.app, "a").await, (1, 0, COST, 0, 0));
    assert!(guard.stored(&call).await.unwrap().is_some());
    world.close().await;
}
