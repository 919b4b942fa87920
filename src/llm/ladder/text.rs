//! Looking at prose.

/// The sentences of a text, without the citations and list marks around them.
#[must_use]
pub fn sentences(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '#', '>']).trim();
        let mut start = 0;
        for (at, c) in line.char_indices() {
            let after = &line[at + c.len_utf8()..];
            if matches!(c, '.' | '?' | '!') && (after.is_empty() || after.starts_with(' ')) {
                all.push(plain(&line[start..=at]));
                start = at + 1;
            }
        }
        all.push(plain(&line[start..]));
    }
    all.retain(|sentence| !sentence.is_empty());
    all
}

/// Without citations such as `[F07]` and emphasis, blanks as one.
fn plain(sentence: &str) -> String {
    let mut out = String::new();
    let mut rest = sentence;
    while let Some(at) = rest.find("[F") {
        out.push_str(&rest[..at]);
        rest = rest[at..].split_once(']').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    let words = out.split_whitespace().map(|word| word.trim_matches(['*', '_', '`']));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Words of a text.
pub(super) fn words(text: &str) -> usize {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-' | '\u{2019}')))
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .count()
}

/// Facts that a text cites in brackets.
pub(super) fn cited(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("[F") {
        if let Some((inside, _)) = text[at + 1..].split_once(']') {
            found.extend(inside.split([',', ' ', ';']).filter(|id| !id.is_empty()));
        }
    }
    found
}

/// Links, pictures, HTML and scripts: channels by which data leaves when somebody looks at a page.
pub(super) fn has_link_or_markup(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = ["://", "www.", "mailto:", "javascript:", "data:image", "![", "]("];
    words.iter().any(|word| lower.contains(word)) || has_tag(&lower) || lower.contains("]: ")
}

/// `<a ...`, `</p>`, `<!--`; not `a < b`.
fn has_tag(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'))
    })
}

/// Whether a text is plainly not in the language asked for. Knows English only and lets short texts pass.
pub(super) fn is_foreign(text: &str, locale: &str) -> bool {
    const COMMON: [&str; 24] = [
        "the", "and", "of", "to", "a", "in", "is", "that", "with", "for", "it", "on", "as", "this", "when",
        "at", "by", "or", "not", "are", "be", "can", "more", "their",
    ];
    if !locale.starts_with("en") {
        return false;
    }
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let common = words.iter().filter(|word| COMMON.contains(&word.as_str())).count();
    words.len() >= 40 && common * 12 < words.len()
}
