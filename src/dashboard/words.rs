//! Numbers and times as people read them.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use uuid::Uuid;

/// The time now, to the second.
pub(super) fn clock() -> String {
    Utc::now().format("%H:%M:%S UTC").to_string()
}

/// `12 345` with narrow spaces.
pub(super) fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    if value < 0 { format!("−{out}") } else { out }
}

/// `1 row`, `2 rows`.
pub(super) fn count(value: i64, one: &str) -> String {
    let ending = if value == 1 { "" } else { "s" };
    format!("{} {one}{ending}", number(value))
}

/// A length of time: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 d`.
pub(super) fn length(seconds: f64) -> String {
    match seconds.abs() {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.0} h", s / 3600.0),
        s => format!("{:.0} d", s / 86400.0),
    }
}

/// Seconds from a time until now.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of some years are exact")]
pub(super) fn since(time: DateTime<Utc>) -> f64 {
    (Utc::now() - time).num_milliseconds() as f64 / 1000.0
}

/// A time with how long ago it was, or will be.
pub(super) fn when(time: DateTime<Utc>) -> Markup {
    let seconds = since(time);
    let words =
        if seconds < 0.0 { format!("in {}", length(seconds)) } else { format!("{} ago", length(seconds)) };
    html! { time datetime=(time.to_rfc3339()) title=(time.format("%Y-%m-%d %H:%M:%S UTC")) { (words) } }
}

/// A time that may be missing.
pub(super) fn maybe_when(time: Option<DateTime<Utc>>) -> Markup {
    time.map_or_else(|| html! { span.soft { "–" } }, when)
}

/// A time to the second.
pub(super) fn exact(time: DateTime<Utc>) -> Markup {
    html! { time datetime=(time.to_rfc3339()) { (time.format("%Y-%m-%d %H:%M:%S")) } }
}

/// The first and last digits of an id; the whole of it as its title.
pub(super) fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    format!("{}…{}", &text[..8], &text[28..])
}

/// A text that may be missing.
pub(super) fn or_dash(text: Option<&str>) -> Markup {
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        html! { (text) }
    } else {
        html! { span.soft { "–" } }
    }
}

/// A word in a frame: how something stands. The word says it; the colour only helps.
pub(super) fn badge(word: &str) -> Markup {
    let class = match word {
        "completed" | "alive" | "running" | "closed" | "success" | "delivered" => "badge good",
        "failed" | "dead" | "open" | "expired" | "refused" | "quarantined" => "badge bad",
        "leased" | "processing" | "in_progress" => "badge run",
        "waiting" | "draining" | "paused" | "half_open" | "later" | "retried" | "snoozed" => "badge warn",
        "ready" | "pending" | "queued" | "scheduled" => "badge accent",
        _ => "badge soft",
    };
    html! { span class=(class) { (word.replace('_', " ")) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lengths_are_short() {
        assert_eq!(number(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(number(-12), "−12");
        assert_eq!(count(1, "row"), "1 row");
        assert_eq!(count(2000, "row"), "2\u{202f}000 rows");
        for (seconds, expected) in [
            (0.42, "0.4 s"),
            (59.6, "60 s"),
            (180.0, "3 min"),
            (18_000.0, "5 h"),
            (259_200.0, "3 d"),
            (-5.0, "5.0 s"),
        ] {
            assert_eq!(length(seconds), expected);
        }
    }
}
