//! The one entry: input in, report out.

use super::answers;
use super::content::VERSION;
use super::factor::plain;
use super::input::ReportInput;
use super::output::{Content, NarratorError, Report, Section};
use super::reading::Reading;
use super::score::{self, Component};
use super::sections::questionnaire::Answers;
use super::sections::{behavior, closing, company, department, industry, personality, questionnaire, role};
use super::summary::{self, Head};
use super::words::{count_of, upper_first};
use super::writer::Writer;
use super::{analysis, sections, training};
use crate::domain::ReportType;

/// Writes a report. Equal input gives equal bytes.
///
/// # Errors
/// `data.questionnaire_missing` and `data.insufficient`, for `questionnaire_qa` only. Every other gap in the
/// data gives a reduced report with a warning and a lower confidence.
pub fn write(input: &ReportInput<'_>) -> Result<Report, NarratorError> {
    match input.report_type {
        ReportType::QuestionnaireQa => of_answers(input),
        ReportType::TrainingDevelopment => Ok(of_training(input)),
        _ => Ok(of_person(input)),
    }
}

fn of_person(input: &ReportInput<'_>) -> Report {
    of_reading(&Reading::of(input))
}

/// Every type but those on answers and training.
pub(super) fn of_reading(reading: &Reading<'_>) -> Report {
    let mut w = Writer::new(reading);
    let head = summary::of_person(&mut w);
    let body = match reading.input.report_type {
        ReportType::PersonalityRoleSpecific => personality::sections(&mut w),
        ReportType::BehaviorCompanySpecific => behavior::sections(&mut w),
        ReportType::CompatibilityDepartment => department::sections(&mut w),
        ReportType::CompatibilityCompany => company::sections(&mut w),
        ReportType::CompatibilityIndustry => industry::sections(&mut w),
        _ => role::sections(&mut w),
    };
    finish(w, head, body, None)
}

fn of_training(input: &ReportInput<'_>) -> Report {
    let mut reading = Reading::of(input);
    let gaps = training::gaps(&reading);
    training::add_factors(&mut reading, &gaps);
    let plan = training::plan(&reading, &gaps);
    let mut w = Writer::new(&reading);
    let head = summary::of_person(&mut w);
    let body = sections::training::sections(&mut w, &gaps, &plan);
    let report = finish(w, head, body, None);
    Report { training: Some(plan), ..report }
}

fn of_answers(input: &ReportInput<'_>) -> Result<Report, NarratorError> {
    if input.questionnaires.is_empty() {
        return Err(NarratorError {
            code: "data.questionnaire_missing",
            message:
                "questionnaires: none is on record for this person, and a questionnaire review needs one; \
                      store an answered questionnaire and request the report again"
                    .into(),
        });
    }
    let all = answers::read(input);
    let given = all.iter().filter(|answer| answer.answered).count();
    if given < 2 {
        return Err(NarratorError {
            code: "data.insufficient",
            message: format!(
                "questionnaires: {given} answered question(s) on record, and a questionnaire review needs at least 2; \
                 have more questions answered and request the report again"
            ),
        });
    }
    let answers = Answers { topics: answers::topics(&all), all };
    let mut reading = Reading::of(input);
    score_answers(&mut reading, &answers, given);
    let mut w = Writer::new(&reading);
    let head = summary::of_answers(&mut w, &answers);
    let body = questionnaire::sections(&mut w, &answers);
    Ok(finish(w, head, body, Some(&answers)))
}

/// The score of a questionnaire: topics weighted by their number of answers.
fn score_answers(reading: &mut Reading<'_>, answers: &Answers, given: usize) {
    #[allow(clippy::cast_precision_loss, reason = "questionnaires have few answers")]
    let (given, total) = (given as f64, answers.all.len().max(1) as f64);
    let lines: Vec<Component> = answers
        .topics
        .iter()
        .map(|topic| {
            #[allow(clippy::cast_precision_loss, reason = "questionnaires have few answers")]
            let weight = topic.count as f64;
            Component {
                key: topic.text.key.clone(),
                label: upper_first(&topic.text.label),
                score: topic.level,
                weight,
                reasoning: if topic.count == 1 {
                    "From one answer.".into()
                } else {
                    format!("Mean of {}.", count_of(topic.count, "answer"))
                },
            }
        })
        .collect();
    let confidence = (0.3 + 0.025 * given.min(16.0) + 0.2 * given / total).clamp(0.1, 0.95);
    if given < 6.0 {
        reading.warnings.push("Fewer than six questions were answered, so the picture is thin.".into());
    }
    if given < total {
        reading.warnings.push("Some questions were left open.".into());
    }
    let lines = if lines.is_empty() { vec![neutral()] } else { lines };
    reading.scored = score::of_lines(lines, confidence);
    for answer in &answers.all {
        let Some(quote) = &answer.quote else { continue };
        let label = format!("Answer: \"{quote}\"");
        reading
            .factors
            .insert(answer.key(), plain("answer", label, answer.level.map_or(0.5, |level| level / 100.0)));
    }
    reading.add_score_factor();
}

/// Answers without any level, such as texts without a tone, stand in the middle.
fn neutral() -> Component {
    Component {
        key: "general".into(),
        label: "Work in general".into(),
        score: 50.0,
        weight: 1.0,
        reasoning: "No answer carries a level, so the middle stands in.".into(),
    }
}

/// Closing sections, scores, analysis.
fn finish(mut w: Writer<'_>, head: Head, mut sections: Vec<Section>, answers: Option<&Answers>) -> Report {
    let reading = w.reading;
    let readings = answers.map_or_else(Vec::new, |answers| questionnaire::readings(&w, answers));
    let facts = w.facts();
    sections.push(closing::evidence(&mut w, &facts));
    sections.push(closing::method_limits(&mut w));
    let flagged = answers.map_or(0, |answers| answers.flagged().len());
    // The stored comparison is the same figure for every reader; without one the report's own sum stands in.
    let comparison =
        reading.place.filter(|_| reading.aggregate_allowed).and_then(|place| place.comparison.as_ref());
    let own = (reading.input.report_type.category() == "compatibility").then_some(reading.scored.overall);
    let compatibility = comparison.map(|comparison| comparison.overall).or(own);
    Report {
        content: Content {
            summary: head.summary,
            score: reading.scored.overall.round(),
            sections,
            key_insights: head.insights,
            action_items: head.actions,
            warnings: summary::warnings(&mut w, flagged),
        },
        scores: score::table(&reading.scored, &reading.levels, compatibility, reading.input.code.intensity),
        analysis: analysis::of(reading, answers),
        training: None,
        questionnaires: readings,
        facts: facts.into_iter().map(|(fact, _)| fact).collect(),
        content_version: VERSION,
    }
}
