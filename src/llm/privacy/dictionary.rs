//! Names that we know, found whatever their case, accents and separators.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

/// Names that are common words too: alone they count only with a capital letter.
const WORDS_TOO: [&str; 54] = [
    "angel",
    "april",
    "art",
    "august",
    "autumn",
    "bill",
    "brook",
    "chance",
    "chase",
    "christian",
    "clay",
    "dawn",
    "dean",
    "drew",
    "faith",
    "frank",
    "gene",
    "grace",
    "grant",
    "guy",
    "harmony",
    "heath",
    "hope",
    "hunter",
    "iris",
    "ivy",
    "jack",
    "jay",
    "joy",
    "june",
    "king",
    "lane",
    "lee",
    "long",
    "may",
    "major",
    "mark",
    "max",
    "miles",
    "moss",
    "olive",
    "page",
    "parks",
    "pat",
    "price",
    "ray",
    "rich",
    "rob",
    "rose",
    "sage",
    "summer",
    "will",
    "wood",
    "young",
];

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
    /// Only where the word begins with a capital.
    capital: bool,
}

/// A word of a text: its place and its folded form.
struct Word<'a> {
    start: usize,
    end: usize,
    text: &'a str,
    folded: String,
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
            // Two letters are a name only as they are written (`Al`, `Bo`), and common words only with a capital.
            let capital = letters < 3 || WORDS_TOO.contains(&word.folded.as_str());
            self.add(&[word.folded], mark, capital);
        }
        true
    }

    /// A company: one word alone is a name only with a capital, since many are common words.
    pub(super) fn add_company(&mut self, name: &str, mark: &Mark) -> bool {
        let words: Vec<String> = words(name).map(|word| word.folded).collect();
        self.add(&words, mark, words.len() == 1)
    }

    /// A name as a whole only.
    pub(super) fn add_whole(&mut self, name: &str, mark: &Mark) -> bool {
        let words: Vec<String> = words(name).map(|word| word.folded).collect();
        let capital = words.len() == 1 && WORDS_TOO.contains(&words[0].as_str());
        self.add(&words, mark, capital)
    }

    fn add(&mut self, words: &[String], mark: &Mark, capital: bool) -> bool {
        let Some(first) = words.first() else { return false };
        let longest = self.longest.entry(first.as_str().into()).or_default();
        *longest = words.len().max(*longest);
        // Whoever came first keeps the name: the subject before colleagues of the same name.
        self.names.entry(words.join(" ").into()).or_insert_with(|| Entry { mark: mark.clone(), capital });
        true
    }

    /// The longest name that begins at a word and has at least so many words.
    fn at(&self, text: &[Word<'_>], at: usize, least: usize) -> Option<Found<'_>> {
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
            let counts = !entry.capital || text[at].text.starts_with(char::is_uppercase);
            counts.then_some(Found { words, mark: &entry.mark })
        })
    }
}

/// The longest name in any of the dictionaries that begins at a word; of equals that of the first.
fn longest<'a>(all: &[&'a Dictionary], text: &[Word<'_>], at: usize) -> Option<Found<'a>> {
    let mut best: Option<Found<'a>> = None;
    for dictionary in all {
        let least = best.as_ref().map_or(1, |found| found.words + 1);
        best = dictionary.at(text, at, least).or(best);
    }
    best
}

/// A text with every name replaced by what `shown` makes of its mark.
pub(super) fn replace(all: &[&Dictionary], text: &str, mut shown: impl FnMut(&Mark) -> String) -> String {
    let found: Vec<Word<'_>> = words(text).collect();
    let mut out = String::with_capacity(text.len());
    let (mut from, mut at) = (0, 0);
    while at < found.len() {
        let Some(name) = longest(all, &found, at) else {
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
    (0..found.len()).any(|at| longest(all, &found, at).is_some())
}

/// Runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
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
