//! What a comparison has to say: strengths, challenges, recommendations.

use super::types::{Challenge, ComparisonKind, DimensionMatch, Strength};
use super::words::{TOPICS, TRAITS, fill, other};
use crate::domain::Quarter;
use crate::harmonic::types::DIMENSIONS;

/// Sub-scores from here on speak for a pair.
const HIGH: f64 = 60.0;

/// Sub-scores up to here will take work.
const LOW: f64 = 40.0;

/// At most so many strengths and challenges each.
const MOST: usize = 5;

/// What sentences are made from.
pub(super) struct Findings<'a> {
    pub(super) kind: ComparisonKind,
    pub(super) scores: &'a [f64; 8],
    pub(super) matches: &'a [DimensionMatch],
    /// Dimensions that the person adds to a department.
    pub(super) adds: Vec<usize>,
    pub(super) optimal: &'a [Quarter],
}

impl Findings<'_> {
    /// Sub-scores from the highest to the lowest.
    fn ranked(&self) -> Vec<(usize, f64)> {
        let mut ranked: Vec<(usize, f64)> = self.scores.iter().copied().enumerate().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }

    /// Whether anything is known of the other side: all sub-scores at 50 say nothing.
    fn is_silent(&self) -> bool {
        self.scores.iter().all(|score| (score - 50.0).abs() < f64::EPSILON)
    }
}

/// What speaks for the pair, strongest first; at least one unless nothing is known.
pub(super) fn strengths(findings: &Findings<'_>) -> Vec<Strength> {
    if findings.is_silent() {
        return Vec::new();
    }
    let mut found: Vec<Strength> =
        findings.matches.iter().filter(|m| m.matched >= 76.0).map(|m| met(m, findings.kind)).collect();
    found.extend(findings.adds.iter().map(|k| added(*k, findings.kind)));
    let ranked = findings.ranked();
    found.extend(
        ranked.iter().filter(|(_, score)| *score >= HIGH).map(|(k, s)| topic_strength(*k, *s, findings)),
    );
    if found.is_empty() {
        found.push(topic_strength(ranked[0].0, ranked[0].1, findings));
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(MOST);
    found
}

fn topic_strength(k: usize, score: f64, findings: &Findings<'_>) -> Strength {
    Strength {
        aspect: TOPICS[k].name.to_owned(),
        description: fill(TOPICS[k].high, findings.kind, score - 50.0),
        score,
    }
}

fn met(matched: &DimensionMatch, kind: ComparisonKind) -> Strength {
    let noun = noun(&matched.dimension);
    Strength {
        aspect: capital(noun),
        description: format!(
            "Brings the {noun} that {} asks for (level {:.0}, wanted {:.0}).",
            other(kind),
            matched.has,
            matched.wanted
        ),
        score: matched.matched,
    }
}

fn added(k: usize, kind: ComparisonKind) -> Strength {
    Strength {
        aspect: capital(TRAITS[k].noun),
        description: format!("Adds {} that {} has less of as a whole.", TRAITS[k].noun, other(kind)),
        score: 75.0,
    }
}

/// What will take work, hardest first; at least one unless nothing is known.
pub(super) fn challenges(findings: &Findings<'_>) -> Vec<Challenge> {
    if findings.is_silent() {
        return Vec::new();
    }
    // Sorted by how low: the level that a challenge stands for, 0..=100.
    let mut found: Vec<(f64, Challenge)> = findings
        .matches
        .iter()
        .filter(|m| m.matched < 41.0)
        .map(|m| (if m.must { 0.5 * m.matched } else { m.matched }, missed(m, findings.kind)))
        .collect();
    let ranked = findings.ranked();
    let low = ranked.iter().rev().filter(|(_, score)| *score <= LOW);
    found.extend(low.map(|(k, score)| (*score, topic_challenge(*k, *score, findings))));
    if let (true, Some((k, score))) = (found.is_empty(), ranked.last()) {
        found.push((*score, topic_challenge(*k, *score, findings)));
    }
    found.sort_by(|a, b| rank(a.1.severity).cmp(&rank(b.1.severity)).then(a.0.total_cmp(&b.0)));
    found.truncate(MOST);
    found.into_iter().map(|(_, challenge)| challenge).collect()
}

fn topic_challenge(k: usize, score: f64, findings: &Findings<'_>) -> Challenge {
    Challenge {
        aspect: TOPICS[k].name.to_owned(),
        description: fill(TOPICS[k].low, findings.kind, 50.0 - score),
        severity: match score {
            s if s <= 10.0 => "high",
            s if s <= 25.0 => "medium",
            _ => "low",
        },
        mitigation: TOPICS[k].mitigation.to_owned(),
    }
}

fn missed(matched: &DimensionMatch, kind: ComparisonKind) -> Challenge {
    let noun = noun(&matched.dimension);
    let gap = matched.wanted - matched.has;
    Challenge {
        aspect: capital(noun),
        description: format!(
            "{} asks for more {noun} than is shown now (level {:.0}, wanted {:.0}).",
            capital(other(kind)),
            matched.has,
            matched.wanted
        ),
        severity: match gap {
            g if matched.must && g > 35.0 => "high",
            g if matched.must || g > 45.0 => "medium",
            _ => "low",
        },
        mitigation: support(&matched.dimension).to_owned(),
    }
}

/// What helps: the hardest gaps, the lowest topics, the best topic, the best time.
pub(super) fn recommendations(findings: &Findings<'_>) -> Vec<String> {
    let mut advice = Vec::new();
    if findings.is_silent() {
        advice.push(format!(
            "Describe what {} asks for, so that a comparison can say more.",
            other(findings.kind)
        ));
        return advice;
    }
    let mut gaps: Vec<&DimensionMatch> = findings.matches.iter().filter(|m| m.matched < 41.0).collect();
    gaps.sort_by(|a, b| b.must.cmp(&a.must).then(a.matched.total_cmp(&b.matched)));
    advice.extend(gaps.iter().take(2).map(|m| support(&m.dimension).to_owned()));
    let ranked = findings.ranked();
    advice.extend(
        ranked.iter().rev().take(2).filter(|(_, s)| *s < 50.0).map(|(k, _)| TOPICS[*k].improve.to_owned()),
    );
    advice.extend(ranked.first().filter(|(_, s)| *s >= 50.0).map(|(k, _)| TOPICS[*k].build_on.to_owned()));
    let times: Vec<String> = findings.optimal.iter().map(Quarter::to_string).collect();
    if !times.is_empty() {
        advice.push(format!(
            "Plan important steps for {}, when the rhythm of the year favours them.",
            times.join(" and ")
        ));
    }
    advice
}

const fn rank(severity: &str) -> u8 {
    // The three words differ in their first letter.
    match severity.as_bytes() {
        [b'h', ..] => 0,
        [b'm', ..] => 1,
        _ => 2,
    }
}

fn place(dimension: &str) -> usize {
    // Unwrap safety: matches carry names from DIMENSIONS.
    DIMENSIONS.iter().position(|known| *known == dimension).unwrap_or(0)
}

fn noun(dimension: &str) -> &'static str {
    TRAITS[place(dimension)].noun
}

fn support(dimension: &str) -> &'static str {
    TRAITS[place(dimension)].support
}

fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
