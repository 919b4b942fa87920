//! What a birth chart brings into every quarter, and what a quarter makes of it.

use super::features::{features, is_timed};
use super::recipes::raw_scores;
use super::spectrum::{PERSONAL_WEIGHTS, QUARTER_HARMONICS, TRANSIT_WEIGHTS, expected_power};
use super::stats::{count, mean, normal_share, percentile};
use super::tables::Tables;
use super::transits::QuarterTransits;
use super::types::Spectrum;
use crate::astro::NatalChart;

/// Weight of the transit term against the natal level of an energy (ours).
const TRANSIT_SHARE: f64 = 0.5;

/// Harmonics of the flowing (3, 6, 12) and of the hard aspect family (2, 4, 8), after Addey.
const FLOW: [usize; 3] = [3, 6, 12];
const HARD: [usize; 3] = [2, 4, 8];

/// How the transits of a quarter move one energy (ours): which natal planets feel them, and how much the hard
/// family takes away (positive) or gives (negative). Only Sun to Mars, because everybody of one age shares
/// the others; no channel rests on Mercury alone, whose standstills differ from year to year.
struct Channel {
    planets: [f64; 5],
    friction: f64,
}

/// Channels in the order of [`super::ENERGIES`]; planets are Sun, Moon, Mercury, Venus, Mars.
const CHANNELS: [Channel; 5] = [
    Channel { planets: [0.8, 0.0, 0.0, 0.0, 1.0], friction: -0.5 },
    Channel { planets: [0.0, 1.0, 0.0, 0.0, 0.3], friction: 0.5 },
    Channel { planets: [0.4, 0.7, 0.5, 0.0, 0.0], friction: 0.0 },
    Channel { planets: [0.5, 0.5, 0.0, 0.3, 0.0], friction: 0.25 },
    Channel { planets: [0.0, 0.3, 0.3, 0.8, 0.0], friction: 0.25 },
];

/// What a birth chart brings into every quarter.
#[derive(Debug, Clone)]
pub struct Natal {
    /// Harmonics 1..=32 of Sun to Pluto.
    pub spectrum: Spectrum,
    /// The same of Sun to Mars.
    pub personal: Spectrum,
    /// Strength of harmonics 1..=12 as percentiles, 0..=1.
    pub strengths: [f64; QUARTER_HARMONICS],
    /// Five energies and eight dimensions in standard deviations from people of the same age.
    pub levels: [f64; 13],
    /// Sums over natal planets that a transit spectrum turns into transit terms, by energy and harmonic.
    receptive: [[(f64, f64); QUARTER_HARMONICS]; 5],
}

/// What a quarter makes of a birth chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuarterState {
    /// Natal-transit resonance of harmonics 1..=12, unit variance.
    pub resonance: [f64; QUARTER_HARMONICS],
    /// Natal strength and resonance together, 0..=1.
    pub strengths: [f64; QUARTER_HARMONICS],
    /// All harmonics together before standardisation.
    pub overall: f64,
    /// Root mean square of the resonances.
    pub force: f64,
    /// Mean distance of the quarter's strengths from the natal ones.
    pub shift: f64,
}

impl Natal {
    /// Reads a chart against reference tables.
    #[must_use]
    pub fn of(chart: &NatalChart, tables: &Tables) -> Self {
        let spectrum = Spectrum::natal(chart);
        let strengths =
            std::array::from_fn(|n| percentile(&tables.powers.quantiles[n], spectrum.power(n + 1)));
        let standards = if is_timed(chart) { &tables.scores.timed } else { &tables.scores.untimed };
        let raw = raw_scores(&features(chart, &strengths), standards);
        let levels = standards.standardise(&raw, year_of(chart));
        Self { spectrum, personal: Spectrum::personal(chart), strengths, levels, receptive: receptive(chart) }
    }

    /// The eight dimensions, percentiles 0..=100.
    #[must_use]
    pub fn dimensions(&self) -> [f64; 8] {
        std::array::from_fn(|k| 100.0 * normal_share(self.levels[5 + k]))
    }

    /// Meets the transits of a quarter.
    #[must_use]
    pub fn in_quarter(&self, transits: &QuarterTransits) -> QuarterState {
        let resonance = resonance(&self.personal, transits);
        let strengths = std::array::from_fn(|n| 0.5 * self.strengths[n] + 0.5 * normal_share(resonance[n]));
        let shifts: [f64; QUARTER_HARMONICS] =
            std::array::from_fn(|n| (normal_share(resonance[n]) - self.strengths[n]).abs());
        QuarterState {
            resonance,
            strengths,
            overall: overall(&resonance),
            force: mean(&resonance.map(|r| r * r)).sqrt(),
            shift: mean(&shifts),
        }
    }

    /// Levels of the five energies in a quarter, percentiles 0..=100.
    #[must_use]
    pub fn energy(&self, transits: &QuarterTransits, tables: &Tables) -> [f64; 5] {
        std::array::from_fn(|k| {
            let unit = tables.quarters.transit_sd[k].max(1e-9);
            let term = TRANSIT_SHARE * self.transit_term(k, transits) / unit;
            let spread = (1.0 + (TRANSIT_SHARE * CHANNELS[k].deviation(transits) / unit).powi(2)).sqrt();
            100.0 * normal_share((self.levels[k] + term) / spread)
        })
    }

    /// How the transits of a quarter move one energy, before standardisation.
    #[must_use]
    pub fn transit_term(&self, energy: usize, transits: &QuarterTransits) -> f64 {
        let met = |n: usize| {
            let (re, im) = self.receptive[energy][n - 1];
            re * transits.re[n - 1] + im * transits.im[n - 1]
        };
        let flow: f64 = FLOW.into_iter().map(met).sum();
        let hard: f64 = HARD.into_iter().map(met).sum();
        (flow - CHANNELS[energy].friction * hard) / 3.0
    }
}

impl Channel {
    /// Standard deviation of the transit term over random charts in one quarter: quarters differ in force,
    /// and a percentile must not.
    fn deviation(&self, transits: &QuarterTransits) -> f64 {
        let power = |n: usize| transits.re[n - 1].powi(2) + transits.im[n - 1].powi(2);
        let flow: f64 = FLOW.into_iter().map(power).sum();
        let hard: f64 = HARD.into_iter().map(power).sum();
        let weights: f64 = self.planets.iter().map(|weight| weight * weight).sum();
        (weights * (flow + self.friction.powi(2) * hard) / 18.0).sqrt()
    }
}

impl QuarterState {
    /// Overall resonance, percentile 0..=100.
    #[must_use]
    pub fn overall_score(&self, tables: &Tables) -> f64 {
        resonance_score(self.overall, tables)
    }

    /// How forceful the quarter is, percentile 0..=100.
    #[must_use]
    pub fn intensity(&self, tables: &Tables) -> f64 {
        100.0 * percentile(&tables.quarters.intensity, self.force)
    }

    /// How close the quarter stays to the natal harmonics, percentile 0..=100.
    #[must_use]
    pub fn stability(&self, tables: &Tables) -> f64 {
        100.0 * normal_share(-tables.quarters.stability.standardise(self.shift))
    }

    /// Flowing against hard harmonics, -100..=100.
    #[must_use]
    pub fn balance(&self) -> f64 {
        let share = |family: [usize; 3]| mean(&family.map(|n| self.strengths[n - 1]));
        100.0 * (share(FLOW) - share(HARD))
    }

    /// Harmonics 1..=12 from the strongest to the weakest; equal ones in their order.
    #[must_use]
    pub fn ranking(&self) -> [usize; QUARTER_HARMONICS] {
        let mut order: [usize; QUARTER_HARMONICS] = std::array::from_fn(|n| n + 1);
        order.sort_by(|a, b| self.strengths[b - 1].total_cmp(&self.strengths[a - 1]));
        order
    }
}

/// Resonance of a personal spectrum with the sky in harmonics 1..=12, unit variance: nth-harmonic aspects
/// between Sun to Mars at birth and the moving planets.
#[must_use]
pub fn resonance(personal: &Spectrum, transits: &QuarterTransits) -> [f64; QUARTER_HARMONICS] {
    let unit = (expected_power(&PERSONAL_WEIGHTS) * expected_power(&TRANSIT_WEIGHTS) / 2.0).sqrt();
    std::array::from_fn(|n| (personal.re[n] * transits.re[n] + personal.im[n] * transits.im[n]) / unit)
}

/// All harmonics together, low ones first.
#[must_use]
pub fn overall(resonance: &[f64; QUARTER_HARMONICS]) -> f64 {
    (0..QUARTER_HARMONICS).map(|n| resonance[n] / count(n + 1).sqrt()).sum()
}

/// Overall resonance as a percentile 0..=100.
#[must_use]
pub fn resonance_score(overall: f64, tables: &Tables) -> f64 {
    100.0 * normal_share(tables.quarters.resonance.standardise(overall))
}

/// Year of birth with its fraction (Julian years from 2000.0).
#[must_use]
pub fn year_of(chart: &NatalChart) -> f64 {
    2000.0 + (chart.moment.jd_ut - 2_451_545.0) / 365.25
}

/// `sum w_p exp(i n lambda_p)` over the planets of every channel.
fn receptive(chart: &NatalChart) -> [[(f64, f64); QUARTER_HARMONICS]; 5] {
    let mut sums = [[(0.0, 0.0); QUARTER_HARMONICS]; 5];
    for (planet, position) in chart.bodies.iter().take(5).enumerate() {
        let (sine, cosine) = position.longitude_deg.to_radians().sin_cos();
        let (mut c, mut s) = (cosine, sine);
        for n in 0..QUARTER_HARMONICS {
            for (sum, channel) in sums.iter_mut().zip(&CHANNELS) {
                sum[n].0 += channel.planets[planet] * c;
                sum[n].1 += channel.planets[planet] * s;
            }
            (c, s) = (c * cosine - s * sine, c * sine + s * cosine);
        }
    }
    sums
}
