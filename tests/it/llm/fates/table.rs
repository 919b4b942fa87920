//! Every kind of failure, and what follows from it.

use std::ops::Range;

use crate::llm::listener::Reply;

/// What becomes of a row when both providers fail alike.
#[derive(Debug, Clone)]
pub enum Fate {
    /// An attempt is burnt, and it runs again.
    Retried,
    /// It is put off for so many seconds, and no attempt is burnt.
    Waits(Range<f64>),
    /// It ends as failed.
    Fails,
}

/// One failure.
#[derive(Clone)]
pub struct Case {
    /// Its code.
    pub code: &'static str,
    /// What is so before; `ROW` is the id of the row.
    pub before: &'static str,
    /// What each provider answers, one after the other; the last stands for all that follow.
    pub replies: Vec<Reply>,
    /// Requests that the first and the second provider get.
    pub asked: [usize; 2],
    /// How each call is written down.
    pub call: Recorded,
    /// State and failures of the first provider's breaker, if it has one.
    pub breaker: Option<(&'static str, i32)>,
    /// What becomes of the row.
    pub fate: Fate,
    /// Words of the error that the row keeps.
    pub error: &'static str,
    /// Words of `orrery explain`, beside those that follow from the fate.
    pub says: &'static str,
}

impl Case {
    /// Whether its requests take seconds; one test of it is enough.
    pub fn is_slow(&self) -> bool {
        ["llm.timeout", "llm.connect"].contains(&self.code)
    }
}

/// A call in `orrery.llm_calls`.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// Requests made.
    pub tries: usize,
    /// Status of HTTP.
    pub status: Option<i32>,
    /// Why the model stopped, where the call was answered.
    pub finish: Option<&'static str>,
    /// Tokens of question and answer, where the provider told.
    pub tokens: Option<(i64, i64)>,
}

const fn unanswered(tries: usize, status: Option<i32>) -> Recorded {
    Recorded { tries, status, finish: None, tokens: None }
}

const fn answered(finish: &'static str, tokens: (i64, i64)) -> Recorded {
    Recorded { tries: 1, status: Some(200), finish: Some(finish), tokens: Some(tokens) }
}

/// A failure that the first provider alone is asked about, once, and after which its breaker stays closed.
pub fn case(code: &'static str, replies: Vec<Reply>, fate: Fate) -> Case {
    Case {
        code,
        before: "",
        replies,
        asked: [1, 0],
        call: unanswered(1, None),
        breaker: Some(("closed", 0)),
        fate,
        error: "",
        says: "",
    }
}

/// A refusal with this status and body.
fn refused(code: &'static str, status: u16, body: &str, fate: Fate) -> Case {
    let call = unanswered(1, Some(i32::from(status)));
    Case { call, ..case(code, vec![Reply::status(status, "", body)], fate) }
}

/// An answer of the wire `openai` with 900 tokens in and 7 out.
fn answer(message: &str, finish: &str) -> Reply {
    let body = format!(
        r#"{{"model":"m-1","choices":[{{"message":{message},"finish_reason":"{finish}"}}],"usage":{{"prompt_tokens":900,"completion_tokens":7}}}}"#
    );
    Reply::status(200, "", &body)
}

/// A failure before anything is sent.
fn unsent(code: &'static str, before: &'static str, fate: Fate) -> Case {
    Case { before, asked: [0, 0], breaker: None, ..case(code, Vec::new(), fate) }
}

/// A wait without a hint, spread.
pub const MINUTE: Fate = Fate::Waits(40.0..73.0);
const QUARTER_HOUR: Fate = Fate::Waits(850.0..1081.0);

const DAY_IS_OVER: &str = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[
    {"violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"retryDelay":"22s"}]}}"#;

/// The breaker of the first provider is open.
pub const FIRST_RESTS: &str = "insert into orrery.breaker (name, queues, state, failures, reason, opened_at, probe_at)
    values ('llm:first/m-1', '{}', 'open', 5, 'llm.overloaded: no room', now(), now() + interval '10 minutes')";

const BOTH_REST: &str = "insert into orrery.breaker (name, queues, state, failures, reason, opened_at, probe_at)
    select 'llm:' || p || '/m-1', '{}', 'open', 5, 'llm.overloaded: no room', now(), now() + interval '10 minutes'
    from unnest('{first,second}'::text[]) p";

const BUCKET_IS_EMPTY: &str = "insert into orrery.llm_buckets (provider, model, blocked_until)
    values ('first', 'm-1', now() + interval '1 hour')";

const BUDGET_IS_SPENT: &str = "insert into orrery.llm_limits (organization_id, month_calls)
    values ('10000000-0000-4000-9000-000000000001', 0)";

const ROW_HAS_SPENT: &str = "insert into orrery.llm_calls
      (id, request_digest, state, queue, job_id, purpose, provider, model, prompt_id, prompt_version, month, created_at, expires_at,
       input_tokens, output_tokens, settled_at)
    values (gen_random_uuid(), repeat('0', 64), 'failed', 'report', 'ROW', 'report', 'earlier', 'm-1', 'report', '1.0.0',
            date_trunc('month', now())::date, now(), now(), 600000, 0, now())";

/// Words of the prompt: the question cannot be asked without them.
const BORN_IN_THE_PROMPT: &str = "update entity_birth_data set city = 'JSON object' where employee_id = '60000000-0000-4000-9000-000000000001'";

/// Every kind of failure, both providers failing alike.
pub fn table() -> Vec<Case> {
    let mut table = unreachable_and_limited();
    table.extend(refusals());
    table.extend(answers());
    table.extend(ours());
    table
}

/// No answer, or not now.
fn unreachable_and_limited() -> Vec<Case> {
    let short = || Reply::status(503, "retry-after: 0\r\n", "");
    let hint = Reply::status(429, "retry-after: 31\r\n", r#"{"error":{"code":"rate_limit_exceeded"}}"#);
    vec![
        Case {
            asked: [2, 2],
            call: unanswered(2, None),
            breaker: Some(("closed", 2)),
            error: "no answer",
            ..case("llm.timeout", vec![Reply::Silence], Fate::Retried)
        },
        Case {
            asked: [3, 3],
            call: unanswered(3, None),
            breaker: Some(("closed", 3)),
            error: "no connection",
            ..case("llm.connect", vec![Reply::Close], Fate::Retried)
        },
        Case {
            call: unanswered(1, Some(429)),
            says: "orrery llm limits",
            ..case("llm.rate_limited", vec![hint], Fate::Waits(20.0..38.0))
        },
        // Until midnight in California, whatever the answer says of seconds.
        Case {
            asked: [1, 1],
            says: "what the provider allows in a day is used up",
            ..refused("llm.daily_quota", 429, DAY_IS_OVER, Fate::Waits(30.0..91_000.0))
        },
        Case {
            asked: [3, 3],
            call: unanswered(3, Some(503)),
            breaker: Some(("closed", 3)),
            says: "no room or was broken",
            ..case("llm.overloaded", vec![short(), short(), Reply::status(503, "", "")], MINUTE)
        },
    ]
}

/// Answers that are no 2xx, and for which no waiting helps.
fn refusals() -> Vec<Case> {
    let code = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"so"}}}}"#);
    vec![
        Case {
            breaker: Some(("open", 1)),
            says: "close first/m-1",
            ..refused("llm.quota_exhausted", 429, &code("insufficient_quota"), QUARTER_HOUR)
        },
        Case {
            breaker: Some(("open", 1)),
            says: "close first/m-1",
            ..refused("llm.auth", 401, &code("invalid_api_key"), QUARTER_HOUR)
        },
        Case {
            asked: [1, 1],
            error: "404",
            ..refused("llm.model_not_found", 404, &code("model_not_found"), Fate::Fails)
        },
        Case { error: "422", ..refused("llm.bad_request", 422, &code("unknown_parameter"), Fate::Fails) },
        // Asked twice: the second time without what others wrote. The second provider has the larger window.
        Case {
            asked: [2, 2],
            ..refused("llm.context_too_long", 400, &code("context_length_exceeded"), Fate::Fails)
        },
        Case { asked: [2, 2], ..refused("llm.content_filter", 400, &code("content_filter"), Fate::Fails) },
    ]
}

/// Answers of which nothing can be used. What they have used stands in the accounts all the same.
fn answers() -> Vec<Case> {
    let empty = r#"{"choices":[{"message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":9}}"#;
    let last = "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 60s\r\n";
    vec![
        // Asked twice: the second time with twice the room.
        Case {
            asked: [2, 0],
            call: answered("length", (900, 7)),
            error: "cut at the cap",
            ..case("llm.output_truncated", vec![answer(r#"{"content":"{"}"#, "length")], Fate::Fails)
        },
        Case {
            asked: [3, 3],
            call: answered("stop", (900, 7)),
            error: "no_object",
            ..case("llm.invalid_output", vec![answer(r#"{"content":"no report"}"#, "stop")], Fate::Retried)
        },
        Case {
            asked: [2, 2],
            call: Recorded { tokens: Some((6, 18)), ..unanswered(2, Some(200)) },
            error: "no text",
            ..case("llm.empty_output", vec![Reply::status(200, "", empty)], Fate::Retried)
        },
        // The same, and no room to ask again.
        Case {
            call: Recorded { tokens: Some((3, 9)), ..unanswered(1, None) },
            says: "orrery llm limits",
            ..case("llm.local_rate_limit", vec![Reply::status(200, last, empty)], MINUTE)
        },
        Case {
            asked: [1, 1],
            call: answered("refusal", (900, 7)),
            error: "declined",
            ..case("llm.refusal", vec![answer(r#"{"refusal":"No."}"#, "stop")], Fate::Fails)
        },
        Case {
            asked: [2, 0],
            call: unanswered(2, Some(200)),
            ..case("llm.stream_broken", vec![Reply::status(200, "", "<html>")], Fate::Retried)
        },
    ]
}

/// What keeps a question from being sent.
fn ours() -> Vec<Case> {
    vec![
        Case {
            breaker: Some(("open", 5)),
            says: "close first/m-1",
            ..unsent("llm.circuit_open", BOTH_REST, Fate::Waits(550.0..722.0))
        },
        Case {
            says: "orrery llm limits",
            ..unsent("llm.local_rate_limit", BUCKET_IS_EMPTY, Fate::Waits(3500.0..3700.0))
        },
        Case {
            says: "orrery llm budget set",
            ..unsent("llm.budget_exceeded", BUDGET_IS_SPENT, Fate::Waits(1.0..32.0 * 86_400.0))
        },
        Case {
            error: "llm_account.job_tokens",
            ..unsent("llm.job_budget_exceeded", ROW_HAS_SPENT, Fate::Fails)
        },
        // The last one: workers remember for a minute who must not be named.
        Case { error: "was not sent", ..unsent("llm.privacy", BORN_IN_THE_PROMPT, Fate::Fails) },
    ]
}
