//! `orrery compare`.

use std::fmt::Write as _;

use clap::Args;

use super::birth::{Birth, Houses, InQuarter, WithBirth};
use super::picture::Output;
use super::words;
use crate::compat::{self, Comparison, Party, SCORES, Target};
use crate::draw::{Around, Nodes, WheelOptions, wheel};
use crate::harmonic;

/// Compares two births. Needs no databases.
///
/// Scores are symbolic and advisory: they have no demonstrated predictive validity and must not decide about people.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    birth: Birth,
    #[command(flatten)]
    with: WithBirth,
    #[command(flatten)]
    houses: Houses,
    #[command(flatten)]
    quarter: InQuarter,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let quarter = arguments.quarter.or_current();
    let (chart, other) =
        (arguments.birth.chart(&arguments.houses)?, arguments.with.chart(&arguments.houses)?);
    let transits = harmonic::transits(quarter);
    let (code, its) = (harmonic::code(&chart, &transits), harmonic::code(&other, &transits));
    let subject = Party { chart: &chart, code: &code };
    let target = Target::Person(Party { chart: &other, code: &its });
    let comparison = compat::compare(&subject, &target, quarter);
    let (given, name) = (arguments.birth.as_given(), arguments.with.as_given());
    let draw = |theme| {
        let around = Some(Around { chart: &other, name: &name });
        wheel(
            &chart,
            &WheelOptions { theme, title: &given, around, nodes: Nodes::True, ..WheelOptions::default() },
        )
    };
    arguments.output.show(&comparison, || text(&comparison, &given, &name), draw)
}

fn text(comparison: &Comparison, given: &str, with: &str) -> String {
    let mut out = format!("{given}\n{with}\n");
    let mut scores = words::listing(["score", "", ""]);
    scores.add_row([
        "overall".to_owned(),
        words::bar(comparison.overall),
        format!("{:3.0}", comparison.overall),
    ]);
    for (name, score) in SCORES.iter().zip(comparison.scores) {
        scores.add_row([name.replace('_', " "), words::bar(score), format!("{score:3.0}")]);
    }
    let _ = write!(out, "\n{scores}\n\n");
    let _ = writeln!(
        out,
        "confidence {:.0} %, data completeness {:.0} %, resonance {}, best quarters {}",
        100.0 * comparison.confidence,
        100.0 * comparison.data_completeness,
        comparison.resonance_type,
        comparison.optimal_interaction_times.join(", ")
    );
    let _ = writeln!(out, "{}", words::title("What helps"));
    for strength in &comparison.strengths {
        let _ = writeln!(out, "{}", words::wrapped("  + ", &strength.description));
    }
    let _ = writeln!(out, "{}", words::title("What takes work"));
    for challenge in &comparison.challenges {
        let said = format!("{} ({}) {}", challenge.description, challenge.severity, challenge.mitigation);
        let _ = writeln!(out, "{}", words::wrapped("  - ", &said));
    }
    let _ = writeln!(out, "{}", words::title("Recommendations"));
    for recommendation in &comparison.recommendations {
        let _ = writeln!(out, "{}", words::wrapped("  > ", recommendation));
    }
    let mut contacts = words::listing(["aspect", "", "", "strength", "impact"]);
    for aspect in comparison.synastry.iter().take(12) {
        contacts.add_row([
            aspect.subject.name().to_owned(),
            aspect.kind.name().to_owned(),
            aspect.other.name().to_owned(),
            format!("{:3.0} %", 100.0 * aspect.strength),
            aspect.impact.to_owned(),
        ]);
    }
    let _ = write!(out, "\n{contacts}");
    out
}
