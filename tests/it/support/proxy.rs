//! A network that can hold back what a worker sends: between a worker and a server, in this process.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards connections to a server. What a client sends is held back from the first bytes that contain the pattern on, once
/// the proxy is armed; the rest of the traffic flows.
pub struct Proxy {
    address: SocketAddr,
    gate: Arc<Gate>,
}

struct Gate {
    pattern: &'static [u8],
    armed: watch::Sender<bool>,
    cut: watch::Sender<bool>,
    /// Rung when the connections of now go dark.
    dark: watch::Sender<()>,
    /// Connections that are held back.
    held: watch::Sender<usize>,
}

impl Proxy {
    /// Starts a proxy to the server of a URL.
    pub async fn start(url: &str, pattern: &'static str) -> Self {
        let target = authority(url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let gate = Arc::new(Gate {
            pattern: pattern.as_bytes(),
            armed: watch::Sender::new(false),
            cut: watch::Sender::new(false),
            dark: watch::Sender::new(()),
            held: watch::Sender::new(0),
        });
        let gate_of_all = Arc::clone(&gate);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *gate_of_all.cut.borrow() {
                    continue;
                }
                let server = TcpStream::connect(&target).await.unwrap();
                let gate = Arc::clone(&gate_of_all);
                let mut dark = gate.dark.subscribe();
                tokio::spawn(async move {
                    let mut cut = gate.cut.subscribe();
                    let cut = async { drop(cut.wait_for(|cut| *cut).await) };
                    let forwarding = forward(client, server, Arc::clone(&gate));
                    tokio::pin!(forwarding);
                    tokio::select! {
                        () = cut => {}
                        // Both ends stay open, and nobody carries anything.
                        _ = dark.changed() => std::future::pending::<()>().await,
                        () = &mut forwarding => {}
                    }
                });
            }
        });
        Self { address, gate }
    }

    /// The same URL through the proxy.
    pub fn url(&self, url: &str) -> String {
        url.replacen(authority(url), &self.address.to_string(), 1)
    }

    /// From now on the pattern is held back.
    pub fn arm(&self) {
        self.gate.armed.send_replace(true);
    }

    /// Lets everything go, also what was held back.
    pub fn release(&self) {
        self.gate.armed.send_replace(false);
    }

    /// Drops every connection and lets no new one through.
    pub fn cut(&self) {
        self.gate.cut.send_replace(true);
    }

    /// Lets new connections through again.
    pub fn mend(&self) {
        self.gate.cut.send_replace(false);
    }

    /// Over the connections of now nothing comes any more, not even their end; new ones work.
    pub fn go_dark(&self) {
        self.gate.dark.send_replace(());
    }

    /// How many connections are held back.
    pub fn held(&self) -> usize {
        *self.gate.held.borrow()
    }
}

/// `host:port` of a URL.
pub fn authority(url: &str) -> &str {
    let rest = url.split_once("://").expect("a URL has a scheme").1;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest[..end].rsplit_once('@').map_or(&rest[..end], |(_, address)| address)
}

async fn forward(client: TcpStream, server: TcpStream, gate: Arc<Gate>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = async move {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
    };
    let forth = async move { forth(&mut from_client, &mut to_server, &gate).await };
    // A client that died takes its connection to the server with it, and the other way round.
    tokio::select! {
        () = back => {}
        () = forth => {}
    }
}

async fn forth(from_client: &mut OwnedReadHalf, to_server: &mut OwnedWriteHalf, gate: &Gate) {
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut seen = Vec::new();
    while from_client.read_buf(&mut buffer).await.is_ok_and(|read| read > 0) {
        // The pattern may come in two pieces.
        seen.extend_from_slice(&buffer);
        if *gate.armed.borrow()
            && !gate.pattern.is_empty()
            && contains(&seen, gate.pattern)
            && !hold(from_client, &mut buffer, gate).await
        {
            break;
        }
        if to_server.write_all(&buffer).await.is_err() {
            break;
        }
        buffer.clear();
        let kept = seen.len().saturating_sub(gate.pattern.len());
        seen.drain(..kept);
    }
}

/// Collects what the client sends until the gate opens; `false` when the client is gone.
async fn hold(client: &mut OwnedReadHalf, buffer: &mut Vec<u8>, gate: &Gate) -> bool {
    gate.held.send_modify(|held| *held += 1);
    let mut armed = gate.armed.subscribe();
    let alive = loop {
        tokio::select! {
            _ = armed.wait_for(|armed| !armed) => break true,
            read = client.read_buf(buffer) => if !read.is_ok_and(|read| read > 0) { break false },
        }
    };
    gate.held.send_modify(|held| *held -= 1);
    alive
}

fn contains(text: &[u8], pattern: &[u8]) -> bool {
    text.windows(pattern.len()).any(|window| window == pattern)
}

#[test]
fn the_address_of_a_url_is_found() {
    assert_eq!(authority("postgres://u:p@h:1/a?b=c"), "h:1");
    assert_eq!(authority("mongodb://h:2/?replicaSet=rs0"), "h:2");
}
