//! A small alphabet of strokes, ours, so that labels need no font: digits, capitals and a few signs.
//!
//! Units: capitals are 10 high, the baseline is y = 0 and y points down. Small letters are drawn as small capitals.

/// A sign of the alphabet: its width and its strokes as SVG path data (absolute M, L, C, Z only).
struct Letter {
    width: f64,
    path: &'static str,
}

/// Space between two signs.
const TRACKING: f64 = 1.8;

/// Size of small capitals beside capitals.
const SMALL: f64 = 0.8;

/// Height of a capital.
pub(super) const HEIGHT: f64 = 10.0;

/// One sign of a written text.
pub(super) struct Written {
    /// Strokes as SVG path data.
    pub(super) path: &'static str,
    /// Left edge.
    pub(super) x: f64,
    /// Size, 1 for capitals.
    pub(super) scale: f64,
}

/// The signs of a text, from x = 0; signs that the alphabet lacks become spaces.
pub(super) fn write(text: &str) -> (Vec<Written>, f64) {
    let mut x = 0.0;
    let mut signs = Vec::with_capacity(text.len());
    for sign in text.chars() {
        let scale = if sign.is_ascii_lowercase() { SMALL } else { 1.0 };
        let letter = letter(sign.to_ascii_uppercase());
        if !letter.path.is_empty() {
            signs.push(Written { path: letter.path, x, scale });
        }
        x += (letter.width + TRACKING) * scale;
    }
    (signs, (x - TRACKING).max(0.0))
}

/// Width of a text.
pub(super) fn width(text: &str) -> f64 {
    write(text).1
}

#[allow(clippy::too_many_lines, reason = "one line for each sign of the alphabet")]
fn letter(sign: char) -> Letter {
    let (width, path) = match sign {
        '0' => (6.0, "M3 -10C1 -10 0 -8 0 -5C0 -2 1 0 3 0C5 0 6 -2 6 -5C6 -8 5 -10 3 -10Z"),
        '1' => (6.0, "M1.2 -7.8L3.6 -10L3.6 0"),
        '2' => (6.0, "M0.2 -7.4C0.2 -10.8 5.8 -10.8 5.8 -7.2C5.8 -4.6 1 -3 0.1 0L6 0"),
        '3' => (
            6.0,
            "M0.3 -8.4C1.3 -10.6 5.6 -10.5 5.6 -7.6C5.6 -5.8 4 -5.3 2.3 -5.3C4.3 -5.3 6 -4.6 6 -2.7C6 0.7 1 0.8 0 -1.8",
        ),
        '4' => (6.0, "M4.3 0L4.3 -10L0 -2.9L6 -2.9"),
        '5' => (6.0, "M5.4 -10L0.9 -10L0.5 -5.4C2.4 -6.9 6 -6.4 6 -3.2C6 0.7 1.1 0.8 0 -1.6"),
        '6' => (
            6.0,
            "M5.3 -9.1C3 -11 0 -8.5 0 -3.6C0 -1.3 1.2 0 3 0C4.8 0 6 -1.3 6 -3.1C6 -4.9 4.8 -6.1 3 -6.1C1.2 -6.1 0 -4.9 0 -3.2",
        ),
        '7' => (6.0, "M0 -10L6 -10C4 -7 2.5 -3.5 2.1 0"),
        '8' => (
            6.0,
            "M3 -5.4C1.3 -5.4 0.4 -6.4 0.4 -7.7C0.4 -9 1.4 -10 3 -10C4.6 -10 5.6 -9 5.6 -7.7C5.6 -6.4 4.7 -5.4 3 -5.4C1.2 -5.4 0 -4.3 0 -2.7C0 -1.1 1.2 0 3 0C4.8 0 6 -1.1 6 -2.7C6 -4.3 4.8 -5.4 3 -5.4Z",
        ),
        '9' => (
            6.0,
            "M0.7 -0.9C3 1 6 -1.5 6 -6.4C6 -8.7 4.8 -10 3 -10C1.2 -10 0 -8.7 0 -6.9C0 -5.1 1.2 -3.9 3 -3.9C4.8 -3.9 6 -5.1 6 -6.8",
        ),
        '°' => (
            3.2,
            "M1.6 -10C2.6 -10 3.2 -9.4 3.2 -8.4C3.2 -7.4 2.6 -6.8 1.6 -6.8C0.6 -6.8 0 -7.4 0 -8.4C0 -9.4 0.6 -10 1.6 -10Z",
        ),
        '′' => (1.4, "M1.2 -10L0.4 -7"),
        '″' => (3.4, "M1.2 -10L0.4 -7M3.2 -10L2.4 -7"),
        '.' => (1.0, "M0.5 -0.3L0.5 0"),
        ',' => (1.2, "M0.9 -0.3L0.3 1.8"),
        '-' | '–' => (4.4, "M0.4 -4.6L4 -4.6"),
        '+' => (5.4, "M0 -4.6L5.4 -4.6M2.7 -7.3L2.7 -1.9"),
        '/' => (4.2, "M0 0.8L4.2 -10.4"),
        '℞' => (7.0, "M0 0L0 -10L3.2 -10C6.7 -10 6.7 -4.9 3.2 -4.9L0 -4.9M2.7 -4.9L7 0.4M6.9 -3.2L3.7 0.6"),
        'A' => (6.4, "M0 0L3.2 -10L6.4 0M1.1 -3.4L5.3 -3.4"),
        'B' => (5.8, "M0 -5.3L3 -5.3C6.3 -5.3 6.3 -10 3 -10L0 -10L0 0L3 0C6.8 0 6.8 -5.3 3 -5.3"),
        'C' => {
            (6.0, "M6 -8.4C5.3 -9.4 4.5 -10 3.4 -10C1.2 -10 0 -8 0 -5C0 -2 1.2 0 3.4 0C4.5 0 5.3 -0.6 6 -1.6")
        }
        'D' => (6.4, "M0 0L0 -10L2.6 -10C5 -10 6.4 -8 6.4 -5C6.4 -2 5 0 2.6 0Z"),
        'E' => (5.2, "M5.2 -10L0 -10L0 0L5.2 0M0 -5.3L4.4 -5.3"),
        'F' => (5.2, "M5.2 -10L0 -10L0 0M0 -5.2L4.4 -5.2"),
        'G' => (
            6.4,
            "M6.1 -8.4C5.4 -9.4 4.5 -10 3.4 -10C1.2 -10 0 -8 0 -5C0 -2 1.2 0 3.4 0C4.7 0 5.7 -0.6 6.4 -1.6L6.4 -4.8L4 -4.8",
        ),
        'H' => (6.0, "M0 -10L0 0M6 -10L6 0M0 -5.2L6 -5.2"),
        'I' => (1.0, "M0.5 -10L0.5 0"),
        'J' => (4.2, "M4.2 -10L4.2 -2.6C4.2 0.7 0.6 0.7 0 -1.6"),
        'K' => (6.0, "M0 -10L0 0M5.7 -10L0 -4M2 -6L6 0"),
        'L' => (5.0, "M0 -10L0 0L5 0"),
        'M' => (7.6, "M0 0L0 -10L3.8 -3.6L7.6 -10L7.6 0"),
        'N' => (6.2, "M0 0L0 -10L6.2 0L6.2 -10"),
        'O' => {
            (7.2, "M3.6 -10C1.3 -10 0 -8 0 -5C0 -2 1.3 0 3.6 0C5.9 0 7.2 -2 7.2 -5C7.2 -8 5.9 -10 3.6 -10Z")
        }
        'P' => (5.8, "M0 0L0 -10L3.2 -10C6.7 -10 6.7 -4.6 3.2 -4.6L0 -4.6"),
        'Q' => (
            7.4,
            "M3.6 -10C1.3 -10 0 -8 0 -5C0 -2 1.3 0 3.6 0C5.9 0 7.2 -2 7.2 -5C7.2 -8 5.9 -10 3.6 -10ZM4.6 -2.4L7.4 0.6",
        ),
        'R' => (6.2, "M0 0L0 -10L3.2 -10C6.7 -10 6.7 -4.8 3.2 -4.8L0 -4.8M3.2 -4.8L6.2 0"),
        'S' => {
            (5.8, "M5.4 -8.4C4.4 -10.6 0.3 -10.6 0.3 -7.6C0.3 -4.4 5.8 -5.8 5.8 -2.6C5.8 0.7 1 0.8 0 -1.8")
        }
        'T' => (6.4, "M0 -10L6.4 -10M3.2 -10L3.2 0"),
        'U' => (6.0, "M0 -10L0 -3.4C0 1.1 6 1.1 6 -3.4L6 -10"),
        'V' => (6.4, "M0 -10L3.2 0L6.4 -10"),
        'W' => (9.0, "M0 -10L2.2 0L4.5 -8L6.8 0L9 -10"),
        'X' => (6.0, "M0 -10L6 0M6 -10L0 0"),
        'Y' => (6.2, "M0 -10L3.1 -5L6.2 -10M3.1 -5L3.1 0"),
        'Z' => (6.0, "M0 -10L6 -10L0 0L6 0"),
        _ => (3.0, ""),
    };
    Letter { width, path }
}
