//! `questionnaire_responses`: our parts of a document that an application owns.

use std::collections::BTreeMap;

use bson::raw::RawDocumentBuf;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::values::{instant, key, or_null, raw, texts};
use crate::narrator::input::Questionnaire;
use crate::narrator::output::{AnswerReading, QuestionnaireReading};
use crate::store::documents::{Store, Upsert};

/// What the reading of a questionnaire is made from.
#[derive(Debug, Clone, Copy)]
pub struct QuestionnaireArgs<'a> {
    /// The questionnaire as it was read: its answers stand in the order of `responses`.
    pub asked: &'a Questionnaire,
    /// What the narrator made of it.
    pub reading: &'a QuestionnaireReading,
    /// Report that cites it.
    pub report_id: Uuid,
    /// Time of the reading.
    pub now: DateTime<Utc>,
}

/// The reading of a questionnaire, beside each answer and as a whole. Nothing is made when the document is gone.
#[must_use]
pub fn questionnaire_response(args: &QuestionnaireArgs<'_>) -> Upsert {
    let reading = args.reading;
    let mut set = raw! {
        "reportId": args.report_id.to_string(),
        "aggregateAnalysis": raw! {
            "overallScore": reading.overall_score,
            "strengthAreas": texts(&reading.strength_areas),
            "concernAreas": texts(&reading.concern_areas),
            "recommendations": texts(&reading.recommendations),
            "followUpQuestions": texts(&reading.follow_up_questions),
        },
        "updatedAt": instant(args.now),
    };
    for (at, answer) in placed(args) {
        set.append(key(&format!("responses.{at}.aiAnalysis")), answer.analysis.as_str());
        set.append(key(&format!("responses.{at}.flagged")), answer.flag_reason.is_some());
        set.append(key(&format!("responses.{at}.flagReason")), or_null(answer.flag_reason.as_deref()));
    }
    Upsert {
        store: Store::Reports,
        collection: "questionnaire_responses",
        key: raw! { "responseId": reading.response_id.as_str() },
        set,
        set_on_insert: RawDocumentBuf::new(),
        existing_only: true,
    }
}

/// The readings by the places of their answers; of two for one place the last. One that was not asked has no place: a path past
/// the end would pad the array with nulls.
fn placed<'a>(args: &QuestionnaireArgs<'a>) -> BTreeMap<usize, &'a AnswerReading> {
    let answers = args.reading.answers.iter().enumerate();
    answers.filter_map(|(at, answer)| Some((place(args.asked, at, &answer.question_id)?, answer))).collect()
}

/// Where a question stands: at the place of its reading, or wherever else it was asked.
fn place(asked: &Questionnaire, at: usize, question_id: &str) -> Option<usize> {
    let is_here = asked.answers.get(at).is_some_and(|answer| answer.question_id == question_id);
    if is_here {
        return Some(at);
    }
    asked.answers.iter().position(|answer| answer.question_id == question_id)
}
