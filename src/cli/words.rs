//! Numbers and text as the offline commands print them.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};

use crate::astro::{Body, Point, Sign};

/// Columns of running text.
const WIDTH: usize = 96;

/// Columns of a bar that stands for 100.
const BAR: f64 = 24.0;

/// `12°34'56" Leo`, rounded to the second without leaving the sign.
pub(super) fn place(longitude_deg: f64) -> String {
    let within = angle((longitude_deg.rem_euclid(30.0)).min(30.0 - 0.5 / 3600.0 - 1e-9));
    format!("{within} {}", Sign::of_longitude(longitude_deg).name())
}

/// `12°34'56"`, degrees padded to two places.
pub(super) fn angle(degrees: f64) -> String {
    let seconds = (degrees * 3600.0).round();
    let (degree, rest) = ((seconds / 3600.0).floor(), seconds.rem_euclid(3600.0));
    let (minute, second) = ((rest / 60.0).floor(), rest.rem_euclid(60.0));
    format!("{degree:2.0}°{minute:02.0}'{second:02.0}\"")
}

/// `1°02'`.
pub(super) fn short_angle(degrees: f64) -> String {
    let minutes = (degrees * 60.0).round();
    format!("{:.0}°{:02.0}'", (minutes / 60.0).floor(), minutes.rem_euclid(60.0))
}

/// A table for many short rows: one line below the headings, none between the rows.
pub(super) fn listing<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings);
    table
}

/// Lines without spaces at their ends.
pub(super) fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// A bar for a score of 0..=100.
pub(super) fn bar(score: f64) -> String {
    let mut filled = String::new();
    let mut at = 0.5;
    while at < BAR * score.clamp(0.0, 100.0) / 100.0 {
        filled.push('█');
        at += 1.0;
    }
    while at < BAR {
        filled.push('·');
        at += 1.0;
    }
    filled
}

/// A title with a line below it.
pub(super) fn title(text: &str) -> String {
    format!("\n{text}\n{}", "─".repeat(text.chars().count()))
}

/// Running text in lines, all but the first moved in as far as `start` is long.
pub(super) fn wrapped(start: &str, text: &str) -> String {
    let indent = " ".repeat(start.chars().count());
    let mut lines = vec![start.to_owned()];
    let mut length = indent.len();
    for word in text.split_whitespace() {
        let wide = word.chars().count();
        if length + wide + 1 > WIDTH && length > indent.len() {
            lines.push(indent.clone());
            length = indent.len();
        }
        if let Some(line) = lines.last_mut() {
            if length > indent.len() {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += wide;
        }
    }
    lines.join("\n")
}

/// Unicode sign of a point; the ascendant and the midheaven have letters.
pub(super) const fn glyph(point: Point) -> &'static str {
    match point {
        Point::Body(body) => match body {
            Body::Sun => "☉",
            Body::Moon => "☽",
            Body::Mercury => "☿",
            Body::Venus => "♀",
            Body::Mars => "♂",
            Body::Jupiter => "♃",
            Body::Saturn => "♄",
            Body::Uranus => "♅",
            Body::Neptune => "♆",
            Body::Pluto => "♇",
            Body::MeanNode | Body::TrueNode => "☊",
        },
        Point::Ascendant => "AC",
        Point::Midheaven => "MC",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_never_rounds_into_the_next_sign() {
        assert_eq!(place(29.999_99), "29°59'59\" Aries");
        assert_eq!(place(30.0), " 0°00'00\" Taurus");
        assert_eq!(place(132.582_222), "12°34'56\" Leo");
        assert_eq!(angle(12.999_999), "13°00'00\"");
    }

    #[test]
    fn bars_are_all_of_one_length() {
        assert_eq!(bar(0.0), "·".repeat(24));
        assert_eq!(bar(100.0), "█".repeat(24));
        assert_eq!(bar(50.0).chars().filter(|sign| *sign == '█').count(), 12);
        assert_eq!(bar(f64::NAN).chars().count(), 24);
    }

    #[test]
    fn running_text_keeps_its_width_and_its_indent() {
        let text = wrapped("  * ", &"word ".repeat(60));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.len() > 4));
        assert!(text.lines().skip(1).all(|line| line.starts_with("    word")));
    }
}
