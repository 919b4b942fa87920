//! What may leave and what may come back.
//!
//! A [`Veil`] knows the people and companies of one report. It gives them other names, strikes out what the patterns know
//! (addresses, numbers, dates, angles), checks every message on its way out and every text on its way back, and puts the
//! true names back. It fails closed: what cannot be cleared is neither sent nor stored.

mod crowd;
mod data;
mod dictionary;
mod facts;
mod patterns;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use crowd::Crowd;
pub use data::block;
pub use facts::{line, lines};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dictionary::{Dictionary, Mark};

use super::error::LlmError;
use super::kind::Kind;
use super::request::Request;

/// Everybody and everything that must not be named to a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    /// Full name of the person that the report is about.
    pub subject: String,
    /// Full names of others who may occur: colleagues, managers, those who answered.
    pub people: Vec<String>,
    /// Names of the company and of others.
    pub companies: Vec<String>,
    /// Ids, personnel numbers, account names, addresses: never needed in a text.
    pub ids: Vec<String>,
    /// Places that say where the person was born or lives.
    pub places: Vec<String>,
    /// Year of birth.
    pub birth_year: Option<i32>,
}

/// The names of one report and what stands for them.
#[derive(Debug)]
pub struct Veil {
    dictionary: Dictionary,
    /// What a text for people says instead of a placeholder.
    shown: BTreeMap<String, String>,
    birth_year: Option<String>,
    /// The people that were named one by one; those of the crowd follow.
    people: usize,
    /// Names that many reports share.
    crowd: Arc<Crowd>,
    /// Who of the crowd has a placeholder in this report, in the order in which they occur.
    met: Mutex<Vec<u32>>,
}

impl Veil {
    /// Gives everybody another name: `Person A` is the subject, the others follow in their order.
    #[must_use]
    pub fn over(identities: &Identities) -> Self {
        Self::within(identities, Arc::default())
    }

    /// As [`Veil::over`], among people of whom only those get a placeholder who occur: equal texts in equal order get equal ones.
    #[must_use]
    pub fn within(identities: &Identities, crowd: Arc<Crowd>) -> Self {
        let mut dictionary = Dictionary::default();
        let mut shown = BTreeMap::new();
        let people = std::iter::once(&identities.subject).chain(&identities.people);
        let mut number = 0;
        for name in people.filter(|name| !name.trim().is_empty()) {
            let placeholder = person(number);
            number += 1;
            if dictionary.add_person(name, &Mark::Words(placeholder.as_str().into())) {
                shown.insert(placeholder, crate::narrator::given_name(name));
            }
        }
        for (at, name) in identities.companies.iter().filter(|name| !name.trim().is_empty()).enumerate() {
            let placeholder = format!("Company {}", letters(at));
            if dictionary.add_company(name, &Mark::Words(placeholder.as_str().into())) {
                shown.insert(placeholder, name.trim().to_owned());
            }
        }
        for id in &identities.ids {
            dictionary.add_id(id, &Mark::Words("[id]".into()));
        }
        for place in &identities.places {
            dictionary.add_whole(place, &Mark::Words(crowd::PLACE.into()));
        }
        Self {
            dictionary,
            shown,
            birth_year: identities.birth_year.map(|year| year.to_string()),
            people: number,
            crowd,
            met: Mutex::default(),
        }
    }

    /// The names of this report come before those of the crowd.
    fn dictionaries(&self) -> [&Dictionary; 2] {
        [&self.dictionary, self.crowd.dictionary()]
    }

    fn met(&self) -> MutexGuard<'_, Vec<u32>> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The placeholder of one of the crowd: a new one at the first time.
    fn meet(&self, one: u32) -> String {
        let mut met = self.met();
        let at = met.iter().position(|other| *other == one).unwrap_or_else(|| {
            met.push(one);
            met.len() - 1
        });
        person(self.people + at)
    }

    /// What people read instead of a placeholder that was given.
    fn behind(&self, placeholder: &str) -> Option<String> {
        self.shown.get(placeholder).cloned().or_else(|| {
            let met = self.met();
            let at = (0..met.len()).find(|at| person(self.people + at) == placeholder)?;
            self.crowd.name(met[at])
        })
    }

    /// A text as it may be sent, whoever wrote it: ours quote what applications say of roles and people.
    #[must_use]
    pub fn cover(&self, text: &str) -> String {
        // Addresses first: the name inside an address must not break it into pieces that no pattern knows.
        let text = patterns::strike(text);
        let text = dictionary::replace(&self.dictionaries(), &text, |mark| match mark {
            Mark::Words(words) => words.to_string(),
            Mark::OneOf(one) => self.meet(*one),
        });
        match &self.birth_year {
            Some(year) => text.replace(year.as_str(), "[year]"),
            None => text,
        }
    }

    /// What of a text may not leave: a word for it, never the text itself. Texts of our own are among what is looked at, and models
    /// write English, so a word that is also a name counts only together with the rest of the name.
    #[must_use]
    pub fn leak_out(&self, text: &str) -> Option<&'static str> {
        if dictionary::names_anybody(&self.dictionaries(), text) {
            return Some("a name or an id");
        }
        if self.birth_year.as_ref().is_some_and(|year| text.contains(year.as_str())) {
            return Some("a year of birth");
        }
        patterns::leak(text)
    }

    /// What of an answer may not come back: names that were never sent, what patterns know, placeholders that nobody gave.
    #[must_use]
    pub fn leak_back(&self, text: &str) -> Option<&'static str> {
        if let Some(leak) = self.leak_out(text) {
            return Some(leak);
        }
        dictionary::placeholders(text)
            .any(|found| self.behind(&found).is_none())
            .then_some("a placeholder that nobody gave")
    }

    /// Checks all that is about to be sent.
    ///
    /// # Errors
    /// Says what kind of thing would have left.
    pub fn clears(&self, request: &Request) -> Result<(), LlmError> {
        for message in &request.messages {
            if let Some(leak) = self.leak_out(&message.text) {
                return Err(LlmError::new(
                    Kind::Privacy,
                    format!("the question holds {leak}: it was not sent"),
                ));
            }
        }
        Ok(())
    }

    /// A text of the model as people read it: the true names are back.
    ///
    /// # Errors
    /// When the text holds what may not come back.
    pub fn lift(&self, text: &str) -> Result<String, LlmError> {
        if let Some(leak) = self.leak_back(text) {
            return Err(LlmError::new(Kind::Privacy, format!("the answer holds {leak}: it was not stored")));
        }
        Ok(dictionary::restored(text, |placeholder| self.behind(placeholder)))
    }
}

/// The placeholder of a person, from 0.
fn person(number: usize) -> String {
    format!("Person {}", letters(number))
}

/// `A` to `Z`, then `AA`, `AB`, ...
fn letters(number: usize) -> String {
    let last = ('A'..='Z').nth(number % 26).unwrap_or('A');
    if number < 26 { last.to_string() } else { format!("{}{last}", letters(number / 26 - 1)) }
}
