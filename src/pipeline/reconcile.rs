//! What a crash left between the two stores is finished or removed.
//!
//! Publishing writes MongoDB first. A worker that dies before its PostgreSQL transaction leaves a report document
//! that nothing points to: the retry of the row overwrites it (same ids), and what no retry will ever touch again is
//! removed here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bson::{DateTime, Document, doc};
use futures::TryStreamExt;
use serde_json::json;
use uuid::Uuid;

use super::Context;
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;
use crate::store::documents::Store;

/// Documents looked at in one round.
const PAGE: i64 = 5000;

/// How far back a round looks; what a crash leaves is young, and rounds come often.
const LOOK_BACK: Duration = Duration::from_hours(24);

/// Collections that belong to a report, and the field that names it.
const OF_REPORT: [&str; 3] = ["analysis_data", "training_recommendations", "reports"];

/// A report document as the reconciler sees it.
struct Found {
    report_id: String,
    queue_id: Uuid,
    token: i64,
}

impl Found {
    fn read(document: &Document) -> Option<Self> {
        let job = document.get_document("job").ok()?;
        Some(Self {
            report_id: document.get_str("reportId").ok()?.to_owned(),
            queue_id: job.get_str("id").ok()?.parse().ok()?,
            token: job.get_i64("token").ok()?,
        })
    }
}

/// Looks for documents without metadata.
pub struct Reconciler {
    context: Arc<Context>,
}

impl Reconciler {
    /// A reconciler over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// Removes report documents that no metadata points to and no open row will write again. Returns how many.
    ///
    /// # Errors
    /// When a store refuses or does not answer.
    pub async fn remove_orphans(&self, settle: Duration) -> Result<u64, JobError> {
        let candidates = self.candidates(settle).await?;
        let orphans = self.orphans(&candidates).await?;
        let mut removed = 0;
        for document in candidates.iter().filter(|document| orphans.contains(&document.report_id)) {
            self.remove(document).await?;
            removed += 1;
        }
        Ok(removed)
    }

    /// Reports that have had time to settle, newest first.
    async fn candidates(&self, settle: Duration) -> Result<Vec<Found>, JobError> {
        let down = |error| JobError::mongodb(Stage::Collect, error);
        let settled = self.context.now() - settle;
        let young = DateTime::from_chrono(settled - LOOK_BACK);
        let cursor = self
            .context
            .mongo
            .database(self.context.databases.name(Store::Reports))
            .collection::<Document>("reports")
            .find(doc! {
                "status": "completed", "job.queue": "report",
                "createdAt": { "$gte": young, "$lt": DateTime::from_chrono(settled) },
            })
            .sort(doc! { "createdAt": -1 })
            .projection(doc! { "reportId": 1, "job": 1 })
            .limit(PAGE)
            .await
            .map_err(down)?;
        let documents: Vec<Document> = cursor.try_collect().await.map_err(down)?;
        Ok(documents.iter().filter_map(Found::read).collect())
    }

    /// Those of the reports that no metadata names and no open row will write again.
    async fn orphans(&self, candidates: &[Found]) -> Result<HashSet<String>, JobError> {
        let reports: Vec<&str> = candidates.iter().map(|document| document.report_id.as_str()).collect();
        let rows: Vec<Uuid> = candidates.iter().map(|document| document.queue_id).collect();
        let orphans: Vec<String> = sqlx::query_scalar(include_str!("sql/orphan_reports.sql"))
            .bind(&reports)
            .bind(&rows)
            .fetch_all(&self.context.pg)
            .await
            .map_err(|error| JobError::postgres(Stage::Collect, error))?;
        Ok(orphans.into_iter().collect())
    }

    async fn remove(&self, found: &Found) -> Result<(), JobError> {
        let Found { report_id, queue_id, token } = found;
        remove_documents(&self.context, report_id, *token).await?;
        sqlx::query(
            "insert into orrery.finding (kind, subject, detail, resolved_at) values ('orphan_document', $1, $2, now())
             on conflict (kind, subject) do update set detail = excluded.detail, resolved_at = now()",
        )
        .bind(report_id)
        .bind(json!({ "queue_id": queue_id, "done": "removed from reports, analysis_data and training_recommendations" }))
        .execute(&self.context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Publish, error))?;
        tracing::info!(report_id, %queue_id, "document without metadata removed");
        Ok(())
    }
}

/// Removes the documents of a report to which nothing points, as far as no claim with a greater token has written them.
pub(super) async fn remove_documents(context: &Context, report_id: &str, token: i64) -> Result<(), JobError> {
    let database = context.mongo.database(context.databases.name(Store::Reports));
    // A row that was set to run again meanwhile writes under a greater token, and is left alone.
    let stale = doc! { "reportId": report_id, "job.token": { "$lte": token } };
    // The report goes last, so that a crash in between is found again by the next round.
    for collection in OF_REPORT {
        database
            .collection::<Document>(collection)
            .delete_many(stale.clone())
            .await
            .map_err(|error| JobError::mongodb(Stage::Publish, error))?;
    }
    Ok(())
}

#[async_trait]
impl Chore for Reconciler {
    fn name(&self) -> &'static str {
        "reconcile"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(self.context.config.reconcile.every_s)
    }

    async fn round(&self) -> Result<(), JobError> {
        self.remove_orphans(Duration::from_secs(self.context.config.reconcile.settle_s)).await.map(drop)
    }
}
