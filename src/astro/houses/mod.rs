//! Angles and houses by spherical trigonometry.
//!
//! All systems start from the right ascension of the meridian, the latitude and the true obliquity. The ascendant
//! stays in the eastern half of the sky also where the midheaven sinks below the horizon. Definitions of the
//! systems: Holden, The Elements of House Division (1977); Alcabitius, Koch and Topocentric as there.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_6, PI, TAU};

mod finder;
mod placidus;

use super::chart::{Angles, HouseSystem, Houses};
use super::lanes::{self, circle_deg};
pub use finder::HouseFinder;

/// Latitudes are kept this far from the poles, where the horizon has no rising degree.
const HIGHEST_LATITUDE_DEG: f64 = 89.999_9;

/// Where houses are divided. Angles in radians.
#[derive(Debug, Clone, Copy)]
pub struct Vantage {
    /// Right ascension of the meridian.
    pub armc_rad: f64,
    /// True obliquity of the ecliptic.
    pub obliquity_rad: f64,
    /// Geographic latitude, north positive.
    pub latitude_rad: f64,
}

/// Angles and cusps, without a word about them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Division {
    pub(super) angles: Angles,
    /// The system used: Porphyry's in place of Placidus and Koch where those are undefined.
    pub(super) used: HouseSystem,
    /// Cusps of houses 1 to 12.
    pub(super) cusps_deg: [f64; 12],
}

/// Sines and cosines that every formula needs, and the angles.
struct Sphere {
    armc: f64,
    sin_e: f64,
    cos_e: f64,
    tan_f: f64,
    cos_f: f64,
    asc: f64,
    mc: f64,
    vertex: f64,
    /// Whether the degree rising by formula was in the west, so that the other one is the ascendant.
    flipped: bool,
}

/// Angles and houses of a vantage point in a system, or in Porphyry's where Placidus and Koch are undefined.
#[must_use]
pub fn divide(vantage: Vantage, system: HouseSystem) -> (Angles, Houses) {
    let Division { angles, used, cusps_deg } = division(vantage, system);
    let fallback = (used != system).then(|| "polar".to_owned());
    (angles, Houses { requested: system, used, fallback, cusps_deg })
}

/// [`divide`] without allocation.
#[inline]
pub(super) fn division(vantage: Vantage, system: HouseSystem) -> Division {
    let sphere = Sphere::new(vantage);
    let undefined = matches!(system, HouseSystem::Placidus | HouseSystem::Koch)
        && sphere.tan_f.abs() * sphere.sin_e >= sphere.cos_e;
    let used = if undefined { HouseSystem::Porphyry } else { system };
    let angles = Angles {
        ascendant_deg: circle_deg(sphere.asc),
        midheaven_deg: circle_deg(sphere.mc),
        armc_deg: circle_deg(sphere.armc),
        vertex_deg: circle_deg(sphere.vertex),
    };
    let mut cusps_deg = sphere.cusps(used);
    for cusp in &mut cusps_deg {
        *cusp = circle_deg(*cusp);
    }
    Division { angles, used, cusps_deg }
}

impl Sphere {
    #[inline]
    fn new(vantage: Vantage) -> Self {
        let limit = HIGHEST_LATITUDE_DEG.to_radians();
        let latitude = vantage.latitude_rad.clamp(-limit, limit);
        let ([sin_f, sin_e, sin_t, _], [cos_f, cos_e, cos_t, _]) =
            lanes::sin_cos([latitude, vantage.obliquity_rad, vantage.armc_rad, 0.0]);
        let tan_f = sin_f / cos_f;
        // Where the ecliptic crosses the prime vertical in the west: the degree rising a half turn later under the
        // complement of the latitude, multiplied through by the sine of the latitude, which may be zero.
        let hemisphere = if sin_f < 0.0 { -1.0 } else { 1.0 };
        let below = cos_f * sin_e - sin_t * cos_e * sin_f;
        let [mc, rising, crossing, _] = lanes::atan2(
            [sin_t, cos_t, -hemisphere * cos_t * sin_f, 0.0],
            [cos_t * cos_e, -(sin_t * cos_e + tan_f * sin_e), -hemisphere * below, 1.0],
        );
        let flipped = !in_first_half(rising - mc);
        // In the tropics the crossing found may lie in the east; then its opposite is the vertex.
        let opposite = sin_f.abs() <= sin_e && in_first_half(crossing - mc);
        Self {
            armc: vantage.armc_rad,
            sin_e,
            cos_e,
            tan_f,
            cos_f,
            asc: if flipped { rising + PI } else { rising },
            mc,
            vertex: if opposite { crossing + PI } else { crossing },
            flipped,
        }
    }

    /// Longitude that rises for a right ascension of the meridian and a tangent of the pole's height (Meeus,
    /// Astronomical Algorithms, 2nd ed., p. 99).
    fn rising(&self, meridian: f64, tan_pole: f64) -> f64 {
        let (sin, cos) = meridian.sin_cos();
        cos.atan2(-(sin * self.cos_e + tan_pole * self.sin_e))
    }

    /// Longitude of the ecliptic point with a right ascension.
    fn of_right_ascension(&self, right_ascension: f64) -> f64 {
        let (sin, cos) = right_ascension.sin_cos();
        sin.atan2(cos * self.cos_e)
    }

    #[inline]
    fn cusps(&self, system: HouseSystem) -> [f64; 12] {
        match system {
            HouseSystem::Placidus => self.quadrants(self.placidus()),
            HouseSystem::Koch => self.quadrants(self.koch()),
            HouseSystem::Regiomontanus => self.by_poles(|h| (h, self.tan_f * h.sin())),
            HouseSystem::Campanus => self.by_poles(|h| {
                let on_equator = (h.sin() * self.cos_f).atan2(h.cos());
                (on_equator, self.tan_f * on_equator.sin())
            }),
            HouseSystem::Topocentric => self.by_poles(|h| {
                let thirds = if h < FRAC_PI_2 { h } else { PI - h } / FRAC_PI_2;
                (h, self.tan_f * thirds)
            }),
            HouseSystem::Alcabitius => self.quadrants(self.alcabitius()),
            HouseSystem::Porphyry => self.quadrants(self.porphyry()),
            HouseSystem::Equal => Self::equal(self.asc),
            HouseSystem::WholeSign => {
                // Degrees, because the sign of the ascendant is a matter of its degrees.
                let first = (circle_deg(self.asc) / 30.0).floor() * 30.0;
                Self::equal(first.to_radians())
            }
            HouseSystem::Morinus => Self::equal(self.armc + FRAC_PI_2).map(|on_equator| {
                let (sin, cos) = on_equator.sin_cos();
                (sin * self.cos_e).atan2(cos)
            }),
        }
    }

    /// All cusps from those of houses 11, 12, 2 and 3 and the angles.
    fn quadrants(&self, [c11, c12, c2, c3]: [f64; 4]) -> [f64; 12] {
        let (asc, mc) = (self.asc, self.mc);
        [asc, c2, c3, mc + PI, c11 + PI, c12 + PI, asc + PI, c2 + PI, c3 + PI, mc, c11, c12]
    }

    /// Twelve points 30 degrees apart.
    fn equal(first: f64) -> [f64; 12] {
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0].map(|house| first + house * FRAC_PI_6)
    }

    /// Cusps as degrees that rise for a house circle: its crossing of the equator and its pole's height.
    fn by_poles(&self, circle: impl Fn(f64) -> (f64, f64)) -> [f64; 12] {
        let turn = if self.flipped { PI } else { 0.0 };
        let cusp = |degrees: f64| {
            let (on_equator, tan_pole) = circle(degrees.to_radians());
            self.rising(self.armc + on_equator - FRAC_PI_2, tan_pole) + turn
        };
        let mut cusps = self.quadrants([cusp(30.0), cusp(60.0), cusp(120.0), cusp(150.0)]);
        // House circles pass through the north and south points of the horizon: with the ascendant, the end of the
        // meridian changes too, and the tenth cusp is the lower one.
        cusps[9] += turn;
        cusps[3] += turn;
        cusps
    }

    /// Thirds of the ecliptic between the angles.
    fn porphyry(&self) -> [f64; 4] {
        let upper = (self.asc - self.mc).rem_euclid(TAU);
        let (upper_third, lower_third) = (upper / 3.0, (PI - upper) / 3.0);
        [
            self.mc + upper_third,
            self.mc + 2.0 * upper_third,
            self.asc + lower_third,
            self.asc + 2.0 * lower_third,
        ]
    }

    /// Thirds of the semi-arcs of each cusp.
    #[inline]
    fn placidus(&self) -> [f64; 4] {
        let (sines, cosines) = placidus::right_ascensions(self.armc, self.tan_f * self.sin_e / self.cos_e);
        lanes::atan2(sines, cosines.map(|cosine| cosine * self.cos_e))
    }

    /// Thirds of the ascensional difference of the midheaven, rising under the latitude of birth.
    fn koch(&self) -> [f64; 4] {
        let sin_declination = self.mc.sin() * self.sin_e;
        let difference =
            (self.tan_f * sin_declination / (1.0 - sin_declination * sin_declination).sqrt()).asin();
        [(-60.0, -2.0), (-30.0, -1.0), (30.0, 1.0), (60.0, 2.0)].map(|(degrees, thirds)| {
            self.rising(self.armc + f64::to_radians(degrees) + thirds * difference / 3.0, self.tan_f)
        })
    }

    /// Thirds of the semi-arcs of the ascendant, taken on the equator.
    fn alcabitius(&self) -> [f64; 4] {
        let sin_declination = self.asc.sin() * self.sin_e;
        let tan_declination = sin_declination / (1.0 - sin_declination * sin_declination).sqrt();
        let difference = (self.tan_f * tan_declination).clamp(-1.0, 1.0).asin();
        let (diurnal, nocturnal) = (FRAC_PI_2 + difference, FRAC_PI_2 - difference);
        [
            self.armc + diurnal / 3.0,
            self.armc + 2.0 * diurnal / 3.0,
            self.armc + PI - 2.0 * nocturnal / 3.0,
            self.armc + PI - nocturnal / 3.0,
        ]
        .map(|right_ascension| self.of_right_ascension(right_ascension))
    }
}

/// Whether an angle between minus and plus a whole turn lies in the first half of the circle.
#[inline]
fn in_first_half(angle: f64) -> bool {
    (0.0..=PI).contains(&angle) || angle <= -PI
}
