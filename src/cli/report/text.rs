//! A report as text for a terminal.

use std::fmt::Write as _;

use serde_json::Value;

use crate::narrator::output::{Content, Section, Visualization};
use crate::operate::reports::Metadata;

/// Columns of text.
const WIDTH: usize = 96;

/// Columns of a bar that stands for 100.
const BAR: usize = 30;

/// The whole report.
pub(super) fn text(metadata: &Metadata, content: &Content) -> String {
    let mut out = String::new();
    let title = format!("{} - {}", metadata.person, metadata.report_type.replace('_', " "));
    let _ = writeln!(out, "{title}\n{}", "=".repeat(title.chars().count()));
    let latest = if metadata.is_latest { "latest" } else { "superseded" };
    let _ = writeln!(
        out,
        "report {}  version {} ({latest})  {} UTC",
        metadata.report_id, metadata.version, metadata.generated
    );
    if let Some(score) = metadata.overall_score {
        let confidence = metadata.confidence.unwrap_or_default() * 100.0;
        let _ = writeln!(
            out,
            "advisory score {score:.0} of 100, confidence {confidence:.0} %, {}",
            metadata.score_trend.as_deref().unwrap_or("no trend yet")
        );
    }
    if let Some(summary) = &metadata.change_summary {
        let _ = writeln!(out, "{summary}");
    }
    let _ = writeln!(out, "\n{}", wrap(&content.summary, ""));
    for section in &content.sections {
        add_section(&mut out, section);
    }
    add_list(&mut out, "Key insights", &content.key_insights);
    add_list(&mut out, "Actions", &content.action_items);
    add_list(&mut out, "Warnings", &content.warnings);
    out
}

fn add_section(out: &mut String, section: &Section) {
    let _ = writeln!(out, "\n{}\n{}", section.title, "-".repeat(section.title.chars().count()));
    add_markdown(out, &section.content, "");
    for part in &section.subsections {
        let _ = writeln!(out, "\n  {}", part.title);
        add_markdown(out, &part.content, "  ");
        for insight in &part.insights {
            let _ = writeln!(out, "{}", wrap(&format!("* {insight}"), "  "));
        }
        for recommendation in &part.recommendations {
            let _ = writeln!(out, "{}", wrap(&format!("> {recommendation}"), "  "));
        }
    }
    for figure in &section.visualizations {
        add_figure(out, figure);
    }
}

fn add_markdown(out: &mut String, markdown: &str, indent: &str) {
    let mut table: Vec<Vec<String>> = Vec::new();
    for line in markdown.lines() {
        if let Some(cells) = table_row(line) {
            table.push(cells);
            continue;
        }
        add_rows(out, &std::mem::take(&mut table));
        let _ = writeln!(out, "{}", wrap(line, indent));
    }
    add_rows(out, &table);
}

/// The cells of a line such as `| a | b |`; the line under the headings has none.
fn table_row(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<String> = inner.split('|').map(|cell| cell.trim().to_owned()).collect();
    let ruler = cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':')));
    Some(if ruler { Vec::new() } else { cells })
}

fn add_list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{title}\n{}", "-".repeat(title.chars().count()));
    for line in lines {
        let _ = writeln!(out, "{}", wrap(&format!("- {line}"), ""));
    }
}

fn add_figure(out: &mut String, figure: &Visualization) {
    let data = &figure.data;
    match figure.kind.as_str() {
        "radar" | "bar" => add_bars(out, data),
        "gauge" => {
            if let Some(value) = data.get("value").and_then(Value::as_f64) {
                let _ = writeln!(out, "\n  {} {value:.0}", bar(value, 100.0));
            }
        }
        "table" => add_table(out, data),
        "timeline" => {
            for item in data.get("items").and_then(Value::as_array).into_iter().flatten() {
                let field = |name: &str| item.get(name).map(cell).unwrap_or_default();
                let _ = writeln!(out, "  {} to {}: {}", field("from"), field("to"), field("label"));
            }
        }
        // A heat map and a wheel need more than characters; their numbers stand in the text.
        _ => {}
    }
}

fn add_bars(out: &mut String, data: &Value) {
    let labels: Vec<String> =
        data.get("labels").and_then(Value::as_array).into_iter().flatten().map(cell).collect();
    let max = data.get("max").and_then(Value::as_f64).unwrap_or(100.0);
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
    for series in data.get("series").and_then(Value::as_array).into_iter().flatten() {
        let _ = writeln!(out, "\n  {}", series.get("name").map(cell).unwrap_or_default());
        let values = series.get("values").and_then(Value::as_array).into_iter().flatten();
        for (label, value) in labels.iter().zip(values) {
            let value = value.as_f64().unwrap_or_default();
            let _ = writeln!(out, "  {label:width$}  {} {value:.0}", bar(value, max));
        }
    }
}

fn add_table(out: &mut String, data: &Value) {
    let row = |cells: &Value| -> Vec<String> { cells.as_array().into_iter().flatten().map(cell).collect() };
    let mut rows: Vec<Vec<String>> = data.get("columns").map(row).into_iter().collect();
    rows.extend(data.get("rows").and_then(Value::as_array).into_iter().flatten().map(row));
    let _ = writeln!(out);
    add_rows(out, &rows);
}

/// Rows in columns; the first row holds the headings.
fn add_rows(out: &mut String, rows: &[Vec<String>]) {
    let rows: Vec<&Vec<String>> = rows.iter().filter(|row| !row.is_empty()).collect();
    let columns = rows.iter().map(|row| row.len()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        let _ = writeln!(out, "  {}", cells.join("  ").trim_end());
        if at == 0 {
            let line: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            let _ = writeln!(out, "  {}", line.join("  "));
        }
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(
            || number.to_string(),
            |number| {
                if (number - number.round()).abs() < 0.05 {
                    format!("{number:.0}")
                } else {
                    format!("{number:.1}")
                }
            },
        ),
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

fn bar(value: f64, max: f64) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a few dozen columns"
    )]
    let full = ((value / max).clamp(0.0, 1.0) * BAR as f64).round() as usize;
    format!("{}{}", "█".repeat(full), "░".repeat(BAR - full))
}

/// Breaks a paragraph at spaces; list lines hang under their text.
fn wrap(text: &str, indent: &str) -> String {
    let bullet = text.trim_start().starts_with(['-', '*', '>']);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH - indent.len() {
            lines.push(std::mem::take(&mut line));
            if bullet {
                line.push_str("  ");
            }
        } else if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.iter().map(|line| format!("{indent}{line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paragraphs_break_at_spaces() {
        let text = "word ".repeat(60);
        assert!(wrap(&text, "  ").lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn a_table_of_markdown_stands_in_columns() {
        let mut out = String::new();
        add_markdown(&mut out, "Before.\n\n| Fact | What |\n|---|:---|\n| F01 | Sun |\nAfter.", "");
        assert_eq!(out, "Before.\n\n  Fact  What\n  ----  ----\n  F01   Sun\nAfter.\n");
    }

    #[test]
    fn a_full_bar_stands_for_the_maximum() {
        assert_eq!(bar(100.0, 100.0).chars().filter(|&c| c == '█').count(), BAR);
        assert_eq!(bar(-5.0, 100.0).chars().filter(|&c| c == '█').count(), 0);
    }
}
