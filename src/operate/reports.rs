//! Finding a stored report in both stores.

use bson::{Document, doc};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::render::{Head, Stored, View, ViewError};

/// Why there is no report to show.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No report and no row has this id.
    #[error("there is no report {id}, and no queue row of this id; `orrery report list` lists reports")]
    Unknown {
        /// The id.
        id: Uuid,
    },
    /// The row has not ended.
    #[error(
        "queue row {id} is {status}: its report is not completed yet; look again when the row is completed"
    )]
    NotCompleted {
        /// The row.
        id: Uuid,
        /// Its word.
        status: String,
    },
    /// The row ended without a report.
    #[error("queue row {id} is {status} and has no report{reason}")]
    NoReport {
        /// The row.
        id: Uuid,
        /// Its word.
        status: String,
        /// `: ` and why, or nothing.
        reason: String,
    },
    /// The report has no such version.
    #[error("there is no version {version} of this report; there are versions {known}")]
    NoVersion {
        /// What was asked for.
        version: i32,
        /// What there is.
        known: String,
    },
    /// A comparison with itself or with what came after.
    #[error("--compare {version}: only an earlier version can be set beside version {shown}")]
    Later {
        /// What was asked for.
        version: i32,
        /// What is shown.
        shown: i32,
    },
    /// One store knows it, the other does not.
    #[error("report {id} has metadata but no document in MongoDB")]
    NoDocument {
        /// The report.
        id: String,
    },
    /// The documents have another shape.
    #[error("report {id} cannot be shown")]
    Shape {
        /// The report.
        id: String,
        /// What is missing.
        source: ViewError,
    },
    /// A document is no JSON.
    #[error("a document of the report cannot be read")]
    Document(#[from] bson::error::Error),
    /// PostgreSQL refuses or does not answer.
    #[error("PostgreSQL cannot be asked for the report")]
    Postgres(#[from] sqlx::Error),
    /// MongoDB refuses or does not answer.
    #[error("MongoDB cannot be reached")]
    Mongo(#[from] mongodb::error::Error),
}

/// What PostgreSQL knows of a report.
#[derive(Debug, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of report_metadata and report_scores")]
pub struct Metadata {
    pub report_id: String,
    pub report_type: String,
    pub person: String,
    pub version: i32,
    pub is_latest: bool,
    pub generated: String,
    pub overall_score: Option<f64>,
    pub confidence: Option<f64>,
    pub score_trend: Option<String>,
    pub change_summary: Option<String>,
}

/// A report without anything that tells of a person but ids.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of report_metadata")]
pub struct ReportLine {
    pub report_id: String,
    pub report_type: String,
    pub employee_id: Uuid,
    pub organization_id: Option<Uuid>,
    pub version: i32,
    pub is_latest: bool,
    pub completed_at: Option<DateTime<Utc>>,
}

/// Which reports are listed.
#[derive(Debug, Clone, Default, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of report_metadata")]
pub struct Wanted {
    pub employee: Option<Uuid>,
    pub organization: Option<Uuid>,
    pub report_type: Option<String>,
}

/// The latest versions with their persons, newest first.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool, employee: Option<Uuid>, limit: i64) -> Result<Vec<Metadata>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/report_list.sql")).bind(employee).bind(limit).fetch_all(pool).await
}

/// The latest versions without their persons, newest first.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn lines(pool: &PgPool, wanted: &Wanted, limit: i64) -> Result<Vec<ReportLine>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/report_lines.sql"))
        .bind(wanted.employee)
        .bind(wanted.organization)
        .bind(wanted.report_type.as_deref())
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// All versions of the report of which `report_id` is one, newest first.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn versions(pool: &PgPool, report_id: Uuid) -> Result<Vec<ReportLine>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/report_versions.sql")).bind(report_id.to_string()).fetch_all(pool).await
}

/// Metadata of a report, or of the last report that a queue row made.
///
/// # Errors
/// When there is none, or PostgreSQL refuses or does not answer.
pub async fn metadata(pool: &PgPool, id: Uuid) -> Result<Metadata, ReportError> {
    let found = sqlx::query_as(include_str!("sql/report_show.sql")).bind(id).fetch_optional(pool).await?;
    if let Some(metadata) = found {
        return Ok(metadata);
    }
    let row: Option<(String, Option<String>)> =
        sqlx::query_as("select status, last_error from report_generation_queue where id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await?;
    Err(match row {
        None => ReportError::Unknown { id },
        Some((status, _)) if matches!(status.as_str(), "pending" | "processing" | "in_progress") => {
            ReportError::NotCompleted { id, status }
        }
        Some((status, error)) => {
            let reason = error.map_or_else(String::new, |error| format!(": {error}"));
            ReportError::NoReport { id, status, reason }
        }
    })
}

/// Metadata of an earlier version of a report.
///
/// # Errors
/// When there is none, or PostgreSQL refuses or does not answer.
pub async fn earlier(pool: &PgPool, shown: &Metadata, version: i32) -> Result<Metadata, ReportError> {
    if version >= shown.version {
        return Err(ReportError::Later { version, shown: shown.version });
    }
    let found: Option<Metadata> = sqlx::query_as(include_str!("sql/report_version.sql"))
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
    Err(ReportError::NoVersion { version, known })
}

/// The documents of reports.
#[derive(Debug, Clone)]
pub struct Documents(mongodb::Database);

impl Documents {
    /// Those of this database.
    #[must_use]
    pub const fn of(reports: mongodb::Database) -> Self {
        Self(reports)
    }

    /// The document in `reports`.
    ///
    /// # Errors
    /// When there is none, or MongoDB refuses or does not answer.
    pub async fn report(&self, report_id: &str) -> Result<Value, ReportError> {
        let found = self.find("reports", report_id).await?;
        found.ok_or_else(|| ReportError::NoDocument { id: report_id.to_owned() })
    }

    /// All documents of a report as a reader sees them.
    ///
    /// # Errors
    /// When the report is missing or has another shape, or MongoDB refuses or does not answer.
    pub async fn view(&self, metadata: Metadata) -> Result<View, ReportError> {
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
        View::new(stored, head).map_err(|source| ReportError::Shape { id: id.to_owned(), source })
    }

    async fn find(&self, collection: &str, report_id: &str) -> Result<Option<Value>, ReportError> {
        let found =
            self.0.collection::<Document>(collection).find_one(doc! { "reportId": report_id }).await?;
        Ok(found.map(bson::deserialize_from_document).transpose()?)
    }
}
