//! A page as PDF, printed by the Chromium that is installed.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::process::Command;

/// Names under which a Chromium may be found on `PATH`.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A page prints within a second or two.
const PATIENCE: Duration = Duration::from_mins(1);

/// Prints a page. The page and the browser's profile lie in a private folder that is removed in the end.
pub(super) async fn print(page: &str, file: &Path) -> anyhow::Result<()> {
    // Chromium would only say that it could not write.
    std::fs::write(file, []).with_context(|| format!("{} cannot be written", file.display()))?;
    let folder = std::env::temp_dir().join(format!("orrery-print-{}", uuid::Uuid::new_v4()));
    std::fs::DirBuilder::new()
        .create(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    let printed = in_folder(page, file, &folder).await;
    // What is left in the temporary folder harms nobody.
    let _ = std::fs::remove_dir_all(&folder);
    printed
}

async fn in_folder(page: &str, file: &Path, folder: &Path) -> anyhow::Result<()> {
    let source = folder.join("report.html");
    std::fs::write(&source, page).with_context(|| format!("{} cannot be written", source.display()))?;
    for name in NAMES {
        let mut command = Command::new(name);
        command
            .args(["--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"])
            .args(sandbox())
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .arg(format!("--print-to-pdf={}", file.display()))
            .arg(format!("file://{}", source.display()))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = match tokio::time::timeout(PATIENCE, command.output()).await {
            Err(_) => bail!("{name} did not print the page within {} s", PATIENCE.as_secs()),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Ok(started) => started.with_context(|| format!("{name} cannot be started"))?,
        };
        let written = std::fs::metadata(file).is_ok_and(|written| written.len() > 0);
        if !output.status.success() || !written {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{name} did not print the page: {}", said.lines().last().unwrap_or("no message"));
        }
        return Ok(());
    }
    bail!(
        "--pdf needs Chromium: none of {} is on PATH; install one, or use --html and print from a browser",
        NAMES.join(", ")
    )
}

/// Chromium refuses to run as root within its sandbox. The page has no scripts and loads nothing.
fn sandbox() -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt as _;
    let root = std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    root.then_some("--no-sandbox")
}
