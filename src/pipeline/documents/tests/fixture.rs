//! Synthetic charts, codes, comparisons and reports, and what an upsert would make of an empty collection.

use std::collections::BTreeMap;

use bson::raw::{RawDocument, RawDocumentBuf};
use bson::{Bson, Document};
use chrono::{DateTime, TimeZone, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::astro::chart::*;
use crate::astro::{BirthData, Body, Element, Point, Quality, Sign};
use crate::compat::*;
use crate::domain::{Quarter, ReportType};
use crate::harmonic::*;
use crate::narrator;
use crate::narrator::output::*;
use crate::pipeline::documents::*;
use crate::store::documents::Upsert;

pub(super) const EMPLOYEE: &str = "11111111-1111-4111-8111-111111111111";
pub(super) const ORGANIZATION: &str = "22222222-2222-4222-8222-222222222222";
pub(super) const REPORT: Uuid = Uuid::from_u128(0x3333);
pub(super) const ENTITY: Entity<'static> =
    Entity { kind: "employee", id: EMPLOYEE, organization_id: ORGANIZATION };

pub(super) fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0).unwrap()
}

pub(super) fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

pub(super) fn birth_data() -> BirthData {
    BirthData {
        date: "1968-03-31".into(),
        time: Some("04:05:30".into()),
        zone: Some("Asia/Kolkata".into()),
        latitude_deg: Some(19.07),
        longitude_deg: Some(72.88),
    }
}

pub(super) fn birth(data: &BirthData) -> Birth<'_> {
    Birth { data, city: Some("Mumbai"), country: Some("India"), location: None }
}

/// Bodies 29 degrees apart from 5 degrees of Aries on, an ascendant in Leo.
pub(super) fn chart() -> NatalChart {
    let bodies = Body::ALL.map(|body| {
        let longitude_deg = f64::from(u8::try_from(body.index()).unwrap()) * 29.0 + 5.0;
        BodyPosition {
            body,
            longitude_deg,
            latitude_deg: 0.5,
            distance_au: (body.index() < 10).then_some(1.5),
            speed_deg_per_day: 1.0,
            sign: Sign::of_longitude(longitude_deg),
            house: Some(3),
            retrograde: body == Body::Saturn,
            dignity: (body == Body::Sun).then_some(Dignity::Exaltation),
        }
    });
    NatalChart {
        moment: moment(),
        bodies,
        angles: Some(Angles { ascendant_deg: 130.0, midheaven_deg: 40.0, armc_deg: 38.0, vertex_deg: 300.0 }),
        houses: Some(Houses {
            requested: HouseSystem::Placidus,
            used: HouseSystem::WholeSign,
            fallback: Some("polar".into()),
            cusps_deg: std::array::from_fn(|at| {
                (130.0 + 30.0 * f64::from(u8::try_from(at).unwrap())) % 360.0
            }),
        }),
        aspects: vec![
            aspect(Body::Sun, AspectKind::Trine, Body::Mars),
            aspect(Body::Venus, AspectKind::Quincunx, Body::Saturn),
            aspect(Body::Mercury, AspectKind::Square, Body::Jupiter),
        ],
        elements: [6.0, 5.0, 4.0, 2.0],
        qualities: [8.0, 5.0, 4.0],
        dominant_element: Element::Fire,
        dominant_quality: Quality::Cardinal,
        moon_phase: MoonPhase { angle_deg: 29.0, name: "New Moon" },
        chart_ruler: Some(Body::Sun),
        moon_sign_candidates: vec![Sign::Taurus],
        provenance: Provenance {
            engine_version: "astro-1",
            ephemeris_version: "table-1",
            tzdb_version: "2026a",
        },
    }
}

fn moment() -> Moment {
    Moment {
        utc: "1968-03-30T22:35:30Z".into(),
        jd_ut: 2_439_946.441,
        jd_tt: 2_439_946.442,
        delta_t_s: 38.4,
        utc_offset_s: 19_800,
        offset_source: OffsetSource::ZoneHistory,
        local_kind: LocalKind::Unique,
        time_known: true,
    }
}

fn aspect(first: Body, kind: AspectKind, second: Body) -> Aspect {
    Aspect {
        first: Point::Body(first),
        second: Point::Body(second),
        kind,
        angle_deg: kind.angle_deg() + 1.0,
        orb_deg: 1.0,
        strength: 0.8,
        applying: true,
        certain: true,
    }
}

/// The same person without a time of birth: no angles, no houses, an open Moon.
pub(super) fn untimed_chart() -> NatalChart {
    let mut chart = chart();
    chart.moment.time_known = false;
    chart.angles = None;
    chart.houses = None;
    chart.chart_ruler = None;
    chart.moon_sign_candidates = vec![Sign::Taurus, Sign::Gemini];
    for body in &mut chart.bodies {
        body.house = None;
    }
    chart
}

pub(super) fn code(text: &str) -> HarmonicCode {
    let component = |harmonic| Component {
        harmonic,
        value: 60.0,
        color: "#102030",
        meaning: "One clear aim.",
        influence: 33.3,
    };
    HarmonicCode {
        quarter: quarter(text),
        primary_harmonic: 5,
        secondary_harmonics: vec![3, 7],
        energy_signature: format!("H5.07-FC-{text}"),
        digest: "ab".repeat(32),
        energy: [70.0, 50.0, 30.0, 20.0, 80.0],
        dimensions: [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0],
        strengths: [0.5; 12],
        spectrum: Spectrum { re: [0.0; 32], im: [0.0; 32] },
        resonances: vec![Resonance {
            kind: "amplifying",
            harmonic: 5,
            strength: 0.7,
            effect: "More pace.".into(),
        }],
        components: [component(5), component(3), component(7)],
        dominant: "social",
        balance: 12.0,
        stability: 60.0,
        intensity: 55.0,
        frequency_hz: 550.0,
        wavelength_m: 0.624,
        formula_version: "harmonic-1",
    }
}

pub(super) fn comparison(kind: ComparisonKind, overall: f64) -> Comparison {
    Comparison {
        kind,
        overall,
        scores: [50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 56.0, 57.0],
        strengths: vec![Strength { aspect: "Pace".into(), description: "Alike.".into(), score: 80.0 }],
        challenges: vec![Challenge {
            aspect: "Detail".into(),
            description: "Unlike.".into(),
            severity: "low",
            mitigation: "A checklist.".into(),
        }],
        recommendations: vec!["Meet weekly".into()],
        synastry: vec![SynastryAspect {
            kind: AspectKind::Trine,
            subject: Point::Body(Body::Sun),
            other: Point::Ascendant,
            strength: 0.9,
            impact: "positive",
            description: "Easy.".into(),
        }],
        element_balance: [40.0, 30.0, 20.0, 10.0],
        element_score: 66.0,
        overlays: vec![Overlay { house: 10, planet: "Sun", interpretation: "Seen.".into() }],
        frequency_match: 0.6,
        energy_pattern_alignment: 0.7,
        resonance_type: "harmonic",
        optimal_interaction_times: vec!["2027-Q2".into()],
        dimension_matches: vec![DimensionMatch {
            dimension: "focus".into(),
            wanted: 70.0,
            has: 80.0,
            matched: 100.0,
            must: true,
        }],
        data_completeness: 0.9,
        confidence: 0.8,
    }
}

pub(super) fn pattern() -> EnergyPattern {
    let snapshot = |text: &str| Snapshot {
        quarter: quarter(text),
        resonance: 55.0,
        energy: [50.0; 5],
        dimensions: [40.0; 8],
        notable_events: vec!["A peak".into()],
        environmental_factors: vec!["Saturn square Sun".into()],
    };
    EnergyPattern {
        kind: PatternKind::Cyclical,
        series: vec![snapshot("2026-Q3"), snapshot("2026-Q4")],
        slope_per_quarter: 0.4,
        dominant_trend: "steady",
        cycle_length_quarters: Some(8),
        volatility_index: 50.0,
        peak_periods: vec![Period { quarter: quarter("2026-Q3"), dimensions: vec!["focus"] }],
        low_periods: vec![Period { quarter: quarter("2025-Q1"), dimensions: vec!["physical"] }],
        seasons: vec![Season { season: "Q1", typical_behavior: "Calm.".into(), energy: [45.0; 5] }],
        next_quarter: snapshot("2027-Q1"),
        annual_outlook: "An even year.".into(),
    }
}

pub(super) fn report() -> narrator::Report {
    narrator::Report {
        content: content(),
        scores: Scores {
            overall: 72.0,
            confidence: 0.7,
            personality: 70.5,
            behavior: 71.0,
            compatibility: None,
            potential: 80.0,
            dimensions: BTreeMap::from([("focus".into(), 80.0), ("drive".into(), 64.0)]),
            weights: BTreeMap::from([("focus".into(), 0.5), ("drive".into(), 0.5)]),
        },
        analysis: Analysis {
            traits: vec![Trait {
                name: "Focus".into(),
                score: 80.0,
                description: "Stays with it.".into(),
                impact: "high".into(),
                context: "role".into(),
            }],
            strengths: vec!["Focus".into()],
            weaknesses: vec!["Haste".into()],
            opportunities: vec!["Mentoring".into()],
            risks: vec!["Overload".into()],
            compatibility_factors: vec![CompatibilityFactor {
                factor: "Focus".into(),
                score: 80.0,
                weight: 0.5,
                reasoning: "Asked and there.".into(),
            }],
        },
        training: Some(training()),
        questionnaires: Vec::new(),
        facts: vec![Fact {
            id: "F01".into(),
            kind: "placement".into(),
            label: "Sun in Aries".into(),
            strength: 0.9,
        }],
        content_version: "1.2.0",
    }
}

pub(super) fn content() -> Content {
    Content {
        summary: "A \"short\" summary.".into(),
        score: 72.0,
        sections: vec![Section {
            section_id: "strengths".into(),
            title: "Strengths".into(),
            content: "**Focus** [F01]".into(),
            subsections: vec![Subsection {
                title: "At work".into(),
                content: "Text".into(),
                insights: vec!["One".into()],
                recommendations: vec!["Two".into()],
            }],
            visualizations: vec![Visualization {
                kind: "radar".into(),
                data: json!({ "labels": ["z", "a"], "count": 2, "big": 5_000_000_000_i64, "series": [0.5, 72.0], "none": null }),
                image_url: None,
            }],
        }],
        key_insights: vec!["Insight".into()],
        action_items: vec!["Action".into()],
        warnings: vec!["Advisory only".into()],
    }
}

fn training() -> Training {
    let goal = |months| Goal {
        goal: "Lead a review".into(),
        actions: vec!["Ask".into()],
        metrics: vec!["Reviews led".into()],
        months,
    };
    Training {
        skill_gaps: vec![SkillGap {
            skill_name: "Review".into(),
            current_level: 40.0,
            required_level: 70.0,
            gap: 30.0,
            priority: "high".into(),
            impact_area: "role".into(),
            reasoning: "Asked by the role.".into(),
        }],
        recommendations: vec![Programme {
            program_id: "review-1".into(),
            title: "Reviewing".into(),
            description: "How to review".into(),
            provider: "internal".into(),
            duration: "6 weeks".into(),
            format: "online".into(),
            estimated_cost: None,
            currency: None,
            target_skills: vec!["Review".into()],
            expected_outcome: "Reviews alone".into(),
            priority: 9,
            prerequisites: Vec::new(),
            certification_available: false,
        }],
        short_term: vec![goal(3)],
        medium_term: vec![goal(9)],
        long_term: vec![goal(18)],
    }
}

/// A fingerprint as the pipeline hands it in.
pub(super) const CONTENT_HASH: &str = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9";

pub(super) fn report_args<'a>(
    report: &'a narrator::Report,
    author: &'a Authorship,
    visibility: &'a Visibility,
) -> ReportArgs<'a> {
    ReportArgs {
        report_id: REPORT,
        employee_id: EMPLOYEE,
        organization_id: ORGANIZATION,
        department_id: Some("33333333-3333-4333-8333-333333333333"),
        report_type: ReportType::TrainingDevelopment,
        version: 2,
        quarter: quarter("2026-Q4"),
        report,
        author,
        engine_version: "astro-1",
        content_hash: CONTENT_HASH,
        generated_by: "44444444-4444-4444-8444-444444444444",
        processing_time_ms: 120,
        visibility,
        now: now(),
        expires: Some(now()),
    }
}

pub(super) fn visibility() -> Visibility {
    Visibility { roles: vec!["owner".into(), "manager".into()], ..Visibility::default() }
}

pub(super) fn code_args<'a>(
    code: &'a HarmonicCode,
    previous: Option<&'a RawDocument>,
) -> HarmonicCodeArgs<'a> {
    HarmonicCodeArgs {
        entity: ENTITY,
        code,
        previous,
        auto_update_enabled: true,
        subscription_active: true,
        now: now(),
    }
}

pub(super) fn energy_code_args<'a>(
    code: &'a HarmonicCode,
    comparisons: &'a [&'a Comparison],
    previous: Option<&'a RawDocument>,
) -> HarmonicEnergyCodeArgs<'a> {
    HarmonicEnergyCodeArgs {
        employee: ENTITY,
        code,
        comparisons,
        previous,
        auto_regenerate_enabled: true,
        engine_version: "astro-1",
        now: now(),
    }
}

pub(super) fn compatibility_args(comparison: &Comparison) -> CompatibilityArgs<'_> {
    CompatibilityArgs {
        organization_id: ORGANIZATION,
        subject: Named { kind: "employee", id: EMPLOYEE, name: "Asha Rao" },
        target: Named { kind: "department", id: "d-1", name: "Flight" },
        comparison,
        quarter: quarter("2026-Q4"),
        engine_version: "astro-1",
        algorithm_version: "compat-1",
        now: now(),
    }
}

/// Every document that is made, one of each collection.
pub(super) fn all() -> Vec<Upsert> {
    let (data, chart, code, report, visibility) =
        (birth_data(), chart(), code("2026-Q4"), report(), visibility());
    let comparison = comparison(ComparisonKind::Department, 61.0);
    let author = Authorship::narrator(&report);
    let analysis = AnalysisArgs {
        report_id: REPORT,
        employee_id: EMPLOYEE,
        organization_id: ORGANIZATION,
        report_type: ReportType::TrainingDevelopment,
        report: &report,
        author: &author,
        context: Context::default(),
        processing_time_ms: 120,
        now: now(),
    };
    vec![
        birth_chart(ENTITY, birth(&data), &chart, now()),
        harmonic_code(&code_args(&code, None)),
        compatibility_score(&compatibility_args(&comparison)),
        energy_pattern(ENTITY, &pattern(), &chart, now()),
        astrological_data(ENTITY, birth(&data), &chart, now()),
        harmonic_energy_code(&energy_code_args(&code, &[&comparison], None)),
        crate::pipeline::documents::report(&report_args(&report, &author, &visibility)).unwrap(),
        analysis_data(&analysis).unwrap(),
        training_recommendations(&training_args(report.training.as_ref().unwrap())).unwrap(),
    ]
}

pub(super) fn training_args(training: &Training) -> TrainingArgs<'_> {
    TrainingArgs {
        report_id: REPORT,
        employee_id: EMPLOYEE,
        organization_id: ORGANIZATION,
        training,
        now: now(),
    }
}

/// What the server makes of an upsert that finds nothing.
pub(super) fn made(upsert: &Upsert) -> Document {
    let mut document = Document::new();
    for (path, value) in
        [&upsert.key, &upsert.set, &upsert.set_on_insert].into_iter().flat_map(|part| decoded(part))
    {
        put(&mut document, &path, value);
    }
    document
}

/// Bytes as a tree.
pub(super) fn decoded(document: &RawDocument) -> Document {
    document.try_into().unwrap()
}

/// A tree as the bytes in which it is stored.
pub(super) fn encoded(document: &Document) -> RawDocumentBuf {
    document.try_into().unwrap()
}

fn put(document: &mut Document, path: &str, value: Bson) {
    match path.split_once('.') {
        None => {
            document.insert(path, value);
        }
        Some((head, rest)) => {
            let inner = document.entry(head.to_owned()).or_insert(Bson::Document(Document::new()));
            put(inner.as_document_mut().unwrap(), rest, value);
        }
    }
}

/// The value at a path; `[]` is the first element of an array.
pub(super) fn at<'a>(document: &'a Document, path: &str) -> Option<&'a Bson> {
    let (head, rest) = path.split_once('.').map_or((path, None), |(head, rest)| (head, Some(rest)));
    let value = match head.strip_suffix("[]") {
        Some(list) => document.get_array(list).ok()?.first()?,
        None => document.get(head)?,
    };
    match rest {
        None => Some(value),
        Some(rest) => at(value.as_document()?, rest),
    }
}
