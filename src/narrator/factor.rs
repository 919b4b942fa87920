//! Everything that a sentence may cite: chart factors, levels, requirements, values, answers.

use std::collections::BTreeMap;

use super::content::CONTENT;
use super::input::ReportInput;
use super::theme::{self, FAST, Theme};
use super::words::{ordinal, points, upper_first};
use crate::astro::chart::Aspect;
use crate::astro::{Body, NatalChart, Point, Sign};
use crate::harmonic::ENERGIES;

/// A computed fact before it has a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Kind such as `placement`, `aspect`, `theme`, `requirement`.
    pub kind: &'static str,
    /// In words.
    pub label: String,
    /// 0..=1.
    pub strength: f64,
    /// What it adds to each theme.
    pub pull: [f64; 12],
}

/// Factors by key such as `body.Mercury`, `aspect.Sun.Saturn`, `theme.drive`.
pub type Factors = BTreeMap<String, Factor>;

/// Factors of the chart and the code, and the levels of the themes.
#[must_use]
pub fn collect(input: &ReportInput<'_>, levels: &[f64; 12]) -> Factors {
    let mut factors = Factors::new();
    placements(input.chart, &mut factors);
    angles(input.chart, &mut factors);
    aspects(input.chart, &mut factors);
    code(input, &mut factors);
    for theme in Theme::ALL {
        let level = levels[theme.index()];
        factors.insert(
            format!("theme.{}", theme.key()),
            plain("theme", format!("{}: level {} of 100", theme.label(), points(level)), level / 100.0),
        );
    }
    for (name, style) in &CONTENT.styles {
        let [a, b] = style.themes.map(|theme| levels[theme.index()]);
        let [first, second] = style.themes.map(Theme::label);
        factors.insert(
            format!("style.{name}"),
            plain(
                "style",
                format!("{} {} against {} {}", first, points(a), second, points(b)),
                ((a - b).abs() / 100.0).clamp(0.1, 1.0),
            ),
        );
    }
    factors
}

/// A factor that pulls no theme by itself.
#[must_use]
pub fn plain(kind: &'static str, label: String, strength: f64) -> Factor {
    Factor { kind, label, strength: strength.clamp(0.0, 1.0), pull: [0.0; 12] }
}

fn placements(chart: &NatalChart, factors: &mut Factors) {
    for position in &chart.bodies[..Body::PLANETS.len()] {
        let fast = FAST.contains(&position.body);
        // The Moon's sign is only known without a birth time when it holds all day.
        let sure =
            position.body != Body::Moon || chart.moment.time_known || chart.moon_sign_candidates.len() < 2;
        let angular = position.house.is_some_and(|house| matches!(house, 1 | 4 | 7 | 10));
        let mut parts = Vec::new();
        if fast && sure {
            parts.push(format!("in {}", position.sign.name()));
        }
        if let Some(house) = position.house {
            parts.push(format!("{}{} house", if parts.is_empty() { "in " } else { "" }, ordinal(house)));
        }
        if parts.is_empty() {
            continue;
        }
        let weight = if fast { 0.6 } else { 0.4 };
        let dignity = if position.dignity.is_some() { 0.15 } else { 0.0 };
        let near = if angular { 0.2 } else { 0.0 };
        factors.insert(
            format!("body.{}", position.body.name()),
            Factor {
                kind: "placement",
                label: format!("{} {}", position.body.name(), parts.join(", ")),
                strength: weight + dignity + near,
                pull: theme::of_placement(Point::Body(position.body), position.sign),
            },
        );
    }
}

fn angles(chart: &NatalChart, factors: &mut Factors) {
    let Some(angles) = chart.angles else { return };
    for (point, degrees) in
        [(Point::Ascendant, angles.ascendant_deg), (Point::Midheaven, angles.midheaven_deg)]
    {
        let sign = Sign::of_longitude(degrees);
        factors.insert(
            format!("body.{}", point.name()),
            Factor {
                kind: "angle",
                label: format!("{} in {}", point.name(), sign.name()),
                strength: 0.7,
                pull: theme::of_placement(point, sign),
            },
        );
    }
}

/// Key of the factor of an aspect.
#[must_use]
pub fn aspect_key(aspect: &Aspect) -> String {
    format!("aspect.{}.{}", aspect.first.name(), aspect.second.name())
}

/// Aspects that the text may use: certain ones of a person's own between planets and the ascendant.
pub fn usable(chart: &NatalChart) -> impl Iterator<Item = &Aspect> {
    let node =
        |point: Point| matches!(point, Point::Body(Body::MeanNode | Body::TrueNode) | Point::Midheaven);
    chart.aspects.iter().filter(move |aspect| {
        aspect.certain
            && theme::is_personal(aspect)
            && aspect.strength >= 0.2
            && !node(aspect.first)
            && !node(aspect.second)
    })
}

fn aspects(chart: &NatalChart, factors: &mut Factors) {
    for aspect in usable(chart) {
        let applying = if aspect.applying { 0.05 } else { 0.0 };
        factors.insert(
            aspect_key(aspect),
            Factor {
                kind: "aspect",
                label: format!("{} {} {}", aspect.first.name(), aspect.kind.name(), aspect.second.name()),
                strength: (aspect.strength + applying).min(1.0),
                pull: theme::of_aspect(aspect.first, aspect.second, aspect.kind, aspect.strength),
            },
        );
    }
}

fn code(input: &ReportInput<'_>, factors: &mut Factors) {
    let code = input.code;
    let number = code.primary_harmonic;
    let strength = code.strengths.get(usize::from(number).saturating_sub(1)).copied().unwrap_or(0.5);
    let label = format!("Harmonic {number} leads in {}", input.quarter);
    factors.insert("harmonic".into(), plain("harmonic", label, strength));
    for (name, level) in ENERGIES.iter().zip(code.energy) {
        let label = format!("{} energy this quarter: {} of 100", upper_first(name), points(level));
        factors.insert(format!("energy.{name}"), plain("energy", label, (level - 50.0).abs() / 50.0));
    }
    let label =
        format!("{} pattern, {} trend", upper_first(input.pattern.kind.name()), input.pattern.dominant_trend);
    factors.insert("pattern".into(), plain("pattern", label, 1.0 - input.pattern.volatility_index / 200.0));
}
