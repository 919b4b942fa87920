//! `orrery dashboard`.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand};

use super::table;
use crate::config::Config;
use crate::dashboard::{Access, Users, hash};

/// Makes password hashes for the dashboard, and checks who may see it.
///
/// The dashboard itself is part of every worker: it answers at `dashboard.listen` while `orrery run` runs.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Reads a password from standard input and prints its argon2id hash for a line `name:role:hash` of `dashboard.users_file`.
    HashPassword,
    /// Says where the dashboard is answered and who may see it; exits with 78 when a worker would refuse the configuration.
    Check,
}

impl Arguments {
    /// Whether the command needs no configuration.
    pub(super) const fn is_hash(&self) -> bool {
        matches!(self.command, Command::HashPassword)
    }
}

/// `orrery dashboard hash-password`.
pub(super) fn hash_password() -> anyhow::Result<()> {
    if std::io::stdin().is_terminal() {
        say_to_person("Type the password and press Enter. It is shown as you type; a pipe shows nothing.");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("standard input cannot be read")?;
    let password = line.trim_end_matches(['\r', '\n']);
    table::say(&hash(password).map_err(|problem| anyhow!(problem))?);
    Ok(())
}

#[allow(clippy::print_stderr, reason = "standard output is for the hash")]
fn say_to_person(text: &str) {
    eprintln!("{text}");
}

/// `orrery dashboard check`.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    let dashboard = &config.dashboard;
    Access::of(dashboard)?;
    let Some(address) = dashboard.address() else {
        table::say("the dashboard is off: dashboard.enabled is false or dashboard.listen is empty");
        return Ok(());
    };
    let mut lines = vec![format!("the dashboard is answered at http://{address}/")];
    if !dashboard.trusted_proxy_header.is_empty() {
        lines.push(format!(
            "a proxy at {} says who asks, in {}; {} of its names may act, all others see",
            dashboard.trusted_proxies.join(", "),
            dashboard.trusted_proxy_header,
            dashboard.operators.len()
        ));
    }
    if !dashboard.users_file.is_empty() {
        let (viewers, operators) = Users::read(dashboard.users_file.as_ref())?.counts();
        lines.push(format!(
            "{viewers} viewers and {operators} operators of {} may log in",
            dashboard.users_file
        ));
    }
    if !dashboard.asks_who() {
        lines.push("whoever can reach this host's loopback address may see and do everything".to_owned());
    }
    if !dashboard.hosts.is_empty() {
        lines.push(format!("it is also reached as {}", dashboard.hosts.join(", ")));
    }
    table::say(&lines.join("\n"));
    Ok(())
}
