//! Putting the documents together.

use super::attributes::{among_aspects, among_twelve, of_aspect, of_house, of_sign};
use super::parts::{Part, Parts, Planet};
use super::types::{Compatibility, ReferenceData, ReferenceDocument};
use super::{EFFECTIVE_FROM, VERSION};
use crate::astro::chart::{AspectKind, Dignity};
use crate::astro::dignity::dignity;
use crate::astro::{Body, Sign};

const PLANETARY: &str = "planetary_meanings";
const HOUSE: &str = "house_meanings";
const ASPECT: &str = "aspect_interpretations";
const SIGN: &str = "sign_characteristics";

/// Every document of `astrological_reference_data`, in an order that never changes: planets in signs, planets in
/// houses, retrograde planets, signs, houses, aspects.
#[must_use]
pub fn documents() -> Vec<ReferenceDocument> {
    let parts = Parts::embedded();
    let planets = || Body::PLANETS.into_iter();
    let in_signs = planets().flat_map(|planet| Sign::ALL.map(|sign| in_sign(&parts, planet, sign)));
    let in_houses = planets().flat_map(|planet| (1..=12).map(move |house| (planet, house)));
    let in_houses = in_houses.map(|(planet, house)| in_house(&parts, planet, house));
    // Sun and Moon never move backwards.
    let backwards = planets().skip(2).map(|planet| retrograde(&parts, planet));
    let signs = Sign::ALL.into_iter().map(|sign| of_the_sign(&parts, sign));
    let houses = (1..=12).map(|house| of_the_house(&parts, house));
    let aspects = AspectKind::ALL.into_iter().map(|kind| of_the_aspect(&parts, kind));
    in_signs.chain(in_houses).chain(backwards).chain(signs).chain(houses).chain(aspects).collect()
}

fn document(reference_type: &'static str, data: ReferenceData) -> ReferenceDocument {
    ReferenceDocument {
        reference_type,
        data,
        version: VERSION,
        effective_from: EFFECTIVE_FROM,
        status: "active",
    }
}

fn in_sign(parts: &Parts, planet: Body, sign: Sign) -> ReferenceDocument {
    let (subject, manner) = (planet_part(parts, planet), sign_part(parts, sign));
    let mut interpretations = manner.predicates_of(&subject, &format!("In {}", sign.name()));
    if let Some(dignity) = dignity(planet, sign) {
        interpretations.general = format!("{} {}", interpretations.general, dignified(dignity));
    }
    let key = |sign: Sign| format!("{}_{}", key_of(planet.name()), key_of(sign.name()));
    let data = ReferenceData {
        key: key(sign),
        name: format!("{} in {}", planet.name(), sign.name()),
        category: "planet_in_sign",
        interpretations,
        keywords: subject.part.keywords_with(manner),
        energy_attributes: of_sign(sign),
        traits: subject.part.traits_with(manner),
        compatibility: among_twelve(sign.index(), |other| key(Sign::ALL[other])),
    };
    document(PLANETARY, data)
}

fn in_house(parts: &Parts, planet: Body, house: usize) -> ReferenceDocument {
    let (subject, field) = (planet_part(parts, planet), house_part(parts, house));
    let key = |house: usize| format!("{}_{}_house", key_of(planet.name()), ordinal(house));
    let data = ReferenceData {
        key: key(house),
        name: format!("{} in the {} house", planet.name(), ordinal(house)),
        category: "planet_in_house",
        interpretations: field.predicates_of(&subject, &format!("In the {} house", ordinal(house))),
        keywords: subject.part.keywords_with(field),
        energy_attributes: of_house(house),
        traits: subject.part.traits_with(field),
        compatibility: among_twelve(house - 1, |other| key(other + 1)),
    };
    document(PLANETARY, data)
}

fn retrograde(parts: &Parts, planet: Body) -> ReferenceDocument {
    let (subject, motion) = (planet_part(parts, planet), &parts.retrograde);
    let own = Sign::ALL.into_iter().find(|sign| sign.ruler() == planet);
    let mut energy_attributes = own.map_or(of_aspect(AspectKind::Conjunction), of_sign);
    energy_attributes.polarity = "receptive";
    let data = ReferenceData {
        key: format!("{}_retrograde", key_of(planet.name())),
        name: format!("{} retrograde", planet.name()),
        category: "planet_retrograde",
        interpretations: motion.predicates_of(&subject, "Retrograde,"),
        keywords: subject.part.keywords_with(motion),
        energy_attributes,
        traits: subject.part.traits_with(motion),
        compatibility: Compatibility::default(),
    };
    document(PLANETARY, data)
}

fn of_the_sign(parts: &Parts, sign: Sign) -> ReferenceDocument {
    let manner = sign_part(parts, sign);
    let data = ReferenceData {
        key: key_of(sign.name()),
        name: sign.name().to_owned(),
        category: "sign",
        interpretations: manner.predicates_of_all(&format!("whatever stands in {}", sign.name())),
        keywords: manner.keywords.clone(),
        energy_attributes: of_sign(sign),
        traits: manner.traits(),
        compatibility: among_twelve(sign.index(), |other| key_of(Sign::ALL[other].name())),
    };
    document(SIGN, data)
}

fn of_the_house(parts: &Parts, house: usize) -> ReferenceDocument {
    let field = house_part(parts, house);
    let key = |house: usize| format!("{}_house", ordinal(house));
    let data = ReferenceData {
        key: key(house),
        name: format!("{} house", ordinal(house)),
        category: "house",
        interpretations: field.predicates_of_all(&format!("whatever stands in the {} house", ordinal(house))),
        keywords: field.keywords.clone(),
        energy_attributes: of_house(house),
        traits: field.traits(),
        compatibility: among_twelve(house - 1, |other| key(other + 1)),
    };
    document(HOUSE, data)
}

fn of_the_aspect(parts: &Parts, kind: AspectKind) -> ReferenceDocument {
    let part = &parts.aspects[kind.name()];
    let key = |kind: AspectKind| kind.name().replace('-', "_");
    let data = ReferenceData {
        key: key(kind),
        name: kind.name().to_owned(),
        category: "aspect",
        interpretations: part.sentences(),
        keywords: part.keywords.clone(),
        energy_attributes: of_aspect(kind),
        traits: part.traits(),
        compatibility: among_aspects(kind, key),
    };
    document(ASPECT, data)
}

const fn dignified(dignity: Dignity) -> &'static str {
    match dignity {
        Dignity::Domicile => "This is its own sign, where it works undisturbed.",
        Dignity::Exaltation => "It is exalted here: its gifts are easily noticed.",
        Dignity::Detriment => "This is opposite its own sign, so it works with unfamiliar means.",
        Dignity::Fall => "It is in its fall here: its gifts take longer to be noticed.",
    }
}

// The parts are complete: a test asks for every one of them.
fn planet_part(parts: &Parts, planet: Body) -> Planet<'_> {
    let article = if matches!(planet, Body::Sun | Body::Moon) { "the " } else { "" };
    Planet { name: format!("{article}{}", planet.name()), part: &parts.planets[&key_of(planet.name())] }
}

fn sign_part(parts: &Parts, sign: Sign) -> &Part {
    &parts.signs[&key_of(sign.name())]
}

fn house_part(parts: &Parts, house: usize) -> &Part {
    &parts.houses[&house.to_string()]
}

fn key_of(name: &str) -> String {
    name.to_lowercase().replace(' ', "_")
}

fn ordinal(house: usize) -> String {
    let ending = match house {
        1 => "st",
        2 => "nd",
        3 => "rd",
        _ => "th",
    };
    format!("{house}{ending}")
}
