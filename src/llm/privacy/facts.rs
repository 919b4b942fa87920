//! Facts as a model may know them: in words, in bands, without degrees. A list of exact positions is a date of birth.

use crate::narrator::output::Fact;

/// All facts, one line each.
#[must_use]
pub fn lines(facts: &[Fact]) -> Vec<String> {
    facts.iter().map(line).collect()
}

/// `F07 (strong): Mercury in Virgo, 6th house`.
#[must_use]
pub fn line(fact: &Fact) -> String {
    format!("{} ({}): {}", fact.id, band(fact.strength), without_numbers(&fact.label))
}

fn band(strength: f64) -> &'static str {
    if strength >= 0.66 {
        "strong"
    } else if strength >= 0.33 {
        "medium"
    } else {
        "weak"
    }
}

/// Levels become words; houses, harmonics and quarters keep their small numbers.
fn without_numbers(label: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut words = label.split(' ').peekable();
    while let Some(word) = words.next() {
        let number = word.trim_end_matches([',', '.', ';', '%']);
        let kept = out.last().is_some_and(|before| before == "Harmonic");
        match number.parse::<f64>() {
            Ok(value) if !kept => {
                out.push(level(value).to_owned());
                // `74 of 100` is one number.
                let mut ahead = words.clone();
                if ahead.next() == Some("of") && ahead.next().is_some_and(|word| word.starts_with("100")) {
                    words = ahead;
                }
            }
            _ => out.push(word.to_owned()),
        }
    }
    out.join(" ")
}

/// A level of 100 as a word.
fn level(value: f64) -> &'static str {
    if value >= 70.0 {
        "high"
    } else if value >= 40.0 {
        "middling"
    } else {
        "low"
    }
}
