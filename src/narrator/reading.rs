//! From the input to everything that the sections need: levels, factors, requirements, score, choices, warnings.

use super::content::CONTENT;
use super::factor::{self, Factors};
use super::input::{Counterpart, ReportInput};
use super::requirement::{self, HeldValue, PlaceKind, Requirement};
use super::score::{self, Basis, Scored};
use super::theme::{self, Theme};
use super::words::{clean, has_forbidden, join, points, upper_first};
use crate::astro::Point;
use crate::astro::chart::Aspect;
use crate::domain::ReportType;
use crate::harmonic::DIMENSIONS;

/// Everything computed before the first sentence.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// The input.
    pub input: &'a ReportInput<'a>,
    /// Theme levels 0..=100.
    pub levels: [f64; 12],
    /// What can be cited.
    pub factors: Factors,
    /// The place compared with.
    pub place: Option<&'a Counterpart>,
    /// Its kind.
    pub place_kind: Option<PlaceKind>,
    /// Its requirements.
    pub requirements: Vec<Requirement>,
    /// Its values.
    pub values: Vec<HeldValue>,
    /// Whether the people of the department are enough for an aggregate; true for other types.
    pub aggregate_allowed: bool,
    /// Score.
    pub scored: Scored,
    /// What the text builds on.
    pub choice: Choice,
    /// Limits of the data, in words.
    pub warnings: Vec<String>,
}

/// The centre and what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Themes by level, highest first.
    pub ranked: [Theme; 12],
    /// Index into the tensions of the content.
    pub tension: usize,
    /// Usable aspects of the friction class, strongest first.
    pub friction: Vec<Aspect>,
    /// Usable aspects of the other classes, strongest first.
    pub ease: Vec<Aspect>,
}

impl Choice {
    /// The leading theme.
    #[must_use]
    pub const fn centre(&self) -> Theme {
        self.ranked[0]
    }

    /// The three leading themes.
    #[must_use]
    pub fn strengths(&self) -> [Theme; 3] {
        [self.ranked[0], self.ranked[1], self.ranked[2]]
    }

    /// The two lowest themes, lowest first.
    #[must_use]
    pub fn growth(&self) -> [Theme; 2] {
        [self.ranked[11], self.ranked[10]]
    }
}

impl<'a> Reading<'a> {
    /// Reads the input.
    #[must_use]
    pub fn of(input: &'a ReportInput<'a>) -> Self {
        let levels = theme::levels(input.chart, input.code);
        let place_kind = PlaceKind::of(input.report_type);
        let place = place_kind.and_then(|kind| kind.find(input));
        let (requirements, unknown) =
            place.map_or_else(Default::default, |place| requirement::of_place(place, input, &levels));
        let values = place.map_or_else(Vec::new, |place| requirement::values_of(place, &levels));
        let mut factors = factor::collect(input, &levels);
        for requirement in &requirements {
            let factor = factor::plain("requirement", requirement.label(), requirement.matched / 100.0);
            factors.insert(requirement.key(), factor);
        }
        for value in &values {
            let label = format!("Usual signs of {}: level {}", value.name, points(value.level));
            factors
                .insert(format!("value.{}", value.name), factor::plain("value", label, value.level / 100.0));
        }
        let aggregate_allowed = input.report_type != ReportType::CompatibilityDepartment || aggregate(input);
        let (confidence, warnings) = completeness(input, place_kind, place, aggregate_allowed, &unknown);
        if aggregate_allowed && place_kind == Some(PlaceKind::Department) {
            for (theme, person, mean) in means(input) {
                let label =
                    format!("{}: person {}, department mean {}", theme.label(), points(person), points(mean));
                let key = super::writer::department_key(theme);
                factors.insert(key, factor::plain("department", label, (person - mean).abs() / 50.0));
            }
        }
        // A comparison with one or two people would show them, so a small department counts by its profile alone.
        let compared = place.filter(|_| aggregate_allowed);
        let scored = score::of(Basis {
            input,
            levels: &levels,
            place: compared,
            requirements: &requirements,
            values: &values,
            confidence,
        });
        let choice = choose(input, &levels);
        let mut reading = Self {
            input,
            levels,
            factors,
            place,
            place_kind,
            requirements,
            values,
            aggregate_allowed,
            scored,
            choice,
            warnings,
        };
        reading.add_score_factor();
        reading
    }

    /// Level of a theme.
    #[must_use]
    pub const fn level(&self, theme: Theme) -> f64 {
        self.levels[theme.index()]
    }

    /// Dimensions of person and department as themes: theme, person, mean of the group. Empty below five people.
    #[must_use]
    pub fn department_means(&self) -> Vec<(Theme, f64, f64)> {
        if self.aggregate_allowed { means(self.input) } else { Vec::new() }
    }

    /// Makes the overall score citable, from the score that stands now.
    pub fn add_score_factor(&mut self) {
        let label = format!(
            "Advisory score {} from {} parts",
            points(self.scored.overall),
            self.scored.components.len()
        );
        self.factors.insert("score".into(), factor::plain("score", label, self.scored.confidence));
    }

    /// Name of the place, such as `the role of Data Engineer` or `this company`.
    #[must_use]
    pub fn place_name(&self) -> String {
        let Some(kind) = self.place_kind else { return "the questionnaire".into() };
        // A title with a word that no report may use, such as that of a brigade, is paraphrased.
        let name = self.place.map(|place| clean(&place.name, 60)).filter(|name| !has_forbidden(name));
        let name = name.unwrap_or_default();
        match (name.is_empty(), kind) {
            (true, kind) => format!("this {}", kind.word()),
            (false, PlaceKind::Role) => format!("the role of {name}"),
            (false, PlaceKind::Department) => format!("the {name} department"),
            (false, PlaceKind::Company) => name,
            (false, PlaceKind::Industry) => format!("the {} industry", name.trim_end_matches(" industry")),
        }
    }

    /// Summary of the place's profile, when it can be quoted.
    #[must_use]
    pub fn place_summary(&self) -> Option<String> {
        let text = clean(&self.place?.profile.summary, 160);
        (!text.is_empty() && !has_forbidden(&text)).then(|| text.trim_end_matches('.').to_owned())
    }

    /// What speaks for the subject at the place: met requirements by wanted level, else the leading themes.
    #[must_use]
    pub fn advantages(&self) -> Vec<Theme> {
        let mut met: Vec<&Requirement> = self.requirements.iter().filter(|one| one.is_met()).collect();
        met.sort_by(|a, b| (b.matched + b.wanted).total_cmp(&(a.matched + a.wanted)));
        let mut themes: Vec<Theme> = met.iter().map(|one| one.theme).collect();
        for theme in self.choice.strengths() {
            if !themes.contains(&theme) {
                themes.push(theme);
            }
        }
        themes.truncate(3);
        themes
    }

    /// What will take work: unmet requirements by distance, else the lowest themes.
    #[must_use]
    pub fn gaps(&self) -> Vec<Theme> {
        let mut unmet: Vec<&Requirement> = self.requirements.iter().filter(|one| !one.is_met()).collect();
        unmet.sort_by(|a, b| (b.wanted - b.has).total_cmp(&(a.wanted - a.has)));
        let mut themes: Vec<Theme> = unmet.iter().map(|one| one.theme).collect();
        let taken = self.advantages();
        for theme in self.choice.growth() {
            if !themes.contains(&theme) && !taken.contains(&theme) {
                themes.push(theme);
            }
        }
        themes.truncate(3);
        themes
    }
}

/// Whether a department has the five people, with the subject, that an aggregate needs.
#[must_use]
pub fn aggregate(input: &ReportInput<'_>) -> bool {
    input.department_size + 1 >= 5 && input.department_dimensions.is_some()
}

fn means(input: &ReportInput<'_>) -> Vec<(Theme, f64, f64)> {
    let Some(means) = input.department_dimensions.filter(|_| aggregate(input)) else { return Vec::new() };
    let rows = DIMENSIONS.iter().zip(input.code.dimensions).zip(means);
    rows.filter_map(|((name, person), mean)| Some((Theme::of_dimension(name)?, person, mean))).collect()
}

fn choose(input: &ReportInput<'_>, levels: &[f64; 12]) -> Choice {
    let mut ranked = Theme::ALL;
    ranked.sort_by(|a, b| levels[b.index()].total_cmp(&levels[a.index()]).then(a.cmp(b)));
    // Two strong themes that pull apart: the pair whose weaker side is strongest.
    let strain = |index: &usize| {
        let [a, b] = CONTENT.tensions[*index].themes.map(|theme| levels[theme.index()]);
        a.min(b) + 0.1 * a.max(b)
    };
    let tension = (0..CONTENT.tensions.len())
        .max_by(|a, b| strain(a).total_cmp(&strain(b)).then(b.cmp(a)))
        .unwrap_or(0);
    let mut usable: Vec<Aspect> = factor::usable(input.chart).copied().collect();
    // Those with the ascendant come last: they move a degree in four minutes, and a birth time is often rounded.
    let by_angle = |aspect: &Aspect| [aspect.first, aspect.second].contains(&Point::Ascendant);
    usable.sort_by(|a, b| {
        let strength = b.strength.total_cmp(&a.strength);
        by_angle(a).cmp(&by_angle(b)).then(strength).then((a.first, a.second).cmp(&(b.first, b.second)))
    });
    let (friction, ease) =
        usable.into_iter().partition(|aspect| theme::aspect_class(aspect.kind) == "friction");
    Choice { ranked, tension, friction, ease }
}

/// Confidence 0.1..=0.95 and the warnings that lower it. The amounts are ours.
fn completeness(
    input: &ReportInput<'_>,
    kind: Option<PlaceKind>,
    place: Option<&Counterpart>,
    aggregate_allowed: bool,
    unknown: &[String],
) -> (f64, Vec<String>) {
    let mut confidence = 0.9;
    let mut warnings = Vec::new();
    let mut lower = |amount: f64, text: String| {
        confidence -= amount;
        warnings.push(text);
    };
    // Answers are read without the chart, so its gaps do not touch the questionnaire review.
    if input.report_type != ReportType::QuestionnaireQa {
        if !input.chart.moment.time_known {
            lower(0.15, "The time of birth is not known, so all points on the hour are left out.".into());
        } else if input.chart.houses.is_none() {
            lower(0.12, "The place of birth is not known, so all points on the hour are left out.".into());
        }
        if input.pattern.series.len() < 4 {
            lower(0.05, "Fewer than four quarters are on record, so the long view is thin.".into());
        }
    }
    if let Some(kind) = kind {
        let word = kind.word();
        match place {
            None => lower(0.3, format!("No {word} is on record, so this report shows the person alone.")),
            Some(place) if place.profile.is_empty() => {
                lower(0.25, format!("The {word} has no profile yet, so nothing can be set against it."));
            }
            Some(place) if place.profile.dimensions.is_empty() => {
                lower(
                    0.15,
                    format!("The profile of the {word} names no levels, so the fit is read in broad terms."),
                );
            }
            Some(_) => {}
        }
        let comparison = place.and_then(|place| place.comparison.as_ref()).filter(|_| aggregate_allowed);
        if comparison.is_some_and(|comparison| comparison.confidence < 0.5) {
            lower(0.1, format!("The comparison with the {word} rests on partial data."));
        }
    }
    if !aggregate_allowed {
        lower(
            0.2,
            "The department has fewer than five people on record, so no figures of the group are shown."
                .into(),
        );
    }
    if !unknown.is_empty() {
        let names: Vec<String> = unknown.iter().filter(|name| !has_forbidden(name)).cloned().collect();
        let list = if names.is_empty() { String::new() } else { format!(": {}", join(&names)) };
        lower(0.02, format!("Some asked dimensions are not known and were left out{list}."));
    }
    (confidence.clamp(0.1, 0.95), warnings.iter().map(|text: &String| upper_first(text)).collect())
}
