//! How questions of a batch end: in any order, expired, refused, given up.

use super::provider::{Fate, Provider};
use super::sleepers::{HALF, Sleepers};
use crate::support::rows::run;

const WIRES: [&str; 3] = ["openai", "anthropic", "gemini"];

#[tokio::test]
async fn answers_come_in_any_order_and_what_was_not_done_is_asked_directly() {
    for wire in WIRES {
        let provider = Provider::start().await;
        // Each answer repeats its question, so that no two can be mistaken for each other. The words stand nowhere else in it.
        provider.state().says = |body| {
            let body = body.to_string();
            let word =
                ["amber", "green", "blue", "grey"].into_iter().find(|word| body.contains(word)).unwrap();
            format!("{{\"text\": \"{word}\"}}")
        };
        provider.state().fates = vec![Fate::Answered, Fate::Expired, Fate::Refused, Fate::Answered];
        let mut sleepers = Sleepers::new(wire, &provider.url(wire)).await;
        let mut asleep = Vec::new();
        for word in ["amber", "green", "blue", "grey"] {
            asleep.push((word, sleepers.sleeper(word).await));
        }
        let batcher = sleepers.batcher().await;
        assert_eq!(sleepers.rounds_until_ended(&batcher, 1).await.woken, 4, "{wire}: all are woken");
        assert_eq!(sleepers.batches().await, [("ended".to_owned(), 4, Some(2), Some(1), Some(1))], "{wire}");
        let ends: Vec<_> = sleepers.calls().await;
        let code = |code: &str| Some(code.to_owned());
        assert_eq!(
            ends,
            [
                ("answered".to_owned(), None, Some(HALF)),
                ("failed".to_owned(), code("llm.batch_expired"), None),
                ("failed".to_owned(), code("llm.bad_request"), None),
                ("answered".to_owned(), None, Some(HALF)),
            ],
            "{wire}"
        );
        assert_eq!(sleepers.spend().await, (4, 0, 2 * HALF, 0, 0), "{wire}: what was not done is not paid");
        assert_eq!(provider.state().direct, 0, "{wire}");
        for (word, sleeper) in &asleep {
            let (text, stored) = sleepers.wakes(sleeper).await.unwrap();
            assert_eq!(text, format!("{{\"text\": \"{word}\"}}"), "{wire}");
            assert_eq!(stored, ["amber", "grey"].contains(word), "{wire} {word}");
        }
        assert_eq!(provider.state().direct, 2, "{wire}");
        assert_eq!(
            sleepers.spend().await,
            (6, 0, 2 * HALF + 2 * 2 * HALF, 0, 0),
            "{wire}: directly is twice the price"
        );
        assert_eq!(batcher.round().await.unwrap().collected, 0, "{wire}: no question goes by a batch twice");
        assert!(!provider.state().removed.is_empty(), "{wire}: nothing is left at the provider");
        sleepers.world.close().await;
    }
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_cancelled_and_asked_directly() {
    for wire in WIRES {
        let provider = Provider::start().await;
        provider.state().ends = false;
        let mut sleepers = Sleepers::new(wire, &provider.url(wire)).await;
        let sleeper = sleepers.sleeper("one").await;
        let batcher = sleepers.batcher().await;
        batcher.round().await.unwrap();
        assert!(!sleepers.is_awake(sleeper.job.lease.job_id).await, "{wire}");
        run(&sleepers.world.app, "update orrery.llm_batches set give_up_at = now()").await;
        sleepers.rounds_until_ended(&batcher, 1).await;
        assert!(provider.state().cancelled, "{wire}");
        assert!(sleepers.is_awake(sleeper.job.lease.job_id).await, "{wire}");
        assert!(!sleepers.wakes(&sleeper).await.unwrap().1, "{wire}: it asks directly");
        sleepers.world.close().await;
    }
}

#[tokio::test]
async fn a_batch_of_a_provider_that_is_gone_holds_nobody_up_for_ever() {
    let provider = Provider::start().await;
    provider.state().ends = false;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    let sleeper = sleepers.sleeper("one").await;
    sleepers.batcher().await.round().await.unwrap();
    let reserved = sleepers.spend().await.3;
    run(&sleepers.world.app, "update orrery.llm_batches set give_up_at = now() - interval '3 hours'").await;
    let stranger = orrery::llm::batch::Batcher::new(sleepers.account.clone(), &[], sleepers.settings());
    assert_eq!(stranger.round().await.unwrap().woken, 1);
    assert_eq!(sleepers.calls().await[0].0, "unknown", "it may have been paid");
    assert_eq!(sleepers.spend().await, (1, 0, 0, 0, reserved), "what was set aside counts");
    assert!(sleepers.is_awake(sleeper.job.lease.job_id).await);
    sleepers.world.close().await;
}

#[tokio::test]
async fn batches_are_as_large_as_the_limits_allow() {
    let provider = Provider::start().await;
    let mut sleepers = Sleepers::new("openai", &provider.url("openai")).await;
    for words in ["1", "2", "3", "4", "5"] {
        sleepers.sleeper(words).await;
    }
    let mut settings = sleepers.settings();
    settings.collecting.age = std::time::Duration::from_hours(1);
    settings.collecting.most_items = 2;
    let batcher = |settings| {
        orrery::llm::batch::Batcher::new(sleepers.account.clone(), sleepers.chain.providers(), settings)
    };
    assert_eq!(batcher(settings).round().await.unwrap().collected, 4, "the fifth waits for its age");
    let sizes = |provider: &Provider| provider.state().batches.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes(&provider), [2, 2]);
    settings.collecting.age = std::time::Duration::ZERO;
    assert_eq!(batcher(settings).round().await.unwrap().collected, 1);
    for words in ["6", "7", "8"] {
        sleepers.sleeper(words).await;
    }
    settings.collecting.most_items = 100;
    settings.collecting.most_bytes = 1;
    let alone =
        orrery::llm::batch::Batcher::new(sleepers.account.clone(), sleepers.chain.providers(), settings);
    assert_eq!(alone.round().await.unwrap().collected, 3);
    assert_eq!(sizes(&provider), [2, 2, 1, 1, 1, 1], "a question that is larger than a batch goes alone");
    sleepers.world.close().await;
}
