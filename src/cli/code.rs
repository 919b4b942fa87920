//! `orrery code`.

use std::fmt::Write as _;

use clap::Args;

use super::birth::{Birth, Houses, InQuarter};
use super::picture::Output;
use super::words;
use crate::draw::{Series, radar};
use crate::harmonic::meaning::meaning;
use crate::harmonic::{self, DIMENSIONS, ENERGIES, HarmonicCode};

/// Computes the harmonic code of a birth in a quarter. Needs no databases.
///
/// Scores are percentiles of a reference population. They are symbolic and must not decide about people.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    birth: Birth,
    #[command(flatten)]
    houses: Houses,
    #[command(flatten)]
    quarter: InQuarter,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let chart = arguments.birth.chart(&arguments.houses)?;
    let code = harmonic::code(&chart, &harmonic::transits(arguments.quarter.or_current()));
    let given = arguments.birth.as_given();
    let name = format!("Dimensions {}", code.quarter);
    let draw = |theme| radar(&name, &DIMENSIONS, &[Series { name: &given, values: &code.dimensions }], theme);
    arguments.output.show(&code, || text(&code, &given), draw)
}

fn text(code: &HarmonicCode, given: &str) -> String {
    let mut out = format!("{given}\n{}  {}  {}", code.energy_signature, code.quarter, code.formula_version);
    let mut scores = words::listing(["energy", "", ""]);
    for (name, score) in ENERGIES.iter().zip(code.energy) {
        scores.add_row([(*name).to_owned(), words::bar(score), format!("{score:3.0}")]);
    }
    let mut dimensions = words::listing(["dimension", "", ""]);
    for (name, score) in DIMENSIONS.iter().zip(code.dimensions) {
        dimensions.add_row([(*name).to_owned(), words::bar(score), format!("{score:3.0}")]);
    }
    let mut harmonics = words::listing(["harmonic", "theme", "", "", "stands for"]);
    for component in &code.components {
        harmonics.add_row([
            format!("{:>8}", component.harmonic),
            meaning(component.harmonic.into()).theme.to_owned(),
            words::bar(component.value),
            format!("{:3.0}", component.value),
            component.meaning.to_owned(),
        ]);
    }
    let _ = write!(out, "\n\n{scores}\n\n{dimensions}\n\n{harmonics}\n");
    let _ = write!(
        out,
        "\nbalance {:+.0} (flow against friction), stability {:.0}, intensity {:.0}, dominant energy {}",
        code.balance, code.stability, code.intensity, code.dominant
    );
    for resonance in &code.resonances {
        let start = format!("\n{:>10} {:>2}  ", resonance.kind, resonance.harmonic);
        let _ = write!(out, "{}", words::wrapped(&start, &resonance.effect));
    }
    out
}
