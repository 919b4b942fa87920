//! Logging set-up: to standard error, as text or JSON.

use anyhow::Context as _;
use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, Log};

/// Starts logging for the rest of the process.
pub(super) fn start(config: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.level).map_err(|error| ConfigError::Value {
        key: "log.level".to_owned(),
        origin: "the configuration".to_owned(),
        problem: format!("{:?} is neither a level nor a list of directives: {error}", config.level),
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.format == "json" {
        log.json().try_init()
    } else {
        log.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init()
    };
    started.map_err(|error| anyhow::anyhow!(error)).context("logging cannot be started")
}
