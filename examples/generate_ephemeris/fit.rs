//! Chebyshev series of one body over one granule.

use std::f64::consts::{PI, TAU};

use orrery::astro::ephemeris::format::{Lane, NUTATION, quantity};

use crate::reduction::{Observer, Sources, nutation};

/// Nodes per granule. Twice as many as coefficients are kept, so that what is cut off is known.
pub const NODES: usize = 32;

/// Code of the true node.
const TRUE_NODE: u16 = 11;

/// Chebyshev coefficients of every quantity of one body over a granule.
pub struct Series {
    body: u16,
    quantities: Vec<(u16, Vec<f64>)>,
}

impl Series {
    /// Samples a body at the Chebyshev nodes of a granule and fits its quantities.
    pub fn fit(sources: &Sources, body: u16, start_jd: f64, days: f64) -> Self {
        let instants = (0..NODES).map(|j| start_jd + 0.5 * days * (1.0 + node(j)));
        let mut columns: Vec<(u16, Vec<f64>)> = Vec::new();
        for jd in instants {
            for (at, (name, value)) in sample(sources, body, jd).into_iter().enumerate() {
                if columns.len() == at {
                    columns.push((name, Vec::with_capacity(NODES)));
                }
                columns[at].1.push(value);
            }
        }
        let quantities = columns
            .into_iter()
            .map(|(name, mut samples)| {
                if name == quantity::LONGITUDE {
                    unwrap_angles(&mut samples);
                }
                let mut coefficients = transform(&samples);
                if name == quantity::LONGITUDE {
                    coefficients[0] -= TAU * (coefficients[0] / TAU).round();
                }
                (name, coefficients)
            })
            .collect();
        Self { body, quantities }
    }

    /// Coefficients of a lane, if it is of this body.
    pub fn lane(&self, (body, quantity): Lane) -> Option<&[f64]> {
        (self.body == body)
            .then(|| self.quantities.iter().find(|(name, _)| *name == quantity))
            .flatten()
            .map(|(_, coefficients)| coefficients.as_slice())
    }
}

/// How many coefficients are needed for the rest to stay below a tolerance.
pub fn needed(coefficients: &[f64], tolerance: f64) -> usize {
    let mut tail = 0.0;
    for (k, coefficient) in coefficients.iter().enumerate().rev() {
        tail += coefficient.abs();
        if tail > tolerance {
            return k + 1;
        }
    }
    1
}

fn sample(sources: &Sources, body: u16, jd_tt: f64) -> Vec<(u16, f64)> {
    if body == NUTATION {
        let (longitude, obliquity) = nutation(jd_tt);
        return vec![(quantity::NUTATION_LONGITUDE, longitude), (quantity::NUTATION_OBLIQUITY, obliquity)];
    }
    let observer = Observer::at(sources, jd_tt);
    if body == TRUE_NODE {
        return vec![(quantity::LONGITUDE, observer.true_node())];
    }
    let place = observer.apparent(usize::from(body));
    vec![
        (quantity::LONGITUDE, place.longitude),
        (quantity::LATITUDE, place.latitude),
        (quantity::DISTANCE, place.distance_au),
    ]
}

/// Node `j` of the Chebyshev polynomial of degree [`NODES`], -1..1.
fn node(j: usize) -> f64 {
    (PI * (j as f64 + 0.5) / NODES as f64).cos()
}

/// Discrete Chebyshev transform of samples at the nodes (Mason & Handscomb 2003, section 4.6).
fn transform(samples: &[f64]) -> Vec<f64> {
    (0..NODES)
        .map(|k| {
            let sum: f64 = samples
                .iter()
                .enumerate()
                .map(|(j, sample)| sample * (PI * k as f64 * (j as f64 + 0.5) / NODES as f64).cos())
                .sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / NODES as f64
        })
        .collect()
}

/// Makes angles run on past the full circle.
fn unwrap_angles(angles: &mut [f64]) {
    for i in 1..angles.len() {
        let step = angles[i] - angles[i - 1];
        angles[i] -= TAU * (step / TAU).round();
    }
}
