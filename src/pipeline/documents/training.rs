//! `training_recommendations`: the plan that belongs to a training report.

use bson::raw::{RawArrayBuf, RawBsonRef, RawDocumentBuf};
use chrono::{DateTime, Months, Utc};
use uuid::Uuid;

use super::values::{instant, list, or_null, part, raw, texts};
use super::{DocumentError, recommendation_id};
use crate::narrator::output::{Goal, Training};
use crate::store::documents::{Store, Upsert, object_id};

/// What a document in `training_recommendations` is made from.
#[derive(Debug, Clone, Copy)]
pub struct TrainingArgs<'a> {
    /// Report that the plan belongs to.
    pub report_id: Uuid,
    /// The person.
    pub employee_id: &'a str,
    /// Tenant.
    pub organization_id: &'a str,
    /// The plan.
    pub training: &'a Training,
    /// When it was made; the dates of the development path count from here.
    pub now: DateTime<Utc>,
}

/// The training plan of a report. Progress belongs to applications: it starts empty and is never written again.
///
/// # Errors
/// When the plan holds a number that BSON cannot hold.
pub fn training_recommendations(args: &TrainingArgs<'_>) -> Result<Upsert, DocumentError> {
    let (id, now, training) = (recommendation_id(args.report_id), instant(args.now), args.training);
    let path = |goals: &[Goal]| list(goals, |goal| goal_document(goal, args.now));
    Ok(Upsert {
        store: Store::Reports,
        collection: "training_recommendations",
        key: raw! { "recommendationId": id.to_string() },
        set: raw! {
            "employeeId": args.employee_id,
            "organizationId": args.organization_id,
            "reportId": args.report_id.to_string(),
            "generatedDate": now,
            "skillGaps": part("skillGaps", &training.skill_gaps)?,
            "recommendations": part("recommendations", &training.recommendations)?,
            "developmentPath": raw! {
                "shortTerm": path(&training.short_term),
                "mediumTerm": path(&training.medium_term),
                "longTerm": path(&training.long_term),
            },
            "updatedAt": now,
        },
        set_on_insert: raw! {
            "_id": object_id(id),
            "createdAt": now,
            "implementationStatus": not_started(training),
        },
        existing_only: false,
    })
}

fn goal_document(goal: &Goal, from: DateTime<Utc>) -> RawDocumentBuf {
    // Months beyond what the calendar holds say nothing about a date.
    let done = from.checked_add_months(Months::new(goal.months));
    raw! {
        "goal": goal.goal.as_str(),
        "actions": texts(&goal.actions),
        "metrics": texts(&goal.metrics),
        "estimatedCompletion": or_null(done.map(instant)),
    }
}

fn not_started(training: &Training) -> RawDocumentBuf {
    let programmes = training.recommendations.iter().map(|programme| &programme.program_id);
    raw! {
        "started": false,
        "startDate": RawBsonRef::Null,
        "completedRecommendations": RawArrayBuf::new(),
        "inProgressRecommendations": RawArrayBuf::new(),
        "notStartedRecommendations": texts(programmes),
        "lastReviewDate": RawBsonRef::Null,
    }
}
