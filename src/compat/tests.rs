//! What the room promises, over a random population.

use super::*;
use crate::astro::NatalChart;
use crate::domain::{Profile, Quarter};
use crate::harmonic::natal::year_of;
use crate::harmonic::stats::mean;
use crate::harmonic::testing::{births, explained_by};
use crate::harmonic::{HarmonicCode, code, transits};

const NOW: Quarter = Quarter { year: 2026, number: 4 };

type Person = (NatalChart, HarmonicCode);

fn people(seed: u64, size: usize, timed: bool) -> Vec<Person> {
    let sky = transits(NOW);
    births(seed, size, timed)
        .into_iter()
        .map(|chart| {
            let code = code(&chart, &sky);
            (chart, code)
        })
        .collect()
}

fn party((chart, code): &Person) -> Party<'_> {
    Party { chart, code }
}

fn engineer() -> Profile {
    serde_json::from_str(
        r#"{"dimensions": {"analytical": 80, "focus": 75, "leadership": 40}, "must": ["analytical"],
            "values": ["integrity", "craft"]}"#,
    )
    .unwrap()
}

/// Every kind of target, with everything and with nothing known of it.
fn every_target<'a>(others: &'a [Person], members: &'a [Party<'a>], profile: &'a Profile) -> Vec<Target<'a>> {
    vec![
        Target::Role(profile),
        Target::Industry(profile),
        Target::Department { profile, members },
        Target::Department { profile, members: &[] },
        Target::Company { founding: Some(party(&others[0])), profile },
        Target::Company { founding: None, profile },
        Target::Person(party(&others[1])),
    ]
}

fn sentences(found: &Comparison) -> Vec<String> {
    let mut all = found.recommendations.clone();
    all.extend(found.strengths.iter().flat_map(|s| [s.aspect.clone(), s.description.clone()]));
    all.extend(
        found.challenges.iter().flat_map(|c| [c.aspect.clone(), c.description.clone(), c.mitigation.clone()]),
    );
    all
}

#[test]
fn every_number_of_every_comparison_stays_in_its_range() {
    let (subjects, others) = (people(31, 20, true), people(32, 8, false));
    let members: Vec<Party<'_>> = others.iter().map(party).collect();
    for profile in [engineer(), Profile::default()] {
        for subject in &subjects {
            for target in every_target(&others, &members, &profile) {
                let found = compare(&party(subject), &target, NOW);
                let scores = found.scores.iter().chain([&found.overall, &found.element_score]);
                assert!(scores.clone().all(|score| (0.0..=100.0).contains(score)), "{found:?}");
                let shares = [found.frequency_match, found.energy_pattern_alignment, found.confidence];
                assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{found:?}");
                assert!((0.0..=1.0).contains(&found.data_completeness));
                assert!((found.element_balance.iter().sum::<f64>() - 100.0).abs() < 1e-6);
                assert!(!found.recommendations.is_empty());
                assert!((1..=2).contains(&found.optimal_interaction_times.len()));
            }
        }
    }
}

#[test]
fn two_people_score_the_same_in_both_directions() {
    for timed in [true, false] {
        let group = people(33, 40, timed);
        for pair in group.windows(2) {
            let there = compare(&party(&pair[0]), &Target::Person(party(&pair[1])), NOW);
            let back = compare(&party(&pair[1]), &Target::Person(party(&pair[0])), NOW);
            assert!((there.overall - back.overall).abs() < 1e-6);
            assert!(there.scores.iter().zip(back.scores).all(|(a, b)| (a - b).abs() < 1e-6));
            assert_eq!(there.optimal_interaction_times, back.optimal_interaction_times);
        }
    }
}

#[test]
fn scores_of_pairs_spread_evenly() {
    for (left, right) in [(true, true), (true, false), (false, false)] {
        let (subjects, others) = (people(34, 1500, left), people(35, 1500, right));
        let found: Vec<Comparison> = subjects
            .iter()
            .zip(&others)
            .map(|(a, b)| compare(&party(a), &Target::Person(party(b)), NOW))
            .collect();
        for k in 0..9 {
            let column: Vec<f64> =
                found.iter().map(|c| c.scores.get(k).copied().unwrap_or(c.overall)).collect();
            assert!((46.5..=53.5).contains(&mean(&column)), "{:?}: {:.1}", SCORES.get(k), mean(&column));
        }
    }
}

#[test]
fn no_comparison_prefers_an_age() {
    let subjects = people(36, 3000, true);
    let founding = people(37, 1, true);
    let profile = engineer();
    #[allow(clippy::cast_possible_truncation, reason = "a group of five years")]
    let years: Vec<i64> = subjects.iter().map(|(chart, _)| (year_of(chart) / 5.0) as i64).collect();
    for target in [
        Target::Role(&profile),
        Target::Company { founding: Some(party(&founding[0])), profile: &profile },
        Target::Person(party(&founding[0])),
    ] {
        let found: Vec<Comparison> = subjects.iter().map(|s| compare(&party(s), &target, NOW)).collect();
        for k in 0..9 {
            let column: Vec<f64> =
                found.iter().map(|c| c.scores.get(k).copied().unwrap_or(c.overall)).collect();
            let share = explained_by(&years, &column);
            assert!(share < 0.02, "{:?} {:?}: {:.1} %", found[0].kind, SCORES.get(k), 100.0 * share);
        }
    }
}

#[test]
fn an_empty_profile_says_that_nothing_is_known() {
    let subject = people(38, 1, true).remove(0);
    let found = compare(&party(&subject), &Target::Role(&Profile::default()), NOW);
    assert_eq!((found.overall, found.scores), (50.0, [50.0; 8]));
    assert!(found.strengths.is_empty() && found.challenges.is_empty() && found.dimension_matches.is_empty());
    assert!(found.data_completeness <= 0.5);
}

#[test]
fn unknown_dimension_names_in_a_profile_change_nothing() {
    let subject = people(39, 1, true).remove(0);
    let mut odd = engineer();
    odd.dimensions.insert("charisma".to_owned(), 99.0);
    odd.must.push("luck".to_owned());
    odd.values.push("zzz".to_owned());
    let plain = compare(&party(&subject), &Target::Role(&engineer()), NOW);
    assert_eq!(compare(&party(&subject), &Target::Role(&odd), NOW), plain);
}

#[test]
fn a_role_tells_people_apart() {
    let profile = engineer();
    let mut overall: Vec<f64> = people(40, 200, true)
        .iter()
        .map(|subject| compare(&party(subject), &Target::Role(&profile), NOW).overall)
        .collect();
    overall.sort_by(f64::total_cmp);
    assert!(overall.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(overall[190] - overall[10] > 40.0, "{} to {}", overall[10], overall[190]);
}

#[test]
fn more_of_what_a_role_asks_for_scores_higher() {
    let subject = people(41, 1, true).remove(0);
    let profile = engineer();
    let with = |level: f64| {
        let mut code = subject.1.clone();
        code.dimensions = [level; 8];
        compare(&Party { chart: &subject.0, code: &code }, &Target::Role(&profile), NOW).overall
    };
    assert!(with(20.0) < with(50.0) && with(50.0) < with(90.0));
}

#[test]
fn a_comparison_can_be_repeated() {
    let group = people(42, 2, true);
    let again = people(42, 2, true);
    let target = |group: &[Person]| compare(&party(&group[0]), &Target::Person(party(&group[1])), NOW);
    assert_eq!(target(&group), target(&again));
}

#[test]
fn optimal_quarters_lie_in_the_next_year() {
    let group = people(43, 30, true);
    let next: Vec<String> = (1..=4).map(|step| NOW.offset(step).to_string()).collect();
    for pair in group.windows(2) {
        let found = compare(&party(&pair[0]), &Target::Person(party(&pair[1])), NOW);
        assert!(found.optimal_interaction_times.iter().all(|time| next.contains(time)));
        assert!(found.optimal_interaction_times.is_sorted());
    }
}

#[test]
fn no_sentence_decides_about_a_person_or_speaks_jargon() {
    const FORBIDDEN: [&str; 21] = [
        "hire",
        "hiring",
        "fire",
        "firing",
        "fired",
        "promote",
        "promotion",
        "dismiss",
        "reject",
        "sun",
        "moon",
        "mercury",
        "venus",
        "mars",
        "jupiter",
        "saturn",
        "harmonic",
        "aspect",
        "ascendant",
        "trine",
        "chart",
    ];
    let (subjects, others) = (people(44, 60, true), people(45, 8, true));
    let members: Vec<Party<'_>> = others.iter().map(party).collect();
    let profile = engineer();
    for subject in &subjects {
        for target in every_target(&others, &members, &profile) {
            for text in sentences(&compare(&party(subject), &target, NOW)) {
                let lower = text.to_lowercase();
                let words: Vec<&str> = lower.split(|c: char| !c.is_alphabetic()).collect();
                assert!(!FORBIDDEN.iter().any(|word| words.contains(word)), "{text}");
                assert!(!text.contains('{'), "{text}");
            }
        }
    }
}

#[test]
fn a_department_below_five_people_is_not_described_as_a_whole() {
    let (subjects, others) = (people(46, 60, true), people(47, 8, true));
    let members: Vec<Party<'_>> = others.iter().map(party).collect();
    let profile = Profile::default();
    let adds = |members: &[Party<'_>]| {
        let target = Target::Department { profile: &profile, members };
        subjects
            .iter()
            .flat_map(|subject| compare(&party(subject), &target, NOW).strengths)
            .filter(|strength| strength.description.starts_with("Adds"))
            .count()
    };
    assert_eq!(adds(&members[..3]), 0);
    assert!(adds(&members) > 0);
}
