//! Runs rows of `report_generation_queue`.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::changes::Changes;
use super::collect::{self, Row};
use super::documents;
use super::prose::{self, Models, Source};
use super::publish::{self, Draft};
use crate::compat::ComparisonKind;
use crate::domain::ReportType;
use crate::narrator::output::NarratorError;
use crate::narrator::{self, Counterpart, ReportInput, Subject};
use crate::pipeline::Context;
use crate::pipeline::documents::Authorship;
use crate::pipeline::entity::facts::Place;
use crate::pipeline::entity::{
    Computed, EntityKey, EntityKind, Facts, compute, facts, history, publish as entity_publish,
};
use crate::queue::{ClaimedJob, JobError, Queue, Stage};
use crate::runtime::{Done, Handler};

/// Code of a run whose data changed meanwhile.
const STALE: &str = "data.stale";

/// Writes reports.
pub struct ReportHandler {
    context: Arc<Context>,
    models: Option<Models>,
}

impl ReportHandler {
    /// A handler over these stores.
    #[must_use]
    pub const fn new(context: Arc<Context>) -> Self {
        Self { context, models: None }
    }

    /// Lets language models write the words.
    #[must_use]
    pub fn with_models(self, models: Models) -> Self {
        Self { models: (!models.is_empty()).then_some(models), ..self }
    }

    async fn write(&self, job: &ClaimedJob, row: &Row) -> Result<Done, JobError> {
        let context = self.context.as_ref();
        let started = context.now();
        let clock = Instant::now();
        let kind = row.kind()?;

        let key = EntityKey { kind: EntityKind::Employee, id: row.employee_id };
        let (facts, history, previous) = futures::try_join!(
            facts::read(&context.pg, key, "employee_id"),
            history::read(context, key),
            collect::previous(context, row.employee_id, kind),
        )?;
        let questionnaires = match kind {
            ReportType::QuestionnaireQa => collect::questionnaires(context, row.employee_id).await?,
            _ => Vec::new(),
        };

        let collected = clock.elapsed();
        job.signal.check(Stage::Calculate)?;
        let quarter = row.quarter(context.current_quarter())?;
        let computed = compute::compute(&facts, quarter, context.config.entity.house_system)?;

        let calculated = clock.elapsed();
        job.signal.check(Stage::Analyse)?;
        let input = report_input(kind, &facts, &computed, questionnaires, previous.as_ref());
        let unwritable =
            |error: NarratorError| JobError::permanent(Stage::Analyse, error.code, error.message);
        let report = narrator::write(&input).map_err(unwritable)?;
        // Of the narrator's words, also where a model writes others: equal input has an equal hash.
        let content_hash = documents::content_hash(&input, &report).map_err(unwritable)?;
        let (report, author) = match &self.models {
            // What says the same as the version that stands is not paid for.
            Some(models) if !publish::stands(context, row, kind, &content_hash).await? => {
                let source = Source { job, row, kind, facts: &facts, questionnaires: &input.questionnaires };
                prose::write(context, models, &source, report).await?
            }
            _ => {
                let author = Authorship::narrator(&report);
                (report, author)
            }
        };

        let changes = match &previous {
            Some(previous) => {
                let differs = previous.content_hash.as_deref() != Some(content_hash.as_str());
                let before = if differs { collect::text_of(context, previous).await? } else { None };
                Some(Changes::between(previous, &report, before.as_ref(), quarter, differs))
            }
            None => None,
        };
        check_fresh(context, &facts, kind, &input.questionnaires).await?;

        let analysed = clock.elapsed();
        job.signal.check(Stage::Publish)?;
        // Chart, code, comparisons and pattern that the report speaks of are stored when they are missing or stale.
        let entity = entity_publish::documents_if_stale(context, &facts, &computed, &history);
        let draft = Draft {
            job,
            row,
            kind,
            facts: &facts,
            computed: &computed,
            report: &report,
            author: &author,
            content_hash,
            previous: previous.as_ref(),
            changes: changes.as_ref(),
            questionnaires: &input.questionnaires,
            started,
            took: analysed,
            entity,
        };
        let done = publish::publish(context, &draft).await?;
        tracing::debug!(job_id = %row.id, report_type = %kind, collect = ?collected, calculate = ?calculated.saturating_sub(collected),
            analyse = ?analysed.saturating_sub(calculated), publish = ?clock.elapsed().saturating_sub(analysed), "report published");
        Ok(done)
    }
}

/// Fails when what the report was written from has changed meanwhile.
async fn check_fresh(
    context: &Context,
    facts: &Facts,
    kind: ReportType,
    questionnaires: &[narrator::Questionnaire],
) -> Result<(), JobError> {
    let now = facts::read(&context.pg, facts.key, "employee_id").await?;
    let asked = match kind {
        ReportType::QuestionnaireQa => collect::questionnaires(context, facts.key.id).await?,
        _ => Vec::new(),
    };
    if now.reads_like(facts) && asked == questionnaires {
        return Ok(());
    }
    Err(JobError::retry(
        Stage::Compile,
        STALE,
        format!(
            "the data of {} changed while the report was written, and again while it was written anew",
            facts.key
        ),
    ))
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
        let work = async {
            match self.write(&job, &row).await {
                Err(error) if error.code == STALE => {
                    tracing::info!(job_id = %row.id, "the data changed meanwhile; the report is written anew");
                    self.write(&job, &row).await
                }
                ended => ended,
            }
        };
        job.signal.guard(Stage::Collect, Box::pin(work)).await.map_err(|error| error.with_input(row.input()))
    }
}
