//! A quarter in words.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::pipeline::quarter::control::Standing;

/// `2026-Q4`.
pub(super) fn name(standing: &Standing) -> String {
    format!("{}-{}", standing.year, standing.quarter)
}

/// One line on how it stands, and one for each kind of error.
pub(super) fn standing(standing: &Standing, now: DateTime<Utc>) -> String {
    let mut parts = vec![state(standing)];
    if standing.total > 0 {
        parts.push(progress(standing));
    }
    if standing.status == "in_progress" {
        parts.extend(pace(standing, now));
    }
    let mut lines = vec![format!("{}: {}", name(standing), parts.join(", "))];
    lines.extend(errors(standing));
    lines.join("\n")
}

/// What it does now.
pub(super) fn state(standing: &Standing) -> String {
    let window = format!(
        "{} to {} UTC",
        standing.execution_start_time.format("%H:%M"),
        standing.execution_end_time.format("%H:%M")
    );
    let note = standing.note.as_deref().map_or_else(String::new, |note| format!(" ({note})"));
    match standing.status.as_str() {
        "scheduled" | "in_progress" if standing.paused => format!("paused{note}"),
        "scheduled" => format!("scheduled for {}, {window}", standing.scheduled_date),
        "in_progress" if !standing.works && !standing.forced => format!("waits for its window, {window}"),
        "in_progress" if !standing.expanded => "runs and makes its rows".to_owned(),
        "in_progress" => "runs".to_owned(),
        ended => {
            let at = standing
                .completed_at
                .map_or_else(String::new, |at| format!(" at {}", at.format("%Y-%m-%d %H:%M UTC")));
            format!("{ended}{at}")
        }
    }
}

fn progress(standing: &Standing) -> String {
    let ended = standing.total - standing.open;
    let percent = ended * 100 / standing.total.max(1);
    let also = [(standing.failed, "failed"), (standing.skipped, "skipped")];
    let also: Vec<String> =
        also.iter().filter(|(rows, _)| *rows > 0).map(|(rows, word)| format!(", {rows} {word}")).collect();
    let also = also.concat();
    format!("{ended} of {} rows ({percent} %){also}", standing.total)
}

/// Rows per second and when it is expected to end.
pub(super) fn pace(standing: &Standing, now: DateTime<Utc>) -> Option<String> {
    let rate = standing.rate.filter(|rate| *rate > 0.0 && standing.works)?;
    let until = standing.estimated_completion.map_or_else(String::new, |at| {
        let form = if at.date_naive() == now.date_naive() { "%H:%M UTC" } else { "%Y-%m-%d %H:%M UTC" };
        format!(", until about {}", at.format(form))
    });
    Some(format!("{rate:.0} a second{until}"))
}

fn errors(standing: &Standing) -> Vec<String> {
    let all = standing.errors.as_ref().and_then(Value::as_array);
    all.into_iter()
        .flatten()
        .map(|error| {
            let text = |key: &str| error[key].as_str().unwrap_or_default();
            let sample: Vec<&str> =
                error["sample"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("  {} {}: {} ({})", error["entities"], text("code"), text("message"), sample.join(", "))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn running() -> Standing {
        Standing {
            id: uuid::Uuid::nil(),
            quarter: "Q1".to_owned(),
            year: 2027,
            status: "in_progress".to_owned(),
            scheduled_date: "2027-01-02".parse().unwrap(),
            execution_start_time: "03:00:00".parse().unwrap(),
            execution_end_time: "06:00:00".parse().unwrap(),
            started_at: None,
            completed_at: None,
            estimated_completion: Some("2027-01-02T04:12:00Z".parse().unwrap()),
            total: 1000,
            completed: 240,
            failed: 3,
            skipped: 7,
            open: 750,
            paused: false,
            note: None,
            forced: false,
            expanded: true,
            works: true,
            rate: Some(410.2),
            errors: Some(
                json!([{ "code": "data.x", "entities": 3, "message": "no", "sample": ["employee 1"] }]),
            ),
        }
    }

    #[test]
    fn a_running_quarter_says_how_far_it_is_how_fast_and_until_when() {
        let text = standing(&running(), "2027-01-02T03:30:00Z".parse().unwrap());
        assert_eq!(
            text,
            "2027-Q1: runs, 250 of 1000 rows (25 %), 3 failed, 7 skipped, 410 a second, until about 04:12 UTC\n  3 data.x: no (employee 1)"
        );
    }

    #[test]
    fn what_holds_a_quarter_is_named() {
        let paused = Standing { paused: true, note: Some("audit".to_owned()), ..running() };
        assert_eq!(state(&paused), "paused (audit)");
        let closed = Standing { works: false, ..running() };
        assert_eq!(state(&closed), "waits for its window, 03:00 to 06:00 UTC");
        let early = Standing { status: "scheduled".to_owned(), ..running() };
        assert_eq!(state(&early), "scheduled for 2027-01-02, 03:00 to 06:00 UTC");
    }
}
