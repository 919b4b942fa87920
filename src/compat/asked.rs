//! A person against a requirement profile. All formulas of this file are ours.
//!
//! Every asked dimension is met to some degree ([`dimension_match`]). A sub-score looks at the asked
//! dimensions through its own lens; energies and harmonics are derived from the asked dimensions. A sub-score
//! is half the degree to which the asked is met and half the percentile of that degree in the reference
//! population, so an easy profile scores high for all and still tells people apart.

use std::convert::Infallible;

use super::pair::weighted;
use super::tables::Tables;
use super::types::DimensionMatch;
use super::values::value_weights;
use crate::domain::Profile;
use crate::harmonic::recipes::harmonic_share;
use crate::harmonic::spectrum::QUARTER_HARMONICS;
use crate::harmonic::stats::{deviation, mean, normal_share};
use crate::harmonic::tables::Moments;
use crate::harmonic::types::{DIMENSIONS, HarmonicCode};

/// Level that a dimension is asked for when the profile calls it a must without a level.
const MUST_LEVEL: f64 = 60.0;

/// How much a must weighs against a wish.
const MUST_WEIGHT: f64 = 2.0;

/// Which dimensions each sub-score looks at, in the order of [`super::SCORES`] and [`DIMENSIONS`]:
/// leadership, creativity, analytical, communication, empathy, resilience, adaptability, focus.
const LENSES: [[f64; 8]; 8] = [
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    [1.0, 0.3, 0.0, 0.4, 0.4, 0.8, 1.0, 0.3],
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    [0.3, 0.3, 0.0, 0.7, 1.0, 0.3, 1.0, 0.0],
    [0.3, 0.2, 0.2, 1.0, 0.6, 0.0, 0.2, 0.0],
    [0.0, 0.2, 0.8, 0.0, 0.0, 0.7, 0.5, 1.0],
    [0.2, 0.4, 0.0, 0.2, 1.0, 0.6, 0.0, 0.5],
];

/// Which energies (physical, emotional, mental, spiritual, social) each dimension draws on.
const DRAWS_ON: [[f64; 5]; 8] = [
    [0.6, 0.2, 0.2, 0.0, 0.6],
    [0.0, 0.5, 0.4, 0.8, 0.0],
    [0.0, 0.0, 1.0, 0.0, 0.0],
    [0.0, 0.2, 0.6, 0.0, 0.8],
    [0.0, 0.9, 0.0, 0.5, 0.5],
    [1.0, 0.4, 0.0, 0.3, 0.0],
    [0.3, 0.0, 0.6, 0.0, 0.4],
    [0.4, 0.0, 0.7, 0.2, 0.0],
];

/// Which elements (fire, earth, air, water) each dimension speaks of.
const ELEMENTS: [[f64; 4]; 8] = [
    [1.0, 0.3, 0.0, 0.0],
    [0.6, 0.0, 0.2, 0.7],
    [0.0, 0.6, 0.8, 0.0],
    [0.2, 0.0, 1.0, 0.2],
    [0.0, 0.2, 0.0, 1.0],
    [0.4, 1.0, 0.0, 0.2],
    [0.4, 0.0, 0.8, 0.3],
    [0.2, 1.0, 0.2, 0.0],
];

/// What two profiles that ask the same have in common, bit by bit.
pub(super) type AskedKey = [u64; 17];

/// The part of a person that a profile looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    /// In the order of [`crate::harmonic::ENERGIES`], 0..=100.
    pub energy: [f64; 5],
    /// In the order of [`DIMENSIONS`], 0..=100.
    pub dimensions: [f64; 8],
    /// Strength of harmonics 1..=12, 0..=1.
    pub strengths: [f64; QUARTER_HARMONICS],
}

impl Levels {
    /// Levels of a code.
    #[must_use]
    pub const fn of(code: &HarmonicCode) -> Self {
        Self { energy: code.energy, dimensions: code.dimensions, strengths: code.strengths }
    }

    /// Levels of a row of the reference sample.
    pub(super) fn of_row(row: &[u8]) -> Self {
        let at = |k: usize| f64::from(row[k]);
        Self {
            energy: std::array::from_fn(at),
            dimensions: std::array::from_fn(|k| at(5 + k)),
            strengths: std::array::from_fn(|k| at(13 + k) / 100.0),
        }
    }
}

/// What a profile asks, in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Wanted level by dimension.
    pub wanted: [Option<f64>; 8],
    /// Whether the work cannot be done well without it.
    pub must: [bool; 8],
    /// What the values of the profile speak of, by dimension; all 0 when none is known.
    pub values: [f64; 8],
}

impl Asked {
    /// A profile that asks nothing.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { wanted: [None; 8], must: [false; 8], values: [0.0; 8] }
    }

    /// Reads a profile; names that are no dimension, levels that are no number and unknown values are
    /// ignored.
    #[must_use]
    pub fn of(profile: &Profile) -> Self {
        let mut asked = Self { values: value_weights(&profile.values), ..Self::nothing() };
        for (name, level) in &profile.dimensions {
            if let Some(k) = dimension(name).filter(|_| level.is_finite()) {
                asked.wanted[k] = Some(level.clamp(0.0, 100.0));
            }
        }
        for k in profile.must.iter().filter_map(|name| dimension(name)) {
            asked.must[k] = true;
            asked.wanted[k].get_or_insert(MUST_LEVEL);
        }
        asked
    }

    /// How many dimensions are asked for.
    #[must_use]
    pub fn count(&self) -> usize {
        self.wanted.iter().flatten().count()
    }

    /// Whether nothing that can be compared is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0 && !self.has_values()
    }

    /// Whether the profile names values that are known.
    #[must_use]
    pub fn has_values(&self) -> bool {
        self.values.iter().any(|weight| *weight > 0.0)
    }

    /// Wanted, held and matched level of every asked dimension.
    #[must_use]
    pub fn matches(&self, person: &Levels) -> Vec<DimensionMatch> {
        let matched = |k: usize| {
            self.wanted[k].map(|wanted| DimensionMatch {
                dimension: DIMENSIONS[k].to_owned(),
                wanted,
                has: person.dimensions[k],
                matched: dimension_match(wanted, person.dimensions[k]),
                must: self.must[k],
            })
        };
        (0..8).filter_map(matched).collect()
    }

    /// Sub-scores 0..=100 in the order of [`super::SCORES`] and their weighted whole; 50 where nothing is
    /// asked.
    #[must_use]
    pub fn score(&self, person: &Levels, tables: &Tables) -> (f64, [f64; 8]) {
        if self.is_empty() {
            return (50.0, [50.0; 8]);
        }
        let measure = Measure::of(self);
        let own = measure.degrees(person);
        // The same for everybody who is measured by this profile, and most of the work.
        let Ok(crowd) =
            tables.crowds.get_or_try(self.key(), || Ok::<_, Infallible>(measure.crowd(&tables.people)));
        let blended: [f64; 9] = std::array::from_fn(|k| {
            (0.5 * own[k] + 50.0 * normal_share(crowd[k].standardise(own[k]))).clamp(0.0, 100.0)
        });
        (blended[8], std::array::from_fn(|k| blended[k]))
    }

    /// Two profiles with the same key ask the same.
    fn key(&self) -> AskedKey {
        let musts = (0..8).map(|k| u64::from(self.must[k]) << k).sum();
        std::array::from_fn(|k| match k {
            0..8 => self.wanted[k].unwrap_or(f64::NAN).to_bits(),
            8..16 => self.values[k - 8].to_bits(),
            _ => musts,
        })
    }

    /// Energies that the asked dimensions draw on, wanted level and weight each.
    #[must_use]
    pub fn energies(&self) -> [(f64, f64); 5] {
        std::array::from_fn(|energy| {
            let (mut sum, mut total) = (0.0, 0.0);
            for (draws, weight) in DRAWS_ON.iter().zip(self.weights()) {
                sum += draws[energy] * weight.0 * weight.1;
                total += draws[energy] * weight.1;
            }
            (if total > 0.0 { sum / total } else { 50.0 }, total)
        })
    }

    /// Weights of harmonics 1..=12 that the asked dimensions speak of.
    #[must_use]
    pub fn harmonics(&self) -> [f64; QUARTER_HARMONICS] {
        let weights = self.weights();
        std::array::from_fn(|n| (0..8).map(|k| weights[k].1 * weights[k].0 * harmonic_share(k, n + 1)).sum())
    }

    /// Shares of fire, earth, air and water that the profile speaks of, in percent; even when it asks
    /// nothing.
    #[must_use]
    pub fn elements(&self) -> [f64; 4] {
        let weights = self.weights();
        let sums: [f64; 4] =
            std::array::from_fn(|e| (0..8).map(|k| weights[k].1 * weights[k].0 * ELEMENTS[k][e]).sum());
        let total: f64 = sums.iter().sum();
        if total > 0.0 { sums.map(|sum| 100.0 * sum / total) } else { [25.0; 4] }
    }

    /// Wanted level and weight by dimension; values stand in with level 60 where no dimension is asked.
    fn weights(&self) -> [(f64, f64); 8] {
        std::array::from_fn(|k| match self.wanted[k] {
            Some(wanted) => (wanted, if self.must[k] { MUST_WEIGHT } else { 1.0 }),
            None if self.count() == 0 => (MUST_LEVEL, self.values[k]),
            None => (0.0, 0.0),
        })
    }
}

/// A profile made ready to measure many people.
struct Measure<'a> {
    asked: &'a Asked,
    dimensions: [Option<Curve>; 8],
    energies: [(Curve, f64); 5],
    harmonics: [f64; QUARTER_HARMONICS],
    /// Weights of the asked dimensions in every lens.
    lenses: [[f64; 8]; 8],
}

impl<'a> Measure<'a> {
    fn of(asked: &'a Asked) -> Self {
        let weight = |k: usize| match (asked.wanted[k], asked.must[k]) {
            (None, _) => 0.0,
            (Some(_), true) => MUST_WEIGHT,
            (Some(_), false) => 1.0,
        };
        Self {
            asked,
            dimensions: asked.wanted.map(|wanted| wanted.map(Curve::of)),
            energies: asked.energies().map(|(wanted, weight)| (Curve::of(wanted), weight)),
            harmonics: asked.harmonics(),
            lenses: LENSES.map(|lens| std::array::from_fn(|k| lens[k] * weight(k))),
        }
    }

    /// How the degrees of the reference sample are spread.
    fn crowd(&self, people: &[Levels]) -> [Moments; 9] {
        let crowd: Vec<[f64; 9]> = people.iter().map(|other| self.degrees(other)).collect();
        std::array::from_fn(|k| {
            let column: Vec<f64> = crowd.iter().map(|degrees| degrees[k]).collect();
            Moments { mean: mean(&column), sd: deviation(&column) }
        })
    }

    /// Degrees to which the eight sub-scores and their whole are met, 0..=100, before any percentile.
    fn degrees(&self, person: &Levels) -> [f64; 9] {
        let met: [f64; 8] = std::array::from_fn(|k| {
            self.dimensions[k].as_ref().map_or(0.0, |curve| curve.at(person.dimensions[k]))
        });
        let all = weighted_mean(&met, &self.lenses[0]).unwrap_or(50.0);
        // A lens that sees nothing asked takes half of the general impression.
        let seen = |k: usize| weighted_mean(&met, &self.lenses[k]).unwrap_or(f64::midpoint(all, 50.0));
        let values = weighted_mean(&person.dimensions, &self.asked.values);
        let energies = std::array::from_fn::<_, 5, _>(|k| self.energies[k].0.at(person.energy[k]));
        let energy = weighted_mean(&energies, &self.energies.each_ref().map(|(_, weight)| *weight));
        let harmonic = weighted_mean(&person.strengths, &self.harmonics).map(|strength| 100.0 * strength);
        let scores = [
            seen(0),
            seen(1),
            energy.unwrap_or(50.0),
            harmonic.unwrap_or(50.0),
            values.map_or_else(|| seen(4), |values| f64::midpoint(seen(4), values)),
            seen(5),
            seen(6),
            values.unwrap_or_else(|| seen(7)),
        ];
        std::array::from_fn(|k| scores.get(k).copied().unwrap_or_else(|| weighted(&scores)))
    }
}

/// Mean by weight; `None` without any weight.
fn weighted_mean<const N: usize>(values: &[f64; N], weights: &[f64; N]) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (value, weight) in values.iter().zip(weights) {
        sum += weight * value;
        total += weight;
    }
    (total > 0.0).then(|| sum / total)
}

/// [`dimension_match`] for one wanted level, tabulated at whole held levels and linear between (within 0.02
/// points): the reference sample is measured for every profile.
struct Curve([f64; 102]);

impl Curve {
    fn of(wanted: f64) -> Self {
        let mut held = -1.0;
        Self([(); 102].map(|()| {
            held += 1.0;
            dimension_match(wanted, held)
        }))
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
    fn at(&self, held: f64) -> f64 {
        let held = held.clamp(0.0, 100.0);
        let (low, part) = (held as usize, held.fract());
        self.0[low] + part * (self.0[low + 1] - self.0[low])
    }
}

/// How far a held level meets a wanted one, 0..=100: 76 when they are equal, 41 when twenty points are
/// missing, 94 with twenty to spare. A logistic curve (ours), so nobody falls off a cliff and more still
/// counts a little.
#[must_use]
pub fn dimension_match(wanted: f64, has: f64) -> f64 {
    100.0 / (1.0 + (-(has - wanted + 15.0) / 13.0).exp())
}

fn dimension(name: &str) -> Option<usize> {
    let name = name.trim();
    DIMENSIONS.iter().position(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn having_more_never_matches_less() {
        let mut before = 0.0;
        for has in 0..=100 {
            let now = dimension_match(60.0, f64::from(has));
            assert!(now > before && now < 100.0);
            before = now;
        }
    }

    #[test]
    fn unknown_names_and_broken_levels_are_ignored() {
        let mut profile = Profile::default();
        profile.dimensions.insert("charm".to_owned(), 90.0);
        profile.dimensions.insert("focus".to_owned(), f64::NAN);
        profile.must.push("luck".to_owned());
        assert!(Asked::of(&profile).is_empty());
    }

    #[test]
    fn a_must_without_a_level_is_asked_for() {
        let profile = Profile { must: vec!["Empathy".to_owned()], ..Profile::default() };
        assert_eq!(Asked::of(&profile).wanted[4], Some(MUST_LEVEL));
    }
}
