//! `compatibility_job_role`: fit of person and role.

use super::common::{
    With, first_body, fit_lines, growth, headed, label, level_key, overview_text, questions, section,
    strength, tension,
};
use super::personality::{demands, fit_lead};
use crate::narrator::figures;
use crate::narrator::output::Section;
use crate::narrator::theme::Theme;
use crate::narrator::words::{bullets, paragraph};
use crate::narrator::writer::{Slot, Writer, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>) -> Vec<Section> {
    vec![
        verdict(w),
        requirement_table(w),
        natural_advantages(w),
        gaps_and_supports(w),
        first_90_days(w),
        questions_for_the_conversation(w),
    ]
}

fn verdict(w: &mut Writer<'_>) -> Section {
    w.enter("verdict_in_words");
    let text = overview_text(w);
    let name = match w.reading.scored.overall {
        score if score >= 70.0 => "verdict.natural",
        score if score >= 45.0 => "verdict.workable",
        _ => "verdict.support",
    };
    let verdict = w.frame(name, &[], &["score"]);
    section("verdict_in_words", "The fit in words", format!("{verdict} {text}"))
        .figure(figures::gauge(w.reading.scored.overall))
}

fn requirement_table(w: &mut Writer<'_>) -> Section {
    w.enter("requirement_table");
    let snapshot = demands(w, 2);
    if w.reading.requirements.is_empty() {
        let content = paragraph([snapshot, w.frame("fit.none", &[], &[]), w.frame("fit.next", &[], &[])]);
        return section("requirement_table", "What is asked and what is there", content)
            .figure(figures::themes(&w.reading.levels));
    }
    let lead = fit_lead(w);
    let (met, unmet) = fit_lines(w, 3);
    let content = format!("{}\n\n{}", paragraph([snapshot, lead]), bullets(met.into_iter().chain(unmet)));
    section("requirement_table", "What is asked and what is there", content)
        .figure(figures::requirements_table(&w.reading.requirements))
        .figure(figures::requirements_radar(&w.reading.requirements, "Role"))
}

fn natural_advantages(w: &mut Writer<'_>) -> Section {
    w.enter("natural_advantages");
    let lead = w.frame("strengths.lead", &[], &[]);
    let themes = w.reading.advantages();
    let parts = themes.iter().map(|theme| strength(w, *theme)).collect();
    section("natural_advantages", "Natural advantages", lead).parts(parts)
}

fn gaps_and_supports(w: &mut Writer<'_>) -> Section {
    w.enter("gaps_and_supports");
    let lead = w.frame("friction.lead", &[], &[]);
    let gaps = w.reading.gaps();
    let mut parts: Vec<_> = gaps.iter().take(2).map(|theme| growth(w, *theme)).collect();
    parts.push(tension(w));
    section("gaps_and_supports", "Gaps and what supports them", lead).parts(parts)
}

fn first_90_days(w: &mut Writer<'_>) -> Section {
    w.enter("first_90_days");
    let lead = w.frame("plan.lead", &[], &[]);
    let gaps = w.reading.gaps();
    let centre = w.reading.choice.centre();
    let start = {
        w.fresh();
        let lines = [w.style("learning"), w.body_and_house("Ascendant"), first_body(w, &["Sun", "Mercury"])];
        subsection(
            "Days 1 to 30: arrive",
            paragraph(lines),
            Vec::new(),
            vec![w.theme(centre, Slot::Practice)],
        )
    };
    let middle = {
        w.fresh();
        let lines = [w.style("feedback"), w.body_and_house("Moon")];
        subsection(
            "Days 31 to 60: take on",
            paragraph(lines),
            Vec::new(),
            vec![w.theme(gaps[0], Slot::Practice)],
        )
    };
    let end = {
        w.fresh();
        let lines = [
            w.frame("plan.review", &[("label", &label(gaps[0]))], &[&level_key(gaps[0])]),
            w.style("pace"),
            first_body(w, &["Mars"]),
        ];
        let next = gaps.get(1).copied().unwrap_or(gaps[0]);
        subsection(
            "Days 61 to 90: look back",
            paragraph(lines),
            Vec::new(),
            vec![w.theme(next, Slot::LowHelps)],
        )
    };
    let figure = figures::timeline(&[
        ("Arrive".into(), "day 1".into(), "day 30".into()),
        ("Take on".into(), "day 31".into(), "day 60".into()),
        ("Look back".into(), "day 61".into(), "day 90".into()),
    ]);
    section("first_90_days", "The first 90 days", lead).parts(vec![start, middle, end]).figure(figure)
}

fn questions_for_the_conversation(w: &mut Writer<'_>) -> Section {
    w.enter("questions_for_the_conversation");
    let lead = paragraph([w.frame("questions.lead", &[], &[]), w.frame("questions.rule", &[], &[])]);
    let mut themes: Vec<Theme> = w.reading.choice.strengths()[..2].to_vec();
    themes.extend(w.reading.gaps());
    themes.dedup();
    let list = bullets(questions(w, &themes));
    let first = w.reading.choice.centre();
    let listen = headed(first, w.frame("questions.listen", &[("label", &label(first))], &[]));
    section(
        "questions_for_the_conversation",
        "Questions for the conversation",
        format!("{lead}\n\n{list}\n\n{listen}"),
    )
}
