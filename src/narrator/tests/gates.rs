//! Gates of every report.

use std::collections::BTreeSet;

use super::people::Person;
use super::readability::{difference, ease, neutral, sentences, word_count};
use crate::domain::ReportType;
use crate::narrator::words::given_name;
use crate::narrator::{Report, write};

const PEOPLE: u64 = 60;

fn each(mut check: impl FnMut(ReportType, &Person, &Report)) {
    for seed in 0..PEOPLE {
        let person = Person::new(seed);
        for kind in ReportType::ALL {
            let report = write(&person.input(kind)).unwrap();
            check(kind, &person, &report);
        }
    }
}

#[test]
fn every_report_has_its_sections_in_order() {
    let expected = |kind| match kind {
        ReportType::PersonalityRoleSpecific => {
            "overview role_snapshot strengths_in_role work_style under_pressure communication role_fit growth_plan_90d"
        }
        ReportType::BehaviorCompanySpecific => {
            "overview company_values_map everyday_behaviour collaboration_style leadership_and_followership \
             culture_friction manager_guide actions"
        }
        ReportType::CompatibilityJobRole => {
            "verdict_in_words requirement_table natural_advantages gaps_and_supports first_90_days \
             questions_for_the_conversation"
        }
        ReportType::CompatibilityDepartment => {
            "overview department_profile complementarity pace_and_communication likely_friction \
             onboarding_buddy_and_rituals"
        }
        ReportType::CompatibilityCompany => {
            "overview mission_and_values structure_and_autonomy growth_stage_fit belonging_and_wellbeing_supports \
             risks actions"
        }
        ReportType::CompatibilityIndustry => {
            "overview industry_demands transferable_strengths stretch_areas roles_in_industry_to_explore outlook"
        }
        ReportType::QuestionnaireQa => {
            "overview how_to_read questions themes contradictions_and_missing actions"
        }
        ReportType::TrainingDevelopment => {
            "overview learning_style priority_skills programme practice_tasks coaching_questions measures"
        }
    };
    each(|kind, _, report| {
        let ids: Vec<&str> =
            report.content.sections.iter().map(|section| section.section_id.as_str()).collect();
        let wanted: Vec<&str> =
            expected(kind).split_whitespace().chain(["evidence", "method_limits"]).collect();
        assert_eq!(ids, wanted, "{kind}");
    });
}

#[test]
fn every_report_is_900_to_1800_words_long() {
    each(|kind, person, report| {
        let words = word_count(report);
        assert!((900..=1800).contains(&words), "{kind} {}: {words} words", person.subject.id);
    });
}

#[test]
fn sentences_are_short_and_easy_to_read() {
    each(|kind, person, report| {
        let (per_sentence, flesch) = ease(report);
        assert!((12.0..=20.0).contains(&per_sentence), "{kind} {}: {per_sentence:.1}", person.subject.id);
        assert!(flesch >= 50.0, "{kind} {}: Flesch {flesch:.1}", person.subject.id);
    });
}

#[test]
fn no_sentence_stands_twice_in_a_report() {
    each(|kind, person, report| {
        let mut seen = BTreeSet::new();
        for sentence in sentences(report) {
            assert!(seen.insert(sentence.to_lowercase()), "{kind} {}: {sentence}", person.subject.id);
        }
    });
}

#[test]
fn two_people_share_at_most_a_third_of_their_sentences() {
    for kind in ReportType::ALL {
        let reports: Vec<_> = (0..40)
            .map(|seed| {
                let person = Person::new(seed);
                let report = write(&person.input(kind)).unwrap();
                neutral(&report, &given_name(&person.subject.full_name))
            })
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
    each(|kind, person, report| {
        let text = serde_json::to_string(&report.content).unwrap();
        let known: BTreeSet<&str> = report.facts.iter().map(|fact| fact.id.as_str()).collect();
        let mut cited = BTreeSet::new();
        for (at, _) in text.match_indices("[F") {
            cited.insert(&text[at + 1..at + 4]);
        }
        assert_eq!(known, cited, "{kind} {}", person.subject.id);
        assert!((4..=24).contains(&known.len()), "{kind}: {} facts", known.len());
    });
}

#[test]
fn forbidden_words_and_fortune_telling_never_appear() {
    each(|kind, person, report| {
        let text = serde_json::to_string(&report.content).unwrap()
            + &serde_json::to_string(&report.analysis).unwrap();
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            assert!(!crate::narrator::words::has_forbidden(word), "{kind} {}: {word}", person.subject.id);
            assert!(!matches!(word, "he" | "she" | "He" | "She" | "his" | "her"), "{kind}: {word}");
        }
        assert!(!text.to_lowercase().contains("you will"), "{kind}");
        assert!(!text.contains('{') || !text.contains("{S}"), "{kind}");
    });
}

#[test]
fn every_report_says_what_it_is_not() {
    each(|kind, _, report| {
        let limits = &report.content.sections.last().unwrap().content;
        for part in [
            "The score is advisory",
            "no demonstrated validity",
            "proxy for age",
            "No employment decision may rest",
        ] {
            assert!(limits.contains(part), "{kind}: {part}");
        }
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
        let mut scores: Vec<f64> =
            (0..PEOPLE).map(|seed| write(&Person::new(seed).input(kind)).unwrap().scores.overall).collect();
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
            ReportType::PersonalityRoleSpecific => 12,
            ReportType::BehaviorCompanySpecific => 11,
            ReportType::CompatibilityJobRole => 8,
            ReportType::CompatibilityDepartment => 9,
            ReportType::CompatibilityCompany => 7,
            ReportType::CompatibilityIndustry => 12,
            ReportType::QuestionnaireQa => 8,
            ReportType::TrainingDevelopment => 9,
        };
        assert!(parts >= least, "{kind} {}: {parts} parts", person.subject.id);
    });
}
