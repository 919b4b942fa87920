//! `orrery report`.

mod files;
#[cfg(feature = "pdf")]
mod pdf;
mod text;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::table;
use crate::config::Config;
use crate::narrator::output::Content;
use crate::operate::reports::{self, Documents};
use crate::store::connect;
use crate::store::mongo::Databases;
use crate::store::pg::{self, Role};

/// Lists, shows and renders reports.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the latest version of reports, newest first.
    List {
        /// Only this employee's.
        #[arg(long, value_name = "ID")]
        employee: Option<Uuid>,
        /// At most so many.
        #[arg(long, default_value_t = 20, value_name = "ROWS")]
        limit: i64,
        /// Print JSON instead of a table.
        #[arg(long)]
        json: bool,
    },
    /// Shows one report as text: summary, sections, figures, actions, warnings, evidence and limits.
    ///
    /// ID is the id of a report (`report_metadata.report_id`) or of the queue row that made it.
    Show {
        /// Report or queue row.
        id: Uuid,
        /// Print the stored documents as JSON instead of text.
        #[arg(long)]
        json: bool,
    },
    /// Writes one report to files: a self-contained page, markdown, or its pictures.
    ///
    /// ID is the id of a report (`report_metadata.report_id`) or of the queue row that made it.
    Render(files::Arguments),
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    match arguments.command {
        Command::List { employee, limit, json } => list(&pool, employee, limit, json).await,
        Command::Show { id, json } => show(&config, &pool, id, json).await,
        Command::Render(render) => files::write(&config, &pool, &render).await,
    }
}

async fn list(pool: &PgPool, employee: Option<Uuid>, limit: i64, json: bool) -> anyhow::Result<()> {
    let reports = reports::list(pool, employee, limit).await?;
    if json {
        table::say(&serde_json::to_string_pretty(&reports)?);
        return Ok(());
    }
    let mut rows = table::new(["report", "person", "type", "version", "score", "generated"]);
    for report in reports {
        rows.add_row([
            report.report_id,
            report.person,
            report.report_type,
            report.version.to_string(),
            report.overall_score.map_or_else(String::new, |score| format!("{score:.0}")),
            report.generated,
        ]);
    }
    table::say(&rows.to_string());
    Ok(())
}

async fn show(config: &Config, pool: &PgPool, id: Uuid, json: bool) -> anyhow::Result<()> {
    let metadata = reports::metadata(pool, id).await?;
    let document = documents(config).await?.report(&metadata.report_id).await?;
    if json {
        table::say(&serde_json::to_string_pretty(&json!({ "metadata": metadata, "document": document }))?);
        return Ok(());
    }
    let content = document.get("content").context("the report document has no content")?;
    let content: Content =
        serde_json::from_value(content.clone()).context("the content has another shape")?;
    table::say(&text::text(&metadata, &content));
    Ok(())
}

/// The documents of reports in the configured MongoDB.
async fn documents(config: &Config) -> anyhow::Result<Documents> {
    let client = connect::mongodb(&config.mongodb, "orrery").await.context("MongoDB cannot be reached")?;
    Ok(Documents::of(client.database(&Databases::from(&config.mongodb).reports)))
}
