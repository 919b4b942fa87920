//! The advisory score: a weighted sum that can be shown line by line, and how far it can be trusted.

use std::collections::BTreeMap;

use super::input::{Counterpart, ReportInput};
use super::output::Scores;
use super::requirement::{HeldValue, Requirement};
use super::theme::Theme;
use super::words::{points, upper_first};
use crate::compat::SCORES;
use crate::domain::ReportType;

/// One line of the sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Stable key.
    pub key: String,
    /// Name for people.
    pub label: String,
    /// 0..=100, rounded to a tenth.
    pub score: f64,
    /// Share of the whole; all shares sum to 1.
    pub weight: f64,
    /// One sentence.
    pub reasoning: String,
}

/// The sum and its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// 0..=100, rounded to a tenth.
    pub overall: f64,
    /// 0..=1.
    pub confidence: f64,
    /// Lines, heaviest first.
    pub components: Vec<Component>,
}

/// A group of lines that shares a part of the whole.
struct Group {
    share: f64,
    lines: Vec<Component>,
}

/// What the score is made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// Input of the report.
    pub input: &'a ReportInput<'a>,
    /// Theme levels.
    pub levels: &'a [f64; 12],
    /// The place compared with, when there is one whose comparison may be shown.
    pub place: Option<&'a Counterpart>,
    /// Its requirements.
    pub requirements: &'a [Requirement],
    /// Its values.
    pub values: &'a [HeldValue],
    /// 0..=1, from the completeness of the data.
    pub confidence: f64,
}

/// The score of every type but the questionnaire.
#[must_use]
pub fn of(basis: Basis<'_>) -> Scored {
    let requirements = Group { share: 0.5, lines: basis.requirements.iter().map(of_requirement).collect() };
    let values = Group { share: 0.2, lines: basis.values.iter().filter_map(of_value).collect() };
    let comparison = Group { share: 0.3, lines: of_comparison(basis.place) };
    let themes = Group { share: theme_share(basis.input.report_type), lines: of_themes(basis.levels) };
    let mut groups = match basis.input.report_type {
        ReportType::PersonalityRoleSpecific | ReportType::TrainingDevelopment => vec![requirements, themes],
        ReportType::BehaviorCompanySpecific => vec![requirements, values, comparison, themes],
        ReportType::CompatibilityCompany => vec![requirements, values, comparison],
        _ => vec![requirements, comparison],
    };
    groups.retain(|group| !group.lines.is_empty());
    if groups.is_empty() {
        groups.push(Group { share: 1.0, lines: of_themes(basis.levels) });
    }
    sum(groups, basis.confidence)
}

const fn theme_share(report_type: ReportType) -> f64 {
    match report_type {
        ReportType::PersonalityRoleSpecific => 0.4,
        _ => 0.2,
    }
}

/// The score of a list of equal lines, such as the topics of a questionnaire.
#[must_use]
pub fn of_lines(lines: Vec<Component>, confidence: f64) -> Scored {
    sum(vec![Group { share: 1.0, lines }], confidence)
}

/// Scales shares so that they sum to 1 at four decimals; the rounding rest goes to the heaviest line.
fn sum(groups: Vec<Group>, confidence: f64) -> Scored {
    let shares: f64 = groups.iter().map(|group| group.share).sum();
    let mut components = Vec::new();
    for group in groups {
        let within: f64 = group.lines.iter().map(|line| line.weight).sum();
        for mut line in group.lines {
            line.weight = round(group.share / shares * line.weight / within, 4);
            line.score = round(line.score.clamp(0.0, 100.0), 1);
            components.push(line);
        }
    }
    components.sort_by(|a: &Component, b| b.weight.total_cmp(&a.weight).then_with(|| a.key.cmp(&b.key)));
    let rest = 1.0 - components.iter().map(|line| line.weight).sum::<f64>();
    if let Some(first) = components.first_mut() {
        first.weight = round(first.weight + rest, 4);
    }
    let overall = components.iter().map(|line| line.weight * line.score).sum::<f64>();
    Scored { overall: round(overall.clamp(0.0, 100.0), 1), confidence: round(confidence, 2), components }
}

/// Rounds to so many decimals.
#[must_use]
pub fn round(value: f64, decimals: i32) -> f64 {
    let factor = 10_f64.powi(decimals);
    (value * factor).round() / factor
}

fn of_requirement(requirement: &Requirement) -> Component {
    let verdict = if requirement.is_met() { "is met" } else { "leaves a distance" };
    Component {
        key: requirement.name.replace(' ', "_"),
        label: requirement.theme.label().to_owned(),
        score: requirement.matched,
        weight: if requirement.must { 2.0 } else { 1.0 },
        reasoning: format!(
            "{} is asked at {} and comes to {} this quarter, which {verdict}.",
            requirement.theme.label(),
            points(requirement.wanted),
            points(requirement.has)
        ),
    }
}

fn of_value(value: &HeldValue) -> Option<Component> {
    let theme = value.theme?;
    Some(Component {
        key: format!("value_{}", value.name.to_lowercase().replace(' ', "_")),
        label: upper_first(&value.name),
        // A value needs a carrier, not a champion: the level counts from a base of 40.
        score: 40.0 + 0.6 * value.level,
        weight: 1.0,
        reasoning: format!(
            "Its usual signs draw on {}, at level {}.",
            theme.label().to_lowercase(),
            points(value.level)
        ),
    })
}

fn of_comparison(place: Option<&Counterpart>) -> Vec<Component> {
    let Some(comparison) = place.and_then(|place| place.comparison.as_ref()) else { return Vec::new() };
    let lines = SCORES.iter().zip(comparison.scores).filter(|(_, score)| score.is_finite());
    lines
        .map(|(name, score)| Component {
            key: (*name).to_owned(),
            // The key follows the documents; people read one spelling everywhere.
            label: upper_first(&name.replace('_', " ").replace("behavioral", "behavioural")),
            score,
            weight: 1.0,
            reasoning: format!("The comparison with this place gives {} of 100 here.", points(score)),
        })
        .collect()
}

fn of_themes(levels: &[f64; 12]) -> Vec<Component> {
    let line = |theme: Theme| Component {
        key: format!("theme_{}", theme.key()),
        label: theme.label().to_owned(),
        score: levels[theme.index()],
        weight: 1.0,
        reasoning: format!("{} stands at level {}.", theme.label(), points(levels[theme.index()])),
    };
    Theme::ALL.into_iter().map(line).collect()
}

/// `report_scores` from the sum and the theme levels.
#[must_use]
pub fn table(scored: &Scored, levels: &[f64; 12], compatibility: Option<f64>, intensity: f64) -> Scores {
    let mean = |themes: &[Theme]| {
        #[allow(clippy::cast_precision_loss, reason = "at most twelve themes")]
        let count = themes.len() as f64;
        round(themes.iter().map(|theme| levels[theme.index()]).sum::<f64>() / count, 1)
    };
    let potential = 0.8 * mean(&[Theme::Ambition, Theme::Adaptability, Theme::Drive, Theme::Creativity])
        + 0.2 * intensity.clamp(0.0, 100.0);
    let by = |value: fn(&Component) -> f64| -> BTreeMap<String, f64> {
        scored.components.iter().map(|line| (line.key.clone(), value(line))).collect()
    };
    Scores {
        overall: scored.overall,
        confidence: scored.confidence,
        personality: mean(&[
            Theme::Structure,
            Theme::Analysis,
            Theme::Resilience,
            Theme::Attention,
            Theme::Creativity,
        ]),
        behavior: mean(&[
            Theme::Communication,
            Theme::Collaboration,
            Theme::Empathy,
            Theme::Leadership,
            Theme::Adaptability,
        ]),
        compatibility: compatibility.map(|score| round(score.clamp(0.0, 100.0), 1)),
        potential: round(potential, 1),
        dimensions: by(|line| line.score),
        weights: by(|line| line.weight),
    }
}
