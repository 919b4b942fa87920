//! `compatibility_scores`: one active document per pair and kind.

use bson::raw::{RawArrayBuf, RawDocumentBuf, cstr};
use chrono::{DateTime, Utc};

use super::compatibility_id;
use super::values::{instant, key, list, midnight, named, raw, texts};
use crate::compat::{Comparison, SCORES};
use crate::domain::Quarter;
use crate::store::documents::{Store, Upsert, object_id};

/// One side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// `employee`, `candidate`, `job_role`, `department`, `company` or `industry`.
    pub kind: &'a str,
    /// Id as canonical text.
    pub id: &'a str,
    /// Name or title.
    pub name: &'a str,
}

/// What a document in `compatibility_scores` is made from.
#[derive(Debug, Clone, Copy)]
pub struct CompatibilityArgs<'a> {
    /// Tenant.
    pub organization_id: &'a str,
    /// The person.
    pub subject: Named<'a>,
    /// What the person is compared with.
    pub target: Named<'a>,
    /// The comparison.
    pub comparison: &'a Comparison,
    /// Quarter that the comparison is based on and holds for.
    pub quarter: Quarter,
    /// Version of the chart calculation.
    pub engine_version: &'a str,
    /// Version of the comparison's formulas.
    pub algorithm_version: &'a str,
    /// Time of the calculation.
    pub now: DateTime<Utc>,
}

/// The active comparison of a pair.
#[must_use]
pub fn compatibility_score(args: &CompatibilityArgs<'_>) -> Upsert {
    let (subject, target, comparison) = (args.subject, args.target, args.comparison);
    let (kind, now) = (comparison.kind, instant(args.now));
    let id = compatibility_id((subject.kind, subject.id), (target.kind, target.id), kind);
    Upsert {
        store: Store::Astrology,
        collection: "compatibility_scores",
        key: raw! {
            "subject_entity.type": subject.kind,
            "subject_entity.id": subject.id,
            "target_entity.type": target.kind,
            "target_entity.id": target.id,
            "compatibility_type": kind.name(),
            "status": "active",
        },
        set: raw! {
            "organization_id": args.organization_id,
            "subject_entity.name": subject.name,
            "target_entity.name": target.name,
            "scores": scores(comparison),
            "analysis": analysis(comparison),
            "astrological_factors": astrological_factors(comparison),
            "harmonic_analysis": raw! {
                "frequency_match": comparison.frequency_match,
                "energy_pattern_alignment": comparison.energy_pattern_alignment,
                "resonance_type": comparison.resonance_type,
                "optimal_interaction_times": texts(&comparison.optimal_interaction_times),
            },
            "dimension_matches": dimension_matches(comparison),
            "calculation_metadata": metadata(args, now),
            "valid_from": midnight(args.quarter.first_day()),
            "valid_until": midnight(args.quarter.next().first_day()),
            "updated_at": now,
        },
        set_on_insert: raw! { "_id": object_id(id), "created_at": now },
        existing_only: false,
    }
}

fn scores(comparison: &Comparison) -> RawDocumentBuf {
    let mut scores = raw! { "overall": comparison.overall };
    for (name, score) in SCORES.iter().zip(comparison.scores) {
        scores.append(key(name), score);
    }
    scores
}

fn analysis(comparison: &Comparison) -> RawDocumentBuf {
    raw! {
        "strengths": list(&comparison.strengths, |strength| raw! {
            "aspect": strength.aspect.as_str(),
            "description": strength.description.as_str(),
            "score": strength.score,
        }),
        "challenges": list(&comparison.challenges, |challenge| raw! {
            "aspect": challenge.aspect.as_str(),
            "description": challenge.description.as_str(),
            "severity": challenge.severity,
            "mitigation": challenge.mitigation.as_str(),
        }),
        "recommendations": texts(&comparison.recommendations),
    }
}

fn astrological_factors(comparison: &Comparison) -> RawDocumentBuf {
    let mut balance = named(&["fire", "earth", "air", "water"], &comparison.element_balance);
    balance.append(cstr!("compatibility_score"), comparison.element_score);
    raw! {
        "synastry_aspects": list(&comparison.synastry, |aspect| raw! {
            "aspect_type": aspect.kind.name(),
            "planets": texts([aspect.subject.name(), aspect.other.name()]),
            "impact": aspect.impact,
            "description": aspect.description.as_str(),
            "strength": aspect.strength,
        }),
        "element_balance": balance,
        "house_overlays": list(&comparison.overlays, |overlay| raw! {
            "house": i32::from(overlay.house),
            "planet": overlay.planet,
            "interpretation": overlay.interpretation.as_str(),
        }),
    }
}

fn dimension_matches(comparison: &Comparison) -> RawArrayBuf {
    list(&comparison.dimension_matches, |asked| {
        raw! {
            "dimension": asked.dimension.as_str(),
            "wanted": asked.wanted,
            "has": asked.has,
            "match": asked.matched,
            "must": asked.must,
        }
    })
}

fn metadata(args: &CompatibilityArgs<'_>, now: bson::DateTime) -> RawDocumentBuf {
    raw! {
        "version": args.engine_version,
        "algorithm_version": args.algorithm_version,
        "calculated_at": now,
        "based_on_quarter": args.quarter.to_string(),
        "confidence_level": args.comparison.confidence,
        "data_completeness": args.comparison.data_completeness,
    }
}
