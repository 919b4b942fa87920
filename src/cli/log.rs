//! Logging set-up: to standard error, as text or JSON; and traces, where they are asked for.

use anyhow::Context as _;
use std::io::IsTerminal as _;

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, reload};

use crate::config::{Config, ConfigError, Log};
use crate::queue::spans;
use crate::service::traces::Traces;

/// Changes what is logged while the process runs.
pub(super) struct Level(reload::Handle<EnvFilter, Registry>);

impl Level {
    /// From now on what the configuration says.
    pub(super) fn set(&self, config: &Log) -> anyhow::Result<()> {
        Ok(self.0.reload(filter(config)?)?)
    }
}

/// What is logged; the error names the key.
pub(super) fn filter(config: &Log) -> Result<EnvFilter, ConfigError> {
    let filter = EnvFilter::try_new(&config.level).map_err(|error| ConfigError::Value {
        key: "log.level".to_owned(),
        origin: "the configuration".to_owned(),
        problem: format!("{:?} is neither a level nor a list of directives: {error}", config.level),
    })?;
    Ok(spans::without(filter))
}

/// Starts logging, and traces of this worker, for the rest of the process.
pub(super) fn start(config: &Config, worker_id: &str) -> anyhow::Result<(Level, Traces)> {
    let (filter, level) = reload::Layer::new(filter(&config.log)?);
    let (traces, layer) = Traces::start(&config.telemetry, worker_id)?;
    let lines = fmt::layer::<Registry>().with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = if config.log.format == "json" {
        lines.json().with_filter(filter).boxed()
    } else {
        lines.with_ansi(std::io::stderr().is_terminal()).with_target(false).with_filter(filter).boxed()
    };
    let layers: Vec<_> = std::iter::once(lines).chain(layer).collect();
    tracing_subscriber::registry().with(layers).try_init().context("logging cannot be started")?;
    Ok((Level(level), traces))
}
