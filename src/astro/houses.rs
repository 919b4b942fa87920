//! Angles and houses by spherical trigonometry.
//!
//! All systems start from the right ascension of the meridian, the latitude and the true obliquity. The ascendant
//! stays in the eastern half of the sky also where the midheaven sinks below the horizon. Definitions of the
//! systems: Holden, The Elements of House Division (1977); Alcabitius, Koch and Topocentric as there.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_6, PI, TAU};

use super::chart::{Angles, HouseSystem, Houses};

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

/// Sines and cosines that every formula needs, and the two angles.
struct Sphere {
    armc: f64,
    sin_e: f64,
    cos_e: f64,
    tan_f: f64,
    sin_f: f64,
    cos_f: f64,
    asc: f64,
    mc: f64,
    /// Whether the degree rising by formula was in the west, so that the other one is the ascendant.
    flipped: bool,
}

/// Angles and houses of a vantage point in a system, or in Porphyry's where Placidus and Koch are undefined.
#[must_use]
pub fn divide(vantage: Vantage, system: HouseSystem) -> (Angles, Houses) {
    let sphere = Sphere::new(vantage);
    let undefined = matches!(system, HouseSystem::Placidus | HouseSystem::Koch)
        && sphere.tan_f.abs() * sphere.sin_e >= sphere.cos_e;
    let used = if undefined { HouseSystem::Porphyry } else { system };
    let houses = Houses {
        requested: system,
        used,
        fallback: undefined.then(|| "polar".to_owned()),
        cusps_deg: sphere.cusps(used).map(circle_deg),
    };
    let angles = Angles {
        ascendant_deg: circle_deg(sphere.asc),
        midheaven_deg: circle_deg(sphere.mc),
        armc_deg: circle_deg(sphere.armc),
        vertex_deg: circle_deg(sphere.vertex()),
    };
    (angles, houses)
}

/// Finds the house of a longitude among twelve cusps.
///
/// A house reaches from its cusp up to the next. Beyond the polar circles the houses of Regiomontanus and Campanus
/// run backwards through the zodiac at some hours; then a house reaches down to the next cusp.
#[derive(Debug, Clone, Copy)]
pub struct HouseFinder {
    first_deg: f64,
    backwards: bool,
    /// How far each cusp lies from the first in the direction of the houses, 0..360.
    reach_deg: [f64; 12],
}

impl HouseFinder {
    /// Prepares the search among cusps of 0..360 degrees.
    #[must_use]
    pub fn new(cusps_deg: &[f64; 12]) -> Self {
        let turn: f64 = (0..12).map(|i| ahead_deg(cusps_deg[i], cusps_deg[(i + 1) % 12])).sum();
        // Twelve arcs make one turn forwards, or eleven when each is the rest of a circle.
        let mut finder = Self { first_deg: cusps_deg[0], backwards: turn > 2_000.0, reach_deg: [0.0; 12] };
        finder.reach_deg = cusps_deg.map(|cusp| finder.reach(cusp));
        finder
    }

    /// The house, 1..=12, that holds a longitude of 0..360 degrees.
    #[must_use]
    pub fn house_of(&self, longitude_deg: f64) -> u8 {
        let reach = self.reach(longitude_deg);
        self.reach_deg[1..].iter().map(|cusp| u8::from(*cusp <= reach)).sum::<u8>() + 1
    }

    fn reach(&self, longitude_deg: f64) -> f64 {
        if self.backwards {
            ahead_deg(longitude_deg, self.first_deg)
        } else {
            ahead_deg(self.first_deg, longitude_deg)
        }
    }
}

/// Way from one longitude forward to another, 0..360 degrees; both within 0..360.
fn ahead_deg(from: f64, to: f64) -> f64 {
    let way = to - from;
    if way < 0.0 { way + 360.0 } else { way }
}

impl Sphere {
    fn new(vantage: Vantage) -> Self {
        let limit = HIGHEST_LATITUDE_DEG.to_radians();
        let (sin_f, cos_f) = vantage.latitude_rad.clamp(-limit, limit).sin_cos();
        let (sin_e, cos_e) = vantage.obliquity_rad.sin_cos();
        let (sin_t, cos_t) = vantage.armc_rad.sin_cos();
        let tan_f = sin_f / cos_f;
        let mc = sin_t.atan2(cos_t * cos_e);
        let rising = cos_t.atan2(-(sin_t * cos_e + tan_f * sin_e));
        let flipped = (rising - mc).rem_euclid(TAU) > PI;
        let asc = if flipped { rising + PI } else { rising };
        Self { armc: vantage.armc_rad, sin_e, cos_e, tan_f, sin_f, cos_f, asc, mc, flipped }
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

    /// Where the ecliptic crosses the prime vertical in the west: the degree rising a half turn later under the
    /// complement of the latitude, or its opposite where, as the tropics allow, that one lies in the east.
    fn vertex(&self) -> f64 {
        let (sin, cos) = (self.armc + PI).sin_cos();
        // Multiplied through by the sine of the latitude, which may be zero.
        let hemisphere = if self.sin_f < 0.0 { -1.0 } else { 1.0 };
        let below = sin * self.cos_e * self.sin_f + self.cos_f * self.sin_e;
        let vertex = (hemisphere * cos * self.sin_f).atan2(-hemisphere * below);
        let in_tropics = self.sin_f.abs() <= self.sin_e;
        let eastern = (vertex - self.mc).rem_euclid(TAU) < PI;
        if in_tropics && eastern { vertex + PI } else { vertex }
    }

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

    /// Thirds of the semi-arcs of each cusp: right ascension `a` with `a = c + k * asin(tan f tan d)`.
    fn placidus(&self) -> [f64; 4] {
        let m = self.tan_f * self.sin_e / self.cos_e;
        [(30.0, 1.0 / 3.0), (60.0, 2.0 / 3.0), (120.0, 2.0 / 3.0), (150.0, 1.0 / 3.0)].map(
            |(degrees, third)| {
                self.of_right_ascension(semi_arc_root(self.armc + f64::to_radians(degrees), third, m))
            },
        )
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

/// Solves `a = start + third * asin(m sin a)` for |m| < 1 by Newton's method.
///
/// The derivative of the difference lies between 1/3 and 5/3, so the root is unique; a step that leaves the
/// bracket, as happens next to the polar circle where the arc has a kink, is replaced by bisection. Convergence is
/// quadratic: after a step of 1e-9 the rest is below the precision of a double.
fn semi_arc_root(start: f64, third: f64, m: f64) -> f64 {
    let (mut low, mut high) = (start - third * FRAC_PI_2, start + third * FRAC_PI_2);
    let mut a = start;
    for _ in 0..60 {
        let (sin, cos) = a.sin_cos();
        let u = m * sin;
        let excess = a - start - third * u.asin();
        if excess > 0.0 {
            high = a;
        } else {
            low = a;
        }
        let step = excess / (1.0 - third * m * cos / (1.0 - u * u).sqrt());
        let next = if low < a - step && a - step < high { a - step } else { f64::midpoint(low, high) };
        let moved = (next - a).abs();
        a = next;
        if moved < 1e-9 {
            break;
        }
    }
    a
}

/// Wraps radians into 0..360 degrees.
fn circle_deg(angle_rad: f64) -> f64 {
    let turns = angle_rad * (1.0 / TAU);
    #[allow(clippy::cast_possible_truncation, reason = "cusps and angles are a few turns at most")]
    let fraction = turns - f64::from(turns as i32);
    let degrees = 360.0 * if fraction < 0.0 { fraction + 1.0 } else { fraction };
    // A tiny negative angle rounds up to the full circle.
    if degrees >= 360.0 { 0.0 } else { degrees }
}
