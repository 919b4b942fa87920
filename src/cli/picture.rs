//! Writing what the offline commands draw.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::table;
use crate::draw::Theme;

/// How a command shows its result.
#[derive(Debug, Args)]
pub(super) struct Output {
    /// Print JSON instead of tables.
    #[arg(long, conflicts_with = "svg")]
    pub(super) json: bool,
    /// Draw instead of printing tables; `-` writes the drawing to standard output.
    #[arg(long, value_name = "FILE")]
    pub(super) svg: Option<PathBuf>,
    /// Colours of the drawing; `auto` follows the reader's system.
    #[arg(long, value_enum, default_value_t, requires = "svg")]
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
        if let Some(file) = &self.svg {
            let drawing = drawing(self.theme());
            if file.as_os_str() == "-" {
                table::say(drawing.trim_end());
                return Ok(());
            }
            return std::fs::write(file, drawing)
                .with_context(|| format!("{} cannot be written", file.display()));
        }
        table::say(&if self.json { serde_json::to_string_pretty(value)? } else { text() });
        Ok(())
    }
}
