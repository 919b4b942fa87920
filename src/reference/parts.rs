//! The hand-written parts, embedded.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::types::{Interpretations, Traits};

/// Phrases, keywords and traits of one planet, sign, house or aspect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    general: String,
    in_relationships: String,
    in_career: String,
    in_communication: String,
    in_leadership: String,
    pub(super) keywords: Vec<String>,
    positive: Vec<String>,
    negative: Vec<String>,
    neutral: Vec<String>,
}

/// A planet and its part.
pub(super) struct Planet<'a> {
    /// Name within a sentence: `the Sun`, `Mercury`.
    pub(super) name: String,
    pub(super) part: &'a Part,
}

/// How a sentence on each context begins.
const CONTEXTS: [&str; 5] = ["", "In relationships, ", "At work, ", "In conversation, ", "In leadership, "];

/// All parts.
pub(super) struct Parts {
    pub(super) planets: HashMap<String, Part>,
    pub(super) retrograde: Part,
    pub(super) signs: HashMap<String, Part>,
    pub(super) houses: HashMap<String, Part>,
    pub(super) aspects: HashMap<String, Part>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Planets {
    planets: HashMap<String, Part>,
    retrograde: HashMap<String, Part>,
}

#[derive(Deserialize)]
struct Signs {
    signs: HashMap<String, Part>,
}

#[derive(Deserialize)]
struct Houses {
    houses: HashMap<String, Part>,
}

#[derive(Deserialize)]
struct Aspects {
    aspects: HashMap<String, Part>,
}

impl Parts {
    pub(super) fn embedded() -> Self {
        let planets: Planets = read(include_str!("../../data/reference/planets.toml"));
        Self {
            planets: planets.planets,
            retrograde: planets.retrograde["motion"].clone(),
            signs: read::<Signs>(include_str!("../../data/reference/signs.toml")).signs,
            houses: read::<Houses>(include_str!("../../data/reference/houses.toml")).houses,
            aspects: read::<Aspects>(include_str!("../../data/reference/aspects.toml")).aspects,
        }
    }
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    // Unwrap safety: the text is part of the program, and a test reads it.
    toml::from_str(text).expect("embedded reference meanings")
}

impl Part {
    fn phrases(&self) -> [&str; 5] {
        [&self.general, &self.in_relationships, &self.in_career, &self.in_communication, &self.in_leadership]
    }

    /// Whole sentences as they stand.
    pub(super) fn sentences(&self) -> Interpretations {
        interpretations(self.phrases().map(str::to_owned))
    }

    /// What a planet stands for, then what these predicates make of it `there` ("In Leo", "Retrograde,").
    pub(super) fn predicates_of(&self, planet: &Planet<'_>, there: &str) -> Interpretations {
        let (meanings, predicates) = (planet.part.phrases(), self.phrases());
        interpretations(std::array::from_fn(|at| {
            let sentence = format!("{}{} stands for {}.", CONTEXTS[at], planet.name, meanings[at]);
            format!("{} {there} it {}.", capitalized(&sentence), predicates[at])
        }))
    }

    /// Sentences of one subject and these predicates; the contexts are named.
    pub(super) fn predicates_of_all(&self, subject: &str) -> Interpretations {
        let predicates = self.phrases();
        interpretations(std::array::from_fn(|at| {
            let sentence = format!("{}{subject} {}.", CONTEXTS[at], predicates[at]);
            capitalized(&sentence)
        }))
    }

    pub(super) fn traits(&self) -> Traits {
        Traits {
            positive: self.positive.clone(),
            negative: self.negative.clone(),
            neutral: self.neutral.clone(),
        }
    }

    /// Keywords of this part, then those of another that are new.
    pub(super) fn keywords_with(&self, other: &Self) -> Vec<String> {
        joined(&self.keywords, &other.keywords)
    }

    /// Traits of this part, then those of another that are new.
    pub(super) fn traits_with(&self, other: &Self) -> Traits {
        Traits {
            positive: joined(&self.positive, &other.positive),
            negative: joined(&self.negative, &other.negative),
            neutral: joined(&self.neutral, &other.neutral),
        }
    }
}

fn interpretations(sentences: [String; 5]) -> Interpretations {
    let [general, in_relationships, in_career, in_communication, in_leadership] = sentences;
    Interpretations { general, in_relationships, in_career, in_communication, in_leadership }
}

fn joined(first: &[String], second: &[String]) -> Vec<String> {
    let new = second.iter().filter(|word| !first.contains(word));
    first.iter().chain(new).cloned().collect()
}

fn capitalized(sentence: &str) -> String {
    let mut signs = sentence.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}
