//! What the demo prints at the end.

use bson::{Document, doc};
use sqlx::FromRow;

use super::database::Demo;
use super::expected::Outcomes;
use crate::cli::table;

/// Tables that the daemon writes.
const TABLES: [&str; 7] = [
    "report_metadata",
    "report_versions",
    "report_scores",
    "report_generation_errors",
    "calculation_jobs",
    "calculation_audit_log",
    "orrery.outbox",
];

/// Time from commit to done, by queue.
#[derive(Debug)]
pub(super) struct Waits(Vec<Wait>);

#[derive(Debug, FromRow)]
struct Wait {
    queue: String,
    mean_ms: Option<f64>,
    p95_ms: Option<f64>,
}

impl Waits {
    pub(super) async fn read(demo: &Demo) -> anyhow::Result<Self> {
        Ok(Self(sqlx::query_as(include_str!("../sql/demo_waits.sql")).fetch_all(&demo.pg).await?))
    }

    fn of(&self, table: &str) -> [String; 2] {
        let found = self.0.iter().find(|wait| wait.queue == table);
        let words = |ms: Option<f64>| ms.map_or_else(|| "-".to_owned(), |ms| format!("{ms:.0} ms"));
        [words(found.and_then(|wait| wait.mean_ms)), words(found.and_then(|wait| wait.p95_ms))]
    }
}

pub(super) async fn print(demo: &Demo, outcomes: &Outcomes, waits: &Waits) -> anyhow::Result<()> {
    let mut rows = table::new([
        "queue",
        "inserted",
        "completed",
        "failed as planned",
        "skipped",
        "cancelled",
        "not as planned",
        "mean",
        "p95",
    ]);
    for outcome in &outcomes.0 {
        let [mean, p95] = waits.of(&outcome.table);
        rows.add_row([
            outcome.table.clone(),
            outcome.inserted.to_string(),
            outcome.completed.to_string(),
            outcome.failed_as_planned.to_string(),
            outcome.skipped.to_string(),
            outcome.cancelled.to_string(),
            outcome.surprises.len().to_string(),
            mean,
            p95,
        ]);
    }
    table::say("\nRows that applications inserted (mean and p95: from insert to done, all inserted at once)");
    table::say(&rows.to_string());
    for surprise in outcomes.0.iter().flat_map(|outcome| &outcome.surprises) {
        table::say(&format!("NOT AS PLANNED: {surprise}"));
    }
    print_quarter(demo).await?;
    print_stores(demo).await?;
    print_reports(demo).await
}

#[derive(Debug, FromRow)]
struct QuarterRow {
    quarter: String,
    year: i32,
    status: String,
    total_entities: Option<i32>,
    processed_entities: Option<i32>,
    failed_entities: Option<i32>,
    reports: i64,
    completed: i64,
    took_s: Option<f64>,
}

async fn print_quarter(demo: &Demo) -> anyhow::Result<()> {
    let quarters: Vec<QuarterRow> =
        sqlx::query_as(include_str!("../sql/demo_quarters.sql")).fetch_all(&demo.pg).await?;
    if quarters.is_empty() {
        return Ok(());
    }
    let mut rows = table::new([
        "quarter",
        "state",
        "entities",
        "processed",
        "failed",
        "reports queued",
        "completed",
        "took",
    ]);
    for quarter in quarters {
        rows.add_row([
            format!("{}-{}", quarter.year, quarter.quarter),
            quarter.status,
            quarter.total_entities.unwrap_or_default().to_string(),
            quarter.processed_entities.unwrap_or_default().to_string(),
            quarter.failed_entities.unwrap_or_default().to_string(),
            quarter.reports.to_string(),
            quarter.completed.to_string(),
            quarter.took_s.map_or_else(String::new, |s| format!("{s:.1} s")),
        ]);
    }
    table::say("\nThe quarter");
    table::say(&rows.to_string());
    Ok(())
}

async fn print_stores(demo: &Demo) -> anyhow::Result<()> {
    let mut rows = table::new(["store", "collection or table", "written"]);
    for name in [&demo.databases.astrology, &demo.databases.reports] {
        let database = demo.mongo.database(name);
        let mut collections = database.list_collection_names().await?;
        collections.sort();
        for collection in collections {
            // Written by jobs, or seeded by the set-up; what applications stored does not count.
            let written =
                doc! { "$or": [{ "job": { "$exists": true } }, { "reference_type": { "$exists": true } }] };
            let count = database.collection::<Document>(&collection).count_documents(written).await?;
            rows.add_row([name.clone(), collection, count.to_string()]);
        }
    }
    for name in TABLES {
        let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {name}")))
            .fetch_one(&demo.pg)
            .await?;
        rows.add_row(["PostgreSQL".to_owned(), name.to_owned(), count.to_string()]);
    }
    table::say("\nWhat was written");
    table::say(&rows.to_string());
    Ok(())
}

#[derive(Debug, FromRow)]
struct Sample {
    report_type: String,
    report_id: String,
    person: String,
    version: i32,
    overall_score: f64,
}

async fn print_reports(demo: &Demo) -> anyhow::Result<()> {
    let samples: Vec<Sample> =
        sqlx::query_as(include_str!("../sql/demo_samples.sql")).fetch_all(&demo.pg).await?;
    let mut rows = table::new(["type", "person", "version", "score", "report"]);
    for sample in samples {
        rows.add_row([
            sample.report_type,
            sample.person,
            sample.version.to_string(),
            format!("{:.0}", sample.overall_score),
            sample.report_id,
        ]);
    }
    table::say("\nOne report of each type; read one with: make report ID=...");
    table::say(&rows.to_string());
    Ok(())
}

/// Whether every completed report row has one version, one score, one metadata row and one document, and nothing is left over.
pub(super) async fn check_stores(demo: &Demo) -> anyhow::Result<bool> {
    let counts: (i64, i64, i64, i64) =
        sqlx::query_as(include_str!("../sql/demo_consistency.sql")).fetch_one(&demo.pg).await?;
    let documents = demo
        .mongo
        .database(&demo.databases.reports)
        .collection::<Document>("reports")
        .count_documents(doc! { "status": "completed" })
        .await?;
    let documents = i64::try_from(documents).unwrap_or(i64::MAX);
    let (completed, metadata, versions, scores) = counts;
    table::say(&format!(
        "\n{completed} completed report rows: {metadata} metadata rows, {versions} versions, {scores} scores, {documents} documents"
    ));
    Ok([metadata, versions, scores, documents].into_iter().all(|count| count == completed))
}
