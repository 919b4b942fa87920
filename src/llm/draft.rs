//! What a model writes of a report: prose only. Score, figures, evidence, warnings and limits are the code's.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::schema::SchemaSet;
use crate::domain::ReportType;
use crate::narrator;

/// Facts that a report can cite. The same for all reports, so that the schema is: providers cache what they make of it.
pub const FACTS: usize = 24;

/// Sections that the code writes.
const BY_CODE: [&str; 2] = ["evidence", "method_limits"];

/// One section as a model wrote it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftSection {
    /// Id of the plan.
    pub section_id: String,
    /// Markdown without links, pictures and HTML.
    pub content: String,
    /// Parts of the section.
    pub subsections: Vec<DraftPart>,
}

/// Part of a section.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftPart {
    /// Heading.
    pub title: String,
    /// Markdown.
    pub content: String,
    /// Short findings.
    pub insights: Vec<String>,
    /// Short recommendations.
    pub recommendations: Vec<String>,
    /// Ids of the facts that it rests on.
    pub evidence: Vec<String>,
}

impl DraftSection {
    /// All its texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let parts = self.subsections.iter().flat_map(|part| {
            [part.title.as_str(), part.content.as_str()]
                .into_iter()
                .chain(part.insights.iter().chain(&part.recommendations).map(String::as_str))
        });
        std::iter::once(self.content.as_str()).chain(parts)
    }

    /// All its texts, to be changed.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let parts = self.subsections.iter_mut().flat_map(|part| {
            [&mut part.title, &mut part.content]
                .into_iter()
                .chain(part.insights.iter_mut())
                .chain(part.recommendations.iter_mut())
        });
        std::iter::once(&mut self.content).chain(parts)
    }
}

/// Ids of the sections that a model writes for a type, in their order.
#[must_use]
pub fn section_ids(report_type: ReportType) -> Vec<&'static str> {
    narrator::section_ids(report_type).iter().copied().filter(|id| !BY_CODE.contains(id)).collect()
}

static SCHEMAS: LazyLock<BTreeMap<&'static str, Arc<SchemaSet>>> = LazyLock::new(|| {
    ReportType::ALL
        .into_iter()
        .map(|report_type| (report_type.as_str(), Arc::new(shape(report_type))))
        .collect()
});

/// The shape of what a model writes for a type; one for all reports of it.
#[must_use]
pub fn schema(report_type: ReportType) -> Arc<SchemaSet> {
    SCHEMAS.get(report_type.as_str()).map_or_else(|| Arc::new(shape(report_type)), Arc::clone)
}

fn shape(report_type: ReportType) -> SchemaSet {
    let sections = section_ids(report_type);
    let facts: Vec<String> = (1..=FACTS).map(|number| format!("F{number:02}")).collect();
    let line = json!({"type": "string", "minLength": 8, "maxLength": 400});
    let lines = |most: usize| json!({"type": "array", "maxItems": most, "items": line});
    let part = closed(&[
        ("title", json!({"type": "string", "minLength": 3, "maxLength": 120})),
        ("content", json!({"type": "string", "minLength": 20, "maxLength": 2400})),
        ("insights", lines(5)),
        ("recommendations", lines(5)),
        (
            "evidence",
            json!({"type": "array", "minItems": 1, "maxItems": 8, "items": {"type": "string", "enum": facts}}),
        ),
    ]);
    let section = closed(&[
        ("sectionId", json!({"type": "string", "enum": sections})),
        ("content", json!({"type": "string", "minLength": 40, "maxLength": 4000})),
        ("subsections", json!({"type": "array", "maxItems": 6, "items": part})),
    ]);
    let all = closed(&[
        ("summary", json!({"type": "string", "minLength": 80, "maxLength": 1600})),
        (
            "sections",
            json!({"type": "array", "minItems": sections.len(), "maxItems": sections.len(), "items": section}),
        ),
        ("keyInsights", lines(6)),
        ("actionItems", lines(8)),
    ]);
    SchemaSet::new(report_type.as_str(), all)
}

/// An object with exactly these keys.
fn closed(keys: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<String, Value> =
        keys.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false})
}
