//! What a place asks and how far the person meets it.

use super::content::CONTENT;
use super::input::{Counterpart, ReportInput};
use super::theme::Theme;
use super::words::{clean, has_forbidden, points};
use crate::compat::dimension_match;
use crate::domain::ReportType;
use crate::harmonic::DIMENSIONS;

/// The thing that a report compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum PlaceKind {
    Role,
    Department,
    Company,
    Industry,
}

impl PlaceKind {
    /// What the report type compares with; `None` for the questionnaire.
    #[must_use]
    pub const fn of(report_type: ReportType) -> Option<Self> {
        match report_type {
            ReportType::PersonalityRoleSpecific
            | ReportType::CompatibilityJobRole
            | ReportType::TrainingDevelopment => Some(Self::Role),
            ReportType::CompatibilityDepartment => Some(Self::Department),
            ReportType::BehaviorCompanySpecific | ReportType::CompatibilityCompany => Some(Self::Company),
            ReportType::CompatibilityIndustry => Some(Self::Industry),
            ReportType::QuestionnaireQa => None,
        }
    }

    /// The word for people.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Department => "department",
            Self::Company => "company",
            Self::Industry => "industry",
        }
    }

    /// The place of this kind in the input.
    #[must_use]
    pub const fn find<'a>(self, input: &'a ReportInput<'_>) -> Option<&'a Counterpart> {
        match self {
            Self::Role => input.role.as_ref(),
            Self::Department => input.department.as_ref(),
            Self::Company => input.company.as_ref(),
            Self::Industry => input.industry.as_ref(),
        }
    }
}

/// One asked dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Requirement {
    /// Name as the profile writes it.
    pub name: String,
    /// The theme whose sentences speak of it.
    pub theme: Theme,
    /// Wanted level, 0..=100.
    pub wanted: f64,
    /// The person's figure in this quarter, 0..=100: the dimension of the code, and not the level of the theme.
    pub has: f64,
    /// 0..=100.
    pub matched: f64,
    /// Whether the work cannot be done well without it.
    pub must: bool,
}

impl Requirement {
    /// Key of its factor.
    #[must_use]
    pub fn key(&self) -> String {
        format!("requirement.{}", self.name)
    }

    /// Label of its factor.
    #[must_use]
    pub fn label(&self) -> String {
        let must = if self.must { " (must)" } else { "" };
        format!(
            "{}{must}: asked {}, this quarter {}",
            self.theme.label(),
            points(self.wanted),
            points(self.has)
        )
    }

    /// Whether the level meets what is asked, give or take five points.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.has + 5.0 >= self.wanted
    }
}

/// Requirements of a place, musts first, then by wanted level; names that no theme knows are returned apart.
#[must_use]
pub fn of_place(
    place: &Counterpart,
    input: &ReportInput<'_>,
    levels: &[f64; 12],
) -> (Vec<Requirement>, Vec<String>) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (name, wanted) in &place.profile.dimensions {
        let name = clean(name, 40).to_lowercase();
        let (Some(theme), true) = (Theme::of_dimension(&name), wanted.is_finite()) else {
            unknown.push(name);
            continue;
        };
        if known.iter().any(|other: &Requirement| other.theme == theme) {
            continue;
        }
        let wanted = wanted.clamp(0.0, 100.0);
        let must = place.profile.must.iter().any(|must| Theme::of_dimension(must) == Some(theme));
        let compared = place.comparison.as_ref().and_then(|comparison| {
            comparison
                .dimension_matches
                .iter()
                .find(|other| Theme::of_dimension(&other.dimension) == Some(theme))
        });
        let has = compared.map_or_else(|| level_of(&name, theme, input, levels), |other| other.has);
        let matched = compared.map_or_else(|| dimension_match(wanted, has), |other| other.matched);
        known.push(Requirement { name, theme, wanted, has, matched: matched.clamp(0.0, 100.0), must });
    }
    known.sort_by(|a, b| {
        b.must.cmp(&a.must).then(b.wanted.total_cmp(&a.wanted)).then_with(|| a.name.cmp(&b.name))
    });
    (known, unknown)
}

/// Level in a dimension of the code, or in the theme when the code has no such dimension.
fn level_of(name: &str, theme: Theme, input: &ReportInput<'_>, levels: &[f64; 12]) -> f64 {
    let place = DIMENSIONS.iter().position(|dimension| *dimension == name);
    place.map_or(levels[theme.index()], |index| input.code.dimensions[index])
}

/// A value that a place holds and the theme it lives in.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldValue {
    /// Name as the profile writes it.
    pub name: String,
    /// The theme that carries it; `None` when the value is not known to the content.
    pub theme: Option<Theme>,
    /// Level of that theme, 50 when there is none.
    pub level: f64,
}

/// Values of a place in their order, without doubles.
#[must_use]
pub fn values_of(place: &Counterpart, levels: &[f64; 12]) -> Vec<HeldValue> {
    let mut held: Vec<HeldValue> = Vec::new();
    for name in &place.profile.values {
        let name = clean(name, 40);
        if name.is_empty()
            || has_forbidden(&name)
            || held.iter().any(|other| other.name.eq_ignore_ascii_case(&name))
        {
            continue;
        }
        let theme = CONTENT.value(&name).map(|text| text.theme);
        held.push(HeldValue { theme, level: theme.map_or(50.0, |theme| levels[theme.index()]), name });
    }
    held
}
