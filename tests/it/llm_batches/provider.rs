//! A provider with a batch interface, on the three wires, that does as it is told and remembers what it was asked.

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::llm::listener::{Listener, Reply, Seen};

/// What becomes of a question of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is answered.
    Answered,
    /// The batch ended before it was done.
    Expired,
    /// It is refused as a bad request.
    Refused,
}

/// How the provider behaves, and what it has seen.
pub struct State {
    /// Whether a creation is carried out and never answered.
    pub hangs: bool,
    /// Whether batches have ended.
    pub ends: bool,
    /// What becomes of the questions, by their place; the last stands for all that follow.
    pub fates: Vec<Fate>,
    /// What it says to a question.
    pub says: fn(&Value) -> String,
    /// The questions of each batch that was created, id and body.
    pub batches: Vec<Vec<(String, Value)>>,
    /// Questions that were asked directly.
    pub direct: usize,
    /// Whether somebody asked to cancel.
    pub cancelled: bool,
    /// What was removed.
    pub removed: Vec<String>,
    marks: Vec<Value>,
    files: Vec<Vec<(String, Value)>>,
}

/// The provider.
pub struct Provider {
    listener: Listener,
    state: Arc<Mutex<State>>,
}

impl Provider {
    /// One whose batches end at once and answer everything.
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(State {
            hangs: false,
            ends: true,
            fates: vec![Fate::Answered],
            says: |_| "{\"text\": \"a\"}".to_owned(),
            batches: Vec::new(),
            direct: 0,
            cancelled: false,
            removed: Vec::new(),
            marks: Vec::new(),
            files: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        let listener = Listener::with(move |seen| shared.lock().unwrap().answer(seen)).await;
        Self { listener, state }
    }

    /// Address for a wire.
    pub fn url(&self, wire: &str) -> String {
        if wire == "openai" { self.listener.url() } else { self.listener.origin() }
    }

    /// What it does and has seen.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Batches that were created, and questions that were asked directly.
    pub fn counts(&self) -> (usize, usize) {
        let state = self.state();
        (state.batches.len(), state.direct)
    }

    /// Everything that it was sent, as one text.
    pub fn read(&self) -> String {
        let seen = self.listener.seen();
        seen.iter().map(|seen| format!("{}\n{}", seen.head, seen.body)).collect::<Vec<_>>().join("\n")
    }
}

fn good(body: &Value) -> Reply {
    Reply::status(200, "", &body.to_string())
}

fn chat(text: &str) -> Value {
    json!({
        "id": "c-1", "model": "m-1", "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 100}
    })
}

fn message(text: &str) -> Value {
    json!({
        "id": "msg-1", "type": "message", "model": "m-1", "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 900, "output_tokens": 100}
    })
}

fn candidate(text: &str) -> Value {
    json!({
        "modelVersion": "m-1", "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 900, "candidatesTokenCount": 100}
    })
}

impl State {
    fn answer(&mut self, seen: &Seen) -> Reply {
        let mut line = seen.head.lines().next().unwrap().split(' ');
        let (method, address) = (line.next().unwrap(), line.next().unwrap());
        let path = address.split('?').next().unwrap();
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        match (method, parts.as_slice()) {
            ("POST", ["v1", "chat", "completions"]) => {
                self.direct += 1;
                good(&chat(&(self.says)(&body)))
            }
            ("POST", ["v1", "messages"]) => {
                self.direct += 1;
                good(&message(&(self.says)(&body)))
            }
            ("POST", ["v1beta", "models", "m-1:generateContent"]) => {
                self.direct += 1;
                good(&candidate(&(self.says)(&body)))
            }

            ("POST", ["v1", "files"]) => self.upload(&seen.body),
            ("POST", ["v1", "batches"]) => {
                let file: usize = body["input_file_id"].as_str().unwrap()["file-".len()..].parse().unwrap();
                let questions = self.files[file].clone();
                self.create(
                    questions,
                    body["metadata"].clone(),
                    &json!({"id": format!("batch-{}", self.batches.len())}),
                )
            }
            ("GET", ["v1", "batches"]) => {
                let one =
                    |(at, mark): (usize, &Value)| json!({"id": format!("batch-{at}"), "metadata": mark});
                let data: Vec<Value> = self.marks.iter().enumerate().rev().map(one).collect();
                good(&json!({"data": data, "has_more": false}))
            }
            ("GET", ["v1", "batches", id]) => good(&json!({
                "id": id, "status": if self.ends { "completed" } else { "in_progress" }, "input_file_id": "file-0",
                "output_file_id": id.replace("batch", "out"), "error_file_id": id.replace("batch", "err"),
            })),
            ("GET", ["v1", "files", file, "content"]) => Reply::status(200, "", &self.file(file)),

            ("POST", ["v1", "messages", "batches"]) => {
                let requests = body["requests"].as_array().unwrap();
                let one = |request: &Value| {
                    (request["custom_id"].as_str().unwrap().to_owned(), request["params"].clone())
                };
                let questions = requests.iter().map(one).collect();
                self.create(
                    questions,
                    Value::Null,
                    &json!({"id": format!("msgbatch-{}", self.batches.len())}),
                )
            }
            ("GET", ["v1", "messages", "batches"]) => {
                let data: Vec<Value> = (0..self.batches.len()).map(|at| self.message_batch(at)).collect();
                good(&json!({"data": data, "has_more": false}))
            }
            ("GET", ["v1", "messages", "batches", id]) => good(&self.message_batch(number(id))),
            ("GET", ["v1", "messages", "batches", id, "results"]) => {
                Reply::status(200, "", &self.message_results(number(id)))
            }

            ("POST", ["v1beta", "models", "m-1:batchGenerateContent"]) => {
                let requests = body["batch"]["inputConfig"]["requests"]["requests"].as_array().unwrap();
                let one = |request: &Value| {
                    (request["metadata"]["key"].as_str().unwrap().to_owned(), request["request"].clone())
                };
                let questions = requests.iter().map(one).collect();
                let name = format!("batches/g-{}", self.batches.len());
                self.create(questions, body["batch"]["displayName"].clone(), &json!({"name": name}))
            }
            ("GET", ["v1beta", "batches"]) => {
                let operations: Vec<Value> = (0..self.batches.len()).map(|at| self.operation(at)).collect();
                good(&json!({"operations": operations}))
            }
            ("GET", ["v1beta", "batches", id]) => good(&self.operation(number(id))),

            ("POST", [.., id]) if *id == "cancel" || id.ends_with(":cancel") => {
                self.cancelled = true;
                self.ends = true;
                self.fates = vec![Fate::Expired];
                good(&json!({}))
            }
            ("DELETE", [.., id]) => {
                self.removed.push((*id).to_owned());
                good(&json!({}))
            }
            other => panic!("nobody knows {other:?}"),
        }
    }

    /// The file of an upload: its lines that are questions.
    fn upload(&mut self, form: &str) -> Reply {
        let lines = form.lines().filter(|line| line.starts_with('{'));
        let question = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(
                (line["method"].as_str(), line["url"].as_str()),
                (Some("POST"), Some("/v1/chat/completions"))
            );
            (line["custom_id"].as_str().unwrap().to_owned(), line["body"].clone())
        };
        self.files.push(lines.map(question).collect());
        good(&json!({"id": format!("file-{}", self.files.len() - 1), "object": "file"}))
    }

    fn create(&mut self, questions: Vec<(String, Value)>, mark: Value, answer: &Value) -> Reply {
        self.batches.push(questions);
        self.marks.push(mark);
        if self.hangs { Reply::Silence } else { good(answer) }
    }

    /// Questions and fates of a batch, last first: no provider promises an order.
    fn results(&self, batch: usize) -> Vec<(&str, &Value, Fate)> {
        let fate = |at: usize| self.fates[at.min(self.fates.len() - 1)];
        let all = self.batches[batch].iter().enumerate();
        all.map(|(at, (id, body))| (id.as_str(), body, fate(at))).rev().collect()
    }

    fn file(&self, file: &str) -> String {
        let good = file.starts_with("out");
        let line = |(id, body, fate): (&str, &Value, Fate)| {
            match fate {
            Fate::Answered => good.then(|| {
                json!({"custom_id": id, "response": {"status_code": 200, "request_id": "r-1", "body": chat(&(self.says)(body))}, "error": null})
            }),
            Fate::Expired => (!good).then(|| {
                json!({"custom_id": id, "response": null, "error": {"code": "batch_expired", "message": "not done in time"}})
            }),
            Fate::Refused => (!good).then(|| {
                let error = json!({"error": {"message": "no", "type": "invalid_request_error", "code": null}});
                json!({"custom_id": id, "response": {"status_code": 400, "body": error}, "error": null})
            }),
        }
        };
        lines(self.results(number(file)).into_iter().filter_map(line))
    }

    fn message_batch(&self, at: usize) -> Value {
        let count = self.batches[at].len();
        json!({
            "id": format!("msgbatch-{at}"), "type": "message_batch", "created_at": chrono::Utc::now().to_rfc3339(),
            "processing_status": if self.ends { "ended" } else { "in_progress" },
            "request_counts": {"processing": 0, "succeeded": count, "errored": 0, "canceled": 0, "expired": 0},
        })
    }

    fn message_results(&self, at: usize) -> String {
        let line = |(id, body, fate): (&str, &Value, Fate)| {
            let result = match fate {
                Fate::Answered => json!({"type": "succeeded", "message": message(&(self.says)(body))}),
                Fate::Expired => json!({"type": "expired"}),
                Fate::Refused => {
                    json!({"type": "errored", "error": {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}}})
                }
            };
            json!({"custom_id": id, "result": result})
        };
        lines(self.results(at).into_iter().map(line))
    }

    fn operation(&self, at: usize) -> Value {
        let name = format!("batches/g-{at}");
        let state = if self.ends { "BATCH_STATE_SUCCEEDED" } else { "BATCH_STATE_RUNNING" };
        let metadata = json!({"displayName": self.marks[at], "state": state});
        if !self.ends {
            return json!({"name": name, "metadata": metadata});
        }
        let line = |(id, body, fate): (&str, &Value, Fate)| match fate {
            Fate::Answered => json!({"metadata": {"key": id}, "response": candidate(&(self.says)(body))}),
            Fate::Expired => {
                json!({"metadata": {"key": id}, "error": {"code": 1, "message": "not done in time"}})
            }
            Fate::Refused => json!({"metadata": {"key": id}, "error": {"code": 3, "message": "no"}}),
        };
        let responses: Vec<Value> = self.results(at).into_iter().map(line).collect();
        json!({"name": name, "metadata": metadata, "done": true, "response": {"inlinedResponses": {"inlinedResponses": responses}}})
    }
}

fn number(id: &str) -> usize {
    id.rsplit('-').next().unwrap().parse().unwrap()
}

fn lines(values: impl Iterator<Item = Value>) -> String {
    values.map(|value| value.to_string()).collect::<Vec<_>>().join("\n")
}
