//! Stored figures as pictures and as tables.

use serde::Deserialize;
use serde_json::Value;

use super::wheel::Wheel;
use super::words::{cell, points};
use crate::draw::{Bar, HeatMap, Series, Span, Theme, bars, gauge, heat_map, radar, schedule, sign_wheel};
use crate::narrator::output::{Section, Visualization};

/// A figure that can be shown.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figure {
    /// Unique in its report.
    pub(super) name: String,
    pub(super) title: String,
    /// How to read it.
    pub(super) note: String,
    shape: Shape,
}

/// A table; the first row holds the headings.
pub(super) type Rows = Vec<Vec<String>>;

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Radar(Plot),
    Bars(Plot),
    Gauge(f64),
    HeatMap(Heat),
    Table(Rows),
    Schedule(Vec<Item>),
    Wheel(Wheel),
}

/// Values by label, for one or more series.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Plot {
    labels: Vec<String>,
    series: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Row {
    name: String,
    values: Vec<f64>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Heat {
    x: Vec<String>,
    y: Vec<String>,
    values: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Item {
    label: String,
    from: String,
    to: String,
}

#[derive(Debug, Deserialize)]
struct Band {
    label: String,
    from: f64,
    to: f64,
}

/// The figures of a section in order; `None` stands for one that cannot be read.
pub(super) fn of_section(section: &Section) -> Vec<Option<Figure>> {
    let numbered = section.visualizations.iter().enumerate();
    numbered.map(|(at, stored)| of_stored(section, at + 1, stored)).collect()
}

fn of_stored(section: &Section, number: usize, stored: &Visualization) -> Option<Figure> {
    let data = &stored.data;
    let (shape, title, note) = match stored.kind.as_str() {
        "radar" | "bar" => plot(section, stored.kind == "radar", read(data)?),
        "gauge" => {
            let value = data.get("value")?.as_f64()?;
            let bands: Vec<Band> = data.get("bands").and_then(read).unwrap_or_default();
            (Shape::Gauge(value), "Advisory score".to_owned(), band_note(value, &bands))
        }
        "heatmap" => {
            let note = "The more colour, the higher: 0 to 100.".to_owned();
            (Shape::HeatMap(read(data)?), "Themes side by side".to_owned(), note)
        }
        "table" => (Shape::Table(table(data)?), section.title.clone(), String::new()),
        "timeline" => {
            let items: Vec<Item> = read(data.get("items")?)?;
            (Shape::Schedule(items), "What happens when".to_owned(), String::new())
        }
        "chart_wheel" => {
            (Shape::Wheel(Wheel::read(data)?), "Birth chart by sign".to_owned(), Wheel::NOTE.to_owned())
        }
        _ => return None,
    };
    let name = format!("{}-{number}-{}", slug(&section.section_id), slug(&stored.kind));
    Some(Figure { name, title, note, shape })
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

fn table(data: &Value) -> Option<Rows> {
    let row = |cells: &Value| Some(cells.as_array()?.iter().map(cell).collect::<Vec<_>>());
    let mut rows = vec![row(data.get("columns")?)?];
    rows.extend(data.get("rows")?.as_array()?.iter().filter_map(row));
    Some(rows)
}

fn plot(section: &Section, round: bool, plot: Plot) -> (Shape, String, String) {
    let names: Vec<String> = plot.series.iter().map(|row| row.name.to_lowercase()).collect();
    let title = match names.as_slice() {
        [one] if one == "level" => "Levels of the themes".to_owned(),
        [one] if one == "answers" => "Levels of the answers by topic".to_owned(),
        [_] | [] => section.title.clone(),
        [first, rest @ ..] => super::words::words(&format!("{first} and {}", rest.join(", "))),
    };
    // An outline needs three corners.
    if round && plot.labels.len() >= 3 {
        let note = if names.len() < 2 { "From 0 in the middle to 100 at the rim." } else { "" };
        return (Shape::Radar(plot), title, note.to_owned());
    }
    let note = match names.as_slice() {
        [first, second] => format!("Bar: {first}. Mark: {second}."),
        _ => String::new(),
    };
    (Shape::Bars(plot), title, note)
}

fn band_note(value: f64, bands: &[Band]) -> String {
    let of = |band: &&Band| value >= band.from && (value < band.to || band.to >= 100.0);
    bands.iter().find(of).map_or_else(String::new, |band| {
        format!("{} ({} to {})", band.label, points(band.from), points(band.to))
    })
}

/// Letters, digits and hyphens: what a file name and an anchor may hold.
pub(super) fn slug(text: &str) -> String {
    let safe = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    safe.collect()
}

impl Figure {
    /// The drawing; a table has none.
    pub(super) fn svg(&self, theme: Theme) -> Option<String> {
        let title = self.title.as_str();
        Some(match &self.shape {
            Shape::Radar(plot) => {
                let axes: Vec<&str> = plot.labels.iter().map(String::as_str).collect();
                let series = |row: &'_ Row| -> Vec<f64> { row.values.clone() };
                let values: Vec<Vec<f64>> = plot.series.iter().map(series).collect();
                let rows: Vec<Series<'_>> = plot
                    .series
                    .iter()
                    .zip(&values)
                    .map(|(row, values)| Series { name: &row.name, values })
                    .collect();
                radar(title, &axes, &rows, theme)
            }
            Shape::Bars(plot) => bars(title, &plot.bars(), theme),
            Shape::Gauge(value) => gauge(title, *value, &self.note, theme),
            Shape::HeatMap(heat) => heat_map(
                &HeatMap {
                    title,
                    rows: &heat.y,
                    columns: &heat.x,
                    row_axis: "",
                    column_axis: "",
                    values: &heat.values,
                },
                theme,
            ),
            Shape::Schedule(items) => {
                let spans: Vec<Span<'_>> = items.iter().map(Item::span).collect::<Option<_>>()?;
                let unit = items.first().and_then(|item| item.from.split(' ').next()).unwrap_or("day");
                schedule(title, unit, &spans, theme)
            }
            Shape::Wheel(wheel) => sign_wheel(&wheel.drawn(title), theme),
            Shape::Table(_) => return None,
        })
    }

    /// The numbers of the figure as tables with their headings; none for a gauge.
    pub(super) fn tables(&self) -> Vec<Rows> {
        match &self.shape {
            Shape::Radar(plot) | Shape::Bars(plot) => vec![plot.rows()],
            Shape::Gauge(_) => Vec::new(),
            Shape::HeatMap(heat) => vec![heat.rows()],
            Shape::Table(rows) => vec![rows.clone()],
            Shape::Schedule(items) => {
                let row = |item: &Item| vec![item.label.clone(), item.from.clone(), item.to.clone()];
                vec![headed(&["What", "From", "To"], items.iter().map(row))]
            }
            Shape::Wheel(wheel) => wheel.tables(),
        }
    }

    /// Whether it is a table and nothing else.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.shape, Shape::Table(_))
    }

    /// Whether the reader needs the tables beside the picture.
    pub(super) fn needs_tables(&self) -> bool {
        matches!(self.shape, Shape::Wheel(_))
    }

    /// The value of a gauge.
    pub(super) fn value(&self) -> Option<f64> {
        if let Shape::Gauge(value) = self.shape { Some(value) } else { None }
    }
}

impl Plot {
    /// The first series as bars; a second one as marks on them.
    fn bars(&self) -> Vec<Bar<'_>> {
        let value = |series: usize, at: usize| self.series.get(series)?.values.get(at).copied();
        let bar = |(at, label)| Bar { label, value: value(0, at).unwrap_or(f64::NAN), wanted: value(1, at) };
        self.labels.iter().map(String::as_str).enumerate().map(bar).collect()
    }

    fn rows(&self) -> Rows {
        let heads = std::iter::once(String::new()).chain(self.series.iter().map(|row| row.name.clone()));
        let mut rows = vec![heads.collect()];
        for (at, label) in self.labels.iter().enumerate() {
            let values =
                self.series.iter().map(|row| row.values.get(at).map_or_else(String::new, |v| points(*v)));
            rows.push(std::iter::once(label.clone()).chain(values).collect());
        }
        rows
    }
}

impl Heat {
    fn rows(&self) -> Rows {
        let mut rows = vec![std::iter::once(String::new()).chain(self.x.iter().cloned()).collect()];
        for (name, values) in self.y.iter().zip(&self.values) {
            rows.push(std::iter::once(name.clone()).chain(values.iter().map(|v| points(*v))).collect());
        }
        rows
    }
}

impl Item {
    /// `None` when its ends are no numbers of units.
    fn span(&self) -> Option<Span<'_>> {
        let number = |text: &str| text.split(' ').nth(1)?.parse::<f64>().ok();
        let (start, end) = (number(&self.from)?, number(&self.to)?);
        // The first day begins where no day has passed.
        let start = if self.from.starts_with("day") { start - 1.0 } else { start };
        Some(Span { label: &self.label, from: &self.from, to: &self.to, start, end })
    }
}

/// Rows under headings.
pub(super) fn headed(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Rows {
    std::iter::once(heads.iter().map(|head| (*head).to_owned()).collect()).chain(rows).collect()
}
