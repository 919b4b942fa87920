//! A short reading of a chart in plain words: tendencies of the tradition, no forecasts.

use super::signs::{element_at_work, element_in_feeling, quality_at_work, topic, words};
use crate::astro::chart::{Aspect, AspectKind, Dignity};
use crate::astro::{Body, NatalChart, Point, Sign};

/// Aspects of each sort that a reading names.
const NAMED_ASPECTS: usize = 2;

/// `astrological_data.interpretations`. Each sentence names what it is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interpretations {
    /// Sun, Moon and ascendant.
    pub personality: String,
    /// What comes easily.
    pub strengths: Vec<String>,
    /// What takes practice.
    pub challenges: Vec<String>,
    /// Which work suits.
    pub career_indications: Vec<String>,
    /// How the person relates to others.
    pub relationship_patterns: Vec<String>,
}

/// Reads a chart. What an unknown birth time leaves open is not read.
#[must_use]
pub fn interpretations(chart: &NatalChart) -> Interpretations {
    Interpretations {
        personality: personality(chart),
        strengths: strengths(chart),
        challenges: challenges(chart),
        career_indications: career(chart),
        relationship_patterns: relationships(chart),
    }
}

fn sign_of(chart: &NatalChart, body: Body) -> Sign {
    chart.bodies[body.index()].sign
}

/// The Moon's sign, when the whole day agrees on it.
fn moon(chart: &NatalChart) -> Option<Sign> {
    (chart.moon_sign_candidates.len() < 2).then(|| sign_of(chart, Body::Moon))
}

fn personality(chart: &NatalChart) -> String {
    let sun = sign_of(chart, Body::Sun);
    let mut sentences = vec![format!("Sun in {}: {}.", sun.name(), words(sun).sun)];
    sentences.push(match moon(chart) {
        Some(moon) => format!("Moon in {}: {}.", moon.name(), words(moon).moon),
        None => open_moon(chart),
    });
    if let Some(angles) = chart.angles {
        let rising = Sign::of_longitude(angles.ascendant_deg);
        sentences.push(format!("Ascendant in {}: {}.", rising.name(), words(rising).rising));
    }
    sentences.join(" ")
}

fn open_moon(chart: &NatalChart) -> String {
    let names: Vec<&str> = chart.moon_sign_candidates.iter().map(|sign| sign.name()).collect();
    format!("Moon in {}: which of them depends on the time of birth, which is not known.", names.join(" or "))
}

fn strengths(chart: &NatalChart) -> Vec<String> {
    let sun = sign_of(chart, Body::Sun);
    let mut lines = vec![format!("Sun in {}: {}", sun.name(), words(sun).strength)];
    if let Some(moon) = moon(chart).filter(|moon| *moon != sun) {
        lines.push(format!("Moon in {}: {}", moon.name(), words(moon).strength));
    }
    lines.extend(dignified(chart, [Dignity::Domicile, Dignity::Exaltation], "is a natural asset"));
    let easy = |kind| matches!(kind, AspectKind::Trine | AspectKind::Sextile);
    lines.extend(aspects(chart, easy, "support one another"));
    lines
}

fn challenges(chart: &NatalChart) -> Vec<String> {
    let sun = sign_of(chart, Body::Sun);
    let mut lines = vec![format!("Sun in {}: {}", sun.name(), words(sun).challenge)];
    if let Some(moon) = moon(chart).filter(|moon| *moon != sun) {
        lines.push(format!("Moon in {}: {}", moon.name(), words(moon).challenge));
    }
    lines.extend(dignified(chart, [Dignity::Detriment, Dignity::Fall], "takes deliberate practice"));
    let hard = |kind| matches!(kind, AspectKind::Square | AspectKind::Opposition);
    lines.extend(aspects(chart, hard, "pull in different directions, so each needs its own time"));
    lines
}

/// `Mercury in Virgo (domicile): clear wording is a natural asset`
fn dignified<'a>(
    chart: &'a NatalChart,
    wanted: [Dignity; 2],
    verdict: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let open_moon = moon(chart).is_none();
    chart.bodies.iter().filter(move |position| !(open_moon && position.body == Body::Moon)).filter_map(
        move |position| {
            let dignity = position.dignity.filter(|dignity| wanted.contains(dignity))?;
            let (body, sign) = (position.body, position.sign.name());
            Some(format!("{} in {sign} ({}): {} {verdict}", body.name(), dignity.name(), topic(body)))
        },
    )
}

/// `Sun trine Mars: sense of purpose and drive support one another`, for the strongest certain ones between planets.
fn aspects<'a>(
    chart: &'a NatalChart,
    wanted: impl Fn(AspectKind) -> bool + 'a,
    verdict: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let between = |aspect: &Aspect| match (aspect.first, aspect.second) {
        (Point::Body(first), Point::Body(second)) if !is_node(first) && !is_node(second) => {
            Some((first, aspect.kind, second))
        }
        _ => None,
    };
    let certain = chart.aspects.iter().filter(move |aspect| aspect.certain && wanted(aspect.kind));
    certain.filter_map(between).take(NAMED_ASPECTS).map(move |(first, kind, second)| {
        let (one, other) = (topic(first), topic(second));
        format!("{} {} {}: {one} and {other} {verdict}", first.name(), kind.name(), second.name())
    })
}

const fn is_node(body: Body) -> bool {
    matches!(body, Body::MeanNode | Body::TrueNode)
}

fn career(chart: &NatalChart) -> Vec<String> {
    let (element, quality) = (chart.dominant_element, chart.dominant_quality);
    let top = if let Some(angles) = chart.angles {
        let sign = Sign::of_longitude(angles.midheaven_deg);
        format!("Midheaven in {}: {}", sign.name(), words(sign).career)
    } else {
        let sign = sign_of(chart, Body::Sun);
        format!("Sun in {}: {}", sign.name(), words(sign).career)
    };
    vec![
        top,
        format!("{} stands out among the elements: {}", element.name(), element_at_work(element)),
        format!("{} signs stand out: {}", quality.name(), quality_at_work(quality)),
    ]
}

fn relationships(chart: &NatalChart) -> Vec<String> {
    let venus = sign_of(chart, Body::Venus);
    let mut lines = vec![format!("Venus in {}: {}", venus.name(), words(venus).relating)];
    if let Some(moon) = moon(chart) {
        let element = moon.element();
        lines.push(format!(
            "Moon in a {} sign: {}",
            element.name().to_lowercase(),
            element_in_feeling(element)
        ));
    }
    lines
}
