//! A small random population for the tests of the pure rooms.

use crate::astro::chart::HouseSystem;
use crate::astro::{BirthData, NatalChart, cast};

/// Births of 1930 to 2012 at any hour in a few places; equal seed, equal charts.
pub(crate) fn births(seed: u64, size: usize, timed: bool) -> Vec<NatalChart> {
    let mut state = seed;
    (0..size).map(|_| birth(&mut state, timed, (1930, 83))).collect()
}

/// Foundings of 1900 to 2025, likewise.
pub(crate) fn foundings(seed: u64, size: usize, timed: bool) -> Vec<NatalChart> {
    let mut state = seed;
    (0..size).map(|_| birth(&mut state, timed, (1900, 126))).collect()
}

/// A chart in one of so many years from a first one on.
fn birth(state: &mut u64, timed: bool, (first, years): (i32, u64)) -> NatalChart {
    const PLACES: [(&str, f64, f64); 4] = [
        ("Europe/Berlin", 52.5, 13.4),
        ("America/New_York", 40.7, -74.0),
        ("Asia/Tokyo", 35.7, 139.7),
        ("America/Sao_Paulo", -23.5, -46.6),
    ];
    let days = i64::try_from(below(state, years * 365)).unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(first, 1, 1).unwrap() + chrono::Duration::days(days);
    let minutes = below(state, 24 * 60);
    let (zone, latitude, longitude) = PLACES[usize::try_from(below(state, 4)).unwrap()];
    let data = BirthData {
        date: day.to_string(),
        time: timed.then(|| format!("{:02}:{:02}", minutes / 60, minutes % 60)),
        zone: Some(zone.to_owned()),
        latitude_deg: Some(latitude),
        longitude_deg: Some(longitude),
    };
    cast(&data, HouseSystem::Placidus).unwrap()
}

/// Marsaglia's xorshift64 (2003), reduced to 0..n.
pub(crate) fn below(state: &mut u64, n: u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % n
}

/// Share of the variance of values that groups explain, corrected for chance (epsilon squared, Kelley 1935).
pub(crate) fn explained_by(groups: &[i64], values: &[f64]) -> f64 {
    let n = super::stats::count(values.len());
    let centre = super::stats::mean(values);
    let mut sums: std::collections::BTreeMap<i64, Vec<f64>> = std::collections::BTreeMap::new();
    for (group, value) in groups.iter().zip(values) {
        sums.entry(*group).or_default().push(*value);
    }
    let between: f64 = sums
        .values()
        .map(|own| super::stats::count(own.len()) * (super::stats::mean(own) - centre).powi(2))
        .sum();
    let total: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let free = super::stats::count(sums.len()) - 1.0;
    let within = (total - between) / (n - free - 1.0);
    (between - free * within) / total
}

/// Why a score is not spread as a percentile should be over a population: mean 48 to 52, fifth percentile 3 to 8, 95th
/// 92 to 97; or why the year of birth explains 2 % of its variance or more.
pub(crate) fn uneven(name: &str, years: &[i64], column: &[f64]) -> Option<String> {
    let mut sorted = column.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (centre, last) = (super::stats::mean(column), sorted.len() - 1);
    let (low, high) = (sorted[last / 20], sorted[last - last / 20]);
    let share = explained_by(years, column);
    let even = (48.0..=52.0).contains(&centre) && (3.0..=8.0).contains(&low) && (92.0..=97.0).contains(&high);
    (!even || share >= 0.02).then(|| {
        format!("{name}: mean {centre:.1}, p5 {low:.1}, p95 {high:.1}, birth year {:.1} %", 100.0 * share)
    })
}

/// Years of birth of charts.
#[allow(clippy::cast_possible_truncation, reason = "a year")]
pub(crate) fn birth_years(charts: &[NatalChart]) -> Vec<i64> {
    charts.iter().map(|chart| super::natal::year_of(chart) as i64).collect()
}
