//! The two sections that end every report, written by code: evidence, method and limits.

use std::fmt::Write as _;

use super::common::{With, section};
use crate::domain::ReportType;
use crate::narrator::content::{CONTENT, VERSION};
use crate::narrator::figures;
use crate::narrator::output::{Fact, Section};
use crate::narrator::words::{clean, paragraph, points};
use crate::narrator::writer::Writer;

/// Every cited fact with its strength and the sections that use it.
pub fn evidence(w: &mut Writer<'_>, facts: &[(Fact, Vec<&'static str>)]) -> Section {
    w.enter("evidence");
    let answers = w.reading.input.report_type == ReportType::QuestionnaireQa;
    let count = facts.len().to_string();
    let lead = w.frame(if answers { "evidence.answers" } else { "evidence.lead" }, &[("count", &count)], &[]);
    let mut table = String::from("| Fact | What it is | Strength | Used in |\n|---|---|---|---|");
    for (fact, used) in facts {
        let used = used.iter().map(|id| id.replace('_', " ")).collect::<Vec<_>>().join(", ");
        let strength = points(fact.strength * 100.0);
        let label = clean(&fact.label, 160);
        // Writing to a String cannot fail.
        let _ = write!(table, "\n| {} | {label} | {strength} | {used} |", fact.id);
    }
    let content = format!("{lead}\n\n{table}");
    let section = section("evidence", "Evidence", content);
    // Answers are judged as answers; the chart has no say in the review of a questionnaire.
    if answers { section } else { section.figure(figures::wheel(w.reading.input.chart)) }
}

/// Fixed text on what the report is and what it must not be used for.
pub fn method_limits(w: &mut Writer<'_>) -> Section {
    w.enter("method_limits");
    let answers = w.reading.input.report_type == ReportType::QuestionnaireQa;
    let method = if answers { "answers" } else { "method" };
    let fixed = |lines: &[String]| lines.iter().map(|line| format!("{line}.")).collect::<Vec<_>>();
    let mut lines = fixed(CONTENT.frame("limits", method));
    lines.extend(fixed(CONTENT.frame("limits", "always")));
    let confidence = points(w.reading.scored.confidence * 100.0);
    let data = if w.reading.warnings.is_empty() { "limits.full" } else { "limits.partial" };
    lines.push(w.frame(data, &[("confidence", &confidence), ("version", VERSION)], &[]));
    let content = paragraph(lines);
    section("method_limits", "Method and limits", content)
}
