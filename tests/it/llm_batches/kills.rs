//! Workers that die while a batch is on its way.

use super::provider::Provider;
use super::sleepers::{HALF, PATIENCE, Sleepers};
use crate::support::wait::eventually;

const WIRES: [&str; 3] = ["openai", "anthropic", "gemini"];

/// A round that is dropped while the provider has created the batch and not yet answered.
async fn dies_before_the_answer(sleepers: &Sleepers, provider: &Provider) {
    provider.state().hangs = true;
    let batcher = sleepers.batcher().await;
    let round = tokio::spawn(async move { batcher.round().await });
    eventually(PATIENCE, "the batch is created", String::new, async || {
        let created = provider.state().batches.len();
        if created == 1 { Ok(()) } else { Err(format!("{created} batches")) }
    })
    .await;
    round.abort();
    assert!(round.await.unwrap_err().is_cancelled());
    provider.state().hangs = false;
}

#[tokio::test]
async fn a_worker_killed_before_it_knows_the_batch_pays_no_second_one() {
    for wire in WIRES {
        let provider = Provider::start().await;
        let mut sleepers = Sleepers::new(wire, &provider.url(wire)).await;
        let sleeper = sleepers.sleeper("once").await;
        dies_before_the_answer(&sleepers, &provider).await;
        assert_eq!(sleepers.batches().await[0].0, "submitting", "{wire}: it was noted before it was sent");

        let second = sleepers.batcher().await;
        assert_eq!(second.round().await.unwrap().submitted, 0, "{wire}: the first may still be at it");
        sleepers.end_holds().await;
        sleepers.rounds_until_ended(&second, 1).await;
        assert_eq!(provider.state().batches.len(), 1, "{wire}: one batch was paid");
        assert!(sleepers.wakes(&sleeper).await.unwrap().1, "{wire}");
        assert_eq!(sleepers.spend().await, (1, 0, HALF, 0, 0), "{wire}");
        sleepers.world.close().await;
    }
}

/// Anthropic's batches have no mark: only the results of one that has ended say whose it is.
#[tokio::test]
async fn while_it_cannot_be_told_whose_a_batch_is_none_is_handed_in() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("anthropic", &provider.url("anthropic")).await;
    sleepers.sleeper("once").await;
    provider.state().ends = false;
    dies_before_the_answer(&sleepers, &provider).await;
    sleepers.end_holds().await;
    let second = sleepers.batcher().await;
    second.round().await.unwrap();
    assert_eq!((sleepers.batches().await[0].0.as_str(), provider.state().batches.len()), ("submitting", 1));
    provider.state().ends = true;
    sleepers.rounds_until_ended(&second, 1).await;
    assert_eq!(provider.state().batches.len(), 1);
    assert_eq!(sleepers.calls().await, [("answered".to_owned(), None, Some(HALF))]);
    sleepers.world.close().await;
}

#[tokio::test]
async fn a_worker_killed_before_it_sent_anything_loses_no_question() {
    for wire in WIRES {
        let provider = Provider::start().await;
        let mut sleepers = Sleepers::new(wire, &provider.url(wire)).await;
        let sleeper = sleepers.sleeper("once").await;
        // Collected, noted, and dead before the request went out.
        let collect = "with b as (
             insert into orrery.llm_batches (id, provider, model, key_id, state, items, bytes, give_up_at, submitting_at, tries)
             select gen_random_uuid(), c.provider, c.model, c.key_id, 'submitting', 1, 1, now() + interval '1 hour', now(), 1
             from orrery.llm_calls c returning id)
           update orrery.llm_calls c set state = 'batched', batch_id = b.id, sent_at = now() from b";
        crate::support::rows::run(&sleepers.world.app, collect).await;
        let second = sleepers.batcher().await;
        sleepers.rounds_until_ended(&second, 1).await;
        assert_eq!(provider.state().batches.len(), 1, "{wire}: it is handed in, once");
        assert!(sleepers.wakes(&sleeper).await.unwrap().1, "{wire}");
        sleepers.world.close().await;
    }
}

#[tokio::test]
async fn a_worker_killed_among_the_answers_leaves_the_rest_to_the_next() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let (one, other) = (sleepers.sleeper("one").await, sleepers.sleeper("other").await);
    sleepers.batcher().await.round().await.unwrap();
    let second = sleepers.batcher().await;
    sleepers.rounds_until_ended(&second, 1).await;
    // As when only the first of two answers was committed.
    let back = "update orrery.llm_batches set state = 'submitted', ended_at = null, look_at = now(), answered = null;
                update orrery.llm_calls set state = 'batched', ended_at = null, settled_at = null, cost_nano_usd = null
                where id = (select id from orrery.llm_calls order by created_at desc limit 1);
                update orrery.llm_spend set calls = 1, open_calls = 1, spent_nano_usd = spent_nano_usd / 2";
    crate::support::rows::run(&sleepers.world.app, back).await;
    let third = sleepers.batcher().await;
    sleepers.rounds_until_ended(&third, 1).await;
    assert_eq!(sleepers.batches().await, [("ended".to_owned(), 2, Some(2), Some(0), Some(0))]);
    let (calls, open, spent, ..) = sleepers.spend().await;
    assert_eq!((calls, open, spent), (2, 0, 2 * HALF), "each is booked once");
    assert!(sleepers.wakes(&one).await.unwrap().1 && sleepers.wakes(&other).await.unwrap().1);
    sleepers.world.close().await;
}
