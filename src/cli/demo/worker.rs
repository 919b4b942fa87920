//! The worker process of the demo.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::{Child, Command};

use crate::config::Config;

/// `orrery run` as a process of its own; killed when dropped.
pub(super) struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    pub(super) fn start(config: &Config) -> anyhow::Result<Self> {
        let log = std::env::temp_dir().join(format!("orrery-demo-{}.log", std::process::id()));
        let file = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let child = Command::new(std::env::current_exe()?)
            .arg("run")
            .env("ORRERY_POSTGRES_URL", &config.postgres.url)
            .env("ORRERY_MONGODB_URI", &config.mongodb.uri)
            .env("ORRERY_MONGODB_REPORTS_DATABASE", &config.mongodb.reports_database)
            .env("ORRERY_MONGODB_ASTROLOGY_DATABASE", &config.mongodb.astrology_database)
            .env("ORRERY_HTTP_LISTEN", "")
            .env("ORRERY_DASHBOARD_LISTEN", "")
            // The demo ends when no row is open.
            .env("ORRERY_QUARTER_PLAN", "false")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .context("the worker cannot be started")?;
        Ok(Self { child, log })
    }

    pub(super) fn log_hint(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(12)..].join("\n");
        format!("last lines of the worker's log {}:\n{tail}", self.log.display())
    }

    /// SIGTERM, and the end of the process with exit code 0.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let id = self.child.id().context("the worker has ended already")?;
        let told = Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
        anyhow::ensure!(told.success(), "the worker could not be told to stop");
        let status = self.child.wait().await?;
        anyhow::ensure!(status.success(), "the worker ended with {status}; {}", self.log_hint());
        // The log is of use only when something went wrong.
        let _ = std::fs::remove_file(&self.log);
        Ok(())
    }
}
