//! Reference tables: how the reference population is spread. Made by `make calibration`, embedded, parsed
//! once.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::recipes::SCORES;

/// Everything that turns raw sums into percentiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// Quantiles of harmonic power.
    pub powers: PowerTable,
    /// Moments of features and raw scores.
    pub scores: ScoreTable,
    /// Moments of what a quarter adds.
    pub quarters: QuarterTable,
}

/// Quantiles of the power of harmonics 1..=32 in the reference population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PowerTable {
    /// Version of the reference population.
    pub version: String,
    /// What the numbers are.
    pub about: String,
    /// 33 equally spaced quantiles per harmonic.
    pub quantiles: Vec<Vec<f64>>,
}

/// Moments of features and raw scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreTable {
    /// Version of the reference population.
    pub version: String,
    /// What the numbers are.
    pub about: String,
    /// Charts with time and place of birth.
    pub timed: Standards,
    /// Charts without.
    pub untimed: Standards,
}

/// How features and raw scores of one kind of chart are spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standards {
    /// Mean of every feature.
    pub feature_mean: Vec<f64>,
    /// Standard deviation of every feature; 0 for features that this kind of chart does not have.
    pub feature_sd: Vec<f64>,
    /// Raw scores by year of birth, oldest first.
    pub years: Vec<YearMoments>,
}

/// Moments of the raw scores of people born around one moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct YearMoments {
    /// Middle of the births, as a year with fraction.
    pub year: f64,
    /// Mean by score.
    pub mean: [f64; SCORES],
    /// Standard deviation by score.
    pub sd: [f64; SCORES],
}

/// Moments of what a quarter adds to a birth chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuarterTable {
    /// Version of the reference population.
    pub version: String,
    /// What the numbers are.
    pub about: String,
    /// Standard deviation of the transit term by energy.
    pub transit_sd: [f64; 5],
    /// Overall resonance.
    pub resonance: Moments,
    /// Distance of the quarter's harmonics from the natal ones.
    pub stability: Moments,
    /// Root mean square of the twelve resonances, 33 quantiles.
    pub intensity: Vec<f64>,
    /// Root mean square of the steps of resonance within twenty quarters, 33 quantiles.
    pub volatility: Vec<f64>,
}

/// Mean and standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Moments {
    /// Distance from the mean in standard deviations; 0 where nothing varies.
    #[must_use]
    pub fn standardise(self, value: f64) -> f64 {
        if self.sd > 1e-9 { (value - self.mean) / self.sd } else { 0.0 }
    }
}

impl Standards {
    /// Raw scores as standard deviations from people of the same age: slow planets tell the year of birth,
    /// and a score must not. Linear between the tabulated years, the nearest year beyond them.
    #[must_use]
    pub fn standardise(&self, raw: &[f64; SCORES], year: f64) -> [f64; SCORES] {
        let after = self.years.partition_point(|row| row.year <= year).clamp(1, self.years.len() - 1);
        let (low, high) = (&self.years[after - 1], &self.years[after]);
        let part = ((year - low.year) / (high.year - low.year)).clamp(0.0, 1.0);
        let between = |a: f64, b: f64| a + part * (b - a);
        std::array::from_fn(|k| {
            let moments =
                Moments { mean: between(low.mean[k], high.mean[k]), sd: between(low.sd[k], high.sd[k]) };
            moments.standardise(raw[k])
        })
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
            powers: parse(include_str!("../../data/calibration/powers.json")),
            scores: parse(include_str!("../../data/calibration/scores.json")),
            quarters: parse(include_str!("../../data/calibration/quarters.json")),
        })
    }

    /// Version of the reference population.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.scores.version
    }
}

/// Reads an embedded table.
pub(crate) fn parse<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    // Unwrap safety: the text is compiled in and a test parses it.
    serde_json::from_str(text).expect("embedded calibration table parses")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harmonic::features::FEATURES;

    #[test]
    fn the_embedded_tables_have_their_full_size() {
        let tables = Tables::embedded();
        assert_eq!(tables.powers.quantiles.len(), 32);
        assert!(tables.powers.quantiles.iter().all(|row| row.len() == 33 && row.is_sorted()));
        for row in [&tables.quarters.intensity, &tables.quarters.volatility] {
            assert!(row.len() == 33 && row.is_sorted());
        }
        for standards in [&tables.scores.timed, &tables.scores.untimed] {
            assert_eq!((standards.feature_mean.len(), standards.feature_sd.len()), (FEATURES, FEATURES));
            assert!(standards.years.len() > 1 && standards.years.is_sorted_by(|a, b| a.year < b.year));
        }
    }

    #[test]
    fn all_tables_come_from_one_population() {
        let tables = Tables::embedded();
        assert_eq!(tables.powers.version, tables.scores.version);
        assert_eq!(tables.quarters.version, tables.scores.version);
    }
}
