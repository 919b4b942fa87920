//! `compatibility_company`: fit of person and company.

use super::behavior::{action_text, value_figure, values};
use super::common::{With, first_body, gain, growth, overview, section, tension};
use super::personality::demands;
use crate::narrator::figures;
use crate::narrator::output::Section;
use crate::narrator::words::paragraph;
use crate::narrator::writer::{Slot, Writer, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>) -> Vec<Section> {
    vec![
        overview(w),
        mission_and_values(w),
        structure_and_autonomy(w),
        growth_stage_fit(w),
        belonging(w),
        risks(w),
        actions(w),
    ]
}

fn mission_and_values(w: &mut Writer<'_>) -> Section {
    w.enter("mission_and_values");
    let asked = demands(w, 2);
    let (lead, parts) = values(w, 3);
    let mut section =
        section("mission_and_values", "Mission and values", paragraph([asked, lead])).parts(parts);
    section = value_figure(w).into_iter().fold(section, With::figure);
    if w.reading.requirements.is_empty() {
        return section;
    }
    section.figure(figures::requirements_radar(&w.reading.requirements, "Company"))
}

fn structure_and_autonomy(w: &mut Writer<'_>) -> Section {
    w.enter("structure_and_autonomy");
    let centre = w.reading.choice.centre();
    let lines = [w.style("autonomy"), w.style("follow"), first_body(w, &["Mars", "Sun"]), gain(w, centre)];
    let rec = w.theme(centre, Slot::Manager);
    let part = subsection("For the manager", rec, Vec::new(), Vec::new());
    section("structure_and_autonomy", "Structure and freedom", paragraph(lines)).parts(vec![part])
}

fn growth_stage_fit(w: &mut Writer<'_>) -> Section {
    w.enter("growth_stage_fit");
    let second = w.reading.choice.strengths()[1];
    let lines = [
        w.style("stage"),
        w.style("change"),
        first_body(w, &["Mercury", "Ascendant"]),
        w.theme(second, Slot::Claim),
        w.theme(second, Slot::Everyday),
        w.pattern(),
    ];
    section("growth_stage_fit", "Fit with the stage of the company", paragraph(lines))
}

fn belonging(w: &mut Writer<'_>) -> Section {
    w.enter("belonging_and_wellbeing_supports");
    let third = w.reading.choice.strengths()[2];
    let lines =
        [w.style("belong"), first_body(w, &["Venus"]), first_body(w, &["Moon"]), w.ease(), w.energy(false)];
    w.fresh();
    let more = [w.theme(third, Slot::Claim), w.theme(third, Slot::Upside)];
    let part =
        subsection("What gives energy", paragraph(more), Vec::new(), vec![w.theme(third, Slot::Helps)]);
    section("belonging_and_wellbeing_supports", "Belonging and well-being", paragraph(lines))
        .parts(vec![part])
}

fn risks(w: &mut Writer<'_>) -> Section {
    w.enter("risks");
    let centre = w.reading.choice.centre();
    let lead = paragraph([
        w.frame("friction.lead", &[], &[]),
        w.theme(centre, Slot::Pressure),
        w.theme(centre, Slot::Overuse),
    ]);
    let gaps = w.reading.gaps();
    let mut parts = vec![tension(w)];
    parts.extend(gaps.iter().take(2).map(|theme| growth(w, *theme)));
    section("risks", "Risks", lead).parts(parts)
}

fn actions(w: &mut Writer<'_>) -> Section {
    w.enter("actions");
    let content = action_text(w);
    section("actions", "Actions for the person, the manager and HR", content)
}
