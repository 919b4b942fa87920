//! The worker of Orrery as `orrery run` starts it, with a handler that does nothing.
//!
//! Claimers, slots, heartbeat, rescue, sweep and settling are those of the library; as the handler publishes nothing, its row is
//! completed in a batch with others, each under its token.

use std::sync::Arc;

use async_trait::async_trait;
use orrery::config::{Config, Sources};
use orrery::queue::{ClaimedJob, JobError, Queue, spans};
use orrery::runtime::{Daemon, Done, Handler, Life, worker_id};
use orrery::store::pg::{self, Role};
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

use super::child::{Asked, Teller, ready};

/// Settings that differ from the defaults, which are made for jobs of seconds: as many small jobs at once as
/// connections can serve, and enough claimed ahead of them.
pub const SETTINGS: [(&str, &str); 3] = [
    ("ORRERY_REPORT_CONCURRENCY", "64"),
    ("ORRERY_REPORT_PREFETCH", "4000"),
    ("ORRERY_POSTGRES_MAX_CONNECTIONS", "16"),
];

struct Noop {
    queue: Queue,
    teller: Arc<Teller>,
}

#[async_trait]
impl Handler for Noop {
    fn queue(&self) -> Queue {
        self.queue
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        self.teller.starts(|| job.payload.columns()["request_metadata"]["n"].as_i64().unwrap_or_default());
        self.teller.ended(1);
        Ok(Done::Unpublished(Value::Null))
    }
}

/// Works until SIGTERM.
pub async fn work(asked: &Asked) -> anyhow::Result<()> {
    let config = config(&asked.url)?;
    // As the program does.
    let filter = spans::without(EnvFilter::try_new(&config.log.level)?);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    let pool = pg::connect(&config.postgres, Role::Worker).await?;
    let teller = Arc::new(Teller::new(asked));
    ready();
    let handlers = Queue::ALL
        .map(|queue| -> Arc<dyn Handler> { Arc::new(Noop { queue, teller: Arc::clone(&teller) }) })
        .into();
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let told = stop.clone();
    tokio::spawn(async move {
        terminate.recv().await;
        told.cancel();
    });
    Daemon::new(config, pool, worker_id(), handlers, Life::default())
        .run(stop, CancellationToken::new())
        .await?;
    Ok(())
}

/// The configuration for a database: defaults, the settings above, then the environment.
pub fn config(url: &str) -> anyhow::Result<Config> {
    let mut environment: Vec<(String, String)> =
        SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    environment.extend(
        std::env::vars()
            .filter(|(name, _)| name.starts_with("ORRERY_REPORT_") || name.starts_with("ORRERY_QUEUE_")),
    );
    environment.push(("ORRERY_POSTGRES_URL".to_owned(), url.to_owned()));
    Ok(Sources { file: None, environment }.load()?)
}
