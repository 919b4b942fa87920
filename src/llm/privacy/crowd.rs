//! The people and places of an organization, as all its reports share them.

use super::dictionary::{Dictionary, Mark};

/// What stands for a place.
pub(super) const PLACE: &str = "[place]";

/// Names of people and places that must not leave. Made once and shared by many veils, because it is large.
#[derive(Debug, Default)]
pub struct Crowd {
    dictionary: Dictionary,
    /// Full names, by the number of the person.
    people: Vec<Box<str>>,
}

impl Crowd {
    /// Of these people and places.
    #[must_use]
    pub fn of(people: Vec<String>, places: &[String]) -> Self {
        let mut dictionary = Dictionary::default();
        let people: Vec<Box<str>> = people.into_iter().map(Into::into).collect();
        for (number, name) in (0..).zip(&people) {
            dictionary.add_person(name, &Mark::OneOf(number));
        }
        for place in places {
            dictionary.add_whole(place, &Mark::Words(PLACE.into()));
        }
        Self { dictionary, people }
    }

    pub(super) const fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// What people read of one.
    pub(super) fn name(&self, number: u32) -> Option<String> {
        self.people.get(usize::try_from(number).ok()?).map(|name| crate::narrator::given_name(name))
    }
}
