//! The guard of one job: the accounts around each call that it makes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use sqlx::FromRow;
use sqlx::types::Json;
use tokio::time::Instant;
use uuid::Uuid;

use super::audit::Audit;
use super::prices::{Cost, Way};
use super::record::Priced;
use super::{Account, Payer, Terms, audit, mongodb, postgres, row};
use crate::llm::answer::Answer;
use crate::llm::error::LlmError;
use crate::llm::guard::{Call, Exchange, Guard, Judgement, Permit};
use crate::llm::kind::{Breaker, Kind};
use crate::queue::turns::{Rank, Seat};

/// Time that a call may be in flight after the caller has stopped waiting for it.
const GRACE: Duration = Duration::from_mins(1);

/// Longest time between the permit and the answer when the caller has no deadline of its own in sight.
const LONGEST: Duration = Duration::from_hours(1);

/// Time that a probe has before another call may try.
const PROBE: Duration = Duration::from_mins(3);

/// Block after a refusal that names no time.
const NO_HINT: Duration = Duration::from_secs(2);

/// Rows that wait for a new month come back over this time, not all at midnight.
const MONTH_SPREAD: Duration = Duration::from_mins(10);

/// The guard of one job.
#[derive(Debug, Clone)]
pub struct JobAccount {
    pub(super) account: Arc<Account>,
    pub(super) payer: Payer,
    /// How long the job may wait for a batch; `None`: not at all.
    pub(super) may_wait: Option<Duration>,
    /// Whose turn is passed on while a model thinks.
    pub(super) seat: Option<Arc<Seat>>,
    /// Whether the next provider may be paid where the account of one is empty.
    other_bill: bool,
}

/// What a statement says that permits: word, seconds to wait, detail.
pub(super) type Verdict = (String, f64, Option<String>);

#[derive(Debug, FromRow)]
struct Found {
    id: Uuid,
    state: String,
    given_up: bool,
    held_answer: Option<Json<serde_json::Value>>,
}

impl JobAccount {
    pub(super) const fn new(account: Arc<Account>, payer: Payer) -> Self {
        Self { account, payer, may_wait: None, seat: None, other_bill: false }
    }

    /// Lets the first question of the job wait for a batch for so long.
    #[must_use]
    pub const fn that_may_wait(mut self, at_most: Duration) -> Self {
        self.may_wait = Some(at_most);
        self
    }

    /// Says whether the next provider may be paid where the account of one is empty; without a word it may not.
    #[must_use]
    pub const fn allowing_other_bill(mut self, allowed: bool) -> Self {
        self.other_bill = allowed;
        self
    }

    /// Passes the turn of this seat on while a model thinks.
    #[must_use]
    pub fn seated(mut self, seat: Arc<Seat>) -> Self {
        self.seat = Some(seat);
        self
    }

    pub(super) fn terms(&self, call: &Call<'_>) -> Terms {
        self.account.terms(call.provider)
    }

    /// What the call may cost at most, directly or in a batch; `None` when nobody knows.
    pub(super) fn reserved(&self, call: &Call<'_>, terms: &Terms, way: Way) -> Option<Cost> {
        if terms.free {
            return Some(Cost { nano_usd: 0, price_id: None });
        }
        let today = chrono::Utc::now().date_naive();
        let book = self.account.prices();
        let price = book.find(&[&terms.provider, &terms.price_list], call.model, today)?;
        let nano_usd = price.share(way, price.at_most(call.input, call.output));
        Some(Cost { nano_usd, price_id: Some(price.id) })
    }

    /// A call as the statements that permit it take it.
    pub(super) fn asked(&self, id: Uuid, call: &Call<'_>, way: Way) -> serde_json::Value {
        let settings = self.account.settings();
        let terms = self.terms(call);
        let reserved = self.reserved(call, &terms, way);
        let left = call.request.deadline.saturating_duration_since(Instant::now()).min(LONGEST);
        json!({
            "call": row::begun(id, call, &self.payer, &terms, &self.account.worker_id, reserved),
            "month_nano_usd": settings.month.nano_usd, "month_tokens": settings.month.tokens, "month_calls": settings.month.calls,
            "job_nano_usd": settings.job.nano_usd, "job_tokens": settings.job.tokens, "job_calls": settings.job.calls,
            "limit_s": (left + GRACE).as_secs_f64(), "probe_s": PROBE.as_secs_f64(),
        })
    }

    /// What the statement said: nothing, or why not.
    pub(super) fn granted(
        &self,
        call: &Call<'_>,
        (verdict, wait_s, detail): Verdict,
    ) -> Result<(), LlmError> {
        let wait = Duration::from_secs_f64(wait_s.max(0.0));
        let detail = detail.unwrap_or_default();
        match verdict.as_str() {
            "go" => Ok(()),
            "circuit_open" => Err(refused(
                left_alone(&detail),
                format!("{} {} is left alone: {detail}", call.provider, call.model),
                wait + (wait / 5 + Duration::from_secs(1)).mul_f64(fastrand::f64()),
            )),
            "job_budget" => Err(LlmError::new(
                Kind::JobBudgetExceeded,
                format!("this job has used what one job may: {detail} (llm_account.job_{detail})"),
            )),
            "budget" => Err(refused(
                Kind::BudgetExceeded,
                format!(
                    "organization {} has used its {detail} of this month; raise it with: orrery llm budget set",
                    self.payer.organization_id
                ),
                wait + MONTH_SPREAD.mul_f64(fastrand::f64()),
            )),
            _ => Err(refused(
                Kind::LocalRateLimit,
                "the same question is under way for another row".to_owned(),
                wait,
            )),
        }
    }

    async fn answer_of(&self, call: &Call<'_>, found: Found) -> Result<Option<Answer>, LlmError> {
        if let Some(Json(texts)) = found.held_answer {
            return Ok(audit::kept(texts).map(|kept| kept.answer));
        }
        if found.state == "in_flight" {
            return if found.given_up { self.account.adopt(found.id, call.provider).await } else { Ok(None) };
        }
        let kept = self.account.audit.read(found.id).await;
        if let Some(kept) = kept.map_err(|error| mongodb("a stored answer could not be read", error))? {
            return Ok(Some(kept.answer));
        }
        // The texts have expired, so the answer must be asked for again.
        sqlx::query("update orrery.llm_calls set state = 'expired' where id = $1 and state = 'answered'")
            .bind(found.id)
            .execute(&self.account.pool)
            .await
            .map_err(|error| postgres("an expired answer could not be marked", error))?;
        Ok(None)
    }
}

#[async_trait]
impl Guard for JobAccount {
    async fn stored(&self, call: &Call<'_>) -> Result<Option<Answer>, LlmError> {
        let job = self.payer.job;
        let found: Option<Found> = sqlx::query_as(include_str!("sql/stored.sql"))
            .bind(call.digest.to_string())
            .bind(job.map(|job| job.queue))
            .bind(job.map(|job| job.id))
            .bind(job.map(|job| job.token))
            .fetch_optional(&self.account.pool)
            .await
            .map_err(|error| postgres("stored answers could not be looked up", error))?;
        match found {
            Some(found) => self.answer_of(call, found).await,
            None => Ok(None),
        }
    }

    async fn permit(&self, call: &Call<'_>) -> Result<Permit, LlmError> {
        let id = Uuid::new_v4();
        let asked = self.asked(id, call, Way::Direct);
        let verdict: Verdict = sqlx::query_as(include_str!("sql/permit.sql"))
            .bind(asked)
            .fetch_one(&self.account.pool)
            .await
            .map_err(|error| postgres("a call could not be permitted", error))?;
        self.granted(call, verdict).map(|()| Permit { id })
    }

    async fn defer(
        &self,
        call: &Call<'_>,
        body: &(dyn Fn() -> String + Send + Sync),
    ) -> Result<(), LlmError> {
        self.wait_for_batch(call, body).await
    }

    async fn admit(&self, call: &Call<'_>, permit: &Permit, _attempt: u32) -> Result<Duration, LlmError> {
        let terms = self.terms(call);
        let settings = self.account.settings();
        let patience = settings.patience.min(call.request.deadline.saturating_duration_since(Instant::now()));
        let (admitted, wait_s): (bool, f64) = sqlx::query_as(include_str!("sql/admit.sql"))
            .bind(permit.id)
            .bind(call.provider)
            .bind(call.model)
            .bind(&terms.key_id)
            .bind(i64::try_from(call.input.saturating_add(call.output)).unwrap_or(i64::MAX))
            .bind(terms.requests_per_minute.map(per_minute))
            .bind(terms.tokens_per_minute.map(per_minute))
            .bind(patience.as_secs_f64())
            .bind(settings.ramp.as_secs_f64())
            .fetch_one(&self.account.pool)
            .await
            .map_err(|error| postgres("a request could not be let through", error))?;
        let wait = Duration::from_secs_f64(wait_s.max(0.0));
        if !admitted {
            let message = format!("{} {} has no room for another request yet", call.provider, call.model);
            return Err(refused(Kind::LocalRateLimit, message, wait));
        }
        // The time was handed out by the clock of the database; the connection is back in the pool.
        Ok(wait)
    }

    fn away(&self) {
        if let Some(seat) = &self.seat {
            seat.leave();
        }
    }

    async fn back(&self) {
        if let Some(seat) = &self.seat {
            seat.take(Rank::Answered).await;
        }
    }

    async fn seen(&self, call: &Call<'_>, permit: &Permit, exchange: &Exchange<'_>) {
        let terms = self.terms(call);
        let settings = self.account.settings();
        let limits = exchange.limits;
        let verdict = match exchange.error.map(|error| error.policy().breaker) {
            None | Some(Breaker::Ignores) => "answered",
            Some(Breaker::Counts) => "counts",
            Some(Breaker::Opens) => "opens",
        };
        let limited = exchange.error.is_some_and(|error| error.kind == Kind::RateLimited);
        let hint = exchange.error.and_then(|error| error.hint).unwrap_or(NO_HINT);
        let mut seen = json!({
            "call": permit.id, "provider": call.provider, "model": call.model, "key": terms.key_id,
            "configured": terms.requests_per_minute.is_some(),
            "limited": limited, "hint_s": hint.as_secs_f64(), "ramp_s": settings.ramp.as_secs_f64(),
            "requests": limits.requests, "requests_left": limits.requests_left,
            "requests_reset_s": limits.requests_reset.map(|wait| wait.as_secs_f64()),
            "tokens": limits.tokens, "tokens_left": limits.tokens_left,
            "tokens_reset_s": limits.tokens_reset.map(|wait| wait.as_secs_f64()),
        });
        row::add(&mut seen, settings.breaker.counted(verdict, exchange.error));
        let counted: Result<String, sqlx::Error> =
            sqlx::query_scalar(include_str!("sql/seen.sql")).bind(seen).fetch_one(&self.account.pool).await;
        match counted.as_deref() {
            Ok("opened") => tracing::error!(
                provider = call.provider,
                model = call.model,
                error = exchange.error.map(tracing::field::display),
                "breaker opened: this model is left alone, rows that need it wait or go to the next"
            ),
            Ok("closed") => tracing::info!(
                provider = call.provider,
                model = call.model,
                "breaker closed: the model answers again"
            ),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "a request could not be counted"),
        }
    }

    async fn record(&self, call: &Call<'_>, permit: &Permit, answer: &Answer) -> Result<(), LlmError> {
        let terms = self.terms(call);
        let begun = row::begun(permit.id, call, &self.payer, &terms, &self.account.worker_id, None);
        let texts = Audit::of_answer(call, &self.payer, answer);
        let priced = Priced { terms: &terms, model: call.model, way: Way::Direct };
        self.account.commit(permit.id, Some(begun), &priced, answer, texts).await
    }

    async fn settle(&self, call: &Call<'_>, permit: Permit, result: Result<&Answer, &LlmError>) {
        let (answer, failure) = match result {
            Ok(answer) => (Some(answer), None),
            Err(error) => {
                let cost = error.detail.usage.as_ref().and_then(|usage| {
                    row::cost(&self.account.prices(), &self.terms(call), call.model, usage, Way::Direct)
                });
                if let Some(texts) = Audit::of_failure(call, &self.payer, error)
                    && let Err(error) = self.account.audit.write(permit.id, &texts, false).await
                {
                    tracing::warn!(call_id = %permit.id, error = %error.kind, "the texts of a failure could not be kept");
                }
                (None, Some(row::failed(error, cost)))
            }
        };
        self.account.book(permit.id, answer, failure).await;
    }

    fn allows_other_bill(&self) -> bool {
        self.other_bill
    }

    async fn judged(&self, call: &Call<'_>, judgement: &Judgement) {
        let noted = sqlx::query(include_str!("sql/judged.sql"))
            .bind(call.digest.to_string())
            .bind(judgement.usable)
            .bind(&judgement.repairs)
            .bind(&judgement.violations)
            .execute(&self.account.pool)
            .await;
        if let Err(error) = noted {
            tracing::warn!(%error, "what was found in an answer could not be noted");
        }
    }
}

/// What a refusal by an open breaker counts as. `reason` is the error that opened it and begins with its code. A refused key and
/// an empty account stay what they are, so that calls after the first do not go on to another provider's bill either.
fn left_alone(reason: &str) -> Kind {
    let code = reason.split(':').next().unwrap_or_default();
    let needs_a_person = [Kind::Auth, Kind::QuotaExhausted].into_iter().find(|kind| kind.code() == code);
    needs_a_person.unwrap_or(Kind::CircuitOpen)
}

pub(super) fn refused(kind: Kind, message: String, wait: Duration) -> LlmError {
    LlmError::new(kind, message).with_hint(Some(wait))
}

#[allow(clippy::cast_precision_loss, reason = "limits of providers are far below 2^52")]
const fn per_minute(limit: u64) -> f64 {
    limit as f64
}
