//! The schema as a judge; the validator is not ours.

use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::Violation;
use crate::llm::schema::SchemaSet;

/// What breaks the schema, with the section it is in. Messages quote no content of the answer.
pub(super) fn violations(schema: &SchemaSet, value: &Value) -> Vec<Violation> {
    let Some(validator) = schema.validator() else {
        // A mistake of ours, which no answer can mend.
        return vec![Violation { section: None, code: "schema", message: "the schema is broken".to_owned() }];
    };
    validator
        .iter_errors(value)
        .map(|error| {
            let place = error.instance_path().to_string();
            Violation {
                section: section(value, &place),
                code: "schema",
                message: format!("{}: {}", shown(&place), problem(error.kind())),
            }
        })
        .collect()
}

/// The id of the section that a pointer such as `/sections/3/content` leads into.
fn section(value: &Value, place: &str) -> Option<String> {
    let index = place.strip_prefix("/sections/")?.split('/').next()?;
    let id = value.pointer(&format!("/sections/{index}/sectionId"))?;
    Some(id.as_str()?.to_owned())
}

fn shown(place: &str) -> &str {
    if place.is_empty() { "the object" } else { place }
}

fn problem(kind: &ValidationErrorKind) -> String {
    match kind {
        ValidationErrorKind::Required { property } => format!("{property} is missing"),
        ValidationErrorKind::Type { .. } => "has the wrong type".to_owned(),
        ValidationErrorKind::Enum { options } => format!("must be one of {options}"),
        ValidationErrorKind::MinLength { limit } => format!("must have at least {limit} characters"),
        ValidationErrorKind::MaxLength { limit } => format!("must have at most {limit} characters"),
        ValidationErrorKind::MinItems { limit } => format!("must have at least {limit} items"),
        ValidationErrorKind::MaxItems { limit } => format!("must have at most {limit} items"),
        ValidationErrorKind::AdditionalProperties { .. } => "has keys that nobody asked for".to_owned(),
        _ => "does not follow the schema".to_owned(),
    }
}
