//! Trigonometry on several angles side by side.
//!
//! Loops without branches and calls, which the compiler turns into vector instructions; the mathematical library
//! takes one angle at a time, at three to five times the price. Errors stay below 1e-15 radians.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, FRAC_PI_4, FRAC_PI_8, PI};

/// Adding and taking away 1.5 * 2^52 rounds a double to the nearest integer, and leaves the integer in the low bits.
pub(super) const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// A quarter turn in two parts, the first of 33 bits, so that small multiples of it are exact (Cody & Waite 1980).
const QUARTER_HIGH: f64 = 1.570_796_326_734_125_6;
const QUARTER_LOW: f64 = 6.077_100_506_506_192e-11;

const TAN_PI_8: f64 = std::f64::consts::SQRT_2 - 1.0;
/// Tangents of a sixteenth of a half turn and of three.
const TAN_PI_16: f64 = 0.198_912_367_379_658;
const TAN_3_PI_16: f64 = 0.668_178_637_919_299;

/// Sines and cosines of angles in radians, of at most some thousand turns.
///
/// Taylor series about the nearest quarter turn.
#[inline]
pub(super) fn sin_cos<const N: usize>(angles: [f64; N]) -> ([f64; N], [f64; N]) {
    let (mut sines, mut cosines) = ([0.0; N], [0.0; N]);
    for i in 0..N {
        let shifted = angles[i] * FRAC_2_PI + ROUNDING;
        let quarters = shifted - ROUNDING;
        let x = (angles[i] - quarters * QUARTER_HIGH) - quarters * QUARTER_LOW;
        let (sine, cosine) = (sine_series(x), cosine_series(x));
        let quadrant = shifted.to_bits();
        // In odd quadrants sine and cosine change places; bits, because branches would end the vectors.
        let odd = 0_u64.wrapping_sub(quadrant & 1);
        let (sine, cosine) = (sine.to_bits(), cosine.to_bits());
        let (first, second) = ((sine & !odd) | (cosine & odd), (cosine & !odd) | (sine & odd));
        sines[i] = f64::from_bits(first ^ ((quadrant & 2) << 62));
        cosines[i] = f64::from_bits(second ^ ((quadrant.wrapping_add(1) & 2) << 62));
    }
    (sines, cosines)
}

/// Sine of an angle of at most a quarter turn; at an eighth the error is 5e-17, at a quarter 6e-12.
#[inline]
pub(super) fn sine_series(x: f64) -> f64 {
    const C: [f64; 7] = [
        -1.0 / 6.0,
        1.0 / 120.0,
        -1.0 / 5_040.0,
        1.0 / 362_880.0,
        -1.0 / 39_916_800.0,
        1.0 / 6_227_020_800.0,
        -1.0 / 1_307_674_368_000.0,
    ];
    let z = x * x;
    x + x * z * (C[0] + z * (C[1] + z * (C[2] + z * (C[3] + z * (C[4] + z * (C[5] + z * C[6]))))))
}

/// Cosine of an angle of at most a quarter turn; at an eighth the error is 2e-18, at a quarter 6e-13.
#[inline]
pub(super) fn cosine_series(x: f64) -> f64 {
    const C: [f64; 7] = [
        1.0 / 24.0,
        -1.0 / 720.0,
        1.0 / 40_320.0,
        -1.0 / 3_628_800.0,
        1.0 / 479_001_600.0,
        -1.0 / 87_178_291_200.0,
        1.0 / 20_922_789_888_000.0,
    ];
    let z = x * x;
    let high = C[0] + z * (C[1] + z * (C[2] + z * (C[3] + z * (C[4] + z * (C[5] + z * C[6])))));
    1.0 - 0.5 * z + z * z * high
}

/// Angles in radians, -pi..=pi, of points `(y, x)`, as [`f64::atan2`] gives them. Zero for the origin.
///
/// Turned to within a sixteenth of a half turn of one of three directions, then the series of Gregory.
#[inline]
pub(super) fn atan2<const N: usize>(ys: [f64; N], xs: [f64; N]) -> [f64; N] {
    const C: [f64; 9] = [
        -1.0 / 3.0,
        1.0 / 5.0,
        -1.0 / 7.0,
        1.0 / 9.0,
        -1.0 / 11.0,
        1.0 / 13.0,
        -1.0 / 15.0,
        1.0 / 17.0,
        -1.0 / 19.0,
    ];
    let mut angles = [0.0; N];
    for i in 0..N {
        let (y, x) = (ys[i].abs(), xs[i].abs());
        let steep = y > x;
        let (low, high) = if steep { (x, y) } else { (y, x) };
        let high = if high > 0.0 { high } else { 1.0 };
        let (tangent, direction) = if low > TAN_PI_16 * high { (TAN_PI_8, FRAC_PI_8) } else { (0.0, 0.0) };
        let (tangent, direction) =
            if low > TAN_3_PI_16 * high { (1.0, FRAC_PI_4) } else { (tangent, direction) };
        let u = (low - tangent * high) / (high + tangent * low);
        let z = u * u;
        let series = C[4] + z * (C[5] + z * (C[6] + z * (C[7] + z * C[8])));
        let series = C[0] + z * (C[1] + z * (C[2] + z * (C[3] + z * series)));
        let first_octant = direction + (u + u * z * series);
        let quadrant = if steep { FRAC_PI_2 - first_octant } else { first_octant };
        let half = if xs[i] < 0.0 { PI - quadrant } else { quadrant };
        angles[i] = half.copysign(ys[i]);
    }
    angles
}

/// Wraps an angle in radians of at most some thousand turns into 0..360 degrees.
#[inline]
pub(super) fn circle_deg(angle_rad: f64) -> f64 {
    let turns = angle_rad * (0.5 * std::f64::consts::FRAC_1_PI);
    let rest = turns - ((turns + ROUNDING) - ROUNDING);
    let degrees = 360.0 * if rest < 0.0 { rest + 1.0 } else { rest };
    // A tiny negative angle rounds up to the full circle.
    if degrees >= 360.0 { 0.0 } else { degrees }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_and_cosines_equal_those_of_the_library() {
        for i in 0..200_000 {
            let angle = f64::from(i - 100_000) * 0.001_234_567;
            let ([sine], [cosine]) = sin_cos([angle]);
            assert!((sine - angle.sin()).abs() < 4e-16 && (cosine - angle.cos()).abs() < 4e-16, "{angle}");
        }
    }

    #[test]
    fn angles_of_points_equal_those_of_the_library_all_around() {
        for i in 0..200_000 {
            let angle = f64::from(i - 100_000) * (PI / 100_000.0);
            let size = 1.0 + f64::from(i % 17);
            let (y, x) = (size * angle.sin(), size * angle.cos());
            let [ours] = atan2([y], [x]);
            assert!((ours - y.atan2(x)).abs() < 1e-15, "{angle}: {ours}");
        }
        let on_axes = atan2([0.0, 1.0, 0.0], [0.0, 0.0, -1.0]);
        assert!(on_axes.iter().eq(&[0.0, FRAC_PI_2, PI]), "{on_axes:?}");
    }

    #[test]
    fn angles_are_wrapped_into_the_circle() {
        for (turns, degrees) in
            [(0.0, 0.0), (0.25, 90.0), (-0.25, 270.0), (2.5, 180.0), (-3.0, 0.0), (0.75, 270.0)]
        {
            assert!((circle_deg(turns * std::f64::consts::TAU) - degrees).abs() < 1e-12, "{turns}");
        }
        assert!(circle_deg(-1e-20) < 360.0);
    }
}
