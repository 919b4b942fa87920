//! One comparison from end to end.

use super::asked::{Asked, Levels};
use super::factors::{overlays, synastry};
use super::findings::{Findings, challenges, recommendations, strengths};
use super::pair::{Other, element_raw, elements};
use super::synastry::Grid;
use super::tables::Tables;
use super::timing::{Beside, optimal_quarters};
use super::types::{Comparison, ComparisonKind, Party, Target};
use crate::domain::Quarter;
use crate::harmonic::features::is_timed;
use crate::harmonic::stats::{correlation, count, deviation, mean, percentile};
use crate::harmonic::types::Spectrum;

/// Version of the formulas of this room.
pub const FORMULA_VERSION: &str = "compat-1.1.0";

/// Weight of the founding chart where a company has both a chart and a profile.
const FOUNDING_SHARE: f64 = 0.6;

/// From how many people with the subject on a department is described as a whole: below, it would show
/// individuals.
const FEWEST_PEOPLE: usize = 5;

/// Compares a person with a target in a quarter. Scores 0..=100; a comparison of two persons has the same
/// scores in both directions. Scores are symbolic and advisory.
#[must_use]
pub fn compare(subject: &Party<'_>, target: &Target<'_>, quarter: Quarter) -> Comparison {
    let side = Side::of(target);
    let person = Levels::of(subject.code);
    let (overall, scores) = side.score(subject, &person);
    let dimension_matches = side.asked.matches(&person);
    let optimal = optimal_quarters(&Spectrum::personal(subject.chart), &side.beside(), quarter);
    let findings = Findings {
        kind: side.kind,
        scores: &scores,
        matches: &dimension_matches,
        adds: side.adds(&person),
        optimal: &optimal,
    };
    let completeness = side.completeness(subject);
    let (other, chart) = (side.levels(), side.chart());
    let (element_balance, element_score) = side.elements(subject);
    Comparison {
        kind: side.kind,
        overall,
        scores,
        strengths: strengths(&findings),
        challenges: challenges(&findings),
        recommendations: recommendations(&findings),
        synastry: chart.map_or_else(Vec::new, |other| synastry(&Grid::of(subject.chart, other.chart))),
        element_balance,
        element_score,
        overlays: chart.map_or_else(Vec::new, |other| overlays(subject.chart, other.chart)),
        frequency_match: likeness(&person.strengths, &other.strengths),
        energy_pattern_alignment: likeness(&person.energy, &other.energy),
        resonance_type: resonance_type(scores[3]),
        optimal_interaction_times: optimal.iter().map(Quarter::to_string).collect(),
        dimension_matches,
        data_completeness: completeness,
        confidence: confidence(completeness, &scores),
    }
}

/// The other side of a comparison.
struct Side<'a> {
    kind: ComparisonKind,
    asked: Asked,
    founding: Option<Party<'a>>,
    members: &'a [Party<'a>],
    person: Option<Party<'a>>,
}

impl<'a> Side<'a> {
    fn of(target: &Target<'a>) -> Self {
        let side = |kind, profile: Option<&_>| Self {
            kind,
            asked: profile.map_or_else(Asked::nothing, Asked::of),
            founding: None,
            members: &[],
            person: None,
        };
        match *target {
            Target::Role(profile) => side(ComparisonKind::Role, Some(profile)),
            Target::Industry(profile) => side(ComparisonKind::Industry, Some(profile)),
            Target::Department { profile, members } => {
                Self { members, ..side(ComparisonKind::Department, Some(profile)) }
            }
            Target::Company { founding, profile } => {
                Self { founding, ..side(ComparisonKind::Company, Some(profile)) }
            }
            Target::Person(person) => {
                Self { person: Some(person), ..side(ComparisonKind::Interpersonal, None) }
            }
        }
    }

    /// The chart on the other side, when there is exactly one.
    fn chart(&self) -> Option<Party<'a>> {
        self.person.or(self.founding)
    }

    /// Overall and sub-scores from what is known of the other side.
    fn score(&self, subject: &Party<'_>, person: &Levels) -> (f64, [f64; 8]) {
        let tables = Tables::embedded();
        let profile = || self.asked.score(person, tables);
        let pair =
            |other: &Party<'_>, kind| tables.pairs.class(subject, other, kind).score(subject, other, kind);
        if let Some(other) = &self.person {
            return pair(other, Other::Person);
        }
        if let Some(founding) = &self.founding {
            let chart = pair(founding, Other::Company);
            return if self.asked.is_empty() { chart } else { blend(chart, profile(), FOUNDING_SHARE) };
        }
        if self.members.is_empty() {
            return profile();
        }
        let each: Vec<(f64, [f64; 8])> =
            self.members.iter().map(|member| pair(member, Other::Person)).collect();
        let people = (
            mean(&each.iter().map(|(overall, _)| *overall).collect::<Vec<_>>()),
            std::array::from_fn(|k| mean(&each.iter().map(|(_, scores)| scores[k]).collect::<Vec<_>>())),
        );
        if self.asked.is_empty() { people } else { blend(people, profile(), 0.5) }
    }

    /// Levels of the other side: its own, the mean of its people, or what its profile asks.
    fn levels(&self) -> Levels {
        if let Some(other) = self.chart() {
            return Levels::of(other.code);
        }
        if !self.members.is_empty() {
            return mean_levels(self.members);
        }
        let energies = self.asked.energies();
        let harmonics = self.asked.harmonics();
        Levels {
            energy: energies.map(|(wanted, weight)| wanted * weight),
            dimensions: self.asked.wanted.map(|wanted| wanted.unwrap_or(50.0)),
            strengths: harmonics,
        }
    }

    fn beside(&self) -> Beside {
        match self.chart() {
            Some(other) => Beside::Spectra(vec![Spectrum::personal(other.chart)]),
            None if !self.members.is_empty() => {
                Beside::Spectra(self.members.iter().map(|member| Spectrum::personal(member.chart)).collect())
            }
            None => Beside::Harmonics(self.asked.harmonics()),
        }
    }

    /// Dimensions that the person has clearly more of than the department.
    fn adds(&self, person: &Levels) -> Vec<usize> {
        if self.members.len() + 1 < FEWEST_PEOPLE {
            return Vec::new();
        }
        let team = mean_levels(self.members).dimensions;
        (0..8).filter(|k| person.dimensions[*k] >= 65.0 && person.dimensions[*k] - team[*k] >= 25.0).collect()
    }

    /// Element shares of the other side in percent, and how well the person's elements go with them.
    fn elements(&self, subject: &Party<'_>) -> ([f64; 4], f64) {
        let pairs = &Tables::embedded().pairs;
        let score = |other: &Party<'_>, kind: Other| {
            let raw = element_raw(subject.chart, other.chart, kind == Other::Company);
            100.0 * percentile(&pairs.class(subject, other, kind).elements, raw)
        };
        if let Some(other) = self.chart() {
            let kind = if self.person.is_some() { Other::Person } else { Other::Company };
            return (shares(&other), score(&other, kind));
        }
        if self.members.is_empty() {
            let asked = self.asked.elements();
            // With equal shares asked for, every balance goes equally well.
            return (asked, 100.0 * likeness(&elements(subject.chart, false), &asked));
        }
        let all: Vec<[f64; 4]> = self.members.iter().map(shares).collect();
        let balance = std::array::from_fn(|k| mean(&all.iter().map(|row| row[k]).collect::<Vec<_>>()));
        let scores: Vec<f64> = self.members.iter().map(|member| score(member, Other::Person)).collect();
        (balance, mean(&scores))
    }

    /// How much of a full comparison was there (ours): half for the person, half for the other side.
    fn completeness(&self, subject: &Party<'_>) -> f64 {
        let timed = |party: &Party<'_>| if is_timed(party.chart) { 1.0 } else { 0.0 };
        let values = if self.asked.has_values() { 1.0 } else { 0.0 };
        // Five asked dimensions make a full profile.
        let asked = count(self.asked.count().min(5)) / 5.0;
        let profile = 0.8 * asked + 0.2 * values;
        let members: Vec<f64> = self.members.iter().map(timed).collect();
        let other = match (self.kind, self.chart()) {
            (ComparisonKind::Interpersonal, Some(other)) => 0.35 + 0.15 * timed(&other),
            (_, Some(other)) => 0.2 + 0.1 * timed(&other) + 0.2 * profile,
            (_, None) if members.is_empty() => 0.3 * profile,
            (_, None) => 0.2 + 0.1 * mean(&members) + 0.2 * profile,
        };
        0.35 + 0.15 * timed(subject) + other
    }
}

fn mean_levels(members: &[Party<'_>]) -> Levels {
    let column = |of: &dyn Fn(&Party<'_>) -> f64| mean(&members.iter().map(of).collect::<Vec<_>>());
    Levels {
        energy: std::array::from_fn(|k| column(&|member| member.code.energy[k])),
        dimensions: std::array::from_fn(|k| column(&|member| member.code.dimensions[k])),
        strengths: std::array::from_fn(|k| column(&|member| member.code.strengths[k])),
    }
}

fn blend(left: (f64, [f64; 8]), right: (f64, [f64; 8]), share: f64) -> (f64, [f64; 8]) {
    let mix = |a: f64, b: f64| share * a + (1.0 - share) * b;
    (mix(left.0, right.0), std::array::from_fn(|k| mix(left.1[k], right.1[k])))
}

/// Shares of fire, earth, air, water in percent.
fn shares(party: &Party<'_>) -> [f64; 4] {
    let total: f64 = party.chart.elements.iter().sum();
    party.chart.elements.map(|weight| if total > 0.0 { 100.0 * weight / total } else { 25.0 })
}

/// Correlation as a share 0..=1; 0.5 where one side does not vary.
fn likeness(left: &[f64], right: &[f64]) -> f64 {
    f64::midpoint(1.0, correlation(left, right))
}

const fn resonance_type(harmonic_compatibility: f64) -> &'static str {
    match harmonic_compatibility {
        score if score >= 65.0 => "harmonic",
        score if score <= 35.0 => "dissonant",
        _ => "neutral",
    }
}

/// Completeness, less where the sub-scores contradict one another. Says how firmly the method speaks, not how
/// true it is.
fn confidence(completeness: f64, scores: &[f64; 8]) -> f64 {
    let agreement = 1.0 - deviation(scores) / 50.0;
    (completeness * (0.6 + 0.4 * agreement)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_never_exceeds_completeness() {
        assert!(confidence(0.8, &[50.0; 8]) <= 0.8);
        assert!(
            confidence(0.8, &[0.0, 100.0, 0.0, 100.0, 0.0, 100.0, 0.0, 100.0]) < confidence(0.8, &[50.0; 8])
        );
    }
}
