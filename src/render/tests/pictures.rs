//! Pictures alone.

use std::collections::BTreeSet;

use super::{hostile, views};
use crate::domain::ReportType;
use crate::draw::Theme;
use crate::render::pictures;

#[test]
fn every_figure_but_tables_is_a_picture_with_a_name_of_its_own() {
    for view in views() {
        let figures = view.content.sections.iter().flat_map(|section| &section.visualizations);
        let expected = figures.filter(|figure| figure.kind != "table").count();
        let drawn = pictures(&view, Theme::Light);
        let names: BTreeSet<&str> = drawn.iter().map(|picture| picture.name.as_str()).collect();
        assert_eq!((drawn.len(), names.len()), (expected, expected), "{}", view.kind);
        for name in names {
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{name}");
        }
    }
}

#[test]
fn a_picture_stands_alone() {
    for view in ReportType::ALL.map(hostile) {
        for picture in pictures(&view, Theme::Dark) {
            let svg = &picture.svg;
            assert!(
                svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n")
            );
            assert!(svg.contains("<style>") && svg.contains("<title>"), "{}", picture.name);
            assert!(!svg.contains("<script") && !svg.contains("href="), "{}", picture.name);
        }
    }
}
