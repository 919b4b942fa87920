//! From the text of a model to sections that may be published, cheapest step first, each step noted.
//!
//! The reason to stop was looked at before (`chain.rs`): what was cut is not repaired. Then: fences and prose around the object
//! are stripped, syntax is repaired, values are coerced towards the schema, the schema is checked, then sense. The
//! result is by section, so that one bad section costs one section.

mod check;
mod coerce;
mod extract;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod validate;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub use check::Rules;
pub use text::sentences;

use super::draft::DraftSection;
use super::schema::SchemaSet;

/// Something that a report may not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The section it is in; `None` for the whole (summary and lists among it).
    pub section: Option<String>,
    /// Stable word, such as `forbidden_word`.
    pub code: &'static str,
    /// For the model that is asked again: what is wrong, and what would be right.
    pub message: String,
}

/// What came of a text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Judged {
    /// The summary, if it is good.
    pub summary: Option<String>,
    /// Good sections by id.
    pub sections: BTreeMap<String, DraftSection>,
    /// Main findings; only good ones.
    pub key_insights: Vec<String>,
    /// What to do; only good ones.
    pub action_items: Vec<String>,
    /// Steps of repair that were needed.
    pub repairs: Vec<&'static str>,
    /// What was wrong.
    pub violations: Vec<Violation>,
}

impl Judged {
    /// Ids of the plan that have no good section here.
    #[must_use]
    pub fn missing<'a>(&self, plan: &[&'a str]) -> Vec<&'a str> {
        plan.iter().copied().filter(|id| !self.sections.contains_key(*id)).collect()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// Codes of what was wrong, without content, each once.
    #[must_use]
    pub fn codes(&self) -> Vec<String> {
        let codes: BTreeSet<&str> = self.violations.iter().map(|violation| violation.code).collect();
        codes.into_iter().map(str::to_owned).collect()
    }

    /// Takes from an earlier answer what this one has not.
    #[must_use]
    pub fn or(mut self, earlier: Self) -> Self {
        for (id, section) in earlier.sections {
            self.sections.entry(id).or_insert(section);
        }
        self.summary = self.summary.or(earlier.summary);
        if self.key_insights.is_empty() {
            self.key_insights = earlier.key_insights;
        }
        if self.action_items.is_empty() {
            self.action_items = earlier.action_items;
        }
        self
    }
}

/// Judges a text. Never fails: what cannot be read at all is one violation and no section.
#[must_use]
pub fn judge(text: &str, schema: &SchemaSet, rules: &Rules<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some(mut value) = object(text, &mut judged.repairs) else {
        judged.violations.push(Violation {
            section: None,
            code: "no_object",
            message: "the answer must be one JSON object and nothing else".to_owned(),
        });
        return judged;
    };
    if coerce::toward(schema.canonical(), &mut value) {
        judged.repairs.push("coerced");
    }
    judged.violations = validate::violations(schema, &value);
    check::take(value, rules, &mut judged);
    judged
}

/// The object in a text, if there is one.
fn object(text: &str, repairs: &mut Vec<&'static str>) -> Option<Value> {
    let whole = text.trim_start_matches('\u{feff}').trim();
    if let Ok(value @ Value::Object(_)) = serde_json::from_str(whole) {
        return Some(value);
    }
    let inner = extract::object(whole)?;
    if inner.len() != whole.len() {
        repairs.push("fences");
        if let Ok(value @ Value::Object(_)) = serde_json::from_str(inner) {
            return Some(value);
        }
    }
    repairs.push("syntax");
    syntax::lenient(inner).filter(Value::is_object)
}

/// The list of what is wrong, for a model that is asked again.
#[must_use]
pub fn for_model(violations: &[Violation]) -> String {
    // More than these nobody keeps in mind, and each costs tokens.
    const MOST: usize = 24;
    let mut lines: Vec<String> = violations
        .iter()
        .take(MOST)
        .map(|violation| match &violation.section {
            Some(id) => format!("- section {id}: {}", violation.message),
            None => format!("- {}", violation.message),
        })
        .collect();
    if violations.len() > MOST {
        lines.push(format!("- and {} more of the same kinds", violations.len() - MOST));
    }
    lines.join("\n")
}
