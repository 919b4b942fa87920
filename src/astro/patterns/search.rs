//! The search for figures.

use super::{Pattern, PatternKind};
use crate::astro::body::{Body, Point};
use crate::astro::chart::{AspectKind, NatalChart};
use crate::astro::zodiac::Sign;

/// Bodies that take part: Sun to Pluto.
const BODIES: usize = Body::PLANETS.len();
/// Bodies and the two angles.
const POINTS: usize = BODIES + 2;
/// Fewest bodies of a stellium.
const FEWEST: usize = 4;

/// Points with their longitudes and the aspects among them.
pub(super) struct Aspected {
    /// Longitudes; the angles are absent without a time.
    longitudes_deg: Vec<f64>,
    /// Kind and strength of the aspect of each pair, both ways.
    aspects: [[Option<(AspectKind, f64)>; POINTS]; POINTS],
}

impl Aspected {
    pub(super) fn of(chart: &NatalChart) -> Self {
        let mut longitudes_deg: Vec<f64> =
            chart.bodies[..BODIES].iter().map(|position| position.longitude_deg).collect();
        if let Some(angles) = &chart.angles {
            longitudes_deg.extend([angles.ascendant_deg, angles.midheaven_deg]);
        }
        let mut aspects = [[None; POINTS]; POINTS];
        for aspect in chart.aspects.iter().filter(|aspect| aspect.certain) {
            if let (Some(first), Some(second)) = (place(aspect.first), place(aspect.second)) {
                aspects[first][second] = Some((aspect.kind, aspect.strength));
                aspects[second][first] = aspects[first][second];
            }
        }
        Self { longitudes_deg, aspects }
    }

    /// Every figure, in no order.
    pub(super) fn figures(&self) -> Vec<Pattern> {
        let mut crosses = self.crosses();
        let mut kites = self.kites();
        let mut figures = self.triangles(AspectKind::Trine, AspectKind::Trine, PatternKind::GrandTrine);
        figures.extend(self.triangles(AspectKind::Opposition, AspectKind::Square, PatternKind::TSquare));
        figures.extend(self.triangles(AspectKind::Sextile, AspectKind::Quincunx, PatternKind::Yod));
        figures.retain(|figure| match figure.kind {
            PatternKind::TSquare => !crosses.iter().any(|cross| holds(cross, figure)),
            PatternKind::GrandTrine => !kites.iter().any(|kite| holds(kite, figure)),
            _ => true,
        });
        figures.append(&mut crosses);
        figures.append(&mut kites);
        figures.extend(self.stellia());
        figures
    }

    /// Three points: two joined by the base aspect, both joined to the apex by the side aspect. Where all aspects
    /// are the same, no point is an apex and every triangle is taken once.
    fn triangles(&self, base: AspectKind, side: AspectKind, kind: PatternKind) -> Vec<Pattern> {
        let mut found = Vec::new();
        let even = base == side;
        for (first, second) in self.joined(base) {
            for apex in 0..self.count() {
                if apex == first || apex == second || (even && apex < second) {
                    continue;
                }
                let strengths = [
                    self.strength(first, second, base),
                    self.strength(first, apex, side),
                    self.strength(second, apex, side),
                ];
                if let [Some(a), Some(b), Some(c)] = strengths {
                    let tightness = (a + b + c) / 3.0;
                    found.push(self.pattern(
                        kind,
                        vec![first, second, apex],
                        (!even).then_some(apex),
                        tightness,
                    ));
                }
            }
        }
        found
    }

    /// Two oppositions whose ends are in square.
    fn crosses(&self) -> Vec<Pattern> {
        let mut found = Vec::new();
        for (a, b) in self.joined(AspectKind::Opposition) {
            // The first point of the cross is `a`; the second opposition begins with any later point.
            for (c, d) in self.joined(AspectKind::Opposition).filter(|(c, d)| *c > a && *c != b && *d != b) {
                let strengths = [
                    self.strength(a, b, AspectKind::Opposition),
                    self.strength(c, d, AspectKind::Opposition),
                    self.strength(a, c, AspectKind::Square),
                    self.strength(a, d, AspectKind::Square),
                    self.strength(b, c, AspectKind::Square),
                    self.strength(b, d, AspectKind::Square),
                ];
                if let Some(tightness) = mean(&strengths) {
                    found.push(self.pattern(PatternKind::GrandCross, vec![a, b, c, d], None, tightness));
                }
            }
        }
        found
    }

    /// A grand trine and a point opposite one of its corners, in sextile to the others.
    fn kites(&self) -> Vec<Pattern> {
        let mut found = Vec::new();
        for (left, right) in self.joined(AspectKind::Trine) {
            for tail in (0..self.count()).filter(|tail| ![left, right].contains(tail)) {
                for head in (0..self.count()).filter(|head| ![left, right, tail].contains(head)) {
                    let strengths = [
                        self.strength(left, right, AspectKind::Trine),
                        self.strength(left, tail, AspectKind::Trine),
                        self.strength(right, tail, AspectKind::Trine),
                        self.strength(head, tail, AspectKind::Opposition),
                        self.strength(head, left, AspectKind::Sextile),
                        self.strength(head, right, AspectKind::Sextile),
                    ];
                    if let Some(tightness) = mean(&strengths) {
                        let points = vec![left, right, tail, head];
                        found.push(self.pattern(PatternKind::Kite, points, Some(head), tightness));
                    }
                }
            }
        }
        found
    }

    /// Runs of bodies each in conjunction with the next, and signs that hold many; of two that share their bodies
    /// the larger.
    fn stellia(&self) -> Vec<Pattern> {
        let mut order: Vec<usize> = (0..BODIES).collect();
        order.sort_by(|a, b| self.longitudes_deg[*a].total_cmp(&self.longitudes_deg[*b]));
        let mut groups = self.chains(&order);
        for sign in Sign::ALL {
            groups.push(order.iter().copied().filter(|body| self.sign(*body) == sign).collect());
        }
        groups.retain(|group| group.len() >= FEWEST);
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        let mut found: Vec<Vec<usize>> = Vec::new();
        for group in groups {
            if !found.iter().any(|larger| group.iter().all(|body| larger.contains(body))) {
                found.push(group);
            }
        }
        found.into_iter().map(|group| self.stellium(group)).collect()
    }

    /// Bodies in zodiac order, cut where neighbours are not in conjunction; a run over the beginning of the zodiac
    /// is one run.
    fn chains(&self, order: &[usize]) -> Vec<Vec<usize>> {
        let joined = |at: usize| {
            let (body, next) = (order[at], order[(at + 1) % BODIES]);
            self.strength(body, next, AspectKind::Conjunction).is_some()
        };
        let Some(cut) = (0..BODIES).find(|at| !joined(*at)) else { return vec![order.to_vec()] };
        let mut chains = vec![Vec::new()];
        for step in 1..=BODIES {
            let at = (cut + step) % BODIES;
            if let Some(chain) = chains.last_mut() {
                chain.push(order[at]);
            }
            if !joined(at) {
                chains.push(Vec::new());
            }
        }
        chains
    }

    fn stellium(&self, group: Vec<usize>) -> Pattern {
        let strength =
            |pair: &[usize]| self.strength(pair[0], pair[1], AspectKind::Conjunction).unwrap_or(0.0);
        let sum: f64 = group.windows(2).map(strength).sum();
        #[allow(clippy::cast_precision_loss, reason = "at most ten bodies")]
        let tightness = sum / (group.len() - 1) as f64;
        self.pattern(PatternKind::Stellium, group, None, tightness)
    }

    fn pattern(
        &self,
        kind: PatternKind,
        mut members: Vec<usize>,
        apex: Option<usize>,
        tightness: f64,
    ) -> Pattern {
        members.sort_unstable();
        let signs: Vec<Sign> = members.iter().map(|member| self.sign(*member)).collect();
        Pattern {
            kind,
            points: members.into_iter().map(point).collect(),
            apex: apex.map(point),
            element: shared(signs.iter().map(|sign| sign.element())),
            quality: shared(signs.iter().map(|sign| sign.quality())),
            sign: shared(signs.iter().copied()),
            tightness,
        }
    }

    fn count(&self) -> usize {
        self.longitudes_deg.len()
    }

    /// Every pair of points with this aspect, once.
    fn joined(&self, kind: AspectKind) -> impl Iterator<Item = (usize, usize)> {
        (0..self.count())
            .flat_map(|a| (a + 1..self.count()).map(move |b| (a, b)))
            .filter(move |(a, b)| self.strength(*a, *b, kind).is_some())
    }

    fn strength(&self, a: usize, b: usize, kind: AspectKind) -> Option<f64> {
        self.aspects[a][b].filter(|(found, _)| *found == kind).map(|(_, strength)| strength)
    }

    fn sign(&self, member: usize) -> Sign {
        Sign::of_longitude(self.longitudes_deg[member])
    }
}

/// Place of a point among those that take part.
fn place(point: Point) -> Option<usize> {
    match point {
        Point::Body(body) => (body.index() < BODIES).then_some(body.index()),
        Point::Ascendant => Some(BODIES),
        Point::Midheaven => Some(BODIES + 1),
    }
}

fn point(place: usize) -> Point {
    match Body::PLANETS.get(place) {
        Some(body) => Point::Body(*body),
        None if place == BODIES => Point::Ascendant,
        None => Point::Midheaven,
    }
}

fn holds(larger: &Pattern, smaller: &Pattern) -> bool {
    smaller.points.iter().all(|point| larger.points.contains(point))
}

/// The value that all have in common, if they have one.
fn shared<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// Mean of strengths, if all aspects are there.
fn mean(strengths: &[Option<f64>; 6]) -> Option<f64> {
    let sum = strengths.iter().try_fold(0.0, |sum, strength| strength.map(|strength| sum + strength))?;
    Some(sum / 6.0)
}
