//! What is compared and what comes out.

use serde::Serialize;

use crate::astro::chart::AspectKind;
use crate::astro::{NatalChart, Point};
use crate::domain::Profile;
use crate::harmonic::HarmonicCode;

/// Names of the eight sub-scores, in the order of [`Comparison::scores`].
pub const SCORES: [&str; 8] = [
    "personality_match",
    "behavioral_alignment",
    "energy_resonance",
    "harmonic_compatibility",
    "cultural_fit",
    "communication_style",
    "work_style_match",
    "value_alignment",
];

/// A chart and its code: one side of a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// Birth or founding chart.
    pub chart: &'a NatalChart,
    /// Code of the current quarter.
    pub code: &'a HarmonicCode,
}

/// What a person is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// A role: what it asks.
    Role(&'a Profile),
    /// A department: what it asks, and the people in it without the subject.
    Department {
        /// What the department asks; may be empty.
        profile: &'a Profile,
        /// Its people; may be empty.
        members: &'a [Party<'a>],
    },
    /// A company: its founding chart, when known, and its profile.
    Company {
        /// Founding chart and code.
        founding: Option<Party<'a>>,
        /// What the company asks and values.
        profile: &'a Profile,
    },
    /// An industry: what it asks.
    Industry(&'a Profile),
    /// Another person.
    Person(Party<'a>),
}

/// The word in `compatibility_scores.compatibility_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants are the words of the documents")]
pub enum ComparisonKind {
    Role,
    Department,
    Company,
    Industry,
    Interpersonal,
}

impl ComparisonKind {
    /// The word that stored documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Department => "department",
            Self::Company => "company",
            Self::Industry => "industry",
            Self::Interpersonal => "interpersonal",
        }
    }
}

/// A comparison. All scores 0..=100.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// What was compared.
    pub kind: ComparisonKind,
    /// Weighted and re-percentiled whole.
    pub overall: f64,
    /// Sub-scores in the order of [`SCORES`].
    pub scores: [f64; 8],
    /// What speaks for the pair, strongest first.
    pub strengths: Vec<Strength>,
    /// What will take work, hardest first.
    pub challenges: Vec<Challenge>,
    /// What helps.
    pub recommendations: Vec<String>,
    /// Aspects between the two charts, strongest first; empty without a second chart.
    pub synastry: Vec<SynastryAspect>,
    /// Shares of fire, earth, air, water on the other side, in percent.
    pub element_balance: [f64; 4],
    /// How well the elements go together.
    pub element_score: f64,
    /// Planets of the subject in the houses of the other; empty without timed charts.
    pub overlays: Vec<Overlay>,
    /// 0..=1.
    pub frequency_match: f64,
    /// 0..=1.
    pub energy_pattern_alignment: f64,
    /// `harmonic`, `dissonant` or `neutral`.
    pub resonance_type: &'static str,
    /// Quarters of the next year in which the pair resonates best, such as `2026-Q4`.
    pub optimal_interaction_times: Vec<String>,
    /// Match by dimension for what the profile asks: name, wanted, has, match.
    pub dimension_matches: Vec<DimensionMatch>,
    /// 0..=1: how much of what a full comparison needs was there.
    pub data_completeness: f64,
    /// 0..=1.
    pub confidence: f64,
}

/// Something that speaks for the pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strength {
    /// Short name.
    pub aspect: String,
    /// One sentence.
    pub description: String,
    /// 0..=100.
    pub score: f64,
}

/// Something that will take work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Challenge {
    /// Short name.
    pub aspect: String,
    /// One sentence.
    pub description: String,
    /// `low`, `medium` or `high`.
    pub severity: &'static str,
    /// What helps, one sentence.
    pub mitigation: String,
}

/// An aspect between two charts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SynastryAspect {
    /// Which relation.
    pub kind: AspectKind,
    /// Point of the subject.
    pub subject: Point,
    /// Point of the other side.
    pub other: Point,
    /// 0..=1.
    pub strength: f64,
    /// `positive`, `negative` or `neutral`.
    pub impact: &'static str,
    /// One sentence.
    pub description: String,
}

/// A planet of the subject in a house of the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Overlay {
    /// House 1..=12 of the other side.
    pub house: u8,
    /// The planet.
    pub planet: &'static str,
    /// One sentence.
    pub interpretation: String,
}

/// One asked dimension and how far the person meets it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionMatch {
    /// Dimension name.
    pub dimension: String,
    /// Wanted level.
    pub wanted: f64,
    /// Level the person has.
    pub has: f64,
    /// 0..=100.
    pub matched: f64,
    /// Whether the work cannot be done well without it.
    pub must: bool,
}
