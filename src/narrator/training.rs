//! Skill gaps, programmes from the catalogue and the development path in three terms.

use super::content::{CONTENT, ProgrammeText};
use super::factor::plain;
use super::output::{Goal, Programme, SkillGap, Training};
use super::reading::Reading;
use super::requirement::{PlaceKind, Requirement};
use super::score::round;
use super::theme::Theme;
use super::words::{clean, has_forbidden, lower_first, points, upper_first};

/// Quarters after the present one in which the programmes start, by rank.
pub const QUARTERS: [i32; 5] = [0, 1, 2, 3, 4];

/// A skill below what is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Skill as people write it.
    pub skill: String,
    /// Theme whose sentences and programmes speak of it.
    pub theme: Theme,
    /// Whether its name leads to a theme; without one nothing but the skill itself is said.
    pub known: bool,
    /// Estimated level, 0..=100.
    pub current: f64,
    /// Wanted level, 0..=100.
    pub required: f64,
    /// Whether the role cannot do without it.
    pub must: bool,
    /// `role`, `team`, `department` or `company`.
    pub area: &'static str,
}

impl Gap {
    /// Key of its factor.
    #[must_use]
    pub fn key(&self) -> String {
        format!("skill.{}", self.skill.to_lowercase())
    }

    /// Points missing.
    #[must_use]
    pub fn size(&self) -> f64 {
        (self.required - self.current).max(0.0)
    }

    const fn priority(&self) -> &'static str {
        let size = self.required - self.current;
        if size >= 35.0 || (self.must && size >= 20.0) {
            "critical"
        } else if size >= 22.0 || (self.must && size >= 8.0) {
            "high"
        } else if size >= 10.0 {
            "medium"
        } else {
            "low"
        }
    }
}

/// Words in the name of a skill and the theme that it leans on most. Ours; the first hit counts.
const SKILL_WORDS: [(Theme, &[&str]); 12] = [
    (
        Theme::Attention,
        &[
            "review",
            "test",
            "qualit",
            "audit",
            "document",
            "account",
            "detail",
            "compliance",
            "control",
            "inspection",
        ],
    ),
    (
        Theme::Analysis,
        &[
            "analy",
            "data",
            "numer",
            "statist",
            "math",
            "research",
            "sql",
            "model",
            "logic",
            "engineer",
            "program",
            "algorithm",
            "finance",
            "physics",
        ],
    ),
    (
        Theme::Structure,
        &[
            "project",
            "plan",
            "organi",
            "process",
            "schedul",
            "operation",
            "logistic",
            "budget",
            "administrat",
        ],
    ),
    (Theme::Leadership, &["lead", "manag", "delegat", "strateg", "decision", "mentor"]),
    (
        Theme::Communication,
        &[
            "communicat",
            "present",
            "writ",
            "speak",
            "story",
            "narrat",
            "edit",
            "language",
            "report",
            "negotiat",
            "english",
            "marketing",
        ],
    ),
    (Theme::Empathy, &["client", "customer", "coach", "listen", "support", "care", "counsel", "service"]),
    (Theme::Collaboration, &["team", "collaborat", "partner", "facilitat", "stakeholder", "agile"]),
    (Theme::Creativity, &["design", "creativ", "innovat", "concept", "ux", "brand", "draw", "content"]),
    (Theme::Adaptability, &["change", "adapt", "learn", "cloud", "tool", "digital"]),
    (Theme::Ambition, &["sales", "growth", "business", "market"]),
    (Theme::Resilience, &["stress", "incident", "crisis", "emergency", "on-call", "safety"]),
    (Theme::Drive, &["deliver", "execution", "launch", "start", "field"]),
];

/// The theme with a word that one of the words of the skill begins with.
fn theme_of_skill(skill: &str) -> Option<Theme> {
    let skill = skill.to_lowercase();
    let starts = |word: &str| {
        let part = |c: char| !c.is_alphanumeric() && c != '-';
        word.contains('-') && skill.contains(word) || skill.split(part).any(|own| own.starts_with(word))
    };
    SKILL_WORDS.iter().find(|(_, words)| words.iter().any(|word| starts(word))).map(|(theme, _)| *theme)
}

/// Gaps, widest first: named skills, then asked dimensions, then the least used themes; one for each theme.
#[must_use]
pub fn gaps(reading: &Reading<'_>) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    for mut group in [skill_gaps(reading), dimension_gaps(reading)] {
        group.retain(|gap| gap.size() >= 3.0);
        group.sort_by(|a, b| b.size().total_cmp(&a.size()).then_with(|| a.skill.cmp(&b.skill)));
        for gap in group {
            let same = |other: &Gap| other.known == gap.known && other.theme == gap.theme;
            if !gaps.iter().any(same) {
                gaps.push(gap);
            }
        }
    }
    gaps.sort_by(|a, b| b.size().total_cmp(&a.size()).then_with(|| a.skill.cmp(&b.skill)));
    for theme in reading.choice.ranked.iter().rev().copied() {
        if gaps.len() >= 3 {
            break;
        }
        if gaps.iter().any(|gap| gap.known && gap.theme == theme) {
            continue;
        }
        let current = reading.level(theme);
        gaps.push(Gap {
            skill: theme.label().to_owned(),
            theme,
            known: true,
            current,
            // Without a wish of the role, half the distance to the top third is a fair next step.
            required: (current + (90.0 - current).max(8.0) / 2.0).min(99.0),
            must: false,
            area: "team",
        });
    }
    gaps.truncate(5);
    gaps
}

fn dimension_gaps(reading: &Reading<'_>) -> Vec<Gap> {
    let gap = |one: &Requirement| Gap {
        skill: one.theme.label().to_owned(),
        theme: one.theme,
        known: true,
        current: one.has,
        required: one.wanted,
        must: one.must,
        area: "role",
    };
    reading.requirements.iter().map(gap).collect()
}

fn skill_gaps(reading: &Reading<'_>) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for (kind, area) in
        [(PlaceKind::Role, "role"), (PlaceKind::Department, "department"), (PlaceKind::Company, "company")]
    {
        let Some(place) = kind.find(reading.input) else { continue };
        for (skill, wanted) in &place.profile.skills {
            let skill = upper_first(&clean(skill, 60));
            if skill.is_empty() || has_forbidden(&skill) || !wanted.is_finite() {
                continue;
            }
            let theme = theme_of_skill(&skill);
            let level = theme.map_or(50.0, |theme| reading.level(theme));
            gaps.push(Gap {
                skill,
                known: theme.is_some(),
                theme: theme.unwrap_or(Theme::Structure),
                // A skill is not a trait: the level of the theme counts half, the middle the other half.
                current: round(0.5 * level + 25.0, 1),
                required: wanted.clamp(0.0, 100.0),
                must: false,
                area,
            });
        }
    }
    gaps
}

/// Makes the gaps citable.
pub fn add_factors(reading: &mut Reading<'_>, gaps: &[Gap]) {
    for gap in gaps {
        let label =
            format!("{}: estimated {}, wanted {}", gap.skill, points(gap.current), points(gap.required));
        reading.factors.insert(gap.key(), plain("skill", label, gap.size() / 50.0));
    }
}

/// The plan as it is stored.
#[must_use]
pub fn plan(reading: &Reading<'_>, gaps: &[Gap]) -> Training {
    let skill_gaps = gaps.iter().map(stored_gap).collect();
    let programmes = programmes(gaps);
    let recommendations = programmes
        .iter()
        .enumerate()
        .map(|(rank, (text, targets))| stored_programme(rank, text, targets))
        .collect();
    let goal = |gap: &Gap, months: u32, share: f64| Goal {
        goal: format!(
            "{} from {} to about {}",
            gap.skill,
            points(gap.current),
            points(gap.current + share * gap.size())
        ),
        actions: steps(gap, months),
        metrics: measures(gap),
        months,
    };
    let second = gaps.get(1).unwrap_or(&gaps[0]);
    let third = gaps.get(2).unwrap_or(&gaps[0]);
    let centre = reading.choice.centre();
    Training {
        skill_gaps,
        recommendations,
        short_term: vec![goal(&gaps[0], 3, 0.4), goal(second, 6, 0.5)],
        medium_term: vec![goal(third, 9, 0.6), goal(&gaps[0], 12, 0.8)],
        long_term: vec![Goal {
            goal: format!("Pass on {} to others in a task of their own choice", lower_first(centre.label())),
            actions: vec![
                CONTENT.theme(centre).practice[0].clone(),
                "Guide one colleague through a task within two years".into(),
            ],
            metrics: CONTENT.theme(centre).measure.clone(),
            months: 24,
        }],
    }
}

fn measures(gap: &Gap) -> Vec<String> {
    if gap.known {
        CONTENT.theme(gap.theme).measure.clone()
    } else {
        CONTENT.frame("skills", "measure").to_vec()
    }
}

fn steps(gap: &Gap, months: u32) -> Vec<String> {
    if !gap.known {
        let line = &CONTENT.frame("skills", "steps")[usize::from(months > 6)];
        return vec![line.replace("{skill}", &lower_first(&gap.skill))];
    }
    let text = CONTENT.theme(gap.theme);
    let habit = if gap.current < 50.0 { &text.low_helps } else { &text.helps };
    let first = if months <= 6 { &habit[0] } else { &habit[1] };
    vec![first.clone(), text.practice[usize::from(months > 6)].clone()]
}

fn stored_gap(gap: &Gap) -> SkillGap {
    SkillGap {
        skill_name: gap.skill.clone(),
        current_level: round(gap.current, 1),
        required_level: round(gap.required, 1),
        gap: round(gap.size(), 1),
        priority: gap.priority().to_owned(),
        impact_area: gap.area.to_owned(),
        reasoning: reasoning(gap),
    }
}

fn reasoning(gap: &Gap) -> String {
    let (skill, required, current) = (&gap.skill, points(gap.required), points(gap.current));
    let theme = lower_first(gap.theme.label());
    let basis = if !gap.known {
        "since no theme speaks of it".to_owned()
    } else if theme.eq_ignore_ascii_case(skill) {
        "from the code of the quarter".to_owned()
    } else {
        format!("from the level of {theme}")
    };
    format!(
        "{skill} is wanted at {required} and estimated at {current} {basis}; a work sample should confirm it."
    )
}

/// Programmes for the gaps: for each gap the best catalogue entry that is not taken yet, at most five.
fn programmes(gaps: &[Gap]) -> Vec<(&'static ProgrammeText, Vec<String>)> {
    let mut chosen: Vec<(&'static ProgrammeText, Vec<String>)> = Vec::new();
    for gap in gaps {
        let rate = |text: &ProgrammeText| {
            let skill = gap.skill.to_lowercase();
            let word = text.words.iter().any(|word| skill.contains(word.as_str()));
            let place = text.themes.iter().position(|theme| gap.known && *theme == gap.theme);
            usize::from(word) * 10 + place.map_or(0, |place| 5 - place.min(4))
        };
        let taken = |text: &ProgrammeText| chosen.iter().position(|(other, _)| other.id == text.id);
        let best = CONTENT
            .programmes
            .iter()
            .enumerate()
            .filter(|(_, text)| rate(text) > 0)
            .max_by_key(|(i, text)| (rate(text), usize::MAX - i));
        let Some((_, text)) = best else { continue };
        match taken(text) {
            Some(index) => chosen[index].1.push(gap.skill.clone()),
            None => chosen.push((text, vec![gap.skill.clone()])),
        }
    }
    chosen
}

fn stored_programme(rank: usize, text: &ProgrammeText, targets: &[String]) -> Programme {
    Programme {
        program_id: text.id.clone(),
        title: text.title.clone(),
        description: text.description.clone(),
        provider: "internal".into(),
        duration: format!("{}, {} a week", span(text.weeks, "week"), span(text.hours_per_week, "hour")),
        format: text.format.clone(),
        estimated_cost: None,
        currency: None,
        target_skills: targets.to_vec(),
        expected_outcome: text.outcome.clone(),
        priority: 10 - i32::try_from(rank).unwrap_or(0),
        prerequisites: text.prerequisites.clone(),
        certification_available: text.certificate,
    }
}

/// `1 hour`, `2 hours`.
fn span(count: u32, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}
