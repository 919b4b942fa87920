//! The database of reports: documents with `camelCase` fields about employees.

use bson::doc;

use super::{Collection, Index, array_of, number_between, object, one_of, point, string, whole_number_from};

const REPORT_TYPES: [&str; 8] = [
    "personality_role_specific",
    "behavior_company_specific",
    "compatibility_job_role",
    "compatibility_department",
    "compatibility_company",
    "compatibility_industry",
    "questionnaire_qa",
    "training_development",
];

/// All collections of the database.
#[must_use]
pub fn collections() -> Vec<Collection> {
    vec![
        reports(),
        analysis_data(),
        astrological_data(),
        harmonic_energy_codes(),
        training_recommendations(),
        questionnaire_responses(),
        llm_audit(),
    ]
}

/// The text of a report. `reportId` is what PostgreSQL refers to.
fn reports() -> Collection {
    Collection::new(
        "reports",
        &["reportId", "employeeId", "organizationId", "reportType", "version", "status"],
        doc! {
            "reportId": string(),
            "employeeId": string(),
            "organizationId": string(),
            "reportType": one_of(&REPORT_TYPES),
            "version": whole_number_from(1),
            "status": one_of(&["generating", "completed", "failed", "archived"]),
            "content": object(&[], doc! { "score": number_between(0, 100) }),
            "visibleToRoles": array_of(one_of(&["owner", "leader", "manager"])),
        },
        vec![
            Index::on(doc! { "reportId": 1 }).unique(),
            Index::on(doc! { "employeeId": 1, "reportType": 1 }),
            Index::on(doc! { "organizationId": 1, "status": 1 }),
            Index::on(doc! { "departmentId": 1, "generationDate": -1 }),
            Index::on(doc! { "expiryDate": 1 }).sparse(),
            Index::on(doc! { "status": 1, "createdAt": -1 }),
            Index::on(doc! { "visibleToDepartments": 1 }),
            // A retry cannot add a second document for the same version.
            Index::on(doc! { "employeeId": 1, "reportType": 1, "version": 1 }).unique(),
        ],
    )
}

/// What was asked of the model, what it answered, and what was read out of it.
fn analysis_data() -> Collection {
    Collection::new(
        "analysis_data",
        &["analysisId", "employeeId", "analysisType"],
        doc! {
            "analysisId": string(),
            "employeeId": string(),
            "organizationId": string(),
            "reportId": string(),
            "analysisType": one_of(&["personality", "compatibility", "behavior", "training"]),
        },
        vec![
            Index::on(doc! { "analysisId": 1 }).unique(),
            Index::on(doc! { "employeeId": 1, "analysisType": 1 }),
            Index::on(doc! { "reportId": 1 }),
            Index::on(doc! { "createdAt": -1 }),
        ],
    )
}

/// An employee's chart in the words of the report applications; the truth is `birth_charts`.
fn astrological_data() -> Collection {
    Collection::new(
        "astrological_data",
        &["astroDataId", "employeeId", "organizationId"],
        doc! {
            "astroDataId": string(),
            "employeeId": string(),
            "organizationId": string(),
            "birthData": object(&[], doc! { "coordinates": point() }),
        },
        vec![
            Index::on(doc! { "astroDataId": 1 }).unique(),
            Index::on(doc! { "employeeId": 1 }).unique(),
            Index::on(doc! { "organizationId": 1 }),
            Index::on(doc! { "birthData.coordinates": "2dsphere" }),
        ],
    )
}

/// An employee's code in the words of the report applications; the truth is `harmonic_codes`.
fn harmonic_energy_codes() -> Collection {
    let quarter = doc! { "bsonType": ["int", "long"], "minimum": 1, "maximum": 4 };
    Collection::new(
        "harmonic_energy_codes",
        &["harmonicCodeId", "employeeId", "organizationId", "currentQuarter"],
        doc! {
            "harmonicCodeId": string(),
            "employeeId": string(),
            "organizationId": string(),
            "currentQuarter": object(
                &["year", "quarter"],
                doc! { "year": doc! { "bsonType": ["int", "long"] }, "quarter": quarter },
            ),
        },
        vec![
            Index::on(doc! { "harmonicCodeId": 1 }).unique(),
            Index::on(doc! { "employeeId": 1 }).unique(),
            Index::on(doc! { "currentQuarter.year": 1, "currentQuarter.quarter": 1 }),
            Index::on(doc! { "nextRegenerationDate": 1 }),
            Index::on(doc! { "organizationId": 1 }),
        ],
    )
}

/// What a training report recommends, apart, so that applications can follow it up.
fn training_recommendations() -> Collection {
    Collection::new(
        "training_recommendations",
        &["recommendationId", "employeeId"],
        doc! {
            "recommendationId": string(),
            "employeeId": string(),
            "organizationId": string(),
            "reportId": string(),
        },
        vec![
            Index::on(doc! { "recommendationId": 1 }).unique(),
            Index::on(doc! { "employeeId": 1, "generatedDate": -1 }),
            Index::on(doc! { "reportId": 1 }),
        ],
    )
}

/// Answers of people, which applications write, and their analysis.
fn questionnaire_responses() -> Collection {
    Collection::new(
        "questionnaire_responses",
        &["responseId", "employeeId", "questionnaireType"],
        doc! {
            "responseId": string(),
            "employeeId": string(),
            "organizationId": string(),
            "questionnaireType": one_of(&["self_assessment", "manager_review", "peer_feedback"]),
            "reviewStatus": one_of(&["pending", "reviewed", "actioned"]),
        },
        vec![
            Index::on(doc! { "responseId": 1 }).unique(),
            Index::on(doc! { "employeeId": 1, "questionnaireType": 1 }),
            Index::on(doc! { "reportId": 1 }),
            Index::on(doc! { "reviewStatus": 1 }),
        ],
    )
}

/// What was sent to language models and what came back, free of personal data; `_id` is the id of the call in PostgreSQL.
fn llm_audit() -> Collection {
    Collection::new(
        "llm_audit",
        &["provider", "model", "createdAt", "expiresAt"],
        doc! {
            "organizationId": string(),
            "provider": string(),
            "model": string(),
            "createdAt": doc! { "bsonType": "date" },
            "expiresAt": doc! { "bsonType": "date" },
        },
        vec![
            Index::on(doc! { "expiresAt": 1 }).expiring_after(0),
            Index::on(doc! { "organizationId": 1, "createdAt": -1 }),
            Index::on(doc! { "jobId": 1 }).sparse(),
        ],
    )
}
