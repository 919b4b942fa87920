//! What is read out of good answers.

use serde_json::{Value, json};

use crate::config::WireName;
use crate::llm::answer::Finish;
use crate::llm::kind::Kind;
use crate::llm::usage::Usage;
use crate::llm::wire::{self, Reading};

fn read(wire: WireName, body: &Value) -> Reading {
    wire::of(wire).read(body).unwrap()
}

#[test]
fn openai_counts_cached_and_reasoning_tokens_inside() {
    let body = json!({
        "id": "chatcmpl-1", "model": "m-1-2026", "choices": [{"index": 0, "finish_reason": "stop",
            "message": {"role": "assistant", "content": "{}", "refusal": null}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 40, "prompt_tokens_details": {"cached_tokens": 64},
            "completion_tokens_details": {"reasoning_tokens": 30}}
    });
    assert_eq!(
        read(WireName::Openai, &body),
        Reading {
            text: "{}".to_owned(),
            finish: Finish::Stop,
            usage: Some(Usage {
                input: 100,
                cached_input: 64,
                cache_write: 0,
                output: 40,
                reasoning: 30,
                estimated: false
            }),
            model: Some("m-1-2026".to_owned()),
            id: Some("chatcmpl-1".to_owned()),
        }
    );
}

#[test]
fn openai_says_why_it_stopped() {
    let finish = |reason: Value, refusal: Value| {
        read(
            WireName::Openai,
            &json!({"choices": [{"finish_reason": reason, "message": {"content": "x", "refusal": refusal}}]}),
        )
        .finish
    };
    assert_eq!(finish(json!("length"), Value::Null), Finish::Length);
    assert_eq!(finish(json!("content_filter"), Value::Null), Finish::Filter);
    assert_eq!(finish(json!("stop"), json!("I cannot.")), Finish::Refusal);
    assert_eq!(finish(Value::Null, Value::Null), Finish::Missing);
    assert_eq!(finish(json!("tool_calls"), Value::Null), Finish::Other);
    let none = wire::of(WireName::Openai).read(&json!({"choices": []})).unwrap_err();
    assert_eq!(none.kind, Kind::EmptyOutput);
    let parts = json!({"choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}}]});
    assert_eq!(read(WireName::Openai, &parts).text, "ab");
    assert_eq!(read(WireName::Openai, &parts).usage, None);
}

#[test]
fn anthropic_counts_what_the_cache_had_apart_and_we_add_it() {
    let body = json!({
        "id": "msg_1", "type": "message", "model": "c-1", "stop_reason": "end_turn",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "{}"}],
        "usage": {"input_tokens": 10, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 1000, "output_tokens": 7}
    });
    let reading = read(WireName::Anthropic, &body);
    assert_eq!((reading.text.as_str(), reading.finish), ("{}", Finish::Stop));
    assert_eq!(
        reading.usage,
        Some(Usage {
            input: 1015,
            cached_input: 1000,
            cache_write: 5,
            output: 7,
            reasoning: 0,
            estimated: false
        })
    );
    for (word, finish) in [
        ("max_tokens", Finish::Length),
        ("refusal", Finish::Refusal),
        ("model_context_window_exceeded", Finish::Window),
        ("pause_turn", Finish::Other),
    ] {
        assert_eq!(read(WireName::Anthropic, &json!({"content": [], "stop_reason": word})).finish, finish);
    }
}

#[test]
fn gemini_counts_thoughts_apart_and_we_add_them() {
    let body = json!({
        "candidates": [{"content": {"role": "model", "parts": [{"text": "thinking", "thought": true}, {"text": "{\"a\":"}, {"text": "1}"}]},
            "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 20, "cachedContentTokenCount": 4, "candidatesTokenCount": 6, "thoughtsTokenCount": 30, "totalTokenCount": 56},
        "modelVersion": "g-1", "responseId": "r-1"
    });
    let reading = read(WireName::Gemini, &body);
    assert_eq!(reading.text, "{\"a\":1}");
    assert_eq!(
        reading.usage,
        Some(Usage {
            input: 20,
            cached_input: 4,
            cache_write: 0,
            output: 36,
            reasoning: 30,
            estimated: false
        })
    );
    for (word, finish) in
        [("MAX_TOKENS", Finish::Length), ("SAFETY", Finish::Filter), ("RECITATION", Finish::Filter)]
    {
        assert_eq!(read(WireName::Gemini, &json!({"candidates": [{"finishReason": word}]})).finish, finish);
    }
    let blocked =
        json!({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}});
    assert_eq!(read(WireName::Gemini, &blocked).finish, Finish::Filter);
    assert_eq!(wire::of(WireName::Gemini).read(&json!({})).unwrap_err().kind, Kind::EmptyOutput);
}

#[test]
fn ollama_without_counts_has_no_usage() {
    let body = json!({"model": "l", "message": {"role": "assistant", "content": "{}"}, "done": true, "done_reason": "stop",
        "prompt_eval_count": 12, "eval_count": 3});
    let reading = read(WireName::Ollama, &body);
    assert_eq!(reading.usage, Some(Usage { input: 12, output: 3, ..Usage::default() }));
    assert_eq!(reading.finish, Finish::Stop);
    let bare = json!({"message": {"content": "x"}, "done": true, "done_reason": "length"});
    assert_eq!(
        (read(WireName::Ollama, &bare).usage, read(WireName::Ollama, &bare).finish),
        (None, Finish::Length)
    );
    let half = json!({"message": {"content": "x"}, "done": false});
    assert_eq!(wire::of(WireName::Ollama).read(&half).unwrap_err().kind, Kind::StreamBroken);
}
