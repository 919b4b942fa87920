//! The calibration table against the population it is made from.

use super::people::Person;
use crate::narrator::content::CONTENT;
use crate::narrator::theme::{self, Theme};

fn table() -> Vec<(Theme, Vec<f64>)> {
    let people: Vec<[f64; 12]> = (0..4000)
        .map(|seed| {
            let person = Person::new(seed);
            theme::raw(&person.chart, &person.code)
        })
        .collect();
    Theme::ALL
        .map(|theme| {
            let mut sums: Vec<f64> = people.iter().map(|sums| sums[theme.index()]).collect();
            sums.sort_by(f64::total_cmp);
            let quantile = |step: usize| sums[(step * (sums.len() - 1)) / 20];
            (theme, (0..=20).map(quantile).collect())
        })
        .to_vec()
}

#[test]
fn the_shipped_calibration_fits_its_population() {
    let table = table();
    let fits = table.iter().all(|(theme, quantiles)| {
        let shipped = CONTENT.calibration.get(theme.key());
        shipped.is_some_and(|shipped| {
            shipped.len() == 21
                && shipped.iter().zip(quantiles).skip(1).take(19).all(|(a, b)| (a - b).abs() < 0.03)
        })
    });
    let text: String = table
        .iter()
        .map(|(theme, quantiles)| {
            let row: Vec<String> = quantiles.iter().map(|value| format!("{value:.3}")).collect();
            format!("{} = [{}]\n", theme.key(), row.join(", "))
        })
        .collect();
    assert!(fits, "data/narrator/calibration.toml should hold:\n{text}");
}

#[test]
fn levels_spread_over_the_whole_scale() {
    for theme in Theme::ALL {
        let levels: Vec<f64> = (10_000..10_400)
            .map(|seed| {
                let person = Person::new(seed);
                theme::levels(&person.chart, &person.code)[theme.index()]
            })
            .collect();
        let share =
            |test: fn(f64) -> bool| levels.iter().filter(|level| test(**level)).count() as f64 / 400.0;
        assert!(share(|level| level < 25.0) > 0.17, "{theme:?} low");
        assert!(share(|level| level > 75.0) > 0.17, "{theme:?} high");
    }
}
