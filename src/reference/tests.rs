//! What the documents keep.

use std::collections::HashSet;

use super::*;

fn find(key: &str) -> ReferenceDocument {
    let found = documents().into_iter().find(|document| document.data.key == key);
    found.unwrap_or_else(|| panic!("no document {key}"))
}

fn sentences(data: &ReferenceData) -> [&String; 5] {
    let of = &data.interpretations;
    [&of.general, &of.in_relationships, &of.in_career, &of.in_communication, &of.in_leadership]
}

#[test]
fn every_planet_sign_house_and_aspect_has_its_document_once() {
    let documents = documents();
    let keys: HashSet<_> =
        documents.iter().map(|document| (document.reference_type, &document.data.key)).collect();
    assert_eq!(keys.len(), documents.len());
    let count = |category| documents.iter().filter(|document| document.data.category == category).count();
    assert_eq!(
        ["planet_in_sign", "planet_in_house", "planet_retrograde", "sign", "house", "aspect"].map(count),
        [120, 120, 8, 12, 12, 9]
    );
    for key in
        ["sun_aries", "mercury_10th_house", "mercury_retrograde", "trine", "10th_house", "semi_sextile"]
    {
        assert_eq!(find(key).version, VERSION);
    }
}

#[test]
fn every_sentence_is_a_sentence_and_no_two_of_a_context_are_the_same() {
    for context in 0..5 {
        let documents = documents();
        let mut seen = HashSet::new();
        for document in &documents {
            let text = sentences(&document.data)[context];
            assert!(text.starts_with(|first: char| first.is_uppercase()) && text.ends_with('.'), "{text}");
            assert!(!text.contains("  ") && !text.contains("..") && text.len() > 30, "{text}");
            assert!(seen.insert(text.clone()), "{} says the same as another: {text}", document.data.key);
        }
    }
}

#[test]
fn no_sentence_decides_about_a_person() {
    for document in documents() {
        for text in sentences(&document.data) {
            let text = text.to_lowercase();
            for word in ["hire", "fire ", "promote", "reject", "unsuitable", "always", "never", "cannot"] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }
}

#[test]
fn compatibility_names_documents_of_the_same_kind_and_goes_both_ways() {
    let documents = documents();
    for document in documents.iter().filter(|document| document.data.category != "planet_retrograde") {
        let of = &document.data.compatibility;
        let named = of.harmonious_with.iter().chain(&of.challenging_with).chain(&of.neutral_with);
        let own = &document.data;
        let mut count = 1;
        for key in named {
            let other = documents.iter().find(|other| other.data.key == *key).expect("a known key");
            assert_eq!(other.data.category, own.category);
            let back = &other.data.compatibility;
            assert_eq!(of.harmonious_with.contains(key), back.harmonious_with.contains(&own.key));
            assert_eq!(of.challenging_with.contains(key), back.challenging_with.contains(&own.key));
            count += 1;
        }
        assert_eq!(count, if own.category == "aspect" { 9 } else { 12 });
    }
}

#[test]
fn attributes_and_dignities_are_those_of_the_sign() {
    let sun = find("sun_aries").data;
    assert_eq!(sun.energy_attributes.element, "Fire");
    assert_eq!(sun.energy_attributes.quality, "Cardinal");
    assert_eq!(sun.energy_attributes.polarity, "active");
    assert_eq!(sun.energy_attributes.ruling_planet, "Mars");
    assert!(sun.interpretations.general.contains("exalted"));
    assert_eq!(find("10th_house").data.energy_attributes.ruling_planet, "Saturn");
    assert!(sun.compatibility.harmonious_with.contains(&"sun_leo".to_owned()));
    assert!(sun.compatibility.challenging_with.contains(&"sun_libra".to_owned()));
}

#[test]
fn equal_calls_give_equal_documents() {
    assert_eq!(documents(), documents());
}
