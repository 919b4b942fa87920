//! Bending of light by the Sun, applied when positions are read because it spikes next to the Sun.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use crate::astro::lanes::{cosine_series, sine_series};

/// Gravitational radius of the Sun in astronomical units: GM / c^2 with GM from DE440.
const RADIUS_AU: f64 = 1.327_124_400_41e11 / (299_792.458 * 299_792.458 * 149_597_870.7);
/// Radius of the Sun in astronomical units (IAU 2015 resolution B3).
const SUN_RADIUS_AU: f64 = 695_700.0 / 149_597_870.7;

/// Where the Sun stands: longitude in radians and distance in astronomical units.
#[derive(Clone, Copy)]
pub(super) struct Sun {
    pub(super) longitude: f64,
    pub(super) distance_au: f64,
}

/// Shifts in longitude and latitude (radians) of bodies at the given places, away from the Sun.
///
/// Urban & Seidelmann, Explanatory Supplement (3rd ed.), 7.2.4: the angle is `2GM/(c^2 E) * sin(chi)/(1 + cos(chi))`,
/// `chi` the angle at the Sun between body and Earth. In the plane triangle of the distances `E` of the Sun, `d` of
/// the body and `s` between them, that fraction is `(d - s + E)(d + s - E) / (2 E d sin(e))`, `e` the elongation.
/// Beyond 90 degrees of longitude from the Sun the shift stays below 0.005" and is left out. Within the disc, where
/// no body is seen, the shift of the limb fades with the square of the distance from the centre, so that longitudes
/// stay continuous.
///
/// Longitudes must be at most half a turn and a granule's motion from zero, latitudes at most 18 degrees.
#[inline]
pub(super) fn shifts<const N: usize>(
    sun: Sun,
    longitudes: &[f64; N],
    latitudes: &[f64; N],
    distances_au: &[f64; N],
) -> ([f64; N], [f64; N]) {
    let near = sun.distance_au;
    let limb2 = (SUN_RADIUS_AU / near) * (SUN_RADIUS_AU / near);
    let strength = RADIUS_AU / (near * near);
    let (mut in_longitude, mut in_latitude) = ([0.0; N], [0.0; N]);
    for i in 0..N {
        let apart = longitudes[i] - sun.longitude;
        let apart = if apart > PI { apart - TAU } else { apart };
        let apart = if apart < -PI { apart + TAU } else { apart };
        let (sin_l, cos_l) = (sine_series(apart), cosine_series(apart));
        let b2 = latitudes[i] * latitudes[i];
        // Sine, cosine and secant of the latitude to 1e-4 of themselves, more than a shift of 1.8" needs.
        let sin_b = latitudes[i] * (1.0 - b2 / 6.0);
        let cos_b = 1.0 - b2 / 2.0 * (1.0 - b2 / 12.0);
        let sec_b = 1.0 + b2 / 2.0 * (1.0 + b2 * 5.0 / 12.0);
        let sin2_e = sin_b * sin_b + cos_b * cos_b * sin_l * sin_l;
        let far = distances_au[i];
        let between = (near * near + far * far - 2.0 * near * far * cos_b * cos_l).sqrt();
        let triangle = (far - between + near) * (far + between - near);
        let shift = strength * triangle / (far * if sin2_e < limb2 { limb2 } else { sin2_e });
        let shift = if apart.abs() < FRAC_PI_2 { shift } else { 0.0 };
        in_longitude[i] = shift * sin_l * sec_b;
        in_latitude[i] = shift * sin_b * cos_l;
    }
    (in_longitude, in_latitude)
}
