//! A small random population for the tests of the pure rooms.

use crate::astro::chart::HouseSystem;
use crate::astro::{BirthData, NatalChart, cast};

/// Births of 1930 to 2012 at any hour in a few places; equal seed, equal charts.
pub(crate) fn births(seed: u64, size: usize, timed: bool) -> Vec<NatalChart> {
    let mut state = seed;
    (0..size).map(|_| birth(&mut state, timed)).collect()
}

fn birth(state: &mut u64, timed: bool) -> NatalChart {
    const PLACES: [(&str, f64, f64); 4] = [
        ("Europe/Berlin", 52.5, 13.4),
        ("America/New_York", 40.7, -74.0),
        ("Asia/Tokyo", 35.7, 139.7),
        ("America/Sao_Paulo", -23.5, -46.6),
    ];
    let days = i64::try_from(below(state, 83 * 365)).unwrap();
    let day = chrono::NaiveDate::from_ymd_opt(1930, 1, 1).unwrap() + chrono::Duration::days(days);
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
