//! Gates of every report.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::people::Person;
use super::readability::{
    cited_sentences, difference, ease, ease_of, neutral, sentences, word_count, words_of,
};
use super::wording::{no_slips, openings_change};
use crate::domain::{Quarter, ReportType};
use crate::harmonic::{code, pattern, testing, transits};
use crate::narrator::reading::Reading;
use crate::narrator::words::given_name;
use crate::narrator::write::of_reading;
use crate::narrator::{Report, ReportInput, section_ids, write};

/// People of the tests that look at one thing; the gates hold for many more.
const PEOPLE: u64 = 24;

/// All reports, written once for all tests.
static WRITTEN: LazyLock<Vec<(ReportType, Person, Report)>> = LazyLock::new(|| {
    let kinds = |seed| ReportType::ALL.map(|kind| (seed, kind));
    (0..PEOPLE)
        .flat_map(kinds)
        .map(|(seed, kind)| {
            let person = Person::new(seed);
            let report = write(&person.input(kind)).unwrap();
            (kind, person, report)
        })
        .collect()
});

fn each(mut check: impl FnMut(ReportType, &Person, &Report)) {
    for (kind, person, report) in WRITTEN.iter() {
        check(*kind, person, report);
    }
}

fn of_kind(kind: ReportType) -> impl Iterator<Item = (&'static Person, &'static Report)> {
    WRITTEN.iter().filter(move |written| written.0 == kind).map(|(_, person, report)| (person, report))
}

fn sections_in_order(kind: ReportType, _: &Person, report: &Report) {
    let ids: Vec<&str> = report.content.sections.iter().map(|section| section.section_id.as_str()).collect();
    assert_eq!(ids, section_ids(kind), "{kind}");
}

fn length(kind: ReportType, person: &Person, sentences: &[String]) {
    let words = words_of(sentences);
    assert!((900..=1800).contains(&words), "{kind} {}: {words} words", person.subject.id);
}

fn readability(kind: ReportType, person: &Person, sentences: &[String]) {
    let (per_sentence, flesch) = ease_of(sentences);
    assert!((12.0..=20.0).contains(&per_sentence), "{kind} {}: {per_sentence:.1}", person.subject.id);
    assert!(flesch >= 50.0, "{kind} {}: Flesch {flesch:.1}", person.subject.id);
}

fn no_repetition(kind: ReportType, person: &Person, sentences: &[String]) {
    let mut seen = BTreeSet::new();
    for sentence in sentences {
        assert!(seen.insert(sentence.to_lowercase()), "{kind} {}: {sentence}", person.subject.id);
    }
}

fn citations(kind: ReportType, person: &Person, report: &Report) {
    let text = serde_json::to_string(&report.content).unwrap();
    let known: BTreeSet<&str> = report.facts.iter().map(|fact| fact.id.as_str()).collect();
    let mut cited = BTreeSet::new();
    for (at, _) in text.match_indices("[F") {
        cited.insert(&text[at + 1..at + 4]);
    }
    assert_eq!(known, cited, "{kind} {}", person.subject.id);
    assert!((4..=24).contains(&known.len()), "{kind}: {} facts", known.len());
}

fn no_forbidden_words(kind: ReportType, person: &Person, report: &Report) {
    let text =
        serde_json::to_string(&report.content).unwrap() + &serde_json::to_string(&report.analysis).unwrap();
    // Each word once: a report has three times as many words as different ones.
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    for word in words {
        assert!(!crate::narrator::words::has_forbidden(word), "{kind} {}: {word}", person.subject.id);
        assert!(!matches!(word, "he" | "she" | "He" | "She" | "his" | "her"), "{kind}: {word}");
    }
    assert!(!text.to_lowercase().contains("you will"), "{kind}");
    assert!(!text.contains('{') || !text.contains("{S}"), "{kind}");
}

#[test]
fn every_report_has_its_sections_in_order() {
    each(sections_in_order);
}

#[test]
fn every_report_is_900_to_1800_words_long() {
    each(|kind, person, report| length(kind, person, &sentences(report)));
}

#[test]
fn sentences_are_short_and_easy_to_read() {
    each(|kind, person, report| readability(kind, person, &sentences(report)));
}

#[test]
fn no_sentence_stands_twice_in_a_report() {
    each(|kind, person, report| no_repetition(kind, person, &sentences(report)));
}

/// Reports of one type about many people, by all cores; gates that look at one report alone, then at pairs.
#[test]
fn five_hundred_people_of_each_type_pass_the_gates() {
    const MANY: u64 = 500;
    let people: Vec<Person> = (0..MANY).map(Person::new).collect();
    let of_kind = |kind: ReportType| -> Vec<BTreeSet<String>> {
        let judged = |person: &Person| {
            let report = write(&person.input(kind)).unwrap();
            for gate in [sections_in_order, citations, no_forbidden_words, no_slips, openings_change] {
                gate(kind, person, &report);
            }
            let sentences = sentences(&report);
            for gate in [length, readability, no_repetition] {
                gate(kind, person, &sentences);
            }
            neutral(&sentences, &given_name(&person.subject.full_name))
        };
        people.iter().map(judged).collect()
    };
    let (kinds, of_kind) = (ReportType::ALL, &of_kind);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for kinds in kinds.chunks(kinds.len().div_ceil(cores)) {
            scope.spawn(move || {
                for kind in kinds {
                    let reports = of_kind(*kind);
                    // Each with its neighbour and with one far away.
                    for apart in [1, 250] {
                        for (at, report) in reports.iter().enumerate() {
                            let other = (at + apart) % reports.len();
                            let differs = difference(report, &reports[other]);
                            assert!(
                                differs >= 0.65,
                                "{kind}: people {at} and {other} differ in {differs:.3}"
                            );
                        }
                    }
                }
            });
        }
    });
}

#[test]
fn a_fact_that_is_removed_takes_its_sentences_with_it() {
    let mut removed = 0;
    for seed in 0..6 {
        let person = Person::new(seed);
        for kind in ReportType::ALL {
            if matches!(kind, ReportType::QuestionnaireQa | ReportType::TrainingDevelopment) {
                continue;
            }
            let input = person.input(kind);
            let reading = Reading::of(&input);
            let full = of_reading(&reading);
            for fact in &full.facts {
                let key = reading.factors.iter().find(|(_, factor)| factor.label == fact.label).unwrap().0;
                let mut without = reading.clone();
                without.factors.remove(key).unwrap();
                let reduced: BTreeSet<String> = sentences(&of_reading(&without)).into_iter().collect();
                let rests = |ids: &[String]| match ids.iter().position(|id| *id == fact.id) {
                    // A point of the chart in the second place only supports the level of a theme.
                    Some(place) => place == 0 || !matches!(&*fact.kind, "placement" | "angle" | "aspect"),
                    None => false,
                };
                for (sentence, _) in cited_sentences(&full).into_iter().filter(|(_, ids)| rests(ids)) {
                    assert!(!reduced.contains(&sentence), "{kind} {seed}: {sentence} stays without {key}");
                    removed += 1;
                }
            }
        }
    }
    assert!(removed > 500, "{removed} sentences rested on one fact alone");
}

#[test]
fn two_people_share_at_most_a_third_of_their_sentences() {
    for kind in ReportType::ALL {
        let reports: Vec<_> = of_kind(kind)
            .map(|(person, report)| neutral(&sentences(report), &given_name(&person.subject.full_name)))
            .collect();
        let mut shares = Vec::new();
        for (i, a) in reports.iter().enumerate() {
            shares.extend(reports[i + 1..].iter().map(|b| difference(a, b)));
        }
        let least = shares.iter().copied().fold(1.0, f64::min);
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!(least >= 0.65, "{kind}: least {least:.3}, mean {mean:.3}");
    }
}

#[test]
fn every_cited_fact_exists_and_every_fact_is_cited() {
    each(citations);
}

#[test]
fn forbidden_words_and_fortune_telling_never_appear() {
    each(no_forbidden_words);
}

#[test]
fn every_report_says_what_it_is_not() {
    each(|kind, _, report| {
        let limits = &report.content.sections.last().unwrap().content;
        let own: &[&str] = if kind == ReportType::QuestionnaireQa {
            &["from the answers alone", "no level here is a measure of a person"]
        } else {
            &["astrology has no demonstrated validity", "proxy for age"]
        };
        for part in ["The score is advisory", "No employment decision may rest"].iter().chain(own) {
            assert!(limits.contains(part), "{kind}: {part}");
        }
        // The review of answers says nothing of what it does not use.
        assert_eq!(limits.contains("astrology"), kind != ReportType::QuestionnaireQa, "{kind}");
    });
}

#[test]
fn equal_input_gives_equal_bytes() {
    for kind in ReportType::ALL {
        let (a, b) = (Person::new(7), Person::new(7));
        let (a, b) = (write(&a.input(kind)).unwrap(), write(&b.input(kind)).unwrap());
        assert_eq!(serde_json::to_vec(&a.content).unwrap(), serde_json::to_vec(&b.content).unwrap());
        assert_eq!(a, b);
    }
}

#[test]
fn the_weights_sum_to_one_and_explain_the_score() {
    each(|kind, _, report| {
        let scores = &report.scores;
        let total: f64 = scores.weights.values().sum();
        assert!((total - 1.0).abs() < 1e-6, "{kind}: {total}");
        let sum: f64 = scores.weights.iter().map(|(key, weight)| weight * scores.dimensions[key]).sum();
        assert!((sum - scores.overall).abs() <= 0.051, "{kind}: {sum} {}", scores.overall);
        let inside = |value: f64| (0.0..=100.0).contains(&value);
        assert!(inside(report.content.score) && inside(scores.overall) && inside(scores.potential));
        assert!(
            inside(scores.personality) && inside(scores.behavior) && scores.compatibility.is_none_or(inside)
        );
        assert!((0.0..=1.0).contains(&scores.confidence));
    });
}

#[test]
fn scores_differ_between_people() {
    for kind in ReportType::ALL {
        let mut scores: Vec<f64> = of_kind(kind).map(|(_, report)| report.scores.overall).collect();
        scores.sort_by(f64::total_cmp);
        assert!(scores[scores.len() - 1] - scores[0] > 15.0, "{kind}: {scores:?}");
    }
}

#[test]
fn figures_have_the_shape_of_their_kind() {
    each(|kind, _, report| {
        let figures = report.content.sections.iter().flat_map(|section| &section.visualizations);
        for figure in figures {
            let keys: &[&str] = match figure.kind.as_str() {
                "radar" | "bar" => &["labels", "series", "max"],
                "gauge" => &["value", "bands"],
                "table" => &["columns", "rows"],
                "heatmap" => &["x", "y", "values"],
                "chart_wheel" => &["bodies", "angles", "aspects"],
                "timeline" => &["items"],
                other => panic!("{kind}: {other}"),
            };
            for key in keys {
                assert!(figure.data.get(key).is_some(), "{kind}: {} has no {key}", figure.kind);
            }
        }
        assert!(report.content.sections.iter().any(|section| !section.visualizations.is_empty()));
    });
}

#[test]
fn no_section_and_no_list_is_empty() {
    each(|kind, person, report| {
        for section in &report.content.sections {
            assert!(
                !section.content.trim().is_empty() || !section.subsections.is_empty(),
                "{kind} {}",
                section.section_id
            );
            for part in &section.subsections {
                assert!(!part.content.trim().is_empty(), "{kind} {} {}", section.section_id, part.title);
                let lines = part.insights.iter().chain(&part.recommendations);
                assert!(lines.into_iter().all(|line| !line.is_empty()), "{kind} {}", section.section_id);
            }
        }
        let content = &report.content;
        assert!(
            content.key_insights.len() >= 3 && content.action_items.len() >= 3,
            "{kind} {}",
            person.subject.id
        );
        assert!(!content.warnings.is_empty());
    });
}

#[test]
fn the_slow_planets_never_show_their_sign() {
    each(|kind, _, report| {
        for fact in &report.facts {
            for planet in ["Jupiter in", "Saturn in", "Uranus in", "Neptune in", "Pluto in"] {
                let sign = fact.label.strip_prefix(planet).unwrap_or("");
                assert!(
                    crate::astro::Sign::ALL.iter().all(|s| !sign.contains(s.name())),
                    "{kind}: {}",
                    fact.label
                );
            }
        }
    });
}

#[test]
fn every_recommendation_and_step_has_a_time_frame() {
    const TIMES: [&str; 16] = [
        "minute",
        "hour",
        "day",
        "morning",
        "week",
        "month",
        "quarter",
        "year",
        "before each",
        "each time",
        "start",
        "meeting",
        "every",
        "until",
        "each task",
        "in the same talk",
    ];
    each(|kind, _, report| {
        let parts = report.content.sections.iter().filter(|section| section.section_id != "questions");
        let parts = parts.flat_map(|section| &section.subsections);
        let lines = parts.flat_map(|part| &part.recommendations).chain(&report.content.action_items);
        for line in lines {
            assert!(TIMES.iter().any(|time| line.contains(time)), "{kind}: {line}");
        }
    });
}

#[test]
fn no_planned_part_is_lost_for_want_of_facts() {
    each(|kind, person, report| {
        let parts: usize = report.content.sections.iter().map(|section| section.subsections.len()).sum();
        let least = match kind {
            ReportType::PersonalityRoleSpecific | ReportType::CompatibilityIndustry => 12,
            ReportType::BehaviorCompanySpecific => 11,
            ReportType::CompatibilityDepartment | ReportType::TrainingDevelopment => 9,
            ReportType::CompatibilityJobRole | ReportType::QuestionnaireQa => 8,
            ReportType::CompatibilityCompany => 7,
        };
        assert!(parts >= least, "{kind} {}: {parts} parts", person.subject.id);
    });
}

#[test]
fn real_births_pass_the_same_gates() {
    let quarter = Quarter::new(2026, 4).unwrap();
    let transits = transits(quarter);
    for (number, chart) in
        testing::births(3, 12, true).iter().chain(&testing::births(4, 12, false)).enumerate()
    {
        let (code, pattern) = (code(chart, &transits), pattern(chart, quarter));
        let mut person = Person::new(number as u64);
        person.subject.id = format!("real-{number}");
        for kind in ReportType::ALL {
            let input = ReportInput { chart, code: &code, pattern: &pattern, ..person.input(kind) };
            let report = write(&input).unwrap();
            let (per_sentence, flesch) = ease(&report);
            let words = word_count(&report);
            assert!((900..=1800).contains(&words), "{kind} {number}: {words} words");
            assert!((12.0..=20.0).contains(&per_sentence) && flesch >= 50.0, "{kind} {number}");
            let all = sentences(&report);
            let different: BTreeSet<&String> = all.iter().collect();
            assert_eq!(all.len(), different.len(), "{kind} {number}");
        }
    }
}
