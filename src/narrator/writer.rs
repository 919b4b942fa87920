//! The writer of one report: says sentences about themes, styles and chart factors, and numbers the facts it cites.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{CONTENT, VERSION};
use super::factor;
use super::manner::Manners;
use super::output::{Fact, Subsection};
use super::reading::Reading;
use super::score::round;
pub use super::slot::Slot;
use super::theme::Theme;
use super::voice::{Fill, Voice};
use super::words::{self, points};

/// Most facts that a report may cite.
pub const MAX_FACTS: usize = 24;

/// From this number on a work style cites a known theme level and not a fact of its own.
const STYLES_UNTIL: usize = 8;

/// Facts beyond this number are only taken for a sentence of their own, not as further support.
const SUPPORT_UNTIL: usize = 7;

/// Parameters that hold figures: they move with every quarter, and a sentence must not change its form with them.
const FIGURES: [&str; 14] = [
    "score",
    "confidence",
    "level",
    "now",
    "target",
    "before",
    "version",
    "count",
    "met",
    "total",
    "own",
    "others",
    "high",
    "low",
];

/// Words of a sentence joined from two, at most.
const LONGEST: usize = 34;

/// The writer of one report.
#[derive(Debug)]
pub struct Writer<'a> {
    /// What was read from the input.
    pub reading: &'a Reading<'a>,
    pub(super) voice: Voice,
    pub(super) manners: Manners,
    cited: Vec<String>,
    used_in: BTreeMap<String, BTreeSet<&'static str>>,
    section: &'static str,
    pub(super) told: BTreeSet<String>,
}

impl<'a> Writer<'a> {
    /// A writer whose choices follow from report type, subject and content version: equal facts, equal sentences.
    #[must_use]
    pub fn new(reading: &'a Reading<'a>) -> Self {
        let input = reading.input;
        let seed = [input.report_type.as_str(), &input.subject.id, VERSION];
        let mut voice = Voice::new(&seed, &input.subject.full_name);
        voice.place("place", reading.place_name());
        let [centre, second, third] = reading.choice.strengths();
        let label = |theme: Theme| words::lower_first(theme.label());
        voice.place("Centre", centre.label().to_owned());
        voice.place("centre", label(centre));
        voice.place("second", label(second));
        voice.place("third", label(third));
        voice.place("gap", label(reading.gaps()[0]));
        voice.place(
            "kind",
            reading.place_kind.map_or("questionnaire", super::requirement::PlaceKind::word).into(),
        );
        let manners = Manners::of(reading, &mut voice);
        Self {
            reading,
            voice,
            manners,
            cited: Vec::new(),
            used_in: BTreeMap::new(),
            section: "summary",
            told: BTreeSet::new(),
        }
    }

    /// Starts a section.
    pub fn enter(&mut self, section: &'static str) {
        self.section = section;
        self.voice.fresh();
    }

    /// Starts a paragraph: the person is named again.
    pub fn fresh(&mut self) {
        self.voice.fresh();
    }

    /// The given name.
    #[must_use]
    pub fn given(&self) -> &str {
        self.voice.given()
    }

    /// A number below `count` that follows from the seed and the key.
    #[must_use]
    pub fn pick(&self, key: &str, count: usize) -> usize {
        self.voice.pick(key, count)
    }

    /// A sentence from variants; with keys it is a claim, which is left out when one of its facts is not there or none
    /// finds room.
    pub fn say<S: AsRef<str>>(
        &mut self,
        key: &str,
        lines: &[S],
        params: &[(&str, &str)],
        keys: &[&str],
    ) -> String {
        // A sentence needs all of its facts; without one of them it is not told.
        if keys.iter().any(|key| !self.reading.factors.contains_key(*key)) {
            return String::new();
        }
        let before = self.cited.len();
        let ids = self.number(keys);
        if ids.is_empty() && !keys.is_empty() {
            return String::new();
        }
        let cite = ids.iter().fold(String::new(), |cite, id| cite + "[" + id + "]");
        let sentence = self.voice.say(key, lines, Fill { params, cite: &cite });
        if sentence.is_empty() {
            self.cited.truncate(before);
            return sentence;
        }
        for key in keys.iter().filter(|key| self.cited.iter().any(|cited| cited == *key)) {
            self.used_in.entry((*key).to_owned()).or_default().insert(self.section);
        }
        sentence
    }

    /// A sentence from a frame such as `overview.centre`.
    pub fn frame(&mut self, name: &str, params: &[(&str, &str)], keys: &[&str]) -> String {
        let (group, line) = name.split_once('.').unwrap_or((name, ""));
        let steady = params.iter().filter(|(token, _)| !FIGURES.contains(token));
        let key = steady.fold(name.to_owned(), |key, (_, value)| key + "/" + value);
        self.say(&key, CONTENT.frame(group, line), params, keys)
    }

    /// A sentence of a theme; claims cite the theme and, while there is room, the factor behind it.
    pub fn theme(&mut self, theme: Theme, slot: Slot) -> String {
        let lines = slot.lines(CONTENT.theme(theme));
        let key = format!("theme.{}.{slot:?}", theme.key());
        let place = self.reading.place_name();
        let place = words::upper_first(&place);
        let params = [("place", place.as_str())];
        if !slot.is_claim() {
            // What unfolds a claim rests on the level of the theme and goes with it.
            let known = self.reading.factors.contains_key(&level_key(theme));
            return if known { self.say(&key, lines, &params, &[]) } else { String::new() };
        }
        let mut keys = vec![self.key_of(theme, slot)];
        if matches!(slot, Slot::Claim | Slot::Low) && self.cited.len() < SUPPORT_UNTIL {
            keys.extend(self.support(theme, slot == Slot::Low));
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.say(&key, lines, &params, &keys)
    }

    /// Requirement sentences cite the requirement where there is one, comparisons with the group the figure of the
    /// group where there are such figures, all others the level of the theme.
    fn key_of(&self, theme: Theme, slot: Slot) -> String {
        let requirement = self.reading.requirements.iter().find(|one| one.theme == theme);
        match (slot, requirement) {
            (Slot::Match | Slot::Gap | Slot::Demand, Some(requirement)) => requirement.key(),
            (Slot::Adds | Slot::Lacks, _) if !self.reading.department_means().is_empty() => {
                department_key(theme)
            }
            _ => level_key(theme),
        }
    }

    /// The chart factor that pulls a theme most in the given direction.
    fn support(&self, theme: Theme, low: bool) -> Option<String> {
        let pull =
            |one: &factor::Factor| one.pull[theme.index()] * one.strength * if low { -1.0 } else { 1.0 };
        let factors = self.reading.factors.iter().filter(|(_, one)| pull(one) > 0.1);
        factors.max_by(|a, b| pull(a.1).total_cmp(&pull(b.1)).then(b.0.cmp(a.0))).map(|(key, _)| key.clone())
    }

    /// What to leave in dealings with the person: an order with its "not" in the same line.
    pub fn dont(&mut self, theme: Theme) -> String {
        let line = self.theme(theme, Slot::Dont);
        if line.is_empty() { line } else { format!("Do not {}", words::lower_first(&line)) }
    }

    /// Two sentences on a work style.
    pub fn style(&mut self, name: &str) -> String {
        let Some(style) = CONTENT.styles.get(name) else { return String::new() };
        let [a, b] = style.themes.map(|theme| self.reading.level(theme));
        let (band, lines) = match a - b {
            difference if difference > 16.0 => ("high", &style.high),
            difference if difference < -16.0 => ("low", &style.low),
            _ => ("mid", &style.mid),
        };
        // Late in a report the theme levels that are cited already stand in for a fact of their own.
        let own = format!("style.{name}");
        let levels = style.themes.map(level_key);
        // A style rests on both levels, also where only one of them can be cited.
        if levels.iter().any(|key| !self.reading.factors.contains_key(key)) {
            return String::new();
        }
        let known: Vec<&str> =
            levels.iter().filter(|key| self.cited.contains(key)).map(String::as_str).collect();
        let keys = if known.len() == 2 || (known.len() == 1 && self.cited.len() >= STYLES_UNTIL) {
            known
        } else {
            vec![own.as_str()]
        };
        let text = self.say(&format!("style.{name}.{band}"), lines, &[], &keys);
        match text.split_once(". ") {
            Some((first, second)) => {
                self.weave(&format!("style.{name}"), &[""], first.to_owned(), second.to_owned())
            }
            None => text,
        }
    }

    /// Two sentences as one, joined by a semicolon and one of the openings; apart when one of them is empty,
    /// holds a colon or a question, or when the whole would be long.
    #[must_use]
    pub fn weave(&self, key: &str, openings: &[&str], first: String, second: String) -> String {
        if first.is_empty() || second.is_empty() {
            return first + &second;
        }
        let head = first.trim_end_matches('.');
        let whole = head.split(' ').count() + second.split(' ').count();
        let apart =
            |text: &str| text.contains([':', ';', '?', '"']) || text.trim_end_matches('.').contains(". ");
        if whole > LONGEST || apart(head) || apart(&second) {
            return format!("{head}. {second}");
        }
        let second = without_repeated_cite(head, second);
        let opening = openings[self.pick(&format!("weave.{key}"), openings.len())];
        let own = second.strip_prefix(self.given()).is_some_and(|rest| rest.starts_with([' ', '\'']));
        let tail = if own { second } else { words::lower_first(&second) };
        format!("{head}; {opening}{tail}")
    }

    /// The score as the text writes it.
    #[must_use]
    pub fn score_text(&self) -> String {
        points(self.reading.scored.overall)
    }

    /// Facts in the order of their numbers, with the sections that cite them.
    #[must_use]
    pub fn facts(&self) -> Vec<(Fact, Vec<&'static str>)> {
        let fact = |(index, key): (usize, &String)| {
            let factor = &self.reading.factors[key];
            let used = self.used_in.get(key).map(|sections| sections.iter().copied().collect());
            let fact = Fact {
                id: id(index),
                kind: factor.kind.to_owned(),
                label: factor.label.clone(),
                strength: round(factor.strength, 2),
            };
            (fact, used.unwrap_or_default())
        };
        self.cited.iter().enumerate().map(fact).collect()
    }

    fn number(&mut self, keys: &[&str]) -> Vec<String> {
        let mut ids = Vec::new();
        for key in keys {
            let known = self.cited.iter().position(|cited| cited == key);
            let index = known.or_else(|| {
                (self.cited.len() < MAX_FACTS).then(|| {
                    self.cited.push((*key).to_owned());
                    self.cited.len() - 1
                })
            });
            ids.extend(index.map(id));
        }
        ids
    }
}

fn id(index: usize) -> String {
    format!("F{:02}", index + 1)
}

/// The second of two joined sentences without a citation that the first one carries already.
fn without_repeated_cite(first: &str, second: String) -> String {
    let cites = |text: &str| text.find(" [F").map(|at| text[at..].trim_end_matches('.').to_owned());
    match (cites(first), cites(&second)) {
        (Some(one), Some(other)) if one == other => second.replacen(&other, "", 1),
        _ => second,
    }
}

/// Key of the level fact of a theme.
#[must_use]
pub fn level_key(theme: Theme) -> String {
    format!("theme.{}", theme.key())
}

/// Key of the factor that compares the person with the mean of the department.
#[must_use]
pub fn department_key(theme: Theme) -> String {
    format!("department.{}", theme.key())
}

/// A subsection.
#[must_use]
pub fn subsection(
    title: &str,
    content: String,
    insights: Vec<String>,
    recommendations: Vec<String>,
) -> Subsection {
    let full = |lines: Vec<String>| lines.into_iter().filter(|line| !line.is_empty()).collect();
    Subsection {
        title: title.to_owned(),
        content,
        insights: full(insights),
        recommendations: full(recommendations),
    }
}
