//! The worker as `orrery run` starts it, with a model in its chain.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use tokio::process::{Child, Command};
use uuid::Uuid;

use super::platform::Platform;
use super::{Arguments, log};

pub struct Worker {
    process: Child,
    log: PathBuf,
}

impl Worker {
    pub fn start(arguments: &Arguments, platform: &Platform, model: &str) -> anyhow::Result<Self> {
        let (configuration, log) =
            (arguments.folder.join("bench-llm.toml"), arguments.folder.join("bench-llm.log"));
        fs::write(
            &configuration,
            format!(
                "[report]\nconcurrency = {0}\nprefetch = {0}\n[log]\nlevel = \"info,orrery::pipeline=debug,apalis_core=warn,sqlx=error\"\n\
                 [llm]\nchain = [\"m\"]\n[[llm.provider]]\nname = \"m\"\nwire = \"openai\"\nbase_url = \"{model}\"\nmodel = \"m-1\"\nprice = \"free\"\n",
                arguments.flight
            ),
        )?;
        let process = Command::new(&arguments.orrery)
            .arg("run")
            .env("ORRERY_CONFIG", &configuration)
            .envs(platform.environment())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log)?)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Self { process, log })
    }

    /// The most memory that it ever held (Linux).
    pub fn peak_memory_mb(&self) -> f64 {
        let status = self.process.id().and_then(|pid| fs::read_to_string(format!("/proc/{pid}/status")).ok());
        let line =
            status.as_deref().and_then(|status| status.lines().find_map(|line| line.strip_prefix("VmHWM:")));
        let kib: f64 =
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN);
        kib / 1024.0
    }

    /// Stops it and returns its log.
    pub async fn stop(mut self) -> anyhow::Result<String> {
        let pid = self.process.id().context("the worker has ended by itself")?;
        let told = Command::new("kill").args(["-TERM", &pid.to_string()]).status().await?;
        ensure!(told.success(), "the worker cannot be told to stop");
        let ended = self.process.wait().await?;
        ensure!(ended.success(), "the worker ended with {ended}; its log is {}", self.log.display());
        Ok(fs::read_to_string(&self.log)?)
    }
}

/// Milliseconds of each report that are the worker's own, each sorted.
#[derive(Default)]
pub struct OwnTimes {
    /// Its stages as the log says, less what the model took.
    pub all: Vec<f64>,
    /// Of that, what it worked: without the waits for its turn among the other reports.
    pub work: Vec<f64>,
}

pub fn own_times(log: &str, model: &HashMap<Uuid, f64>) -> OwnTimes {
    let mut times = OwnTimes::default();
    for (all, waited) in log.lines().filter_map(|line| own_time(line, model)) {
        times.all.push(all);
        times.work.push(all - waited);
    }
    times.all.sort_by(f64::total_cmp);
    times.work.sort_by(f64::total_cmp);
    times
}

fn own_time(line: &str, model: &HashMap<Uuid, f64>) -> Option<(f64, f64)> {
    let stages = ["collect=", "calculate=", "analyse=", "publish="].map(|field| log::seconds(line, field));
    let id: Uuid = log::value(line, "job_id=")?.parse().ok()?;
    let all: f64 = stages.into_iter().sum::<Option<f64>>()?;
    Some((all * 1e3 - model.get(&id)?, log::seconds(line, "waited=")? * 1e3))
}
