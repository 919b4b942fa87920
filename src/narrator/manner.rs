//! How each point of the chart works and where, in the words chosen for one report.
//!
//! All of them are chosen before the first sentence and in a fixed order: bodies first, then the Moon, which moves within
//! minutes, then the angles. So the words for a planet do not depend on what is told before it, nor on the birth time.

use std::collections::BTreeMap;

use super::content::{BodyText, CONTENT, SignText};
use super::reading::Reading;
use super::theme;
use super::voice::Voice;
use crate::astro::{Body, NatalChart, Sign};

/// Points with a manner of their own, in the order in which they choose their words.
const POINTS: [&str; 7] = ["Sun", "Mercury", "Venus", "Mars", "Moon", "Ascendant", "Midheaven"];

/// A sentence of a point with what fills it.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Sentence with one token of the sign.
    pub sentence: &'static str,
    /// That token.
    pub slot: &'static str,
    /// What stands for it.
    pub phrase: &'static str,
}

/// The chosen words by point.
#[derive(Debug)]
pub struct Manners {
    manners: BTreeMap<&'static str, Manner>,
    arenas: BTreeMap<&'static str, &'static str>,
}

impl Manners {
    /// Chooses for every point whose sign or house is known.
    pub fn of(reading: &Reading<'_>, voice: &mut Voice) -> Self {
        let chart = reading.input.chart;
        let mut chosen = Self { manners: BTreeMap::new(), arenas: BTreeMap::new() };
        for name in POINTS {
            let text = sign_of(chart, name).and_then(|sign| CONTENT.chart.signs.get(sign.name()));
            let manner = text
                .zip(CONTENT.chart.bodies.get(name))
                .and_then(|(sign, body)| choose(voice, name, body, sign));
            chosen.manners.extend(manner.map(|manner| (name, manner)));
        }
        for position in &chart.bodies[..Body::PLANETS.len()] {
            let name = position.body.name();
            let arenas = position.house.and_then(|house| CONTENT.chart.houses.get(&house.to_string()));
            // Two bodies may share a house; the third one finds its words used up and keeps silent.
            let Some(arenas) = arenas.filter(|arenas| !voice.is_worn(arenas)) else { continue };
            chosen.arenas.insert(name, voice.phrase(&format!("house.{name}"), arenas));
        }
        chosen
    }

    /// How a point works.
    #[must_use]
    pub fn manner(&self, name: &str) -> Option<Manner> {
        self.manners.get(name).copied()
    }

    /// Where a body shows.
    #[must_use]
    pub fn arena(&self, name: &str) -> Option<&'static str> {
        self.arenas.get(name).copied()
    }
}

/// The first sentence, from a place that the seed gives, whose words of the sign are not all used up.
fn choose(voice: &mut Voice, name: &str, body: &'static BodyText, sign: &'static SignText) -> Option<Manner> {
    let slots = [
        ("adjective", &sign.adjective),
        ("manner", &sign.manner),
        ("stress", &sign.stress),
        ("thrives", &sign.thrives),
    ];
    let start = voice.pick(&format!("body.{name}"), body.sentences.len());
    let turn = (0..body.sentences.len()).filter_map(|step| {
        let sentence = body.sentences[(start + step) % body.sentences.len()].as_str();
        let slot = slots.into_iter().find(|(slot, _)| sentence.contains(&format!("{{{slot}}}")))?;
        Some((sentence, slot))
    });
    let turn: Vec<_> = turn.collect();
    let fresh = turn.iter().find(|(_, (_, phrases))| !voice.is_worn(phrases));
    let (sentence, (slot, phrases)) = *fresh.or(turn.first())?;
    Some(Manner { sentence, slot, phrase: voice.phrase(&format!("{name}.{slot}"), phrases) })
}

/// Sign of a body that passes a sign in weeks at most, or of an angle; `None` when it is not known for sure.
#[must_use]
pub fn sign_of(chart: &NatalChart, name: &str) -> Option<Sign> {
    match name {
        "Ascendant" => chart.angles.map(|angles| Sign::of_longitude(angles.ascendant_deg)),
        "Midheaven" => chart.angles.map(|angles| Sign::of_longitude(angles.midheaven_deg)),
        _ => {
            let body = theme::FAST.into_iter().find(|body| body.name() == name)?;
            let sure = body != Body::Moon || chart.moment.time_known || chart.moon_sign_candidates.len() < 2;
            sure.then(|| chart.bodies[body.index()].sign)
        }
    }
}
