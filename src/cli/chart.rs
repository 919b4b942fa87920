//! `orrery chart`.

use std::fmt::Write as _;

use clap::Args;

mod notes;
mod tables;

use super::birth::{Birth, Houses};
use super::picture::Output;
use super::words;
use crate::astro::{NatalChart, Reading};
use crate::draw::{Nodes, WheelOptions, wheel};

/// Casts a birth chart: positions, houses, dignities, balance, figures and aspects. Needs no databases.
///
/// orrery chart --date 1990-01-11 --time 18:30 --zone Europe/Berlin --lat 52.52 --lon 13.40
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    birth: Birth,
    #[command(flatten)]
    houses: Houses,
    #[command(flatten)]
    output: Output,
    /// List the aspects of the lesser kinds as well.
    #[arg(long)]
    all: bool,
    /// Add a column with the signs of the bodies (the terminal's font must have them).
    #[arg(long)]
    glyphs: bool,
    /// Explain the signs below the drawing.
    #[arg(long, requires = "drawing")]
    legend: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let chart = arguments.birth.chart(&arguments.houses)?;
    let reading = Reading::of(&chart);
    let given = arguments.birth.as_given();
    let text = || text(&reading, &given, arguments);
    let draw = |theme| {
        let legend = arguments.legend;
        let options =
            WheelOptions { theme, title: &given, around: None, nodes: Nodes::True, chiron: true, legend };
        wheel(&chart, &options)
    };
    arguments.output.show(&reading, text, draw)
}

fn text(reading: &Reading<'_>, given: &str, arguments: &Arguments) -> String {
    let chart = reading.chart;
    let mut out = format!("{given}\n{}", moment(chart));
    for note in notes::notes(chart) {
        let _ = write!(out, "\n{}", words::wrapped("note: ", &note));
    }
    let parts = [
        Some(tables::bodies(reading, arguments.glyphs)),
        tables::houses(chart),
        Some(tables::balance(chart)),
        tables::figures(&reading.patterns),
        Some(tables::aspects(chart, arguments.all)),
        Some(tables::made_by(chart)),
    ];
    for part in parts.into_iter().flatten() {
        let _ = write!(out, "\n\n{}", words::trimmed(&part));
    }
    out
}

fn moment(chart: &NatalChart) -> String {
    let moment = &chart.moment;
    let east = if moment.utc_offset_s < 0 { '-' } else { '+' };
    let offset = moment.utc_offset_s.unsigned_abs();
    let seconds = if offset.is_multiple_of(60) { String::new() } else { format!(":{:02}", offset % 60) };
    format!(
        "{}  (UTC{east}{:02}:{:02}{seconds}, delta T {:.1} s)",
        moment.utc,
        offset / 3600,
        offset / 60 % 60,
        moment.delta_t_s
    )
}
