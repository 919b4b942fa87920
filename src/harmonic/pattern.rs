//! How a person's quarters behave: twenty quarters back, one computed ahead, and an outlook of four.

use super::natal::{Natal, QuarterState};
use super::slow;
use super::stats::{count, deviation, line, mean, percentile, strongest_cycle};
use super::tables::Tables;
use super::transits::transits;
use super::types::{ENERGIES, EnergyPattern, PatternKind, Period, Season, Snapshot};
use super::wording;
use crate::astro::NatalChart;
use crate::domain::Quarter;

/// Quarters of a series.
pub const SERIES_QUARTERS: i32 = 20;

/// Spread of resonance below which a series counts as stable.
const STABLE_SD: f64 = 7.5;

/// Share of variance from which on a line explains a series.
const TREND_SHARE: f64 = 0.5;

/// Probability below which a cycle is not chance.
const CYCLE_CHANCE: f64 = 0.05;

/// Distance from the mean in points below which no quarter stands out.
const TELLING: f64 = 5.0;

/// How the quarters of a chart behave, over the twenty quarters that end with `quarter`.
/// The next quarter and the outlook are computed from the ephemeris, not extrapolated.
#[must_use]
pub fn pattern(chart: &NatalChart, quarter: Quarter) -> EnergyPattern {
    let tables = Tables::embedded();
    let reading = Reading { chart, natal: Natal::of(chart, tables), tables };
    let states: Vec<Standing> =
        (1 - SERIES_QUARTERS..=4).map(|step| reading.standing(quarter.offset(step))).collect();
    let (past, ahead) = states.split_at(states.len() - 4);
    let values: Vec<f64> = past.iter().map(|standing| standing.resonance).collect();
    let dimensions = reading.natal.dimensions();
    let series: Vec<Snapshot> =
        (0..past.len()).map(|at| reading.snapshot(&states, at, past.len(), dimensions)).collect();
    let (slope, explained) = line(&values);
    let (kind, cycle) = classify(&values, explained);
    EnergyPattern {
        kind,
        slope_per_quarter: slope,
        dominant_trend: trend(slope, explained),
        cycle_length_quarters: cycle,
        volatility_index: 100.0 * percentile(&tables.quarters.volatility, unrest(&values)),
        peak_periods: outstanding(past, 1.0),
        low_periods: outstanding(past, -1.0),
        seasons: seasons(past),
        next_quarter: reading.snapshot(&states, past.len(), past.len(), dimensions),
        annual_outlook: wording::outlook(past, ahead),
        series,
    }
}

/// A chart that has been read.
struct Reading<'a> {
    chart: &'a NatalChart,
    natal: Natal,
    tables: &'a Tables,
}

/// One quarter of a person before it is put into words.
pub(super) struct Standing {
    pub(super) quarter: Quarter,
    pub(super) state: QuarterState,
    pub(super) resonance: f64,
    pub(super) energy: [f64; 5],
}

impl Standing {
    pub(super) fn primary(&self) -> usize {
        self.state.ranking()[0]
    }
}

impl Reading<'_> {
    fn standing(&self, quarter: Quarter) -> Standing {
        let sky = transits(quarter);
        let state = self.natal.in_quarter(&sky);
        Standing {
            quarter,
            state,
            resonance: state.overall_score(self.tables),
            energy: self.natal.energy(&sky, self.tables),
        }
    }

    /// The quarter at `at`; extremes are sought among the first `known` quarters.
    fn snapshot(&self, states: &[Standing], at: usize, known: usize, dimensions: [f64; 8]) -> Snapshot {
        let standing = &states[at];
        Snapshot {
            quarter: standing.quarter,
            resonance: standing.resonance,
            energy: standing.energy,
            dimensions,
            notable_events: wording::events(&states[..known.max(at + 1)], at),
            environmental_factors: slow::factors(self.chart, &transits(standing.quarter)),
        }
    }
}

/// Pattern by spread, trend and cycle, in that order, and the length of the cycle in quarters.
fn classify(values: &[f64], explained: f64) -> (PatternKind, Option<u32>) {
    if deviation(values) < STABLE_SD {
        return (PatternKind::Stable, None);
    }
    if explained >= TREND_SHARE {
        return (PatternKind::Trending, None);
    }
    let (cycles, chance) = strongest_cycle(values);
    if chance >= CYCLE_CHANCE {
        return (PatternKind::Volatile, None);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a quotient of small counts")]
    let length = (count(values.len()) / count(cycles)).round() as u32;
    (PatternKind::Cyclical, Some(length))
}

/// Direction of a series: a line counts when it explains a fifth of the variance and moves a point per year.
fn trend(slope: f64, explained: f64) -> &'static str {
    match slope {
        s if explained < 0.2 || s.abs() < 0.25 => "steady",
        s if s > 0.0 => "rising",
        _ => "falling",
    }
}

/// Root mean square of the steps of a series.
#[must_use]
pub fn unrest(values: &[f64]) -> f64 {
    let steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).collect();
    mean(&steps).sqrt()
}

/// Quarters more than one standard deviation above (`side` 1) or below (-1) the mean of the series, with the
/// energies that moved most to that side; where none is, the furthest one, unless it is too close to the mean
/// to tell.
fn outstanding(past: &[Standing], side: f64) -> Vec<Period> {
    let values: Vec<f64> = past.iter().map(|standing| standing.resonance).collect();
    let (centre, spread) = (mean(&values), deviation(&values));
    let away = |standing: &Standing| side * (standing.resonance - centre);
    let furthest = past.iter().map(away).fold(0.0, f64::max);
    let least = if furthest > spread { spread } else { furthest.max(TELLING) };
    past.iter()
        .filter(|standing| away(standing) >= least)
        .map(|standing| Period {
            quarter: standing.quarter,
            dimensions: moved(&standing.energy, &usual_energy(past), side),
        })
        .collect()
}

/// Up to two energies that moved most to one side.
fn moved(energy: &[f64; 5], usual: &[f64; 5], side: f64) -> Vec<&'static str> {
    let mut moves: Vec<(f64, &'static str)> = (0..5)
        .map(|k| (side * (energy[k] - usual[k]), ENERGIES[k]))
        .filter(|(step, _)| *step > 0.0)
        .collect();
    moves.sort_by(|a, b| b.0.total_cmp(&a.0));
    moves.into_iter().take(2).map(|(_, name)| name).collect()
}

/// Mean energies of a series.
pub(super) fn usual_energy(past: &[Standing]) -> [f64; 5] {
    std::array::from_fn(|k| mean(&past.iter().map(|standing| standing.energy[k]).collect::<Vec<_>>()))
}

fn seasons(past: &[Standing]) -> Vec<Season> {
    let usual = usual_energy(past);
    let centre = mean(&past.iter().map(|standing| standing.resonance).collect::<Vec<_>>());
    (1..=4)
        .filter_map(|number| {
            let own: Vec<&Standing> =
                past.iter().filter(|standing| standing.quarter.number == number).collect();
            let name = own.first()?.quarter.name();
            let energy: [f64; 5] = std::array::from_fn(|k| {
                mean(&own.iter().map(|standing| standing.energy[k]).collect::<Vec<_>>())
            });
            let lift = mean(&own.iter().map(|standing| standing.resonance).collect::<Vec<_>>()) - centre;
            Some(Season {
                season: name,
                typical_behavior: wording::season(name, lift, &energy, &usual),
                energy,
            })
        })
        .collect()
}
