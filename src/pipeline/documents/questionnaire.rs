//! `questionnaire_responses`: our parts of a document that an application owns.

use bson::{Document, doc};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::values::{instant, texts};
use crate::narrator::input::Questionnaire;
use crate::narrator::output::QuestionnaireReading;
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
    let mut set = doc! {
        "reportId": args.report_id.to_string(),
        "aggregateAnalysis": {
            "overallScore": reading.overall_score,
            "strengthAreas": texts(&reading.strength_areas),
            "concernAreas": texts(&reading.concern_areas),
            "recommendations": texts(&reading.recommendations),
            "followUpQuestions": texts(&reading.follow_up_questions),
        },
        "updatedAt": instant(args.now),
    };
    for (at, answer) in reading.answers.iter().enumerate() {
        // An answer that was not asked has no place; a path past the end would pad the array with nulls.
        if let Some(at) = place(args.asked, at, &answer.question_id) {
            set.insert(format!("responses.{at}.aiAnalysis"), &answer.analysis);
            set.insert(format!("responses.{at}.flagged"), answer.flag_reason.is_some());
            set.insert(format!("responses.{at}.flagReason"), answer.flag_reason.as_deref());
        }
    }
    Upsert {
        store: Store::Reports,
        collection: "questionnaire_responses",
        key: doc! { "responseId": &reading.response_id },
        set,
        set_on_insert: Document::new(),
        existing_only: true,
    }
}

/// Where a question stands: at the place of its reading, or wherever else it was asked.
fn place(asked: &Questionnaire, at: usize, question_id: &str) -> Option<usize> {
    let is_here = asked.answers.get(at).is_some_and(|answer| answer.question_id == question_id);
    if is_here {
        return Some(at);
    }
    asked.answers.iter().position(|answer| answer.question_id == question_id)
}
