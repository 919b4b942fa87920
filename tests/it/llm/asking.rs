//! The way down the chain.

use orrery::llm::Kind;

use super::client::{ask, hasty, provider};
use super::listener::{Listener, Reply};

fn good() -> Reply {
    Reply::text("{\"text\":\"a\"}")
}

/// Asks a chain of two; says who was asked how often, and what came of it.
async fn two(first: Reply, lines: [&str; 2]) -> (usize, usize, Result<usize, Kind>) {
    let (one, other) = (Listener::start(vec![first]).await, Listener::start(vec![good()]).await);
    let chain = hasty(vec![
        provider("one", "openai", &one.url(), lines[0]),
        provider("other", "openai", &other.url(), lines[1]),
    ]);
    let asked = ask(&chain, "Say a.").await;
    (one.seen().len(), other.seen().len(), asked.map(|asked| asked.step).map_err(|error| error.kind))
}

#[tokio::test]
async fn the_next_is_asked_where_that_may_help() {
    let refusal = r#"{"choices":[{"message":{"content":"","refusal":"No."},"finish_reason":"stop"}]}"#;
    let filtered = r#"{"error":{"code":"content_filter","message":"x"}}"#;
    for (reply, requests) in [
        (Reply::status(503, "", ""), 3),
        (Reply::Close, 3),
        (Reply::status(404, "", r#"{"error":{"code":"model_not_found"}}"#), 1),
        (Reply::status(200, "", refusal), 1),
        (Reply::status(400, "", filtered), 1),
        (Reply::status(200, "", r#"{"choices":[]}"#), 2),
    ] {
        assert_eq!(two(reply, ["", ""]).await, (requests, 1, Ok(1)));
    }
}

#[tokio::test]
async fn the_next_is_not_asked_where_a_person_has_to_look_or_waiting_is_right() {
    for (reply, kind, requests) in [
        (Reply::status(401, "", ""), Kind::Auth, 1),
        (Reply::status(402, "", ""), Kind::QuotaExhausted, 1),
        (Reply::status(400, "", ""), Kind::BadRequest, 1),
        (Reply::status(429, "retry-after: 60\r\n", ""), Kind::RateLimited, 1),
        (
            Reply::status(200, "", r#"{"choices":[{"message":{"content":"{"},"finish_reason":"length"}]}"#),
            Kind::OutputTruncated,
            1,
        ),
    ] {
        assert_eq!(two(reply, ["", ""]).await, (requests, 0, Err(kind)));
    }
}

#[tokio::test]
async fn a_question_that_is_too_long_goes_to_a_larger_window_only() {
    let long = || Reply::status(400, "", r#"{"error":{"code":"context_length_exceeded"}}"#);
    let (small, large) = ("context_window = 16000", "context_window = 128000");
    assert_eq!(two(long(), [small, large]).await, (1, 1, Ok(1)));
    assert_eq!(two(long(), [large, small]).await, (1, 0, Err(Kind::ContextTooLong)));
    assert_eq!(two(long(), [small, ""]).await, (1, 0, Err(Kind::ContextTooLong)));
}

#[tokio::test]
async fn of_several_failures_the_most_hopeful_is_reported() {
    let busy = Listener::start(vec![Reply::status(503, "", "")]).await;
    let gone = Listener::start(vec![Reply::status(404, "", r#"{"error":{"code":"model_not_found"}}"#)]).await;
    for order in [[&busy, &gone], [&gone, &busy]] {
        let [one, other] = order.map(|listener| provider("p", "openai", &listener.url(), ""));
        let error = ask(&hasty(vec![one, other]), "Say a.").await.unwrap_err();
        assert_eq!(error.kind, Kind::Overloaded);
    }
    assert_eq!(ask(&hasty(vec![]), "Say a.").await.unwrap_err().kind, Kind::NoProvider);
}
