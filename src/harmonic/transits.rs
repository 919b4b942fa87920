//! What moves through the sky in a quarter: the same for everybody, computed once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use chrono::{Datelike, NaiveDate};

use super::sky;
use super::spectrum::{QUARTER_HARMONICS, TRANSIT_WEIGHTS};
use super::stats::count;
use super::types::Spectrum;
use crate::domain::Quarter;

/// Days between two samples of the slow planets.
const SAMPLE_DAYS: usize = 7;

/// The moving planets of one quarter.
#[derive(Debug, Clone, PartialEq)]
pub struct QuarterTransits {
    /// Which quarter.
    pub quarter: Quarter,
    /// Real part of the mean transit spectrum, harmonics 1..=12.
    pub re: [f64; QUARTER_HARMONICS],
    /// Imaginary part of the mean transit spectrum.
    pub im: [f64; QUARTER_HARMONICS],
    /// Longitudes of Jupiter to Pluto in degrees, once a week from the first day.
    pub slow_deg: Vec<[f64; 5]>,
}

impl QuarterTransits {
    /// Computes a quarter from its days at 12 UTC.
    #[must_use]
    pub fn of(quarter: Quarter) -> Self {
        let days = days_of(quarter);
        let mut transits = Self {
            quarter,
            re: [0.0; QUARTER_HARMONICS],
            im: [0.0; QUARTER_HARMONICS],
            slow_deg: Vec::new(),
        };
        for (day, noon) in days.iter().enumerate() {
            let longitudes = sky::longitudes_deg(*noon);
            let spectrum = Spectrum::of(&longitudes, &TRANSIT_WEIGHTS);
            for n in 0..QUARTER_HARMONICS {
                transits.re[n] += spectrum.re[n] / count(days.len());
                transits.im[n] += spectrum.im[n] / count(days.len());
            }
            if day % SAMPLE_DAYS == 0 {
                transits.slow_deg.push(std::array::from_fn(|planet| longitudes[5 + planet]));
            }
        }
        transits
    }
}

/// The transits of a quarter, computed at the first call and kept: equal input, equal output.
#[must_use]
pub fn transits(quarter: Quarter) -> Arc<QuarterTransits> {
    static KNOWN: OnceLock<RwLock<HashMap<Quarter, Arc<QuarterTransits>>>> = OnceLock::new();
    let known = KNOWN.get_or_init(RwLock::default);
    if let Some(transits) = known.read().unwrap_or_else(PoisonError::into_inner).get(&quarter) {
        return Arc::clone(transits);
    }
    // Computed outside the lock: two threads may do the same work once, nobody waits for it.
    let transits = Arc::new(QuarterTransits::of(quarter));
    Arc::clone(known.write().unwrap_or_else(PoisonError::into_inner).entry(quarter).or_insert(transits))
}

/// Julian days (UT) of 12 UTC of every day of a quarter.
fn days_of(quarter: Quarter) -> Vec<f64> {
    let next = quarter.next().first_day();
    quarter.first_day().iter_days().take_while(|day| *day < next).map(julian_noon).collect()
}

/// Julian day of 12 UTC of a civil day (day 1 of the common era began at 1721425.5).
fn julian_noon(day: NaiveDate) -> f64 {
    f64::from(day.num_days_from_ce()) + 1_721_425.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noon_of_the_first_of_january_2000_is_j2000() {
        let day = NaiveDate::from_ymd_opt(2000, 1, 1).unwrap();
        assert!((julian_noon(day) - 2_451_545.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_quarter_has_all_its_days() {
        assert_eq!(days_of(Quarter::new(2024, 1).unwrap()).len(), 91);
        assert_eq!(days_of(Quarter::new(2026, 4).unwrap()).len(), 92);
    }

    #[test]
    fn kept_transits_equal_computed_ones() {
        let quarter = Quarter::new(2026, 4).unwrap();
        assert_eq!(*transits(quarter), QuarterTransits::of(quarter));
        assert!(Arc::ptr_eq(&transits(quarter), &transits(quarter)));
    }
}
