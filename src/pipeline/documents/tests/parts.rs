//! Reports, plans and questionnaires.

use bson::{Bson, Document, doc, rawdoc};
use chrono::{TimeZone, Utc};
use serde_json::json;

use super::fixture::{
    CONTENT_HASH, REPORT, all, at, compatibility_args, content, decoded, made, now, quarter, report,
    report_args, training_args, visibility,
};
use crate::compat::ComparisonKind;
use crate::narrator::input::{Answer, Questionnaire};
use crate::narrator::output::{AnswerReading, Content, QuestionnaireReading};
use crate::pipeline::documents::Authorship;
use crate::pipeline::documents::{
    QuestionnaireArgs, compatibility_score, content_hash, from_json, questionnaire_response,
    training_recommendations,
};
use crate::store::documents::Upsert;

#[test]
fn the_hash_is_the_same_for_content_read_back_and_for_keys_in_any_order() {
    let written = report();
    let document = crate::pipeline::documents::report(&report_args(
        &written,
        &Authorship::narrator(&written),
        &visibility(),
    ))
    .unwrap();
    let stored = decoded(&document.set).get("content").unwrap().clone();
    let read: Content = bson::deserialize_from_bson(stored).unwrap();
    let hash = content_hash(&written.content, &written.scores);
    assert_eq!(content_hash(&read, &written.scores), hash);
    assert_eq!(document.set.get_str("contentHash").unwrap(), CONTENT_HASH);
    assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()), "{hash}");

    let (mut one, mut other) = (content(), content());
    one.sections[0].visualizations[0].data = json!({ "a": 1, "b": { "c": 2, "d": 3 } });
    other.sections[0].visualizations[0].data = json!({ "b": { "d": 3, "c": 2 }, "a": 1 });
    assert_eq!(content_hash(&one, &written.scores), content_hash(&other, &written.scores));
    other.summary.push('.');
    assert_ne!(content_hash(&one, &written.scores), content_hash(&other, &written.scores));
}

#[test]
fn a_report_that_never_expires_has_no_expiry_and_a_soft_delete_survives_a_repeat() {
    let (written, visibility) = (report(), visibility());
    let author = Authorship::narrator(&written);
    let mut args = report_args(&written, &author, &visibility);
    args.expires = None;
    let upsert = crate::pipeline::documents::report(&args).unwrap();
    assert!(!made(&upsert).contains_key("expiryDate"));
    assert!(!decoded(&upsert.set).contains_key("deletedAt"));
    assert_eq!(decoded(&upsert.set_on_insert).get("deletedAt"), Some(&Bson::Null));
}

#[test]
fn a_number_beyond_bson_is_an_error_that_names_the_part() {
    let (mut written, visibility) = (report(), visibility());
    written.content.sections[0].visualizations[0].data = json!(u64::MAX);
    let error = crate::pipeline::documents::report(&report_args(
        &written,
        &Authorship::narrator(&written),
        &visibility,
    ))
    .unwrap_err();
    assert_eq!(error.to_string(), "document part content cannot be written as bson");
}

#[test]
fn goals_are_dated_from_the_day_of_the_report() {
    let written = report();
    let mut training = written.training.unwrap();
    training.long_term[0].months = u32::MAX;
    let mut args = training_args(&training);
    args.now = Utc.with_ymd_and_hms(2026, 11, 30, 0, 0, 0).unwrap();
    let document = made(&training_recommendations(&args).unwrap());
    let done =
        at(&document, "developmentPath.shortTerm[].estimatedCompletion").unwrap().as_datetime().unwrap();
    assert_eq!(done.to_chrono(), Utc.with_ymd_and_hms(2027, 2, 28, 0, 0, 0).unwrap());
    assert!(at(&document, "developmentPath.longTerm[].estimatedCompletion").unwrap().as_null().is_some());
}

#[test]
fn progress_of_a_plan_belongs_to_applications() {
    let upsert = all().into_iter().find(|upsert| upsert.collection == "training_recommendations").unwrap();
    assert!(!decoded(&upsert.set).contains_key("implementationStatus"));
    let once = decoded(&upsert.set_on_insert);
    let status = once.get_document("implementationStatus").unwrap();
    assert_eq!(status.get_array("notStartedRecommendations").unwrap(), &[Bson::from("review-1")]);
}

#[test]
fn a_pair_has_one_comparison_that_holds_for_its_quarter() {
    let comparison = super::fixture::comparison(ComparisonKind::Department, 61.0);
    let mut args = compatibility_args(&comparison);
    let now = compatibility_score(&args);
    args.quarter = quarter("2027-Q1");
    let next = compatibility_score(&args);
    let id = |upsert: &Upsert| upsert.set_on_insert.get_object_id("_id").unwrap();
    assert_eq!((&now.key, id(&now)), (&next.key, id(&next)));
    let day = |upsert: &Upsert, field: &str| upsert.set.get_datetime(field).unwrap();
    assert_eq!(day(&now, "valid_until"), day(&next, "valid_from"));
    args.target.id = "d-2";
    let other = compatibility_score(&args);
    assert_ne!(id(&now), id(&other));
}

fn answer(id: &str) -> Answer {
    Answer {
        question_id: id.into(),
        question: "How?".into(),
        question_type: "text".into(),
        answer: Some("So".into()),
        score: None,
    }
}

fn read(id: &str, flag: Option<&str>) -> AnswerReading {
    AnswerReading {
        question_id: id.into(),
        analysis: format!("About {id}."),
        flag_reason: flag.map(str::to_owned),
    }
}

/// A reading of a questionnaire that asked for `q1`, `q2` and `q3`.
fn reading_of(answers: Vec<AnswerReading>) -> Upsert {
    let asked = Questionnaire {
        response_id: "r-1".into(),
        kind: "self_assessment".into(),
        answers: vec![answer("q1"), answer("q2"), answer("q3")],
        completion_rate: None,
    };
    let reading = QuestionnaireReading {
        response_id: "r-1".into(),
        answers,
        overall_score: 66.0,
        strength_areas: vec!["Focus".into()],
        concern_areas: Vec::new(),
        recommendations: Vec::new(),
        follow_up_questions: vec!["Why?".into()],
    };
    questionnaire_response(&QuestionnaireArgs {
        asked: &asked,
        reading: &reading,
        report_id: REPORT,
        now: now(),
    })
}

#[test]
fn of_two_readings_of_one_answer_the_last_stands() {
    let upsert = reading_of(vec![read("q1", None), read("q1", Some("Looked at again"))]);
    let names: Vec<&str> = upsert.set.iter().map(|field| field.unwrap().0.as_str()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("responses.")).count(), 3, "{names:?}");
    assert_eq!(upsert.set.get_str("responses.0.flagReason").unwrap(), "Looked at again");
}

#[test]
fn a_questionnaire_is_read_into_the_places_of_its_answers_and_nowhere_else() {
    let upsert = reading_of(vec![
        read("q1", None),
        read("q3", Some("Needs a talk")),
        read("gone", Some("Never asked")),
    ]);
    assert!(upsert.existing_only && upsert.set_on_insert.is_empty());
    assert_eq!(upsert.key, rawdoc! { "responseId": "r-1" });
    let dotted: Document =
        decoded(&upsert.set).into_iter().filter(|(path, _)| path.starts_with("responses")).collect();
    let expected = doc! {
        "responses.0.aiAnalysis": "About q1.",
        "responses.0.flagged": false,
        "responses.0.flagReason": Bson::Null,
        "responses.2.aiAnalysis": "About q3.",
        "responses.2.flagged": true,
        "responses.2.flagReason": "Needs a talk",
    };
    assert_eq!(dotted, expected);
}

#[test]
fn json_of_a_platform_keeps_its_types_and_a_deep_one_becomes_text() {
    let value =
        json!({ "whole": 3, "long": 5_000_000_000_i64, "huge": u64::MAX, "real": 1.5, "list": [true, null] });
    let document = from_json(&value);
    let document = document.as_document().unwrap();
    assert_eq!(document.get("whole").and_then(Bson::as_i32), Some(3));
    assert_eq!(document.get("long").and_then(Bson::as_i64), Some(5_000_000_000));
    assert!(document.get_f64("huge").is_ok() && document.get_f64("real").is_ok());

    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let mut at = &from_json(&deep);
    let mut depth = 0;
    while let Bson::Array(items) = at {
        (at, depth) = (&items[0], depth + 1);
    }
    assert!(depth < 100 && at.as_str().is_some(), "{depth}");
}
