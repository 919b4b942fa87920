//! How every score of random pairs is spread over people and companies that the calibration has never seen, by what is
//! known of the times.

use super::*;
use crate::astro::NatalChart;
use crate::domain::{Profile, Quarter};
use crate::harmonic::testing::{birth_years, births, foundings, uneven};
use crate::harmonic::{HarmonicCode, QuarterTransits, code};

const PAIRS: usize = 4_000;

/// The quarters of three years.
fn skies() -> Vec<QuarterTransits> {
    let first = Quarter { year: 2025, number: 3 };
    (0..12).map(|step| QuarterTransits::of(first.offset(step))).collect()
}

/// Charts with codes of the quarters in turn.
fn coded(charts: Vec<NatalChart>, skies: &[QuarterTransits]) -> Vec<(NatalChart, HarmonicCode)> {
    let with = |(sky, chart): (&QuarterTransits, NatalChart)| {
        let code = code(&chart, sky);
        (chart, code)
    };
    skies.iter().cycle().zip(charts).map(with).collect()
}

#[test]
fn every_score_of_random_pairs_is_spread_evenly_and_tells_no_age() {
    let skies = skies();
    let people = |seed, timed| coded(births(seed, PAIRS, timed), &skies);
    let subjects = [people(1_021, false), people(1_022, true)];
    let others = [people(1_023, false), people(1_024, true)];
    let companies =
        [false, true].map(|timed| coded(foundings(1_025 + u64::from(timed), PAIRS, timed), &skies));
    let profile = Profile::default();
    let mut wrong = Vec::new();
    for (company, timed, other_timed) in (0..8).map(|bits| (bits & 4 > 0, bits & 2 > 0, bits & 1 > 0)) {
        let left = &subjects[usize::from(timed)];
        let right = if company { &companies } else { &others };
        let right = &right[usize::from(other_timed)];
        let rows: Vec<[f64; 10]> = left
            .iter()
            .zip(right)
            .zip(skies.iter().cycle())
            .map(|((a, b), sky)| {
                let (subject, other) = (party(a), party(b));
                let target = if company {
                    Target::Company { founding: Some(other), profile: &profile }
                } else {
                    Target::Person(other)
                };
                let found = compare(&subject, &target, sky.quarter);
                std::array::from_fn(|k| match k {
                    8 => found.overall,
                    9 => found.element_score,
                    _ => found.scores[k],
                })
            })
            .collect();
        let charts: Vec<NatalChart> = left.iter().map(|(chart, _)| chart.clone()).collect();
        let years = birth_years(&charts);
        for k in 0..10 {
            let name = SCORES.get(k).copied().unwrap_or(if k == 8 { "overall" } else { "elements" });
            let kind = format!("{name}, company {company}, timed {timed} and {other_timed}");
            wrong.extend(uneven(&kind, &years, &rows.iter().map(|row| row[k]).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn party((chart, code): &(NatalChart, HarmonicCode)) -> Party<'_> {
    Party { chart, code }
}
