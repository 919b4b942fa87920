//! The workers of a storm: real processes behind networks of their own, started again when they have ended, as systemd would.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::servers::Servers;
use super::wire::Wire;
use crate::support::World;
use crate::support::worker::Worker;

/// Code of a worker that could not reach a database when it started.
const OUT_OF_REACH: i32 = 69;

/// A time in which a worker, or all of them, could not show that they live.
#[derive(Debug, Clone)]
pub struct Trouble {
    /// Process, or all of them.
    pub pid: Option<i32>,
    /// Beginning.
    pub from: DateTime<Utc>,
    /// End; none when the process was killed.
    pub to: Option<DateTime<Utc>>,
    /// What it was.
    pub what: &'static str,
}

/// What happened to the workers, for the invariants.
#[derive(Debug, Default)]
pub struct Chronicle {
    troubles: Mutex<Vec<Trouble>>,
    /// Workers that ended by themselves though they should not.
    deserters: Mutex<Vec<String>>,
    /// Starts that met a database out of reach.
    early: Mutex<usize>,
}

impl Chronicle {
    /// Notes that a trouble begins and returns what ends it.
    pub fn begin(&self, pid: Option<i32>, what: &'static str) -> usize {
        let mut troubles = self.troubles.lock().unwrap();
        troubles.push(Trouble { pid, from: Utc::now(), to: None, what });
        troubles.len() - 1
    }

    /// Notes that a trouble has ended.
    pub fn end(&self, trouble: usize) {
        self.troubles.lock().unwrap()[trouble].to = Some(Utc::now());
    }

    /// All troubles.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.lock().unwrap().clone()
    }

    /// Workers that ended by themselves.
    pub fn deserters(&self) -> Vec<String> {
        self.deserters.lock().unwrap().clone()
    }

    /// Starts that met a database out of reach.
    pub fn early(&self) -> usize {
        *self.early.lock().unwrap()
    }
}

/// One worker: its process and its networks.
pub struct Member {
    /// Network to PostgreSQL.
    pub to_postgres: Wire,
    /// Network to MongoDB.
    pub to_mongodb: Wire,
    settings: Vec<(String, String)>,
    process: Option<Worker>,
    /// Whether the process is meant to end.
    ending: bool,
}

impl Member {
    /// A worker that does not run yet, with default settings but for its slots.
    pub async fn new(servers: &Servers, world: &World) -> Self {
        let (to_postgres, to_mongodb) =
            (Wire::start(&world.config.postgres.url).await, Wire::start(&servers.mongodb_uri).await);
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = vec![
            set("ORRERY_POSTGRES_URL", &to_postgres.url(&world.config.postgres.url)),
            set("ORRERY_MONGODB_URI", &to_mongodb.url(&servers.mongodb_uri)),
            set("ORRERY_REPORT_CONCURRENCY", "2"),
            set("ORRERY_ENTITY_CONCURRENCY", "2"),
            set("ORRERY_CALCULATION_CONCURRENCY", "1"),
        ];
        Self { to_postgres, to_mongodb, settings, process: None, ending: false }
    }

    /// Starts the worker if it does not run; `further` variables are for this process only.
    pub fn start(&mut self, world: &World, further: &[(String, String)]) {
        let all: Vec<(&str, &str)> = self
            .settings
            .iter()
            .chain(further)
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.process = Some(world.worker_starting(&all));
        self.ending = false;
    }

    /// Process id of the worker.
    pub fn pid(&self) -> Option<i32> {
        self.process.as_ref().map(Worker::pid)
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        if let Some(process) = &self.process {
            process.signal(name);
        }
    }

    /// Kills the process, if it still runs.
    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
        }
    }

    /// Asks the worker to stop and says how it did; `Err` when it did not within `limit` or with another code than 0.
    pub async fn drain(&mut self, limit: Duration) -> Result<(), String> {
        self.ending = true;
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let pid = process.pid();
        process.signal("TERM");
        let started = tokio::time::Instant::now();
        loop {
            match process.exit() {
                Some(status) if status.success() => return Ok(()),
                // It was still starting: it had claimed nothing, and a signal or a database out of reach may end it.
                Some(_) if !process.log().contains("worker runs") => return Ok(()),
                Some(status) => {
                    return Err(format!("worker {pid} ended with {status} when it was told to stop"));
                }
                None if started.elapsed() > limit => {
                    return Err(format!("worker {pid} did not stop within {limit:?}"));
                }
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }

    /// Starts the worker again if it has ended, and notes it where nothing explains that.
    pub fn attend(&mut self, world: &World, chronicle: &Chronicle) {
        let Some(process) = &mut self.process else {
            self.start(world, &[]);
            return;
        };
        let Some(status) = process.exit() else { return };
        if status.code() == Some(OUT_OF_REACH) && !process.log().contains("worker runs") {
            *chronicle.early.lock().unwrap() += 1;
        } else {
            let text = format!(
                "worker {} ended with {status}; its log: {}",
                process.pid(),
                process.log_path().display()
            );
            chronicle.deserters.lock().unwrap().push(text);
        }
        self.start(world, &[]);
    }
}

/// Variables that put a worker's clock off, where the library for that is there: as a package, or fetched by `make chaos`.
pub fn skewed(offset: &str) -> Option<Vec<(String, String)>> {
    let folders = ["/usr/lib", concat!(env!("CARGO_MANIFEST_DIR"), "/var/faketime/usr/lib")];
    let library = folders.iter().flat_map(std::fs::read_dir).flatten().flatten().find_map(|entry| {
        let path: PathBuf = entry.path().join("faketime/libfaketimeMT.so.1");
        path.exists().then_some(path)
    })?;
    let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Some(vec![
        set("LD_PRELOAD", library.to_str()?),
        set("FAKETIME", offset),
        // A clock that is set wrong goes on at the same pace.
        set("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ])
}
