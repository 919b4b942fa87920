//! What four minutes of birth time may change in a report, with real charts from the engine.
//!
//! Four minutes move the angles and the house cusps by about one degree and the Moon by two minutes of arc; the other planets
//! stand still for this purpose. What depends on the angles, directly or through sums that count the ascendant, its
//! aspects and the houses: the code of the quarter, and with it the level of every theme, the energies, the figures set
//! against requirements, the score and the choices made from all of these. What does not: the signs of the planets and
//! the aspects between them. So three things are held:
//!
//! 1. a sentence on a planet's sign or on an aspect between planets keeps its bytes, whatever else has moved;
//! 2. where no choice has moved, every sentence stays as it is but for its figures, and no figure decides on wording;
//! 3. the review of a questionnaire, which knows no chart, keeps all its bytes.

use std::collections::BTreeMap;

use super::people::Person;
use super::readability::{cited_sentences, difference, neutral};
use crate::astro::chart::HouseSystem;
use crate::astro::{BirthData, NatalChart, cast};
use crate::compat::dimension_match;
use crate::domain::{Quarter, ReportType};
use crate::harmonic::{
    DIMENSIONS, EnergyPattern, HarmonicCode, QuarterTransits, code, pattern, testing, transits,
};
use crate::narrator::content::CONTENT;
use crate::narrator::factor::aspect_key;
use crate::narrator::reading::Reading;
use crate::narrator::theme::Theme;
use crate::narrator::training;
use crate::narrator::{Report, ReportInput, write};

/// Births that are cast twice.
const BIRTHS: u64 = 40;

/// A birth, cast at its time and four minutes later.
struct Twice {
    person: Person,
    early: Sky,
    late: Sky,
}

struct Sky {
    chart: NatalChart,
    code: HarmonicCode,
    pattern: EnergyPattern,
}

impl Sky {
    fn of(day: chrono::NaiveDate, minutes: u64, transits: &QuarterTransits) -> Self {
        let data = BirthData {
            date: day.to_string(),
            time: Some(format!("{:02}:{:02}", minutes / 60, minutes % 60)),
            zone: Some("Europe/Berlin".into()),
            latitude_deg: Some(52.5),
            longitude_deg: Some(13.4),
        };
        let chart = cast(&data, HouseSystem::Placidus).unwrap();
        let (code, pattern) = (code(&chart, transits), pattern(&chart, quarter()));
        Self { chart, code, pattern }
    }

    /// The input of a person with this sky; places compare with the figures of its code.
    fn input<'a>(&'a self, person: &'a Person, kind: ReportType) -> ReportInput<'a> {
        let (chart, code, pattern) = (&self.chart, &self.code, &self.pattern);
        let mut input = ReportInput { chart, code, pattern, ..person.input(kind) };
        let places = [&mut input.role, &mut input.department, &mut input.company, &mut input.industry];
        for place in places.into_iter().flatten().filter_map(|place| place.comparison.as_mut()) {
            for row in &mut place.dimension_matches {
                let index = DIMENSIONS.iter().position(|name| *name == row.dimension).unwrap();
                row.has = self.code.dimensions[index];
                row.matched = dimension_match(row.wanted, row.has);
            }
        }
        input
    }
}

fn quarter() -> Quarter {
    Quarter::new(2026, 4).unwrap()
}

fn births() -> Vec<Twice> {
    let transits = transits(quarter());
    let mut state = 0x00f0_a1b2;
    let birth = |number| {
        let days = i64::try_from(testing::below(&mut state, 60 * 365)).unwrap();
        let day = chrono::NaiveDate::from_ymd_opt(1945, 1, 1).unwrap() + chrono::Duration::days(days);
        // Hours without a change of clocks, and no later day four minutes on.
        let minutes = 4 * 60 + testing::below(&mut state, 19 * 60);
        let mut person = Person::new(number);
        person.subject.id = format!("born-{number}");
        Twice { person, early: Sky::of(day, minutes, &transits), late: Sky::of(day, minutes + 4, &transits) }
    };
    (0..BIRTHS).map(birth).collect()
}

/// Types whose text rests on the chart.
fn of_charts() -> impl Iterator<Item = ReportType> {
    ReportType::ALL.into_iter().filter(|kind| *kind != ReportType::QuestionnaireQa)
}

/// Sentences on signs of planets and on aspects between planets, without the Moon, by the fact that they cite.
fn without_angles(report: &Report) -> BTreeMap<String, String> {
    const PLANETS: [&str; 4] = ["Sun", "Mercury", "Venus", "Mars"];
    const ANGLES: [&str; 3] = ["Moon", "Ascendant", "Midheaven"];
    let facts: BTreeMap<&str, (&str, &str)> =
        report.facts.iter().map(|fact| (&*fact.id, (&*fact.kind, &*fact.label))).collect();
    let about = |(sentence, ids): (String, Vec<String>)| {
        let [id] = ids.as_slice() else { return None };
        let (kind, label) = facts[id.as_str()];
        let fact = match kind {
            "placement" if PLANETS.iter().any(|planet| label.starts_with(planet)) => {
                label.split(',').next()?
            }
            "aspect" if !ANGLES.iter().any(|angle| label.contains(angle)) => label,
            _ => return None,
        };
        // A sentence on the house may follow behind a semicolon.
        let clause = sentence.split(';').next()?.trim_end_matches('.');
        Some((fact.to_owned(), clause.to_owned()))
    };
    cited_sentences(report).into_iter().filter_map(about).collect()
}

/// Every choice that a report makes from levels and figures, and what is told of the chart.
fn choices(input: &ReportInput<'_>, report: &Report) -> Vec<String> {
    let reading = Reading::of(input);
    let band = |value: f64, cuts: &[f64]| cuts.iter().filter(|cut| value >= **cut).count();
    let of_theme = |theme: Theme| {
        let (level, shown) = (reading.level(theme), reading.level(theme).round());
        format!("{theme:?} {} {}", band(level, &[38.0, 48.0, 52.0, 58.0]), band(shown, &[34.0, 67.0]))
    };
    let of_style = |(name, style): (&String, &crate::narrator::content::Style)| {
        let [a, b] = style.themes.map(|theme| reading.level(theme));
        // Strictly above 16, strictly below -16.
        format!("{name} {} {}", a - b > 16.0, a - b < -16.0)
    };
    let mut all: Vec<String> = Theme::ALL.map(of_theme).to_vec();
    all.extend(CONTENT.styles.iter().map(of_style));
    all.extend(reading.values.iter().map(|value| format!("{}", band(value.level, &[38.0, 50.0, 62.0]))));
    let distance = |index: &usize| reading.requirements[*index].has - reading.requirements[*index].wanted;
    let mut rows: Vec<usize> = (0..reading.requirements.len()).collect();
    rows.sort_by(|a, b| distance(a).total_cmp(&distance(b)));
    all.push(format!("{rows:?}"));
    all.extend(reading.requirements.iter().map(|one| format!("{:?} {}", one.theme, one.is_met())));
    all.push(format!("{:?} {:?} {:?}", reading.choice.ranked, reading.gaps(), reading.advantages()));
    all.push(format!("{} {}", reading.choice.tension, band(reading.scored.overall, &[45.0, 70.0])));
    all.extend(reading.choice.friction.iter().chain(&reading.choice.ease).map(aspect_key));
    let change = input.previous.as_ref().map_or(0.0, |old| reading.scored.overall - old.overall_score);
    all.push(format!("{} {}", change >= 3.0, change <= -3.0));
    all.push(format!("{:?} {}", input.pattern.kind, input.pattern.dominant_trend));
    let next = input.pattern.next_quarter.energy;
    let mut turn: Vec<usize> = (0..5).collect();
    turn.sort_by(|a, b| {
        (next[*b] - input.code.energy[*b]).abs().total_cmp(&(next[*a] - input.code.energy[*a]).abs())
    });
    all.push(format!("{} {}", turn[0], next[turn[0]] >= input.code.energy[turn[0]]));
    let mut means = reading.department_means();
    all.extend(means.iter().map(|row| format!("{} {}", row.1 > row.2 + 4.0, row.1 + 4.0 < row.2)));
    means.sort_by(|a, b| (b.1 - b.2).total_cmp(&(a.1 - a.2)));
    all.extend(means.iter().map(|row| format!("{:?}", row.0)));
    all.extend(training::gaps(&reading).iter().map(|gap| gap.skill.clone()));
    // What stands in the evidence: facts of the chart as they are, all others without their figures.
    let steady = |kind: &str| matches!(kind, "placement" | "angle" | "aspect" | "harmonic");
    let without_figures = |label: &str| label.replace(|c: char| c.is_ascii_digit(), "0").replace("00", "0");
    all.extend(
        report
            .facts
            .iter()
            .map(|fact| if steady(&fact.kind) { fact.label.clone() } else { without_figures(&fact.label) }),
    );
    all
}

#[test]
fn four_minutes_of_birth_time_change_only_what_depends_on_angles() {
    let (mut free, mut steady, mut kept) = (0, 0, Vec::new());
    for Twice { person, early, late } in &births() {
        for kind in of_charts() {
            let inputs = [early, late].map(|sky| sky.input(person, kind));
            let reports = [0, 1].map(|index| write(&inputs[index]).unwrap());
            let [before, after] = [0, 1].map(|index| choices(&inputs[index], &reports[index]));
            let [told, again] = [0, 1].map(|index| without_angles(&reports[index]));
            for (fact, clause) in &told {
                let Some(other) = again.get(fact) else {
                    assert_ne!(before, after, "{kind} {}: {fact} is told no more", person.subject.id);
                    continue;
                };
                assert_eq!(clause, other, "{kind} {}: {fact}", person.subject.id);
                free += 1;
            }
            let [a, b] = [0, 1].map(|index| {
                let sentences: Vec<String> =
                    cited_sentences(&reports[index]).into_iter().map(|(sentence, _)| sentence).collect();
                sentences
            });
            if before == after {
                let plain = |all: &[String]| -> Vec<String> {
                    let figures =
                        |text: &String| text.replace(|c: char| c.is_ascii_digit(), "0").replace("00", "0");
                    all.iter().map(figures).collect()
                };
                assert_eq!(plain(&a), plain(&b), "{kind} {}", person.subject.id);
                steady += 1;
            } else {
                kept.push(1.0 - difference(&neutral(&a, " "), &neutral(&b, " ")));
            }
        }
    }
    let mean = kept.iter().sum::<f64>() / kept.len() as f64;
    assert!(free > 1000, "{free} sentences on facts without angles were compared");
    assert!(steady > 15, "{steady} pairs of reports made the same choices");
    assert!(mean > 0.9, "{mean:.2} of the sentences stay where a choice has moved");
}

#[test]
fn four_minutes_of_birth_time_leave_the_review_of_a_questionnaire_alone() {
    for Twice { person, early, late } in &births() {
        let of = |sky: &Sky| write(&sky.input(person, ReportType::QuestionnaireQa)).unwrap();
        assert_eq!(of(early).content, of(late).content, "{}", person.subject.id);
    }
}
