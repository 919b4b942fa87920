//! `orrery chart`.

use std::fmt::Write as _;

use clap::Args;

use super::birth::{Birth, Houses};
use super::picture::Output;
use super::words;
use crate::astro::chart::{Aspect, LocalKind, OffsetSource};
use crate::astro::{Body, Element, NatalChart, Point, Quality};
use crate::draw::{Nodes, WheelOptions, wheel};

/// Casts a birth chart: positions, houses, dignities and aspects. Needs no databases.
///
/// orrery chart --date 1990-01-11 --time 18:30 --zone Europe/Berlin --lat 52.52 --lon 13.40
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    birth: Birth,
    #[command(flatten)]
    houses: Houses,
    #[command(flatten)]
    output: Output,
    /// List the aspects of the lesser kinds as well.
    #[arg(long)]
    all: bool,
    /// Add a column with the signs of the bodies (the terminal's font must have them).
    #[arg(long)]
    glyphs: bool,
    /// Explain the signs below the drawing.
    #[arg(long, requires = "svg")]
    legend: bool,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let chart = arguments.birth.chart(&arguments.houses)?;
    let given = arguments.birth.as_given();
    let text = || text(&chart, &given, arguments);
    let draw = |theme| {
        let legend = arguments.legend;
        wheel(&chart, &WheelOptions { theme, title: &given, around: None, nodes: Nodes::True, legend })
    };
    arguments.output.show(&chart, text, draw)
}

fn text(chart: &NatalChart, given: &str, arguments: &Arguments) -> String {
    let mut out = format!("{given}\n{}", moment(chart));
    for note in notes(chart) {
        let _ = write!(out, "\n{}", words::wrapped("note: ", &note));
    }
    let _ = write!(out, "\n\n{}", bodies(chart, arguments.glyphs));
    if let Some(houses) = houses(chart) {
        let _ = write!(out, "\n\n{houses}");
    }
    let _ = write!(out, "\n\n{}", balance(chart));
    let _ = write!(out, "\n\n{}", aspects(chart, arguments.all));
    out
}

fn moment(chart: &NatalChart) -> String {
    let moment = &chart.moment;
    let east = if moment.utc_offset_s < 0 { '-' } else { '+' };
    let offset = moment.utc_offset_s.unsigned_abs();
    let seconds = if offset.is_multiple_of(60) { String::new() } else { format!(":{:02}", offset % 60) };
    format!(
        "{}  (UTC{east}{:02}:{:02}{seconds}, delta T {:.1} s)",
        moment.utc,
        offset / 3600,
        offset / 60 % 60,
        moment.delta_t_s
    )
}

/// What was decided in place of the user.
fn notes(chart: &NatalChart) -> Vec<String> {
    let moment = &chart.moment;
    let mut notes = Vec::new();
    match moment.local_kind {
        LocalKind::Unique => {}
        LocalKind::Fold => {
            notes.push("the clocks were set back: this time happened twice, the first was taken".to_owned());
        }
        LocalKind::Gap => {
            notes.push(
                "the clocks were set forward: this time never happened, the old offset was taken".to_owned(),
            );
        }
    }
    match moment.offset_source {
        OffsetSource::ZoneHistory => {}
        OffsetSource::LocalMeanTime => {
            notes.push("before standard time: local mean time of the longitude of birth".to_owned());
        }
        OffsetSource::AssumedUtc => notes.push("no time zone was given: the time is taken as UTC".to_owned()),
    }
    if !moment.time_known {
        let signs: Vec<&str> = chart.moon_sign_candidates.iter().map(|sign| sign.name()).collect();
        notes.push(format!(
            "time unknown: positions of local noon, no houses; the Moon was in {} that day; aspects marked ? do not hold all day",
            signs.join(" or ")
        ));
    } else if chart.houses.is_none() {
        notes.push("place unknown: no houses and no angles".to_owned());
    }
    if let Some((houses, reason)) = chart.houses.as_ref().and_then(|it| Some((it, it.fallback.as_ref()?))) {
        notes.push(format!(
            "{:?} houses do not exist here ({reason}): these are {:?} houses",
            houses.requested, houses.used
        ));
    }
    notes
}

fn bodies(chart: &NatalChart, glyphs: bool) -> String {
    let mut rows = words::listing(["body", "position", "", "house", "dignity", "speed/day", "latitude"]);
    let name = |point: Point| {
        if glyphs { format!("{} {}", words::glyph(point), point.name()) } else { point.name().to_owned() }
    };
    for at in &chart.bodies {
        rows.add_row([
            name(Point::Body(at.body)),
            words::place(at.longitude_deg),
            if at.retrograde { "R".to_owned() } else { String::new() },
            at.house.map_or_else(String::new, |house| format!("{house:>5}")),
            at.dignity.map_or_else(String::new, |dignity| dignity.name().to_owned()),
            signed(at.speed_deg_per_day),
            signed(at.latitude_deg),
        ]);
    }
    if let Some(angles) = chart.angles {
        for (point, longitude) in
            [(Point::Ascendant, angles.ascendant_deg), (Point::Midheaven, angles.midheaven_deg)]
        {
            rows.add_row([name(point), words::place(longitude)]);
        }
        rows.add_row(["Vertex".to_owned(), words::place(angles.vertex_deg)]);
    }
    rows.to_string()
}

fn signed(degrees: f64) -> String {
    format!("{}{}", if degrees < 0.0 { '-' } else { '+' }, words::angle(degrees.abs()))
}

fn houses(chart: &NatalChart) -> Option<String> {
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

fn balance(chart: &NatalChart) -> String {
    let total: f64 = chart.elements.iter().sum();
    let line = |name: &str, weight: f64| {
        let share = 100.0 * weight / total;
        format!("  {name:<9} {} {share:3.0} %", words::bar(share))
    };
    let elements = Element::ALL.iter().zip(chart.elements).map(|(of, weight)| line(of.name(), weight));
    let qualities = Quality::ALL.iter().zip(chart.qualities).map(|(of, weight)| line(of.name(), weight));
    let mut lines: Vec<String> = elements.chain(qualities).collect();
    lines.push(format!("  Moon      {} ({:.0}°)", chart.moon_phase.name, chart.moon_phase.angle_deg));
    if let Some(ruler) = chart.chart_ruler {
        lines.push(format!("  Ruler     {}", ruler.name()));
    }
    lines.join("\n")
}

fn aspects(chart: &NatalChart, all: bool) -> String {
    let mut rows = words::listing(["aspect", "", "", "orb", "", "strength"]);
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
            format!("{:3.0} %", 100.0 * aspect.strength),
        ]);
    }
    let more = match rest.len() {
        0 => String::new(),
        count => format!("\n{count} lesser aspects are listed with --all"),
    };
    format!("{rows}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::astro::{BirthData, HouseSystem, cast};

    fn chart(time: Option<&str>, zone: Option<&str>, place: Option<(f64, f64)>) -> NatalChart {
        let birth = BirthData {
            date: "1990-03-25".to_owned(),
            time: time.map(str::to_owned),
            zone: zone.map(str::to_owned),
            latitude_deg: place.map(|(lat, _)| lat),
            longitude_deg: place.map(|(_, lon)| lon),
        };
        cast(&birth, HouseSystem::Placidus).expect("a chart")
    }

    #[test]
    fn what_was_decided_in_place_of_the_user_is_said() {
        let said = |chart: &NatalChart| notes(chart).join("; ");
        assert!(said(&chart(None, None, None)).contains("time unknown"));
        assert!(said(&chart(None, None, None)).contains("taken as UTC"));
        assert!(said(&chart(Some("02:30"), Some("Europe/Berlin"), None)).contains("never happened"));
        assert!(said(&chart(Some("10:00"), Some("Europe/Berlin"), None)).contains("place unknown"));
        let polar = chart(Some("10:00"), Some("Europe/Oslo"), Some((78.2, 15.6)));
        assert!(said(&polar).contains("Placidus houses do not exist here"));
        assert!(notes(&chart(Some("10:00"), Some("Europe/Berlin"), Some((52.5, 13.4)))).is_empty());
    }

    #[test]
    fn tables_name_every_body_and_the_house_of_each() {
        let chart = chart(Some("10:00"), Some("Europe/Berlin"), Some((52.5, 13.4)));
        let table = bodies(&chart, true);
        for body in Body::ALL {
            assert!(table.contains(body.name()));
        }
        assert!(table.contains("☉ Sun") && table.contains("Ascendant") && table.contains("Vertex"));
        assert_eq!(houses(&chart).expect("houses").lines().count(), 8);
        assert!(!aspects(&chart, true).contains("Mean Node"));
    }
}
