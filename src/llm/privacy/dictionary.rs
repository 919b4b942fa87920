//! Names that we know, found whatever their case, accents and separators.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::vocabulary::is_word;

/// What counts as a name in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// To cover a text: words that are names too count where they begin with a capital.
    Strict,
    /// To look at what was covered, and at what a model says: there they count only together with the rest of a name.
    Plain,
}

/// Particles and titles that are nobody's name alone.
const PARTICLES: [&str; 24] = [
    "de", "da", "do", "dos", "das", "del", "der", "den", "di", "du", "el", "la", "le", "van", "von", "zu",
    "bin", "al", "dr", "mr", "mrs", "ms", "prof", "jr",
];

/// What stands for a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// These words.
    Words(Box<str>),
    /// The placeholder that a report gives this one of the crowd.
    OneOf(u32),
}

/// Names and what stands for them. Holds little beside the names: the people of a whole organization are in one.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    /// By their folded words, joined by blanks.
    names: HashMap<Box<str>, Entry>,
    /// By their first word: the most words of a name that begins so.
    longest: HashMap<Box<str>, usize>,
}

#[derive(Debug, Clone)]
struct Entry {
    mark: Mark,
    alone: Alone,
}

/// When a name of one word is one; one of several always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alone {
    Always,
    /// Only where it begins with a capital.
    Capital,
    /// With a capital, and only to a strict reading: it is a word of English too.
    Word,
}

impl Alone {
    fn of(words: &[String]) -> Self {
        match words {
            [word] if is_word(word) => Self::Word,
            _ => Self::Always,
        }
    }

    fn counts(self, word: &Word<'_>, reading: Reading) -> bool {
        let capital = word.text.starts_with(char::is_uppercase);
        match self {
            Self::Always => true,
            Self::Capital => capital,
            Self::Word => capital && reading == Reading::Strict,
        }
    }
}

/// A word of a text: its place and its folded form.
pub(super) struct Word<'a> {
    start: usize,
    pub(super) end: usize,
    pub(super) text: &'a str,
    pub(super) folded: String,
}

/// A name in a text: how many words it has, and what stands for it.
struct Found<'a> {
    words: usize,
    mark: &'a Mark,
}

impl Dictionary {
    /// A full name, and each part of it that can stand alone. Says whether there was anything to add.
    pub(super) fn add_person(&mut self, name: &str, mark: &Mark) -> bool {
        if !self.add_whole(name, mark) {
            return false;
        }
        for word in words(name) {
            let letters = word.folded.chars().count();
            if letters < 2 || PARTICLES.contains(&word.folded.as_str()) {
                continue;
            }
            let word = [word.folded];
            // Two letters are a name only as they are written (`Al`, `Bo`).
            let alone = match Alone::of(&word) {
                Alone::Always if letters < 3 => Alone::Capital,
                alone => alone,
            };
            self.add(&word, mark, alone);
        }
        true
    }

    /// A company: one word alone is a name only with a capital, since many are common words.
    pub(super) fn add_company(&mut self, name: &str, mark: &Mark) -> bool {
        let words: Vec<String> = words(name).map(|word| word.folded).collect();
        let alone = match Alone::of(&words) {
            Alone::Always if words.len() == 1 => Alone::Capital,
            alone => alone,
        };
        self.add(&words, mark, alone)
    }

    /// A name as a whole only.
    pub(super) fn add_whole(&mut self, name: &str, mark: &Mark) -> bool {
        let words: Vec<String> = words(name).map(|word| word.folded).collect();
        self.add(&words, mark, Alone::of(&words))
    }

    /// An id as a whole: it is one whatever it looks like.
    pub(super) fn add_id(&mut self, id: &str, mark: &Mark) -> bool {
        let words: Vec<String> = words(id).map(|word| word.folded).collect();
        self.add(&words, mark, Alone::Always)
    }

    fn add(&mut self, words: &[String], mark: &Mark, alone: Alone) -> bool {
        let Some(first) = words.first() else { return false };
        let longest = self.longest.entry(first.as_str().into()).or_default();
        *longest = words.len().max(*longest);
        // Whoever came first keeps the name: the subject before colleagues of the same name.
        self.names.entry(words.join(" ").into()).or_insert_with(|| Entry { mark: mark.clone(), alone });
        true
    }

    /// The longest name that begins at a word and has at least so many words.
    fn at(&self, text: &[Word<'_>], at: usize, least: usize, reading: Reading) -> Option<Found<'_>> {
        let most = (*self.longest.get(text[at].folded.as_str())?).min(text.len() - at);
        let mut joined: String = text[at].folded.clone();
        let mut ends = vec![joined.len()];
        for word in &text[at + 1..at + most] {
            joined.push(' ');
            joined.push_str(&word.folded);
            ends.push(joined.len());
        }
        (least.max(1)..=most).rev().find_map(|words| {
            let entry = self.names.get(&joined[..ends[words - 1]])?;
            entry.alone.counts(&text[at], reading).then_some(Found { words, mark: &entry.mark })
        })
    }
}

/// The longest name in any of the dictionaries that begins at a word; of equals that of the first.
fn longest<'a>(all: &[&'a Dictionary], text: &[Word<'_>], at: usize, reading: Reading) -> Option<Found<'a>> {
    let mut best: Option<Found<'a>> = None;
    for dictionary in all {
        let least = best.as_ref().map_or(1, |found| found.words + 1);
        best = dictionary.at(text, at, least, reading).or(best);
    }
    best
}

/// A text with every name replaced by what `shown` makes of its mark.
pub(super) fn replace(all: &[&Dictionary], text: &str, mut shown: impl FnMut(&Mark) -> String) -> String {
    let found: Vec<Word<'_>> = words(text).collect();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut at) = (0, 0);
    while at < found.len() {
        let Some(name) = longest(all, &found, at, Reading::Strict) else {
            at += 1;
            continue;
        };
        out.push_str(&text[from..found[at].start]);
        out.push_str(&shown(name.mark));
        at += name.words;
        from = found[at - 1].end;
    }
    out.push_str(&text[from..]);
    out
}

/// Whether a text holds a name of any of them.
pub(super) fn names_anybody(all: &[&Dictionary], text: &str) -> bool {
    let found: Vec<Word<'_>> = words(text).collect();
    (0..found.len()).any(|at| longest(all, &found, at, Reading::Plain).is_some())
}

/// Runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(char::is_alphanumeric)?;
        let length = text[start..].find(|c: char| !is_inside(c)).unwrap_or(text.len() - start);
        from = start + length;
        let word = &text[start..from];
        Some(Word { start, end: from, text: word, folded: fold(word) })
    })
}

/// Letters, digits and marks that stand above them.
fn is_inside(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

/// Small letters without accents.
fn fold(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' | 'ā' | 'ă' | 'ą' => out.push('a'),
            'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' => out.push('c'),
            'ď' | 'đ' | 'ð' => out.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => out.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => out.push('g'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => out.push('i'),
            'ł' | 'ĺ' | 'ļ' | 'ľ' => out.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => out.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => out.push('o'),
            'ŕ' | 'ř' => out.push('r'),
            'ś' | 'ş' | 'š' | 'ș' => out.push('s'),
            'ß' => out.push_str("ss"),
            'ţ' | 'ť' | 'ț' => out.push('t'),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => out.push('u'),
            'ý' | 'ÿ' => out.push('y'),
            'ź' | 'ż' | 'ž' => out.push('z'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            '\u{300}'..='\u{36f}' => {}
            other => out.push(other),
        }
    }
    out
}

// Unwrap safety: constant, and a test uses it.
static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(Person|Company) ([A-Z]{1,3})\b").expect("the pattern is one"));

/// Placeholders of people and companies in a text.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = String> + '_ {
    PLACEHOLDER.find_iter(text).map(|found| found.as_str().to_owned())
}

/// Every placeholder replaced by what people read; one that stands for nobody stays.
pub(super) fn restored(text: &str, shown: impl Fn(&str) -> Option<String>) -> String {
    PLACEHOLDER
        .replace_all(text, |found: &regex::Captures<'_>| {
            shown(&found[0]).unwrap_or_else(|| found[0].to_owned())
        })
        .into_owned()
}
