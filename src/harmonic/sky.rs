//! The one place where this room looks at the ephemeris.

use crate::astro::{ephemeris, julian};

/// Julian days that the ephemeris covers with some days to spare: 1850-01-01 to 2150-01-01.
const COVERED_JD: (f64, f64) = (2_396_758.5, 2_506_331.5);

/// Longitudes of Sun to Pluto in degrees at a Julian day in universal time.
/// Days outside the ephemeris take its nearest day.
pub(super) fn longitudes_deg(jd_ut: f64) -> [f64; 10] {
    ephemeris::longitudes_deg(julian::tt_of_ut(jd_ut.clamp(COVERED_JD.0, COVERED_JD.1)))
}
