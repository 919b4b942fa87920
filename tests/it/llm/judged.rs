//! LLMock fails as providers do, and says whether the client bore it well.

use std::time::Duration;

use orrery::llm::Kind;
use serde_json::json;
use tokio::time::Instant;

use super::client::{ask, chain, provider};
use super::judge::Llmock;
use crate::support::wait::eventually;

/// The three wires that LLMock speaks.
const WIRES: [(&str, &str); 3] = [("openai", "/v1"), ("anthropic", "/anthropic"), ("gemini", "/gemini")];

#[tokio::test]
async fn each_wire_is_answered_and_counted() {
    let judge = Llmock::start(&[]).await;
    for (wire, path) in WIRES {
        judge.scenario(&json!([{"type": "reply", "text": "{\"text\": \"a\"}"}])).await;
        let chain = chain(vec![provider("p", wire, &judge.at(path), "")]);
        let asked = ask(&chain, "Say a.").await.unwrap();
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
    let judge = Llmock::start(&[]).await;
    for (wire, path) in WIRES {
        for (status, hint) in [(429, json!(0.3)), (503, json!(0.2)), (529, json!(0.1)), (500, json!(null))] {
            let mut fail = json!({"type": "fail", "status": status, "times": 2});
            if !hint.is_null() {
                fail["retry_after"] = hint.clone();
            }
            judge.scenario(&json!([fail])).await;
            let chain = chain(vec![provider("p", wire, &judge.at(path), "")]);
            let begin = Instant::now();
            let asked = ask(&chain, &format!("{wire} {status}")).await.unwrap();
            assert_eq!(asked.answer.tries, 3, "{wire} {status}");
            assert_eq!(judge.statuses().await, [status, status, 200]);
            if let Some(hint) = hint.as_f64() {
                assert!(begin.elapsed() >= Duration::from_secs_f64(2.0 * hint), "{wire} {status}");
            }
            judge.acquits(&format!("{wire} {status}")).await;
        }
    }
}

#[tokio::test]
async fn a_429_without_a_hint_is_tried_again_after_a_pause_and_then_left_to_the_queue() {
    let judge = Llmock::without_hints().await;
    for (wire, path) in WIRES {
        judge.scenario(&json!([{"type": "fail", "status": 429, "times": 2}])).await;
        let chain = chain(vec![provider("p", wire, &judge.at(path), "")]);
        let begin = Instant::now();
        let asked = ask(&chain, wire).await.unwrap();
        let took = begin.elapsed();
        assert_eq!(asked.answer.tries, 3, "{wire}");
        assert_eq!(judge.statuses().await, [429, 429, 200], "{wire}");
        let hints = judge.hints().await;
        assert!(hints.iter().all(Option::is_none), "{wire}: no refusal names a time: {hints:?}");
        assert!(took >= Duration::from_secs(1), "{wire}: two pauses of half a second at least: {took:?}");
        judge.acquits(wire).await;
    }
    judge.scenario(&json!([{"type": "fail", "status": 429, "times": null}])).await;
    let chain = chain(vec![provider("p", "openai", &judge.at("/v1"), "")]);
    let error = ask(&chain, "Say a.").await.unwrap_err();
    assert_eq!((error.kind, error.detail.tries, error.hint), (Kind::RateLimited, 3, None));
    assert_eq!(judge.statuses().await, [429, 429, 429]);
    judge.acquits("limited for ever").await;
}

#[tokio::test]
async fn what_does_not_pass_is_not_tried_again() {
    let judge = Llmock::start(&[]).await;
    let cases = [
        ("openai", "/v1", json!({"type": "fail", "status": 401, "times": null}), Kind::Auth),
        ("openai", "/v1", json!({"type": "fail", "status": 403, "times": null}), Kind::Auth),
        ("openai", "/v1", json!({"type": "fail", "status": 400, "times": null}), Kind::BadRequest),
        ("openai", "/v1", json!({"type": "fail", "status": 422, "times": null}), Kind::BadRequest),
        (
            "openai",
            "/v1",
            json!({"type": "fail", "status": 429, "code": "insufficient_quota", "times": null}),
            Kind::QuotaExhausted,
        ),
        ("anthropic", "/anthropic", json!({"type": "fail", "status": 401, "times": null}), Kind::Auth),
        (
            "anthropic",
            "/anthropic",
            json!({"type": "fail", "status": 402, "times": null}),
            Kind::QuotaExhausted,
        ),
        ("gemini", "/gemini", json!({"type": "fail", "status": 401, "times": null}), Kind::Auth),
        (
            "gemini",
            "/gemini",
            json!({"type": "fail", "status": 429, "retry_after": 120, "times": null}),
            Kind::RateLimited,
        ),
    ];
    for (wire, path, fail, kind) in cases {
        judge.scenario(&json!([fail])).await;
        let chain = chain(vec![provider("p", wire, &judge.at(path), "")]);
        let error = ask(&chain, &fail.to_string()).await.unwrap_err();
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
    let judge = Llmock::start(&[]).await;
    judge.scenario(&json!([{"type": "fail", "status": 503, "retry_after": 0.1, "times": null}])).await;
    let chain = chain(vec![provider("p", "openai", &judge.at("/v1"), "")]);
    let error = ask(&chain, "Say a.").await.unwrap_err();
    assert_eq!((error.kind, error.detail.tries, error.detail.status), (Kind::Overloaded, 3, Some(503)));
    assert_eq!(judge.statuses().await, [503, 503, 503]);
    judge.acquits("outage").await;
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_twice_at_most() {
    let judge = Llmock::start(&[]).await;
    judge.scenario(&json!([{"type": "delay", "seconds": 6, "times": null}])).await;
    let chain = chain(vec![provider("p", "openai", &judge.at("/v1"), "timeout_s = 1")]);
    let begin = Instant::now();
    let error = ask(&chain, "Say a.").await.unwrap_err();
    assert_eq!((error.kind, error.detail.tries), (Kind::Timeout, 2));
    assert!(begin.elapsed() < Duration::from_secs(15), "{:?}", begin.elapsed());
    // The judge knows of a request when it has answered it, long after the client has left.
    eventually(Duration::from_secs(30), "both requests are on record", String::new, async || {
        let statuses = judge.statuses().await;
        if statuses.len() == 2 { Ok(()) } else { Err(format!("{statuses:?}")) }
    })
    .await;
    judge.acquits("slow").await;
}

#[tokio::test]
async fn a_timeout_that_the_provider_tells_of_is_tried_once_more() {
    let judge = Llmock::start(&[]).await;
    for (wire, path) in WIRES {
        for status in [408, 504] {
            judge
                .scenario(&json!([{"type": "fail", "status": status, "retry_after": 0.1, "times": null}]))
                .await;
            let chain = chain(vec![provider("p", wire, &judge.at(path), "")]);
            let error = ask(&chain, &format!("{wire} {status}")).await.unwrap_err();
            assert_eq!((error.kind, error.detail.tries), (Kind::Timeout, 2), "{wire} {status}: {error}");
            assert_eq!(judge.statuses().await, [status, status], "{wire}");
            judge.acquits(&format!("{wire} {status}")).await;
        }
    }
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_known_by_its_code() {
    let judge = Llmock::start(&["--context-window", "100"]).await;
    for (wire, path) in WIRES {
        let chain = chain(vec![provider("p", wire, &judge.at(path), "")]);
        let error = ask(&chain, &"word ".repeat(400)).await.unwrap_err();
        assert_eq!((error.kind, error.detail.tries), (Kind::ContextTooLong, 1), "{wire}: {error}");
    }
    judge.acquits("context").await;
}

#[tokio::test]
async fn limits_per_minute_are_kept_by_waiting_as_long_as_asked() {
    for limit in [["--rpm", "30"], ["--tpm", "3000"]] {
        let judge = Llmock::start(&limit).await;
        let chain = chain(vec![provider("p", "openai", &judge.at("/v1"), "")]);
        let mut refused = 0;
        for number in 0..40 {
            // One after the other until one was refused: the judge's bucket refills all the time.
            let asked = ask(&chain, &format!("{limit:?} {number}")).await.unwrap();
            refused += asked.answer.tries - 1;
            if refused > 0 {
                break;
            }
        }
        assert!(refused > 0, "{limit:?}: no call was refused");
        assert!(judge.statuses().await.contains(&429), "{limit:?}");
        judge.acquits(&format!("{limit:?}")).await;
    }
}
