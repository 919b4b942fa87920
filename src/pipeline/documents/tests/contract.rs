//! What the collections' validators and unique indexes ask.

use std::collections::BTreeSet;

use bson::{Bson, Document};

use super::fixture::{all, at, made};

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
        let key: BTreeSet<&str> = upsert.key.keys().map(String::as_str).collect();
        assert_eq!(key, unique.iter().copied().collect(), "{collection}");
    }
}

#[test]
fn no_path_is_written_twice_and_none_belongs_to_the_writer() {
    for upsert in all() {
        let paths: Vec<&String> =
            upsert.key.keys().chain(upsert.set.keys()).chain(upsert.set_on_insert.keys()).collect();
        for (at, path) in paths.iter().enumerate() {
            assert_ne!(path.as_str(), "job");
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
        let created = if upsert.set_on_insert.contains_key("createdAt") { "createdAt" } else { "created_at" };
        assert!(upsert.set_on_insert.get_datetime(created).is_ok(), "{}", upsert.collection);
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
    assert_eq!(current.get("year").and_then(Bson::as_i32), Some(2026));
    assert_eq!(current.get("quarter").and_then(Bson::as_i32), Some(4));
}
