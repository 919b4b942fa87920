//! The order in which the accounts around a call are asked and told.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use orrery::llm::guard::{Call, Exchange, Guard, Judgement, Permit};
use orrery::llm::{Answer, Kind, LlmError};
use uuid::Uuid;

use super::client::{hasty, provider, request};
use super::listener::{Listener, Reply};

/// Writes down what it is called for, stores one answer, and refuses where it is told to.
#[derive(Default)]
struct Notes {
    lines: Mutex<Vec<String>>,
    stored: Mutex<Option<Answer>>,
    refuse: Option<(&'static str, Kind)>,
}

impl Notes {
    fn note(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().unwrap())
    }

    fn asked(&self, hook: &'static str) -> Result<(), LlmError> {
        match self.refuse {
            Some((refused, kind)) if refused == hook => {
                Err(LlmError::new(kind, "told to").with_hint(Some(Duration::from_secs(9))))
            }
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Guard for Notes {
    async fn stored(&self, _: &Call<'_>) -> Result<Option<Answer>, LlmError> {
        self.note("stored".to_owned());
        Ok(self.stored.lock().unwrap().clone())
    }

    async fn permit(&self, call: &Call<'_>) -> Result<Permit, LlmError> {
        self.note(format!("permit {}", call.provider));
        self.asked("permit")?;
        Ok(Permit { id: Uuid::new_v4() })
    }

    async fn admit(&self, _: &Call<'_>, _: &Permit, attempt: u32) -> Result<Duration, LlmError> {
        self.note(format!("admit {attempt}"));
        self.asked("admit").map(|()| Duration::ZERO)
    }

    async fn seen(&self, _: &Call<'_>, _: &Permit, exchange: &Exchange<'_>) {
        let left = exchange.limits.requests_left;
        self.note(format!("seen {} {:?} {left:?}", exchange.attempt, exchange.error.map(|error| error.kind)));
    }

    async fn record(&self, _: &Call<'_>, _: &Permit, answer: &Answer) -> Result<(), LlmError> {
        self.note(format!("record {}", answer.finish.as_str()));
        self.asked("record")?;
        *self.stored.lock().unwrap() = Some(answer.clone());
        Ok(())
    }

    async fn settle(&self, _: &Call<'_>, _: Permit, result: Result<&Answer, &LlmError>) {
        self.note(format!(
            "settle {:?}",
            result.map(|answer| answer.usage.output).map_err(|error| error.kind)
        ));
    }

    async fn judged(&self, _: &Call<'_>, _: &Judgement) {}
}

fn limited() -> Reply {
    Reply::status(503, "x-ratelimit-remaining-requests: 7\r\n", "")
}

async fn asked(notes: &Notes, replies: Vec<Reply>) -> (Result<bool, Kind>, Vec<String>, usize) {
    let listener = Listener::start(replies).await;
    let chain = hasty(vec![provider("one", "openai", &listener.url(), "")]);
    let asked = chain.ask(&request("Say a."), notes).await;
    (asked.map(|asked| asked.stored).map_err(|error| error.kind), notes.lines(), listener.seen().len())
}

#[tokio::test]
async fn an_answer_is_recorded_before_it_is_settled_and_paid_once() {
    let notes = Notes::default();
    let replies = vec![limited(), Reply::text("not even JSON")];
    let (result, lines, requests) = asked(&notes, replies.clone()).await;
    assert_eq!(
        lines,
        [
            "stored",
            "permit one",
            "admit 1",
            "seen 1 Some(Overloaded) Some(7)",
            "admit 2",
            "seen 2 None None",
            "record stop",
            "settle Ok(100)"
        ]
    );
    assert_eq!((result, requests), (Ok(false), 2));
    // The same question again: nothing is sent, nothing is booked.
    let (result, lines, requests) = asked(&notes, replies).await;
    assert_eq!((result, lines.as_slice(), requests), (Ok(true), ["stored".to_owned()].as_slice(), 0));
}

#[tokio::test]
async fn an_answer_that_was_cut_is_recorded_and_settled_as_paid() {
    let cut = r#"{"choices":[{"message":{"content":"{"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":50}}"#;
    let notes = Notes::default();
    let (result, lines, _) = asked(&notes, vec![Reply::status(200, "", cut)]).await;
    assert_eq!(result, Err(Kind::OutputTruncated));
    assert_eq!(lines[3..], ["seen 1 None None", "record length", "settle Ok(50)"]);
    // Read again it is cut still, and costs nothing.
    let (result, lines, requests) = asked(&notes, vec![Reply::Close]).await;
    assert_eq!((result, lines.len(), requests), (Err(Kind::OutputTruncated), 1, 0));
}

#[tokio::test]
async fn a_refusal_of_the_guard_sends_nothing_more() {
    for (hook, kind, tail, requests) in [
        ("permit", Kind::CircuitOpen, "permit one", 0),
        ("permit", Kind::BudgetExceeded, "permit one", 0),
        ("admit", Kind::LocalRateLimit, "settle Err(LocalRateLimit)", 0),
        ("record", Kind::Store, "settle Err(Store)", 1),
    ] {
        let notes = Notes { refuse: Some((hook, kind)), ..Notes::default() };
        let (result, lines, sent) = asked(&notes, vec![Reply::text("{}")]).await;
        assert_eq!((result, sent), (Err(kind), requests), "{hook}");
        assert_eq!(lines.last().map(String::as_str), Some(tail), "{hook}");
    }
}

#[tokio::test]
async fn an_open_breaker_leads_to_the_next_provider() {
    let notes = Notes { refuse: Some(("permit", Kind::CircuitOpen)), ..Notes::default() };
    let listener = Listener::start(vec![Reply::text("{}")]).await;
    let chain = hasty(vec![
        provider("one", "openai", &listener.url(), ""),
        provider("other", "openai", &listener.url(), ""),
    ]);
    let error = chain.ask(&request("Say a."), &notes).await.unwrap_err();
    assert_eq!(notes.lines(), ["stored", "permit one", "stored", "permit other"]);
    assert_eq!((error.kind, error.hint), (Kind::CircuitOpen, Some(Duration::from_secs(9))));
}
