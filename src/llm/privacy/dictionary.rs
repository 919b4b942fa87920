//! Names that we know, found whatever their case, accents and separators.

use std::collections::BTreeMap;
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

/// Names and what stands for them.
#[derive(Debug, Clone, Default)]
pub(super) struct Dictionary {
    /// Folded words of a name and its placeholder, longest first within a first word.
    entries: BTreeMap<String, Vec<Entry>>,
}

#[derive(Debug, Clone)]
struct Entry {
    words: Vec<String>,
    placeholder: String,
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

impl Dictionary {
    /// A full name, and each part of it that can stand alone. Says whether there was anything to add.
    pub(super) fn add_person(&mut self, name: &str, placeholder: &str) -> bool {
        if !self.add_whole(name, placeholder) {
            return false;
        }
        for word in words(name) {
            let letters = word.folded.chars().count();
            if letters < 2 || PARTICLES.contains(&word.folded.as_str()) {
                continue;
            }
            // Two letters are a name only as they are written (`Al`, `Bo`), and common words only with a capital.
            let capital = letters < 3 || WORDS_TOO.contains(&word.folded.as_str());
            self.add(vec![word.folded], placeholder, capital);
        }
        true
    }

    /// A company: one word alone is a name only with a capital, since many are common words.
    pub(super) fn add_company(&mut self, name: &str, placeholder: &str) -> bool {
        let words: Vec<String> = words(name).map(|word| word.folded).collect();
        if words.is_empty() {
            return false;
        }
        let capital = words.len() == 1;
        self.add(words, placeholder, capital);
        true
    }

    /// A name as a whole only.
    pub(super) fn add_whole(&mut self, name: &str, placeholder: &str) -> bool {
        let words: Vec<String> = words(name).map(|word| word.folded).collect();
        if words.is_empty() {
            return false;
        }
        let capital = words.len() == 1 && WORDS_TOO.contains(&words[0].as_str());
        self.add(words, placeholder, capital);
        true
    }

    fn add(&mut self, words: Vec<String>, placeholder: &str, capital: bool) {
        let entries = self.entries.entry(words[0].clone()).or_default();
        // Whoever came first keeps the name: the subject before colleagues of the same name.
        if entries.iter().all(|entry| entry.words != words) {
            entries.push(Entry { words, placeholder: placeholder.to_owned(), capital });
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.words.len()));
        }
    }

    /// The entry that begins at a word.
    fn at(&self, found: &[Word<'_>], at: usize) -> Option<&Entry> {
        self.entries.get(&found[at].folded)?.iter().find(|entry| {
            found.len() - at >= entry.words.len()
                && entry.words.iter().zip(&found[at..]).all(|(word, found)| *word == found.folded)
                && (!entry.capital || found[at].text.starts_with(char::is_uppercase))
        })
    }

    pub(super) fn replace(&self, text: &str) -> String {
        let found: Vec<Word<'_>> = words(text).collect();
        let mut out = String::with_capacity(text.len());
        let (mut from, mut at) = (0, 0);
        while at < found.len() {
            let Some(entry) = self.at(&found, at) else {
                at += 1;
                continue;
            };
            out.push_str(&text[from..found[at].start]);
            out.push_str(&entry.placeholder);
            at += entry.words.len();
            from = found[at - 1].end;
        }
        out.push_str(&text[from..]);
        out
    }

    pub(super) fn names_anybody(&self, text: &str) -> bool {
        let found: Vec<Word<'_>> = words(text).collect();
        (0..found.len()).any(|at| self.at(&found, at).is_some())
    }
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
    LazyLock::new(|| Regex::new(r"\b(Person|Company) ([A-Z]{1,2})\b").expect("the pattern is one"));

/// Placeholders of people and companies in a text.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = String> + '_ {
    PLACEHOLDER.find_iter(text).map(|found| found.as_str().to_owned())
}

/// Every placeholder replaced by what people read.
pub(super) fn restored(text: &str, shown: &BTreeMap<String, String>) -> String {
    PLACEHOLDER
        .replace_all(text, |found: &regex::Captures<'_>| {
            shown.get(&found[0]).cloned().unwrap_or_else(|| found[0].to_owned())
        })
        .into_owned()
}
