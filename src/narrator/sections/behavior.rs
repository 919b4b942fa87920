//! `behavior_company_specific`: behaviour in the culture of the company.

use super::common::{
    With, first_body, gain, growth, headed, label, level_key, overview, section, style_part,
};
use crate::narrator::content::CONTENT;
use crate::narrator::figures;
use crate::narrator::output::{Section, Subsection};
use crate::narrator::requirement::HeldValue;
use crate::narrator::words::{bullets, named, paragraph, points, upper_first};
use crate::narrator::writer::{Slot, Writer, subsection};

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>) -> Vec<Section> {
    vec![
        overview(w),
        company_values_map(w),
        everyday_behaviour(w),
        collaboration_style(w),
        leadership_and_followership(w),
        culture_friction(w),
        manager_guide(w),
        actions(w),
    ]
}

fn company_values_map(w: &mut Writer<'_>) -> Section {
    w.enter("company_values_map");
    let (lead, parts) = values(w, 4);
    let section = section("company_values_map", "The company's values", lead).parts(parts);
    value_figure(w).into_iter().fold(section, With::figure)
}

/// Values one by one: how they show in this person and what to watch. Says so when none are on record.
pub fn values(w: &mut Writer<'_>, most: usize) -> (String, Vec<Subsection>) {
    let values: Vec<HeldValue> = w.reading.values.iter().take(most).cloned().collect();
    if values.is_empty() {
        let [first, second, _] = w.reading.choice.strengths();
        let lines = [
            w.frame("values.none", &[], &[]),
            w.frame(
                "values.own",
                &[("first", &label(first)), ("second", &label(second))],
                &[&level_key(first)],
            ),
            w.theme(first, Slot::Claim),
            w.theme(first, Slot::Everyday),
            w.theme(second, Slot::Claim),
            w.theme(second, Slot::Everyday),
        ];
        return (paragraph(lines), Vec::new());
    }
    let lead = w.frame("values.lead", &[], &[]);
    (lead, values.iter().map(|value| value_part(w, value)).collect())
}

fn value_part(w: &mut Writer<'_>, value: &HeldValue) -> Subsection {
    w.fresh();
    let key = format!("value.{}", value.name);
    let name = named(&value.name);
    let title = upper_first(&value.name);
    let (Some(theme), Some(text)) = (value.theme, CONTENT.value(&value.name)) else {
        let lines = [
            w.frame("values.unknown", &[("value", &name)], &[&key]),
            w.frame("values.ask", &[("value", &name)], &[]),
        ];
        return subsection(&title, paragraph(lines), Vec::new(), Vec::new());
    };
    let frame = match value.level {
        level if level >= 62.0 => "values.high",
        level if level >= 38.0 => "values.mid",
        _ => "values.low",
    };
    let expression = w.pick(&format!("{key}.expression"), text.expression.len());
    let upper = upper_first(&name);
    let params = [
        ("value", name.as_str()),
        ("Value", upper.as_str()),
        ("label", &label(theme)),
        ("expression", text.expression[expression].as_str()),
    ];
    let claim = w.frame(frame, &params, &[&key]);
    // Where the signs of a value are rare, nobody overdoes it.
    if value.level < 50.0 {
        let second = w.theme(theme, Slot::LowEveryday);
        return subsection(&title, paragraph([claim, second]), Vec::new(), Vec::new());
    }
    let second = w.theme(theme, Slot::Everyday);
    let risk = w.say(&format!("{key}.risk"), &text.risk, &[], &[]);
    let watch = w.weave(&key, &["", "still, ", "at the same time, "], second, risk);
    subsection(&title, paragraph([claim, watch]), Vec::new(), Vec::new())
}

/// Levels behind the values as bars.
pub fn value_figure(w: &Writer<'_>) -> Option<crate::narrator::output::Visualization> {
    let values = &w.reading.values;
    let labels: Vec<String> = values.iter().map(|value| value.name.clone()).collect();
    (!values.is_empty())
        .then(|| figures::bar(&labels, &[("Person", values.iter().map(|value| value.level).collect())]))
}

fn everyday_behaviour(w: &mut Writer<'_>) -> Section {
    w.enter("everyday_behaviour");
    let lead = w.frame("everyday.lead", &[], &[]);
    let parts = vec![
        style_part(w, "Meetings", "meetings", &["Mercury"]),
        style_part(w, "Deadlines", "deadlines", &[]),
        style_part(w, "Conflict", "conflict", &["Mars"]),
        style_part(w, "Change", "change", &["Moon"]),
    ];
    section("everyday_behaviour", "Everyday behaviour", lead).parts(parts)
}

fn collaboration_style(w: &mut Writer<'_>) -> Section {
    w.enter("collaboration_style");
    let [first, second, _] = w.reading.choice.strengths();
    let lines = [
        w.style("together"),
        first_body(w, &["Venus", "Ascendant"]),
        gain(w, first),
        w.theme(second, Slot::Claim),
        w.theme(second, Slot::Everyday),
        w.ease(),
    ];
    section("collaboration_style", "Working with others", paragraph(lines))
}

fn leadership_and_followership(w: &mut Writer<'_>) -> Section {
    w.enter("leadership_and_followership");
    let parts = vec![
        style_part(w, "In the lead", "lead", &["Sun", "Midheaven"]),
        style_part(w, "As part of a team", "follow", &[]),
    ];
    let lead = w.frame("lead.lead", &[], &[]);
    section("leadership_and_followership", "Leading and following", lead).parts(parts)
}

fn culture_friction(w: &mut Writer<'_>) -> Section {
    w.enter("culture_friction");
    let lead = w.frame("friction.lead", &[], &[]);
    let gaps = w.reading.gaps();
    let parts = gaps.iter().take(2).map(|theme| growth(w, *theme)).collect();
    w.fresh();
    let aspect = w.friction();
    section("culture_friction", "Where friction may arise", paragraph([lead, aspect])).parts(parts)
}

fn manager_guide(w: &mut Writer<'_>) -> Section {
    w.enter("manager_guide");
    let themes = w.reading.choice.strengths();
    let lines = themes.map(|theme| headed(theme, w.theme(theme, Slot::Manager)));
    let centre = themes[0];
    let feedback = w.style("feedback");
    let content = [
        w.frame("manager.lead", &[], &[]),
        bullets(lines),
        paragraph([feedback, w.theme(centre, Slot::Pressure), w.energy(false)]),
    ]
    .join("\n\n");
    section("manager_guide", "Guide for the manager", content)
}

fn actions(w: &mut Writer<'_>) -> Section {
    w.enter("actions");
    let content = action_text(w);
    section("actions", "Actions", content)
}

/// Actions for the person, the manager and HR, each with a time frame.
pub fn action_text(w: &mut Writer<'_>) -> String {
    let [first, second, _] = w.reading.choice.strengths();
    let gap = w.reading.gaps()[0];
    let given = w.given().to_owned();
    let lead = w.frame("actions.lead", &[], &[]);
    let own = [w.theme(gap, Slot::LowHelps), w.theme(first, Slot::Helps)];
    let manager = [
        w.frame("actions.manager", &[("label", &label(gap)), ("level", &points(w.reading.level(gap)))], &[]),
        w.frame("actions.manager_use", &[("label", &label(second))], &[]),
    ];
    w.fresh();
    let hr = [w.frame("actions.hr", &[], &[])];
    let part = |name: &str, lines: &[String]| {
        let lines: Vec<&str> = lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect();
        format!("**{name}:** {}", lines.join(" "))
    };
    format!("{lead}\n\n{}", bullets([part(&given, &own), part("Manager", &manager), part("HR", &hr)]))
}
