//! What is measured side by side: how to set it up, how its rows are inserted, and how to see that none is left.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::database::{INSERT_REPORTS, Server};
use super::peers::{self, Peer};

/// Longest wait for a line of a worker.
const PATIENCE: Duration = Duration::from_mins(5);

/// A queue system.
#[derive(Debug, Clone)]
pub enum System {
    /// Orrery's worker over the documents' queue.
    Orrery,
    /// Plain statements over the same table without triggers.
    Raw,
    /// Somebody else's queue over its own table.
    Peer(Peer),
}

impl System {
    /// The name in the tables.
    pub fn name(&self) -> String {
        match self {
            Self::Orrery => concat!("orrery ", env!("CARGO_PKG_VERSION")).to_owned(),
            Self::Raw => "raw SQL".to_owned(),
            Self::Peer(peer) => format!("{} {}", peer.known.name, peer.known.version),
        }
    }

    /// Queues that its worker watches.
    pub const fn queues(&self) -> f64 {
        if matches!(self, Self::Orrery) { 4.0 } else { 1.0 }
    }

    /// Whether it has a worker that waits for rows.
    pub const fn waits(&self) -> bool {
        !matches!(self, Self::Raw)
    }

    /// Inserts rows numbered `$1` to `$2`.
    pub fn insert(&self) -> &str {
        match self {
            Self::Orrery | Self::Raw => INSERT_REPORTS,
            Self::Peer(peer) => peer.known.insert,
        }
    }

    /// Says whether a row is left that has not ended well.
    pub fn left(&self) -> &str {
        match self {
            Self::Orrery => {
                "select exists (select 1 from orrery.dispatch)
                 or exists (select 1 from report_generation_queue where status <> 'completed')"
            }
            Self::Raw => "select exists (select 1 from report_generation_queue where status <> 'completed')",
            Self::Peer(peer) => peer.known.left,
        }
    }

    /// Makes a database in which it can work.
    pub async fn set_up(&self, server: &Server, database: &str) -> anyhow::Result<()> {
        server.create(database).await?;
        match self {
            Self::Orrery => server.make_platform(database).await?,
            Self::Raw => {
                server.make_platform(database).await?;
                server.run(database, "alter table report_generation_queue disable trigger user").await?;
            }
            Self::Peer(peer) => {
                let status = peer.command("setup", &server.url_of(database)).status().await?;
                ensure!(status.success(), "{} could not be set up: {status}", peer.known.name);
            }
        }
        Ok(())
    }

    /// Starts its worker and waits until it is ready.
    pub async fn start(
        &self,
        server: &Server,
        database: &str,
        expect: u64,
        log: bool,
    ) -> anyhow::Result<Worker> {
        let url = server.url_of(database);
        let mut command = match self {
            Self::Orrery => own("worker", &url)?,
            Self::Raw => own("raw", &url)?,
            Self::Peer(peer) => peer.command("work", &url),
        };
        command.arg("--expect").arg(expect.to_string());
        if log {
            command.arg("--log");
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(peers::log_file(&self.name())?)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} could not be started", self.name()))?;
        let stdout = child.stdout.take().context("standard output is piped")?;
        let mut worker =
            Worker { name: self.name(), child, lines: BufReader::new(stdout).lines(), ready_ns: 0 };
        worker.ready_ns = worker.expect("ready").await?[0];
        Ok(worker)
    }
}

fn own(what: &str, url: &str) -> anyhow::Result<Command> {
    let program: PathBuf = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.arg(what).arg("--url").arg(url);
    Ok(command)
}

/// A running worker process.
pub struct Worker {
    name: String,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// When it was ready.
    pub ready_ns: i128,
}

impl Worker {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }

    /// The numbers of the next line that begins with `word`; other lines are passed over.
    pub async fn expect(&mut self, word: &str) -> anyhow::Result<Vec<i128>> {
        loop {
            let line = tokio::time::timeout(PATIENCE, self.lines.next_line())
                .await
                .with_context(|| format!("{} never said {word}", self.name))??;
            let Some(line) = line else {
                bail!(
                    "{} ended before it said {word}; see {}",
                    self.name,
                    peers::log_path(&self.name).display()
                );
            };
            if let Some(rest) = line.strip_prefix(word) {
                return rest
                    .split_whitespace()
                    .map(|number| number.parse().with_context(|| format!("{}: {line}", self.name)))
                    .collect();
            }
        }
    }

    /// Tells it to stop and waits until it has.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if self.child.try_wait()?.is_none() {
            Command::new("kill").arg(self.pid().to_string()).stderr(Stdio::null()).status().await?;
        }
        if tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await.is_err() {
            self.child.kill().await?;
        }
        Ok(())
    }
}

/// Inserts rows of a system.
pub async fn insert(
    connection: &mut PgConnection,
    system: &System,
    first: i64,
    last: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(AssertSqlSafe(system.insert())).bind(first).bind(last).execute(connection).await.map(drop)
}

/// Waits until no row is left.
pub async fn until_none_left(server: &Server, database: &str, system: &System) -> anyhow::Result<()> {
    let mut connection = server.connect(database).await?;
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let left: bool = sqlx::query_scalar(AssertSqlSafe(system.left())).fetch_one(&mut connection).await?;
        if !left {
            break;
        }
        ensure!(std::time::Instant::now() < deadline, "{}: rows are left", system.name());
        // Each look reads dead rows too, so looks are few.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    connection.close().await?;
    Ok(())
}
