//! Questions for which nobody waits: put down for a batch instead of asked.

use std::time::Duration;

use serde_json::json;
use sqlx::FromRow;
use uuid::Uuid;

use super::guard::{JobAccount, Verdict, refused};
use super::prices::Way;
use super::{PayingJob, audit, mongodb, postgres};
use crate::llm::error::LlmError;
use crate::llm::guard::Call;
use crate::llm::kind::Kind;

/// The part of a report that a first question covers. What asks again goes directly: its row has waited once.
const FIRST: &str = "all";

/// Time that MongoDB has for a question.
const TEXTS_LIMIT: Duration = Duration::from_secs(10);

/// After a question has waited too long, the round that takes it out comes first; then its row wakes by itself.
const SLACK: Duration = Duration::from_mins(2);

/// Time between two looks of a row that waits for the question of another row.
const OTHERS: Duration = Duration::from_mins(5);

/// How the questions of a row stand.
#[derive(Debug, FromRow)]
struct Standing {
    had_one: bool,
    state: Option<String>,
    own: Option<bool>,
    left_s: Option<f64>,
}

impl JobAccount {
    /// Puts the question down if its row may wait. What the row has put down before and has not been sent is taken back when the
    /// row asks something else, or cannot wait any more.
    pub(super) async fn wait_for_batch(
        &self,
        call: &Call<'_>,
        body: &(dyn Fn() -> String + Send + Sync),
    ) -> Result<(), LlmError> {
        let Some(job) = self.payer.job else { return Ok(()) };
        let standing = self.standing(call, job).await?;
        let first = call.request.part == FIRST && !standing.had_one;
        let at_most = self.may_wait.filter(|at_most| first && !at_most.is_zero());
        let waits = standing.state.is_some();
        let left = Duration::try_from_secs_f64(standing.left_s.unwrap_or_default()).unwrap_or_default();
        if at_most.is_some() && waits && !left.is_zero() {
            let wait = if standing.own == Some(true) { left + SLACK } else { left.min(OTHERS) };
            return Err(waiting(wait));
        }
        self.take_back(job).await?;
        match at_most {
            Some(at_most) if !waits => self.put_down(call, body(), at_most).await,
            _ => Ok(()),
        }
    }

    async fn standing(&self, call: &Call<'_>, job: PayingJob) -> Result<Standing, LlmError> {
        sqlx::query_as(include_str!("sql/batch_standing.sql"))
            .bind(call.digest.to_string())
            .bind(job.queue)
            .bind(job.id)
            .fetch_one(&self.account.pool)
            .await
            .map_err(|error| postgres("questions that wait could not be looked up", error))
    }

    async fn take_back(&self, job: PayingJob) -> Result<(), LlmError> {
        let taken: Vec<(Uuid, String)> = sqlx::query_as(include_str!("sql/batch_take_back.sql"))
            .bind(job.queue)
            .bind(job.id)
            .fetch_all(&self.account.pool)
            .await
            .map_err(|error| postgres("a question could not be taken back", error))?;
        let ids: Vec<Uuid> = taken.into_iter().map(|(id, _)| id).collect();
        if !ids.is_empty() {
            self.account.audit.remove(&ids).await;
        }
        Ok(())
    }

    /// Texts first: a question that is counted can be sent.
    async fn put_down(&self, call: &Call<'_>, body: String, at_most: Duration) -> Result<(), LlmError> {
        let id = Uuid::new_v4();
        let bytes = body.len();
        let mut texts = audit::of_call(call, &self.payer);
        texts["body"] = body.into();
        match tokio::time::timeout(TEXTS_LIMIT, self.account.audit.write(id, &texts, true)).await {
            Ok(written) => written.map_err(|error| mongodb("a question could not be put down", error))?,
            Err(_) => return Err(LlmError::new(Kind::Store, "MongoDB did not take a question in time")),
        }
        let mut asked = self.asked(id, call, Way::Batch);
        super::row::add(&mut asked, json!({ "bytes": bytes, "wait_s": at_most.as_secs_f64() }));
        let verdict: Result<Verdict, sqlx::Error> = sqlx::query_as(include_str!("sql/batch_put_down.sql"))
            .bind(asked)
            .fetch_one(&self.account.pool)
            .await;
        let verdict = verdict.map_err(|error| postgres("a question could not be put down", error))?;
        if let Err(error) = self.granted(call, verdict) {
            self.account.audit.remove(&[id]).await;
            return Err(error);
        }
        tracing::info!(call_id = %id, provider = call.provider, model = call.model, bytes, "a question waits for a batch");
        Err(waiting(at_most + SLACK))
    }
}

fn waiting(wait: Duration) -> LlmError {
    refused(Kind::BatchWaiting, "the question waits for a batch of its provider".to_owned(), wait)
}
