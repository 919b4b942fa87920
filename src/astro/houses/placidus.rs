//! The cusps of Placidus: where a third or two of a degree's own semi-arc lie between horizon and meridian.
//!
//! A cusp has the right ascension `a = c + k * AD`, where `AD` is its ascensional difference: `sin AD = m sin a`, `m`
//! the product of the tangents of latitude and obliquity. Below the polar circles |m| < 1 and each root is unique.

use std::f64::consts::FRAC_PI_2;

use crate::astro::lanes;

/// Right ascension from the meridian of houses 11, 12, 2 and 3 on the equator, in degrees.
const EQUATORIAL_DEG: [f64; 4] = [30.0, 60.0, 120.0, 150.0];
/// Share of the ascensional difference that each takes.
const SHARES: [f64; 4] = [1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0, 1.0 / 3.0];

/// Up to this `m`, about 65 degrees of latitude, Newton's method needs no bracket.
const STEADY: f64 = 0.95;
/// A Newton step after which the rest is below 1e-10 radians, 2e-5".
const SETTLED: f64 = 5e-7;
const MOST_STEPS: usize = 12;

/// Sines and cosines of the right ascensions of cusps 11, 12, 2 and 3.
pub(super) fn right_ascensions(meridian: f64, m: f64) -> ([f64; 4], [f64; 4]) {
    let starts = EQUATORIAL_DEG.map(|degrees| meridian + degrees.to_radians());
    if m.abs() < STEADY
        && let Some(found) = together(starts, m)
    {
        return found;
    }
    let roots = std::array::from_fn(|i| bracketed(starts[i], SHARES[i], m));
    lanes::sin_cos(roots)
}

/// All four by Newton's method side by side; `None` if it does not settle.
fn together(starts: [f64; 4], m: f64) -> Option<([f64; 4], [f64; 4])> {
    let (sines, cosines) = lanes::sin_cos(starts);
    // The first guess: the equation taken as linear at the equator's place.
    let mut differences = [0.0; 4];
    for i in 0..4 {
        differences[i] = m * sines[i] / (1.0 - m * SHARES[i] * cosines[i]);
    }
    for _ in 0..MOST_STEPS {
        let mut angles = [0.0; 8];
        for i in 0..4 {
            angles[i] = starts[i] + SHARES[i] * differences[i];
            angles[4 + i] = differences[i];
        }
        let (sines, cosines) = lanes::sin_cos(angles);
        let (mut steps, mut largest) = ([0.0; 4], 0.0);
        for i in 0..4 {
            let excess = sines[4 + i] - m * sines[i];
            steps[i] = excess / (cosines[4 + i] - m * SHARES[i] * cosines[i]);
            differences[i] -= steps[i];
            largest = f64::max(largest, steps[i].abs());
        }
        if largest < SETTLED {
            // The last step moves sine and cosine along their tangents.
            let moved = |i: usize| SHARES[i] * steps[i];
            return Some((
                std::array::from_fn(|i| sines[i] - moved(i) * cosines[i]),
                std::array::from_fn(|i| cosines[i] + moved(i) * sines[i]),
            ));
        }
    }
    None
}

/// Solves `a = start + share * asin(m sin a)` for |m| < 1 by Newton's method within a bracket.
///
/// The derivative of the difference lies between 1/3 and 5/3, so the root is unique; a step that leaves the
/// bracket, as happens next to the polar circle where the arc has a kink, is replaced by bisection. Convergence is
/// quadratic: after a step of 1e-9 the rest is below the precision of a double.
fn bracketed(start: f64, share: f64, m: f64) -> f64 {
    let (mut low, mut high) = (start - share * FRAC_PI_2, start + share * FRAC_PI_2);
    let mut a = start;
    for _ in 0..60 {
        let (sin, cos) = a.sin_cos();
        let u = m * sin;
        let excess = a - start - share * u.asin();
        if excess > 0.0 {
            high = a;
        } else {
            low = a;
        }
        let step = excess / (1.0 - share * m * cos / (1.0 - u * u).sqrt());
        let next = a - step;
        let next = if (low..=high).contains(&next) { next } else { f64::midpoint(low, high) };
        let moved = (next - a).abs();
        a = next;
        if moved < 1e-9 {
            break;
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// How far a right ascension misses its equation.
    fn miss(right_ascension: f64, start: f64, share: f64, m: f64) -> f64 {
        let from_start = right_ascension - start;
        let difference = (from_start - TAU * (from_start / TAU).round()) / share;
        (difference.sin() - m * right_ascension.sin()).abs()
    }

    #[test]
    fn both_ways_solve_the_equation() {
        for step in -95..=95 {
            let m = f64::from(step) * 0.01;
            for hour in 0..48 {
                let meridian = f64::from(hour) * 0.131;
                let starts = EQUATORIAL_DEG.map(|degrees| meridian + degrees.to_radians());
                let (sines, cosines) = together(starts, m).expect("settled");
                for i in 0..4 {
                    let right_ascension = sines[i].atan2(cosines[i]);
                    assert!(miss(right_ascension, starts[i], SHARES[i], m) < 1e-11, "{m} {hour} {i}");
                    assert!((sines[i].hypot(cosines[i]) - 1.0).abs() < 1e-11, "{m} {hour} {i}");
                    let bracketed = bracketed(starts[i], SHARES[i], m);
                    assert!(miss(bracketed, starts[i], SHARES[i], m) < 1e-11, "{m} {hour} {i}");
                    assert!((right_ascension - bracketed).cos() > 1.0 - 1e-15, "{m} {hour} {i}");
                }
            }
        }
    }
}
