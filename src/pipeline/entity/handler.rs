//! Runs rows of `entity_update_queue`.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::facts::{self, EntityKey};
use super::publish::{self, Trigger};
use super::{compute, history};
use crate::domain::Quarter;
use crate::pipeline::Context;
use crate::pipeline::context::parse_id;
use crate::queue::{ClaimedJob, JobError, Queue, Stage, StopReason};
use crate::runtime::{Done, Handler};

/// The columns of `entity_update_queue` that are read.
#[derive(Debug, Deserialize)]
struct Row {
    schedule_id: Option<Uuid>,
    entity_type: String,
    entity_id: String,
    subscription_active: bool,
}

/// Recalculates entities.
pub struct EntityHandler {
    context: Arc<Context>,
}

impl EntityHandler {
    /// A handler over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    async fn quarter_of(&self, job: &ClaimedJob, row: &Row) -> Result<Quarter, JobError> {
        if row.schedule_id.is_none() {
            return Ok(self.context.current_quarter());
        }
        let scheduled: Option<(String, i32)> = sqlx::query_as(include_str!("../sql/entity_context.sql"))
            .bind(job.lease.job_id)
            .fetch_optional(&self.context.pg)
            .await
            .map_err(|error| JobError::postgres(Stage::Collect, error))?;
        let quarter = scheduled.and_then(|(name, year)| format!("{year}-{name}").parse().ok());
        Ok(quarter.unwrap_or_else(|| self.context.current_quarter()))
    }

    async fn skip(&self, job: &ClaimedJob) -> Result<Done, JobError> {
        let ended: Option<Uuid> = sqlx::query_scalar(include_str!("../sql/skip_entity.sql"))
            .bind(job.lease.job_id)
            .bind(job.lease.token)
            .bind("subscription_active is false: the entity takes no part in updates")
            .fetch_optional(&self.context.pg)
            .await
            .map_err(|error| JobError::postgres(Stage::Publish, error))?;
        ended.map(|_| Done::Published).ok_or_else(|| JobError::stopped(StopReason::LeaseLost, Stage::Publish))
    }
}

#[async_trait]
impl Handler for EntityHandler {
    fn queue(&self) -> Queue {
        Queue::Entity
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        let row: Row = job.payload.read().map_err(|error| {
            JobError::permanent(Stage::Collect, "data.shape", format!("entity_update_queue: {error}"))
        })?;
        if !row.subscription_active {
            return self.skip(&job).await;
        }
        let input = json!({ "entity_type": row.entity_type, "entity_id": row.entity_id });
        let signal = &job.signal;
        let context = &self.context;
        let work = async {
            let key =
                EntityKey { kind: row.entity_type.parse()?, id: parse_id("entity_id", &row.entity_id)? };
            let quarter = self.quarter_of(&job, &row).await?;
            let (facts, history) =
                futures::try_join!(facts::read(&context.pg, key, "entity_id"), history::read(context, key))?;
            signal.check(Stage::Calculate)?;
            let started = Instant::now();
            let computed = compute::compute(&facts, quarter, context.config.entity.house_system)?;
            let trigger = Trigger {
                reason: if row.schedule_id.is_some() { "quarterly_update" } else { "data_change" },
                took: started.elapsed(),
                triggered_by: "system",
            };
            signal.check(Stage::Publish)?;
            publish::publish(context, &job, &facts, &computed, &history, &trigger).await
        };
        signal.guard(Stage::Collect, Box::pin(work)).await.map_err(|error| error.with_input(input))
    }
}
