//! `training_development`: skills, programmes, practice.

use serde_json::json;

use super::common::{With, first_body, label, level_line, opening, overview, section, style_part};
use crate::narrator::content::CONTENT;
use crate::narrator::figures;
use crate::narrator::output::{Section, Subsection, Training};
use crate::narrator::theme::Theme;
use crate::narrator::training::{Gap, QUARTERS};
use crate::narrator::words::{bullets, lower_first, paragraph, points};
use crate::narrator::writer::{Slot, Writer, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>, gaps: &[Gap], training: &Training) -> Vec<Section> {
    vec![
        overview(w),
        learning_style(w),
        priority_skills(w, gaps, training),
        programme(w, training),
        practice_tasks(w, gaps),
        coaching_questions(w, gaps),
        measures(w, gaps, training),
    ]
}

fn learning_style(w: &mut Writer<'_>) -> Section {
    w.enter("learning_style");
    let parts = vec![
        style_part(w, "How new things settle", "learning", &["Mercury"]),
        style_part(w, "Feedback", "feedback", &["Moon"]),
        style_part(w, "Time and focus", "focus", &["Mars"]),
    ];
    w.fresh();
    let lines =
        [w.frame("learning.lead", &[], &[]), first_body(w, &["Sun"]), w.energy(true), w.energy(false)];
    section("learning_style", "Learning style", paragraph(lines)).parts(parts)
}

fn priority_skills(w: &mut Writer<'_>, gaps: &[Gap], training: &Training) -> Section {
    w.enter("priority_skills");
    let lead = paragraph([w.frame("skills.lead", &[], &[]), w.frame("skills.estimate", &[], &[])]);
    let mut parts: Vec<Subsection> = Vec::new();
    for gap in gaps.iter().take(3) {
        w.fresh();
        let (now, target) = (points(gap.current), points(gap.required));
        let skill = lower_first(&gap.skill);
        let params = [("skill", skill.as_str()), ("now", &now), ("target", &target)];
        if !gap.known {
            let why = w.frame("skills.open", &params, &[&gap.key()]);
            let lines = [why, w.frame("skills.no_theme", &[("skill", &skill)], &[])];
            let sample = w.frame("skills.sample", &[("skill", &skill)], &[]);
            parts.push(subsection(&gap.skill, paragraph(lines), Vec::new(), vec![sample]));
            continue;
        }
        let why = w.frame("skills.why", &params, &[&gap.key()]);
        let (claim, everyday) = if w.reading.level(gap.theme) < 48.0 {
            (w.theme(gap.theme, Slot::Low), w.theme(gap.theme, Slot::LowEveryday))
        } else {
            (opening(w, gap.theme), w.theme(gap.theme, Slot::Everyday))
        };
        let level = level_line(w, gap.theme, false);
        let helps = w.theme(gap.theme, Slot::LowHelps);
        parts.push(subsection(&gap.skill, paragraph([why, claim, everyday]), vec![level], vec![helps]));
    }
    let labels: Vec<String> = training.skill_gaps.iter().map(|gap| gap.skill_name.clone()).collect();
    let series = [
        ("Now", training.skill_gaps.iter().map(|gap| gap.current_level).collect()),
        ("Target", training.skill_gaps.iter().map(|gap| gap.required_level).collect()),
    ];
    section("priority_skills", "Skills first in line", lead)
        .parts(parts)
        .figure(figures::bar(&labels, &series))
}

fn programme(w: &mut Writer<'_>, training: &Training) -> Section {
    w.enter("programme");
    let lead = w.frame("programme.lead", &[], &[]);
    let mut parts = Vec::new();
    for one in training.recommendations.iter().take(3) {
        w.fresh();
        let params =
            [("description", lower_first(&one.description)), ("outcome", lower_first(&one.expected_outcome))];
        let params = [(params[0].0, params[0].1.as_str()), (params[1].0, params[1].1.as_str())];
        let content = w.frame("programme.what", &params, &[]);
        let when = w.frame("programme.when", &[("title", &one.title)], &[]);
        parts.push(subsection(&one.title, content, Vec::new(), vec![when]));
    }
    let rows: Vec<_> = training
        .recommendations
        .iter()
        .enumerate()
        .map(|(i, one)| {
            vec![
                json!(one.title),
                json!(one.format),
                json!(one.duration),
                json!(one.provider),
                json!(w.reading.input.quarter.offset(QUARTERS[i.min(QUARTERS.len() - 1)]).to_string()),
            ]
        })
        .collect();
    section("programme", "Programme", lead)
        .parts(parts)
        .figure(figures::table(&["Activity", "Format", "Time", "Owner", "Quarter"], &rows))
}

fn themes(gaps: &[Gap]) -> Vec<Theme> {
    let mut themes: Vec<Theme> = Vec::new();
    for gap in gaps.iter().filter(|gap| gap.known) {
        if !themes.contains(&gap.theme) {
            themes.push(gap.theme);
        }
    }
    themes.truncate(3);
    themes
}

fn practice_tasks(w: &mut Writer<'_>, gaps: &[Gap]) -> Section {
    w.enter("practice_tasks");
    let lead = w.frame("practice.lead", &[], &[]);
    let mut lines: Vec<String> = themes(gaps).iter().map(|theme| w.theme(*theme, Slot::Practice)).collect();
    let [first, second, _] = w.reading.choice.strengths();
    lines.push(w.theme(first, Slot::Practice));
    w.fresh();
    let use_strength = w.frame(
        "practice.strength",
        &[("label", &label(first)), ("phrase", &CONTENT.theme(first).phrase)],
        &[],
    );
    let more = [
        use_strength,
        w.theme(first, Slot::Claim),
        w.theme(first, Slot::Overuse),
        w.theme(second, Slot::Claim),
        w.theme(second, Slot::Upside),
    ];
    let part = subsection(
        "Build on what is strong",
        paragraph(more),
        Vec::new(),
        vec![w.theme(first, Slot::Helps), w.theme(second, Slot::Helps)],
    );
    section("practice_tasks", "Practice tasks", format!("{lead}\n\n{}", bullets(lines))).parts(vec![part])
}

fn coaching_questions(w: &mut Writer<'_>, gaps: &[Gap]) -> Section {
    w.enter("coaching_questions");
    let lead = paragraph([w.frame("questions.coach", &[], &[]), w.frame("questions.rule", &[], &[])]);
    let mut list = themes(gaps);
    list.extend(w.reading.choice.strengths());
    list.dedup();
    let lines: Vec<String> = list.iter().take(5).map(|theme| w.theme(*theme, Slot::Question)).collect();
    section("coaching_questions", "Coaching questions", format!("{lead}\n\n{}", bullets(lines)))
}

fn measures(w: &mut Writer<'_>, gaps: &[Gap], training: &Training) -> Section {
    w.enter("measures");
    let lead = w.frame("measures.lead", &[], &[]);
    let lines: Vec<String> = themes(gaps)
        .into_iter()
        .map(|theme| {
            let measure = &CONTENT.theme(theme).measure;
            let which = w.pick(&format!("measure.{}", theme.key()), measure.len());
            w.frame("measures.line", &[("measure", &lower_first(&measure[which]))], &[])
        })
        .collect();
    let close = w.frame("measures.close", &[], &[]);
    let mut items = Vec::new();
    for (goals, from, to) in [
        (&training.short_term, "month 0", "month 6"),
        (&training.medium_term, "month 6", "month 12"),
        (&training.long_term, "month 12", "month 24"),
    ] {
        items.extend(goals.iter().map(|goal| (goal.goal.clone(), from.to_owned(), to.to_owned())));
    }
    section("measures", "How to see progress", format!("{lead}\n\n{}\n\n{close}", bullets(lines)))
        .figure(figures::timeline(&items))
}
