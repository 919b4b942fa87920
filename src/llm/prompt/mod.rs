//! Prompts: versioned files of `data/prompts`, compiled in, rendered with strict undefined.

pub mod choice;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::LlmError;
use super::kind::Kind;
use super::request::PromptRef;
use crate::domain::digest::hexadecimal;

/// One version of a prompt, as it is compiled in.
struct Source {
    id: &'static str,
    version: &'static str,
    system: &'static str,
    user: &'static str,
    again: &'static str,
}

macro_rules! prompt {
    ($id:literal, $version:literal) => {
        Source {
            id: $id,
            version: $version,
            system: include_str!(concat!("../../../data/prompts/", $id, "/", $version, "/system.j2")),
            user: include_str!(concat!("../../../data/prompts/", $id, "/", $version, "/user.j2")),
            again: include_str!(concat!("../../../data/prompts/", $id, "/", $version, "/again.j2")),
        }
    };
}

/// All versions, newest last.
static SOURCES: [Source; 2] = [prompt!("report", "1.0.0"), prompt!("report", "1.1.0")];

/// The texts of all prompts as they are written.
pub fn texts() -> impl Iterator<Item = &'static str> {
    SOURCES.iter().flat_map(|source| [source.system, source.user, source.again])
}

/// A prompt that can be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Its name, version and hash, as they are stored with every call.
    pub reference: PromptRef,
}

/// One section of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanSection {
    /// Id.
    pub id: String,
    /// Heading.
    pub title: String,
    /// What the narrator wrote.
    pub draft: String,
}

/// A description that goes with the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Context {
    /// What it describes: `Role`, `Department`, `Company A`, `Industry`.
    pub name: String,
    /// The description.
    pub text: String,
}

/// What the templates are given. All of it is free of personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Language in words.
    pub language: String,
    /// Title of the report.
    pub title: String,
    /// What the person is called.
    pub subject: String,
    /// Facts, one line each.
    pub facts: Vec<String>,
    /// Descriptions.
    pub context: Vec<Context>,
    /// Block of data, or empty.
    pub answers: String,
    /// The sections to write.
    pub plan: Vec<PlanSection>,
    /// Fewest words of a section.
    pub min_words: usize,
}

static TEMPLATES: LazyLock<BTreeMap<String, Environment<'static>>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .map(|source| {
            let mut environment = Environment::new();
            environment.set_undefined_behavior(UndefinedBehavior::Strict);
            for (name, text) in [("system", source.system), ("user", source.user), ("again", source.again)] {
                // Unwrap safety: compiled in, and a test renders each of them.
                environment.add_template(name, text).expect("the templates are compiled in");
            }
            (format!("{}/{}", source.id, source.version), environment)
        })
        .collect()
});

impl Prompt {
    /// The newest version of a prompt, or the one that is asked for.
    ///
    /// # Errors
    /// When there is no such prompt or version.
    pub fn find(id: &str, version: Option<&str>) -> Result<Self, LlmError> {
        let mut versions = SOURCES.iter().rev().filter(|source| source.id == id);
        let found = versions.find(|source| version.is_none_or(|version| source.version == version));
        let source = found.ok_or_else(|| {
            let known: Vec<&str> =
                SOURCES.iter().filter(|source| source.id == id).map(|source| source.version).collect();
            let asked = version.unwrap_or("any version");
            LlmError::new(
                Kind::PromptRender,
                format!("there is no {asked} of the prompt {id}; there are [{}]", known.join(", ")),
            )
        })?;
        let mut hash = Sha256::new();
        for text in [source.system, source.user, source.again] {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        let hash = hexadecimal(&hash.finalize());
        let reference = PromptRef { id: source.id.to_owned(), version: source.version.to_owned(), hash };
        Ok(Self { reference })
    }

    /// The rules.
    ///
    /// # Errors
    /// When a name is not given.
    pub fn system(&self, input: &Input) -> Result<String, LlmError> {
        self.render("system", input)
    }

    /// The question.
    ///
    /// # Errors
    /// As [`Prompt::system`].
    pub fn user(&self, input: &Input) -> Result<String, LlmError> {
        self.render("user", input)
    }

    /// The question again, with what was wrong.
    ///
    /// # Errors
    /// As [`Prompt::system`].
    pub fn again(&self, violations: &str) -> Result<String, LlmError> {
        self.render("again", &BTreeMap::from([("violations", violations)]))
    }

    fn render(&self, name: &str, input: &impl Serialize) -> Result<String, LlmError> {
        let key = format!("{}/{}", self.reference.id, self.reference.version);
        let rendered = TEMPLATES
            .get(&key)
            .ok_or_else(|| LlmError::new(Kind::PromptRender, format!("no prompt {key}")))?
            .get_template(name)
            .and_then(|template| template.render(minijinja::value::Serde(input)));
        // The error's own words may quote the input.
        rendered.map_err(|error| {
            LlmError::new(Kind::PromptRender, format!("prompt {key}, {name}: {:?}", error.kind()))
        })
    }
}
