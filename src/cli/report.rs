//! `orrery report`.

mod render;

use anyhow::{Context as _, bail};
use bson::{Document, doc};
use clap::{Args, Subcommand};
use serde_json::json;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::table;
use crate::config::Config;
use crate::narrator::output::Content;
use crate::store::connect;
use crate::store::mongo::Databases;
use crate::store::pg::{self, Role};

/// Lists and shows reports.
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
}

/// What PostgreSQL knows of a report.
#[derive(Debug, FromRow, serde::Serialize)]
pub(super) struct Metadata {
    pub(super) report_id: String,
    pub(super) report_type: String,
    pub(super) person: String,
    pub(super) version: i32,
    pub(super) is_latest: bool,
    pub(super) generated: String,
    pub(super) overall_score: Option<f64>,
    pub(super) confidence: Option<f64>,
    pub(super) score_trend: Option<String>,
    pub(super) change_summary: Option<String>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> anyhow::Result<()> {
    let pool = pg::connect(&config.postgres, Role::Operator).await.context("PostgreSQL cannot be reached")?;
    match arguments.command {
        Command::List { employee, limit, json } => list(&pool, employee, limit, json).await,
        Command::Show { id, json } => show(&config, &pool, id, json).await,
    }
}

async fn list(pool: &PgPool, employee: Option<Uuid>, limit: i64, json: bool) -> anyhow::Result<()> {
    let reports: Vec<Metadata> = sqlx::query_as(include_str!("sql/report_list.sql"))
        .bind(employee)
        .bind(limit)
        .fetch_all(pool)
        .await?;
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
    let metadata: Option<Metadata> =
        sqlx::query_as(include_str!("sql/report_show.sql")).bind(id).fetch_optional(pool).await?;
    let Some(metadata) = metadata else {
        bail!(
            "there is no report {id}, and no queue row of this id has made one; `orrery report list` lists reports"
        );
    };
    let document = read_document(config, &metadata.report_id).await?;
    if json {
        let document: serde_json::Value = bson::deserialize_from_document(document)?;
        table::say(&serde_json::to_string_pretty(&json!({ "metadata": metadata, "document": document }))?);
        return Ok(());
    }
    let content = document.get_document("content").context("the report document has no content")?.clone();
    let content: Content =
        bson::deserialize_from_document(content).context("the content has another shape")?;
    table::say(&render::text(&metadata, &content));
    Ok(())
}

async fn read_document(config: &Config, report_id: &str) -> anyhow::Result<Document> {
    let client = connect::mongodb(&config.mongodb, "orrery").await.context("MongoDB cannot be reached")?;
    client
        .database(&Databases::from(&config.mongodb).reports)
        .collection::<Document>("reports")
        .find_one(doc! { "reportId": report_id })
        .await
        .context("MongoDB cannot be reached")?
        .with_context(|| format!("report {report_id} has metadata but no document in MongoDB"))
}
