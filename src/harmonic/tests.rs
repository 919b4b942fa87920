//! What the room promises, over a random population.

use super::natal::year_of;
use super::stats::mean;
use super::testing::{births, explained_by};
use super::*;
use crate::astro::NatalChart;
use crate::domain::Quarter;

const NOW: Quarter = Quarter { year: 2026, number: 4 };

fn names() -> impl Iterator<Item = &'static str> {
    ENERGIES.into_iter().chain(DIMENSIONS)
}

/// The thirteen scores of every chart, by score.
fn columns(charts: &[NatalChart]) -> Vec<Vec<f64>> {
    let sky = transits(NOW);
    let codes: Vec<HarmonicCode> = charts.iter().map(|chart| code(chart, &sky)).collect();
    (0..13)
        .map(|k| codes.iter().map(|c| if k < 5 { c.energy[k] } else { c.dimensions[k - 5] }).collect())
        .collect()
}

#[test]
fn scores_spread_evenly_over_people_with_and_without_a_birth_time() {
    for timed in [true, false] {
        for (name, mut column) in names().zip(columns(&births(11, 3000, timed))) {
            column.sort_by(f64::total_cmp);
            let (centre, low, high) = (mean(&column), column[150], column[2849]);
            let told = format!("{name} timed {timed}: mean {centre:.1}, p5 {low:.1}, p95 {high:.1}");
            assert!((48.0..=52.0).contains(&centre), "{told}");
            assert!((3.0..=8.0).contains(&low) && (92.0..=97.0).contains(&high), "{told}");
        }
    }
}

#[test]
fn no_score_tells_the_year_of_birth() {
    for timed in [true, false] {
        let charts = births(12, 6000, timed);
        #[allow(clippy::cast_possible_truncation, reason = "a year")]
        let years: Vec<i64> = charts.iter().map(|chart| (year_of(chart)) as i64).collect();
        for (name, column) in names().zip(columns(&charts)) {
            let share = explained_by(&years, &column);
            assert!(share < 0.02, "{name} timed {timed}: birth year explains {:.1} %", 100.0 * share);
        }
    }
}

#[test]
fn every_number_of_a_code_stays_in_its_range() {
    let sky = transits(NOW);
    for chart in births(13, 300, true).iter().chain(&births(14, 300, false)) {
        let code = code(chart, &sky);
        let hundred = 0.0..=100.0;
        assert!(code.energy.iter().chain(&code.dimensions).all(|score| hundred.contains(score)));
        assert!([code.stability, code.intensity].iter().all(|score| hundred.contains(score)));
        assert!((-100.0..=100.0).contains(&code.balance));
        assert!((1..=12).contains(&code.primary_harmonic) && code.secondary_harmonics.len() <= 3);
        assert!(code.strengths.iter().all(|strength| (0.0..=1.0).contains(strength)));
        assert!(code.resonances.iter().all(|r| (0.0..=1.0).contains(&r.strength)));
        assert!((code.components.iter().map(|c| c.influence).sum::<f64>() - 100.0).abs() < 1e-9);
        assert!((code.frequency_hz * code.wavelength_m - 343.2).abs() < 1e-9);
    }
}

#[test]
fn equal_charts_have_equal_codes() {
    let sky = transits(NOW);
    for (first, second) in births(15, 20, true).iter().zip(&births(15, 20, true)) {
        assert_eq!(code(first, &sky), code(second, &QuarterTransits::of(NOW)));
    }
}

#[test]
fn a_signature_reads_like_the_documented_one() {
    for chart in births(16, 50, true) {
        let text = code(&chart, &transits(NOW)).energy_signature;
        let parts: Vec<&str> = text.split(['.', '-']).collect();
        assert_eq!(parts.len(), 4, "{text}");
        assert!(parts[0].starts_with('H') && parts[1].len() == 2 && parts[3].len() == 5, "{text}");
        assert!("FEAW".contains(&parts[2][..1]) && "CFM".contains(&parts[2][1..]), "{text}");
    }
}

#[test]
fn every_harmonic_leads_for_some_people() {
    let sky = transits(NOW);
    let mut leads = [0; 12];
    for chart in births(17, 2000, true) {
        leads[usize::from(code(&chart, &sky).primary_harmonic) - 1] += 1;
    }
    assert!(leads.iter().all(|count| *count > 40), "{leads:?}");
}

#[test]
fn the_next_quarter_of_a_pattern_is_the_code_of_that_quarter() {
    for chart in births(18, 40, true) {
        let pattern = pattern(&chart, NOW);
        let (last, next) = (code(&chart, &transits(NOW)), code(&chart, &transits(NOW.next())));
        assert_eq!(pattern.next_quarter.quarter, NOW.next());
        assert_eq!(
            (pattern.next_quarter.energy, pattern.next_quarter.dimensions),
            (next.energy, next.dimensions)
        );
        assert_eq!(pattern.series.len(), 20);
        let latest = pattern.series.last().unwrap();
        assert_eq!((latest.quarter, latest.energy), (NOW, last.energy));
    }
}

#[test]
fn patterns_of_all_four_kinds_occur_and_are_complete() {
    let mut kinds = [0; 4];
    let mut outstanding = 0;
    for chart in births(19, 400, true) {
        let pattern = pattern(&chart, NOW);
        kinds[pattern.kind as usize] += 1;
        assert_eq!(pattern.cycle_length_quarters.is_some(), pattern.kind == PatternKind::Cyclical);
        assert!((0.0..=100.0).contains(&pattern.volatility_index));
        assert_eq!(pattern.seasons.len(), 4);
        outstanding += usize::from(!pattern.peak_periods.is_empty() && !pattern.low_periods.is_empty());
        assert!(pattern.annual_outlook.ends_with('.'));
        assert!(pattern.series.iter().all(|s| (0.0..=100.0).contains(&s.resonance)));
    }
    assert!(kinds.iter().all(|count| *count > 10), "{kinds:?}");
    // Very flat series have no peak or no low worth naming.
    assert!(outstanding > 360, "{outstanding}");
}

#[test]
fn quarters_beyond_the_ephemeris_still_give_numbers() {
    let chart = births(20, 1, true).remove(0);
    for year in [1, 3000] {
        let quarter = Quarter { year, number: 2 };
        assert!(code(&chart, &transits(quarter)).energy.iter().all(|level| level.is_finite()));
        assert!(pattern(&chart, quarter).series.iter().all(|s| s.resonance.is_finite()));
    }
}
