//! What a crash left between the two stores is finished or removed.
//!
//! Publishing writes MongoDB first. A worker that dies before its PostgreSQL transaction leaves a report document
//! that nothing points to: the retry of the row overwrites it (same ids), and what no retry will ever touch again is
//! removed here.

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
const PAGE: i64 = 500;

/// Collections that belong to a report, and the field that names it.
const OF_REPORT: [&str; 3] = ["analysis_data", "training_recommendations", "reports"];

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
        let mut removed = 0;
        for (report_id, queue_id) in self.candidates(settle).await? {
            if self.is_orphan(&report_id, queue_id).await? {
                self.remove(&report_id, queue_id).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Recent reports that have had time to settle, newest first: what a crash leaves is young.
    async fn candidates(&self, settle: Duration) -> Result<Vec<(String, Uuid)>, JobError> {
        let down = |error| JobError::mongodb(Stage::Collect, error);
        let settled = self.context.now() - settle;
        let cursor = self
            .context
            .mongo
            .database(self.context.databases.name(Store::Reports))
            .collection::<Document>("reports")
            .find(doc! { "status": "completed", "createdAt": { "$lt": DateTime::from_chrono(settled) }, "job.queue": "report" })
            .sort(doc! { "createdAt": -1 })
            .projection(doc! { "reportId": 1, "job.id": 1 })
            .limit(PAGE)
            .await
            .map_err(down)?;
        let documents: Vec<Document> = cursor.try_collect().await.map_err(down)?;
        Ok(documents
            .iter()
            .filter_map(|document| {
                let report_id = document.get_str("reportId").ok()?.to_owned();
                let queue_id = document.get_document("job").ok()?.get_str("id").ok()?.parse().ok()?;
                Some((report_id, queue_id))
            })
            .collect())
    }

    async fn is_orphan(&self, report_id: &str, queue_id: Uuid) -> Result<bool, JobError> {
        sqlx::query_scalar(
            "select not exists (select 1 from report_metadata where report_id = $1)
                and not exists (select 1 from orrery.dispatch where queue = 'report' and job_id = $2)",
        )
        .bind(report_id)
        .bind(queue_id)
        .fetch_one(&self.context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Collect, error))
    }

    async fn remove(&self, report_id: &str, queue_id: Uuid) -> Result<(), JobError> {
        let database = self.context.mongo.database(self.context.databases.name(Store::Reports));
        // The report goes last, so that a crash in between is found again by the next round.
        for collection in OF_REPORT {
            database
                .collection::<Document>(collection)
                .delete_many(doc! { "reportId": report_id })
                .await
                .map_err(|error| JobError::mongodb(Stage::Publish, error))?;
        }
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
