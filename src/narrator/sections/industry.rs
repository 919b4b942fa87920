//! `compatibility_industry`: fit of person and industry.

use super::common::{
    With, first_body, fit_lines, growth, label, level_key, overview, section, strength, tension,
};
use super::personality::{demands, fit_lead};
use crate::narrator::content::CONTENT;
use crate::narrator::figures;
use crate::narrator::output::{Section, Subsection};
use crate::narrator::theme::Theme;
use crate::narrator::words::{bullets, join_groups, paragraph};
use crate::narrator::writer::{Slot, Writer, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>) -> Vec<Section> {
    vec![
        overview(w),
        industry_demands(w),
        transferable_strengths(w),
        stretch_areas(w),
        roles_to_explore(w),
        outlook(w),
    ]
}

/// The four demands of an industry and the themes that carry them. Ours.
const DEMANDS: [(&str, &str, [Theme; 3]); 4] = [
    ("pace", "Pace", [Theme::Drive, Theme::Adaptability, Theme::Resilience]),
    ("rules", "Rules and care", [Theme::Structure, Theme::Attention, Theme::Analysis]),
    ("clients", "Contact with clients", [Theme::Communication, Theme::Empathy, Theme::Collaboration]),
    ("novelty", "New ways", [Theme::Creativity, Theme::Adaptability, Theme::Ambition]),
];

fn industry_demands(w: &mut Writer<'_>) -> Section {
    w.enter("industry_demands");
    let asked = demands(w, 2);
    let fit = if w.reading.requirements.is_empty() { String::new() } else { fit_lead(w) };
    let (met, unmet) = fit_lines(w, 1);
    let list = bullets(met.into_iter().chain(unmet));
    let mut parts: Vec<Subsection> = Vec::new();
    for (key, title, themes) in DEMANDS {
        w.fresh();
        let mean = themes.iter().map(|theme| w.reading.level(*theme)).sum::<f64>() / 3.0;
        let band = match mean {
            mean if mean >= 58.0 => "high",
            mean if mean >= 42.0 => "mid",
            _ => "low",
        };
        let strongest = themes
            .into_iter()
            .max_by(|a, b| w.reading.level(*a).total_cmp(&w.reading.level(*b)))
            .unwrap_or(themes[0]);
        let line = w.frame(&format!("industry.{key}_{band}"), &[], &[&level_key(strongest)]);
        parts.push(subsection(title, line, Vec::new(), Vec::new()));
    }
    let content = [paragraph([asked, fit]), list].join("\n\n");
    let labels: Vec<String> = DEMANDS.iter().map(|demand| demand.1.to_owned()).collect();
    let person = DEMANDS
        .iter()
        .map(|demand| demand.2.iter().map(|theme| w.reading.level(*theme)).sum::<f64>() / 3.0)
        .collect();
    let section = section("industry_demands", "What the industry asks", content.trim_end().to_owned())
        .parts(parts)
        .figure(figures::bar(&labels, &[("Person", person)]));
    if w.reading.requirements.is_empty() {
        return section;
    }
    section.figure(figures::requirements_table(&w.reading.requirements))
}

fn transferable_strengths(w: &mut Writer<'_>) -> Section {
    w.enter("transferable_strengths");
    let lead = w.frame("transfer.lead", &[], &[]);
    let themes = w.reading.choice.strengths();
    let parts = themes.iter().map(|theme| strength(w, *theme)).collect();
    section("transferable_strengths", "Strengths that travel", lead).parts(parts)
}

fn stretch_areas(w: &mut Writer<'_>) -> Section {
    w.enter("stretch_areas");
    let lead =
        paragraph([w.frame("stretch.lead", &[], &[]), w.style("learning"), first_body(w, &["Mercury"])]);
    let gaps = w.reading.gaps();
    let mut parts: Vec<Subsection> = gaps.iter().take(2).map(|theme| growth(w, *theme)).collect();
    parts.push(tension(w));
    section("stretch_areas", "Areas to stretch", lead).parts(parts)
}

fn roles_to_explore(w: &mut Writer<'_>) -> Section {
    w.enter("roles_in_industry_to_explore");
    let lead = w.frame("roles.lead", &[], &[]);
    let mut parts = Vec::new();
    for theme in w.reading.choice.strengths() {
        w.fresh();
        let roles = join_groups(&CONTENT.theme(theme).roles);
        let line =
            w.frame("roles.line", &[("label", &label(theme)), ("roles", &roles)], &[&level_key(theme)]);
        let lines = [line, w.theme(theme, Slot::Everyday)];
        parts.push(subsection(
            theme.label(),
            paragraph(lines),
            Vec::new(),
            vec![w.theme(theme, Slot::Practice)],
        ));
    }
    w.fresh();
    let house =
        paragraph([first_body(w, &["Sun"]), w.house("Saturn"), w.house("Jupiter"), w.style("autonomy")]);
    section("roles_in_industry_to_explore", "Roles worth a look", paragraph([lead, house])).parts(parts)
}

fn outlook(w: &mut Writer<'_>) -> Section {
    w.enter("outlook");
    let (now, next) = (w.reading.input.code.energy, w.reading.input.pattern.next_quarter.energy);
    let change = (0..5)
        .map(|i| (i, next[i] - now[i]))
        .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()).then(b.0.cmp(&a.0)))
        .unwrap_or((0, 0.0));
    let energy = crate::harmonic::ENERGIES[change.0];
    let name = if change.1 >= 0.0 { "outlook.more" } else { "outlook.less" };
    let lines = [
        w.frame("outlook.lead", &[], &[]),
        w.pattern(),
        w.trend(),
        w.frame(name, &[("energy", energy)], &["pattern"]),
        w.energy(false),
        w.ease(),
        w.frame("outlook.close", &[], &[]),
    ];
    section("outlook", "Outlook", paragraph(lines))
}
