//! Finding a report in both stores.

use anyhow::Context as _;
use bson::{Document, doc};
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use super::Metadata;
use crate::config::Config;
use crate::render::{Head, Stored, View};
use crate::store::connect;
use crate::store::mongo::Databases;

/// Why there is nothing to show.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Missing {
    #[error("there is no report {id}, and no queue row of this id; `orrery report list` lists reports")]
    Unknown { id: Uuid },
    #[error(
        "queue row {id} is {status}: its report is not completed yet; look again when the row is completed"
    )]
    NotCompleted { id: Uuid, status: String },
    #[error("queue row {id} is {status} and has no report{reason}")]
    NoReport { id: Uuid, status: String, reason: String },
    #[error("there is no version {version} of this report; there are versions {known}")]
    NoVersion { version: i32, known: String },
    #[error("--compare {version}: only an earlier version can be set beside version {shown}")]
    Later { version: i32, shown: i32 },
}

/// Metadata of a report, or of the last report that a queue row made.
pub(super) async fn metadata(pool: &PgPool, id: Uuid) -> anyhow::Result<Metadata> {
    let found = sqlx::query_as(include_str!("../sql/report_show.sql")).bind(id).fetch_optional(pool).await?;
    if let Some(metadata) = found {
        return Ok(metadata);
    }
    let row: Option<(String, Option<String>)> =
        sqlx::query_as("select status, last_error from report_generation_queue where id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await?;
    Err(match row {
        None => Missing::Unknown { id },
        Some((status, _)) if matches!(status.as_str(), "pending" | "processing" | "in_progress") => {
            Missing::NotCompleted { id, status }
        }
        Some((status, error)) => {
            let reason = error.map_or_else(String::new, |error| format!(": {error}"));
            Missing::NoReport { id, status, reason }
        }
    }
    .into())
}

/// Metadata of an earlier version of a report.
pub(super) async fn earlier(pool: &PgPool, shown: &Metadata, version: i32) -> anyhow::Result<Metadata> {
    if version >= shown.version {
        return Err(Missing::Later { version, shown: shown.version }.into());
    }
    let found: Option<Metadata> = sqlx::query_as(include_str!("../sql/report_version.sql"))
        .bind(&shown.report_id)
        .bind(version)
        .fetch_optional(pool)
        .await?;
    if let Some(metadata) = found {
        return Ok(metadata);
    }
    let known: Vec<i32> = sqlx::query_scalar(
        "select m.version from report_metadata m
         join report_metadata shown on shown.employee_id = m.employee_id and shown.report_type = m.report_type
         where shown.report_id = $1 order by 1",
    )
    .bind(&shown.report_id)
    .fetch_all(pool)
    .await?;
    let known = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(Missing::NoVersion { version, known }.into())
}

/// The documents of reports.
pub(super) struct Documents(mongodb::Database);

impl Documents {
    pub(super) async fn open(config: &Config) -> anyhow::Result<Self> {
        let client =
            connect::mongodb(&config.mongodb, "orrery").await.context("MongoDB cannot be reached")?;
        Ok(Self(client.database(&Databases::from(&config.mongodb).reports)))
    }

    /// The document in `reports`.
    pub(super) async fn report(&self, report_id: &str) -> anyhow::Result<Value> {
        self.find("reports", report_id)
            .await?
            .with_context(|| format!("report {report_id} has metadata but no document in MongoDB"))
    }

    /// All documents of a report as a reader sees them.
    pub(super) async fn view(&self, metadata: Metadata) -> anyhow::Result<View> {
        let id = metadata.report_id.as_str();
        let report = self.report(id).await?;
        let analysis = self.find("analysis_data", id).await?;
        let training = self.find("training_recommendations", id).await?;
        let stored = Stored { report: &report, analysis: analysis.as_ref(), training: training.as_ref() };
        let head = Head {
            person: metadata.person.clone(),
            is_latest: metadata.is_latest,
            trend: metadata.score_trend.clone(),
            change_summary: metadata.change_summary.clone(),
        };
        View::new(stored, head).with_context(|| format!("report {id} cannot be shown"))
    }

    async fn find(&self, collection: &str, report_id: &str) -> anyhow::Result<Option<Value>> {
        let found = self
            .0
            .collection::<Document>(collection)
            .find_one(doc! { "reportId": report_id })
            .await
            .context("MongoDB cannot be reached")?;
        Ok(found.map(bson::deserialize_from_document).transpose()?)
    }
}
