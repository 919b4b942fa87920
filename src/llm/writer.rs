//! Writing a report with a model: the narrator's plan and facts in, better prose out, section by section.
//!
//! The model writes prose only. Score, figures, evidence, warnings and limits stay as the narrator computed them, and a section
//! that stays invalid stays the narrator's, flagged.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::answer::Answer;
use super::chain::{self, Chain};
use super::draft::{self, DraftSection};
use super::error::LlmError;
use super::guard::{Guard, Judgement};
use super::kind::{Kind, Last};
use super::ladder::{self, Judged, Rules};
use super::privacy::{self, Veil};
use super::prompt::{Context, Input, PlanSection, Prompt};
use super::request::{Message, PromptRef, Request, Role};
use super::usage::Usage;
use crate::domain::ReportType;
use crate::narrator::Report;
use crate::narrator::output::{Content, Section, Subsection};

/// Times that a model is asked again with what was wrong.
const AGAIN: usize = 2;

/// Temperature of the first question.
pub const FIRST_TEMPERATURE: f32 = 0.6;

/// Temperature of the questions that ask again.
const AGAIN_TEMPERATURE: f32 = 0.2;

/// Fewest words of a section: below that the narrator's is better.
const MIN_WORDS: usize = 40;

/// Tokens that a first answer may have; twice that where it was cut.
const MAX_OUTPUT: u32 = 8000;

/// A report to be written.
#[derive(Debug, Clone)]
pub struct Task<'a> {
    /// Which of the eight types.
    pub report_type: ReportType,
    /// The narrator's report: plan, facts, figures, and what stands where the model fails.
    pub narrated: &'a Report,
    /// Who must not be named.
    pub veil: &'a Veil,
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

/// A report that a model wrote, at least in part.
#[derive(Debug)]
pub struct Written {
    /// The whole report with the true names.
    pub content: Content,
    /// Sections that stayed the narrator's.
    pub by_narrator: Vec<String>,
    /// Steps of repair that were needed.
    pub repairs: BTreeSet<&'static str>,
    /// Times a model was asked again.
    pub asked_again: usize,
    /// The provider that wrote last.
    pub provider: String,
    /// The model that wrote last.
    pub model: String,
    /// The prompt.
    pub prompt: PromptRef,
    /// Tokens of the answers that were used. What failed and what was stored before is in the account.
    pub usage: Usage,
    /// Why a provider before the last one did not write: codes.
    pub degraded: Vec<&'static str>,
}

/// Writes a report.
///
/// # Errors
/// When no section came out well, or nobody could be asked; the kind says what follows.
pub async fn write(chain: &Chain, guard: &dyn Guard, task: &Task<'_>) -> Result<Written, LlmError> {
    let job = Job::new(chain, guard, task)?;
    let mut progress = Progress::default();
    let mut failed = Vec::new();
    let mut next = (!chain.is_empty()).then_some(0);
    while let Some(step) = next.take() {
        if let Err(error) = job.with_provider(step, &mut progress).await {
            if error.kind == Kind::BatchWaiting {
                return Err(error);
            }
            tracing::warn!(
                provider = chain.providers()[step].name,
                code = error.kind.code(),
                status = error.detail.status,
                good_sections = progress.judged.sections.len(),
                "a provider could not finish a report"
            );
            progress.degraded.push(error.kind.code());
            // What is already good is kept, so that the next provider can only add to it.
            next = chain.after(step, &error, guard);
            failed.push(error);
        }
    }
    // Where waiting may help, half a report is not published: what was paid is stored, and the next run goes on from there.
    let waits = |error: &LlmError| matches!(error.policy().last, Last::Snooze(_));
    let nothing = progress.judged.sections.is_empty();
    if nothing || (!job.is_done(&progress) && failed.iter().any(waits)) {
        return Err(chain::most_hopeful(failed));
    }
    job.finish(progress)
}

/// What was reached so far.
#[derive(Default)]
struct Progress {
    judged: Judged,
    repairs: BTreeSet<&'static str>,
    asked_again: usize,
    provider: String,
    model: String,
    usage: Usage,
    degraded: Vec<&'static str>,
}

/// All that stays the same while a report is written.
struct Job<'a> {
    chain: &'a Chain,
    guard: &'a dyn Guard,
    task: &'a Task<'a>,
    sections: Vec<&'static str>,
    facts: BTreeSet<String>,
    first: Request,
}

impl<'a> Job<'a> {
    fn new(chain: &'a Chain, guard: &'a dyn Guard, task: &'a Task<'a>) -> Result<Self, LlmError> {
        let first = first_request(task)?;
        task.veil.clears(&first)?;
        let facts = task.narrated.facts.iter().map(|fact| fact.id.clone()).collect();
        Ok(Self { chain, guard, task, sections: draft::section_ids(task.report_type), facts, first })
    }

    /// Asks one provider, and again while something is wrong.
    async fn with_provider(&self, step: usize, progress: &mut Progress) -> Result<(), LlmError> {
        let (mut request, answer) = self.ask_first(step).await?;
        let mut text = self.take(step, &answer, &request, progress).await;
        for _ in 0..AGAIN {
            if self.is_done(progress) {
                return Ok(());
            }
            request = self.again(&request, text, &progress.judged)?;
            progress.asked_again += 1;
            let (answer, _) = self.chain.ask_one(step, &request, self.guard).await?;
            text = self.take(step, &answer, &request, progress).await;
        }
        if self.is_done(progress) {
            return Ok(());
        }
        let codes = progress.judged.codes().join(", ");
        Err(LlmError::new(Kind::InvalidOutput, format!("after {AGAIN} more questions still: {codes}")))
    }

    /// The first question. Where its answer was cut, once more with twice the room; where it was too long or a filter held it
    /// back, once more without what others wrote.
    async fn ask_first(&self, step: usize) -> Result<(Request, Answer), LlmError> {
        let error = match self.chain.ask_one(step, &self.first, self.guard).await {
            Ok((answer, _)) => return Ok((self.first.clone(), answer)),
            Err(error) => error,
        };
        let other = match error.kind {
            Kind::OutputTruncated => Request { max_output: MAX_OUTPUT * 2, ..self.first.clone() },
            Kind::ContextTooLong | Kind::ContentFilter if self.has_free_text() => {
                let bare = Task { context: Vec::new(), answers: Vec::new(), ..self.task.clone() };
                let bare = first_request(&bare)?;
                self.task.veil.clears(&bare)?;
                bare
            }
            _ => return Err(error),
        };
        let (answer, _) = self.chain.ask_one(step, &other, self.guard).await?;
        Ok((other, answer))
    }

    fn has_free_text(&self) -> bool {
        !self.task.answers.is_empty() || !self.task.context.is_empty()
    }

    /// Judges an answer and keeps what is good in it; gives back the text, for the conversation.
    async fn take(&self, step: usize, answer: &Answer, request: &Request, progress: &mut Progress) -> String {
        let veil = self.task.veil;
        let rules = Rules {
            sections: &self.sections,
            facts: &self.facts,
            min_words: MIN_WORDS,
            locale: &self.task.locale,
            leaks: &|text| veil.leak_back(text),
        };
        let schema =
            request.schema.as_ref().map_or_else(|| draft::schema(self.task.report_type), |s| (**s).clone());
        let judged = ladder::judge(&answer.text, &schema, &rules);
        let judgement = Judgement {
            usable: !judged.sections.is_empty(),
            repairs: judged.repairs.clone(),
            violations: judged.codes(),
        };
        self.chain.judged(step, request, self.guard, &judgement).await;
        progress.repairs.extend(judged.repairs.iter().copied());
        progress.provider.clone_from(&answer.provider);
        progress.model.clone_from(&answer.model);
        progress.usage = progress.usage.plus(answer.usage);
        progress.judged = judged.or(std::mem::take(&mut progress.judged));
        answer.text.clone()
    }

    /// Whether there is nothing left to ask for. A wrong word in a list costs a line, not a question.
    fn is_done(&self, progress: &Progress) -> bool {
        progress.judged.summary.is_some() && progress.judged.missing(&self.sections).is_empty()
    }

    fn again(&self, before: &Request, text: String, judged: &Judged) -> Result<Request, LlmError> {
        let wrong = ladder::for_model(&judged.violations);
        // Of earlier turns the first question stays: what was asked again before has been answered.
        let mut messages: Vec<Message> = before.messages.iter().take(2).cloned().collect();
        // What holds a name must not go back either: then the model is asked without its own words.
        let sayable = self.task.veil.leak_out(&text).is_none();
        if sayable && !text.trim().is_empty() {
            messages.push(Message::new(Role::Assistant, text));
            messages.push(Message::new(Role::User, self.task.prompt.again(&wrong)?));
        } else if let Some(last) = messages.last_mut() {
            last.text = format!("{}\n\n{}", last.text, self.task.prompt.again(&wrong)?);
        }
        let temperature = Some(AGAIN_TEMPERATURE);
        let part = format!("{}+", before.part);
        let request = Request { part, messages, temperature, ..before.clone() };
        self.task.veil.clears(&request)?;
        Ok(request)
    }

    /// Puts the good sections into the narrator's report.
    fn finish(&self, mut progress: Progress) -> Result<Written, LlmError> {
        let veil = self.task.veil;
        let mut content = self.task.narrated.content.clone();
        let mut good = self.without_repeats(std::mem::take(&mut progress.judged.sections));
        for section in good.values_mut() {
            for text in section.texts_mut() {
                *text = veil.lift(text)?;
            }
        }
        let mut by_narrator = Vec::new();
        for section in &mut content.sections {
            if let Some(written) = good.remove(&section.section_id) {
                replace(section, written);
            } else if self.sections.contains(&section.section_id.as_str()) {
                by_narrator.push(section.section_id.clone());
            }
        }
        if let Some(summary) = &progress.judged.summary {
            content.summary = veil.lift(summary)?;
        }
        for (list, written) in [
            (&mut content.key_insights, &progress.judged.key_insights),
            (&mut content.action_items, &progress.judged.action_items),
        ] {
            if !written.is_empty() {
                *list = written.iter().map(|line| veil.lift(line)).collect::<Result<_, _>>()?;
            }
        }
        if !by_narrator.is_empty() {
            content.warnings.push(format!(
                "{} of {} sections were written by the built-in narrator, because the model's were not usable.",
                by_narrator.len(),
                self.sections.len()
            ));
        }
        Ok(Written {
            content,
            by_narrator,
            repairs: progress.repairs,
            asked_again: progress.asked_again,
            provider: progress.provider,
            model: progress.model,
            prompt: self.task.prompt.reference.clone(),
            usage: progress.usage,
            degraded: progress.degraded,
        })
    }

    /// Sections of several answers may say the same; then the later one stays the narrator's.
    fn without_repeats(&self, mut found: BTreeMap<String, DraftSection>) -> BTreeMap<String, DraftSection> {
        let mut said = BTreeSet::new();
        let mut kept = BTreeMap::new();
        for id in &self.sections {
            let Some(section) = found.remove(*id) else { continue };
            let sentences: Vec<String> = section
                .texts()
                .flat_map(ladder::sentences)
                .filter(|sentence| sentence.split(' ').count() >= 4)
                .map(|sentence| sentence.to_lowercase())
                .collect();
            if sentences.iter().all(|sentence| !said.contains(sentence)) {
                said.extend(sentences);
                kept.insert((*id).to_owned(), section);
            }
        }
        kept
    }
}

/// Heading and figures stay, the words are the model's. What a part rests on is cited where its text does not say so.
fn replace(section: &mut Section, written: DraftSection) {
    section.content = written.content;
    section.subsections = written
        .subsections
        .into_iter()
        .map(|part| {
            let uncited: Vec<String> = part
                .evidence
                .iter()
                .map(|id| format!("[{id}]"))
                .filter(|citation| !part.content.contains(citation.as_str()))
                .collect();
            let content = if uncited.is_empty() {
                part.content
            } else {
                format!("{} {}", part.content.trim_end(), uncited.join(" "))
            };
            Subsection {
                title: part.title,
                content,
                insights: part.insights,
                recommendations: part.recommendations,
            }
        })
        .collect();
}

fn first_request(task: &Task<'_>) -> Result<Request, LlmError> {
    let veil = task.veil;
    let wanted = draft::section_ids(task.report_type);
    let plan = task.narrated.content.sections.iter().filter(|s| wanted.contains(&s.section_id.as_str()));
    let answers: Vec<Value> = task.answers.iter().map(|answer| covered(veil, answer)).collect();
    let input = Input {
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
    };
    Ok(Request {
        purpose: "report",
        part: "all".to_owned(),
        prompt: task.prompt.reference.clone(),
        messages: vec![
            Message::new(Role::System, task.prompt.system(&input)?),
            Message::new(Role::User, task.prompt.user(&input)?),
        ],
        schema: Some(Arc::new(draft::schema(task.report_type))),
        max_output: MAX_OUTPUT,
        temperature: Some(FIRST_TEMPERATURE),
        seed: None,
        locale: task.locale.clone(),
        nonce: task.nonce,
        deadline: task.deadline,
    })
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
