//! `orrery doctor`.

use anyhow::bail;
use clap::Args;

use super::table;
use crate::config::Config;
use crate::doctor::{self, Finding, Status};

/// Checks everything that a worker needs, and says what mends what is wrong. Changes nothing.
///
/// Ends with 1 when a check fails, with --strict also when one warns.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print JSON instead of a table: id, status, found, why and fix of each check.
    #[arg(long)]
    json: bool,
    /// Also show what is well.
    #[arg(long)]
    all: bool,
    /// Take warnings as failures.
    #[arg(long)]
    strict: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let findings = doctor::examine(&config).await;
    let count = |status| findings.iter().filter(|finding| finding.status == status).count();
    let (ok, warn, fail) = (count(Status::Ok), count(Status::Warn), count(Status::Fail));
    if arguments.json {
        table::say(&serde_json::to_string_pretty(&findings)?);
    } else {
        for finding in &findings {
            if arguments.all || finding.status != Status::Ok {
                table::say(&words(finding));
            }
        }
        table::say(&format!("{ok} checks are well, {warn} warn, {fail} fail"));
    }
    if fail > 0 || (arguments.strict && warn > 0) {
        bail!("{fail} checks fail, {warn} warn");
    }
    Ok(())
}

fn words(finding: &Finding) -> String {
    let status = match finding.status {
        Status::Ok => "well",
        Status::Warn => "WARN",
        Status::Fail => "FAIL",
    };
    let mut lines = vec![format!("{status}  {}: {}", finding.id, finding.found)];
    if finding.status != Status::Ok {
        lines.push(format!("      why: {}", finding.why));
        lines.extend(finding.fix.lines().map(|line| format!("      fix: {line}")));
        lines.push(String::new());
    }
    lines.join("\n")
}
