//! The written content: sentences, frames, catalogues. Embedded TOML, parsed once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::theme::Theme;

/// Version of everything under `data/narrator`; part of the seed that chooses paraphrases.
pub const VERSION: &str = "2026.11.2";

/// Variants of one sentence; the seed chooses among them.
pub type Lines = Vec<String>;

/// All content.
#[derive(Debug)]
pub struct Content {
    themes: Vec<ThemeText>,
    /// Work styles by axis.
    pub styles: BTreeMap<String, Style>,
    /// Pairs of themes that pull apart.
    pub tensions: Vec<Tension>,
    /// Chart factors in plain words.
    pub chart: ChartText,
    /// Values that places hold.
    pub values: Vec<ValueText>,
    /// Training programmes.
    pub programmes: Vec<ProgrammeText>,
    /// Words and sentences for reading answers.
    pub answers: AnswerText,
    frames: BTreeMap<String, BTreeMap<String, Lines>>,
    /// Quantiles of the raw theme sums.
    pub calibration: Calibration,
}

/// Quantiles of the raw theme sums, 0 to 100 in steps of five, by theme key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Charts with a known time and place.
    pub timed: BTreeMap<String, Vec<f64>>,
    /// Charts without.
    pub untimed: BTreeMap<String, Vec<f64>>,
}

/// Sentences of one theme.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/themes/*.toml")]
pub struct ThemeText {
    pub label: String,
    pub phrase: String,
    pub line: String,
    pub weak: String,
    pub claim: Lines,
    pub everyday: Lines,
    pub upside: Lines,
    pub overuse: Lines,
    pub helps: Lines,
    pub low: Lines,
    pub low_everyday: Lines,
    pub low_helps: Lines,
    pub pressure: Lines,
    #[serde(rename = "do")]
    pub good: Lines,
    pub dont: Lines,
    pub question: Lines,
    pub demand: Lines,
    #[serde(rename = "match")]
    pub matched: Lines,
    pub gap: Lines,
    pub practice: Lines,
    pub measure: Lines,
    pub adds: Lines,
    pub lacks: Lines,
    pub manager: Lines,
    pub roles: Lines,
}

/// One work style: the difference of two themes in three bands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Keys of the two themes; the style is the first minus the second.
    pub themes: [Theme; 2],
    /// First theme far above the second.
    pub high: Lines,
    /// Near balance.
    pub mid: Lines,
    /// First theme far below the second.
    pub low: Lines,
}

/// A pair of strong themes that pull apart.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/tensions.toml")]
pub struct Tension {
    pub themes: [Theme; 2],
    pub name: String,
    pub claim: Lines,
    pub shows: Lines,
    pub helps: Lines,
}

/// Chart factors in plain words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the tables of data/narrator/chart.toml")]
pub struct ChartText {
    pub signs: BTreeMap<String, SignText>,
    pub bodies: BTreeMap<String, BodyText>,
    pub house_sentences: HouseSentences,
    pub houses: BTreeMap<String, Lines>,
    pub aspects: BTreeMap<String, Lines>,
    pub harmonics: BTreeMap<String, Lines>,
    pub energies: BTreeMap<String, HighLow>,
    pub patterns: BTreeMap<String, Lines>,
    pub trends: BTreeMap<String, Lines>,
}

/// Manner of a sign.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/chart.toml")]
pub struct SignText {
    pub adjective: Lines,
    pub manner: Lines,
    pub stress: Lines,
    pub thrives: Lines,
}

/// Function of a body or angle.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/chart.toml")]
pub struct BodyText {
    pub pull: String,
    pub sentences: Lines,
}

/// Sentences that place a body in its arena.
#[derive(Debug, Deserialize)]
pub struct HouseSentences {
    /// Variants.
    pub lines: Lines,
}

/// Sentences for a high and a low level.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct HighLow {
    pub high: Lines,
    pub low: Lines,
}

/// A value that places hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/values.toml")]
pub struct ValueText {
    pub words: Lines,
    pub theme: Theme,
    pub expression: Lines,
    pub risk: Lines,
}

/// A training programme of the catalogue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/programmes.toml")]
pub struct ProgrammeText {
    pub id: String,
    pub title: String,
    pub themes: Vec<Theme>,
    #[serde(default)]
    pub words: Lines,
    pub description: String,
    pub outcome: String,
    pub weeks: u32,
    pub hours_per_week: u32,
    pub format: String,
    pub owner: String,
    #[serde(default)]
    pub prerequisites: Lines,
    #[serde(default)]
    pub certificate: bool,
}

/// Words and sentences for reading answers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the tables of data/narrator/answers.toml")]
pub struct AnswerText {
    pub positive: Lines,
    pub negative: Lines,
    pub negations: Lines,
    pub flags: Vec<FlagText>,
    pub topics: Vec<TopicText>,
}

/// Words that call for a person to look at an answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/answers.toml")]
pub struct FlagText {
    pub key: String,
    pub name: String,
    pub words: Lines,
    pub reason: String,
}

/// A topic that questions are about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are the slots of data/narrator/answers.toml")]
pub struct TopicText {
    pub key: String,
    pub label: String,
    pub words: Lines,
    pub high: Lines,
    pub mid: Lines,
    pub low: Lines,
    pub follow_up: Lines,
    pub helps: Lines,
    pub strength: String,
    pub concern: String,
}

impl Content {
    /// Sentences of a theme.
    #[must_use]
    pub fn theme(&self, theme: Theme) -> &ThemeText {
        &self.themes[theme.index()]
    }

    /// Variants of a frame such as `overview.centre`; empty when there is none.
    #[must_use]
    pub fn frame(&self, group: &str, name: &str) -> &[String] {
        let lines = self.frames.get(group).and_then(|names| names.get(name));
        debug_assert!(lines.is_some(), "no frame {group}.{name}");
        lines.map_or(&[], Vec::as_slice)
    }

    /// The value text whose words occur in the name of a value.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&ValueText> {
        let name = name.to_lowercase();
        self.values.iter().find(|value| value.words.iter().any(|word| name.contains(word.as_str())))
    }
}

/// The content of this build.
pub static CONTENT: LazyLock<Content> = LazyLock::new(load);

fn parse<T: DeserializeOwned>(text: &str) -> T {
    // Unwrap safety: the text is part of the binary, and a test reads all of it.
    toml::from_str(text).expect("embedded content is valid")
}

#[derive(Deserialize)]
struct Values {
    value: Vec<ValueText>,
}

#[derive(Deserialize)]
struct Tensions {
    pair: Vec<Tension>,
}

#[derive(Deserialize)]
struct Programmes {
    programme: Vec<ProgrammeText>,
}

const THEMES: [&str; 12] = [
    include_str!("../../data/narrator/themes/drive.toml"),
    include_str!("../../data/narrator/themes/structure.toml"),
    include_str!("../../data/narrator/themes/analysis.toml"),
    include_str!("../../data/narrator/themes/communication.toml"),
    include_str!("../../data/narrator/themes/collaboration.toml"),
    include_str!("../../data/narrator/themes/empathy.toml"),
    include_str!("../../data/narrator/themes/creativity.toml"),
    include_str!("../../data/narrator/themes/adaptability.toml"),
    include_str!("../../data/narrator/themes/leadership.toml"),
    include_str!("../../data/narrator/themes/resilience.toml"),
    include_str!("../../data/narrator/themes/ambition.toml"),
    include_str!("../../data/narrator/themes/attention.toml"),
];

const FRAMES: &str = include_str!("../../data/narrator/frames.toml");
const LIMITS: &str = include_str!("../../data/narrator/limits.toml");
const STYLES: &str = include_str!("../../data/narrator/styles.toml");
const TENSIONS: &str = include_str!("../../data/narrator/tensions.toml");
const CHART: &str = include_str!("../../data/narrator/chart.toml");
const VALUES: &str = include_str!("../../data/narrator/values.toml");
const PROGRAMMES: &str = include_str!("../../data/narrator/programmes.toml");
const ANSWERS: &str = include_str!("../../data/narrator/answers.toml");

/// All texts of this build as they are written.
pub fn texts() -> impl Iterator<Item = &'static str> {
    let others = [FRAMES, LIMITS, STYLES, TENSIONS, CHART, VALUES, PROGRAMMES, ANSWERS];
    THEMES.into_iter().chain(others)
}

fn load() -> Content {
    let mut frames: BTreeMap<String, BTreeMap<String, Lines>> = parse(FRAMES);
    frames.extend(parse::<BTreeMap<String, BTreeMap<String, Lines>>>(LIMITS));
    Content {
        themes: THEMES.iter().map(|text| parse(text)).collect(),
        styles: parse(STYLES),
        tensions: parse::<Tensions>(TENSIONS).pair,
        chart: parse(CHART),
        values: parse::<Values>(VALUES).value,
        programmes: parse::<Programmes>(PROGRAMMES).programme,
        answers: parse(ANSWERS),
        frames,
        calibration: parse(include_str!("../../data/narrator/calibration.toml")),
    }
}
