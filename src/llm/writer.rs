//! Writing a report with a model: the narrator's plan and facts in, better prose out, section by section.
//!
//! The model writes prose only. Score, figures, evidence, warnings and limits stay as the narrator computed them, and a section
//! that stays invalid stays the narrator's, flagged.

mod question;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use question::{Question, Task};
pub use written::Written;

use super::answer::Answer;
use super::chain::{self, Chain};
use super::draft::DraftSection;
use super::error::LlmError;
use super::guard::{Guard, Judgement};
use super::kind::{Kind, Last};
use super::ladder::{self, Judged, Rules};
use super::request::{Message, Request, Role};
use super::schema::SchemaSet;
use super::usage::Usage;

/// Times that a model is asked again with what was wrong.
const AGAIN: usize = 2;

/// Temperature of the first question.
pub const FIRST_TEMPERATURE: f32 = 0.6;

/// Temperature of the questions that ask again.
const AGAIN_TEMPERATURE: f32 = 0.2;

/// Fewest words of a section: below that the narrator's is better.
const MIN_WORDS: usize = 40;

/// Tokens that a first answer may have; twice that where it was cut, as far as the provider's own cap allows.
const MAX_OUTPUT: u32 = 8000;

/// Has a report written.
///
/// # Errors
/// When no section came out well, or nobody could be asked; the kind says what follows.
pub async fn ask(chain: &Chain, guard: &dyn Guard, question: &Question) -> Result<Written, LlmError> {
    let job = Job { chain, guard, question };
    let mut progress = Progress::default();
    let mut failed = Vec::new();
    let mut next = (!chain.is_empty()).then_some(0);
    while let Some(step) = next.take() {
        if let Err(error) = job.with_provider(step, &mut progress).await {
            if matches!(error.policy().last, Last::Await(_)) {
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
    question: &'a Question,
}

impl Job<'_> {
    /// Asks one provider, and again while something is wrong.
    async fn with_provider(&self, step: usize, progress: &mut Progress) -> Result<(), LlmError> {
        let (mut request, answer) = self.ask_first(step).await?;
        let mut text = self.take(step, answer, &request, progress).await;
        for _ in 0..AGAIN {
            if self.is_done(progress) {
                return Ok(());
            }
            request = self.again(&request, text, &progress.judged)?;
            progress.asked_again += 1;
            let (answer, _) = self.chain.ask_one(step, &request, self.guard).await?;
            text = self.take(step, answer, &request, progress).await;
        }
        if self.is_done(progress) {
            return Ok(());
        }
        let codes = progress.judged.codes().join(", ");
        Err(LlmError::new(Kind::InvalidOutput, format!("after {AGAIN} more questions still: {codes}")))
    }

    /// The first question. Where its answer was cut, once more with twice the room if there is more; where it was too long or a
    /// filter held it back, once more without what others wrote.
    async fn ask_first(&self, step: usize) -> Result<(Request, Answer), LlmError> {
        let first = &self.question.first;
        let error = match self.chain.ask_one(step, first, self.guard).await {
            Ok((answer, _)) => return Ok((first.clone(), answer)),
            Err(error) => error,
        };
        let other = match error.kind {
            Kind::OutputTruncated => self.with_more_room(step),
            Kind::ContextTooLong | Kind::ContentFilter => self.question.bare()?,
            _ => None,
        };
        let Some(other) = other else { return Err(error) };
        let (answer, _) = self.chain.ask_one(step, &other, self.guard).await?;
        Ok((other, answer))
    }

    /// The first question with twice the room; nothing where the provider's own cap leaves no more than the first had: the same
    /// would be paid and cut again.
    fn with_more_room(&self, step: usize) -> Option<Request> {
        let first = &self.question.first;
        let has_more = self.chain.providers()[step].max_output > first.max_output;
        has_more.then(|| Request { max_output: MAX_OUTPUT * 2, ..first.clone() })
    }

    /// Judges an answer and keeps what is good in it; gives back the text, for the conversation.
    async fn take(&self, step: usize, answer: Answer, request: &Request, progress: &mut Progress) -> String {
        let Question { veil, sections, facts, first, .. } = self.question;
        let rules = Rules {
            sections,
            facts,
            min_words: MIN_WORDS,
            locale: &first.locale,
            leaks: &|text| veil.leak_back(text),
        };
        let judge = |schema: &Arc<SchemaSet>| ladder::judge(&answer.text, schema, &rules);
        let judged = request.schema.as_ref().map(judge).unwrap_or_default();
        let judgement = Judgement {
            usable: !judged.sections.is_empty(),
            repairs: judged.repairs.clone(),
            violations: judged.codes(),
        };
        self.chain.judged(step, request, self.guard, &judgement).await;
        progress.repairs.extend(judged.repairs.iter().copied());
        progress.provider = answer.provider;
        progress.model = answer.model;
        progress.usage = progress.usage.plus(answer.usage);
        progress.judged = judged.or(std::mem::take(&mut progress.judged));
        answer.text
    }

    /// Whether there is nothing left to ask for. A wrong word in a list costs a line, not a question.
    fn is_done(&self, progress: &Progress) -> bool {
        progress.judged.summary.is_some() && progress.judged.missing(&self.question.sections).is_empty()
    }

    fn again(&self, before: &Request, text: String, judged: &Judged) -> Result<Request, LlmError> {
        let wrong = ladder::for_model(&judged.violations);
        // Of earlier turns the first question stays: what was asked again before has been answered.
        let mut messages: Vec<Message> = before.messages.iter().take(2).cloned().collect();
        // What holds a name must not go back either: then the model is asked without its own words.
        let sayable = self.question.veil.leak_out(&text).is_none();
        if sayable && !text.trim().is_empty() {
            messages.push(Message::new(Role::Assistant, text));
            messages.push(Message::new(Role::User, self.question.prompt.again(&wrong)?));
        } else if let Some(last) = messages.last_mut() {
            last.text = format!("{}\n\n{}", last.text, self.question.prompt.again(&wrong)?);
        }
        let temperature = Some(AGAIN_TEMPERATURE);
        let part = format!("{}+", before.part);
        let request = Request { part, messages, temperature, ..before.clone() };
        self.question.veil.clears(&request)?;
        Ok(request)
    }

    /// What came out well, with the true names.
    fn finish(&self, progress: Progress) -> Result<Written, LlmError> {
        let Question { veil, sections: wanted, .. } = self.question;
        let Judged { summary, sections, key_insights, action_items, .. } = progress.judged;
        let mut sections = self.without_repeats(sections);
        for section in sections.values_mut() {
            for text in section.texts_mut() {
                *text = veil.lift(text)?;
            }
        }
        let lifted = |lines: &[String]| lines.iter().map(|line| veil.lift(line)).collect::<Result<_, _>>();
        let by_narrator = wanted.iter().filter(|id| !sections.contains_key(**id));
        Ok(Written {
            by_narrator: by_narrator.map(|id| (*id).to_owned()).collect(),
            asked_for: wanted.len(),
            sections,
            summary: summary.map(|summary| veil.lift(&summary)).transpose()?,
            key_insights: lifted(&key_insights)?,
            action_items: lifted(&action_items)?,
            repairs: progress.repairs,
            asked_again: progress.asked_again,
            provider: progress.provider,
            model: progress.model,
            prompt: self.question.first.prompt.clone(),
            usage: progress.usage,
            degraded: progress.degraded,
        })
    }

    /// Sections of several answers may say the same; then the later one stays the narrator's.
    fn without_repeats(&self, mut found: BTreeMap<String, DraftSection>) -> BTreeMap<String, DraftSection> {
        let mut said = BTreeSet::new();
        let mut kept = BTreeMap::new();
        for id in &self.question.sections {
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
