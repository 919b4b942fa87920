//! From chosen facts to sentences: paraphrase by seed, referring expressions, citations, no sentence twice.
//!
//! Tokens of a content line: `{S}`/`{s}` the person as subject, `{P}`/`{p}` possessive, `{o}` object,
//! `{sings|sing}` the verb for the name and for "they", `{anything}` a parameter. A line may hold two
//! sentences; the first is the claim and carries the citations. The final full stop is added here.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sha2::{Digest, Sha256};

use super::words;

/// Number of last skeletons that are not used again at once.
const MEMORY: usize = 6;

/// Number of last sentences whose first words are not used again at once; two of them may be joined into one.
const OPENINGS: usize = 3;

/// The writer of sentences.
#[derive(Debug)]
pub struct Voice {
    seed: [u8; 32],
    given: String,
    places: BTreeMap<&'static str, String>,
    taken: BTreeSet<String>,
    phrases: BTreeSet<String>,
    recent: VecDeque<String>,
    openings: VecDeque<String>,
    named: bool,
}

/// A line with everything that fills it.
#[derive(Debug, Clone, Copy)]
pub struct Fill<'a> {
    /// Parameters by token.
    pub params: &'a [(&'a str, &'a str)],
    /// Citation such as `[F01][F07]`; empty for none.
    pub cite: &'a str,
}

impl Voice {
    /// A voice whose choices follow from the seed parts alone.
    #[must_use]
    pub fn new(seed_parts: &[&str], full_name: &str) -> Self {
        let mut hash = Sha256::new();
        for part in seed_parts {
            hash.update(part.as_bytes());
            hash.update([0x1f]);
        }
        Self {
            seed: hash.finalize().into(),
            given: words::given_name(full_name),
            places: BTreeMap::new(),
            taken: BTreeSet::new(),
            phrases: BTreeSet::new(),
            recent: VecDeque::new(),
            openings: VecDeque::new(),
            named: false,
        }
    }

    /// Gives a parameter that every line may use, such as the name of the role.
    pub fn place(&mut self, token: &'static str, text: String) {
        self.places.insert(token, text);
    }

    /// The given name.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// Starts a paragraph: the person is named again before "they" is used.
    pub fn fresh(&mut self) {
        self.named = false;
    }

    /// Lets the next line say "they".
    pub fn again(&mut self) {
        self.named = true;
    }

    /// A number below `count` that depends on the seed and the key alone.
    #[must_use]
    pub fn pick(&self, key: &str, count: usize) -> usize {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(key.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let mut number = [0; 8];
        number.copy_from_slice(&digest[..8]);
        let count = u64::try_from(count.max(1)).unwrap_or(1);
        usize::try_from(u64::from_be_bytes(number) % count).unwrap_or(0)
    }

    /// A sentence from the variants that has not been said yet; empty when all of them have.
    pub fn say<S: AsRef<str>>(&mut self, key: &str, lines: &[S], fill: Fill<'_>) -> String {
        let start = self.pick(key, lines.len());
        // Best a form that was not heard of late and other first words than the last sentences, then any form left.
        for picky in [true, false] {
            for step in 0..lines.len() {
                let line = lines[(start + step) % lines.len()].as_ref();
                if picky && self.recent.iter().any(|recent| recent == line) {
                    continue;
                }
                if let Some(sentence) = self.try_line(line, fill, picky) {
                    return sentence;
                }
            }
        }
        String::new()
    }

    /// A phrase, not a sentence: chosen by seed, one that has not been used yet where there is one.
    pub fn phrase<'l, S: AsRef<str>>(&mut self, key: &str, lines: &'l [S]) -> &'l str {
        let start = self.pick(key, lines.len());
        let turn = (0..lines.len()).map(|step| lines[(start + step) % lines.len()].as_ref());
        let fresh = turn.clone().find(|phrase| !self.phrases.contains(*phrase));
        let phrase = fresh.or_else(|| turn.clone().next()).unwrap_or("");
        self.phrases.insert(phrase.to_owned());
        phrase
    }

    /// Whether every one of these phrases has been used.
    #[must_use]
    pub fn is_worn<S: AsRef<str>>(&self, lines: &[S]) -> bool {
        lines.iter().all(|phrase| self.phrases.contains(phrase.as_ref()))
    }

    fn try_line(&mut self, line: &str, fill: Fill<'_>, picky: bool) -> Option<String> {
        let was_named = self.named;
        let text = self.render(line, fill.params);
        let mut neutral = line.to_owned();
        for (token, value) in fill.params {
            neutral = neutral.replace(&format!("{{{token}}}"), value);
        }
        let keys: Vec<String> = split(&text).chain(split(&neutral)).map(str::to_lowercase).collect();
        let opening = opening(&text);
        if keys.iter().any(|key| self.taken.contains(key)) || (picky && self.openings.contains(&opening)) {
            self.named = was_named;
            return None;
        }
        self.taken.extend(keys);
        self.openings.push_back(opening);
        if self.openings.len() > OPENINGS {
            self.openings.pop_front();
        }
        self.recent.push_back(line.to_owned());
        if self.recent.len() > MEMORY {
            self.recent.pop_front();
        }
        Some(finish(&text, fill.cite))
    }

    fn render(&mut self, line: &str, params: &[(&str, &str)]) -> String {
        let mut out = String::with_capacity(line.len() + 32);
        let mut subject =
            Subject { given: &self.given, by_name: !self.named, used: false, verb_by_name: false };
        let mut rest = line;
        while let Some((head, tail)) = rest.split_once('{') {
            out.push_str(head);
            let (token, after) = tail.split_once('}').unwrap_or((tail, ""));
            rest = after;
            if let Some((name_verb, they_verb)) = token.split_once('|') {
                out.push_str(if subject.verb_by_name { name_verb } else { they_verb });
            } else if let Some(word) = subject.word(token) {
                out.push_str(&word);
            } else if let Some((_, value)) = params.iter().find(|(name, _)| *name == token) {
                // A parameter may hold tokens of its own, such as a theme's phrase with {p}.
                out.push_str(value);
            } else if let Some(value) = self.places.get(token) {
                out.push_str(value);
            } else {
                debug_assert!(false, "no value for {{{token}}} in {line:?}");
            }
        }
        out.push_str(rest);
        if subject.used {
            // Name and "they" take turns.
            self.named = subject.by_name;
        }
        words::upper_first(&out)
    }
}

/// How the person is referred to within one line: by name at most once, then by "they".
struct Subject<'a> {
    given: &'a str,
    by_name: bool,
    used: bool,
    verb_by_name: bool,
}

impl Subject<'_> {
    fn word(&mut self, token: &str) -> Option<String> {
        let they = match token {
            "S" => "They",
            "s" => "they",
            "P" => "Their",
            "p" => "their",
            "o" => "them",
            _ => return None,
        };
        let by_name = self.by_name && !self.used;
        self.used = true;
        if matches!(token, "S" | "s") {
            self.verb_by_name = by_name;
        }
        Some(match (by_name, token) {
            (false, _) => they.to_owned(),
            (true, "P" | "p") => format!("{}'s", self.given),
            (true, _) => self.given.to_owned(),
        })
    }
}

/// The first three words.
fn opening(text: &str) -> String {
    text.split(' ').take(3).collect::<Vec<_>>().join(" ").to_lowercase()
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(". ")
}

/// Citation at the end of the first sentence, full stop at the end of the last.
fn finish(text: &str, cite: &str) -> String {
    let (first, rest) = text.split_once(". ").map_or((text, None), |(first, rest)| (first, Some(rest)));
    let (first, stop) = first.strip_suffix('?').map_or((first, "."), |question| (question, "?"));
    let space = if cite.is_empty() { "" } else { " " };
    match rest {
        None => format!("{first}{space}{cite}{stop}"),
        Some(rest) => {
            let stop_last = if rest.ends_with(['?', '.']) { "" } else { "." };
            format!("{first}{space}{cite}{stop} {}{stop_last}", words::upper_first(rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice() -> Voice {
        Voice::new(&["a"], "Ana Silva")
    }

    const NONE: Fill<'_> = Fill { params: &[], cite: "" };

    #[test]
    fn the_name_comes_first_and_the_verb_follows_it() {
        let mut voice = voice();
        let line = ["{S} {sees|see} more when {s} {waits|wait}"];
        assert_eq!(voice.say("k", &line, NONE), "Ana sees more when they wait.");
        let line = ["{P} notes help when {s} {rests|rest}"];
        assert_eq!(voice.say("k", &line, NONE), "Their notes help when they rest.");
    }

    #[test]
    fn no_sentence_is_said_twice() {
        let mut voice = voice();
        assert_eq!(voice.say("k", &["It works"], NONE), "It works.");
        assert_eq!(voice.say("k", &["It works"], NONE), "");
    }

    #[test]
    fn two_sentences_in_a_row_open_differently_where_they_can() {
        let mut voice = voice();
        assert_eq!(voice.say("a", &["The plan is small"], NONE), "The plan is small.");
        let lines = ["The plan is short", "One aim is enough"];
        assert_eq!(voice.say("b", &lines, NONE), "One aim is enough.");
    }

    #[test]
    fn the_first_sentence_carries_the_citation() {
        let mut voice = voice();
        let fill = Fill { params: &[("x", "tea")], cite: "[F01]" };
        assert_eq!(voice.say("k", &["They drink {x}. It helps"], fill), "They drink tea [F01]. It helps.");
    }

    #[test]
    fn equal_seeds_choose_equal_variants() {
        let (a, b) = (voice(), voice());
        let picks = |voice: &Voice| (0..50).map(|i| voice.pick(&i.to_string(), 7)).collect::<Vec<_>>();
        assert_eq!(picks(&a), picks(&b));
        assert!(picks(&a).iter().any(|pick| *pick != picks(&a)[0]));
    }
}
