//! Words and numbers as readers see them.

use serde_json::Value;

/// `Theme_drive` or `work_in_general` as words.
pub(super) fn words(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `1 answer`, `2 answers`.
pub(super) fn count(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// Whole points, rounded as the narrator's text rounds them.
pub(super) fn points(value: f64) -> String {
    let text = format!("{value:.0}");
    if text == "-0" { "0".to_owned() } else { text }
}

/// Points with a sign, such as `+6`, `−3`, `0`.
pub(super) fn signed(change: f64) -> String {
    match change.round() {
        up if up > 0.0 => format!("+{up:.0}"),
        down if down < 0.0 => format!("−{:.0}", down.abs()),
        _ => "0".to_owned(),
    }
}

/// A share 0..=1 in percent.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", points(share * 100.0))
}

/// `21 November 2026` of `2026-11-21`; other texts stay as they are.
pub(super) fn date(day: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, of_month] = parts[..] else { return day.to_owned() };
    let name = month.parse::<usize>().ok().and_then(|number| MONTHS.get(number.checked_sub(1)?));
    match (name, of_month.parse::<u8>()) {
        (Some(name), Ok(number)) => format!("{number} {name} {year}"),
        _ => day.to_owned(),
    }
}

/// A stored value in a cell of a table.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), points),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Null => "–".to_owned(),
        other => other.to_string(),
    }
}
