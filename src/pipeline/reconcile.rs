//! What a crash left between the two stores is finished or removed.
//!
//! Publishing writes MongoDB first. A worker that dies before its PostgreSQL transaction leaves a report document
//! that nothing points to: the retry of the row overwrites it (same ids), and what no retry will ever touch again is
//! removed here.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bson::{Bson, DateTime, Document, doc};
use futures::TryStreamExt;
use serde_json::json;
use uuid::Uuid;

use super::Context;
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;
use crate::store::documents::Store;

/// Documents of one page. A round looks at the newest, where crashes leave their traces, and at one more page of the walk over all,
/// which finds what was too old or too many for the first.
const PAGE: i64 = 5000;

/// Collections that belong to a report, and the field that names it.
const OF_REPORT: [&str; 3] = ["analysis_data", "training_recommendations", "reports"];

/// A report document: its id, and the claim that wrote it.
pub(super) struct StoredReport {
    report_id: String,
    queue_id: Uuid,
    token: i64,
}

impl StoredReport {
    /// Reads what a projection to `reportId` and `job` holds.
    pub(super) fn read(document: &Document) -> Option<Self> {
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
    /// Where the walk over all documents has come to.
    walked: Mutex<Option<Bson>>,
}

impl Reconciler {
    /// A reconciler over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context, walked: Mutex::new(None) }
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

    /// Reports that have had time to settle: the newest, and the next page of all.
    async fn candidates(&self, settle: Duration) -> Result<Vec<StoredReport>, JobError> {
        let settled = DateTime::from_chrono(self.context.now() - settle);
        let filter = doc! { "status": "completed", "job.queue": "report", "createdAt": { "$lt": settled } };
        let mut documents = self.page(filter.clone(), doc! { "createdAt": -1 }).await?;
        if full(&documents) {
            let mut next = filter;
            if let Some(walked) = self.walked().clone() {
                next.insert("_id", doc! { "$gt": walked });
            }
            let page = self.page(next, doc! { "_id": 1 }).await?;
            // After the last page the walk begins anew.
            *self.walked() = page.last().filter(|_| full(&page)).and_then(|last| last.get("_id").cloned());
            documents.extend(page);
        }
        Ok(documents.iter().filter_map(StoredReport::read).collect())
    }

    async fn page(&self, filter: Document, sort: Document) -> Result<Vec<Document>, JobError> {
        let down = |error| JobError::mongodb(Stage::Collect, error);
        self.context
            .mongo
            .database(self.context.databases.name(Store::Reports))
            .collection::<Document>("reports")
            .find(filter)
            .sort(sort)
            .projection(doc! { "reportId": 1, "job": 1 })
            .limit(PAGE)
            .await
            .map_err(down)?
            .try_collect()
            .await
            .map_err(down)
    }

    fn walked(&self) -> MutexGuard<'_, Option<Bson>> {
        self.walked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those of the reports that no metadata names and no open row will write again.
    async fn orphans(&self, candidates: &[StoredReport]) -> Result<HashSet<String>, JobError> {
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

    async fn remove(&self, found: &StoredReport) -> Result<(), JobError> {
        let StoredReport { report_id, queue_id, .. } = found;
        remove_documents(&self.context, found).await?;
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
pub(super) async fn remove_documents(context: &Context, report: &StoredReport) -> Result<(), JobError> {
    let database = context.mongo.database(context.databases.name(Store::Reports));
    // A row that was set to run again meanwhile writes under a greater token, and is left alone.
    let stale = doc! { "reportId": &report.report_id, "job.token": { "$lte": report.token } };
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

/// Whether there may be more documents than the page holds.
fn full(page: &[Document]) -> bool {
    i64::try_from(page.len()).is_ok_and(|length| length >= PAGE)
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
