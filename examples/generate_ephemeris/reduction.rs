//! From the barycentric positions of the kernel to apparent geocentric places, without deflection and nutation:
//! light-time, aberration, frame bias and precession (Urban & Seidelmann, Explanatory Supplement, 3rd ed., ch. 7).

use orrery::astro::ephemeris::format::CHIRON;
use orrery::astro::precession::J2000;

use crate::chiron::Chiron;
use crate::spk::Kernel;
use crate::vector::{Vector, add, cross, dot, norm, rotate, scale, sub};

/// NAIF numbers of the bodies of the table, by their code. From Mars on the barycentre of the planet's system
/// stands for the planet, and for Pluto too.
const NAIF: [i32; 10] = [10, 301, 1, 2, 4, 5, 6, 7, 8, 9];
pub const EARTH_MOON_BARYCENTRE: i32 = 3;
pub const MOON: i32 = 301;
pub const EARTH: i32 = 399;

pub const LIGHT_KM_S: f64 = 299_792.458;
const AU_KM: f64 = 149_597_870.7;
const DAY_S: f64 = 86_400.0;

/// An apparent place: radians, radians, astronomical units.
pub struct Apparent {
    pub longitude: f64,
    pub latitude: f64,
    pub distance_au: f64,
}

/// What gives the barycentric positions of all bodies.
pub struct Sources {
    pub kernel: Kernel,
    pub chiron: Chiron,
}

impl Sources {
    /// Position (km) of a body of the table by its code, `seconds` past J2000 TDB.
    fn barycentric(&self, body: usize, seconds: f64) -> Vector {
        if body == usize::from(CHIRON) {
            self.chiron.barycentric(seconds)
        } else {
            self.kernel.barycentric(NAIF[body], seconds).0
        }
    }
}

/// The Earth at one instant and the frame to which its sky is referred.
pub struct Observer<'a> {
    sources: &'a Sources,
    seconds: f64,
    position: Vector,
    velocity: Vector,
    /// From the celestial reference frame to the mean ecliptic and equinox of date.
    ecliptic: [Vector; 3],
}

impl<'a> Observer<'a> {
    /// The geocentre at a Julian day in TT.
    pub fn at(sources: &'a Sources, jd_tt: f64) -> Self {
        let seconds = (jd_tt - J2000) * DAY_S + tdb_minus_tt_s(jd_tt);
        let (position, velocity) = sources.kernel.barycentric(EARTH, seconds);
        Self { sources, seconds, position, velocity, ecliptic: mean_ecliptic(jd_tt) }
    }

    /// Apparent place of a body of the table by its code, 0 (Sun) to 9 (Pluto) or 12 (Chiron).
    pub fn apparent(&self, body: usize) -> Apparent {
        let mut light_s = 0.0;
        let mut from_earth = [0.0; 3];
        // Three steps settle the light-time to well under a microsecond.
        for _ in 0..3 {
            let position = self.sources.barycentric(body, self.seconds - light_s);
            from_earth = sub(position, self.position);
            light_s = norm(from_earth) / LIGHT_KM_S;
        }
        let distance = norm(from_earth);
        let [x, y, z] = rotate(&self.ecliptic, self.aberrate(scale(from_earth, 1.0 / distance)));
        Apparent { longitude: y.atan2(x), latitude: z.asin(), distance_au: distance / AU_KM }
    }

    /// Relativistic aberration of a unit vector (Explanatory Supplement 7.2.3).
    fn aberrate(&self, direction: Vector) -> Vector {
        let v = scale(self.velocity, 1.0 / LIGHT_KM_S);
        let inverse_gamma = (1.0 - dot(v, v)).sqrt();
        let along = 1.0 + dot(direction, v) / (1.0 + inverse_gamma);
        let moved = add(scale(direction, inverse_gamma), scale(v, along));
        scale(moved, 1.0 / norm(moved))
    }

    /// Longitude of the osculating ascending node of the Moon, radians: where the instantaneous plane of its
    /// geometric geocentric motion crosses the ecliptic.
    pub fn true_node(&self) -> f64 {
        let (moon, moon_velocity) = self.sources.kernel.about_centre(MOON, self.seconds);
        let (earth, earth_velocity) = self.sources.kernel.about_centre(EARTH, self.seconds);
        let normal = cross(sub(moon, earth), sub(moon_velocity, earth_velocity));
        let [x, y, _] = rotate(&self.ecliptic, normal);
        x.atan2(-y)
    }
}

/// Nutation in longitude and obliquity in radians (IAU 2000A adjusted to the IAU 2006 precession).
pub fn nutation(jd_tt: f64) -> (f64, f64) {
    sofars::pnp::nut06a(jd_tt, 0.0)
}

/// The two largest terms of TDB minus TT (Explanatory Supplement 3.2): good to 10 microseconds.
fn tdb_minus_tt_s(jd_tt: f64) -> f64 {
    let days = jd_tt - J2000;
    let earth_anomaly = (357.53 + 0.985_600_3 * days).to_radians();
    let jupiter_term = (246.11 + 0.902_517_92 * days).to_radians();
    0.001_657 * earth_anomaly.sin() + 0.000_022 * jupiter_term.sin()
}

/// Rotation from the celestial reference frame to the mean ecliptic and equinox of date (IAU 2006).
fn mean_ecliptic(jd_tt: f64) -> [Vector; 3] {
    let (_, _, equator) = sofars::pnp::bp06(jd_tt, 0.0);
    let (sin, cos) = sofars::pnp::obl06(jd_tt, 0.0).sin_cos();
    [
        equator[0],
        add(scale(equator[1], cos), scale(equator[2], sin)),
        add(scale(equator[1], -sin), scale(equator[2], cos)),
    ]
}
