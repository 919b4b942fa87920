//! `compatibility_department`: fit of person and department. Aggregates only, never a colleague.

use super::common::{
    BACKING, With, first_body, growth, label, overview, questions, section, style_part, tension,
};
use super::personality::demands;
use crate::narrator::figures;
use crate::narrator::output::Section;
use crate::narrator::theme::Theme;
use crate::narrator::words::{bullets, paragraph};
use crate::narrator::writer::{Slot, Writer, department_key, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>) -> Vec<Section> {
    vec![
        overview(w),
        department_profile(w),
        complementarity(w),
        pace_and_communication(w),
        likely_friction(w),
        onboarding(w),
    ]
}

/// Dimensions of person and department as themes: theme, person, department mean. Empty below five people.
fn means(w: &Writer<'_>) -> Vec<(Theme, f64, f64)> {
    w.reading.department_means()
}

fn department_profile(w: &mut Writer<'_>) -> Section {
    w.enter("department_profile");
    let asked = demands(w, 3);
    let means = means(w);
    if means.is_empty() {
        let lines = [asked, w.frame("department.small", &[], &[]), w.frame("department.wait", &[], &[])];
        return section("department_profile", "The department", paragraph(lines));
    }
    let top = means.iter().max_by(|a, b| a.2.total_cmp(&b.2)).map_or(Theme::Structure, |row| row.0);
    let bottom = means.iter().min_by(|a, b| a.2.total_cmp(&b.2)).map_or(Theme::Drive, |row| row.0);
    let group = w.frame(
        "department.profile",
        &[("top", &label(top)), ("bottom", &label(bottom))],
        &[&department_key(top), &department_key(bottom)],
    );
    let lines = [asked, group, w.frame("department.aggregate", &[], &[])];
    let labels: Vec<String> = means.iter().map(|row| row.0.label().to_owned()).collect();
    let series = [
        ("Person", means.iter().map(|row| row.1).collect()),
        ("Department", means.iter().map(|row| row.2).collect()),
    ];
    section("department_profile", "The department", paragraph(lines)).figure(figures::radar(&labels, &series))
}

fn complementarity(w: &mut Writer<'_>) -> Section {
    w.enter("complementarity");
    let mut rows = means(w);
    rows.sort_by(|a, b| (b.1 - b.2).total_cmp(&(a.1 - a.2)));
    let lead = w.frame("complement.lead", &[], &[]);
    if rows.is_empty() {
        let parts = w.reading.choice.strengths().map(|theme| {
            w.fresh();
            let lines = [
                w.theme(theme, Slot::Claim),
                w.theme(theme, Slot::Adds),
                w.theme(theme, Slot::Upside),
                w.theme(theme, Slot::Everyday),
            ];
            subsection(theme.label(), paragraph(lines), Vec::new(), vec![w.theme(theme, Slot::Helps)])
        });
        return section("complementarity", "What is added and what is missing", lead).parts(parts.to_vec());
    }
    let figure = heat(&rows);
    let adds: Vec<Theme> = rows.iter().filter(|row| row.1 > row.2 + 4.0).map(|row| row.0).take(3).collect();
    let lacks: Vec<Theme> =
        rows.iter().rev().filter(|row| row.1 + 4.0 < row.2).map(|row| row.0).take(2).collect();
    let mut parts = Vec::new();
    for theme in adds {
        w.fresh();
        let adds = w.theme(theme, Slot::Adds);
        let (everyday, upside) = (w.theme(theme, Slot::Everyday), w.theme(theme, Slot::Upside));
        let gain = w.weave(&format!("{}.adds", theme.key()), &["", "as a result, "], everyday, upside);
        let lines = [adds, gain, w.backing(theme, &BACKING)];
        parts.push(subsection(
            &format!("Adds: {}", label(theme)),
            paragraph(lines),
            Vec::new(),
            vec![w.theme(theme, Slot::Helps)],
        ));
    }
    for theme in lacks {
        w.fresh();
        let everyday = if w.reading.level(theme) < 48.0 { Slot::LowEveryday } else { Slot::Everyday };
        let lines = [w.theme(theme, Slot::Lacks), w.theme(theme, everyday)];
        parts.push(subsection(
            &format!("Can lean on: {}", label(theme)),
            paragraph(lines),
            Vec::new(),
            vec![w.theme(theme, Slot::LowHelps)],
        ));
    }
    section("complementarity", "What is added and what is missing", lead).parts(parts).figure(figure)
}

fn heat(rows: &[(Theme, f64, f64)]) -> crate::narrator::output::Visualization {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.0);
    let y: Vec<String> = rows.iter().map(|row| row.0.label().to_owned()).collect();
    let values: Vec<Vec<f64>> = rows.iter().map(|row| vec![row.1, row.2]).collect();
    figures::heatmap(&["Person".to_owned(), "Department".to_owned()], &y, &values)
}

fn pace_and_communication(w: &mut Writer<'_>) -> Section {
    w.enter("pace_and_communication");
    let lead = w.frame("style.lead", &[], &[]);
    let parts = vec![
        style_part(w, "Pace", "pace", &["Mars"]),
        style_part(w, "Meetings and messages", "meetings", &["Mercury"]),
        style_part(w, "Alone and together", "together", &["Venus"]),
    ];
    section("pace_and_communication", "Pace and communication", lead).parts(parts)
}

fn likely_friction(w: &mut Writer<'_>) -> Section {
    w.enter("likely_friction");
    let lead = paragraph([w.frame("friction.lead", &[], &[]), w.style("conflict")]);
    let centre = w.reading.choice.centre();
    let mut parts = vec![tension(w)];
    w.fresh();
    let lines = [w.theme(centre, Slot::Pressure), w.theme(centre, Slot::Overuse), w.energy(false)];
    parts.push(subsection("When load is high", paragraph(lines), Vec::new(), Vec::new()));
    if let Some(theme) = w.reading.gaps().first().copied() {
        parts.push(growth(w, theme));
    }
    section("likely_friction", "Likely friction", lead).parts(parts)
}

fn onboarding(w: &mut Writer<'_>) -> Section {
    w.enter("onboarding_buddy_and_rituals");
    let [first, second, _] = w.reading.choice.strengths();
    let gap = w.reading.gaps()[0];
    let buddy = [
        w.frame("buddy.who", &[("label", &label(gap))], &[]),
        w.body_and_house("Ascendant"),
        w.body_and_house("Moon"),
        first_body(w, &["Sun"]),
        w.frame("buddy.when", &[], &[]),
    ];
    let avoid = w.dont(first);
    let rituals =
        bullets([w.theme(first, Slot::Do), w.theme(second, Slot::Do), w.theme(first, Slot::Manager), avoid]);
    let asks = bullets(questions(w, &[first, gap]));
    let parts = vec![
        subsection("Habits that help", rituals, Vec::new(), vec![w.frame("buddy.ritual", &[], &[])]),
        subsection("Questions for the first talks", asks, Vec::new(), Vec::new()),
    ];
    section("onboarding_buddy_and_rituals", "Start, buddy and habits", paragraph(buddy)).parts(parts)
}
