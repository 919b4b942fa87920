//! `orrery report render`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{ArgGroup, Args};
use sqlx::PgPool;
use uuid::Uuid;

use super::documents;
use crate::cli::picture::ThemeName;
use crate::cli::table;
use crate::config::Config;
use crate::operate::reports::{earlier, metadata};
use crate::render::{self, View};

/// Which report, in which forms.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("form").args(FORMS).required(true).multiple(true)))]
pub(super) struct Arguments {
    /// Report or queue row.
    id: Uuid,
    /// Write one self-contained page; `-` writes it to standard output.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write markdown; `-` writes it to standard output.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Write each picture as a file of its own into a folder.
    #[arg(long, value_name = "FOLDER")]
    svg: Option<PathBuf>,
    /// Print the page to a PDF with the Chromium that is installed.
    #[cfg(feature = "pdf")]
    #[arg(long, value_name = "FILE")]
    pdf: Option<PathBuf>,
    /// Set an earlier version of the report beside this one (page and markdown).
    #[arg(long, value_name = "VERSION")]
    compare: Option<i32>,
    /// Colours of the pictures in files of their own; `auto` follows the reader's system.
    #[arg(long, value_enum, default_value_t, requires = "svg")]
    theme: ThemeName,
}

#[cfg(feature = "pdf")]
const FORMS: [&str; 4] = ["html", "markdown", "svg", "pdf"];
#[cfg(not(feature = "pdf"))]
const FORMS: [&str; 3] = ["html", "markdown", "svg"];

pub(super) async fn write(config: &Config, pool: &PgPool, arguments: &Arguments) -> anyhow::Result<()> {
    let shown = metadata(pool, arguments.id).await?;
    let before = match arguments.compare {
        Some(version) => Some(earlier(pool, &shown, version).await?),
        None => None,
    };
    let documents = documents(config).await?;
    let view = documents.view(shown).await?;
    let before = match before {
        Some(metadata) => Some(documents.view(metadata).await?),
        None => None,
    };
    if let Some(file) = &arguments.html {
        save(file, &render::page(&view, before.as_ref()))?;
    }
    if let Some(file) = &arguments.markdown {
        save(file, &render::markdown(&view, before.as_ref()))?;
    }
    if let Some(folder) = &arguments.svg {
        pictures(folder, &view, arguments.theme)?;
    }
    #[cfg(feature = "pdf")]
    if let Some(file) = &arguments.pdf {
        super::pdf::print(&render::page(&view, before.as_ref()), file).await?;
    }
    Ok(())
}

fn save(file: &Path, text: &str) -> anyhow::Result<()> {
    if file.as_os_str() == "-" {
        table::say(text.trim_end());
        return Ok(());
    }
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

fn pictures(folder: &Path, view: &View, theme: ThemeName) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    for picture in render::pictures(view, theme.theme()) {
        save(&folder.join(format!("{}.svg", picture.name)), &picture.svg)?;
    }
    Ok(())
}
