//! Worker processes of the built program.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::wait::eventually;

/// Lines of a log that a failed test shows.
const TAIL_LINES: usize = 40;

/// A running `orrery run`, killed at the latest when it goes out of scope.
pub struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    /// Starts the program with exactly these `ORRERY_` variables; its log goes to `log`.
    pub fn start(environment: &[(String, String)], log: &Path) -> Self {
        let file = File::create(log).unwrap();
        let child = program(environment)
            .arg("run")
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .expect("the program starts");
        Self { child, log: log.to_owned() }
    }

    /// Process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Sends a signal, such as `KILL`, `STOP`, `CONT` or `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.pid().to_string()).status().unwrap();
        assert!(sent.success(), "signal {name} could not be sent to {}", self.pid());
    }

    /// Kills the process without a chance to tidy up, and waits until it is gone.
    pub fn kill(mut self) {
        self.signal("KILL");
        self.child.wait().unwrap();
    }

    /// Waits until the process has ended by itself.
    pub async fn ended(&mut self, deadline: Duration) -> ExitStatus {
        let log = self.log.clone();
        let child = &mut self.child;
        eventually(
            deadline,
            "the worker ends",
            || tail(&log),
            async || child.try_wait().unwrap().ok_or_else(|| "it runs".to_owned()),
        )
        .await
    }

    /// Asks the process to stop and waits until it has.
    pub async fn stop(&mut self, deadline: Duration) -> ExitStatus {
        self.signal("TERM");
        self.ended(deadline).await
    }

    /// How the process has ended, if it has.
    pub fn exit(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Where the log is.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// The whole log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The built program with exactly these `ORRERY_` variables.
pub fn program(environment: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orrery"));
    for (name, _) in std::env::vars() {
        if name.starts_with("ORRERY_") {
            command.env_remove(name);
        }
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// The end of a log, with its path.
pub fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(TAIL_LINES);
    format!("--- {} ---\n{}", log.display(), lines[from..].join("\n"))
}
