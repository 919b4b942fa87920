//! Runs rows of `report_generation_queue`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::changes::Changes;
use super::collect::{self, Previous, Row};
use super::documents;
use super::prose::{self, Asking, Models, Said, Source};
use super::publish::{self, Draft};
use crate::compat::ComparisonKind;
use crate::domain::digest::sha256;
use crate::domain::{Quarter, ReportType};
use crate::narrator::output::NarratorError;
use crate::narrator::{self, Counterpart, Questionnaire, Report, ReportInput, Subject};
use crate::pipeline::Context;
use crate::pipeline::documents::Authorship;
use crate::pipeline::entity::facts::Place;
use crate::pipeline::entity::{
    Computed, EntityKey, EntityKind, Facts, compute, facts, history, publish as entity_publish,
};
use crate::queue::spans::Part;
use crate::queue::turns::{Rank, Seat, Turns};
use crate::queue::{ClaimedJob, JobError, Queue, Stage};
use crate::runtime::{Done, Handler};
use crate::store::documents::guessed;

/// Code of a run whose data changed meanwhile.
const STALE: &str = "data.stale";

/// Time that publishing gets of the deadline of a report at least; a fifth of it, if that is more.
const TO_PUBLISH: Duration = Duration::from_secs(15);

/// Time until a report that got no turn is tried again.
const BUSY: Duration = Duration::from_secs(5);

/// Writes reports.
pub struct ReportHandler {
    context: Arc<Context>,
    models: Option<Models>,
    turns: Turns,
}

/// A report on its way: the row, when its run began, and its turn.
struct Run<'a> {
    job: &'a ClaimedJob,
    row: &'a Row,
    kind: ReportType,
    begun: Instant,
    seat: &'a Arc<Seat>,
}

/// What is kept of a report while a model thinks: little, for a thousand of them may wait.
struct Kept {
    started: DateTime<Utc>,
    quarter: Quarter,
    previous: Option<Previous>,
    /// Of all that the report was written from.
    basis: [u8; 32],
    content_hash: String,
    /// The question to the models, if they are to write.
    asking: Option<Asking>,
    /// The report itself, if they are not.
    narrated: Option<Box<Narrated>>,
    times: Times,
}

/// How long the stages before the publication took.
#[derive(Clone, Copy)]
struct Times {
    collected: Duration,
    calculated: Duration,
}

/// A calculated and written report, and what it was written from.
struct Narrated {
    facts: Facts,
    questionnaires: Vec<Questionnaire>,
    computed: Computed,
    report: Report,
}

impl ReportHandler {
    /// A handler over these stores.
    #[must_use]
    pub fn new(context: Arc<Context>) -> Self {
        let turns = Turns::new(context.config.report.turns());
        Self { context, models: None, turns }
    }

    /// Lets language models write the words.
    #[must_use]
    pub fn with_models(self, models: Models) -> Self {
        Self { models: (!models.is_empty()).then_some(models), ..self }
    }

    /// Limit of a run.
    fn limit(&self) -> Duration {
        Duration::from_secs(self.context.config.report.slots.deadline_s)
    }

    /// Writes a report. Its turn is passed on while models think, and what it holds then is a question.
    async fn write(&self, run: &Run<'_>) -> Result<Done, JobError> {
        let mut kept = Box::pin(self.prepare(run)).await?;
        let said = match (kept.asking.take(), &self.models) {
            (Some(asking), Some(models)) => {
                let asked = prose::ask(&self.context, models, (run.job, run.row), asking, run.seat);
                let said = Box::pin(Part::Ask.of(asked)).await?;
                // The answer is written down; others that bring one go first.
                run.seat.leave();
                run.seat.take(Rank::Returning).await;
                Some(said)
            }
            _ => None,
        };
        Box::pin(self.finish(run, kept, said)).await
    }

    /// Collects, calculates, narrates; makes the question where models are to write.
    async fn prepare(&self, run: &Run<'_>) -> Result<Kept, JobError> {
        let (context, row) = (self.context.as_ref(), run.row);
        let (started, clock) = (context.now(), Instant::now());
        let reading = async {
            futures::try_join!(
                facts::read(&context.pg, run.key(), "employee_id"),
                collect::previous(context, row.employee_id, run.kind),
                questionnaires(context, run),
            )
        };
        let (facts, previous, questionnaires) = Part::Collect.of(reading).await?;
        let collected = clock.elapsed();
        run.job.signal.check(Stage::Calculate)?;
        let quarter = row.quarter(context.current_quarter())?;
        let basis = basis(&facts, &questionnaires);
        let narrated = Narrated::of(context, run.kind, quarter, (facts, questionnaires), previous.as_ref())?;
        // Of the narrator's words, also where a model writes others: equal input has an equal hash.
        let content_hash = narrated.content_hash(run.kind, previous.as_ref())?;
        let times = Times { collected, calculated: clock.elapsed() };
        run.job.signal.check(Stage::Analyse)?;
        let asking = match &self.models {
            // What says the same as the version that stands is not paid for.
            Some(models) if !publish::stands(context, row, run.kind, &content_hash).await? => {
                let limit = self.limit();
                let source = Source {
                    job: run.job,
                    row,
                    kind: run.kind,
                    facts: &narrated.facts,
                    questionnaires: &narrated.questionnaires,
                    narrated: &narrated.report,
                    deadline: run.begun + limit.saturating_sub(TO_PUBLISH.max(limit / 5)),
                };
                Some(prose::question(context, models, &source).await?)
            }
            _ => None,
        };
        let narrated = asking.is_none().then(|| Box::new(narrated));
        Ok(Kept { started, quarter, previous, basis, content_hash, asking, narrated, times })
    }

    /// Looks whether all is as it was, and publishes. What was let go while a model thought is calculated again: equal data
    /// gives an equal report.
    async fn finish(&self, run: &Run<'_>, kept: Kept, said: Option<Said>) -> Result<Done, JobError> {
        let (context, row) = (self.context.as_ref(), run.row);
        let Kept { started, quarter, previous, basis: before, content_hash, narrated, times, .. } = kept;
        let reading = async {
            futures::try_join!(
                facts::read(&context.pg, run.key(), "employee_id"),
                history::read(context, run.key()),
                questionnaires(context, run),
            )
        };
        let (facts, history, questionnaires) = Part::Recheck.of(reading).await?;
        if basis(&facts, &questionnaires) != before {
            return Err(stale(run));
        }
        let mut narrated = match narrated {
            Some(narrated) => narrated,
            None => Box::new(Narrated::of(
                context,
                run.kind,
                quarter,
                (facts, questionnaires),
                previous.as_ref(),
            )?),
        };
        let author = match said {
            Some(said) => said.put_into(&mut narrated.report),
            None => Authorship::narrator(&narrated.report),
        };
        let Narrated { facts, questionnaires, computed, report } = narrated.as_ref();
        let changes = match &previous {
            Some(previous) => {
                let differs = previous.content_hash.as_deref() != Some(content_hash.as_str());
                let before = if differs { collect::text_of(context, previous).await? } else { None };
                Some(Changes::between(previous, report, before.as_ref(), quarter, differs))
            }
            None => None,
        };

        let analysed = run.begun.elapsed();
        run.job.signal.check(Stage::Publish)?;
        // Chart, code, comparisons and pattern that the report speaks of are stored when they are missing or stale.
        let stale = entity_publish::documents_if_stale(context, facts, computed, &history);
        let entity = guessed(stale, history.guess()).collect();
        let draft = Draft {
            job: run.job,
            row,
            kind: run.kind,
            facts,
            computed,
            report,
            author: &author,
            content_hash,
            previous: previous.as_ref(),
            changes: changes.as_ref(),
            questionnaires,
            started,
            took: analysed,
            entity,
        };
        let done = publish::publish(context, &draft).await?;
        let Times { collected, calculated } = times;
        tracing::debug!(job_id = %row.id, report_type = %run.kind, collect = ?collected, calculate = ?calculated.saturating_sub(collected),
            analyse = ?analysed.saturating_sub(calculated), publish = ?run.begun.elapsed().saturating_sub(analysed),
            waited = ?run.seat.waited(), "report published");
        Ok(done)
    }
}

impl Run<'_> {
    const fn key(&self) -> EntityKey {
        EntityKey { kind: EntityKind::Employee, id: self.row.employee_id }
    }
}

impl Narrated {
    fn of(
        context: &Context,
        kind: ReportType,
        quarter: Quarter,
        (facts, questionnaires): (Facts, Vec<Questionnaire>),
        previous: Option<&Previous>,
    ) -> Result<Self, JobError> {
        let computed = Part::Calculate.within(|| compute::compute(&context.casts, &facts, quarter))?;
        let input = report_input(kind, &facts, &computed, questionnaires.clone(), previous);
        let report = Part::Narrate.within(|| narrator::write(&input).map_err(unwritable))?;
        Ok(Self { facts, questionnaires, computed, report })
    }

    fn content_hash(&self, kind: ReportType, previous: Option<&Previous>) -> Result<String, JobError> {
        let input = report_input(kind, &self.facts, &self.computed, self.questionnaires.clone(), previous);
        documents::content_hash(&input, &self.report).map_err(unwritable)
    }
}

fn unwritable(error: NarratorError) -> JobError {
    JobError::permanent(Stage::Analyse, error.code, error.message)
}

async fn questionnaires(context: &Context, run: &Run<'_>) -> Result<Vec<Questionnaire>, JobError> {
    match run.kind {
        ReportType::QuestionnaireQa => collect::questionnaires(context, run.row.employee_id).await,
        _ => Ok(Vec::new()),
    }
}

/// Of all that a report is written from. Two that are equal read alike.
fn basis(facts: &Facts, questionnaires: &[Questionnaire]) -> [u8; 32] {
    sha256(&format!("{:?}", (facts.read_digest(), questionnaires)))
}

/// What the report was written from has changed meanwhile.
fn stale(run: &Run<'_>) -> JobError {
    JobError::retry(
        Stage::Compile,
        STALE,
        format!(
            "the data of {} changed while the report was written, and again while it was written anew",
            run.key()
        ),
    )
}

fn report_input<'a>(
    kind: ReportType,
    facts: &Facts,
    computed: &'a Computed,
    questionnaires: Vec<narrator::Questionnaire>,
    previous: Option<&collect::Previous>,
) -> ReportInput<'a> {
    let counterpart = |place: &Place, kind| Counterpart {
        id: place.id.to_string(),
        name: place.name.clone(),
        profile: place.profile.clone(),
        comparison: computed.comparison(kind).map(|compared| compared.comparison.clone()),
    };
    ReportInput {
        report_type: kind,
        quarter: computed.quarter,
        subject: Subject { id: facts.key.id.to_string(), full_name: facts.person.full_name.clone() },
        chart: &computed.chart,
        code: &computed.code,
        pattern: &computed.pattern,
        role: facts.role.as_ref().map(|place| counterpart(place, ComparisonKind::Role)),
        department: facts.department.as_ref().map(|place| counterpart(place, ComparisonKind::Department)),
        company: Some(counterpart(&facts.company, ComparisonKind::Company)),
        industry: facts.industry.as_ref().map(|place| counterpart(place, ComparisonKind::Industry)),
        department_size: computed.colleagues,
        department_dimensions: computed.department_dimensions,
        questionnaires,
        previous: previous.map(|previous| narrator::Previous {
            version: previous.version,
            overall_score: previous.overall_score,
            quarter: previous.quarter,
        }),
    }
}

#[async_trait]
impl Handler for ReportHandler {
    fn queue(&self) -> Queue {
        Queue::Report
    }

    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        let row = Row::of(&job)?;
        let seat = Arc::new(Seat::new(self.turns.clone()));
        let kind = row.kind().map_err(|error| error.with_input(row.input()))?;
        let run = Run { job: &job, row: &row, kind, begun: Instant::now(), seat: &seat };
        let work = async {
            begin(&run, self.limit() / 3).await?;
            match self.write(&run).await {
                Err(error) if error.code == STALE => {
                    tracing::info!(job_id = %row.id, "the data changed meanwhile; the report is written anew");
                    self.write(&run).await
                }
                ended => ended,
            }
        };
        job.signal.guard(Stage::Collect, Box::pin(work)).await.map_err(|error| error.with_input(row.input()))
    }
}

/// Waits for a turn. A worker that has none for so long has claimed more than it can do: the row goes back.
async fn begin(run: &Run<'_>, patience: Duration) -> Result<(), JobError> {
    tokio::time::timeout(patience, run.seat.take(Rank::Beginning)).await.map_err(|_| {
        JobError::snooze(
            Stage::Collect,
            "worker.busy",
            format!("no turn within {patience:?}: the worker has more reports in flight than it can write"),
            BUSY,
        )
    })
}
