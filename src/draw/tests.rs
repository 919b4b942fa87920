//! What every picture keeps.

use proptest::prelude::*;

use super::canvas::Number;
use super::geometry::{Patch, apart_deg};
use super::glyphs::{self, Stroke};
use super::layout::{DUAL, DUAL_BORDER, SINGLE, SIZE, angles, dial, house_numbers, signs};
use super::wheel::{cover, seats};
use super::*;
use crate::astro::chart::{AspectKind, HouseSystem};
use crate::astro::{BirthData, Body, NatalChart, Sign, cast};

fn chart(date: &str, time: Option<&str>, zone: &str, place: (f64, f64), system: HouseSystem) -> NatalChart {
    let birth = BirthData {
        date: date.to_owned(),
        time: time.map(str::to_owned),
        zone: Some(zone.to_owned()),
        latitude_deg: Some(place.0),
        longitude_deg: Some(place.1),
    };
    cast(&birth, system).expect("a chart")
}

/// Seven planets in 17 degrees of Aquarius.
fn crowded() -> NatalChart {
    chart("1962-02-05", Some("00:10"), "Europe/London", (51.5, -0.12), HouseSystem::Placidus)
}

/// Beyond the polar circle, at an hour at which ascendant and midheaven are close.
fn polar() -> NatalChart {
    chart("1977-12-21", Some("18:05"), "Arctic/Longyearbyen", (78.22, 15.65), HouseSystem::Regiomontanus)
}

fn untimed() -> NatalChart {
    chart("1989-11-09", None, "Europe/Berlin", (52.5, 13.4), HouseSystem::Placidus)
}

/// Every box of a wheel.
fn patches(chart: &NatalChart, options: &WheelOptions<'_>) -> Vec<(String, Patch)> {
    let radii = if options.around.is_some() { &DUAL } else { &SINGLE };
    let dial = dial(chart);
    let mut patches = Vec::new();
    for (_, owner, bodies) in seats(chart, options) {
        for body in bodies {
            let name = body.position.name;
            patches.extend(
                body.marks.iter().map(|mark| (format!("{name} {owner} {:?}", mark.shown), mark.patch)),
            );
        }
    }
    patches.extend(signs(&dial, radii).into_iter().map(|(sign, patch)| (sign.name().to_owned(), patch)));
    patches.extend(angles(&dial, radii, chart).into_iter().map(|label| (label.text, label.patch)));
    if let Some(houses) = &chart.houses {
        let numbers = house_numbers(&dial, radii, &houses.cusps_deg);
        patches.extend(numbers.into_iter().map(|label| (format!("house {}", label.text), label.patch)));
    }
    patches
}

fn assert_clear(chart: &NatalChart, options: &WheelOptions<'_>) {
    let patches = patches(chart, options);
    for (at, (name, patch)) in patches.iter().enumerate() {
        assert!(patch.within(SIZE, SIZE), "{name} leaves the drawing: {patch:?}");
        for (other, its) in &patches[..at] {
            assert!(!patch.overlaps(its), "{name} {patch:?} and {other} {its:?} overlap");
        }
    }
}

/// A chart whose bodies, angles and cusps stand where a test wants them.
fn arranged(longitudes: &[f64], angles_deg: (f64, f64), cusps: [f64; 12], retrograde: u16) -> NatalChart {
    let mut chart = crowded();
    for (at, (body, longitude)) in chart.bodies.iter_mut().zip(longitudes).enumerate() {
        body.longitude_deg = longitude.rem_euclid(360.0);
        body.sign = Sign::of_longitude(*longitude);
        body.retrograde = retrograde >> at & 1 == 1;
    }
    let angles = chart.angles.as_mut().expect("a timed chart");
    (angles.ascendant_deg, angles.midheaven_deg) = angles_deg;
    chart.houses.as_mut().expect("a timed chart").cusps_deg = cusps;
    chart
}

fn longitudes() -> impl Strategy<Value = Vec<f64>> {
    let width = prop_oneof![Just(0.0), 0.0..1.0_f64, 0.0..30.0, 0.0..100.0, 0.0..360.0];
    let clusters =
        (0.0..360.0_f64, width, 0.0..360.0_f64, prop::collection::vec((0.0..1.0_f64, any::<bool>()), 12));
    clusters.prop_map(|(first, width, second, parts)| {
        parts
            .into_iter()
            .map(|(part, at_first)| (if at_first { first } else { second }) + part * width)
            .collect()
    })
}

/// Cusps in any division: widths of any inequality, beginning anywhere.
fn cusps() -> impl Strategy<Value = [f64; 12]> {
    (0.0..360.0_f64, prop::collection::vec(prop_oneof![0.0..0.02_f64, 0.0..1.0], 12)).prop_map(
        |(start, parts)| {
            let total = parts.iter().sum::<f64>().max(1e-6);
            let mut at = start;
            std::array::from_fn(|k| {
                let cusp = at.rem_euclid(360.0);
                at += 360.0 * parts[k] / total;
                cusp
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_two_marks_overlap_and_none_leaves_the_wheel(
        inner in longitudes(),
        outer in longitudes(),
        ascendant in 0.0..360.0_f64,
        beyond in prop_oneof![0.0..3.0_f64, 0.0..360.0],
        cusps in cusps(),
        retrograde in any::<u16>(),
    ) {
        let chart = arranged(&inner, (ascendant, (ascendant + beyond) % 360.0), cusps, retrograde);
        let other = arranged(&outer, (0.0, 90.0), cusps, !retrograde);
        let single = WheelOptions { nodes: Nodes::Both, chiron: true, ..WheelOptions::default() };
        assert_clear(&chart, &single);
        assert_clear(&chart, &WheelOptions { around: Some(Around { chart: &other, name: "other" }), ..single });
    }

    #[test]
    fn bodies_keep_their_order_around_the_wheel(inner in longitudes()) {
        let chart = arranged(&inner, (10.0, 100.0), [0.0; 12], 0);
        let options = WheelOptions { nodes: Nodes::Both, chiron: true, ..WheelOptions::default() };
        let seated = seats(&chart, &options).remove(0).2;
        let turn = |of: &layout::Seated| {
            (of.shown_deg - of.position.longitude_deg + 180.0).rem_euclid(360.0) - 180.0
        };
        for a in &seated {
            for b in &seated {
                let ahead = (b.position.longitude_deg - a.position.longitude_deg + 180.0).rem_euclid(360.0) - 180.0;
                if ahead > 0.0 && ahead < 90.0 {
                    prop_assert!(ahead + turn(b) - turn(a) > 0.0, "{} and {}", a.position.name, b.position.name);
                }
            }
        }
    }
}

#[test]
fn real_charts_at_every_latitude_are_clear() {
    for latitude in [-89.9, -77.8, -66.6, -33.9, 0.0, 51.5, 66.5, 69.65, 78.22, 89.9] {
        for (date, time) in [
            ("1962-02-05", "00:10"),
            ("1985-06-21", "23:40"),
            ("2000-05-04", "12:00"),
            ("1990-01-11", "18:30"),
        ] {
            for system in [
                HouseSystem::Placidus,
                HouseSystem::Regiomontanus,
                HouseSystem::WholeSign,
                HouseSystem::Morinus,
            ] {
                let chart = chart(date, Some(time), "UTC", (latitude, 18.96), system);
                assert_clear(
                    &chart,
                    &WheelOptions { nodes: Nodes::Both, chiron: true, ..WheelOptions::default() },
                );
            }
        }
    }
}

#[test]
fn what_covers_the_lines_of_houses_leaves_the_circles_whole() {
    let mut covered = 0;
    for (chart, other) in [(crowded(), polar()), (polar(), crowded()), (crowded(), untimed())] {
        let alone = WheelOptions { nodes: Nodes::Both, chiron: true, ..WheelOptions::default() };
        let dual = WheelOptions { around: Some(Around { chart: &other, name: "other" }), ..alone };
        let circles = [(alone, vec![SINGLE.house_outer]), (dual, vec![DUAL_BORDER, DUAL.house_outer])];
        for (options, circles) in circles {
            for ((_, _, bodies), circle) in seats(&chart, &options).into_iter().zip(circles) {
                for ([_, end], radius) in bodies.iter().filter_map(cover) {
                    let from_centre = (end.x - SIZE / 2.0).hypot(end.y - SIZE / 2.0);
                    assert!(from_centre - radius > circle, "{from_centre} {radius} {circle}");
                    covered += 1;
                }
            }
        }
    }
    assert!(covered > 10, "{covered}");
}

#[test]
fn a_body_with_room_stands_at_its_own_longitude() {
    let chart = untimed();
    let seated = seats(&chart, &WheelOptions::default()).remove(0).2;
    let moon = seated.iter().find(|seated| seated.position.name == Body::Moon.name()).expect("the Moon");
    assert!(apart_deg(moon.shown_deg, moon.position.longitude_deg) < 1e-9);
}

#[test]
fn a_chart_without_a_time_has_aries_at_the_left_and_no_houses() {
    let svg = wheel(&untimed(), &WheelOptions::default());
    assert!(svg.contains("Time of birth unknown") && !svg.contains("House 1") && !svg.contains("Ascendant "));
    assert!(dial(&untimed()).left_deg.abs() < f64::EPSILON);
}

#[test]
fn narrow_houses_lose_their_number_but_not_their_title() {
    let svg = wheel(&polar(), &WheelOptions::default());
    let houses = polar().houses.expect("houses");
    let numbers = house_numbers(&dial(&polar()), &SINGLE, &houses.cusps_deg);
    assert!(numbers.len() < 12, "{}", numbers.len());
    for number in 1..=12 {
        assert!(svg.contains(&format!("<title>House {number}</title>")));
    }
}

#[test]
fn a_wheel_needs_no_font_and_names_every_body() {
    for theme in Theme::ALL {
        let chart = crowded();
        let svg = wheel(
            &chart,
            &WheelOptions {
                theme,
                legend: true,
                nodes: Nodes::Both,
                chiron: true,
                ..WheelOptions::default()
            },
        );
        assert!(!svg.contains("<text"));
        assert!(svg.contains("<title>Chiron "));
        for body in Body::ALL {
            assert!(svg.contains(&format!("<title>{} ", body.name())), "{}", body.name());
        }
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let options = WheelOptions { legend: true, ..WheelOptions::default() };
    assert_eq!(wheel(&crowded(), &options), wheel(&crowded(), &options));
}

#[test]
fn names_cannot_break_out_of_the_picture() {
    let title = "Ada <script>alert(\"1\")</script> & Co\u{0}";
    let (chart, other) = (crowded(), polar());
    let around = Some(Around { chart: &other, name: title });
    let pictures = [
        wheel(&chart, &WheelOptions { title, around, ..WheelOptions::default() }),
        radar(title, &[title], &[Series { name: title, values: &[3.0] }], Theme::Dark),
        bars(title, &[Bar { label: title, value: 1.0, wanted: None }], Theme::Print),
        gauge(title, 5.0, title, Theme::Auto),
        time_line(title, &[title.to_owned()], &[Line { name: title, values: &[1.0] }], 1, Theme::Light),
    ];
    for svg in pictures {
        assert!(!svg.contains("<script") && !svg.contains('\u{0}') && svg.contains("&lt;scr"));
        assert_well_formed(&svg);
    }
}

#[test]
fn every_theme_names_its_colours_and_auto_follows_the_system() {
    for theme in Theme::ALL {
        let svg = wheel(&crowded(), &WheelOptions { theme, ..WheelOptions::default() });
        assert_well_formed(&svg);
        assert!(svg.contains(&format!("class=\"orrery-{}\"", theme.name())));
        assert!(svg.contains("var(--orrery-ink,"));
        assert_eq!(svg.contains("prefers-color-scheme"), theme == Theme::Auto);
    }
}

#[test]
fn inks_stand_out_from_their_ground() {
    for theme in [Theme::Light, Theme::Dark, Theme::Print] {
        for (role, ratio) in theme::contrasts(theme) {
            assert!(ratio >= 4.5, "{} in {}: {ratio:.2}", role, theme.name());
        }
    }
}

#[test]
fn figures_take_any_numbers_and_any_count() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -5.0, 105.0];
    let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
    let empty: [&str; 0] = [];
    let map = HeatMap {
        title: "t",
        rows: &names,
        columns: &names,
        row_axis: "row",
        column_axis: "column",
        values: &[odd.to_vec(), Vec::new()],
    };
    let pictures = [
        radar("t", &["a", "b", "c", "d", "e"], &[Series { name: "s", values: &odd }], Theme::Light),
        radar("t", &empty, &[], Theme::Light),
        radar("t", &["a"], &[Series { name: "s", values: &[] }], Theme::Light),
        time_line("t", &names, &[Line { name: "s", values: &odd }], 9, Theme::Light),
        time_line("t", &[], &[], 0, Theme::Light),
        bars("t", &odd.map(|value| Bar { label: "b", value, wanted: Some(value) }), Theme::Light),
        bars("t", &[], Theme::Light),
        gauge("t", f64::NAN, "", Theme::Light),
        heat_map(&map, Theme::Light),
        heat_map(&HeatMap { rows: &[], columns: &[], values: &[], ..map }, Theme::Light),
    ];
    for svg in pictures {
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert_well_formed(&svg);
    }
}

#[test]
fn glyphs_and_letters_keep_within_their_boxes() {
    let bodies = Body::ALL.into_iter().map(glyphs::body);
    let signs = Sign::ALL.into_iter().map(glyphs::sign);
    let aspects = AspectKind::ALL.into_iter().map(glyphs::aspect);
    let mut seen: Vec<&[Stroke]> = Vec::new();
    for strokes in bodies.chain([glyphs::CHIRON]).chain(signs).chain(aspects) {
        assert!(!seen.contains(&strokes), "two things have the same glyph");
        seen.push(strokes);
        for stroke in strokes {
            match stroke {
                Stroke::Circle(x, y, r) => assert!(x.abs() + r <= 11.0 && y.abs() + r <= 11.0, "{stroke:?}"),
                Stroke::Path(data) => {
                    for (x, y) in traced(data) {
                        assert!(x.abs() <= 11.0 && y.abs() <= 11.0, "{x} {y} in {data}");
                    }
                }
            }
        }
    }
    for sign in "0123456789°′℞ACDIM:;!?()%&'\"=_·…".chars() {
        let (written, width) = letters::write(&sign.to_string());
        for (x, y) in traced(written[0].path) {
            assert!((-0.3..=width + 0.3).contains(&x) && (-10.4..=0.9).contains(&y), "{sign}: {x} {y}");
        }
    }
}

#[test]
fn numbers_are_short() {
    assert_eq!(Number(-0.001).to_string(), "0");
    assert_eq!(Number(12.5).to_string(), "12.5");
    assert_eq!(Number(-7.046).to_string(), "-7.05");
    assert_eq!(Number(100.0).to_string(), "100");
}

/// Points along absolute path data of M, L, C and Z.
fn traced(data: &str) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let mut at = (0.0, 0.0);
    for part in data.split(['M', 'L', 'Z']) {
        for (k, curve) in part.split('C').enumerate() {
            let numbers: Vec<f64> =
                curve.split_whitespace().map(|number| number.parse().expect("a number")).collect();
            let ends: Vec<(f64, f64)> = numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect();
            match ends[..] {
                [end] if k == 0 => {
                    points.push(end);
                    at = end;
                }
                [a, b, end] => {
                    for step in 0..=20 {
                        points.push(bezier(at, a, b, end, f64::from(step) / 20.0));
                    }
                    at = end;
                }
                [] => {}
                _ => panic!("{data} has more than M, L, C and Z"),
            }
        }
    }
    points
}

fn bezier(start: (f64, f64), first: (f64, f64), second: (f64, f64), end: (f64, f64), at: f64) -> (f64, f64) {
    let rest = 1.0 - at;
    let weights = [rest.powi(3), 3.0 * rest * rest * at, 3.0 * rest * at * at, at.powi(3)];
    let points = [start, first, second, end].into_iter().zip(weights);
    points.fold((0.0, 0.0), |sum, (point, weight)| (sum.0 + point.0 * weight, sum.1 + point.1 * weight))
}

/// Tags are closed in the order in which they were opened, and no bare `&` stands anywhere.
fn assert_well_formed(svg: &str) {
    let mut open = Vec::new();
    let content = svg.split_once("<style>").map_or(svg, |(before, _)| before);
    for (at, _) in content.match_indices('&') {
        let entity = &content[at + 1..];
        assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)), "{entity}");
    }
    for tag in svg.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "in {svg}");
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or_default());
        }
    }
    assert!(open.is_empty(), "{open:?} never closed");
}

#[test]
fn a_heat_map_makes_room_for_the_names_of_its_rows_and_columns() {
    let (rows, columns) =
        (["Attention to detail".to_owned()], ["Person".to_owned(), "Department".to_owned()]);
    let map = HeatMap {
        title: "Themes side by side",
        rows: &rows,
        columns: &columns,
        row_axis: "",
        column_axis: "",
        values: &[vec![86.0, 61.0]],
    };
    let drawn = heat_map(&map, Theme::Light);
    assert!(drawn.contains(">Attention to detail<") && drawn.contains(">Department<"), "{drawn}");
    let rows = ["A name that is far too long for the side of any figure on a page".to_owned()];
    let drawn = heat_map(&HeatMap { rows: &rows, ..map }, Theme::Light);
    assert!(drawn.contains("…<"), "{drawn}");
}
