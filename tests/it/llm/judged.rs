//! LLMock fails as providers do, and says whether the client bore it well.
//!
//! What LLMock 0.2.2 cannot say (`build_error_response` in its simulation.py) is tested with answers of our own: a wait that stands in
//! the body of a refusal only, and Gemini's allowance for a day.

use std::time::Duration;

use futures::future::join_all;
use orrery::llm::{Chain, Kind};
use serde_json::json;
use tokio::time::Instant;

use super::client::{ask, chain, provider};
use super::judge::{Llmock, WIRES};
use crate::support::wait::eventually;

/// A chain of one wire of LLMock.
fn chain_of(judge: &Llmock, wire: &str, path: &str, lines: &str) -> Chain {
    chain(vec![provider("p", wire, &judge.at(path), lines)])
}

#[tokio::test]
async fn each_wire_is_answered_and_counted() {
    let judge = Llmock::start(&[]).await;
    for (wire, path) in WIRES {
        judge.scenario(&json!([{"type": "reply", "text": "{\"text\": \"a\"}"}])).await;
        let asked = ask(&chain_of(&judge, wire, path, ""), "Say a.").await.unwrap();
        assert_eq!(asked.answer.text, "{\"text\": \"a\"}", "{wire}");
        assert!(
            asked.answer.usage.input > 0 && !asked.answer.usage.estimated,
            "{wire}: {:?}",
            asked.answer.usage
        );
        assert_eq!((asked.answer.tries, asked.answer.finish.as_str()), (1, "stop"), "{wire}");
        judge.acquits(wire).await;
    }
}

#[tokio::test]
async fn what_passes_is_tried_again_and_hints_are_kept() {
    let judge = &Llmock::start(&[]).await;
    for (status, hint) in [(429_u64, Some(0.3_f64)), (503, Some(0.2)), (529, Some(0.1)), (500, None)] {
        let fail = json!({"type": "fail", "status": status, "retry_after": hint, "times": 2});
        judge.scenario_of_each_wire(&fail).await;
        join_all(WIRES.map(|(wire, path)| async move {
            let begin = Instant::now();
            let asked = ask(&chain_of(judge, wire, path, ""), "Say a.").await.unwrap();
            let took = begin.elapsed();
            assert_eq!(asked.answer.tries, 3, "{wire} {status}");
            assert_eq!(judge.statuses_of(wire).await, [status, status, 200], "{wire}");
            let told = Duration::from_secs_f64(2.0 * hint.unwrap_or_default());
            assert!(took >= told, "{wire} {status}: {took:?}");
        }))
        .await;
        judge.acquits(&format!("{status} passes")).await;
    }
}

#[tokio::test]
async fn a_429_without_a_hint_is_tried_again_after_a_pause_and_then_left_to_the_queue() {
    let judge = &Llmock::without_hints().await;
    judge.scenario_of_each_wire(&json!({"type": "fail", "status": 429, "times": 2})).await;
    join_all(WIRES.map(|(wire, path)| async move {
        let begin = Instant::now();
        let asked = ask(&chain_of(judge, wire, path, ""), "Say a.").await.unwrap();
        let took = begin.elapsed();
        assert_eq!(asked.answer.tries, 3, "{wire}");
        assert_eq!(judge.statuses_of(wire).await, [429, 429, 200], "{wire}");
        assert!(took >= Duration::from_secs(1), "{wire}: two pauses of half a second at least: {took:?}");
    }))
    .await;
    let hints = judge.hints().await;
    assert!(hints.iter().all(Option::is_none), "no refusal names a time: {hints:?}");
    judge.acquits("limited twice").await;
    judge.scenario(&json!([{"type": "fail", "status": 429, "times": null}])).await;
    join_all(WIRES.map(|(wire, path)| async move {
        let error = ask(&chain_of(judge, wire, path, ""), "Say a.").await.unwrap_err();
        assert_eq!((error.kind, error.detail.tries, error.hint), (Kind::RateLimited, 3, None), "{wire}");
        assert_eq!(judge.statuses_of(wire).await, [429, 429, 429], "{wire}");
    }))
    .await;
    judge.acquits("limited for ever").await;
}

#[tokio::test]
async fn what_does_not_pass_is_not_tried_again() {
    let judge = Llmock::start(&[]).await;
    let [openai, anthropic, gemini] = WIRES;
    // In words where the status says too little.
    let mut cases = vec![
        (openai, json!({"status": 429, "code": "insufficient_quota"}), Kind::QuotaExhausted),
        (
            anthropic,
            json!({"status": 400, "message": "Your credit balance is too low."}),
            Kind::QuotaExhausted,
        ),
        (gemini, json!({"status": 400, "message": "API key not valid."}), Kind::Auth),
    ];
    for wire in WIRES {
        for (status, kind) in [
            (400, Kind::BadRequest),
            (401, Kind::Auth),
            (402, Kind::QuotaExhausted),
            (403, Kind::Auth),
            (404, Kind::BadRequest),
            (422, Kind::BadRequest),
        ] {
            cases.push((wire, json!({"status": status}), kind));
        }
        cases.push((wire, json!({"status": 429, "retry_after": 120}), Kind::RateLimited));
    }
    for ((wire, path), mut fail, kind) in cases {
        fail["type"] = json!("fail");
        fail["times"] = json!(null);
        judge.scenario(&json!([fail])).await;
        let error = ask(&chain_of(&judge, wire, path, ""), "Say a.").await.unwrap_err();
        assert_eq!(error.kind, kind, "{wire} {fail}: {error}");
        assert_eq!(error.detail.tries, 1, "{wire} {fail}");
        assert_eq!(judge.statuses().await.len(), 1, "{wire} {fail}");
        if kind == Kind::RateLimited {
            assert_eq!(error.hint, Some(Duration::from_mins(2)), "the queue is told how long");
        }
        judge.acquits(&format!("{wire} {fail}")).await;
    }
}

#[tokio::test]
async fn an_outage_ends_in_a_typed_failure_after_three_requests() {
    let judge = &Llmock::start(&[]).await;
    for status in [503_u16, 529] {
        judge.scenario(&json!([{"type": "fail", "status": status, "retry_after": 0.1, "times": null}])).await;
        join_all(WIRES.map(|(wire, path)| async move {
            let error = ask(&chain_of(judge, wire, path, ""), "Say a.").await.unwrap_err();
            let detail = &error.detail;
            assert_eq!(
                (error.kind, detail.tries, detail.status),
                (Kind::Overloaded, 3, Some(status)),
                "{wire}"
            );
            assert_eq!(judge.statuses_of(wire).await, [u64::from(status); 3], "{wire}");
        }))
        .await;
        judge.acquits(&format!("{status} for ever")).await;
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_twice_at_most() {
    let judge = &Llmock::start(&[]).await;
    judge.scenario(&json!([{"type": "delay", "seconds": 6, "times": null}])).await;
    join_all(WIRES.map(|(wire, path)| async move {
        let begin = Instant::now();
        let error = ask(&chain_of(judge, wire, path, "timeout_s = 1"), "Say a.").await.unwrap_err();
        assert_eq!((error.kind, error.detail.tries), (Kind::Timeout, 2), "{wire}");
        assert!(begin.elapsed() < Duration::from_secs(15), "{wire}: {:?}", begin.elapsed());
    }))
    .await;
    // The judge knows of a request when it has answered it, long after the client has left.
    for (wire, _) in WIRES {
        eventually(Duration::from_secs(30), "both requests are on record", String::new, async || {
            let statuses = judge.statuses_of(wire).await;
            if statuses.len() == 2 { Ok(()) } else { Err(format!("{wire}: {statuses:?}")) }
        })
        .await;
    }
    judge.acquits("slow").await;
}

#[tokio::test]
async fn a_timeout_that_the_provider_tells_of_is_tried_once_more() {
    let judge = &Llmock::start(&[]).await;
    for status in [408_u64, 504] {
        judge.scenario(&json!([{"type": "fail", "status": status, "retry_after": 0.1, "times": null}])).await;
        join_all(WIRES.map(|(wire, path)| async move {
            let error = ask(&chain_of(judge, wire, path, ""), "Say a.").await.unwrap_err();
            assert_eq!((error.kind, error.detail.tries), (Kind::Timeout, 2), "{wire} {status}: {error}");
            assert_eq!(judge.statuses_of(wire).await, [status, status], "{wire}");
        }))
        .await;
        judge.acquits(&format!("{status} for ever")).await;
    }
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_known_by_its_code() {
    let judge = Llmock::start(&["--context-window", "100"]).await;
    for (wire, path) in WIRES {
        let error = ask(&chain_of(&judge, wire, path, ""), &"word ".repeat(400)).await.unwrap_err();
        assert_eq!((error.kind, error.detail.tries), (Kind::ContextTooLong, 1), "{wire}: {error}");
    }
    judge.acquits("context").await;
}

#[tokio::test]
async fn limits_per_minute_are_kept_by_waiting_as_long_as_asked() {
    // About one question in a second; the longer a bucket lasts, the shorter is the wait for the next one.
    for (limit, by) in [(["--rpm", "60"], "ratelimit:requests"), (["--tpm", "9000"], "ratelimit:tokens")] {
        let judge = &Llmock::start(&limit).await;
        join_all(WIRES.map(|(wire, path)| asked_until_refused(judge, wire, path))).await;
        let faults = judge.faults().await;
        for (wire, _) in WIRES {
            assert!(faults.contains(&format!("{wire} {by}")), "{wire} {limit:?}: {faults:?}");
            assert!(judge.statuses_of(wire).await.ends_with(&[429, 200]), "{wire} {limit:?}");
        }
        judge.acquits(&format!("{limit:?}")).await;
    }
}

/// One question after the other until one was refused: the judge's bucket for this wire refills all the time.
async fn asked_until_refused(judge: &Llmock, wire: &str, path: &str) {
    let chain = chain_of(judge, wire, path, "");
    for number in 0..120 {
        if ask(&chain, &number.to_string()).await.unwrap().answer.tries > 1 {
            return;
        }
    }
    panic!("{wire}: no question was refused");
}
