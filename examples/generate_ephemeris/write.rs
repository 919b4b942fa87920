//! Quantising the series and laying them out as `orrery::astro::ephemeris::format` describes.

use std::f64::consts::{PI, TAU};

use orrery::astro::ephemeris::format::{
    CHIRON_LANES, DISTANCE_LANES, FORMAT_VERSION, HEADER_BYTES, Lane, MAGIC, MERCURY_LANES, MOON_LANES,
    NUTATION, SLOW_LANES, TABLE_VERSION, checksum, quantity,
};

use crate::fit::{Series, needed};
use crate::reduction::Sources;

/// Largest error of an angle that cutting and rounding may cause, in arcseconds.
const TOLERANCE_ARCSEC: f64 = 0.01;
/// 1849-11-30: a month before the first birth day, so that neighbouring days exist.
pub const FIRST_JD: f64 = 2_396_726.5;
/// 2150-03-01; the span is a multiple of 32 days, the longest granule of an angle.
pub const LAST_JD: f64 = FIRST_JD + 3_427.0 * 32.0;
/// Largest magnitude of a narrow coefficient.
const NARROW_LIMIT: f64 = 32_000.0;

/// A group before it is written.
struct Group {
    lanes: Vec<Lane>,
    units: Vec<f64>,
    granule_days: f64,
    granules: usize,
    coefficients: usize,
    wide_rows: usize,
    /// Counts by granule, lane and order.
    counts: Vec<Vec<Vec<f64>>>,
}

/// The whole file.
pub fn table(sources: &Sources, kernel_sha256: [u8; 32]) -> Vec<u8> {
    let groups = [
        Group::fit(sources, &SLOW_LANES, 32.0),
        Group::fit(sources, &MERCURY_LANES, 16.0),
        Group::fit(sources, &MOON_LANES, 8.0),
        Group::fit(sources, &DISTANCE_LANES, 32.0),
        Group::fit(sources, &CHIRON_LANES, 32.0),
    ];
    let mut body = Vec::new();
    for group in &groups {
        group.describe(&mut body);
    }
    for group in &groups {
        group.encode(&mut body);
    }

    let mut file = Vec::with_capacity(HEADER_BYTES + body.len());
    file.extend(MAGIC);
    file.extend(FORMAT_VERSION.to_le_bytes());
    file.extend((groups.len() as u32).to_le_bytes());
    for number in [FIRST_JD, LAST_JD, TOLERANCE_ARCSEC] {
        file.extend(number.to_le_bytes());
    }
    file.extend(kernel_sha256);
    file.extend(*b"de440.bsp\0\0\0");
    file.extend(TABLE_VERSION.to_le_bytes());
    file.extend(checksum(&body).to_le_bytes());
    assert_eq!(file.len(), HEADER_BYTES);
    file.extend(body);
    file
}

impl Group {
    fn fit(sources: &Sources, lanes: &[Lane], granule_days: f64) -> Self {
        let granules = ((LAST_JD - FIRST_JD) / granule_days).ceil() as usize;
        let units: Vec<f64> = lanes.iter().map(|lane| unit(*lane)).collect();
        let mut bodies: Vec<u16> = lanes.iter().map(|(body, _)| *body).collect();
        bodies.sort_unstable();
        bodies.dedup();
        let mut coefficients = 0;
        let mut counts = Vec::with_capacity(granules);
        for granule in 0..granules {
            let start = FIRST_JD + granule as f64 * granule_days;
            let series: Vec<Series> =
                bodies.iter().map(|body| Series::fit(sources, *body, start, granule_days)).collect();
            let mut row = Vec::with_capacity(lanes.len());
            for (lane, unit) in lanes.iter().zip(&units) {
                let found = series.iter().find_map(|series| series.lane(*lane));
                // Unwrap safety: every lane of the format names a quantity that its body has.
                let values = found.expect("a fitted lane");
                coefficients = coefficients.max(needed(values, tolerance(*lane) * 0.7));
                row.push(values.iter().map(|value| (value / unit).round()).collect::<Vec<f64>>());
            }
            counts.push(row);
        }
        let wide_rows = counts.iter().flatten().map(|lane| wide(&lane[..coefficients])).max().unwrap_or(0);
        Self { lanes: lanes.to_vec(), units, granule_days, granules, coefficients, wide_rows, counts }
    }

    fn describe(&self, out: &mut Vec<u8>) {
        for number in [self.lanes.len(), self.granules, self.coefficients, self.wide_rows] {
            out.extend((number as u32).to_le_bytes());
        }
        out.extend(self.granule_days.to_le_bytes());
        for ((body, quantity), unit) in self.lanes.iter().zip(&self.units) {
            out.extend(body.to_le_bytes());
            out.extend(quantity.to_le_bytes());
            out.extend(0_u32.to_le_bytes());
            out.extend(unit.to_le_bytes());
        }
    }

    fn encode(&self, out: &mut Vec<u8>) {
        for order in 0..self.coefficients {
            assert!(
                order < self.wide_rows || self.counts.iter().flatten().all(|l| l[order].abs() < 32_768.0)
            );
        }
        for granule in &self.counts {
            for order in 0..self.wide_rows {
                out.extend(granule.iter().flat_map(|lane| (lane[order] as i32).to_le_bytes()));
            }
        }
        for granule in &self.counts {
            for order in self.wide_rows..self.coefficients {
                out.extend(granule.iter().flat_map(|lane| (lane[order] as i16).to_le_bytes()));
            }
        }
    }
}

/// Up to which order a series has coefficients that do not fit a narrow cell.
fn wide(counts: &[f64]) -> usize {
    counts.iter().rposition(|count| count.abs() > NARROW_LIMIT).map_or(0, |order| order + 1)
}

/// Error that a lane may have, in its own unit.
fn tolerance((body, name): Lane) -> f64 {
    let angle = TOLERANCE_ARCSEC * PI / 648_000.0;
    match (body, name) {
        // Nutation is added to every longitude, so it gets a smaller share.
        (NUTATION, _) => angle * 0.4,
        (body, quantity::DISTANCE) => relative_distance(body) * smallest_distance_au(body),
        _ => angle,
    }
}

/// Relative error that a distance may have.
fn relative_distance(body: u16) -> f64 {
    if body == 1 { 1e-6 } else { 1e-5 }
}

/// Smallest distance from the Earth, rounded down.
fn smallest_distance_au(body: u16) -> f64 {
    match body {
        0 => 0.98,
        1 => 0.002_38,
        2 => 0.54,
        3 => 0.26,
        4 => 0.37,
        5 => 3.9,
        6 => 8.0,
        7 => 17.2,
        8 => 28.7,
        9 => 28.5,
        // Chiron.
        _ => 7.3,
    }
}

/// Size of one count: a seventh of the tolerance, but wide enough for a whole circle in 32 bits.
fn unit(lane: Lane) -> f64 {
    let fine = tolerance(lane) * 0.15;
    if lane.1 == quantity::LONGITUDE { fine.max(TAU / 4.2e9) } else { fine }
}
