//! Single cases, byte by byte.

use std::time::Duration;

use orrery::llm::Kind;
use tokio::time::Instant;

use super::client::{KEY, ask, chain, hasty, provider};
use super::listener::{Listener, Reply};
use crate::support::servers::free_port;

async fn failed(replies: Vec<Reply>) -> (Kind, usize) {
    let listener = Listener::start(replies).await;
    let chain = hasty(vec![provider("p", "openai", &listener.url(), "timeout_s = 1")]);
    let error = ask(&chain, "Say a.").await.unwrap_err();
    assert_eq!(error.detail.provider, "p");
    (error.kind, listener.seen().len())
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_has_a_kind_and_a_number_of_tries() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"choices\"".to_owned();
    let empty = r#"{"choices":[{"message":{"content":"  "},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":9}}"#;
    for (reply, kind, tries) in [
        (Reply::Silence, Kind::Timeout, 2),
        (Reply::Close, Kind::Connect, 3),
        (Reply::Bytes(cut), Kind::StreamBroken, 2),
        (Reply::Bytes("nonsense\r\n\r\n".to_owned()), Kind::Connect, 3),
        (Reply::status(200, "", "<html>hello</html>"), Kind::StreamBroken, 2),
        (Reply::status(200, "", empty), Kind::EmptyOutput, 2),
        (Reply::status(200, "", r#"{"choices":[]}"#), Kind::EmptyOutput, 2),
        (Reply::status(200, "", r#"{"error":{"message":"x","code":503}}"#), Kind::Overloaded, 3),
        (
            Reply::status(200, "", r#"{"error":{"message":"x","code":"rate_limit_exceeded"}}"#),
            Kind::RateLimited,
            3,
        ),
        (Reply::status(429, "", "slow down, please"), Kind::RateLimited, 3),
        (Reply::status(429, "retry-after: 31\r\n", ""), Kind::RateLimited, 1),
        (Reply::status(503, "x-should-retry: false\r\n", ""), Kind::Overloaded, 1),
        (Reply::status(400, "x-should-retry: true\r\n", ""), Kind::BadRequest, 2),
        (Reply::status(301, "location: http://127.0.0.1:1/\r\n", ""), Kind::BadRequest, 1),
        (
            Reply::status(200, "", r#"{"choices":[{"message":{"content":"{"},"finish_reason":"length"}]}"#),
            Kind::OutputTruncated,
            1,
        ),
        (
            Reply::status(
                200,
                "",
                r#"{"choices":[{"message":{"content":"","refusal":"No."},"finish_reason":"stop"}]}"#,
            ),
            Kind::Refusal,
            1,
        ),
        (
            Reply::status(
                200,
                "",
                r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#,
            ),
            Kind::ContentFilter,
            1,
        ),
    ] {
        assert_eq!(failed(vec![reply]).await, (kind, tries), "{kind:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_no_connection() {
    let base = format!("http://127.0.0.1:{}/v1", free_port());
    let error = ask(&hasty(vec![provider("p", "openai", &base, "")]), "Say a.").await.unwrap_err();
    assert_eq!((error.kind, error.detail.tries), (Kind::Connect, 3));
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_date_as_a_hint_is_waited_for() {
    let until = (chrono::Utc::now() + Duration::from_secs(2)).format("%a, %d %b %Y %H:%M:%S GMT");
    let listener = Listener::start(vec![
        Reply::status(503, &format!("retry-after: {until}\r\n"), ""),
        Reply::text("{\"text\":\"a\"}"),
    ])
    .await;
    let begin = Instant::now();
    ask(&chain(vec![provider("p", "openai", &listener.url(), "")]), "Say a.").await.unwrap();
    // The date has whole seconds.
    assert!(begin.elapsed() >= Duration::from_millis(900), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn tokens_of_answers_that_were_thrown_away_are_counted() {
    let empty = r#"{"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":9}}"#;
    let listener =
        Listener::start(vec![Reply::status(200, "", empty), Reply::text("{\"text\":\"a\"}")]).await;
    let asked = ask(&hasty(vec![provider("p", "openai", &listener.url(), "")]), "Say a.").await.unwrap();
    assert_eq!((asked.answer.usage.input, asked.answer.usage.output), (903, 109));
}

#[tokio::test]
async fn usage_that_is_missing_is_estimated() {
    let listener = Listener::start(vec![Reply::status(
        200,
        "x-request-id: r-1\r\n",
        r#"{"choices":[{"message":{"content":"{\"text\":\"a\"}"},"finish_reason":"stop"}]}"#,
    )])
    .await;
    let asked = ask(&hasty(vec![provider("p", "openai", &listener.url(), "")]), "Say a.").await.unwrap();
    assert!(asked.answer.usage.estimated && asked.answer.usage.input > 10);
    assert_eq!(asked.answer.request_id.as_deref(), Some("r-1"));
    assert_eq!(asked.answer.model, "m-1", "the model that was asked, where none is named");
}

#[tokio::test]
async fn the_key_is_sent_in_a_header_and_nowhere_else() {
    let quoted = format!(r#"{{"error":{{"message":"Incorrect key {KEY}","code":"invalid_api_key"}}}}"#);
    let listener = Listener::start(vec![Reply::status(401, "", &quoted)]).await;
    let p = provider("p", "openai", &listener.url(), "headers = { \"x-team\" = \"people\" }");
    let error = ask(&hasty(vec![p]), "Say a.").await.unwrap_err();
    let seen = &listener.seen()[0];
    assert!(seen.head.contains(&format!("authorization: Bearer {KEY}")), "{}", seen.head);
    assert!(seen.head.contains("x-team: people"), "{}", seen.head);
    assert!(!seen.body.contains(KEY));
    assert!(
        !format!("{error} {error:?} {}", error.detail.provider_message).contains("0123456789"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_small_server_that_cuts_the_question_is_caught() {
    let body = r#"{"model":"m-1","message":{"content":"{\"text\":\"a\"}"},"done":true,"done_reason":"stop","prompt_eval_count":300,"eval_count":5}"#;
    let listener = Listener::start(vec![Reply::status(200, "", body)]).await;
    let base = listener.url();
    let chain = hasty(vec![provider("p", "ollama", base.trim_end_matches("/v1"), "")]);
    assert!(ask(&chain, "Say a.").await.is_ok(), "a short question was not cut");
    let error = ask(&chain, &"Tell me a story about the sea. ".repeat(200)).await.unwrap_err();
    assert_eq!(error.kind, Kind::ContextTooLong);
}

#[tokio::test]
async fn what_cannot_fit_is_not_sent() {
    let listener = Listener::start(vec![Reply::text("{\"text\":\"a\"}")]).await;
    let p = provider("p", "openai", &listener.url(), "context_window = 200\nmax_output = 100");
    let error = ask(&hasty(vec![p]), &"word ".repeat(200)).await.unwrap_err();
    assert_eq!((error.kind, listener.seen().len()), (Kind::ContextTooLong, 0));
}
