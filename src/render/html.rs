//! Pieces of a page.

use maud::{Markup, PreEscaped, html};

use super::figures::{Figure, Rows, of_section, slug};
use super::text::{Block, Inline, blocks, inlines};
use super::view::View;
use super::words::{count, points};
use super::{evidence, words};
use crate::draw::Theme;
use crate::narrator::output::Section;

/// Most characters of a cell that is never broken.
const SHORT: usize = 12;

/// Characters of a cell that needs lines of its own on a narrow screen.
const LONG: usize = 40;

/// Anchor of a section.
pub(super) fn anchor(section: &Section) -> String {
    format!("s-{}", slug(&section.section_id))
}

/// Paragraphs, lists and tables of a stored text.
pub(super) fn rich(view: &View, text: &str) -> Markup {
    html! {
        @for block in blocks(text) {
            @match block {
                Block::Paragraph(runs) => p { (inline(view, &runs)) },
                Block::List(items) => ul { @for item in items { li { (inline(view, &item)) } } },
                Block::Table(rows) => (table(&rows, "")),
            }
        }
    }
}

/// One line of a stored text.
pub(super) fn line(view: &View, text: &str) -> Markup {
    inline(view, &inlines(text))
}

fn inline(view: &View, runs: &[Inline]) -> Markup {
    html! {
        @for (at, run) in runs.iter().enumerate() {
            @match run {
                // A citation belongs to the word before it.
                Inline::Plain(text) if matches!(runs.get(at + 1), Some(Inline::Cite(_))) => (text.trim_end()),
                Inline::Plain(text) => (text),
                Inline::Strong(text) => strong { (text) },
                Inline::Cite(ids) => (cite(view, ids)),
            }
        }
    }
}

fn cite(view: &View, ids: &[String]) -> Markup {
    html! {
        sup.refs {
            " ["
            @for (at, id) in ids.iter().enumerate() {
                @if at > 0 { " " }
                @if let Some(fact) = view.fact(id) {
                    a href={ "#fact-" (id) } title=(fact.label) { (id) }
                } @else { (id) }
            }
            "]"
        }
    }
}

/// A table; the first row holds the headings, the first column names the rows.
pub(super) fn table(rows: &Rows, caption: &str) -> Markup {
    let [heads, body @ ..] = rows.as_slice() else { return Markup::default() };
    let numeric: Vec<bool> = (0..heads.len())
        .map(|at| {
            at > 0
                && !body.is_empty()
                && body.iter().all(|row| row.get(at).is_some_and(|cell| is_number(cell)))
        })
        .collect();
    let class = |at: usize, cell: &str| match numeric.get(at) {
        Some(true) => Some("n"),
        _ => (cell.chars().count() <= SHORT).then_some("s"),
    };
    // A narrow screen shows the rows of a wide table as cards.
    let wide = if heads.len() > 4 || longest(body) > LONG { "scroll cards" } else { "scroll" };
    html! {
        div class=(wide) tabindex="0" role="group" aria-label=(if caption.is_empty() { "Table" } else { caption }) {
            table {
                @if !caption.is_empty() { caption { (caption) } }
                thead { tr {
                    @for (at, head) in heads.iter().enumerate() {
                        @if head.is_empty() { td {} } @else { th scope="col" class=[class(at, head)] { (head) } }
                    }
                } }
                tbody { @for row in body { tr {
                    @for (at, cell) in row.iter().enumerate() {
                        @if at == 0 { th scope="row" { (cell) } }
                        @else { td class=[class(at, cell)] data-head=[heads.get(at)] { (cell) } }
                    }
                } } }
            }
        }
    }
}

/// Characters of the longest cell.
fn longest(rows: &[Vec<String>]) -> usize {
    rows.iter().flatten().map(|cell| cell.chars().count()).max().unwrap_or_default()
}

fn is_number(cell: &str) -> bool {
    let digits = cell.trim_end_matches(" %").trim_start_matches(['+', '−', '-']);
    cell == "–" || (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// A section with its figures, parts and grounds.
pub(super) fn section(view: &View, section: &Section) -> Markup {
    if section.section_id == "evidence" {
        return facts(view, section);
    }
    frame(
        &anchor(section),
        &section.title,
        &html! {
            (rich(view, &section.content))
            (figures(section))
            @for part in &section.subsections {
                div.part {
                    h3 { (part.title) }
                    (rich(view, &part.content))
                    @if !part.insights.is_empty() {
                        ul.insights { @for text in &part.insights { li { (line(view, text)) } } }
                    }
                    @if !part.recommendations.is_empty() {
                        ul.steps { @for text in &part.recommendations { li { (line(view, text)) } } }
                    }
                }
            }
            (grounds(view, section))
        },
    )
}

/// A section of the page with its heading.
pub(super) fn frame(id: &str, title: &str, inside: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (inside)
        }
    }
}

/// The facts that a section rests on, folded.
fn grounds(view: &View, section: &Section) -> Markup {
    let facts = evidence::of_section(view, section);
    if facts.is_empty() {
        return Markup::default();
    }
    html! {
        details.grounds {
            summary { "Rests on " (count(facts.len(), "fact")) }
            ul { @for fact in facts {
                li { a href={ "#fact-" (fact.id) } { (fact.id) } " " (fact.label) }
            } }
        }
    }
}

fn figures(section: &Section) -> Markup {
    html! { @for shown in of_section(section) { (figure(shown.as_ref())) } }
}

fn figure(figure: Option<&Figure>) -> Markup {
    let Some(figure) = figure else {
        return html! { p.note { "A figure of this section cannot be drawn from what is stored." } };
    };
    let tables = figure.tables();
    if figure.is_table() {
        return html! { @for rows in &tables { (table(rows, "")) } };
    }
    html! {
        figure class=(if figure.needs_tables() { "wide" } else { "plain" }) {
            div.picture { div.drawing tabindex="0" role="group" aria-label=(figure.title) {
                (PreEscaped(figure.svg(Theme::Page).unwrap_or_default()))
            } }
            @if !figure.note.is_empty() && figure.value().is_none() {
                figcaption { @if figure.needs_tables() { strong { (figure.title) "." } " " } (figure.note) }
            }
            @if figure.needs_tables() {
                div.beside { @for rows in &tables { (table(rows, "")) } }
            } @else if !tables.is_empty() {
                details.values {
                    summary { "The values as a table" }
                    @for rows in &tables { (table(rows, "")) }
                }
            }
        }
    }
}

/// Evidence: each fact with the claims that rest on it.
fn facts(view: &View, section: &Section) -> Markup {
    let lead = blocks(&section.content).into_iter().filter(|block| !matches!(block, Block::Table(_)));
    frame(
        &anchor(section),
        &section.title,
        &html! {
            @for block in lead { @if let Block::Paragraph(runs) = block { p { (inline(view, &runs)) } } }
            div.facts {
                @for of in evidence::grounds(view) {
                    details id={ "fact-" (of.fact.id) } {
                        summary {
                            span.id { (of.fact.id) } " "
                            span.label { (of.fact.label) } " "
                            span.strength { "strength " (points(of.fact.strength * 100.0)) }
                        }
                        p.note { (words::words(&of.fact.kind)) ". Cited by " (count(of.claims.len(), "sentence")) ":" }
                        ul { @for (at, title, claim) in &of.claims {
                            li { (claim) " " a href={ "#" (at) } { (title) } }
                        } }
                    }
                }
            }
            (figures(section))
        },
    )
}
