//! The tables of a chart.

use crate::astro::chart::{Aspect, BodyPosition, strength_word};
use crate::astro::patterns::Pattern;
use crate::astro::{Body, Element, NatalChart, Point, Quality, Reading, Sign};
use crate::cli::words;

/// Bodies, Chiron, the south node and the angles.
pub(super) fn bodies(reading: &Reading<'_>, glyphs: bool) -> String {
    let mut rows =
        words::listing(["body", "position", "", "house", "dignity", "speed/day", "latitude", "distance"]);
    let named = |glyph: &str, name: &str| {
        if glyphs { format!("{glyph:<2} {name}") } else { name.to_owned() }
    };
    let chart = reading.chart;
    for at in &chart.bodies {
        let point = Point::Body(at.body);
        rows.add_row([
            named(words::glyph(point), point.name()),
            words::place(at.longitude_deg),
            backward(at.retrograde),
            house(at.house),
            at.dignity.map_or_else(String::new, |dignity| dignity.name().to_owned()),
            signed(at.speed_deg_per_day),
            signed(at.latitude_deg),
            distance(at.distance_au),
        ]);
    }
    for at in &reading.extra_points {
        rows.add_row([
            named(if at.distance_au.is_some() { "⚷" } else { "☋" }, at.name),
            words::place(at.longitude_deg),
            backward(at.retrograde),
            house(at.house),
            String::new(),
            signed(at.speed_deg_per_day),
            signed(at.latitude_deg),
            distance(at.distance_au),
        ]);
    }
    if let Some(angles) = chart.angles {
        for (glyph, name, longitude) in [
            ("AC", "Ascendant", angles.ascendant_deg),
            ("MC", "Midheaven", angles.midheaven_deg),
            ("Vx", "Vertex", angles.vertex_deg),
        ] {
            rows.add_row([named(glyph, name), words::place(longitude)]);
        }
    }
    rows.to_string()
}

fn backward(retrograde: bool) -> String {
    if retrograde { "R".to_owned() } else { String::new() }
}

fn house(house: Option<u8>) -> String {
    house.map_or_else(String::new, |house| format!("{house:>5}"))
}

fn signed(degrees: f64) -> String {
    let sign = if degrees < 0.0 { '-' } else { '+' };
    format!("{:>11}", format!("{sign}{}", words::angle(degrees.abs()).trim_start()))
}

fn distance(au: Option<f64>) -> String {
    au.map_or_else(String::new, |au| format!("{au:>9.5} au"))
}

/// Cusps of the houses.
pub(super) fn houses(chart: &NatalChart) -> Option<String> {
    let houses = chart.houses.as_ref()?;
    let name = format!("{:?}", houses.used);
    let mut rows = words::listing(["house", name.as_str(), "house", ""]);
    for (at, (first, second)) in houses.cusps_deg.iter().zip(&houses.cusps_deg[6..]).enumerate() {
        rows.add_row([
            format!("{:>5}", at + 1),
            words::place(*first),
            format!("{:>5}", at + 7),
            words::place(*second),
        ]);
    }
    Some(rows.to_string())
}

/// Elements and qualities with the planets that make them, then Moon, ruler and what moves backwards.
pub(super) fn balance(chart: &NatalChart) -> String {
    let total: f64 = chart.elements.iter().sum();
    let line = |name: &str, weight: f64, holds: &dyn Fn(Sign) -> bool| {
        let share = 100.0 * weight / total;
        let planets =
            chart.bodies.iter().filter(|at| at.body.index() < Body::PLANETS.len() && holds(at.sign));
        format!("  {name:<9} {} {share:3.0} %  {}", words::bar(share), names(planets))
    };
    let elements = Element::ALL.iter().zip(chart.elements);
    let mut lines: Vec<String> =
        elements.map(|(of, weight)| line(of.name(), weight, &|sign| sign.element() == *of)).collect();
    let qualities = Quality::ALL.iter().zip(chart.qualities);
    lines.push(String::new());
    lines.extend(qualities.map(|(of, weight)| line(of.name(), weight, &|sign| sign.quality() == *of)));
    lines.push(String::new());
    lines.push(format!(
        "  Moon      {}, {:.0}° from the Sun",
        chart.moon_phase.name, chart.moon_phase.angle_deg
    ));
    if let Some(ruler) = chart.chart_ruler {
        let at = &chart.bodies[ruler.index()];
        let house = at.house.map_or_else(String::new, |house| format!(", house {house}"));
        lines.push(format!("  Ruler     {} in {}{house}", ruler.name(), at.sign.name()));
    }
    // The mean node always moves backwards.
    let backward = chart.bodies.iter().filter(|at| at.retrograde && at.body != Body::MeanNode);
    let backward = names(backward);
    lines.push(format!("  Backward  {}", if backward.is_empty() { "none" } else { &backward }));
    lines.join("\n")
}

fn names<'a>(bodies: impl Iterator<Item = &'a BodyPosition>) -> String {
    bodies.map(|at| at.body.name()).collect::<Vec<_>>().join(", ")
}

/// Figures that aspects make together; `None` without any.
pub(super) fn figures(patterns: &[Pattern]) -> Option<String> {
    let mut rows = words::listing(["figure", "of", "apex", "in", "tightness", ""]);
    for pattern in patterns {
        let shared = [
            pattern.sign.map(Sign::name),
            pattern.element.filter(|_| pattern.sign.is_none()).map(Element::name),
            pattern.quality.filter(|_| pattern.sign.is_none()).map(Quality::name),
        ];
        rows.add_row([
            pattern.kind.name().to_owned(),
            pattern.points.iter().map(|point| point.name()).collect::<Vec<_>>().join(", "),
            pattern.apex.map_or("", Point::name).to_owned(),
            shared.into_iter().flatten().collect::<Vec<_>>().join(", "),
            format!("{:7.0} %", 100.0 * pattern.tightness),
            strength_word(pattern.tightness).to_owned(),
        ]);
    }
    (!patterns.is_empty()).then(|| rows.to_string())
}

/// Aspects, the strongest first; those of the lesser kinds only with `all`.
pub(super) fn aspects(chart: &NatalChart, all: bool) -> String {
    let mut rows = words::listing(["aspect", "", "", "orb", "", "strength", ""]);
    // Where one node is, the other is within two degrees: its aspects say the same again.
    let told = |aspect: &&Aspect| {
        [aspect.first, aspect.second].iter().all(|point| *point != Point::Body(Body::MeanNode))
    };
    let (shown, rest): (Vec<&Aspect>, Vec<&Aspect>) =
        chart.aspects.iter().filter(told).partition(|aspect| all || aspect.kind.is_major());
    for aspect in shown {
        rows.add_row([
            aspect.first.name().to_owned(),
            format!("{}{}", aspect.kind.name(), if aspect.certain { "" } else { " ?" }),
            aspect.second.name().to_owned(),
            format!("{:>5}", words::short_angle(aspect.orb_deg)),
            if aspect.applying { "applying" } else { "separating" }.to_owned(),
            format!("{:6.0} %", 100.0 * aspect.strength),
            aspect.strength_word().to_owned(),
        ]);
    }
    let more = match rest.len() {
        0 => String::new(),
        1 => "\n1 lesser aspect is listed with --all".to_owned(),
        count => format!("\n{count} lesser aspects are listed with --all"),
    };
    format!("{rows}{more}")
}

/// Versions of what made the chart.
pub(super) fn made_by(chart: &NatalChart) -> String {
    let made = &chart.provenance;
    format!("engine {}; {}; time zones {}", made.engine_version, made.ephemeris_version, made.tzdb_version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::astro::{BirthData, HouseSystem, cast};

    fn chart() -> NatalChart {
        let birth = BirthData {
            date: "1990-03-25".to_owned(),
            time: Some("10:00".to_owned()),
            zone: Some("Europe/Berlin".to_owned()),
            latitude_deg: Some(52.5),
            longitude_deg: Some(13.4),
        };
        cast(&birth, HouseSystem::Placidus).expect("a chart")
    }

    #[test]
    fn tables_name_every_body_and_the_house_of_each() {
        let chart = chart();
        let table = bodies(&Reading::of(&chart), true);
        for body in Body::ALL {
            assert!(table.contains(body.name()));
        }
        for name in ["☉  Sun", "⚷  Chiron", "☋  South Node", "AC Ascendant", "Vx Vertex"] {
            assert!(table.contains(name), "{name} in\n{table}");
        }
        assert_eq!(houses(&chart).expect("houses").lines().count(), 8);
        assert!(!aspects(&chart, true).contains("Mean Node"));
    }

    #[test]
    fn every_planet_stands_with_its_element_and_its_quality() {
        let text = balance(&chart());
        for body in Body::PLANETS {
            assert!(text.matches(body.name()).count() >= 2, "{} in\n{text}", body.name());
        }
        assert!(text.contains("Ruler     ") && text.contains("Moon      New Moon"), "{text}");
    }

    #[test]
    fn figures_are_listed_with_their_points_and_a_chart_without_any_has_no_table() {
        let chart = chart();
        let patterns = Reading::of(&chart).patterns;
        assert!(!patterns.is_empty());
        let table = figures(&patterns).expect("a table");
        for pattern in &patterns {
            assert!(table.contains(pattern.kind.name()), "{table}");
            assert!(pattern.points.iter().all(|point| table.contains(point.name())), "{table}");
        }
        assert_eq!(figures(&[]), None);
    }

    #[test]
    fn an_aspect_has_its_orb_its_direction_and_its_strength_as_number_and_word() {
        let chart = chart();
        let table = aspects(&chart, false);
        let first = table.lines().nth(2).expect("an aspect");
        let mean_node = Point::Body(Body::MeanNode);
        let told = |aspect: &&Aspect| aspect.first != mean_node && aspect.second != mean_node;
        let mut major = chart.aspects.iter().filter(told).filter(|aspect| aspect.kind.is_major());
        let strongest = major.next().expect("an aspect");
        for part in [strongest.first.name(), strongest.kind.name(), strongest.strength_word(), " %"] {
            assert!(first.contains(part), "{part} in {first}");
        }
        assert!(first.contains("applying") || first.contains("separating"), "{first}");
    }
}
