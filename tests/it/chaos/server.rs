//! A server process that a storm may kill and start again, on the same port and the same data.

use std::fs::OpenOptions;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// How a server is started, and the process if it runs.
pub struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    /// User and group it runs as, where that is not our own.
    user: Option<(u32, u32)>,
    log: PathBuf,
    child: Option<Child>,
    /// Signal that ends it at once without losing what is committed.
    last_signal: &'static str,
}

impl Server {
    /// A server that does not run yet.
    pub const fn new(
        program: PathBuf,
        arguments: Vec<String>,
        log: PathBuf,
        last_signal: &'static str,
    ) -> Self {
        Self { program, arguments, user: None, log, child: None, last_signal }
    }

    /// Runs the server as another user.
    pub const fn run_by(mut self, user: Option<(u32, u32)>) -> Self {
        self.user = user;
        self
    }

    /// Starts the process; what it says is added to its log.
    pub fn start(&mut self) {
        let log = OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        command.current_dir("/");
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        self.child =
            Some(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", self.program.display())));
    }

    /// Whether the process runs.
    pub fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// Sends a signal and waits until the process has ended.
    pub async fn end(&mut self, signal: &str) {
        let Some(mut child) = self.child.take() else { return };
        let _ = Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status();
        tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    }

    /// Where the server writes its log.
    pub const fn log(&self) -> &PathBuf {
        &self.log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("kill")
                .arg(format!("-{}", self.last_signal))
                .arg(child.id().to_string())
                .status();
            let _ = child.wait();
        }
    }
}
