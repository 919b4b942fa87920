//! The network between one worker and one server. It can fall silent (both ends believe in the connection and nothing
//! arrives) and it can be cut.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::proxy::authority;

/// What the network does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everything arrives.
    Flow,
    /// Nothing arrives, not even the end of a connection. What was sent arrives later.
    Silent,
    /// Every connection is closed, and new ones too.
    Cut,
}

/// A network between a worker and a server.
pub struct Wire {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
}

impl Wire {
    /// A network to the server of a URL.
    pub async fn start(url: &str) -> Self {
        let target = authority(url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mode = watch::Sender::new(Mode::Flow);
        let modes = mode.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mut mode, target) = (modes.subscribe(), target.clone());
                tokio::spawn(async move {
                    let mut cut = mode.clone();
                    tokio::select! {
                        _ = cut.wait_for(|mode| *mode == Mode::Cut) => {}
                        () = async {
                            if mode.wait_for(|mode| *mode != Mode::Silent).await.is_ok()
                                && let Ok(server) = TcpStream::connect(&target).await
                            {
                                carry(client, server, mode).await;
                            }
                        } => {}
                    }
                });
            }
        });
        Self { address, mode }
    }

    /// The same URL through this network.
    pub fn url(&self, url: &str) -> String {
        url.replacen(authority(url), &self.address.to_string(), 1)
    }

    /// Changes what the network does.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn carry(client: TcpStream, server: TcpStream, mode: watch::Receiver<Mode>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = pipe(from_client, to_server, mode.clone()) => {}
        () = pipe(from_server, to_client, mode) => {}
    }
}

async fn pipe(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut mode: watch::Receiver<Mode>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        if mode.wait_for(|mode| *mode != Mode::Silent).await.is_err() || read == 0 {
            return;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
