//! Reference tables of comparisons. Made by `make calibration`, embedded, parsed once.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::asked::{AskedKey, Levels};
use super::pair::{Other, raw_scores, weighted};
use super::types::Party;
use crate::domain::Memory;
use crate::harmonic::features::is_timed;
use crate::harmonic::stats::percentile;
use crate::harmonic::tables::{Moments, parse};

/// Profiles that are remembered: half a kilobyte each.
const PROFILES: usize = 16_384;

/// Everything that turns raw sums of comparisons into scores.
#[derive(Debug)]
pub struct Tables {
    /// Quantiles of pairs.
    pub pairs: PairTable,
    /// Levels of a sample of the reference population.
    pub people: Vec<Levels>,
    /// How that sample meets a profile, for the profiles that were asked for lately.
    pub(super) crowds: Memory<AskedKey, [Moments; 9]>,
}

/// Quantiles of raw sums over random pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairTable {
    /// Version of the reference population.
    pub version: String,
    /// What the numbers are.
    pub about: String,
    /// Two people, by number of charts with a known time (0, 1, 2).
    pub person: Vec<PairQuantiles>,
    /// A person and a company, likewise.
    pub company: Vec<PairQuantiles>,
}

/// Quantiles of one class of pairs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairQuantiles {
    /// Raw sums by sub-score, 33 quantiles each.
    pub scores: Vec<Vec<f64>>,
    /// Weighted mean of the eight percentiles, 33 quantiles.
    pub overall: Vec<f64>,
    /// Raw element likeness, 33 quantiles.
    pub elements: Vec<f64>,
}

/// A sample of the reference population, whole numbers 0..=100.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PeopleTable {
    /// Version of the reference population.
    pub version: String,
    /// What the numbers are.
    pub about: String,
    /// Five energies, eight dimensions, twelve harmonic strengths per person.
    pub rows: Vec<Vec<u8>>,
}

impl PairTable {
    /// The quantiles that fit a pair.
    #[must_use]
    pub fn class(&self, subject: &Party<'_>, other: &Party<'_>, kind: Other) -> &PairQuantiles {
        let timed = usize::from(is_timed(subject.chart)) + usize::from(is_timed(other.chart));
        let classes = if kind == Other::Company { &self.company } else { &self.person };
        &classes[timed]
    }
}

impl PairQuantiles {
    /// Sub-scores of a pair as percentiles 0..=100, and the re-percentiled whole.
    #[must_use]
    pub fn score(&self, subject: &Party<'_>, other: &Party<'_>, kind: Other) -> (f64, [f64; 8]) {
        let raw = raw_scores(subject, other, kind);
        let scores = std::array::from_fn(|k| 100.0 * percentile(&self.scores[k], raw[k]));
        (100.0 * percentile(&self.overall, weighted(&scores)), scores)
    }
}

impl Tables {
    /// The tables that ship with the product.
    ///
    /// # Panics
    /// Never: a test parses the embedded files.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static TABLES: OnceLock<Tables> = OnceLock::new();
        TABLES.get_or_init(|| Self {
            pairs: parse(include_str!("../../data/calibration/pairs.json")),
            people: people().rows.iter().map(|row| Levels::of_row(row)).collect(),
            crowds: Memory::new(PROFILES),
        })
    }
}

fn people() -> PeopleTable {
    parse(include_str!("../../data/calibration/people.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_and_codes_come_from_one_population() {
        let version = crate::harmonic::tables::Tables::embedded().version();
        assert_eq!(
            (Tables::embedded().pairs.version.as_str(), people().version.as_str()),
            (version, version)
        );
    }

    #[test]
    fn the_embedded_tables_have_their_full_size() {
        let tables = Tables::embedded();
        for class in tables.pairs.person.iter().chain(&tables.pairs.company) {
            assert_eq!(class.scores.len(), 8);
            assert!(class.scores.iter().chain([&class.overall, &class.elements]).all(|row| row.len() == 33));
        }
        assert_eq!((tables.pairs.person.len(), tables.pairs.company.len()), (3, 3));
        assert!(people().rows.iter().all(|row| row.len() == 25));
    }
}
