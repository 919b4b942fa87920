//! Logging set-up: to standard error, as text or JSON.

use anyhow::Context as _;
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, Log};

/// Changes what is logged while the process runs.
pub(super) struct Level(Box<dyn Fn(EnvFilter) -> anyhow::Result<()> + Send + Sync>);

impl Level {
    /// From now on what the configuration says.
    pub(super) fn set(&self, config: &Log) -> anyhow::Result<()> {
        (self.0)(filter(config)?)
    }
}

/// What is logged; the error names the key.
pub(super) fn filter(config: &Log) -> Result<EnvFilter, ConfigError> {
    EnvFilter::try_new(&config.level).map_err(|error| ConfigError::Value {
        key: "log.level".to_owned(),
        origin: "the configuration".to_owned(),
        problem: format!("{:?} is neither a level nor a list of directives: {error}", config.level),
    })
}

/// Starts logging for the rest of the process.
pub(super) fn start(config: &Log) -> anyhow::Result<Level> {
    let log = tracing_subscriber::fmt().with_env_filter(filter(config)?).with_writer(std::io::stderr);
    let (started, level) = if config.format == "json" {
        let log = log.json().with_filter_reloading();
        let handle = log.reload_handle();
        (log.try_init(), Level(Box::new(move |filter| Ok(handle.reload(filter)?))))
    } else {
        let log = log.with_ansi(std::io::stderr().is_terminal()).with_target(false).with_filter_reloading();
        let handle = log.reload_handle();
        (log.try_init(), Level(Box::new(move |filter| Ok(handle.reload(filter)?))))
    };
    started.map_err(|error| anyhow::anyhow!(error)).context("logging cannot be started")?;
    Ok(level)
}
