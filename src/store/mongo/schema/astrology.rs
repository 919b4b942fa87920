//! The database of calculations: documents with `snake_case` fields about employees, candidates and companies.

use bson::{Document, doc};

use super::{Collection, Index, number_between, object, one_of, string};

/// All collections of the database, reference data first.
#[must_use]
pub fn collections() -> Vec<Collection> {
    vec![
        astrological_reference_data(),
        birth_charts(),
        harmonic_codes(),
        compatibility_scores(),
        energy_patterns(),
    ]
}

fn entity_type() -> Document {
    one_of(&["employee", "candidate", "company"])
}

/// Meanings of planets, houses, aspects and signs; versions of a key may stand side by side, one of them active.
fn astrological_reference_data() -> Collection {
    Collection::new(
        "astrological_reference_data",
        &["reference_type", "data", "version", "status"],
        doc! {
            "reference_type": one_of(&[
                "planetary_meanings",
                "house_meanings",
                "aspect_interpretations",
                "sign_characteristics",
            ]),
            "status": one_of(&["active", "deprecated"]),
            "data": doc! { "bsonType": "object", "required": ["key"] },
        },
        vec![
            Index::on(doc! { "reference_type": 1, "data.key": 1, "version": 1 }).unique(),
            Index::on(doc! { "reference_type": 1, "data.key": 1 })
                .unique()
                .only(doc! { "status": "active" })
                .named("one_active_per_key"),
            Index::on(doc! { "status": 1, "effective_from": 1 }),
        ],
    )
}

/// Charts. Archived ones may stay beside the active one.
fn birth_charts() -> Collection {
    Collection::new(
        "birth_charts",
        &["entity_type", "entity_id", "organization_id", "status"],
        doc! {
            "entity_type": entity_type(),
            "entity_id": string(),
            "organization_id": string(),
            "status": one_of(&["active", "archived"]),
            "birth_data": object(
                &[],
                doc! { "latitude": number_between(-90, 90), "longitude": number_between(-180, 180) },
            ),
        },
        vec![
            Index::on(doc! { "entity_id": 1, "entity_type": 1 }).unique().only(doc! { "status": "active" }),
            Index::on(doc! { "organization_id": 1 }),
            Index::on(doc! { "status": 1 }),
            Index::on(doc! { "created_at": -1 }),
        ],
    )
}

/// Harmonic codes, one document per entity with the history inside.
fn harmonic_codes() -> Collection {
    Collection::new(
        "harmonic_codes",
        &["entity_type", "entity_id", "organization_id", "current_code"],
        doc! {
            "entity_type": entity_type(),
            "entity_id": string(),
            "organization_id": string(),
            "current_code": object(
                &["version", "quarter", "year"],
                doc! {
                    "version": doc! { "bsonType": "string", "pattern": "^[0-9]{4}-Q[1-4]$" },
                    "quarter": one_of(&["Q1", "Q2", "Q3", "Q4"]),
                },
            ),
            "next_update": object(&[], doc! { "status": one_of(&["pending", "in_progress", "completed"]) }),
        },
        vec![
            Index::on(doc! { "entity_id": 1, "entity_type": 1 }).unique(),
            Index::on(doc! { "organization_id": 1 }),
            Index::on(doc! { "next_update.scheduled_date": 1, "next_update.status": 1 }),
            Index::on(doc! { "current_code.quarter": 1, "current_code.year": 1 }),
        ],
    )
}

/// Comparisons of two entities. Outdated ones may stay beside the active one.
fn compatibility_scores() -> Collection {
    let subject = one_of(&["employee", "candidate"]);
    let target = one_of(&["job_role", "department", "company", "industry", "employee"]);
    Collection::new(
        "compatibility_scores",
        &["organization_id", "subject_entity", "target_entity", "compatibility_type", "status"],
        doc! {
            "organization_id": string(),
            "compatibility_type": one_of(&["role", "department", "company", "industry", "interpersonal"]),
            "status": one_of(&["active", "outdated", "archived"]),
            "subject_entity": object(&["type", "id"], doc! { "type": subject, "id": string() }),
            "target_entity": object(&["type", "id"], doc! { "type": target, "id": string() }),
            "scores": object(&[], doc! { "overall": number_between(0, 100) }),
        },
        vec![
            Index::on(doc! { "subject_entity.id": 1, "target_entity.id": 1, "compatibility_type": 1 }),
            Index::on(doc! {
                "subject_entity.type": 1,
                "subject_entity.id": 1,
                "target_entity.type": 1,
                "target_entity.id": 1,
                "compatibility_type": 1,
            })
            .unique()
            .only(doc! { "status": "active" })
            .named("one_active_pair"),
            Index::on(doc! { "organization_id": 1, "status": 1 }),
            Index::on(doc! { "valid_until": 1 }),
            Index::on(doc! { "scores.overall": -1 }),
        ],
    )
}

/// Patterns over the quarters, one document per entity.
fn energy_patterns() -> Collection {
    Collection::new(
        "energy_patterns",
        &["entity_type", "entity_id", "organization_id"],
        doc! {
            "entity_type": entity_type(),
            "entity_id": string(),
            "organization_id": string(),
            "pattern_type": one_of(&["cyclical", "trending", "stable", "volatile"]),
        },
        vec![
            Index::on(doc! { "entity_id": 1, "entity_type": 1 }).unique(),
            Index::on(doc! { "organization_id": 1 }),
            Index::on(doc! { "analysis_date": -1 }),
        ],
    )
}
