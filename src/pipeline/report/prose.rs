//! The words of a report: a language model's where a chain of providers is configured, the narrator's otherwise.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::collect::Row;
use crate::domain::ReportType;
use crate::llm::account::calls::{self, Filter};
use crate::llm::account::{Account, Payer, PayingJob};
use crate::llm::batch;
use crate::llm::kind::{Kind, Last};
use crate::llm::privacy::{Identities, Veil};
use crate::llm::prompt::{Context as Described, Prompt};
use crate::llm::writer::{self, Task, Written};
use crate::llm::{Chain, LlmError};
use crate::narrator::{Questionnaire, Report};
use crate::pipeline::Context;
use crate::pipeline::documents::Authorship;
use crate::pipeline::entity::Facts;
use crate::pipeline::entity::facts::Place;
use crate::queue::{ClaimedJob, JobError, Stage};

/// The prompt of reports, in its newest version.
const PROMPT: &str = "report";

/// Language of the reports.
const LOCALE: &str = "en";

/// Names of colleagues that are struck from texts at most; those of the same department come first.
const NAMES: i64 = 2000;

/// Time that publishing gets of the deadline of a report.
const TO_PUBLISH: Duration = Duration::from_secs(15);

/// Time since the row was made after which a report waits for no provider any more.
const PATIENCE: Duration = Duration::from_hours(24);

/// Columns of a role, department, company or industry that describe it in words.
const DESCRIPTIONS: [&str; 9] = [
    "description",
    "summary",
    "responsibilities",
    "requirements",
    "mission",
    "vision",
    "values",
    "culture",
    "work_style",
];

/// The models that may write, and the accounts around them.
#[derive(Debug, Clone)]
pub struct Models {
    chain: Chain,
    account: Arc<Account>,
}

impl Models {
    /// An empty chain means that the narrator writes everything.
    #[must_use]
    pub const fn new(chain: Chain, account: Arc<Account>) -> Self {
        Self { chain, account }
    }

    /// Whether there is no model to ask.
    pub(super) fn is_empty(&self) -> bool {
        self.chain.is_empty()
    }
}

/// What a report is written from.
pub(super) struct Source<'a> {
    pub(super) job: &'a ClaimedJob,
    pub(super) row: &'a Row,
    pub(super) kind: ReportType,
    pub(super) facts: &'a Facts,
    pub(super) questionnaires: &'a [Questionnaire],
}

/// Has a model write the words of a report that the narrator has written. What no model could write stays the narrator's where
/// the configuration allows it; otherwise the error says whether the row waits, is tried again or fails.
pub(super) async fn write(
    context: &Context,
    models: &Models,
    source: &Source<'_>,
    narrated: Report,
) -> Result<(Report, Authorship), JobError> {
    let (names, places) = futures::try_join!(names(context, source), places(context, source))?;
    let veil = Veil::over(&identities(source, names, places));
    let limit = Duration::from_secs(context.config.report.slots.deadline_s).saturating_sub(TO_PUBLISH);
    let task = Task {
        report_type: source.kind,
        narrated: &narrated,
        veil: &veil,
        context: described(source.facts),
        answers: source.questionnaires.iter().flat_map(answers).collect(),
        prompt: Prompt::find(PROMPT, None).map_err(|error| refused(&error))?,
        locale: LOCALE.to_owned(),
        nonce: nonce(context, source).await?,
        deadline: Instant::now() + limit,
    };
    let lease = source.job.lease;
    let payer = Payer {
        organization_id: source.job.organization_id.clone(),
        job: Some(PayingJob { queue: lease.queue.as_str(), id: lease.job_id, token: lease.token }),
    };
    let mut guard = models.account.of(payer);
    let patience = patience(context, models, source);
    if let Some(left) = batch_time(context, source) {
        guard = guard.that_may_wait(left);
    }
    match writer::write(&models.chain, &guard, &task).await {
        Ok(written) => {
            let author = author(context, source, &written).await?;
            let mut report = narrated;
            report.content = written.content;
            report.content.warnings.push(format!(
                "The words of this report were written by a language model ({}); score, figures, evidence and limits were computed.",
                written.model
            ));
            Ok((report, author))
        }
        Err(error) if context.config.llm.narrator_fallback && narrator_may(source.job, &error, patience) => {
            tracing::warn!(job_id = %lease.job_id, code = error.kind.code(), "no model could write; the narrator does");
            let mut author = paid(context, source, Authorship::narrator(&narrated)).await?;
            author.degraded.push(error.kind.code().to_owned());
            let mut report = narrated;
            report.content.warnings.push(
                "No language model could write this report, so the built-in narrator did; score and figures are the same.".to_owned(),
            );
            Ok((report, author))
        }
        Err(error) => Err(failed(source.job, &error, patience)),
    }
}

/// How long the row may still wait for a batch; `None` when somebody waits for it, or it has waited long enough.
fn batch_time(context: &Context, source: &Source<'_>) -> Option<Duration> {
    let age = (chrono::Utc::now() - source.job.enqueued_at).to_std().unwrap_or_default();
    let left = batch::give_up(&context.config.llm_batch).checked_sub(age);
    left.filter(|left| !left.is_zero() && source.row.can_wait())
}

/// Time since the row was made after which it waits for no provider any more. What waits for a batch has that time more.
fn patience(context: &Context, models: &Models, source: &Source<'_>) -> Duration {
    let by_batch = source.row.can_wait() && models.chain.providers().iter().any(|provider| provider.batch);
    if by_batch { PATIENCE + batch::give_up(&context.config.llm_batch) } else { PATIENCE }
}

/// What makes the question another one: a version that is wanted although nothing has changed, and runs that brought nothing.
async fn nonce(context: &Context, source: &Source<'_>) -> Result<u32, JobError> {
    let lease = source.job.lease;
    let spoiled = calls::spoiled(&context.pg, lease.queue.as_str(), lease.job_id)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    let wanted = if source.row.wants_version() { source.row.id.as_fields().0 } else { 0 };
    Ok(wanted.wrapping_add(spoiled))
}

/// Whether waiting for a model has had its time, or never had any sense. What may leak is written by nobody.
fn narrator_may(job: &ClaimedJob, error: &LlmError, patience: Duration) -> bool {
    match error.policy().last {
        Last::Snooze(_) if error.kind == Kind::BatchWaiting => false,
        Last::Narrator => true,
        Last::Retry => job.attempt >= job.max_attempts,
        Last::Snooze(_) | Last::Park(_) => waited_too_long(job, patience),
        Last::Fail => !matches!(error.kind, Kind::Privacy | Kind::JobBudgetExceeded),
    }
}

fn waited_too_long(job: &ClaimedJob, patience: Duration) -> bool {
    let waited = (chrono::Utc::now() - job.enqueued_at).to_std().unwrap_or_default();
    job.snoozes > 0 && waited > patience
}

fn failed(job: &ClaimedJob, error: &LlmError, patience: Duration) -> JobError {
    let (code, message) = (error.kind.code(), error.to_string());
    match error.policy().last {
        // A question waits for its batch for a limited time anyway.
        Last::Snooze(wait) | Last::Park(wait)
            if error.kind == Kind::BatchWaiting || !waited_too_long(job, patience) =>
        {
            let wait = error.hint.map_or(wait, |hint| hint.max(Duration::from_secs(1)));
            JobError::snooze(Stage::Analyse, code, message, wait)
        }
        Last::Retry => JobError::retry(Stage::Analyse, code, message),
        Last::Snooze(_) | Last::Park(_) | Last::Fail | Last::Narrator => refused(error),
    }
}

fn refused(error: &LlmError) -> JobError {
    JobError::permanent(Stage::Analyse, error.kind.code(), error.to_string())
}

async fn author(context: &Context, source: &Source<'_>, written: &Written) -> Result<Authorship, JobError> {
    let author = Authorship {
        generator: "model",
        model: written.model.clone(),
        provider: Some(written.provider.clone()),
        prompt: written.prompt.id.clone(),
        prompt_version: written.prompt.version.clone(),
        temperature: writer::FIRST_TEMPERATURE.into(),
        degraded: written.degraded.iter().map(|code| (*code).to_owned()).collect(),
        narrator_sections: written.by_narrator.clone(),
        repairs: written.repairs.iter().map(|step| (*step).to_owned()).collect(),
        ..Authorship::default()
    };
    paid(context, source, author).await
}

/// Tokens and cost of all calls for the row, those of earlier runs and of failures too.
async fn paid(context: &Context, source: &Source<'_>, author: Authorship) -> Result<Authorship, JobError> {
    let filter = Filter { job: Some(source.row.id), ..Filter::default() };
    let sums = calls::sums(&context.pg, &filter, None, 1)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    let Some(sum) = sums.first() else { return Ok(author) };
    #[allow(clippy::cast_precision_loss, reason = "a report costs less than 2^52 billionths of a dollar")]
    let cost = (sum.unpriced == 0).then_some(sum.cost_nano_usd as f64 / 1e9);
    Ok(Authorship {
        input_tokens: sum.input_tokens,
        output_tokens: sum.output_tokens,
        cost_usd: cost,
        ..author
    })
}

/// Names of people that texts may mention.
async fn names(context: &Context, source: &Source<'_>) -> Result<Vec<String>, JobError> {
    let person = &source.facts.person;
    sqlx::query_scalar(include_str!("../sql/names_of_colleagues.sql"))
        .bind(person.organization_id)
        .bind(source.facts.key.id)
        .bind(person.department_id)
        .bind(NAMES)
        .fetch_all(&context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))
}

/// Places that say where people of the organization come from, or the organization itself.
async fn places(context: &Context, source: &Source<'_>) -> Result<Vec<String>, JobError> {
    sqlx::query_scalar(include_str!("../sql/places_of_organization.sql"))
        .bind(source.facts.person.organization_id)
        .bind(NAMES)
        .fetch_all(&context.pg)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))
}

fn identities(source: &Source<'_>, people: Vec<String>, mut places: Vec<String>) -> Identities {
    let facts = source.facts;
    let birth = &facts.birth;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let mut ids = vec![
        facts.key.id.to_string(),
        source.row.id.to_string(),
        source.row.requested_by.to_string(),
        facts.person.organization_id.to_string(),
    ];
    let own = [&birth.city, &birth.country, &birth.location];
    places.extend(own.into_iter().flatten().cloned());
    let described =
        [Some(&facts.company), facts.department.as_ref(), facts.role.as_ref(), facts.industry.as_ref()];
    for place in described.into_iter().flatten() {
        ids.push(place.id.to_string());
        ids.extend(text(place.row.get("email")).into_iter().chain(text(place.row.get("website"))));
    }
    Identities {
        subject: facts.person.full_name.clone(),
        people,
        companies: vec![facts.company.name.clone()],
        ids,
        places,
        birth_year: birth.birth_date.get(..4).and_then(|year| year.parse().ok()),
    }
}

/// What the applications say of role, department, company and industry.
fn described(facts: &Facts) -> Vec<Described> {
    let places = [
        ("Role", facts.role.as_ref()),
        ("Department", facts.department.as_ref()),
        ("Company", Some(&facts.company)),
        ("Industry", facts.industry.as_ref()),
    ];
    places
        .into_iter()
        .filter_map(|(what, place)| {
            let place: &Place = place?;
            let mut lines = Vec::new();
            if what != "Company" {
                lines.push(place.name.clone());
            }
            for column in DESCRIPTIONS {
                match place.row.get(column) {
                    Some(Value::String(text)) if !text.trim().is_empty() => {
                        lines.push(text.trim().to_owned());
                    }
                    Some(Value::Array(items)) if !items.is_empty() => {
                        let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                        lines.push(format!("{}: {}", column.replace('_', " "), items.join(", ")));
                    }
                    _ => {}
                }
            }
            (!lines.is_empty()).then(|| Described { name: what.to_owned(), text: lines.join("\n") })
        })
        .collect()
}

fn answers(questionnaire: &Questionnaire) -> Vec<Value> {
    questionnaire
        .answers
        .iter()
        .filter_map(|answer| {
            let text = answer.answer.as_ref()?;
            Some(json!({ "given_in": questionnaire.kind, "question": answer.question, "answer": text }))
        })
        .collect()
}
