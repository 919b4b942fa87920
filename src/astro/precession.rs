//! Slow motions of the reference planes, rotation of the Earth and the mean lunar node.

use std::f64::consts::{PI, TAU};

use super::ephemeris::Sky;
use super::lanes;

/// Julian day of the epoch J2000.0.
pub const J2000: f64 = 2_451_545.0;

const ARCSEC_RAD: f64 = PI / 648_000.0;

fn julian_centuries(jd: f64) -> f64 {
    (jd - J2000) / 36_525.0
}

/// Mean obliquity of the ecliptic in radians (IAU 2006; Hilton et al. 2006, Celest. Mech. 94, 351).
#[must_use]
pub fn mean_obliquity_rad(jd_tt: f64) -> f64 {
    let t = julian_centuries(jd_tt);
    let arcsec = 84_381.406
        + t * (-46.836_769
            + t * (-0.000_183_1 + t * (0.002_003_40 + t * (-0.000_000_576 + t * -0.000_000_043_4))));
    arcsec * ARCSEC_RAD
}

/// Mean longitude of the Moon's ascending node in radians, mean equinox of date (Meeus, Astronomical Algorithms,
/// 2nd ed., formula 47.7). Not wrapped.
#[must_use]
pub fn mean_node_rad(jd_tt: f64) -> f64 {
    let t = julian_centuries(jd_tt);
    let degrees =
        125.044_547_9 + t * (-1_934.136_289_1 + t * (0.002_075_4 + t * (1.0 / 467_441.0 - t / 60_616_000.0)));
    degrees.to_radians()
}

/// Derivative of [`mean_node_rad`].
#[must_use]
pub fn mean_node_rate_rad_per_day(jd_tt: f64) -> f64 {
    let t = julian_centuries(jd_tt);
    let per_century =
        -1_934.136_289_1 + t * (2.0 * 0.002_075_4 + t * (3.0 / 467_441.0 - t * 4.0 / 60_616_000.0));
    (per_century / 36_525.0).to_radians()
}

/// Greenwich apparent sidereal time in radians, 0..tau, of Julian days after 0.
///
/// Earth rotation angle (IAU 2000) and the polynomial of GMST 2006 (Capitaine et al. 2003, A&A 412, 567), with the
/// two largest complementary terms of the equation of the equinoxes (IERS Conventions 2010, table 5.2e). Agrees with
/// Swiss Ephemeris to 0.0024" up to 2050, where that program jumps to another model, 1.4 to 1.9" off.
#[must_use]
#[allow(clippy::similar_names, reason = "ut and tt are the names of the two time scales")]
pub fn apparent_sidereal_time_rad(jd_ut: f64, jd_tt: f64, sky: &Sky) -> f64 {
    let days = jd_ut - J2000;
    // The whole turns of the day drop out before they cost precision.
    let turns = jd_ut.fract() + 0.779_057_273_264_0 + 0.002_737_811_911_354_48 * days;
    let rotation = TAU * turns.fract();
    let t = julian_centuries(jd_tt);
    let precession_arcsec = 0.014_506
        + t * (4_612.156_534
            + t * (1.391_581_7 + t * (-0.000_000_44 + t * (-0.000_029_956 + t * -0.000_000_036_8))));
    let ([sin_node, _], [cos_node, cos_obliquity]) = lanes::sin_cos([sky.mean_node_rad, sky.obliquity_rad]);
    let complementary_arcsec = sin_node * (0.002_640_96 + 2.0 * 0.000_063_52 * cos_node);
    let equinoxes = sky.nutation_longitude_rad * cos_obliquity + complementary_arcsec * ARCSEC_RAD;
    let sidereal = rotation + precession_arcsec * ARCSEC_RAD + equinoxes;
    sidereal - TAU * (sidereal * (1.0 / TAU)).floor()
}
