//! The orbit of (2060) Chiron, which the kernel does not hold: its equations of motion integrated from the elements
//! of JPL under the attraction of the Sun, the planets, Pluto and the Moon, as the kernel moves them.

use std::f64::consts::PI;

use orrery::astro::precession::J2000;

use crate::reduction::{EARTH, LIGHT_KM_S, MOON};
use crate::spk::Kernel;
use crate::vector::{Vector, add, cross, dot, norm, rotate, scale, sub};

/// Osculating elements at [`EPOCH_JD`], heliocentric, ecliptic of J2000 (JPL Small-Body Database, solution of 2060
/// Chiron for that epoch): semi-major axis in astronomical units, eccentricity, and angles in degrees.
const SEMI_MAJOR_AXIS_AU: f64 = 13.692_198_961_729_84;
const ECCENTRICITY: f64 = 0.378_979_234_284_647_5;
const INCLINATION_DEG: f64 = 6.926_003_536_565_557;
const PERIHELION_DEG: f64 = 339.253_741_704_535_1;
const NODE_DEG: f64 = 209.298_420_489_910_7;
const MEAN_ANOMALY_DEG: f64 = 212.839_771_785_333_5;
/// Julian day (TDB) of the elements.
const EPOCH_JD: f64 = 2_461_000.5;

/// Obliquity of the ecliptic of J2000 that JPL refers elements to (IAU 1976), arcseconds.
const OBLIQUITY_ARCSEC: f64 = 84_381.448;
const AU_KM: f64 = 149_597_870.7;
const DAY_S: f64 = 86_400.0;
const SUN: i32 = 10;

/// Gravitational parameters of DE440 in km^3/s^2 (Park et al. 2021, table 2), by NAIF number. The first is the Sun.
const ATTRACTORS: [(i32, f64); 11] = [
    (SUN, 132_712_440_041.279_42),
    (1, 22_031.868_551),
    (2, 324_858.592),
    (EARTH, 398_600.435_507),
    (MOON, 4_902.800_118),
    (4, 42_828.375_816),
    (5, 126_712_764.1),
    (6, 37_940_584.841_8),
    (7, 5_794_556.4),
    (8, 6_836_527.100_58),
    (9, 975.5),
];

/// Length of a step: a thousandth of a radian of Chiron's motion.
const STEP_DAYS: f64 = 8.0;
/// Substeps of the extrapolated midpoint rule; six of them make it a method of order twelve.
const SUBSTEPS: [u32; 6] = [2, 4, 6, 8, 10, 12];

/// Position (km) and velocity (km/s) about the barycentre of the solar system.
type State = [Vector; 2];

/// Chiron's states at even intervals.
pub struct Chiron {
    first_s: f64,
    states: Vec<State>,
}

impl Chiron {
    /// Integrates the orbit from its epoch to both ends of a span of Julian days, and a step beyond.
    pub fn integrate(kernel: &Kernel, from_jd: f64, to_jd: f64) -> Self {
        let steps_back = ((EPOCH_JD - from_jd) / STEP_DAYS).ceil() as u32 + 1;
        let steps_on = ((to_jd - EPOCH_JD) / STEP_DAYS).ceil() as u32 + 1;
        let epoch_s = (EPOCH_JD - J2000) * DAY_S;
        let start = initial_state(kernel, epoch_s);
        let mut states = march(kernel, start, epoch_s, -STEP_DAYS * DAY_S, steps_back);
        states.reverse();
        states.push(start);
        states.extend(march(kernel, start, epoch_s, STEP_DAYS * DAY_S, steps_on));
        Self { first_s: epoch_s - f64::from(steps_back) * STEP_DAYS * DAY_S, states }
    }

    /// Position (km) about the barycentre, `seconds` past J2000 TDB, by the cubic through two neighbouring states:
    /// a step is so short that its error stays below a metre.
    pub fn barycentric(&self, seconds: f64) -> Vector {
        let step = STEP_DAYS * DAY_S;
        let place = (seconds - self.first_s) / step;
        let at = (place as usize).min(self.states.len() - 2);
        let t = place - at as f64;
        let ([p0, v0], [p1, v1]) = (self.states[at], self.states[at + 1]);
        let (u, tt) = (1.0 - t, t * t);
        let from_start = add(scale(p0, u * u * (1.0 + 2.0 * t)), scale(v0, step * t * u * u));
        let from_end = add(scale(p1, tt * (3.0 - 2.0 * t)), scale(v1, -step * tt * u));
        add(from_start, from_end)
    }
}

/// The state of the elements (Murray & Dermott 1999, Solar System Dynamics, 2.4 and 2.8).
fn initial_state(kernel: &Kernel, epoch_s: f64) -> State {
    let mean_anomaly = MEAN_ANOMALY_DEG.to_radians();
    let mut eccentric = mean_anomaly;
    for _ in 0..50 {
        eccentric -= (eccentric - ECCENTRICITY * eccentric.sin() - mean_anomaly)
            / (1.0 - ECCENTRICITY * eccentric.cos());
    }
    let a = SEMI_MAJOR_AXIS_AU * AU_KM;
    let flattening = (1.0 - ECCENTRICITY * ECCENTRICITY).sqrt();
    let (sin, cos) = eccentric.sin_cos();
    let rate = (ATTRACTORS[0].1 / a).sqrt() / (1.0 - ECCENTRICITY * cos);
    let in_plane = [a * (cos - ECCENTRICITY), a * flattening * sin];
    let moving = [-rate * sin, rate * flattening * cos];

    let (sin_i, cos_i) = INCLINATION_DEG.to_radians().sin_cos();
    let (sin_w, cos_w) = PERIHELION_DEG.to_radians().sin_cos();
    let (sin_o, cos_o) = NODE_DEG.to_radians().sin_cos();
    let to_perihelion =
        [cos_o * cos_w - sin_o * sin_w * cos_i, sin_o * cos_w + cos_o * sin_w * cos_i, sin_w * sin_i];
    let across = cross([sin_o * sin_i, -cos_o * sin_i, cos_i], to_perihelion);
    let (sin_e, cos_e) = (OBLIQUITY_ARCSEC * PI / 648_000.0).sin_cos();
    let to_equator = [[1.0, 0.0, 0.0], [0.0, cos_e, -sin_e], [0.0, sin_e, cos_e]];
    let in_space = |[x, y]: [f64; 2]| rotate(&to_equator, add(scale(to_perihelion, x), scale(across, y)));

    let (sun, sun_velocity) = kernel.barycentric(SUN, epoch_s);
    [add(in_space(in_plane), sun), add(in_space(moving), sun_velocity)]
}

/// States after each of a number of steps.
fn march(kernel: &Kernel, start: State, start_s: f64, step_s: f64, count: u32) -> Vec<State> {
    let mut state = start;
    (0..count)
        .map(|k| {
            state = step(kernel, state, start_s + f64::from(k) * step_s, step_s);
            state
        })
        .collect()
}

/// One step of Gragg, Bulirsch and Stoer (Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I,
/// II.9): midpoint rules of growing fineness, extrapolated to infinite fineness.
fn step(kernel: &Kernel, state: State, seconds: f64, step_s: f64) -> State {
    let mut row: Vec<State> = Vec::new();
    for (j, substeps) in SUBSTEPS.into_iter().enumerate() {
        let mut next = vec![midpoints(kernel, state, seconds, step_s, substeps)];
        for k in 0..j {
            let ratio = f64::from(substeps) / f64::from(SUBSTEPS[j - k - 1]);
            let share = 1.0 / (ratio * ratio - 1.0);
            next.push(moved(next[k], [0, 1].map(|half| sub(next[k][half], row[k][half])), share));
        }
        row = next;
    }
    row[SUBSTEPS.len() - 1]
}

/// Gragg's midpoint rule, with its smoothing at the end.
fn midpoints(kernel: &Kernel, state: State, seconds: f64, step_s: f64, substeps: u32) -> State {
    let h = step_s / f64::from(substeps);
    let (mut before, mut now) = (state, moved(state, rate(kernel, state, seconds), h));
    for k in 1..substeps {
        let after = moved(before, rate(kernel, now, seconds + f64::from(k) * h), 2.0 * h);
        (before, now) = (now, after);
    }
    let end = moved(before, rate(kernel, now, seconds + step_s), h);
    [0, 1].map(|half| scale(add(now[half], end[half]), 0.5))
}

fn moved(state: State, rate: State, by: f64) -> State {
    [0, 1].map(|half| add(state[half], scale(rate[half], by)))
}

/// Velocity and acceleration: Newton's, and the first relativistic term of the Sun (Urban & Seidelmann,
/// Explanatory Supplement, 3rd ed., 8.3).
fn rate(kernel: &Kernel, [position, velocity]: State, seconds: f64) -> State {
    let mut acceleration = [0.0; 3];
    for (body, gm) in ATTRACTORS {
        let (place, motion) = kernel.barycentric(body, seconds);
        let away = sub(place, position);
        let distance = norm(away);
        acceleration = add(acceleration, scale(away, gm / distance.powi(3)));
        if body == SUN {
            let (r, v) = (scale(away, -1.0), sub(velocity, motion));
            let along = add(scale(r, 4.0 * gm / distance - dot(v, v)), scale(v, 4.0 * dot(r, v)));
            acceleration = add(acceleration, scale(along, gm / (LIGHT_KM_S.powi(2) * distance.powi(3))));
        }
    }
    [velocity, acceleration]
}
