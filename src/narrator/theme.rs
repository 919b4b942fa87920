//! The twelve work themes and a person's level in each.

use serde::{Deserialize, Serialize};

use super::content::CONTENT;
use crate::astro::chart::{Aspect, AspectKind};
use crate::astro::{Body, Element, NatalChart, Point, Quality, Sign};
use crate::harmonic::HarmonicCode;
use crate::harmonic::features::is_timed;
use crate::harmonic::stats;

/// A work theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants are the names of the themes")]
pub enum Theme {
    Drive,
    Structure,
    Analysis,
    Communication,
    Collaboration,
    Empathy,
    Creativity,
    Adaptability,
    Leadership,
    Resilience,
    Ambition,
    Attention,
}

impl Theme {
    /// All themes; the index of a theme is its place here.
    pub const ALL: [Self; 12] = [
        Self::Drive,
        Self::Structure,
        Self::Analysis,
        Self::Communication,
        Self::Collaboration,
        Self::Empathy,
        Self::Creativity,
        Self::Adaptability,
        Self::Leadership,
        Self::Resilience,
        Self::Ambition,
        Self::Attention,
    ];

    /// Place in [`Theme::ALL`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word in files and keys.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Drive => "drive",
            Self::Structure => "structure",
            Self::Analysis => "analysis",
            Self::Communication => "communication",
            Self::Collaboration => "collaboration",
            Self::Empathy => "empathy",
            Self::Creativity => "creativity",
            Self::Adaptability => "adaptability",
            Self::Leadership => "leadership",
            Self::Resilience => "resilience",
            Self::Ambition => "ambition",
            Self::Attention => "attention",
        }
    }

    /// Name for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        &CONTENT.theme(self).label
    }

    /// The theme that a dimension of a requirement profile speaks of: one of the eight dimensions or a theme's own key.
    #[must_use]
    pub fn of_dimension(name: &str) -> Option<Self> {
        match name.trim().to_lowercase().as_str() {
            "analytical" => Some(Self::Analysis),
            "focus" | "attention_to_detail" | "attention to detail" => Some(Self::Attention),
            other => Self::ALL.into_iter().find(|theme| theme.key() == other),
        }
    }
}

/// Weights of dimensions (order of [`crate::harmonic::DIMENSIONS`]) and energies
/// (order of [`crate::harmonic::ENERGIES`]) in each theme, order of [`Theme::ALL`]. Ours.
const CODE_WEIGHTS: [([f64; 8], [f64; 5]); 12] = [
    ([0.25, 0.0, 0.0, 0.0, 0.0, 0.15, 0.0, 0.0], [0.6, 0.0, 0.0, 0.0, 0.0]),
    ([0.0, 0.0, 0.2, 0.0, 0.0, 0.3, -0.2, 0.5], [0.0, 0.0, 0.0, 0.0, 0.0]),
    ([0.0, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.2, 0.0, 0.0]),
    ([0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.2]),
    ([0.0, 0.0, 0.0, 0.2, 0.3, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.5]),
    ([0.0, 0.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0], [0.0, 0.2, 0.0, 0.0, 0.0]),
    ([0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.2, 0.0]),
    ([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.85, 0.0], [0.0, 0.0, 0.15, 0.0, 0.0]),
    ([0.85, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.15]),
    ([0.0, 0.0, 0.0, 0.0, 0.0, 0.85, 0.0, 0.0], [0.15, 0.0, 0.0, 0.0, 0.0]),
    ([0.35, 0.0, 0.0, 0.0, -0.1, 0.1, 0.0, 0.1], [0.2, 0.0, 0.0, 0.4, 0.0]),
    ([0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.7], [0.0, 0.0, 0.0, 0.0, 0.0]),
];

/// How each element (fire, earth, air, water) colours the themes. Ours, after the common reading of the elements.
const ELEMENT: [[f64; 12]; 4] = [
    [0.9, -0.3, -0.2, 0.3, 0.0, -0.1, 0.5, 0.4, 0.8, 0.2, 0.6, -0.5],
    [0.0, 0.9, 0.4, -0.3, 0.1, 0.0, -0.4, -0.5, 0.1, 0.6, 0.4, 0.8],
    [0.1, -0.1, 0.7, 0.9, 0.5, -0.2, 0.4, 0.6, 0.0, -0.2, 0.0, 0.0],
    [-0.4, -0.3, -0.3, 0.0, 0.4, 0.9, 0.4, 0.1, -0.2, 0.0, -0.2, -0.1],
];

/// How each quality (cardinal, fixed, mutable) colours the themes. Ours.
const QUALITY: [[f64; 12]; 3] = [
    [0.6, 0.1, 0.0, 0.1, 0.0, 0.0, 0.1, 0.0, 0.6, 0.0, 0.5, -0.1],
    [0.0, 0.3, 0.2, -0.3, -0.1, 0.0, 0.0, -0.7, 0.2, 0.7, 0.1, 0.4],
    [-0.2, -0.2, 0.2, 0.4, 0.2, 0.2, 0.3, 0.8, -0.4, -0.3, -0.2, 0.0],
];

/// How much each point says about each theme, 0..=1: Sun to Saturn, then the ascendant. Ours.
const RELEVANCE: [[f64; 12]; 8] = [
    [0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.0, 0.7, 0.3, 0.6, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.5, 0.8, 0.0, 0.4, 0.0, 0.4, 0.0, 0.0],
    [0.0, 0.3, 0.9, 0.9, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.6],
    [0.0, 0.0, 0.0, 0.3, 0.8, 0.5, 0.6, 0.0, 0.0, 0.0, 0.0, 0.0],
    [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.4, 0.5, 0.0],
    [0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.4, 0.3, 0.4, 0.0, 0.5, 0.0],
    [0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.7, 0.3, 0.6],
    [0.4, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0, 0.3, 0.4, 0.0, 0.0, 0.0],
];

/// Share of the chart beside the code in a theme. The dimensions come from the same chart, so it stays small.
const CHART_SHARE: f64 = 0.25;

/// Relevance of a point for the themes; `None` for points that say nothing about work themes by themselves.
#[must_use]
pub fn relevance(point: Point) -> Option<&'static [f64; 12]> {
    match point {
        Point::Body(body) if body.index() <= Body::Saturn.index() => Some(&RELEVANCE[body.index()]),
        Point::Ascendant => Some(&RELEVANCE[7]),
        _ => None,
    }
}

/// What a point in a sign adds to each theme.
#[must_use]
pub fn of_placement(point: Point, sign: Sign) -> [f64; 12] {
    let mut pull = [0.0; 12];
    if let Some(relevance) = relevance(point) {
        let (element, quality) = (element_index(sign.element()), quality_index(sign.quality()));
        for (i, value) in pull.iter_mut().enumerate() {
            *value = relevance[i] * (ELEMENT[element][i] + QUALITY[quality][i]);
        }
    }
    pull
}

/// Whether an aspect joins, helps or hinders.
#[must_use]
pub const fn aspect_class(kind: AspectKind) -> &'static str {
    match kind {
        AspectKind::Conjunction => "fusion",
        AspectKind::Trine | AspectKind::Sextile | AspectKind::SemiSextile => "flow",
        _ => "friction",
    }
}

/// What an aspect adds to each theme: friction feeds drive, ambition and resilience and costs the others.
#[must_use]
pub fn of_aspect(first: Point, second: Point, kind: AspectKind, strength: f64) -> [f64; 12] {
    let mut pull = [0.0; 12];
    let (Some(a), Some(b)) = (relevance(first), relevance(second)) else { return pull };
    for theme in Theme::ALL {
        let sign = match aspect_class(kind) {
            "fusion" => 0.6,
            "flow" => 0.8,
            _ if matches!(theme, Theme::Drive | Theme::Ambition | Theme::Resilience) => 0.4,
            _ => -0.6,
        };
        pull[theme.index()] = sign * strength * (a[theme.index()] + b[theme.index()]) / 2.0;
    }
    pull
}

/// Bodies that pass a sign in weeks at most, so that their signs do not tell the year of birth.
pub const FAST: [Body; 5] = [Body::Sun, Body::Moon, Body::Mercury, Body::Venus, Body::Mars];

/// Whether an aspect is a person's own: two slow planets form theirs for a whole age group.
#[must_use]
pub fn is_personal(aspect: &Aspect) -> bool {
    let own = |point: Point| match point {
        Point::Body(body) => FAST.contains(&body),
        Point::Ascendant | Point::Midheaven => true,
    };
    own(aspect.first) || own(aspect.second)
}

/// Uncalibrated sums, order of [`Theme::ALL`].
#[must_use]
pub fn raw(chart: &NatalChart, code: &HarmonicCode) -> [f64; 12] {
    let mut sums = [0.0; 12];
    for (sum, (dimensions, energies)) in sums.iter_mut().zip(&CODE_WEIGHTS) {
        *sum += weighted(dimensions, &code.dimensions) + weighted(energies, &code.energy);
    }
    // Signs of Jupiter and the slower planets tell the year of birth, and a level must not prefer an age.
    for body in &chart.bodies[..=Body::Mars.index()] {
        add(&mut sums, &of_placement(Point::Body(body.body), body.sign));
    }
    if let Some(angles) = chart.angles {
        add(&mut sums, &of_placement(Point::Ascendant, Sign::of_longitude(angles.ascendant_deg)));
    }
    for aspect in chart.aspects.iter().filter(|aspect| aspect.certain && is_personal(aspect)) {
        add(&mut sums, &of_aspect(aspect.first, aspect.second, aspect.kind, aspect.strength));
    }
    sums
}

/// Levels 1..=99: percentiles of the raw sums among charts with the same kind of birth data, order of [`Theme::ALL`].
#[must_use]
pub fn levels(chart: &NatalChart, code: &HarmonicCode) -> [f64; 12] {
    let sums = raw(chart, code);
    let tables = if is_timed(chart) { &CONTENT.calibration.timed } else { &CONTENT.calibration.untimed };
    let level = |theme: Theme| 100.0 * stats::percentile(&tables[theme.key()], sums[theme.index()]);
    Theme::ALL.map(|theme| level(theme).clamp(1.0, 99.0))
}

/// Sum of levels as standard scores: a uniform 0..=100 has mean 50 and deviation 28.87.
fn weighted<const N: usize>(weights: &[f64; N], levels: &[f64; N]) -> f64 {
    weights.iter().zip(levels).map(|(weight, level)| weight * (level - 50.0) / 28.87).sum()
}

fn add(sums: &mut [f64; 12], pull: &[f64; 12]) {
    for (sum, value) in sums.iter_mut().zip(pull) {
        *sum += CHART_SHARE * value;
    }
}

fn element_index(element: Element) -> usize {
    Element::ALL.iter().position(|other| *other == element).unwrap_or(0)
}

fn quality_index(quality: Quality) -> usize {
    Quality::ALL.iter().position(|other| *other == quality).unwrap_or(0)
}
