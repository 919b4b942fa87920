//! A server that answers each request with the next of the given bytes, and keeps what it was sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What to do with one request.
#[derive(Clone)]
pub enum Reply {
    /// Send these bytes and close.
    Bytes(String),
    /// Send nothing and keep the connection open.
    Silence,
    /// Close at once.
    Close,
    /// What this makes of the request.
    Answer(fn(&Seen) -> Self),
}

impl Reply {
    /// An answer with a status, further headers (each with its line end) and a body.
    pub fn status(status: u16, headers: &str, body: &str) -> Self {
        Self::Bytes(format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n{body}",
            body.len()
        ))
    }

    /// A 200 of the wire `openai` with this text.
    pub fn text(text: &str) -> Self {
        let body = serde_json::json!({
            "id": "c-1", "model": "m-1", "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 100}
        });
        Self::status(200, "", &body.to_string())
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Request line and headers.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Seen {
    /// The text of the message at `index` from the end of the conversation.
    pub fn message_from_end(&self, index: usize) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        let messages = body["messages"].as_array().unwrap();
        messages[messages.len() - 1 - index]["content"].as_str().unwrap().to_owned()
    }
}

/// The server; ends with the test's runtime.
pub struct Listener {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    hung_up: Arc<AtomicUsize>,
}

impl Listener {
    /// Answers the first request with the first reply, and so on; the last one stands for all that follow.
    pub async fn start(replies: Vec<Reply>) -> Self {
        let mut number = 0;
        Self::with(move |_| {
            number += 1;
            replies[(number - 1).min(replies.len() - 1)].clone()
        })
        .await
    }

    /// Answers each request as this says.
    pub async fn with(mut handler: impl FnMut(&Seen) -> Reply + Send + 'static) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = socket.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let hung_up = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&hung_up);
        tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = socket.accept().await else { return };
                let Some(request) = Box::pin(read(&mut stream)).await else { continue };
                kept.lock().unwrap().push(request.clone());
                let reply = match handler(&request) {
                    Reply::Answer(make) => make(&request),
                    other => other,
                };
                match reply {
                    Reply::Bytes(bytes) => {
                        let _ = stream.write_all(bytes.as_bytes()).await;
                        let _ = stream.shutdown().await;
                    }
                    Reply::Silence => drop(tokio::spawn(until_hung_up(stream, Arc::clone(&counted)))),
                    Reply::Close | Reply::Answer(_) => {}
                }
            }
        });
        Self { port, seen, hung_up }
    }

    /// Its address without a path.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// What it was sent.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many of those that it left without an answer have closed their connection.
    pub fn hung_up(&self) -> usize {
        self.hung_up.load(Ordering::SeqCst)
    }
}

/// Says nothing until the other side closes the connection, and counts that.
async fn until_hung_up(mut stream: TcpStream, hung_up: Arc<AtomicUsize>) {
    let mut more = [0_u8; 1024];
    while matches!(stream.read(&mut more).await, Ok(1..)) {}
    hung_up.fetch_add(1, Ordering::SeqCst);
}

/// One request; `None` when the connection ends before it is whole.
async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65536];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return Some(Seen { head: head.to_owned(), body: body.to_owned() });
            }
        }
        let count = stream.read(&mut buffer).await.ok()?;
        if count == 0 {
            return None;
        }
        bytes.extend_from_slice(&buffer[..count]);
    }
}
