//! The calibration table against the engine that it belongs to.

use std::collections::BTreeMap;

use crate::domain::Quarter;
use crate::harmonic::{code, stats, testing, transits};
use crate::narrator::content::CONTENT;
use crate::narrator::theme::{self, Theme};

/// Births behind each half of the table.
const BIRTHS: usize = 8000;

fn quarter() -> Quarter {
    Quarter::new(2026, 4).unwrap()
}

fn rows(timed: bool) -> Vec<(Theme, Vec<f64>)> {
    let transits = transits(quarter());
    let charts = testing::births(0x5eed, BIRTHS, timed);
    let sums: Vec<[f64; 12]> =
        charts.iter().map(|chart| theme::raw(chart, &code(chart, &transits))).collect();
    let row = |theme: Theme| {
        let mut own: Vec<f64> = sums.iter().map(|sums| sums[theme.index()]).collect();
        (theme, stats::quantiles(&mut own, 20))
    };
    Theme::ALL.map(row).to_vec()
}

fn fits(shipped: &BTreeMap<String, Vec<f64>>, rows: &[(Theme, Vec<f64>)]) -> bool {
    // The outermost quantiles are single births, so they may move with a new ephemeris.
    let near = |a: &[f64], b: &[f64]| {
        a.len() == 21 && a.iter().zip(b).skip(1).take(19).all(|(a, b)| (a - b).abs() < 0.04)
    };
    rows.iter().all(|(theme, row)| shipped.get(theme.key()).is_some_and(|shipped| near(shipped, row)))
}

fn text(rows: &[(Theme, Vec<f64>)]) -> String {
    let line = |(theme, row): &(Theme, Vec<f64>)| {
        let row: Vec<String> = row.iter().map(|value| format!("{value:.3}")).collect();
        format!("{} = [{}]\n", theme.key(), row.join(", "))
    };
    rows.iter().map(line).collect()
}

#[test]
fn the_shipped_calibration_fits_the_engine() {
    let (timed, untimed) = (rows(true), rows(false));
    assert!(
        fits(&CONTENT.calibration.timed, &timed) && fits(&CONTENT.calibration.untimed, &untimed),
        "data/narrator/calibration.toml should hold:\n[timed]\n{}\n[untimed]\n{}",
        text(&timed),
        text(&untimed)
    );
}

#[test]
fn levels_spread_over_the_whole_scale() {
    let transits = transits(quarter());
    for timed in [true, false] {
        let charts = testing::births(77, 600, timed);
        let levels: Vec<[f64; 12]> =
            charts.iter().map(|chart| theme::levels(chart, &code(chart, &transits))).collect();
        for theme in Theme::ALL {
            let share = |test: fn(f64) -> bool| {
                levels.iter().filter(|levels| test(levels[theme.index()])).count() as f64 / 600.0
            };
            assert!((0.19..=0.31).contains(&share(|level| level < 25.0)), "{theme:?} low");
            assert!((0.19..=0.31).contains(&share(|level| level > 75.0)), "{theme:?} high");
        }
    }
}

#[test]
fn levels_do_not_tell_the_year_of_birth() {
    let transits = transits(quarter());
    let charts = testing::births(4711, 3000, true);
    let years: Vec<i64> = charts.iter().map(|chart| chart.moment.utc[..4].parse().unwrap()).collect();
    let levels: Vec<[f64; 12]> =
        charts.iter().map(|chart| theme::levels(chart, &code(chart, &transits))).collect();
    for theme in Theme::ALL {
        let own: Vec<f64> = levels.iter().map(|levels| levels[theme.index()]).collect();
        let share = testing::explained_by(&years, &own);
        assert!(share < 0.02, "{theme:?}: the year explains {share:.3} of the variance");
    }
}
