//! Two charts: the raw sums behind the eight sub-scores.
//!
//! Ours on published parts (aspects, elements, overlays, Discepolo's points, harmonics after Addey). A person
//! takes part with Sun to Mars and the angles only: Jupiter and slower planets tell the year of birth, and a
//! comparison must not prefer an age. A company's founding chart takes part with Jupiter and Saturn too.

use super::synastry::{ASCENDANT, Grid, MIDHEAVEN, element_match, element_of};
use super::types::Party;
use crate::astro::body::Body;
use crate::astro::chart::AspectKind;
use crate::astro::houses::HouseFinder;
use crate::astro::{NatalChart, Sign};
use crate::harmonic::spectrum::{NATAL_WEIGHTS, PERSONAL_WEIGHTS, QUARTER_HARMONICS, longitudes};
use crate::harmonic::stats::{correlation, mean};
use crate::harmonic::types::Spectrum;

const SUN: usize = Body::Sun.index();
const MOON: usize = Body::Moon.index();
const MERCURY: usize = Body::Mercury.index();
const VENUS: usize = Body::Venus.index();
const MARS: usize = Body::Mars.index();
const JUPITER: usize = Body::Jupiter.index();
const SATURN: usize = Body::Saturn.index();

/// Weights of the sub-scores in the overall score, in the order of [`super::SCORES`].
pub const OVERALL_WEIGHTS: [f64; 8] = [0.20, 0.10, 0.10, 0.15, 0.10, 0.15, 0.10, 0.10];

/// Who stands on the other side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// A person; every sum is symmetric.
    Person,
    /// A company; its slow planets count, and culture goes from the person to the company.
    Company,
}

/// Raw sums of a pair in the order of [`super::SCORES`]; percentiles are made of them.
#[must_use]
pub fn raw_scores(subject: &Party<'_>, other: &Party<'_>, kind: Other) -> [f64; 8] {
    let pair = Pair {
        grid: Grid::of(subject.chart, other.chart),
        company: kind == Other::Company,
        modes: 4.0
            * cosine(&qualities(subject.chart, false), &qualities(other.chart, kind == Other::Company)),
        subject: *subject,
        other: *other,
    };
    [
        discepolo(&pair) / 6.0 + pair.among(&[SUN, MOON, ASCENDANT], &[]),
        pair.among(&[MARS, MERCURY, SUN], &[]) + pair.modes,
        2.0 * correlation(&subject.code.energy, &other.code.energy) + pair.among(&[SUN, MARS], &[JUPITER]),
        harmonic(subject.chart, other.chart, kind),
        culture(&pair),
        communication(&pair),
        work_style(&pair),
        pair.among(&[VENUS, SUN], &[JUPITER]) + 1.5 * elements_of(&pair, Body::Venus),
    ]
}

/// Weighted mean of sub-scores.
#[must_use]
pub fn weighted(scores: &[f64; 8]) -> f64 {
    scores.iter().zip(OVERALL_WEIGHTS).map(|(score, weight)| score * weight).sum()
}

struct Pair<'a> {
    subject: Party<'a>,
    other: Party<'a>,
    grid: Grid,
    company: bool,
    /// Likeness of the qualities, scaled.
    modes: f64,
}

impl Pair<'_> {
    /// Contacts within one set of points; a company adds its slow planets.
    fn among(&self, points: &[usize], slow: &[usize]) -> f64 {
        let extra = if self.company { self.grid.sum(points, slow) } else { 0.0 };
        self.grid.sum(points, points) + extra
    }

    /// Weight of the subject's personal planets in houses of the other side, both ways between persons.
    fn overlay(&self, houses: &[u8]) -> f64 {
        let there = inhabitants(self.subject.chart, self.other.chart, houses);
        if self.company {
            2.0 * there
        } else {
            there + inhabitants(self.other.chart, self.subject.chart, houses)
        }
    }
}

/// Points of Discepolo's method, as commonly used for a "relationship score": likeness of the Suns and
/// aspects of Sun, Moon, ascendant, Venus and Mars.
fn discepolo(pair: &Pair<'_>) -> f64 {
    let sun = |chart: &NatalChart| Sign::of_longitude(chart.bodies[SUN].longitude_deg).quality();
    let destiny = if sun(pair.subject.chart) == sun(pair.other.chart) { 5.0 } else { 0.0 };
    let strong = |a: usize, b: usize, kinds: &[AspectKind]| match pair.grid.at(a, b) {
        Some(contact) if kinds.contains(&contact.kind) && contact.orb_deg <= 2.0 => 11.0,
        Some(contact) if kinds.contains(&contact.kind) => 8.0,
        Some(contact) if contact.kind.is_major() => 4.0,
        _ => 0.0,
    };
    let plain = |a: usize, b: usize| strong(a, b, &[]);
    let both = |a: usize, b: usize| plain(a, b) + plain(b, a);
    let conjunction = [AspectKind::Conjunction];
    destiny
        + strong(SUN, SUN, &[AspectKind::Conjunction, AspectKind::Opposition, AspectKind::Square])
        + strong(SUN, MOON, &conjunction)
        + strong(MOON, SUN, &conjunction)
        + both(SUN, ASCENDANT)
        + both(MOON, ASCENDANT)
        + both(VENUS, MARS)
}

/// `sum Re(S_n^A conj S_n^B) / sqrt n` over harmonics 1..=12.
fn harmonic(subject: &NatalChart, other: &NatalChart, kind: Other) -> f64 {
    let weights = if kind == Other::Company { &NATAL_WEIGHTS } else { &PERSONAL_WEIGHTS };
    let left = Spectrum::personal(subject);
    let right = Spectrum::of(&longitudes(other), weights);
    let shared = |n: usize| left.re[n] * right.re[n] + left.im[n] * right.im[n];
    (1..=QUARTER_HARMONICS).zip(1_u8..).map(|(n, order)| shared(n - 1) / f64::from(order).sqrt()).sum()
}

fn culture(pair: &Pair<'_>) -> f64 {
    let elements = element_raw(pair.subject.chart, pair.other.chart, pair.company);
    let contacts = if pair.company {
        pair.grid.sum(&[SUN, MOON, MIDHEAVEN], &[SUN, MIDHEAVEN, JUPITER, SATURN])
    } else {
        pair.grid.both_ways(&[SUN, MOON, MIDHEAVEN], &[SUN, MIDHEAVEN]) / 2.0
    };
    contacts + 3.0 * elements + pair.overlay(&[10, 11])
}

fn communication(pair: &Pair<'_>) -> f64 {
    let slow = if pair.company { pair.grid.sum(&[MERCURY], &[JUPITER]) } else { 0.0 };
    pair.grid.both_ways(&[MERCURY], &[MERCURY, MOON, ASCENDANT])
        + slow
        + 1.5 * elements_of(pair, Body::Mercury)
}

/// Contacts of drive and thinking, likeness of working habits, and planets in the houses of work.
fn work_style(pair: &Pair<'_>) -> f64 {
    // Analytical, resilience, adaptability and focus: how somebody works.
    let habits =
        [2, 5, 6, 7].map(|k| (pair.subject.code.dimensions[k] - pair.other.code.dimensions[k]).abs());
    pair.among(&[MARS, MERCURY], &[SATURN])
        + 0.5 * pair.modes
        + 2.0 * (1.0 - mean(&habits) / 33.3)
        + pair.overlay(&[6, 10])
}

fn elements_of(pair: &Pair<'_>, body: Body) -> f64 {
    element_match(element_of(pair.subject.chart, body), element_of(pair.other.chart, body))
}

/// Likeness of two element balances (cosine) plus what fire and air, earth and water give each other.
#[must_use]
pub fn element_raw(subject: &NatalChart, other: &NatalChart, company: bool) -> f64 {
    let (a, b) = (elements(subject, false), elements(other, company));
    let complement = a[0] * b[2] + a[2] * b[0] + a[1] * b[3] + a[3] * b[1];
    cosine(&a, &b) + complement
}

/// Shares of fire, earth, air, water, 0..=1; of Sun to Mars, or of all planets.
#[must_use]
pub fn elements(chart: &NatalChart, all: bool) -> [f64; 4] {
    shares(chart, all, |sign| sign.element() as usize)
}

/// Shares of cardinal, fixed, mutable; of Sun to Mars, or of all planets.
fn qualities(chart: &NatalChart, all: bool) -> [f64; 3] {
    shares(chart, all, |sign| sign.quality() as usize)
}

fn shares<const N: usize>(chart: &NatalChart, all: bool, class: impl Fn(Sign) -> usize) -> [f64; N] {
    let weights = if all { &NATAL_WEIGHTS } else { &PERSONAL_WEIGHTS };
    let total: f64 = weights.iter().sum();
    let mut shares = [0.0; N];
    for (position, weight) in chart.bodies.iter().zip(weights) {
        shares[class(Sign::of_longitude(position.longitude_deg))] += weight / total;
    }
    shares
}

fn cosine<const N: usize>(left: &[f64; N], right: &[f64; N]) -> f64 {
    let dot = |a: &[f64; N], b: &[f64; N]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
    let size = (dot(left, left) * dot(right, right)).sqrt();
    if size > 0.0 { dot(left, right) / size } else { 0.0 }
}

/// Sun, Moon, Venus and Mars of one chart in some houses of the other: 0..=4, 0 unless both are timed.
fn inhabitants(guest: &NatalChart, host: &NatalChart, houses: &[u8]) -> f64 {
    let (Some(_), Some(divided)) = (&guest.houses, &host.houses) else { return 0.0 };
    let finder = HouseFinder::new(&divided.cusps_deg);
    let inside = |planet: &usize| houses.contains(&finder.house_of(guest.bodies[*planet].longitude_deg));
    [SUN, MOON, VENUS, MARS].iter().filter(|planet| inside(planet)).map(|_| 1.0).sum()
}
