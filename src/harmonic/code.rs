//! The harmonic energy code of one entity in one quarter.

use std::fmt::Write as _;

use super::meaning::{BASE_TONE_HZ, SOUND_M_PER_S, meaning};
use super::natal::{Natal, QuarterState};
use super::stats::mean;
use super::tables::Tables;
use super::transits::QuarterTransits;
use super::types::{Component, DIMENSIONS, ENERGIES, HarmonicCode, Resonance};
use crate::astro::NatalChart;
use crate::domain::digest::{hexadecimal, sha256};

/// Version of the formulas of this room.
pub const FORMULA_VERSION: &str = "harmonic-1.1.0";

/// From here on a harmonic counts as strong, 0..=1.
const STRONG: f64 = 0.75;

/// From here on (in standard deviations, one-sided 5 %) the transits of a quarter touch a harmonic.
const TOUCHED: f64 = 1.64;

/// The code of a chart in a quarter. The year of birth is read from the chart: scores are percentiles among
/// people of the same age with the same kind of birth data (with or without a birth time).
#[must_use]
pub fn code(chart: &NatalChart, transits: &QuarterTransits) -> HarmonicCode {
    let tables = Tables::embedded();
    code_of(chart, &Natal::of(chart, tables), transits, tables)
}

/// [`code`] against given tables, for a chart that has been read already.
#[must_use]
pub fn code_of(
    chart: &NatalChart,
    natal: &Natal,
    transits: &QuarterTransits,
    tables: &Tables,
) -> HarmonicCode {
    let state = natal.in_quarter(transits);
    let (ranking, energy, dimensions) = (state.ranking(), natal.energy(transits, tables), natal.dimensions());
    let secondary = ranking[1..4].iter().filter(|n| state.strengths[**n - 1] >= STRONG);
    let frequency_hz = BASE_TONE_HZ * f64::from(small(ranking[0]));
    HarmonicCode {
        quarter: transits.quarter,
        primary_harmonic: small(ranking[0]),
        secondary_harmonics: secondary.map(|n| small(*n)).collect(),
        energy_signature: signature(chart, natal, ranking[0], &energy),
        digest: digest(&energy, &dimensions),
        energy,
        dimensions,
        strengths: state.strengths,
        spectrum: natal.spectrum,
        resonances: resonances(&state, natal),
        components: components(&state, ranking),
        dominant: dominant(&energy),
        balance: state.balance(),
        stability: state.stability(tables),
        intensity: state.intensity(tables),
        frequency_hz,
        wavelength_m: SOUND_M_PER_S / frequency_hz,
        formula_version: FORMULA_VERSION,
    }
}

/// Name of the highest energy; the first of equal ones.
fn dominant(energy: &[f64; 5]) -> &'static str {
    let best = (1..ENERGIES.len()).fold(0, |best, k| if energy[k] > energy[best] { k } else { best });
    ENERGIES[best]
}

/// `H5.07-FC-73528`: primary harmonic and the twelfth of its phase, dominant element and quality, deciles of
/// the five energies.
fn signature(chart: &NatalChart, natal: &Natal, primary: usize, energy: &[f64; 5]) -> String {
    let sector = natal.spectrum.phase_sector(primary);
    let letter = |name: &str| name.chars().next().unwrap_or('-');
    let element = letter(chart.dominant_element.name());
    let quality = letter(chart.dominant_quality.name());
    let mut text = format!("H{primary}.{sector:02}-{element}{quality}-");
    for level in energy {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "levels lie in 0..=100")]
        let decile = ((level / 10.0) as u8).min(9);
        // Writing to a String cannot fail.
        let _ = write!(text, "{decile}");
    }
    text
}

/// SHA-256 (hex) over the thirteen scores rounded to 0.1: equal for codes that nobody can tell apart.
fn digest(energy: &[f64; 5], dimensions: &[f64; 8]) -> String {
    let names = ENERGIES.iter().chain(&DIMENSIONS);
    let mut text = String::with_capacity(256);
    for (name, score) in names.zip(energy.iter().chain(dimensions)) {
        let _ = writeln!(text, "{name}={score:.1}");
    }
    hexadecimal(&sha256(&text))
}

/// Harmonics that the quarter touches, strongest first, then families (n, 2n, 3n) that are strong together.
fn resonances(state: &QuarterState, natal: &Natal) -> Vec<Resonance> {
    let mut found: Vec<Resonance> = (1..=12)
        .filter(|n| state.resonance[n - 1].abs() >= TOUCHED)
        .map(|n| touched(n, state.resonance[n - 1]))
        .collect();
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    let family = |n: &usize| [*n, 2 * n, 3 * n].iter().all(|k| natal.strengths[k - 1] >= STRONG);
    found.extend((1..=4).filter(family).map(|n| kept(n, natal)));
    found
}

fn touched(n: usize, resonance: f64) -> Resonance {
    let (kind, effect) = if resonance > 0.0 {
        ("amplifying", meaning(n).amplified)
    } else {
        ("dampening", meaning(n).dampened)
    };
    // Three standard deviations count as full strength.
    Resonance {
        kind,
        harmonic: small(n),
        strength: (resonance.abs() / 3.0).min(1.0),
        effect: effect.to_owned(),
    }
}

fn kept(n: usize, natal: &Natal) -> Resonance {
    let strength = mean(&[n, 2 * n, 3 * n].map(|k| natal.strengths[k - 1]));
    let [first, second, third] = [n, 2 * n, 3 * n].map(|k| meaning(k).theme);
    let effect = format!(
        "A lasting strength whatever the quarter brings: {first}, {second} and {third} support one another."
    );
    Resonance { kind: "neutral", harmonic: small(n), strength, effect }
}

fn components(state: &QuarterState, ranking: [usize; 12]) -> [Component; 3] {
    let total: f64 = ranking[..3].iter().map(|n| state.strengths[n - 1]).sum();
    std::array::from_fn(|k| {
        let (n, strength) = (ranking[k], state.strengths[ranking[k] - 1]);
        Component {
            harmonic: small(n),
            value: 100.0 * strength,
            color: meaning(n).color,
            meaning: meaning(n).sentence,
            influence: if total > 0.0 { 100.0 * strength / total } else { 100.0 / 3.0 },
        }
    })
}

/// A harmonic 1..=12 as it is stored.
fn small(n: usize) -> u8 {
    u8::try_from(n).unwrap_or(u8::MAX)
}
