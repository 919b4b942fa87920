//! Quarters of the next year in which a pair resonates best, computed from the transits on both sides.

use crate::domain::Quarter;
use crate::harmonic::natal::{overall, resonance, resonance_score};
use crate::harmonic::spectrum::QUARTER_HARMONICS;
use crate::harmonic::stats::{mean, normal_share};
use crate::harmonic::tables::Tables;
use crate::harmonic::types::Spectrum;
use crate::harmonic::{QuarterTransits, transits};

/// From here on a quarter is worth naming.
const GOOD: f64 = 55.0;

/// At most so many quarters are named.
const MOST: usize = 2;

/// The other side of a comparison, as far as timing goes.
pub(super) enum Beside {
    /// Personal spectra: of one chart, or of the people of a department.
    Spectra(Vec<Spectrum>),
    /// No chart: harmonics that the profile asks for, by weight.
    Harmonics([f64; QUARTER_HARMONICS]),
}

/// Up to two of the four quarters after `quarter`, in their order; at least the best one.
pub(super) fn optimal_quarters(subject: &Spectrum, beside: &Beside, quarter: Quarter) -> Vec<Quarter> {
    let mut rated: Vec<(f64, Quarter)> = (1..=4)
        .map(|step| quarter.offset(step))
        .map(|next| (joint(subject, beside, &transits(next)), next))
        .collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut named: Vec<Quarter> = rated
        .iter()
        .enumerate()
        .filter(|(place, (value, _))| *place == 0 || (*place < MOST && *value >= GOOD))
        .map(|(_, (_, quarter))| *quarter)
        .collect();
    named.sort_unstable();
    named
}

/// How well a quarter suits both sides, 0..=100.
fn joint(subject: &Spectrum, beside: &Beside, transits: &QuarterTransits) -> f64 {
    let tables = Tables::embedded();
    let score = |spectrum: &Spectrum| resonance_score(overall(&resonance(spectrum, transits)), tables);
    match beside {
        Beside::Spectra(spectra) if !spectra.is_empty() => {
            let others: Vec<f64> = spectra.iter().map(score).collect();
            f64::midpoint(score(subject), mean(&others))
        }
        Beside::Spectra(_) => score(subject),
        Beside::Harmonics(weights) => weighted(subject, weights, transits).unwrap_or_else(|| score(subject)),
    }
}

/// Resonance of the harmonics that count; `None` when none does.
fn weighted(
    subject: &Spectrum,
    weights: &[f64; QUARTER_HARMONICS],
    transits: &QuarterTransits,
) -> Option<f64> {
    let total: f64 = weights.iter().sum();
    let sum: f64 =
        weights.iter().zip(resonance(subject, transits)).map(|(weight, r)| weight * normal_share(r)).sum();
    (total > 0.0).then(|| 100.0 * sum / total)
}
