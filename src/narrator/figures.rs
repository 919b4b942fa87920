//! Figures as data: the shapes that a renderer draws.

use serde_json::{Value, json};

use super::factor::usable;
use super::output::Visualization;
use super::requirement::Requirement;
use super::score::round;
use super::theme::{FAST, Theme};
use crate::astro::{Body, NatalChart, Sign};

fn figure(kind: &str, data: Value) -> Visualization {
    Visualization { kind: kind.to_owned(), data, image_url: None }
}

/// Levels over labels as a radar, 0..=100.
#[must_use]
pub fn radar(labels: &[String], series: &[(&str, Vec<f64>)]) -> Visualization {
    figure("radar", series_data(labels, series))
}

/// Levels over labels as bars, 0..=100.
#[must_use]
pub fn bar(labels: &[String], series: &[(&str, Vec<f64>)]) -> Visualization {
    figure("bar", series_data(labels, series))
}

fn series_data(labels: &[String], series: &[(&str, Vec<f64>)]) -> Value {
    let series: Vec<Value> = series
        .iter()
        .map(|(name, values)| json!({"name": name, "values": values.iter().map(|v| round(*v, 1)).collect::<Vec<_>>()}))
        .collect();
    json!({"labels": labels, "series": series, "max": 100})
}

/// A value on a scale with three bands.
#[must_use]
pub fn gauge(value: f64) -> Visualization {
    figure(
        "gauge",
        json!({"value": round(value, 1), "bands": [
            {"label": "needs support", "from": 0, "to": 45},
            {"label": "workable", "from": 45, "to": 70},
            {"label": "natural", "from": 70, "to": 100},
        ]}),
    )
}

/// Rows under columns.
#[must_use]
pub fn table(columns: &[&str], rows: &[Vec<Value>]) -> Visualization {
    figure("table", json!({"columns": columns, "rows": rows}))
}

/// Values by row (y) and column (x).
#[must_use]
pub fn heatmap(x: &[String], y: &[String], values: &[Vec<f64>]) -> Visualization {
    let values: Vec<Vec<f64>> =
        values.iter().map(|row| row.iter().map(|value| round(*value, 1)).collect()).collect();
    figure("heatmap", json!({"x": x, "y": y, "values": values}))
}

/// Items with a start and an end, both in words that sort, such as `month 0`.
#[must_use]
pub fn timeline(items: &[(String, String, String)]) -> Visualization {
    let items: Vec<Value> =
        items.iter().map(|(label, from, to)| json!({"label": label, "from": from, "to": to})).collect();
    figure("timeline", json!({"items": items}))
}

/// Levels of the twelve themes.
#[must_use]
pub fn themes(levels: &[f64; 12]) -> Visualization {
    let labels: Vec<String> = Theme::ALL.map(|theme| theme.label().to_owned()).to_vec();
    radar(&labels, &[("Level", levels.to_vec())])
}

/// Wanted and present levels.
#[must_use]
pub fn requirements_radar(requirements: &[Requirement], wanted_by: &str) -> Visualization {
    let labels: Vec<String> = requirements.iter().map(|one| one.theme.label().to_owned()).collect();
    let wanted = requirements.iter().map(|one| one.wanted).collect();
    let has = requirements.iter().map(|one| one.has).collect();
    radar(&labels, &[(wanted_by, wanted), ("Person", has)])
}

/// Requirements with what is asked and what is there.
#[must_use]
pub fn requirements_table(requirements: &[Requirement]) -> Visualization {
    let row = |one: &Requirement| {
        vec![
            json!(one.theme.label()),
            json!(if one.must { "must" } else { "nice to have" }),
            json!(one.wanted.round()),
            json!(one.has.round()),
            json!(one.matched.round()),
        ]
    };
    table(
        &["Requirement", "Weight", "Asked", "This quarter", "Match"],
        &requirements.iter().map(row).collect::<Vec<_>>(),
    )
}

/// The chart by sign and house. Exact degrees and the signs of the slow planets are left out,
/// because together they would give away the date of birth and with it the person's age.
#[must_use]
pub fn wheel(chart: &NatalChart) -> Visualization {
    let bodies: Vec<Value> = chart.bodies[..Body::PLANETS.len()]
        .iter()
        .map(|position| {
            let moon_sure = chart.moment.time_known || chart.moon_sign_candidates.len() < 2;
            let shown = FAST.contains(&position.body) && (position.body != Body::Moon || moon_sure);
            json!({
                "name": position.body.name(),
                "sign": shown.then(|| position.sign.name()),
                "house": position.house,
                "retrograde": position.retrograde,
            })
        })
        .collect();
    let angles: Vec<Value> = chart.angles.map_or_else(Vec::new, |angles| {
        [("Ascendant", angles.ascendant_deg), ("Midheaven", angles.midheaven_deg)]
            .map(|(name, degrees)| json!({"name": name, "sign": Sign::of_longitude(degrees).name()}))
            .to_vec()
    });
    let aspects: Vec<Value> = usable(chart)
        .map(|aspect| {
            json!({
                "first": aspect.first.name(),
                "second": aspect.second.name(),
                "kind": aspect.kind.name(),
                "strength": round(aspect.strength, 1),
            })
        })
        .collect();
    figure("chart_wheel", json!({"bodies": bodies, "angles": angles, "aspects": aspects}))
}
