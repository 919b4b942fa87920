//! The words of a report: a language model's where a chain of providers is configured, the narrator's otherwise.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::collect::Row;
use super::crowds::Crowds;
use crate::domain::ReportType;
use crate::llm::account::calls::{self, Paid};
use crate::llm::account::{Account, Payer, PayingJob};
use crate::llm::batch;
use crate::llm::kind::{Kind, Last};
use crate::llm::privacy::{Identities, Veil};
use crate::llm::prompt::choice::Choice;
use crate::llm::prompt::{Context as Described, Prompt};
use crate::llm::writer::{self, Question, Task, Written};
use crate::llm::{Chain, LlmError};
use crate::narrator::{Questionnaire, Report};
use crate::pipeline::Context;
use crate::pipeline::documents::Authorship;
use crate::pipeline::entity::Facts;
use crate::pipeline::entity::facts::Place;
use crate::queue::settle;
use crate::queue::turns::Seat;
use crate::queue::{ClaimedJob, JobError, Stage};

/// Language of the reports.
const LOCALE: &str = "en";

/// Time since the first snooze of its row after which a report waits for no provider any more.
const PATIENCE: Duration = Duration::from_hours(24);

/// Longest time by which rows that a provider told the same come back apart.
const SPREAD: Duration = Duration::from_mins(5);

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

/// The models that may write, the accounts around them, what they are asked with, and who must not be named to them.
#[derive(Debug)]
pub struct Models {
    chain: Chain,
    account: Arc<Account>,
    prompts: Choice,
    crowds: Crowds,
}

impl Models {
    /// An empty chain means that the narrator writes everything.
    #[must_use]
    pub fn new(chain: Chain, account: Arc<Account>, prompts: Choice) -> Self {
        Self { chain, account, prompts, crowds: Crowds::default() }
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
    pub(super) narrated: &'a Report,
    /// When the models' time is up.
    pub(super) deadline: Instant,
}

/// A question on its way to the models, or why it must not be asked. Holds nothing of what it was made from.
pub(super) struct Asking {
    question: Result<Question, LlmError>,
    /// Whether the organization lets the next provider be paid where the account of one is empty.
    other_bill: bool,
    /// Whether an earlier run of the row brought answers that were no report.
    spoiled: bool,
}

/// The question about a report that the narrator has written.
pub(super) async fn question(
    context: &Context,
    models: &Models,
    source: &Source<'_>,
) -> Result<Asking, JobError> {
    let person = &source.facts.person;
    let people = models.crowds.of(context, person.organization_id, person.department_id).await?;
    let answers: Vec<Value> = source.questionnaires.iter().flat_map(answers).collect();
    let described = described(source.facts);
    let texts = described.iter().map(|place| place.text.clone()).chain(answers.iter().map(Value::to_string));
    let texts = texts.collect::<Vec<_>>().join("\n");
    let mut hidden = identities(source);
    hidden.ids.extend(people.codes_in(context, source.facts.key.id, &texts).await?);
    let (lease, organization) = (source.job.lease, &source.job.organization_id);
    let before = calls::before_asking(&context.pg, lease.queue.as_str(), lease.job_id, organization)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    let task = Task {
        report_type: source.kind,
        narrated: source.narrated,
        veil: Veil::within(&hidden, people.crowd),
        context: described,
        answers,
        prompt: prompt(models, source, before.pinned.as_deref())?,
        locale: LOCALE.to_owned(),
        nonce: nonce(source.row, before.spoiled),
        deadline: source.deadline,
    };
    Ok(Asking { question: Question::of(task), other_bill: before.other_bill, spoiled: before.spoiled > 0 })
}

/// What the models made of a question.
pub(super) struct Said {
    /// Nothing: the narrator's words stay.
    written: Option<Written>,
    /// Why nobody wrote.
    code: Option<&'static str>,
    paid: Paid,
}

/// Asks the models; the seat is empty while they think. Where no model could write and the configuration allows it the words stay
/// the narrator's; otherwise the error says whether the row waits, is tried again or fails.
pub(super) async fn ask(
    context: &Context,
    models: &Models,
    (job, row): (&ClaimedJob, &Row),
    asking: Asking,
    seat: &Arc<Seat>,
) -> Result<Said, JobError> {
    let lease = job.lease;
    let payer = Payer {
        organization_id: job.organization_id.clone(),
        job: Some(PayingJob { queue: lease.queue.as_str(), id: lease.job_id, token: lease.token }),
    };
    let mut guard = models.account.of(payer).seated(Arc::clone(seat)).allowing_other_bill(asking.other_bill);
    if let Some(left) = batch_time(context, job, row) {
        guard = guard.that_may_wait(left);
    }
    let written = match asking.question {
        Ok(question) => writer::ask(&models.chain, &guard, &question).await,
        Err(error) => Err(error),
    };
    let (written, code) = match written {
        Ok(written) => (Some(written), None),
        Err(error) => {
            let left = Left { job, time: time_left(context, job, &error).await?, spoiled: asking.spoiled };
            if !context.config.llm.narrator_fallback || !left.narrator_may(&error) {
                return Err(left.failed(&error));
            }
            tracing::warn!(job_id = %lease.job_id, code = error.kind.code(), "no model could write; the narrator does");
            (None, Some(error.kind.code()))
        }
    };
    let paid =
        calls::paid(&context.pg, row.id).await.map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    Ok(Said { written, code, paid })
}

impl Said {
    /// Puts the words into the narrator's report, and says who wrote it.
    pub(super) fn put_into(self, report: &mut Report) -> Authorship {
        let Self { written, code, paid } = self;
        let author = if let Some(mut written) = written {
            written.put_into(&mut report.content);
            report.content.warnings.push(format!(
                "The words of this report were written by a language model ({}); score, figures, evidence and limits were computed.",
                written.model
            ));
            author(written)
        } else {
            report.content.warnings.push(
                "No language model could write this report, so the built-in narrator did; score and figures are the same.".to_owned(),
            );
            let degraded = code.iter().map(|code| (*code).to_owned()).collect();
            Authorship { degraded, ..Authorship::narrator(report) }
        };
        #[allow(clippy::cast_precision_loss, reason = "a report costs less than 2^52 billionths of a dollar")]
        let cost = (paid.unpriced == 0).then_some(paid.cost_nano_usd as f64 / 1e9);
        Authorship {
            input_tokens: paid.input_tokens,
            output_tokens: paid.output_tokens,
            cost_usd: cost,
            ..author
        }
    }
}

fn author(written: Written) -> Authorship {
    Authorship {
        generator: "model",
        model: written.model,
        provider: Some(written.provider),
        prompt: written.prompt.id,
        prompt_version: written.prompt.version,
        temperature: writer::FIRST_TEMPERATURE.into(),
        degraded: written.degraded.into_iter().map(str::to_owned).collect(),
        narrator_sections: written.by_narrator,
        repairs: written.repairs.into_iter().map(str::to_owned).collect(),
        ..Authorship::default()
    }
}

/// How long the row may still wait for a batch; `None` when somebody waits for it, or it has waited long enough.
fn batch_time(context: &Context, job: &ClaimedJob, row: &Row) -> Option<Duration> {
    let age = (chrono::Utc::now() - job.enqueued_at).to_std().unwrap_or_default();
    let left = batch::give_up(&context.config.llm_batch).checked_sub(age);
    left.filter(|left| !left.is_zero() && row.can_wait())
}

/// How much longer the row may be put off because of this error. What has an end of its own, such as a new month or a turn at a provider, is
/// waited for however long that is, and so are our own stores.
async fn time_left(context: &Context, job: &ClaimedJob, error: &LlmError) -> Result<Duration, JobError> {
    let may_last = matches!(error.policy().last, Last::Snooze(_) | Last::Park(_));
    if !may_last || matches!(error.kind, Kind::BudgetExceeded | Kind::LocalRateLimit | Kind::Store) {
        return Ok(Duration::MAX);
    }
    let waited = settle::put_off_for(&context.pg, job.lease)
        .await
        .map_err(|error| JobError::postgres(Stage::Analyse, error))?;
    Ok(PATIENCE.saturating_sub(waited))
}

/// What makes the question another one: a version that is wanted although nothing has changed, and runs that brought nothing.
fn nonce(row: &Row, spoiled: i64) -> u32 {
    let wanted = if row.wants_version() { row.id.as_fields().0 } else { 0 };
    wanted.wrapping_add(u32::try_from(spoiled).unwrap_or(u32::MAX))
}

/// The prompt of the row. An organization that is pinned to a version that does not exist waits until somebody has looked.
fn prompt(models: &Models, source: &Source<'_>, pinned: Option<&str>) -> Result<Prompt, JobError> {
    let organization = source.facts.person.organization_id;
    models.prompts.prompt(pinned, organization, source.row.id).map_err(|error| {
        JobError::snooze(Stage::Analyse, "llm.prompt_unknown", error.message, Duration::from_mins(5))
    })
}

/// How often and how long a row may still come back for a model.
struct Left<'a> {
    job: &'a ClaimedJob,
    /// For which it may be put off because of the error at hand.
    time: Duration,
    /// Whether an earlier run of the row brought answers that were no report.
    spoiled: bool,
}

impl Left<'_> {
    /// Whether waiting for a model has had its time, or never had any sense. What may leak is written by nobody.
    fn narrator_may(&self, error: &LlmError) -> bool {
        match error.policy().last {
            Last::Await(_) => false,
            Last::Narrator => true,
            Last::Retry => self.is_wrong_again(error) || self.job.attempt >= self.job.max_attempts,
            Last::Snooze(_) | Last::Park(_) => self.time.is_zero(),
            Last::Fail => !matches!(error.kind, Kind::Privacy | Kind::JobBudgetExceeded),
        }
    }

    /// What is no report in two runs is none in the third, and each of them is paid.
    fn is_wrong_again(&self, error: &LlmError) -> bool {
        error.kind == Kind::InvalidOutput && self.spoiled
    }

    fn failed(&self, error: &LlmError) -> JobError {
        let (code, message) = (error.kind.code(), error.to_string());
        if error.kind == Kind::Privacy {
            let job_id = self.job.lease.job_id;
            tracing::error!(%job_id, code, "a report fails so that nobody is named; somebody has to look: {message}");
        }
        let put_off = |wait: Duration| {
            let wait = error.hint.map_or(wait, |hint| hint.max(Duration::from_secs(1)));
            let wait = (wait + spread(error, wait)).min(self.time);
            JobError::snooze(Stage::Analyse, code, error.to_string(), wait)
        };
        match error.policy().last {
            // Limited by whoever brings the answer.
            Last::Await(wait) => put_off(wait),
            Last::Snooze(wait) | Last::Park(wait) if !self.time.is_zero() => put_off(wait),
            Last::Retry if !self.is_wrong_again(error) => JobError::retry(Stage::Analyse, code, message),
            Last::Snooze(_) | Last::Park(_) | Last::Retry | Last::Fail | Last::Narrator => refused(error),
        }
    }
}

/// What a provider says it says to all who ask: they should not come back in the same moment. Our own accounts have spread theirs.
fn spread(error: &LlmError, wait: Duration) -> Duration {
    // The end of a provider's day is spread where it is worked out.
    let is_told = error.detail.status.is_some() && error.kind != Kind::DailyQuota;
    if is_told { SPREAD.min(wait / 5).mul_f64(fastrand::f64()) } else { Duration::ZERO }
}

fn refused(error: &LlmError) -> JobError {
    JobError::permanent(Stage::Analyse, error.kind.code(), error.to_string())
}

fn identities(source: &Source<'_>) -> Identities {
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
    let places = own.into_iter().flatten().cloned().collect();
    let described =
        [Some(&facts.company), facts.department.as_ref(), facts.role.as_ref(), facts.industry.as_ref()];
    for place in described.into_iter().flatten() {
        ids.push(place.id.to_string());
        ids.extend(text(place.row.get("email")).into_iter().chain(text(place.row.get("website"))));
    }
    Identities {
        subject: facts.person.full_name.clone(),
        people: Vec::new(),
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
