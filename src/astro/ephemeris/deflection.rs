//! Bending of light by the Sun, applied when positions are read because it spikes next to the Sun.

use std::f64::consts::{FRAC_PI_2, TAU};

/// Twice the gravitational radius of the Sun in astronomical units: 2 GM / c^2 with GM from DE440.
const DEFLECTION_AU: f64 = 2.0 * 1.327_124_400_41e11 / (299_792.458 * 299_792.458 * 149_597_870.7);
/// Radius of the Sun in astronomical units (IAU 2015 resolution B3).
const SUN_RADIUS_AU: f64 = 695_700.0 / 149_597_870.7;

/// Where the Sun stands: longitude in radians and distance in astronomical units.
#[derive(Clone, Copy)]
pub(super) struct Sun {
    pub(super) longitude: f64,
    pub(super) distance_au: f64,
}

/// Shift in longitude and latitude (radians) of a body at the given place, away from the Sun.
///
/// Urban & Seidelmann, Explanatory Supplement (3rd ed.), 7.2.4: the angle is `2GM/(c^2 E) * sin(chi)/(1 + q.e)`,
/// `chi` the angle at the Sun between body and Earth; here by the plane triangle. Beyond 90 degrees of elongation
/// it stays below 0.005" and is left out. Within the disc, where no body is seen, the shift of the limb fades with
/// the square of the distance from the centre, so that longitudes stay continuous.
#[inline]
pub(super) fn shift(sun: Sun, longitude: f64, latitude: f64, distance_au: f64) -> (f64, f64) {
    let (sin_dl, cos_dl) = (longitude - sun.longitude).sin_cos();
    let (sin_b, cos_b) = small_sin_cos(latitude);
    let cos_e = cos_b * cos_dl;
    let sin_e = (sin_b * sin_b + cos_b * cos_b * sin_dl * sin_dl).sqrt().max(1e-9);
    let (near, far) = (sun.distance_au, distance_au);
    let from_sun2 = near * near + far * far - 2.0 * near * far * cos_e;
    let from_sun = from_sun2.sqrt();
    // Cosine of the angle at the Sun between the body and the Earth.
    let cos_chi = (from_sun2 + near * near - far * far) / (2.0 * from_sun * near);
    let sin_chi = far * sin_e / from_sun;
    let mut angle = DEFLECTION_AU / near * sin_chi / (1.0 + cos_chi).max(1e-12);
    let limb = SUN_RADIUS_AU / near;
    if sin_e < limb {
        angle *= (sin_e / limb) * (sin_e / limb);
    }
    (angle * sin_dl / (sin_e * cos_b), angle * sin_b * cos_dl / sin_e)
}

/// Whether two longitudes in radians, each at most half a turn and a granule's motion from zero, are less than a
/// quarter circle apart.
#[inline]
pub(super) fn within_quadrant(a: f64, b: f64) -> bool {
    let apart = (a - b).abs();
    apart.min((TAU - apart).abs()) < FRAC_PI_2
}

/// Sine and cosine of a planet's latitude, at most 18 degrees, good to 1e-6.
#[inline]
fn small_sin_cos(angle: f64) -> (f64, f64) {
    let square = angle * angle;
    (
        angle * (1.0 - square / 6.0 * (1.0 - square / 20.0)),
        1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0)),
    )
}
