//! The life of a job on a line.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::at;
use crate::operate::jobs::Event;

const LEFT: f64 = 14.0;
const RIGHT: f64 = 626.0;
const LINE: f64 = 46.0;

/// Numbers on the line are those of the list of events. `until` is now for a job that goes on.
pub(in crate::dashboard) fn track(events: &[Event], until: DateTime<Utc>) -> Markup {
    let Some(first) = events.first().map(|event| event.at) else { return Markup::default() };
    let last = events.last().map_or(until, |event| event.at).max(until);
    let whole = seconds(first, last).max(0.001);
    let x = |time: DateTime<Utc>| LEFT + (RIGHT - LEFT) * (seconds(first, time) / whole).clamp(0.0, 1.0);
    let runs = runs(events, last);
    let marks = spread(&events.iter().map(|event| x(event.at)).collect::<Vec<_>>());
    let label = format!("{} events within {}", events.len(), crate::dashboard::words::length(whole));
    html! {
        svg.picture viewBox="0 0 640 84" role="img" aria-label=(label) {
            line.axis x1=(at(LEFT)) x2=(at(RIGHT)) y1=(at(LINE)) y2=(at(LINE)) {}
            @for (from, to) in runs {
                rect.f-run x=(at(x(from))) y=(at(LINE - 4.0)) width=(at((x(to) - x(from)).max(2.0))) height="8" rx="2" {}
            }
            @for (number, (event, place)) in events.iter().zip(marks).enumerate() {
                line.edge x1=(at(x(event.at))) x2=(at(place)) y1=(at(LINE)) y2="24" {}
                circle class={ "f-" (colour(&event.what)) } cx=(at(x(event.at))) cy=(at(LINE)) r="4.5" {}
                text x=(at(place)) y="16" text-anchor="middle" { (number + 1) }
            }
            text.t-soft x="0" y="78" { (first.format("%H:%M:%S")) }
            text.t-soft x="640" y="78" text-anchor="end" { (last.format("%H:%M:%S")) }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "microseconds of some years are exact")]
fn seconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_microseconds().unwrap_or_default() as f64 / 1e6
}

/// From each start to what happened next.
fn runs(events: &[Event], last: DateTime<Utc>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let starts = events.iter().enumerate().filter(|(_, event)| event.what == "started");
    starts.map(|(number, event)| (event.at, events.get(number + 1).map_or(last, |next| next.at))).collect()
}

/// Places of the numbers: near their marks, and far enough from one another to be read.
#[allow(clippy::cast_precision_loss, reason = "a few hundred at most")]
fn spread(marks: &[f64]) -> Vec<f64> {
    let room = (22.0_f64).min((RIGHT - LEFT) / marks.len().max(1) as f64);
    let mut places: Vec<f64> = marks.to_vec();
    for at in 1..places.len() {
        places[at] = places[at].max(places[at - 1] + room);
    }
    let over = places.last().map_or(0.0, |last| (last - RIGHT).max(0.0));
    if over > 0.0 {
        let mut most = RIGHT;
        for place in places.iter_mut().rev() {
            *place = place.min(most);
            most = *place - room;
        }
    }
    places
}

fn colour(what: &str) -> &'static str {
    match what {
        "completed" => "good",
        "failed" | "quarantined" => "bad",
        "retry" | "cancelled" | "skipped" => "warn",
        "started" => "run",
        "created" => "soft",
        _ => "accent",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(second: i64, what: &str) -> Event {
        Event {
            at: DateTime::from_timestamp(second, 0).unwrap(),
            what: what.to_owned(),
            code: None,
            stage: None,
            message: None,
            who: None,
        }
    }

    #[test]
    fn a_run_lasts_from_its_start_to_what_happened_next() {
        let events = [event(0, "created"), event(10, "started"), event(20, "completed")];
        let svg = track(&events, DateTime::from_timestamp(15, 0).unwrap()).into_string();
        assert!(svg.contains("3 events within 20 s"), "{svg}");
        assert!(svg.contains("x=\"320.0\" y=\"42.0\" width=\"306.0\""), "{svg}");
        assert!(track(&[], Utc::now()).into_string().is_empty());
    }

    #[test]
    fn numbers_keep_their_order_apart_and_within_the_picture() {
        for marks in [vec![14.0; 12], vec![626.0; 12], (0..60).map(|at| f64::from(at) * 3.0 + 14.0).collect()]
        {
            let places = spread(&marks);
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] > 9.0), "{places:?}");
            assert!(places[0] >= LEFT - 23.0 && places[places.len() - 1] <= RIGHT + 0.1, "{places:?}");
        }
    }
}
