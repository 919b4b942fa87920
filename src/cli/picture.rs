//! Writing what the offline commands draw.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{ArgGroup, Args, ValueEnum};

use super::table;
use crate::draw::Theme;

/// How a command shows its result.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("drawing").args(["svg", "png"]))]
pub(super) struct Output {
    /// Print JSON instead of tables.
    #[arg(long, conflicts_with = "drawing")]
    pub(super) json: bool,
    /// Draw instead of printing tables; `-` writes the drawing to standard output.
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// Draw as PNG, `-` for standard output; needs a program built with `--features png`.
    #[arg(long, value_name = "FILE", hide = cfg!(not(feature = "png")))]
    pub(super) png: Option<PathBuf>,
    /// Width of the PNG in pixels.
    #[arg(long, value_name = "PIXELS", default_value_t = 1600, requires = "png", hide = cfg!(not(feature = "png")))]
    png_width: u32,
    /// Colours of the drawing; `auto` follows the reader's system.
    #[arg(long, value_enum, default_value_t, requires = "drawing")]
    theme: ThemeName,
}

/// Names of themes on the command line.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum ThemeName {
    #[default]
    Light,
    Dark,
    Print,
    Auto,
}

impl ThemeName {
    pub(super) fn theme(self) -> Theme {
        match self {
            Self::Light => Theme::Light,
            Self::Dark => Theme::Dark,
            Self::Print => Theme::Print,
            Self::Auto => Theme::Auto,
        }
    }
}

impl Output {
    pub(super) fn theme(&self) -> Theme {
        self.theme.theme()
    }

    /// Prints JSON or a text, or writes a drawing, as the options say.
    pub(super) fn show<T: serde::Serialize>(
        &self,
        value: &T,
        text: impl FnOnce() -> String,
        drawing: impl FnOnce(Theme) -> String,
    ) -> anyhow::Result<()> {
        if let Some(file) = &self.png {
            return written(file, &pixels(&drawing(self.theme()), self.png_width)?);
        }
        if let Some(file) = &self.svg {
            return written(file, drawing(self.theme()).as_bytes());
        }
        table::say(&if self.json { serde_json::to_string_pretty(value)? } else { text() });
        Ok(())
    }
}

/// Writes a drawing to a file; `-` is standard output, where a closed pipe is no error.
fn written(file: &Path, drawing: &[u8]) -> anyhow::Result<()> {
    if file.as_os_str() == "-" {
        let _ = std::io::stdout().write_all(drawing);
        return Ok(());
    }
    std::fs::write(file, drawing).with_context(|| format!("{} cannot be written", file.display()))
}

#[cfg(feature = "png")]
fn pixels(drawing: &str, width: u32) -> anyhow::Result<Vec<u8>> {
    crate::draw::png(drawing, width).context("--png-width")
}

#[cfg(not(feature = "png"))]
fn pixels(_drawing: &str, _width: u32) -> anyhow::Result<Vec<u8>> {
    anyhow::bail!(
        "--png: this program was built without PNG; build it with `cargo build --features png`, or use --svg"
    )
}
