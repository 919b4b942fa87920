//! A report as markdown.

use std::fmt::Write as _;

use super::compare::Comparison;
use super::figures::{Figure, Rows, of_section};
use super::page::{metadata, moved_rows, score_rows};
use super::plan;
use super::text::{Block, Inline, blocks, inlines};
use super::view::{Plan, View};
use super::words::points;
use crate::narrator::output::{Analysis, Section};

/// The report as markdown; beside an earlier version when one is given. Figures stand as tables of their values.
#[must_use]
pub fn markdown(view: &View, earlier: Option<&View>) -> String {
    let mut out = Out::default();
    let content = &view.content;
    out.heading(1, &format!("{}: {}", view.kind.title(), view.head.person));
    out.table(&metadata(view).into_iter().fold(
        vec![vec!["About".to_owned(), String::new()]],
        |mut rows, (name, value)| {
            rows.push(vec![name.to_owned(), value]);
            rows
        },
    ));
    out.heading(2, "Summary");
    out.rich(view, &content.summary);
    if let Some(earlier) = earlier {
        out.changes(&Comparison::between(earlier, view));
    }
    out.list(view, "Key insights", &content.key_insights);
    out.list(view, "Action items", &content.action_items);
    out.list(view, "Warnings", &content.warnings);
    if let Some(analysis) = &view.analysis {
        out.glance(view, analysis);
    }
    for section in &content.sections {
        if section.section_id == "evidence" {
            if let Some(plan) = &view.plan {
                out.plan(plan);
            }
            if let Some(analysis) = &view.analysis {
                out.heading(2, "How the score adds up");
                out.table(&score_rows(analysis));
            }
        }
        out.section(view, section);
    }
    out.0
}

/// Text in the making. Writing to a String cannot fail: results of `write!` are dropped throughout.
#[derive(Default)]
struct Out(String);

impl Out {
    fn heading(&mut self, level: usize, title: &str) {
        let gap = if self.0.is_empty() { "" } else { "\n" };
        let _ = write!(self.0, "{gap}{} {}\n\n", "#".repeat(level), escaped(title));
    }

    fn rich(&mut self, view: &View, text: &str) {
        for block in blocks(text) {
            match block {
                Block::Paragraph(runs) => {
                    let _ = write!(self.0, "{}\n\n", line(view, &runs));
                }
                Block::List(items) => {
                    for item in items {
                        let _ = writeln!(self.0, "- {}", line(view, &item));
                    }
                    self.0.push('\n');
                }
                Block::Table(rows) => self.table(&rows),
            }
        }
    }

    fn items(&mut self, view: &View, items: &[String]) {
        for item in items {
            let _ = writeln!(self.0, "- {}", line(view, &inlines(item)));
        }
        if !items.is_empty() {
            self.0.push('\n');
        }
    }

    fn list(&mut self, view: &View, title: &str, items: &[String]) {
        if !items.is_empty() {
            self.heading(2, title);
            self.items(view, items);
        }
    }

    fn table(&mut self, rows: &Rows) {
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
            let _ = writeln!(self.0, "| {} |", cells.join(" | "));
            if at == 0 {
                let _ = writeln!(self.0, "|{}", "---|".repeat(row.len()));
            }
        }
        self.0.push('\n');
    }

    fn glance(&mut self, view: &View, analysis: &Analysis) {
        self.heading(2, "At a glance");
        for (title, lines) in [
            ("Strengths", &analysis.strengths),
            ("Weaker sides", &analysis.weaknesses),
            ("Opportunities", &analysis.opportunities),
            ("Risks", &analysis.risks),
        ] {
            if !lines.is_empty() {
                self.heading(3, title);
                self.items(view, lines);
            }
        }
    }

    fn section(&mut self, view: &View, section: &Section) {
        self.heading(2, &section.title);
        if section.section_id == "evidence" {
            self.evidence(view, section);
        } else {
            self.rich(view, &section.content);
        }
        for figure in of_section(section).into_iter().flatten() {
            self.figure(&figure);
        }
        for part in &section.subsections {
            self.heading(3, &part.title);
            self.rich(view, &part.content);
            self.items(view, &part.insights);
            self.items(view, &part.recommendations);
        }
    }

    fn figure(&mut self, figure: &Figure) {
        if let Some(value) = figure.value() {
            let _ = write!(
                self.0,
                "**{}:** {} of 100, {}\n\n",
                escaped(&figure.title),
                points(value),
                escaped(&figure.note)
            );
            return;
        }
        if !figure.is_table() {
            let _ = write!(self.0, "**{}**\n\n", escaped(&figure.title));
        }
        for rows in figure.tables() {
            self.table(&rows);
        }
    }

    /// The facts, each with the anchor that citations lead to.
    fn evidence(&mut self, view: &View, section: &Section) {
        for block in blocks(&section.content) {
            if let Block::Paragraph(runs) = block {
                let _ = write!(self.0, "{}\n\n", line(view, &runs));
            }
        }
        self.0.push_str("| Fact | What it is | Strength |\n|---|---|---|\n");
        for fact in &view.evidence {
            let (id, label) = (escaped(&fact.id), escaped(&fact.label));
            let _ = writeln!(
                self.0,
                "| <a id=\"fact-{id}\"></a>{id} | {label} | {} |",
                points(fact.strength * 100.0)
            );
        }
        self.0.push('\n');
    }

    fn plan(&mut self, plan: &Plan) {
        self.heading(2, "The plan in full");
        self.table(&plan::gaps(plan));
        self.table(&plan::programmes(plan));
        for (title, steps) in plan::terms(plan) {
            self.heading(3, title);
            for step in steps {
                let due = plan::due(step).map_or_else(String::new, |due| format!(", by {due}"));
                let _ = write!(self.0, "**{}**{}\n\n", escaped(&step.goal), escaped(&due));
                for text in step.actions.iter().chain(&step.metrics) {
                    let _ = writeln!(self.0, "- {}", escaped(text));
                }
                self.0.push('\n');
            }
        }
    }

    fn changes(&mut self, comparison: &Comparison) {
        self.heading(2, "What changed");
        for sentence in &comparison.in_words {
            let _ = writeln!(self.0, "- {}", escaped(sentence));
        }
        self.0.push('\n');
        self.table(&moved_rows(comparison, &comparison.scores));
        self.table(&moved_rows(comparison, &comparison.dimensions));
        for section in &comparison.sections {
            self.heading(3, &section.title);
            let marked = section.removed.iter().map(|text| ("Gone", text));
            for (mark, text) in marked.chain(section.added.iter().map(|text| ("New", text))) {
                let _ = writeln!(self.0, "- {mark}: {}", escaped(text));
            }
            self.0.push('\n');
        }
    }
}

fn line(view: &View, runs: &[Inline]) -> String {
    let mut out = String::new();
    for run in runs {
        match run {
            Inline::Plain(text) => out.push_str(&escaped(text)),
            Inline::Strong(text) => {
                let _ = write!(out, "**{}**", escaped(text));
            }
            Inline::Cite(ids) => {
                for id in ids {
                    let _ = match view.fact(id) {
                        Some(_) => write!(out, "[{id}](#fact-{id})"),
                        None => write!(out, "({id})"),
                    };
                }
            }
        }
    }
    out
}

/// Text in which nothing is markup, on one line.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '!' | '&' => {
                safe.push('\\');
                safe.push(sign);
            }
            '\n' | '\r' => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}
