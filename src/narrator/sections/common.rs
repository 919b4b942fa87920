//! Parts that several report types share.

use crate::narrator::content::CONTENT;
use crate::narrator::figures;
use crate::narrator::output::{Section, Subsection, Visualization};
use crate::narrator::theme::Theme;
use crate::narrator::words::{lower_first, paragraph, points};
pub use crate::narrator::writer::level_key;
use crate::narrator::writer::{Slot, Writer, subsection};

/// A section.
#[must_use]
pub fn section(id: &str, title: &str, content: String) -> Section {
    Section {
        section_id: id.to_owned(),
        title: title.to_owned(),
        content,
        subsections: Vec::new(),
        visualizations: Vec::new(),
    }
}

/// Builder steps that read well after [`section`].
pub trait With {
    /// With these parts.
    #[must_use]
    fn parts(self, parts: Vec<Subsection>) -> Self;
    /// With this figure.
    #[must_use]
    fn figure(self, figure: Visualization) -> Self;
}

impl With for Section {
    fn parts(mut self, parts: Vec<Subsection>) -> Self {
        self.subsections.extend(parts.into_iter().filter(|part| !part.content.is_empty()));
        self
    }

    fn figure(mut self, figure: Visualization) -> Self {
        self.visualizations.push(figure);
        self
    }
}

/// Label of a theme in running text.
#[must_use]
pub fn label(theme: Theme) -> String {
    lower_first(theme.label())
}

/// Weigh first, name the centre and the tension, then the score.
pub fn overview(w: &mut Writer<'_>) -> Section {
    w.enter("overview");
    section("overview", "Overview", overview_text(w)).figure(figures::themes(&w.reading.levels))
}

/// Text of the overview.
pub fn overview_text(w: &mut Writer<'_>) -> String {
    let [centre, second, third] = w.reading.choice.strengths();
    let [lowest, low] = w.reading.choice.growth();
    let purpose = w.frame(&format!("purpose.{}", w.reading.input.report_type.as_str()), &[], &[]);
    let (centre_label, phrase) = (label(centre), CONTENT.theme(centre).phrase.as_str());
    let centre_line =
        w.frame("overview.centre", &[("label", &centre_label), ("phrase", phrase)], &[&level_key(centre)]);
    let support = w.frame(
        "overview.support",
        &[("second", &label(second)), ("third", &label(third))],
        &[&level_key(second), &level_key(third)],
    );
    let growth = w.frame(
        "overview.growth",
        &[("lowest", &label(lowest)), ("low", &label(low))],
        &[&level_key(lowest), &level_key(low)],
    );
    let first = paragraph([purpose, centre_line, support, growth]);
    let pair = &CONTENT.tensions[w.reading.choice.tension];
    let [a, b] = pair.themes;
    let tension = w.frame("overview.tension", &[("name", &pair.name)], &[&level_key(a), &level_key(b)]);
    let second = paragraph([tension, w.harmonic(), w.energy(true)]);
    let (score, previous) = (score_line(w), previous_line(w));
    w.fresh();
    let third = paragraph([score, previous, w.frame("overview.use", &[], &[])]);
    [first, second, third].join("\n\n")
}

/// The score in words, advisory.
pub fn score_line(w: &mut Writer<'_>) -> String {
    let confidence = points(w.reading.scored.confidence * 100.0);
    let band = match w.reading.scored.confidence {
        value if value >= 0.8 => "score.firm",
        value if value >= 0.55 => "score.fair",
        _ => "score.thin",
    };
    let score = w.score_text();
    w.frame(band, &[("score", &score), ("confidence", &confidence)], &["score"])
}

/// Change against the version before, in words.
pub fn previous_line(w: &mut Writer<'_>) -> String {
    let Some(previous) = &w.reading.input.previous else { return String::new() };
    let change = w.reading.scored.overall - previous.overall_score;
    let name = match change {
        change if change >= 3.0 => "score.up",
        change if change <= -3.0 => "score.down",
        _ => "score.same",
    };
    let (version, before) = (previous.version.to_string(), points(previous.overall_score));
    w.frame(name, &[("version", &version), ("before", &before)], &[])
}

/// Points of the chart that may stand behind a strength. The Moon is kept for load and strain.
pub const BACKING: [&str; 4] = ["Sun", "Mercury", "Venus", "Mars"];

/// A strength: claim, everyday behaviour, upside, the factor behind it, overuse, what helps.
pub fn strength(w: &mut Writer<'_>, theme: Theme) -> Subsection {
    w.fresh();
    let opening = opening(w, theme);
    let everyday = w.theme(theme, Slot::Everyday);
    let upside = w.theme(theme, Slot::Upside);
    let manner = w.backing(theme, &BACKING);
    let overuse = w.theme(theme, Slot::Overuse);
    let insight = level_line(w, theme, true);
    let helps = w.theme(theme, Slot::Helps);
    let openings = ["", "in this way, ", "as a result, ", "the gain is that "];
    let gain = w.weave(&format!("{}.gain", theme.key()), &openings, everyday, upside);
    let content = paragraph([opening, gain, manner, overuse]);
    subsection(theme.label(), content, vec![insight], vec![helps])
}

/// The claim of a theme, or its place among the others where the level is not high.
pub fn opening(w: &mut Writer<'_>, theme: Theme) -> String {
    if w.reading.level(theme) >= 52.0 {
        return w.theme(theme, Slot::Claim);
    }
    let (label, phrase) = (label(theme), CONTENT.theme(theme).phrase.as_str());
    w.frame("level.relative", &[("label", &label), ("phrase", phrase)], &[&level_key(theme)])
}

/// A growth area: claim, everyday behaviour, what helps.
pub fn growth(w: &mut Writer<'_>, theme: Theme) -> Subsection {
    w.fresh();
    let text = growth_text(w, theme);
    let insight = level_line(w, theme, false);
    let helps = w.theme(theme, Slot::LowHelps);
    subsection(theme.label(), text, vec![insight], vec![helps])
}

/// Claim and everyday behaviour of a growth area; a level that is high in itself is told as a distance only.
pub fn growth_text(w: &mut Writer<'_>, theme: Theme) -> String {
    let asked = w.reading.requirements.iter().any(|one| one.theme == theme && !one.is_met());
    let low = w.reading.level(theme) < 48.0;
    let gap = if asked { w.theme(theme, Slot::Gap) } else { String::new() };
    let claim = match (asked, low) {
        (_, true) => w.theme(theme, Slot::Low),
        (false, false) => w.frame("level.relative_low", &[("label", &label(theme))], &[&level_key(theme)]),
        (true, false) => String::new(),
    };
    if !low {
        return paragraph([gap, claim, base(w, theme)]);
    }
    if claim.is_empty() && !gap.is_empty() {
        return gap;
    }
    let everyday = w.theme(theme, Slot::LowEveryday);
    let woven = w.weave(&format!("{}.growth", theme.key()), &["", "for example, "], claim, everyday);
    paragraph([gap, woven])
}

/// What is there to build on where a theme is asked for more than it shows.
fn base(w: &mut Writer<'_>, theme: Theme) -> String {
    said_as(w, "growth.base", theme, Slot::Everyday, "everyday")
}

/// What others gain from a theme.
pub fn gain(w: &mut Writer<'_>, theme: Theme) -> String {
    said_as(w, "gain.line", theme, Slot::Upside, "upside")
}

/// A line of a theme inside a frame that says what it is an example of.
fn said_as(w: &mut Writer<'_>, frame: &str, theme: Theme, slot: Slot, token: &str) -> String {
    let line = w.theme(theme, slot);
    if line.is_empty() {
        return line;
    }
    let line = lower_first(line.trim_end_matches('.'));
    w.frame(frame, &[("label", &label(theme)), (token, &line)], &[])
}

/// The level of a theme in one short sentence, as a strength or as a point to grow.
pub fn level_line(w: &mut Writer<'_>, theme: Theme, strength: bool) -> String {
    // As the sentence writes it, so that figure and words never part at a border.
    let level = w.reading.level(theme).round();
    let name = match level {
        level if level >= 67.0 => "level.high",
        _ if strength => "level.base",
        level if level >= 34.0 => "level.mid",
        _ => "level.low",
    };
    w.frame(name, &[("label", &label(theme)), ("level", &points(level))], &[&level_key(theme)])
}

/// The first of these bodies whose sentence can still be told.
pub fn first_body(w: &mut Writer<'_>, bodies: &[&'static str]) -> String {
    for body in bodies {
        let sentence = w.body_and_house(body);
        if !sentence.is_empty() {
            return sentence;
        }
    }
    String::new()
}

/// The tension: what pulls apart, how it shows, which aspect stands behind it, what helps.
pub fn tension(w: &mut Writer<'_>) -> Subsection {
    w.fresh();
    let pair = &CONTENT.tensions[w.reading.choice.tension];
    let [a, b] = pair.themes.map(level_key);
    let key = format!("tension.{}", pair.name);
    let claim = w.say(&format!("{key}.claim"), &pair.claim, &[], &[&a, &b]);
    let shows = w.say(&format!("{key}.shows"), &pair.shows, &[], &[]);
    let claim = w.weave(&key, &[""], claim, shows);
    let aspect = w.friction();
    let helps = w.say(&format!("{key}.helps"), &pair.helps, &[], &[]);
    let title = format!("The tension: {}", pair.name);
    subsection(&title, paragraph([claim, aspect]), Vec::new(), vec![helps])
}

/// A style as a part of its own, with a manner sentence.
pub fn style_part(w: &mut Writer<'_>, title: &str, style: &str, bodies: &[&'static str]) -> Subsection {
    w.fresh();
    let lines = w.style(style);
    let manner = first_body(w, bodies);
    subsection(title, paragraph([lines, manner]), Vec::new(), Vec::new())
}

/// Questions for a structured talk: one for each theme.
pub fn questions(w: &mut Writer<'_>, themes: &[Theme]) -> Vec<String> {
    themes.iter().map(|theme| w.theme(*theme, Slot::Question)).filter(|line| !line.is_empty()).collect()
}

/// Met and unmet requirements in words, at most so many of each.
pub fn fit_lines(w: &mut Writer<'_>, most: usize) -> (Vec<String>, Vec<String>) {
    let reading = w.reading;
    let met: Vec<Theme> =
        reading.requirements.iter().filter(|one| one.is_met()).map(|one| one.theme).take(most).collect();
    let unmet: Vec<Theme> =
        reading.requirements.iter().filter(|one| !one.is_met()).map(|one| one.theme).take(most).collect();
    let met = met.into_iter().map(|theme| headed(theme, w.theme(theme, Slot::Match))).collect();
    let unmet = unmet.into_iter().map(|theme| headed(theme, w.theme(theme, Slot::Gap))).collect();
    (met, unmet)
}

/// A sentence under the name of its theme, for lists.
#[must_use]
pub fn headed(theme: Theme, sentence: String) -> String {
    if sentence.is_empty() { sentence } else { format!("**{}:** {sentence}", theme.label()) }
}
