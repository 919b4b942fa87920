//! What the harmonic room computes.

use serde::Serialize;

use crate::domain::Quarter;

/// Names of the five energy levels, in the order of every `[f64; 5]` of this room.
pub const ENERGIES: [&str; 5] = ["physical", "emotional", "mental", "spiritual", "social"];

/// Names of the eight dimensions, in the order of every `[f64; 8]` of this room.
pub const DIMENSIONS: [&str; 8] = [
    "leadership",
    "creativity",
    "analytical",
    "communication",
    "empathy",
    "resilience",
    "adaptability",
    "focus",
];

/// The harmonic energy code of one entity in one quarter. All scores 0..=100, percentiles of the reference
/// population.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HarmonicCode {
    /// The quarter that the code belongs to.
    pub quarter: Quarter,
    /// Strongest harmonic of the quarter, 1..=12.
    pub primary_harmonic: u8,
    /// Up to three further strong harmonics.
    pub secondary_harmonics: Vec<u8>,
    /// The code for people: `H5.07-FC-73528`.
    pub energy_signature: String,
    /// SHA-256 (hex) over the thirteen scores rounded to 0.1.
    pub digest: String,
    /// Levels of this quarter (natal level moved by the quarter's transits), in the order of [`ENERGIES`].
    pub energy: [f64; 5],
    /// Dimensions, in the order of [`DIMENSIONS`].
    pub dimensions: [f64; 8],
    /// Combined strength of harmonics 1..=12 in this quarter, 0..=1.
    pub strengths: [f64; 12],
    /// Natal spectrum, harmonics 1..=32: real and imaginary parts of the weighted sums.
    pub spectrum: Spectrum,
    /// Harmonics that the quarter amplifies or dampens.
    pub resonances: Vec<Resonance>,
    /// The three strongest components.
    pub components: [Component; 3],
    /// Name of the dominant energy level.
    pub dominant: &'static str,
    /// Flow against friction, -100..=100.
    pub balance: f64,
    /// How evenly the harmonics stand against the natal ones, 0..=100.
    pub stability: f64,
    /// Strength of the quarter as a whole, 0..=100.
    pub intensity: f64,
    /// Audible label of the primary harmonic in Hz.
    pub frequency_hz: f64,
    /// Wavelength of that frequency in air at 20 degrees Celsius (343.2 m/s), metres.
    pub wavelength_m: f64,
    /// Version of the formulas.
    pub formula_version: &'static str,
}

/// Weighted harmonic sums of ten longitudes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spectrum {
    /// Real parts, harmonic n at n - 1.
    #[serde(skip)]
    pub re: [f64; 32],
    /// Imaginary parts, harmonic n at n - 1.
    #[serde(skip)]
    pub im: [f64; 32],
}

/// A harmonic that the quarter's transits touch.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Resonance {
    /// `amplifying`, `dampening` or `neutral`.
    pub kind: &'static str,
    /// The harmonic, 1..=12.
    pub harmonic: u8,
    /// 0..=1.
    pub strength: f64,
    /// One sentence on what it means at work.
    pub effect: String,
}

/// One of the three strongest components of a code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Component {
    /// The harmonic, 1..=12.
    pub harmonic: u8,
    /// Combined strength 0..=100.
    pub value: f64,
    /// Colour as `#rrggbb`.
    pub color: &'static str,
    /// What the harmonic stands for.
    pub meaning: &'static str,
    /// Share of the three, 0..=100.
    pub influence: f64,
}

/// How a person's quarters behave over the last years.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnergyPattern {
    /// Which of the four patterns.
    pub kind: PatternKind,
    /// Snapshots, oldest first; the last one is the current quarter.
    pub series: Vec<Snapshot>,
    /// Change of resonance per quarter (least squares).
    pub slope_per_quarter: f64,
    /// `rising`, `falling` or `steady`.
    pub dominant_trend: &'static str,
    /// Length of the cycle in quarters, when there is one.
    pub cycle_length_quarters: Option<u32>,
    /// How far the quarters leap, percentile 0..=100.
    pub volatility_index: f64,
    /// Quarters far above the mean, with the dimensions that stood out.
    pub peak_periods: Vec<Period>,
    /// Quarters far below the mean.
    pub low_periods: Vec<Period>,
    /// Typical behaviour by season, Q1 to Q4.
    pub seasons: Vec<Season>,
    /// The next quarter, computed from the ephemeris and not extrapolated.
    pub next_quarter: Snapshot,
    /// A few sentences on the next four quarters.
    pub annual_outlook: String,
}

/// The four patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants are the words of the documents")]
pub enum PatternKind {
    Cyclical,
    Trending,
    Stable,
    Volatile,
}

impl PatternKind {
    /// The word that stored documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cyclical => "cyclical",
            Self::Trending => "trending",
            Self::Stable => "stable",
            Self::Volatile => "volatile",
        }
    }
}

/// One quarter of a pattern.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// Which quarter.
    pub quarter: Quarter,
    /// Overall resonance, 0..=100.
    pub resonance: f64,
    /// In the order of [`ENERGIES`].
    pub energy: [f64; 5],
    /// In the order of [`DIMENSIONS`].
    pub dimensions: [f64; 8],
    /// What stood out, in words.
    pub notable_events: Vec<String>,
    /// Slow transits of the quarter, in words.
    pub environmental_factors: Vec<String>,
}

/// A quarter that stands out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// Which quarter.
    pub quarter: Quarter,
    /// Energies or dimensions that stood out.
    pub dimensions: Vec<&'static str>,
}

/// What is typical of a season.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Season {
    /// `Q1` to `Q4`.
    pub season: &'static str,
    /// One sentence.
    pub typical_behavior: String,
    /// Mean energy levels, in the order of [`ENERGIES`].
    pub energy: [f64; 5],
}
