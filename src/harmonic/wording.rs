//! Sentences of a pattern, without jargon.

use super::meaning::meaning;
use super::pattern::{Standing, usual_energy};
use super::stats::mean;
use super::types::ENERGIES;

/// A step of resonance between quarters that is worth a sentence.
const GREAT_STEP: f64 = 15.0;

/// A step of one energy between quarters that is worth a sentence.
const GREAT_ENERGY_STEP: f64 = 12.0;

/// What stands out in the quarter at `at` of a series.
pub(super) fn events(series: &[Standing], at: usize) -> Vec<String> {
    let now = &series[at];
    let mut events = Vec::new();
    if let Some(text) = extreme(series, at) {
        events.push(text);
    }
    let Some(before) = at.checked_sub(1).map(|earlier| &series[earlier]) else { return events };
    let step = now.resonance - before.resonance;
    if step.abs() >= GREAT_STEP {
        let direction = if step > 0.0 { "rises" } else { "drops" };
        events.push(format!("Overall energy {direction} by {:.0} points within one quarter", step.abs()));
    }
    for (k, name) in ENERGIES.iter().enumerate() {
        let step = now.energy[k] - before.energy[k];
        if step.abs() >= GREAT_ENERGY_STEP {
            let direction = if step > 0.0 { "gains" } else { "loses" };
            events.push(format!("{} energy {direction} {:.0} points", capital(name), step.abs()));
        }
    }
    if now.primary() != before.primary() {
        let (old, new) = (meaning(before.primary()).theme, meaning(now.primary()).theme);
        events.push(format!("The leading theme turns from {old} to {new}"));
    }
    events
}

fn extreme(series: &[Standing], at: usize) -> Option<String> {
    let value = series[at].resonance;
    let others = || series.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, s)| s.resonance);
    if series.len() > 1 && others().all(|other| other < value) {
        Some(format!("Highest overall energy of the {} quarters looked at", series.len()))
    } else if series.len() > 1 && others().all(|other| other > value) {
        Some(format!("Lowest overall energy of the {} quarters looked at", series.len()))
    } else {
        None
    }
}

/// What is typical of a season; `lift` is its resonance against the mean of all.
pub(super) fn season(name: &str, lift: f64, energy: &[f64; 5], usual: &[f64; 5]) -> String {
    let general = match lift {
        l if l >= 8.0 => "is usually a strong quarter, good for starting things",
        l if l >= 3.0 => "usually runs a little above the rest of the year",
        l if l <= -8.0 => "is usually a quiet quarter, better for finishing than for starting",
        l if l <= -3.0 => "usually runs a little below the rest of the year",
        _ => "usually runs close to the rest of the year",
    };
    let (high, low) = extremes(energy, usual);
    let gap = |k: usize| energy[k] - usual[k];
    let detail = if gap(high) - gap(low) < 3.0 {
        "with all energies near their usual level".to_owned()
    } else {
        format!("with relatively more {} and less {} energy", ENERGIES[high], ENERGIES[low])
    };
    format!("{name} {general}, {detail}.")
}

/// A few sentences on the next four quarters.
pub(super) fn outlook(past: &[Standing], ahead: &[Standing]) -> String {
    let (Some(best), Some(least)) = (
        ahead.iter().reduce(|a, b| if b.resonance > a.resonance { b } else { a }),
        ahead.iter().reduce(|a, b| if b.resonance < a.resonance { b } else { a }),
    ) else {
        return String::new();
    };
    let level = |series: &[Standing]| mean(&series.iter().map(|s| s.resonance).collect::<Vec<_>>());
    let change = level(ahead) - level(past);
    let general = match change {
        c if c >= 5.0 => "The coming year runs above the level of the last five years",
        c if c <= -5.0 => "The coming year runs below the level of the last five years",
        _ => "The coming year keeps about the level of the last five years",
    };
    let (usual, coming) = (usual_energy(past), usual_energy(ahead));
    let (high, low) = extremes(&coming, &usual);
    format!(
        "{general}. {} looks strongest, led by the theme of {}; it suits new starts. {} asks for a gentler pace \
         and suits consolidation. Over the four quarters {} energy gains most and {} energy deserves care.",
        best.quarter,
        meaning(best.primary()).theme,
        least.quarter,
        ENERGIES[high],
        ENERGIES[low],
    )
}

/// The energies that lie highest and lowest against their usual level.
fn extremes(energy: &[f64; 5], usual: &[f64; 5]) -> (usize, usize) {
    let gap = |k: usize| energy[k] - usual[k];
    (1..5).fold((0, 0), |(high, low), k| {
        (if gap(k) > gap(high) { k } else { high }, if gap(k) < gap(low) { k } else { low })
    })
}

fn capital(name: &str) -> String {
    let mut text = name.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
