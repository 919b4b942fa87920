//! The structured analysis beside the text.

use super::content::CONTENT;
use super::output::{Analysis, CompatibilityFactor, Trait};
use super::reading::Reading;
use super::sections::questionnaire::Answers;
use super::theme::Theme;
use super::voice::{Fill, Voice};
use super::words::{lower_first, upper_first};
use crate::narrator::content::VERSION;
use crate::narrator::score::round;

/// Traits, strengths, weaknesses, opportunities, risks and the parts of the score.
#[must_use]
pub fn of(reading: &Reading<'_>, answers: Option<&Answers>) -> Analysis {
    let compatibility_factors = reading
        .scored
        .components
        .iter()
        .map(|line| CompatibilityFactor {
            factor: line.label.clone(),
            score: line.score,
            weight: line.weight,
            reasoning: line.reasoning.clone(),
        })
        .collect();
    match answers {
        Some(answers) => of_answers(answers, compatibility_factors),
        None => of_person(reading, compatibility_factors),
    }
}

fn of_person(reading: &Reading<'_>, compatibility_factors: Vec<CompatibilityFactor>) -> Analysis {
    let input = reading.input;
    // A voice of its own: what stands in the text does not change the analysis.
    let seed = ["analysis", input.report_type.as_str(), &input.subject.id, VERSION];
    let mut voice = Voice::new(&seed, &input.subject.full_name);
    let place = upper_first(&reading.place_name());
    let traits = Theme::ALL.map(|theme| {
        let level = reading.level(theme);
        voice.fresh();
        Trait {
            name: theme.label().to_owned(),
            score: round(level, 1),
            description: describe(&mut voice, theme, level),
            impact: impact(level).to_owned(),
            context: context(reading, theme, &place),
        }
    });
    let mut traits = traits.to_vec();
    traits.sort_by(|a, b| b.score.total_cmp(&a.score));
    let strengths = reading.choice.strengths();
    let gaps = reading.gaps();
    let pair = &CONTENT.tensions[reading.choice.tension];
    let mut pick =
        |key: &str, lines: &[String]| voice.say(key, lines, Fill { params: &[("place", &place)], cite: "" });
    Analysis {
        traits,
        strengths: strengths.map(|theme| format!("{}.", upper_first(&CONTENT.theme(theme).line))).to_vec(),
        weaknesses: gaps
            .iter()
            .map(|theme| format!("{}.", upper_first(&CONTENT.theme(*theme).weak)))
            .collect(),
        opportunities: gaps
            .iter()
            .map(|theme| pick(&format!("opportunity.{}", theme.key()), &CONTENT.theme(*theme).practice))
            .collect(),
        risks: std::iter::once(format!("Strong sides that pull apart: {}.", pair.name))
            .chain(
                strengths[..2]
                    .iter()
                    .map(|theme| pick(&format!("risk.{}", theme.key()), &CONTENT.theme(*theme).overuse)),
            )
            .collect(),
        compatibility_factors,
    }
}

fn describe(voice: &mut Voice, theme: Theme, level: f64) -> String {
    let text = CONTENT.theme(theme);
    let fill = Fill { params: &[], cite: "" };
    match level {
        level if level >= 58.0 => voice.say(&format!("trait.{}", theme.key()), &text.claim, fill),
        level if level < 38.0 => voice.say(&format!("trait.{}", theme.key()), &text.low, fill),
        _ => {
            let label = lower_first(theme.label());
            let level = super::words::points(level);
            let params = [("label", label.as_str()), ("level", level.as_str())];
            voice.say(
                &format!("trait.{}", theme.key()),
                CONTENT.frame("level", "mid"),
                Fill { params: &params, cite: "" },
            )
        }
    }
}

fn impact(level: f64) -> &'static str {
    match (level - 50.0).abs() {
        distance if distance >= 25.0 => "high",
        distance if distance >= 12.0 => "medium",
        _ => "low",
    }
}

fn context(reading: &Reading<'_>, theme: Theme, place: &str) -> String {
    let asked = reading.requirements.iter().find(|one| one.theme == theme);
    asked.map_or_else(
        || "Daily work".to_owned(),
        |one| {
            format!("{place} asks for {} at {}", lower_first(theme.label()), super::words::points(one.wanted))
        },
    )
}

fn of_answers(answers: &Answers, compatibility_factors: Vec<CompatibilityFactor>) -> Analysis {
    let topics = &answers.topics;
    let traits = topics
        .iter()
        .map(|topic| {
            let (_, lines) = super::answers::lines(topic.text, topic.level);
            Trait {
                name: upper_first(&topic.text.label),
                score: topic.level,
                description: format!("{}.", lines[0]),
                impact: impact(topic.level).to_owned(),
                context: "Answers in questionnaires".to_owned(),
            }
        })
        .collect();
    Analysis {
        traits,
        strengths: topics
            .iter()
            .filter(|one| one.level >= 65.0)
            .map(|one| one.text.strength.clone())
            .collect(),
        weaknesses: topics
            .iter()
            .filter(|one| one.level < 45.0)
            .map(|one| one.text.concern.clone())
            .collect(),
        opportunities: topics
            .iter()
            .filter(|one| one.level < 65.0)
            .map(|one| format!("{}.", one.text.helps[0]))
            .collect(),
        risks: reasons(answers),
        compatibility_factors,
    }
}

/// Why people should look at answers, each reason once.
fn reasons(answers: &Answers) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for flag in answers.flagged().iter().filter_map(|one| one.flag) {
        let reason = format!("{}.", flag.reason);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}
