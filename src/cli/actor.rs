//! Who runs a command, for the audit, and whether somebody can be asked.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use super::exit::Usage;
use crate::operate::{Actor, Source};

/// The user of the host; behind `sudo` the one who called it.
pub(super) fn actor() -> Actor {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    Actor {
        name: named.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned()),
        source: Source::Cli,
    }
}

/// Asks on a terminal; without one nobody can be asked, and `--yes` has to say it.
pub(super) fn agreed(question: &str) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        let text =
            format!("{question} Nobody can be asked here: add --yes to do it, or --dry-run to count only");
        return Err(Usage(text).into());
    }
    write!(std::io::stderr(), "{question} [y/N] ")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
