//! Harmonic spectrum of ten longitudes.
//!
//! `S_n = sum w_p exp(i n lambda_p)` (Addey, *Harmonics in Astrology*, 1976; as Fourier power in Garcia
//! Ferrandez, "A Mathematical Formulation of Harmograms"). Its squared size is the sum of all nth-harmonic
//! aspects.

use super::types::Spectrum;
use crate::astro::NatalChart;

/// Harmonics of a natal spectrum.
pub const HARMONICS: usize = 32;

/// Harmonics that codes, quarters and comparisons speak of.
pub const QUARTER_HARMONICS: usize = 12;

/// Weights of Sun to Pluto in a birth chart: the default balance weights of Solar Fire, Pluto 1 (ours).
pub const NATAL_WEIGHTS: [f64; 10] = [3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0];

/// Weights of Sun to Mars only: what meets a quarter or another person, because the slower planets mostly
/// tell the year of birth.
pub const PERSONAL_WEIGHTS: [f64; 10] = [3.0, 3.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0];

/// Weights of the moving planets of a quarter (ours): slow movers carry it, the Moon averages out.
pub const TRANSIT_WEIGHTS: [f64; 10] = [0.5, 0.25, 0.5, 0.5, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0];

/// Sum of the squares of weights: the expected power of random longitudes.
#[must_use]
pub fn expected_power(weights: &[f64; 10]) -> f64 {
    weights.iter().map(|weight| weight * weight).sum()
}

/// Longitudes of Sun to Pluto in degrees.
#[must_use]
pub fn longitudes(chart: &NatalChart) -> [f64; 10] {
    std::array::from_fn(|planet| chart.bodies[planet].longitude_deg)
}

impl Spectrum {
    /// The empty spectrum.
    pub const ZERO: Self = Self { re: [0.0; HARMONICS], im: [0.0; HARMONICS] };

    /// Weighted sums over longitudes in degrees.
    #[must_use]
    pub fn of(longitudes_deg: &[f64; 10], weights: &[f64; 10]) -> Self {
        let base = longitudes_deg.map(|longitude| {
            let (sine, cosine) = longitude.to_radians().sin_cos();
            (cosine, sine)
        });
        let mut turned = base;
        let mut sums = Self::ZERO;
        for n in 0..HARMONICS {
            for planet in 0..10 {
                let ((c, s), (c1, s1)) = (turned[planet], base[planet]);
                sums.re[n] += weights[planet] * c;
                sums.im[n] += weights[planet] * s;
                // Angle addition: the next harmonic without another sine.
                turned[planet] = (c * c1 - s * s1, c * s1 + s * c1);
            }
        }
        sums
    }

    /// Spectrum of a birth chart with [`NATAL_WEIGHTS`].
    #[must_use]
    pub fn natal(chart: &NatalChart) -> Self {
        Self::of(&longitudes(chart), &NATAL_WEIGHTS)
    }

    /// Spectrum of a birth chart with [`PERSONAL_WEIGHTS`].
    #[must_use]
    pub fn personal(chart: &NatalChart) -> Self {
        Self::of(&longitudes(chart), &PERSONAL_WEIGHTS)
    }

    /// `|S_n|^2 / sum w^2` of a natal spectrum; exponentially distributed with mean 1 for random longitudes
    /// (Rayleigh). `n` counts from 1.
    #[must_use]
    pub fn power(&self, n: usize) -> f64 {
        let (re, im) = (self.re[n - 1], self.im[n - 1]);
        (re * re + im * im) / expected_power(&NATAL_WEIGHTS)
    }

    /// Which twelfth of its own circle of `360 / n` degrees the phase of harmonic `n` lies in, 1..=12.
    #[must_use]
    pub fn phase_sector(&self, n: usize) -> u8 {
        let turns =
            self.im[n - 1].atan2(self.re[n - 1]).rem_euclid(std::f64::consts::TAU) / std::f64::consts::TAU;
        (1..=11)
            .take_while(|sector| turns * 12.0 >= f64::from(*sector))
            .count()
            .try_into()
            .map_or(12, |k: u8| k + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planets_on_one_spot_are_strong_in_every_harmonic() {
        let spectrum = Spectrum::of(&[77.0; 10], &NATAL_WEIGHTS);
        for n in 1..=HARMONICS {
            assert!((spectrum.power(n) - 17.0 * 17.0 / 35.0).abs() < 1e-9, "harmonic {n}");
        }
    }

    #[test]
    fn an_opposition_is_strong_in_even_harmonics_only() {
        let mut longitudes = [10.0; 10];
        // Sun, Mercury and Venus, Mars, Jupiter and the rest split 17 into halves of 8 and 9.
        longitudes[1] = 190.0;
        longitudes[2] = 190.0;
        longitudes[3] = 190.0;
        longitudes[5] = 190.0;
        let spectrum = Spectrum::of(&longitudes, &NATAL_WEIGHTS);
        assert!(spectrum.power(1) < 0.1 && spectrum.power(2) > 5.0);
    }

    #[test]
    fn phase_sectors_run_from_one_to_twelve() {
        for (longitude, sector) in [(0.0, 1), (29.0, 1), (31.0, 2), (359.0, 12)] {
            assert_eq!(Spectrum::of(&[longitude; 10], &NATAL_WEIGHTS).phase_sector(1), sector);
        }
    }
}
