//! The first question of a report: all that is asked, and nothing of what it was made from.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::time::Instant;

use super::{FIRST_TEMPERATURE, MAX_OUTPUT, MIN_WORDS};
use crate::domain::ReportType;
use crate::llm::draft;
use crate::llm::error::LlmError;
use crate::llm::privacy::{self, Veil};
use crate::llm::prompt::{Context, Input, PlanSection, Prompt};
use crate::llm::request::{Message, Request, Role};
use crate::narrator::Report;
use crate::narrator::output::Section;

/// A report to be written.
#[derive(Debug)]
pub struct Task<'a> {
    /// Which of the eight types.
    pub report_type: ReportType,
    /// The narrator's report: plan, facts, figures, and what stands where the model fails.
    pub narrated: &'a Report,
    /// Who must not be named.
    pub veil: Veil,
    /// Descriptions of role, department, company, industry, as the application wrote them.
    pub context: Vec<Context>,
    /// Answers of questionnaires as JSON, as people wrote them.
    pub answers: Vec<Value>,
    /// The prompt.
    pub prompt: Prompt,
    /// Language, BCP 47.
    pub locale: String,
    /// Asks anew although answers are stored.
    pub nonce: u32,
    /// When to give up.
    pub deadline: Instant,
}

/// What is asked, free of personal data. It is all that is held while a model thinks: thousands of them may be.
#[derive(Debug)]
pub struct Question {
    pub(super) sections: Vec<&'static str>,
    pub(super) facts: BTreeSet<String>,
    pub(super) veil: Veil,
    pub(super) prompt: Prompt,
    pub(super) first: Request,
    /// What the question is rendered from without what others wrote; nothing where nobody wrote anything.
    bare: Option<Box<Input>>,
}

impl Question {
    /// The question about a report.
    ///
    /// # Errors
    /// When it cannot be rendered, or would name somebody.
    pub fn of(task: Task<'_>) -> Result<Self, LlmError> {
        let input = input(&task);
        let first = Request {
            purpose: "report",
            part: "all".to_owned(),
            prompt: task.prompt.reference.clone(),
            messages: messages(&task.prompt, &input)?,
            schema: Some(draft::schema(task.report_type)),
            max_output: MAX_OUTPUT,
            temperature: Some(FIRST_TEMPERATURE),
            seed: None,
            locale: task.locale,
            nonce: task.nonce,
            deadline: task.deadline,
        };
        task.veil.clears(&first)?;
        let free = !(input.context.is_empty() && input.answers.is_empty());
        let bare = free.then(|| Box::new(Input { context: Vec::new(), answers: String::new(), ..input }));
        Ok(Self {
            sections: draft::section_ids(task.report_type),
            facts: task.narrated.facts.iter().map(|fact| fact.id.clone()).collect(),
            veil: task.veil,
            prompt: task.prompt,
            first,
            bare,
        })
    }

    /// The question without what others wrote, if they wrote anything.
    pub(super) fn bare(&self) -> Result<Option<Request>, LlmError> {
        let Some(input) = &self.bare else { return Ok(None) };
        let bare = Request { messages: messages(&self.prompt, input)?, ..self.first.clone() };
        self.veil.clears(&bare)?;
        Ok(Some(bare))
    }
}

fn messages(prompt: &Prompt, input: &Input) -> Result<Vec<Message>, LlmError> {
    Ok(vec![Message::new(Role::System, prompt.system(input)?), Message::new(Role::User, prompt.user(input)?)])
}

fn input(task: &Task<'_>) -> Input {
    let veil = &task.veil;
    let wanted = draft::section_ids(task.report_type);
    let plan = task.narrated.content.sections.iter().filter(|s| wanted.contains(&s.section_id.as_str()));
    // In this order: it decides which of the people who occur gets which name.
    let answers: Vec<Value> = task.answers.iter().map(|answer| covered(veil, answer)).collect();
    Input {
        language: language(&task.locale).to_owned(),
        title: task.report_type.title().to_owned(),
        subject: "Person A".to_owned(),
        facts: privacy::lines(&task.narrated.facts).iter().map(|line| veil.cover(line)).collect(),
        context: task
            .context
            .iter()
            .map(|one| Context { name: veil.cover(&one.name), text: veil.cover(&one.text) })
            .collect(),
        answers: if answers.is_empty() { String::new() } else { privacy::block("answers", &answers) },
        plan: plan
            .map(|section| PlanSection {
                id: section.section_id.clone(),
                title: veil.cover(&section.title),
                draft: veil.cover(&drafted(section)),
            })
            .collect(),
        min_words: MIN_WORDS,
    }
}

/// The narrator's section as one text, without tables: their figures are not the model's.
fn drafted(section: &Section) -> String {
    let mut lines: Vec<&str> = section.content.lines().collect();
    for part in &section.subsections {
        lines.push(&part.title);
        lines.extend(part.content.lines());
        lines.extend(part.insights.iter().chain(&part.recommendations).map(String::as_str));
    }
    lines.retain(|line| !line.trim().is_empty() && !line.trim_start().starts_with('|'));
    lines.join("\n")
}

/// Every text of a value covered.
fn covered(veil: &Veil, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(veil.cover(text)),
        Value::Array(items) => items.iter().map(|item| covered(veil, item)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), covered(veil, value))).collect())
        }
        other => other.clone(),
    }
}

/// A language in words.
fn language(locale: &str) -> &str {
    match locale.split('-').next().unwrap_or_default() {
        "en" => "English",
        "de" => "German",
        "fr" => "French",
        "es" => "Spanish",
        "pt" => "Portuguese",
        "it" => "Italian",
        "nl" => "Dutch",
        _ => locale,
    }
}
