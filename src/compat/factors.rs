//! What is shown of the sky behind a comparison: aspects between two charts and planets in houses. The only
//! place of this room that speaks the language of charts.

use super::synastry::{Grid, POINTS, longitudes, point, polarity};
use super::types::{Overlay, SynastryAspect};
use crate::astro::NatalChart;
use crate::astro::chart::AspectKind;
use crate::astro::houses::HouseFinder;
use crate::harmonic::features::is_timed;

/// At most so many aspects are shown.
const MOST_ASPECTS: usize = 12;

/// What each point stands for at work; Sun to Pluto, ascendant, midheaven.
const THEMES: [&str; POINTS] = [
    "purpose",
    "moods and habits",
    "thinking",
    "taste and relations",
    "drive",
    "confidence",
    "sense of duty",
    "wish for change",
    "imagination",
    "staying power",
    "first impression",
    "ambition",
];

/// What each house stands for at work, house 1 first.
const HOUSES: [&str; 12] = [
    "shapes how the other side presents itself",
    "touches resources and what work is worth",
    "enlivens daily talk and short messages",
    "touches the base that the other side rests on",
    "encourages play, ideas and visible results",
    "works on daily tasks and methods",
    "is felt most in direct cooperation",
    "stirs shared duties and difficult questions",
    "widens views, through learning or travel",
    "supports standing and goals",
    "joins in through networks and common plans",
    "works quietly in the background",
];

/// The strongest major aspects between two charts. Pairs of slow planets are left out: people of one age
/// share them.
pub(super) fn synastry(grid: &Grid) -> Vec<SynastryAspect> {
    let slow = |index: usize| (5..10).contains(&index);
    let mut found = Vec::new();
    for subject in 0..POINTS {
        for other in 0..POINTS {
            let Some(contact) = grid.at(subject, other) else { continue };
            if contact.kind.is_major() && !(slow(subject) && slow(other)) {
                found.push(SynastryAspect {
                    kind: contact.kind,
                    subject: point(subject),
                    other: point(other),
                    strength: contact.strength,
                    impact: impact(polarity(contact.kind, subject, other)),
                    description: sentence(contact.kind, subject, other),
                });
            }
        }
    }
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    found.truncate(MOST_ASPECTS);
    found
}

const fn impact(polarity: f64) -> &'static str {
    match polarity {
        p if p > 0.0 => "positive",
        p if p < 0.0 => "negative",
        _ => "neutral",
    }
}

fn sentence(kind: AspectKind, subject: usize, other: usize) -> String {
    let (own, theirs) = (THEMES[subject], THEMES[other]);
    let meeting = match kind {
        AspectKind::Conjunction => "acts together with",
        AspectKind::Trine => "flows easily with",
        AspectKind::Sextile => "finds openings in",
        AspectKind::Square => "rubs against",
        _ => "stands opposite to and completes",
    };
    format!(
        "{} {} {}: the person's {own} {meeting} the other side's {theirs}.",
        point(subject).name(),
        kind.name(),
        point(other).name()
    )
}

/// Sun to Saturn of the subject in the houses of the other side; empty unless both are timed.
pub(super) fn overlays(subject: &NatalChart, other: &NatalChart) -> Vec<Overlay> {
    let Some(houses) = other.houses.as_ref().filter(|_| is_timed(subject)) else { return Vec::new() };
    let places = longitudes(subject);
    let finder = HouseFinder::new(&houses.cusps_deg);
    (0..7)
        .filter_map(|planet| {
            let house = finder.house_of(places[planet]?);
            let effect = HOUSES[usize::from(house) - 1];
            Some(Overlay {
                house,
                planet: point(planet).name(),
                interpretation: format!("The person's {} {effect}.", THEMES[planet]),
            })
        })
        .collect()
}
