//! The whole page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::compare::{Comparison, Moved};
use super::figures::{Rows, headed};
use super::html::{anchor, frame, line, rich, section, table};
use super::plan;
use super::view::View;
use super::words::{date, percent, points, signed};
use crate::draw::{self, Series, page_style, radar};
use crate::narrator::output::Analysis;
use crate::narrator::theme::Theme;

/// Most rows of a table of levels; what moved least is left out.
const MOST_ROWS: usize = 24;

/// One self-contained page; beside an earlier version when one is given.
#[must_use]
pub fn page(view: &View, earlier: Option<&View>) -> String {
    let title = format!("{}: {}", view.kind.title(), view.head.person);
    let body = article(view, earlier);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                (scheme())
                div.page {
                    (head(view))
                    nav.contents aria-labelledby="contents-title" {
                        p #contents-title { "Contents" }
                        ol { @for (at, name) in contents(view, earlier.is_some()) { li { a href={ "#" (at) } { (name) } } } }
                    }
                    main #report { (body) }
                }
            }
        }
    };
    page.into_string()
}

/// The style sheet of the page: everything that [`page`] needs, and nothing from elsewhere.
#[must_use]
pub fn style() -> String {
    format!("{}\n{}", page_style(), include_str!("style.css"))
}

/// Light, dark, or as the reader's system asks; works without a script.
fn scheme() -> Markup {
    html! {
        fieldset.scheme {
            legend { "Colours" }
            @for (id, name) in [("auto", "System"), ("light", "Light"), ("dark", "Dark")] {
                input type="radio" name="scheme" id={ "scheme-" (id) } checked[id == "auto"];
                label for={ "scheme-" (id) } { (name) }
            }
        }
    }
}

fn contents(view: &View, compared: bool) -> Vec<(String, String)> {
    let entry = |at: &str, name: &str| (at.to_owned(), name.to_owned());
    let mut all = vec![entry("summary", "Summary")];
    all.extend(compared.then(|| entry("changes", "What changed")));
    all.push(entry("insights", "Key insights"));
    all.push(entry("actions", "Action items"));
    all.extend(view.analysis.is_some().then(|| entry("glance", "At a glance")));
    for section in &view.content.sections {
        if section.section_id == "evidence" {
            all.extend(view.plan.is_some().then(|| entry("plan", "The plan in full")));
            all.extend(view.analysis.is_some().then(|| entry("score", "How the score adds up")));
        }
        all.push((anchor(section), section.title.clone()));
    }
    all.push(entry("about", "About this report"));
    all
}

fn article(view: &View, earlier: Option<&View>) -> Markup {
    let content = &view.content;
    html! {
        (frame("summary", "Summary", &html! {
            div.lead { (rich(view, &content.summary)) }
            @if !content.warnings.is_empty() {
                div.warnings role="note" {
                    p { strong { "Keep in mind" } }
                    ul { @for warning in &content.warnings { li { (line(view, warning)) } } }
                }
            }
        }))
        @if let Some(earlier) = earlier { (changes(earlier, view)) }
        (frame("insights", "Key insights", &html! {
            ul.insights { @for insight in &content.key_insights { li { (line(view, insight)) } } }
        }))
        (frame("actions", "Action items", &html! {
            ul.steps { @for action in &content.action_items { li { (owned(view, action)) } } }
        }))
        @if let Some(analysis) = &view.analysis { (glance(analysis)) }
        @for of in &content.sections {
            @if of.section_id == "evidence" {
                @if let Some(stored) = &view.plan { (plan::section(stored)) }
                @if let Some(analysis) = &view.analysis { (score(view, analysis)) }
            }
            (section(view, of))
        }
        (about(view))
    }
}

/// `Manager: do this` with the owner in bold.
fn owned(view: &View, action: &str) -> Markup {
    match action.split_once(": ") {
        Some((owner, rest)) if !owner.contains(' ') => {
            html! { strong { (owner) ":" } " " (line(view, rest)) }
        }
        _ => line(view, action),
    }
}

fn head(view: &View) -> Markup {
    let scores = &view.scores;
    let share = |value: f64| points(value.clamp(0.0, 100.0));
    html! {
        header.head {
            div.name {
                p.kind { (view.kind.title()) }
                h1 { (view.head.person) }
                p.when {
                    @if let Some(quarter) = &view.quarter { (quarter) ", " }
                    (date(&view.day)) ", version " (view.version) " "
                    @if view.head.is_latest { span.badge { "latest" } } @else { span.badge.old { "superseded" } }
                }
                @if let Some(change) = view.head.change_summary.as_deref().filter(|_| view.version > 1) {
                    p.note { (change) }
                }
            }
            div.score role="group" aria-label="Advisory score" {
                p.value { span { (share(scores.overall)) } " of 100" }
                svg.orrery-page viewBox="0 0 100 6" aria-hidden="true" {
                    rect.f-faint width="100" height="6" rx="3" {}
                    rect.f-prime width=(share(scores.overall)) height="6" rx="3" {}
                }
                p.note { "advisory score, confidence " (percent(scores.confidence)) @if let Some(trend) = &view.head.trend { ", " (trend) } }
            }
        }
    }
}

fn glance(analysis: &Analysis) -> Markup {
    let boxes: [(&str, &[String]); 4] = [
        ("Strengths", &analysis.strengths),
        ("Weaker sides", &analysis.weaknesses),
        ("Opportunities", &analysis.opportunities),
        ("Risks", &analysis.risks),
    ];
    frame(
        "glance",
        "At a glance",
        &html! {
            div.glance {
                @for (title, lines) in boxes {
                    div.part {
                        h3 { (title) }
                        @if lines.is_empty() { p.note { "None stands out." } }
                        @else { ul { @for text in lines { li { (text) } } } }
                    }
                }
            }
        },
    )
}

/// Rows of the parts of the score with their share in it.
pub(super) fn score_rows(analysis: &Analysis) -> Rows {
    let mut parts: Vec<_> = analysis.compatibility_factors.iter().collect();
    parts.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let rows = parts.into_iter().map(|part| {
        vec![
            part.factor.clone(),
            points(part.score),
            percent(part.weight),
            format!("{:.1}", part.score * part.weight),
        ]
    });
    headed(&["Part", "Score", "Weight", "Points"], rows)
}

fn score(view: &View, analysis: &Analysis) -> Markup {
    frame(
        "score",
        "How the score adds up",
        &html! {
            p {
                "Each part counts with its weight, and the points sum to " (points(view.scores.overall))
                " of 100. The score is advisory, with a confidence of " (percent(view.scores.confidence)) "."
            }
            (table(&score_rows(analysis), ""))
        },
    )
}

/// Rows of figures of both versions.
pub(super) fn moved_rows(comparison: &Comparison, moved: &[Moved]) -> Rows {
    let shown = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), points);
    let rows = moved.iter().take(MOST_ROWS).map(|row| {
        vec![
            row.name.clone(),
            shown(row.before),
            shown(row.now),
            row.shown_change().map_or_else(|| "–".to_owned(), signed),
        ]
    });
    let (from, to) = (format!("Version {}", comparison.from), format!("Version {}", comparison.to));
    headed(&["", &from, &to, "Change"], rows)
}

fn changes(earlier: &View, view: &View) -> Markup {
    let comparison = Comparison::between(earlier, view);
    frame(
        "changes",
        "What changed",
        &html! {
            p.note {
                "Version " (comparison.from) " (" (comparison.from_when) ") beside version "
                (comparison.to) " (" (comparison.to_when) ")."
            }
            ul.insights { @for sentence in &comparison.in_words { li { (sentence) } } }
            (table(&moved_rows(&comparison, &comparison.scores), "Scores"))
            @if !comparison.same {
                (both_levels(&comparison, earlier, view))
                details.values {
                    summary { "All levels and parts of the score" }
                    (table(&moved_rows(&comparison, &comparison.dimensions), ""))
                }
            }
            @for section in &comparison.sections {
                details.values {
                    summary { "Text: " (section.title) ", " (section.added.len()) " new, " (section.removed.len()) " gone" }
                    div.sides {
                        div.part { h3 { "Only in version " (comparison.from) } ul { @for text in &section.removed { li { del { (text) } } } } }
                        div.part { h3 { "Only in version " (comparison.to) } ul { @for text in &section.added { li { ins { (text) } } } } }
                    }
                }
            }
        },
    )
}

/// Levels of the themes of both versions in one picture; nothing where one has none.
fn both_levels(comparison: &Comparison, earlier: &View, view: &View) -> Markup {
    let levels = |view: &View| -> Option<Vec<f64>> {
        let level = |theme: Theme| view.scores.dimensions.get(&format!("theme_{}", theme.key())).copied();
        Theme::ALL.into_iter().map(level).collect()
    };
    let (Some(before), Some(now)) = (levels(earlier), levels(view)) else { return Markup::default() };
    let axes = Theme::ALL.map(Theme::label);
    let names = [format!("Version {}", comparison.from), format!("Version {}", comparison.to)];
    let series = [Series { name: &names[0], values: &before }, Series { name: &names[1], values: &now }];
    html! {
        figure.plain {
            div.picture { div.drawing tabindex="0" role="group" aria-label="Levels of the themes in both versions" {
                (PreEscaped(radar("Levels of the themes", &axes, &series, draw::Theme::Page)))
            } }
        }
    }
}

/// Metadata by name.
pub(super) fn metadata(view: &View) -> Vec<(&'static str, String)> {
    let latest = if view.head.is_latest { "latest" } else { "superseded" };
    let mut all = vec![
        ("Type", view.kind.title().to_owned()),
        ("Person", view.head.person.clone()),
        ("Version", format!("{} ({latest})", view.version)),
        ("Written on", date(&view.day)),
    ];
    all.extend(view.quarter.clone().map(|quarter| ("Quarter", quarter)));
    all.extend(view.expires.as_deref().map(|day| ("Due again on", date(day))));
    all.push(("Advisory score", format!("{} of 100", points(view.scores.overall))));
    all.push(("Confidence", percent(view.scores.confidence)));
    all.push(("Written by", view.writer.clone()));
    all.push(("Report", view.report_id.clone()));
    all
}

fn about(view: &View) -> Markup {
    frame(
        "about",
        "About this report",
        &html! {
            dl { @for (name, value) in metadata(view) { div { dt { (name) } dd { (value) } } } }
            p.note { "Advisory. No decision about employment may rest on this report." }
        },
    )
}
