//! `orrery pattern`.

use std::fmt::Write as _;

use clap::Args;

use super::birth::{Birth, Houses, InQuarter};
use super::picture::Output;
use super::words;
use crate::draw::{Line, Theme, time_line};
use crate::harmonic::{self, ENERGIES, EnergyPattern, Snapshot};

/// Computes how the quarters of a birth behave: twenty quarters back, the next one ahead. Needs no databases.
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
    let pattern = harmonic::pattern(&chart, arguments.quarter.or_current());
    let given = arguments.birth.as_given();
    arguments.output.show(&pattern, || text(&pattern, &given), |theme| drawing(&pattern, theme))
}

fn quarters(pattern: &EnergyPattern) -> impl Iterator<Item = &Snapshot> {
    pattern.series.iter().chain([&pattern.next_quarter])
}

fn drawing(pattern: &EnergyPattern, theme: Theme) -> String {
    let labels: Vec<String> = quarters(pattern).map(|at| at.quarter.to_string()).collect();
    let resonance: Vec<f64> = quarters(pattern).map(|at| at.resonance).collect();
    let energies: Vec<Vec<f64>> =
        (0..ENERGIES.len()).map(|k| quarters(pattern).map(|at| at.energy[k]).collect()).collect();
    let mut lines = vec![Line { name: "resonance", values: &resonance }];
    lines.extend(ENERGIES.iter().zip(&energies).map(|(name, values)| Line { name, values }));
    time_line("Energy over the quarters", &labels, &lines, 1, theme)
}

fn text(pattern: &EnergyPattern, given: &str) -> String {
    let mut out = format!("{given}\n{}, {}", pattern.kind.name(), pattern.dominant_trend);
    if let Some(length) = pattern.cycle_length_quarters {
        let _ = write!(out, ", a cycle of {length} quarters");
    }
    let _ = write!(
        out,
        ", {:+.1} points a quarter, volatility {:.0}",
        pattern.slope_per_quarter, pattern.volatility_index
    );
    let mut rows = words::listing([
        "quarter",
        "resonance",
        "",
        "physical",
        "emotional",
        "mental",
        "spiritual",
        "social",
        "",
    ]);
    for at in quarters(pattern) {
        let mark = mark(pattern, at);
        let mut row = vec![at.quarter.to_string(), words::bar(at.resonance), format!("{:3.0}", at.resonance)];
        row.extend(at.energy.iter().map(|level| format!("{level:3.0}")));
        row.push(mark.to_owned());
        rows.add_row(row);
    }
    let _ = write!(out, "\n\n{rows}\n");
    for season in &pattern.seasons {
        let start = format!("\n  {}  ", season.season);
        let _ = write!(out, "{}", words::wrapped(&start, &season.typical_behavior));
    }
    for event in pattern.next_quarter.notable_events.iter().chain(&pattern.next_quarter.environmental_factors)
    {
        let start = format!("\n  {}  ", pattern.next_quarter.quarter);
        let _ = write!(out, "{}", words::wrapped(&start, event));
    }
    let _ = write!(out, "\n\n{}", words::wrapped("", &pattern.annual_outlook));
    out
}

fn mark(pattern: &EnergyPattern, at: &Snapshot) -> &'static str {
    let is_in = |periods: &[harmonic::Period]| periods.iter().any(|period| period.quarter == at.quarter);
    if at.quarter == pattern.next_quarter.quarter {
        "ahead"
    } else if is_in(&pattern.peak_periods) {
        "peak"
    } else if is_in(&pattern.low_periods) {
        "low"
    } else {
        ""
    }
}
