//! The one place where this room looks at the ephemeris.

use crate::astro::ephemeris;

/// Julian days that the ephemeris covers with some days to spare: 1850-01-01 to 2150-01-01.
const COVERED_JD: (f64, f64) = (2_396_758.5, 2_506_331.5);

/// TT minus UT in days, taken as one minute: between 1900 and 2100 it is off by at most a minute and a half, in which the Moon,
/// the fastest planet of a quarterly mean, moves less than 0.02 degrees.
const DELTA_T_DAYS: f64 = 60.0 / 86_400.0;

/// Longitudes of Sun to Pluto in degrees at a Julian day in universal time.
/// Days outside the ephemeris take its nearest day.
pub(super) fn longitudes_deg(jd_ut: f64) -> [f64; 10] {
    ephemeris::longitudes_deg((jd_ut + DELTA_T_DAYS).clamp(COVERED_JD.0, COVERED_JD.1))
}
