//! What the collections' validators and unique indexes ask.

use std::collections::BTreeSet;

use bson::Document;
use bson::raw::{RawBsonRef, RawDocument};

use super::fixture::{all, at, code, code_args, encoded, energy_code_args, made};
use crate::pipeline::documents::{harmonic_code, harmonic_energy_code};

/// Collection, required fields (as the validators have them), fields of the unique index that the key relies on.
const RULES: [(&str, &[&str], &[&str]); 9] = [
    (
        "birth_charts",
        &["entity_type", "entity_id", "organization_id", "status"],
        &["entity_type", "entity_id", "status"],
    ),
    (
        "harmonic_codes",
        &[
            "entity_type",
            "entity_id",
            "organization_id",
            "current_code.version",
            "current_code.quarter",
            "current_code.year",
        ],
        &["entity_type", "entity_id"],
    ),
    (
        "compatibility_scores",
        &[
            "organization_id",
            "subject_entity.type",
            "subject_entity.id",
            "target_entity.type",
            "target_entity.id",
            "compatibility_type",
            "status",
        ],
        &[
            "subject_entity.type",
            "subject_entity.id",
            "target_entity.type",
            "target_entity.id",
            "compatibility_type",
            "status",
        ],
    ),
    ("energy_patterns", &["entity_type", "entity_id", "organization_id"], &["entity_type", "entity_id"]),
    ("astrological_data", &["astroDataId", "employeeId", "organizationId"], &["employeeId"]),
    (
        "harmonic_energy_codes",
        &["harmonicCodeId", "employeeId", "organizationId", "currentQuarter.year", "currentQuarter.quarter"],
        &["employeeId"],
    ),
    (
        "reports",
        &["reportId", "employeeId", "organizationId", "reportType", "version", "status"],
        &["reportId"],
    ),
    ("analysis_data", &["analysisId", "employeeId", "analysisType"], &["analysisId"]),
    ("training_recommendations", &["recommendationId", "employeeId"], &["recommendationId"]),
];

#[test]
fn every_document_has_the_fields_that_its_validator_requires() {
    for (upsert, (collection, required, _)) in all().iter().zip(RULES) {
        assert_eq!(upsert.collection, collection);
        let document = made(upsert);
        for path in required {
            assert!(
                at(&document, path).is_some_and(|value| value.as_null().is_none()),
                "{collection}.{path}"
            );
        }
    }
}

#[test]
fn every_key_is_the_fields_of_a_unique_index() {
    for (upsert, (collection, _, unique)) in all().iter().zip(RULES) {
        let key: BTreeSet<&str> = names(&upsert.key).into_iter().collect();
        assert_eq!(key, unique.iter().copied().collect(), "{collection}");
    }
}

/// The names of the fields of a document.
fn names(document: &RawDocument) -> Vec<&str> {
    document.iter().map(|field| field.unwrap().0.as_str()).collect()
}

/// Bytes do not replace a field of the same name as a tree does.
#[test]
fn no_name_comes_twice_in_a_document() {
    let [first, next] = ["2026-Q3", "2026-Q4"].map(code);
    let codes = encoded(&made(&harmonic_code(&code_args(&first, None))));
    let projections = encoded(&made(&harmonic_energy_code(&energy_code_args(&first, &[], None))));
    let mut upserts = all();
    upserts.push(harmonic_code(&code_args(&next, Some(&codes))));
    upserts.push(harmonic_energy_code(&energy_code_args(&next, &[], Some(&projections))));
    for upsert in upserts {
        for part in [&upsert.key, &upsert.set, &upsert.set_on_insert] {
            assert_eq!(twice(part), None, "{}", upsert.collection);
        }
    }
}

/// A name that comes twice in the document or in one within it.
fn twice(document: &RawDocument) -> Option<String> {
    let names = names(document);
    if let Some(at) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
        return Some(names[at].to_owned());
    }
    document.iter().find_map(|field| match field.unwrap().1 {
        RawBsonRef::Document(inner) => twice(inner),
        RawBsonRef::Array(list) => list.into_iter().find_map(|item| twice(item.unwrap().as_document()?)),
        _ => None,
    })
}

#[test]
fn no_path_is_written_twice_and_none_belongs_to_the_writer() {
    for upsert in all() {
        let paths = [names(&upsert.key), names(&upsert.set), names(&upsert.set_on_insert)].concat();
        for (at, path) in paths.iter().enumerate() {
            assert_ne!(*path, "job");
            for other in &paths[at + 1..] {
                let inside = |a: &str, b: &str| a == b || a.starts_with(&format!("{b}."));
                assert!(
                    !inside(path, other) && !inside(other, path),
                    "{}: {path} and {other}",
                    upsert.collection
                );
            }
        }
    }
}

#[test]
fn ids_and_times_of_making_are_written_once_and_equal_input_makes_equal_documents() {
    for (upsert, again) in all().iter().zip(all()) {
        assert_eq!(*upsert, again);
        assert!(upsert.set_on_insert.get_object_id("_id").is_ok(), "{}", upsert.collection);
        let created = ["createdAt", "created_at"].map(|name| upsert.set_on_insert.get_datetime(name).is_ok());
        assert!(created.contains(&true), "{}", upsert.collection);
        assert!(!upsert.existing_only);
    }
}

#[test]
fn words_are_those_of_the_validators() {
    let expected: [(&str, &str, &[&str]); 9] = [
        ("birth_charts", "status", &["active"]),
        ("harmonic_codes", "next_update.status", &["pending"]),
        (
            "compatibility_scores",
            "compatibility_type",
            &["role", "department", "company", "industry", "interpersonal"],
        ),
        ("energy_patterns", "pattern_type", &["cyclical", "trending", "stable", "volatile"]),
        ("astrological_data", "birthData.coordinates.type", &["Point"]),
        ("harmonic_codes", "current_code.quarter", &["Q1", "Q2", "Q3", "Q4"]),
        ("reports", "status", &["completed"]),
        ("reports", "visibleToRoles[]", &["owner", "leader", "manager"]),
        ("analysis_data", "analysisType", &["personality", "compatibility", "behavior", "training"]),
    ];
    let documents: Vec<(&str, Document)> =
        all().iter().map(|upsert| (upsert.collection, made(upsert))).collect();
    for (collection, path, words) in expected {
        let (_, document) = documents.iter().find(|(name, _)| *name == collection).unwrap();
        let word = at(document, path).and_then(|value| value.as_str()).unwrap();
        assert!(words.contains(&word), "{collection}.{path} = {word}");
    }
}

#[test]
fn numbers_that_validators_want_whole_are_whole() {
    let documents = all();
    assert!(documents[6].set.get_i32("version").is_ok());
    let current = documents[5].set.get_document("currentQuarter").unwrap();
    assert_eq!(current.get_i32("year").ok(), Some(2026));
    assert_eq!(current.get_i32("quarter").ok(), Some(4));
}
