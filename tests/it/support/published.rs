//! Whether both stores agree on what was published.

use std::collections::BTreeSet;

use bson::doc;
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use super::World;
use super::rows::count;

/// What PostgreSQL says of a published report.
#[derive(Debug, FromRow)]
pub struct Published {
    /// `report_metadata.report_id`.
    pub report_id: String,
    /// Version number.
    pub version: i32,
    /// Whether it is the latest.
    pub is_latest: bool,
    /// `report_versions.mongodb_document_id`.
    pub document: String,
    /// `report_versions.content_hash`.
    pub content_hash: String,
    /// `report_versions.generation_trigger`.
    pub trigger: String,
    /// `report_versions.change_summary`.
    pub summary: String,
    /// `report_versions.changes_from_previous`.
    pub changes: Option<Value>,
    /// `report_scores.overall_score`.
    pub score: f64,
}

impl World {
    /// The one report that a completed queue row has made, from both stores; panics when anything of it is missing or twice.
    pub async fn published(&self, queue_id: Uuid) -> Published {
        let mut all: Vec<Published> = sqlx::query_as(
            "select m.report_id, m.version, m.is_latest, v.mongodb_document_id as document, v.content_hash, v.generation_trigger as trigger,
                    v.change_summary as summary, v.changes_from_previous as changes, s.overall_score::float8 as score
             from orrery.result r
             join report_metadata m on m.report_id = r.output ->> 'report_id'
             join report_versions v on v.report_id = m.report_id and v.version = m.version
             join report_scores s on s.report_id = m.report_id and s.version = m.version
             where r.queue = 'report' and r.job_id = $1 and m.status = 'completed'",
        )
        .bind(queue_id)
        .fetch_all(&self.app)
        .await
        .unwrap();
        assert_eq!(all.len(), 1, "metadata, version and scores of {queue_id}: {all:?}");
        let published = all.remove(0);
        let reports = self.reports("reports", doc! { "reportId": &published.report_id }).await;
        assert_eq!(reports.len(), 1, "documents of {published:?}");
        assert_eq!(reports[0].get_object_id("_id").unwrap().to_hex(), published.document);
        assert_eq!(reports[0].get_str("status").unwrap(), "completed");
        assert_eq!(reports[0].get_i32("version").unwrap(), published.version);
        assert!(!reports[0].get_document("content").unwrap().is_empty());
        let analyses = self.reports("analysis_data", doc! { "reportId": &published.report_id }).await;
        assert_eq!(analyses.len(), 1, "analyses of {published:?}");
        assert!((0.0..=100.0).contains(&published.score), "{published:?}");
        published
    }

    /// Asserts that nothing is open, that every completed row made one report, and that both stores hold the same reports.
    pub async fn assert_stores_agree(&self) {
        for (what, sql) in [
            ("dispatch rows are left", "select count(*) from orrery.dispatch"),
            ("dependencies are left", "select count(*) from orrery.dependency"),
            ("reserved versions are left", "select count(*) from orrery.report_slot"),
            (
                "completed rows are without exactly one result, metadata, version and scores row",
                "select count(*) from report_generation_queue q where q.status = 'completed' and 1 <> (
                   select count(*) from orrery.result r
                   join report_metadata m on m.report_id = r.output ->> 'report_id' and m.employee_id = q.employee_id and m.report_type = q.report_type
                   join report_versions v on v.report_id = m.report_id
                   join report_scores s on s.report_id = m.report_id
                   where r.queue = 'report' and r.job_id = q.id)",
            ),
            (
                "versions belong to no completed row",
                "select count(*) from report_versions v where not exists (
                   select 1 from orrery.result r join report_generation_queue q on q.id = r.job_id and q.status = 'completed'
                   where r.queue = 'report' and r.output ->> 'report_id' = v.report_id)",
            ),
            (
                "employees and types have a gap in their versions, or not exactly one latest",
                "select count(*) from (
                   select 1 from report_metadata group by employee_id, report_type
                   having max(version) <> count(*) or min(version) <> 1 or count(*) filter (where is_latest) <> 1) x",
            ),
            (
                "metadata rows, versions or scores are alone",
                "select abs((select count(*) from report_metadata) - (select count(*) from report_versions))
                      + abs((select count(*) from report_metadata) - (select count(*) from report_scores))",
            ),
        ] {
            assert_eq!(count(&self.app, sql).await, 0, "{what}\n{}", self.evidence());
        }
        let known: Vec<String> =
            sqlx::query_scalar("select report_id from report_metadata").fetch_all(&self.app).await.unwrap();
        let known: BTreeSet<String> = known.into_iter().collect();
        for collection in ["reports", "analysis_data"] {
            assert_eq!(
                self.report_ids(collection).await,
                known,
                "reports in {collection} and in report_metadata"
            );
        }
        let trainings = self.report_ids("training_recommendations").await;
        assert!(
            trainings.is_subset(&known),
            "training plans of no report: {:?}",
            trainings.difference(&known)
        );
    }

    /// Asserts that neither store holds anything of a report.
    pub async fn assert_nothing_published(&self) {
        for collection in ["reports", "analysis_data", "training_recommendations"] {
            let documents = self.reports(collection, doc! {}).await;
            let number = documents.len();
            assert_eq!(number, 0, "documents in {collection}\n{}", self.evidence());
        }
        for table in ["report_metadata", "report_versions", "report_scores", "orrery.result"] {
            let rows = count(&self.app, &format!("select count(*) from {table}")).await;
            assert_eq!(rows, 0, "rows in {table}\n{}", self.evidence());
        }
    }

    async fn report_ids(&self, collection: &str) -> BTreeSet<String> {
        let documents = self.reports(collection, doc! {}).await;
        let ids: BTreeSet<String> =
            documents.iter().map(|document| document.get_str("reportId").unwrap().to_owned()).collect();
        assert_eq!(ids.len(), documents.len(), "a report has two documents in {collection}");
        ids
    }
}
