//! The documents of a report.

use std::sync::Arc;

use serde_json::Value;

use super::publish::{Draft, Stamp};
use crate::narrator::output::NarratorError;
use crate::narrator::{self, Report, ReportInput};
use crate::pipeline::documents::{
    self, AnalysisArgs, Context, DocumentError, QuestionnaireArgs, ReportArgs, TrainingArgs, Visibility,
};
use crate::pipeline::entity::facts::Place;
use crate::queue::{JobError, Stage};
use crate::store::documents::Upsert;

/// Roles that may see a report; who of them also depends on department and branch.
pub(super) const VISIBLE_TO_ROLES: [&str; 3] = ["owner", "leader", "manager"];

/// SHA-256 of content and scores as they read without the version before: the text names that version, and a report that is
/// written again on equal input must have an equal hash.
pub(super) fn content_hash(input: &ReportInput<'_>, report: &Report) -> Result<String, NarratorError> {
    if input.previous.is_none() {
        return Ok(documents::content_hash(&report.content, &report.scores));
    }
    let alone = narrator::write(&ReportInput { previous: None, ..input.clone() })?;
    Ok(documents::content_hash(&alone.content, &alone.scores))
}

/// Report, analysis, training plan and the readings of questionnaires.
pub(super) fn of_report(draft: &Draft<'_>, stamp: &Stamp) -> Result<Vec<Upsert>, JobError> {
    let employee = draft.row.employee_id.to_string();
    let organization = draft.facts.person.organization_id.to_string();
    let mut all = vec![
        report(draft, stamp, &employee, &organization),
        analysis(draft, stamp, &employee, &organization),
    ];
    if let Some(training) = &draft.report.training {
        all.push(documents::training_recommendations(&TrainingArgs {
            report_id: stamp.report_id,
            employee_id: &employee,
            organization_id: &organization,
            training,
            now: stamp.now,
        }));
    }
    let mut upserts: Vec<Upsert> = all.into_iter().collect::<Result<_, _>>().map_err(|error| {
        JobError::permanent(Stage::Compile, "internal.document", error.to_string()).with_source(error)
    })?;
    for reading in &draft.report.questionnaires {
        let asked = draft.questionnaires.iter().find(|asked| asked.response_id == reading.response_id);
        if let Some(asked) = asked {
            upserts.push(documents::questionnaire_response(&QuestionnaireArgs {
                asked,
                reading,
                report_id: stamp.report_id,
                now: stamp.now,
            }));
        }
    }
    Ok(upserts)
}

fn report(
    draft: &Draft<'_>,
    stamp: &Stamp,
    employee: &str,
    organization: &str,
) -> Result<Upsert, DocumentError> {
    let person = &draft.facts.person;
    let department = person.department_id.map(|id| id.to_string());
    let visibility = Visibility {
        roles: VISIBLE_TO_ROLES.map(str::to_owned).to_vec(),
        departments: department.iter().cloned().collect(),
        branches: person.branch_id.iter().map(ToString::to_string).collect(),
    };
    documents::report(&ReportArgs {
        report_id: stamp.report_id,
        employee_id: employee,
        organization_id: organization,
        department_id: department.as_deref(),
        report_type: draft.kind,
        version: stamp.version,
        quarter: draft.computed.quarter,
        report: draft.report,
        author: draft.author,
        engine_version: draft.computed.chart.provenance.engine_version,
        content_hash: &stamp.content_hash,
        generated_by: &draft.row.requested_by.to_string(),
        processing_time_ms: millis(draft),
        visibility: &visibility,
        now: stamp.now,
        expires: Some(stamp.expires),
    })
}

fn analysis(
    draft: &Draft<'_>,
    stamp: &Stamp,
    employee: &str,
    organization: &str,
) -> Result<Upsert, DocumentError> {
    let row = |place: &Option<Arc<Place>>| -> Option<Value> { place.as_ref().map(|place| place.row.clone()) };
    let (role, department, industry) =
        (row(&draft.facts.role), row(&draft.facts.department), row(&draft.facts.industry));
    documents::analysis_data(&AnalysisArgs {
        report_id: stamp.report_id,
        employee_id: employee,
        organization_id: organization,
        report_type: draft.kind,
        report: draft.report,
        author: draft.author,
        context: Context {
            job_role: role.as_ref(),
            department: department.as_ref(),
            company: Some(&draft.facts.company.row),
            industry: industry.as_ref(),
        },
        processing_time_ms: millis(draft),
        now: stamp.now,
    })
}

fn millis(draft: &Draft<'_>) -> i32 {
    i32::try_from(draft.took.as_millis()).unwrap_or(i32::MAX)
}
