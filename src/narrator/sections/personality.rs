//! `personality_role_specific`: the person in the role.

use super::common::{
    With, first_body, fit_lines, growth_text, headed, overview, section, strength, style_part, tension,
};
use crate::narrator::figures;
use crate::narrator::output::Section;
use crate::narrator::theme::Theme;
use crate::narrator::words::{bullets, count, join, paragraph};
use crate::narrator::writer::{Slot, Writer, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>) -> Vec<Section> {
    vec![
        overview(w),
        role_snapshot(w),
        strengths_in_role(w),
        work_style(w),
        under_pressure(w),
        communication(w),
        role_fit(w),
        growth_plan(w),
    ]
}

/// What the role asks.
fn role_snapshot(w: &mut Writer<'_>) -> Section {
    w.enter("role_snapshot");
    let content = demands(w, 3);
    section("role_snapshot", "What the role asks", content)
}

/// What the place asks, in sentences; says so when nothing is on record.
pub fn demands(w: &mut Writer<'_>, most: usize) -> String {
    let themes: Vec<Theme> = w.reading.requirements.iter().map(|one| one.theme).take(most).collect();
    let summary = w
        .reading
        .place_summary()
        .map_or_else(String::new, |text| w.frame("demand.summary", &[("summary", &text)], &[]));
    if themes.is_empty() {
        return paragraph([summary, w.frame("demand.none", &[], &[]), w.frame("demand.alone", &[], &[])]);
    }
    let mut lines = vec![summary];
    lines.extend(themes.into_iter().map(|theme| w.theme(theme, Slot::Demand)));
    let musts: Vec<String> = w
        .reading
        .requirements
        .iter()
        .filter(|one| one.must)
        .map(|one| super::common::label(one.theme))
        .collect();
    if !musts.is_empty() {
        let frame = if musts.len() == 1 { "demand.must" } else { "demand.musts" };
        lines.push(w.frame(frame, &[("musts", &join(&musts))], &[]));
    }
    paragraph(lines)
}

fn strengths_in_role(w: &mut Writer<'_>) -> Section {
    w.enter("strengths_in_role");
    let lead = w.frame("strengths.lead", &[], &[]);
    let themes = w.reading.advantages();
    let parts = themes.iter().map(|theme| strength(w, *theme)).collect();
    section("strengths_in_role", "Strengths in the role", lead).parts(parts)
}

fn work_style(w: &mut Writer<'_>) -> Section {
    w.enter("work_style");
    let lead = w.frame("style.lead", &[], &[]);
    let parts = vec![
        style_part(w, "Focus", "focus", &["Sun"]),
        style_part(w, "Pace", "pace", &["Mars"]),
        style_part(w, "Decisions", "decisions", &["Mercury"]),
    ];
    section("work_style", "Way of working", lead).parts(parts)
}

fn under_pressure(w: &mut Writer<'_>) -> Section {
    w.enter("under_pressure");
    let [first, second, _] = w.reading.choice.strengths();
    let lines = [
        w.frame("pressure.lead", &[], &[]),
        w.theme(first, Slot::Pressure),
        w.theme(second, Slot::Pressure),
        first_body(w, &["Moon"]),
        w.energy(false),
    ];
    let part = tension(w);
    section("under_pressure", "Under pressure", paragraph(lines)).parts(vec![part])
}

fn communication(w: &mut Writer<'_>) -> Section {
    w.enter("communication");
    let lines = paragraph([
        w.frame("talk.lead", &[], &[]),
        first_body(w, &["Mercury", "Venus", "Ascendant"]),
        first_body(w, &["Venus", "Ascendant"]),
    ]);
    let themes = w.reading.choice.strengths();
    let good = bullets(themes.map(|theme| w.theme(theme, Slot::Do)));
    let bad = bullets(themes.map(|theme| w.dont(theme)));
    let parts = vec![
        subsection("What helps", good, Vec::new(), Vec::new()),
        subsection("What does not help", bad, Vec::new(), Vec::new()),
    ];
    section("communication", "How to talk with this person", lines).parts(parts)
}

/// Match and gap against the place, with radar and table.
pub fn role_fit(w: &mut Writer<'_>) -> Section {
    w.enter("role_fit");
    let (met, unmet) = fit_lines(w, 2);
    if w.reading.requirements.is_empty() {
        let content = paragraph([w.frame("fit.none", &[], &[]), w.frame("fit.next", &[], &[])]);
        return section("role_fit", "Fit with the role", content).figure(figures::themes(&w.reading.levels));
    }
    let lead = fit_lead(w);
    let content = format!("{lead}\n\n{}", bullets(met.into_iter().chain(unmet)));
    section("role_fit", "Fit with the role", content)
        .figure(figures::requirements_radar(&w.reading.requirements, "Role"))
        .figure(figures::requirements_table(&w.reading.requirements))
}

/// How many of the requirements are met.
pub fn fit_lead(w: &mut Writer<'_>) -> String {
    let total = w.reading.requirements.len();
    let met = w.reading.requirements.iter().filter(|one| one.is_met()).count();
    let name = match (met, total) {
        (1, 1) => "fit.one_met",
        (0, 1) => "fit.one_open",
        (0, _) => "fit.zero",
        (met, total) if met == total => "fit.all",
        (met, total) if met * 2 >= total => "fit.most",
        _ => "fit.few",
    };
    let counted = w.frame(name, &[("met", &count(met)), ("total", &count(total))], &[]);
    paragraph([counted, w.frame("fit.figures", &[], &[])])
}

fn growth_plan(w: &mut Writer<'_>) -> Section {
    w.enter("growth_plan_90d");
    let lead = w.frame("plan.lead", &[], &[]);
    let gaps = w.reading.gaps();
    let (first, second) = (gaps[0], gaps.get(1).copied().unwrap_or(gaps[0]));
    let centre = w.reading.choice.centre();
    w.fresh();
    let text = growth_text(w, first);
    let month_one =
        subsection("Days 1 to 30", headed(first, text), Vec::new(), vec![w.theme(first, Slot::LowHelps)]);
    w.fresh();
    let text = growth_text(w, second);
    let month_two =
        subsection("Days 31 to 60", headed(second, text), Vec::new(), vec![w.theme(second, Slot::LowHelps)]);
    w.fresh();
    let month_three = subsection(
        "Days 61 to 90",
        headed(centre, w.frame("plan.third", &[("label", &super::common::label(centre))], &[])),
        Vec::new(),
        vec![w.theme(centre, Slot::Practice)],
    );
    let figure = figures::timeline(&[
        (first.label().to_owned(), "day 1".into(), "day 30".into()),
        (second.label().to_owned(), "day 31".into(), "day 60".into()),
        (centre.label().to_owned(), "day 61".into(), "day 90".into()),
    ]);
    section("growth_plan_90d", "Plan for 90 days", lead)
        .parts(vec![month_one, month_two, month_three])
        .figure(figure)
}
