//! How every score of codes and patterns is spread over people that the calibration has never seen (another
//! generator, other seeds, other places), with and without a birth time, in quarters of four decades.

use super::testing::{birth_years, births, uneven};
use super::*;
use crate::domain::Quarter;

/// A quarter for each person, from 1995 to 2034.
fn quarter_of(person: usize) -> Quarter {
    let step = i32::try_from(person * 67 % 160).unwrap();
    Quarter { year: 1995, number: 1 }.offset(step)
}

fn named(scores: impl IntoIterator<Item = (&'static str, f64)>) -> Vec<(&'static str, f64)> {
    scores.into_iter().collect()
}

/// Complaints about the columns of rows of named scores.
fn complaints(kind: &str, years: &[i64], rows: &[Vec<(&'static str, f64)>]) -> Vec<String> {
    let columns = 0..rows[0].len();
    columns
        .filter_map(|k| {
            let column: Vec<f64> = rows.iter().map(|row| row[k].1).collect();
            uneven(&format!("{kind} {}", rows[0][k].0), years, &column)
        })
        .collect()
}

#[test]
fn every_score_of_a_code_is_spread_evenly_and_tells_no_age() {
    let mut wrong = Vec::new();
    for timed in [true, false] {
        let charts = births(1_011, 4_000, timed);
        let rows: Vec<_> = (0..)
            .zip(&charts)
            .map(|(person, chart)| {
                let code = code(chart, &transits(quarter_of(person)));
                let levels = ENERGIES.into_iter().zip(code.energy);
                let dimensions = DIMENSIONS.into_iter().zip(code.dimensions);
                named(
                    levels
                        .chain(dimensions)
                        .chain([("stability", code.stability), ("intensity", code.intensity)]),
                )
            })
            .collect();
        wrong.extend(complaints(&format!("timed {timed}:"), &birth_years(&charts), &rows));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_score_of_a_pattern_is_spread_evenly_and_tells_no_age() {
    let mut wrong = Vec::new();
    for timed in [true, false] {
        let charts = births(1_012, 3_000, timed);
        let rows: Vec<_> = (0..)
            .zip(&charts)
            .map(|(person, chart)| {
                let pattern = pattern(chart, quarter_of(person));
                let past = &pattern.series[person % pattern.series.len()];
                let next = &pattern.next_quarter;
                named(
                    [("resonance", past.resonance), ("next resonance", next.resonance)]
                        .into_iter()
                        .chain(ENERGIES.into_iter().zip(past.energy))
                        .chain(ENERGIES.into_iter().zip(next.energy))
                        .chain([("volatility", pattern.volatility_index)]),
                )
            })
            .collect();
        wrong.extend(complaints(&format!("timed {timed}:"), &birth_years(&charts), &rows));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
