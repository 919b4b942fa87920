//! Reports of all eight types, as the stores hold them, in every form.

mod compare;
mod markdown;
mod page;
mod pictures;

use serde_json::{Value, json};

use super::{Head, Stored, View};
use crate::domain::ReportType;
use crate::narrator::output::{Report, Training};
use crate::narrator::tests::people::Person;
use crate::narrator::write;

/// A report of a person as `reports`, `analysis_data` and `training_recommendations` hold it.
struct Documents {
    report: Value,
    analysis: Value,
    training: Option<Value>,
}

impl Documents {
    fn of(person: &Person, kind: ReportType, version: i32) -> Self {
        let report = write(&person.input(kind)).expect("a report");
        Self {
            report: json!({
                "reportId": format!("report-{version}"),
                "reportType": kind.as_str(),
                "version": version,
                "status": "completed",
                "generationDate": { "$date": "2026-11-21T09:30:00Z" },
                "expiryDate": { "$date": "2027-02-19T09:30:00Z" },
                "quarter": "2026-Q4",
                "llmModel": format!("narrator/{}", report.content_version),
                "contentHash": format!("hash-{}-{}", person.subject.id, report.scores.overall),
                "content": report.content,
                "scores": report.scores,
                "evidence": report.facts,
            }),
            analysis: json!({ "analysisResults": report.analysis }),
            training: stored_plan(&report),
        }
    }

    fn view(&self) -> View {
        let stored =
            Stored { report: &self.report, analysis: Some(&self.analysis), training: self.training.as_ref() };
        let head = Head {
            person: "Ana Silva".to_owned(),
            is_latest: true,
            trend: Some("improving".to_owned()),
            change_summary: Some("The overall score rose by 6 points since version 1.".to_owned()),
        };
        View::new(stored, head).expect("the documents can be read")
    }
}

fn stored_plan(report: &Report) -> Option<Value> {
    let Training { skill_gaps, recommendations, short_term, medium_term, long_term } =
        report.training.as_ref()?;
    Some(json!({
        "skillGaps": skill_gaps,
        "recommendations": recommendations,
        "developmentPath": { "shortTerm": short_term, "mediumTerm": medium_term, "longTerm": long_term },
    }))
}

/// Every type with a complete record, and every type without a time of birth.
fn views() -> Vec<View> {
    let of = |person: &Person| ReportType::ALL.map(|kind| Documents::of(person, kind, 1).view());
    [of(&Person::new(1)), of(&Person::new(2).without_time())].into_iter().flatten().collect()
}

/// A report in whose every text somebody has put markup.
fn hostile(kind: ReportType) -> View {
    const MARKUP: &str = "<script>alert(1)</script> <img src=https://evil.example onerror=x> & \"q\" [F99] [x](https://evil.example) | a";
    let mut documents = Documents::of(&Person::new(3), kind, 1);
    for part in ["/content", "/evidence"] {
        spoil(documents.report.pointer_mut(part).expect("a part"), MARKUP);
    }
    spoil(&mut documents.analysis, MARKUP);
    if let Some(training) = &mut documents.training {
        spoil(training, MARKUP);
    }
    let mut view = documents.view();
    view.head.person = MARKUP.to_owned();
    view.head.change_summary = Some(MARKUP.to_owned());
    view
}

/// Puts markup behind every text but ids, kinds and what stands for a number.
fn spoil(value: &mut Value, markup: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, markup)),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let kept = matches!(
                    name.as_str(),
                    "sectionId" | "id" | "type" | "imageUrl" | "from" | "to" | "kind"
                );
                if !kept {
                    spoil(field, markup);
                }
            }
        }
        Value::String(text) => text.push_str(markup),
        _ => {}
    }
}

/// What stands between `start` and the next `end`, wherever `start` occurs.
fn all_between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let rests = text.match_indices(start).map(|(at, _)| &text[at + start.len()..]);
    rests.filter_map(|rest| rest.split_once(end)).map(|(inside, _)| inside).collect()
}
