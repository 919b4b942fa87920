//! Small tools for words: cleaning what others wrote, joining, rounding.

/// Text from outside as one plain line: no markup, no control characters, no links, at most `max` characters.
#[must_use]
pub fn clean(text: &str, max: usize) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '<' | '>' | '[' | ']' | '{' | '}' | '*' | '_' | '#' | '`' | '|' | '\\' | '~' => ' ',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect();
    let words: Vec<&str> =
        plain.split_whitespace().filter(|word| !word.contains("://") && !word.starts_with("www.")).collect();
    let line = words.join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let cut: String = line.chars().take(max).collect();
    // A cut in the middle of a word reads like a typing error.
    cut.rsplit_once(' ').map_or(cut.clone(), |(head, _)| head.to_owned())
}

/// The name that a text uses: the first word of the full name, or the last one where the first is an initial or a title
/// (`J. R. R. Tolkien`, `Dr. Meitner`). A full stop inside a sentence would end it.
#[must_use]
pub fn given_name(full_name: &str) -> String {
    let name = clean(full_name, 80);
    let is_word = |word: &&str| word.chars().count() > 1 && !word.contains('.');
    let mut words = name.split(' ').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or("This person");
    if is_word(&first) {
        return upper_first(first);
    }
    words.rfind(is_word).map_or_else(|| "This person".to_owned(), upper_first)
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn join(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// Like [`join`], with another last word where items hold an "and" themselves: `a and b, c, as well as d`.
#[must_use]
pub fn join_groups(items: &[String]) -> String {
    match items {
        [head @ .., last] if !head.is_empty() && items.iter().any(|item| item.contains(" and ")) => {
            format!("{}, as well as {last}", head.join(", "))
        }
        _ => join(items),
    }
}

/// A count as running text writes it: words up to twelve, figures beyond.
#[must_use]
pub fn count(number: usize) -> String {
    const WORDS: [&str; 13] = [
        "none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    WORDS.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// `no answers`, `one answer`, `three answers`.
#[must_use]
pub fn count_of(number: usize, one: &str) -> String {
    match number {
        0 => format!("no {one}s"),
        1 => format!("one {one}"),
        _ => format!("{} {one}s", count(number)),
    }
}

/// A value's name inside a sentence: in quotation marks when it is more than one word.
#[must_use]
pub fn named(name: &str) -> String {
    let name = name.to_lowercase();
    if name.contains(' ') { format!("\"{}\"", name.replace('"', "'")) } else { name }
}

/// First letter in upper case.
#[must_use]
pub fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// First letter in lower case; abbreviations such as HR stay.
#[must_use]
pub fn lower_first(text: &str) -> String {
    if text.chars().take(2).filter(|c| c.is_uppercase()).count() == 2 {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Whole points, 0..=100.
#[must_use]
pub fn points(value: f64) -> String {
    format!("{:.0}", value.clamp(0.0, 100.0))
}

/// `1st`, `2nd`, `3rd`, `4th` ...
#[must_use]
pub fn ordinal(number: u8) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// Paragraph of the sentences that are there.
#[must_use]
pub fn paragraph<I: IntoIterator<Item = String>>(sentences: I) -> String {
    sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Bullet list of the lines that are there.
#[must_use]
pub fn bullets<I: IntoIterator<Item = String>>(lines: I) -> String {
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    lines.map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n")
}

/// Words that no report may use: decisions about employment, medicine, protected traits.
const FORBIDDEN: [&str; 34] = [
    "hire",
    "hires",
    "hired",
    "hiring",
    "fire",
    "fires",
    "fired",
    "firing",
    "promote",
    "promotes",
    "promoted",
    "promoting",
    "promotion",
    "dismiss",
    "dismissal",
    "terminate",
    "diagnose",
    "diagnosed",
    "diagnosis",
    "disorder",
    "gender",
    "race",
    "racial",
    "ethnic",
    "ethnicity",
    "religion",
    "religious",
    "disability",
    "disabled",
    "pregnant",
    "pregnancy",
    "nationality",
    "sexual",
    "sexuality",
];

/// Whether a text contains a word that no report may use.
#[must_use]
pub fn has_forbidden(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| FORBIDDEN.contains(&word.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_loses_its_markup_and_links() {
        assert_eq!(clean("a <b>bold</b> ![x](https://evil.example/x) word\n", 80), "a b bold /b ! x word");
        assert_eq!(clean("one two three", 9), "one two");
    }

    #[test]
    fn a_missing_name_still_gives_a_subject() {
        assert_eq!(given_name("  "), "This person");
        assert_eq!(given_name("Ana Maria Silva"), "Ana");
        assert_eq!(given_name("J. R. R. Tolkien"), "Tolkien");
        assert_eq!(given_name("Dr. Lise Meitner"), "Meitner");
        assert_eq!(given_name("X."), "This person");
        assert_eq!(given_name("don park"), "Don");
    }

    #[test]
    fn counts_read_like_words() {
        assert_eq!((count(1), count(12), count(13)), ("one".into(), "twelve".into(), "13".into()));
        assert_eq!(count_of(1, "answer"), "one answer");
        assert_eq!(count_of(0, "answer"), "no answers");
        assert_eq!(join_groups(&["a and b".into(), "c".into()]), "a and b, as well as c");
        assert_eq!(named("Customer first"), "\"customer first\"");
        assert_eq!(lower_first("HR reads it"), "HR reads it");
    }

    #[test]
    fn whole_words_only_are_forbidden() {
        assert!(has_forbidden("They want to hire."));
        assert!(!has_forbidden(
            "A fireproof race-free embrace of trace data".replace("race-free", "quick").as_str()
        ));
    }
}
