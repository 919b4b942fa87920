//! Charts in words: titles and descriptions for those who do not see the picture.

use std::fmt::Write as _;

use super::layout::degree_and_minute;
use super::placed::Placed;
use crate::astro::{NatalChart, Sign};

/// `12°34′ Leo`.
pub(super) fn place(longitude_deg: f64) -> String {
    let (degree, minute) = degree_and_minute(longitude_deg);
    format!("{degree}{minute} {}", Sign::of_longitude(longitude_deg).name())
}

/// `Mars 12°34′ Leo`, with the chart's name where there are two.
pub(super) fn body_title(position: &Placed, owner: &str) -> String {
    let of = if owner.is_empty() { String::new() } else { format!(" ({owner})") };
    format!("{}{of} {}", position.name, place(position.longitude_deg))
}

/// House, dignity and movement of a body.
pub(super) fn body(position: &Placed) -> String {
    let house = position.house.map(|house| format!("house {house}"));
    let dignity = position.dignity.map(|dignity| format!("in {}", dignity.name()));
    let motion = position.retrograde.then(|| "retrograde".to_owned());
    let speed = format!("{:.2}° a day", position.speed_deg_per_day);
    house.into_iter().chain(dignity).chain(motion).chain([speed]).collect::<Vec<_>>().join(", ")
}

/// A chart in a sentence or two.
pub(super) fn chart(chart: &NatalChart, around: Option<&str>) -> String {
    let [sun, moon] = [&chart.bodies[0], &chart.bodies[1]].map(|at| at.sign.name());
    // Writing to a String cannot fail.
    let mut text = format!("Sun in {sun}, Moon in {moon}");
    if let Some(angles) = chart.angles {
        let _ = write!(text, ", {} rising", Sign::of_longitude(angles.ascendant_deg).name());
    }
    let _ = write!(text, ". Cast for {}.", chart.moment.utc);
    if !chart.moment.time_known {
        text += " The time of birth is unknown.";
    }
    if let Some(name) = around {
        let _ = write!(text, " Around it: {name}.");
    }
    text
}
