//! Summary, main findings and steps of a report.

use super::content::CONTENT;
use super::sections::common::{label, level_key};
use super::sections::questionnaire::Answers;
use super::words::{count_of, paragraph, upper_first};
use super::writer::{Slot, Writer};

/// Summary, key insights and action items.
#[derive(Debug)]
pub struct Head {
    /// Executive summary.
    pub summary: String,
    /// Main findings.
    pub insights: Vec<String>,
    /// Steps.
    pub actions: Vec<String>,
}

/// Head of every type but the questionnaire.
pub fn of_person(w: &mut Writer<'_>) -> Head {
    w.enter("summary");
    let [centre, second, third] = w.reading.choice.strengths();
    let gap = w.reading.gaps()[0];
    let (text, gap_text) = (CONTENT.theme(centre), CONTENT.theme(gap));
    let summary = paragraph([
        w.frame(
            "summary.open",
            &[("label", &label(centre)), ("phrase", &text.phrase)],
            &[&level_key(centre)],
        ),
        w.frame("summary.edge", &[("label", &label(gap)), ("weak", &gap_text.weak)], &[&level_key(gap)]),
        w.frame("summary.fit", &[("score", &w.score_text())], &["score"]),
        w.frame("summary.close", &[], &[]),
    ]);
    let mut insights = Vec::new();
    for (name, theme) in [("insight.centre", centre), ("insight.second", second), ("insight.second", third)] {
        w.fresh();
        let label = label(theme);
        let params = [
            ("label", label.as_str()),
            ("Label", theme.label()),
            ("line", CONTENT.theme(theme).line.as_str()),
        ];
        insights.push(w.frame(name, &params, &[&level_key(theme)]));
    }
    insights.push(w.frame("insight.growth", &[("weak", &gap_text.weak)], &[&level_key(gap)]));
    let pair = &CONTENT.tensions[w.reading.choice.tension];
    let [a, b] = pair.themes.map(level_key);
    insights.push(w.frame("insight.tension", &[("name", &pair.name)], &[&a, &b]));
    insights.push(fit_insight(w));
    insights.retain(|line| !line.is_empty());
    let actions = steps(w);
    Head { summary, insights, actions }
}

fn fit_insight(w: &mut Writer<'_>) -> String {
    let rows = &w.reading.requirements;
    let order = |a: &&super::requirement::Requirement, b: &&super::requirement::Requirement| {
        (a.has - a.wanted).total_cmp(&(b.has - b.wanted)).then(b.theme.cmp(&a.theme))
    };
    let (Some(best), Some(worst)) = (rows.iter().max_by(order), rows.iter().min_by(order)) else {
        return String::new();
    };
    if best.theme == worst.theme {
        return String::new();
    }
    let (best_label, worst_label) = (label(best.theme), label(worst.theme));
    w.frame("insight.fit", &[("best", &best_label), ("worst", &worst_label)], &[&best.key(), &worst.key()])
}

fn steps(w: &mut Writer<'_>) -> Vec<String> {
    let gaps = w.reading.gaps();
    let centre = w.reading.choice.centre();
    let given = w.given().to_owned();
    let mut steps = Vec::new();
    for (theme, slot) in [(gaps[0], Slot::LowHelps), (centre, Slot::Helps)] {
        let step = w.theme(theme, slot);
        if !step.is_empty() {
            steps.push(format!("{given}: {}", super::words::lower_first(&step)));
        }
    }
    steps.push(w.frame("do.manager", &[("label", &label(gaps[0]))], &[]));
    steps.push(w.frame("do.manager", &[("label", &label(centre))], &[]));
    steps.push(w.frame("do.hr", &[], &[]));
    steps.retain(|step| !step.is_empty());
    steps
}

/// Head of the questionnaire review.
pub fn of_answers(w: &mut Writer<'_>, answers: &Answers) -> Head {
    w.enter("summary");
    let summary = answers_summary(w, answers);
    let mut insights = Vec::new();
    let mut say = |w: &mut Writer<'_>, frame: &str, topic: Option<&super::answers::TopicReading>| {
        if let Some(topic) = topic {
            let label = upper_first(&topic.text.label);
            insights.push(w.frame(frame, &[("topic", &topic.text.label), ("Topic", &label)], &[]));
        }
    };
    say(w, "answer.insight_best", answers.best());
    say(w, "answer.insight_worst", answers.worst());
    let apart = answers.topics.iter().find(|topic| topic.is_contradictory());
    say(w, "answer.insight_gap", apart);
    if apart.is_none() {
        insights.push(w.frame("answer.insight_even", &[], &[]));
    }
    let mut kinds: Vec<String> =
        answers.flagged().iter().filter_map(|one| one.flag).map(|flag| flag.name.clone()).collect();
    kinds.sort();
    kinds.dedup();
    insights.push(if kinds.is_empty() {
        w.frame("answer.insight_noflags", &[], &[])
    } else {
        let count = count_of(answers.flagged().len(), "answer");
        w.frame(
            "answer.insight_flags",
            &[("count", count.as_str()), ("kinds", &super::words::join(&kinds))],
            &[],
        )
    });
    let mut actions = Vec::new();
    for topic in answers.topics.iter().filter(|topic| topic.level < 65.0).take(3) {
        let help = w.say(&format!("head.{}.helps", topic.text.key), &topic.text.helps, &[], &[]);
        if !help.is_empty() {
            actions.push(format!("Manager: {}", super::words::lower_first(&help)));
        }
    }
    actions.push(w.frame("do.hr", &[], &[]));
    insights.retain(|line| !line.is_empty());
    Head { summary, insights, actions }
}

fn answers_summary(w: &mut Writer<'_>, answers: &Answers) -> String {
    let given = answers.all.iter().filter(|answer| answer.answered).count();
    let (score, count) = (w.score_text(), count_of(given, "answer"));
    let forms = count_of(w.reading.input.questionnaires.len(), "questionnaire");
    let sum =
        w.frame("summary.answers", &[("count", &count), ("forms", &forms), ("score", &score)], &["score"]);
    let apart =
        answers.best().zip(answers.worst()).map(|(best, worst)| (&best.text.label, &worst.text.label));
    let topics = apart.map_or_else(String::new, |(best, worst)| {
        w.frame("summary.topics", &[("best", best), ("worst", worst)], &[])
    });
    paragraph([sum, topics, w.frame("summary.close", &[], &[])])
}

/// Warnings of the data and those that every report carries.
pub fn warnings(w: &mut Writer<'_>, flagged: usize) -> Vec<String> {
    let mut warnings = w.reading.warnings.clone();
    if flagged > 0 {
        let count = count_of(flagged, "answer");
        warnings.insert(0, w.frame("answer.flagged", &[("count", &count)], &[]));
    }
    warnings.push(w.frame("warning.advice", &[("score", &w.score_text())], &[]));
    warnings
}
