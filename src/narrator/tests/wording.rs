//! Slips that a proof reader would mark, looked for in every text of a report.

use super::people::Person;
use super::readability::{lines, sentences, words};
use crate::domain::ReportType;
use crate::narrator::Report;

/// Every text that somebody reads, also beside the report itself: analysis, plan, readings of answers.
fn texts(report: &Report) -> Vec<String> {
    let mut all = lines(report);
    let analysis = &report.analysis;
    all.extend(analysis.traits.iter().flat_map(|one| [one.description.clone(), one.context.clone()]));
    let lists = [&analysis.strengths, &analysis.weaknesses, &analysis.opportunities, &analysis.risks];
    all.extend(lists.into_iter().flatten().cloned());
    all.extend(analysis.compatibility_factors.iter().map(|one| format!("{}: {}", one.factor, one.reasoning)));
    all.extend(report.facts.iter().map(|fact| fact.label.clone()));
    if let Some(plan) = &report.training {
        all.extend(plan.skill_gaps.iter().map(|gap| gap.reasoning.clone()));
        for one in &plan.recommendations {
            all.extend([one.description.clone(), one.duration.clone(), one.expected_outcome.clone()]);
        }
        for goal in plan.short_term.iter().chain(&plan.medium_term).chain(&plan.long_term) {
            all.extend(goal.actions.iter().chain(&goal.metrics).chain([&goal.goal]).cloned());
        }
    }
    for form in &report.questionnaires {
        all.extend(form.answers.iter().map(|answer| answer.analysis.clone()));
        all.extend(form.recommendations.iter().chain(&form.follow_up_questions).cloned());
    }
    all
}

/// What reports count.
const NOUNS: [&str; 18] = [
    "answer",
    "question",
    "questionnaire",
    "point",
    "part",
    "fact",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "theme",
    "skill",
    "step",
    "task",
    "piece",
    "need",
];

fn is_many(word: &str) -> bool {
    word == "people" || NOUNS.iter().any(|noun| word.strip_suffix('s') == Some(*noun))
}

/// What is wrong with two words that follow each other.
fn slip(first: &str, second: &str) -> Option<&'static str> {
    match first {
        "a" | "an" | "1" | "one" if is_many(second) => Some("one before a plural"),
        "0" | "none" if is_many(second) => Some("a count of nothing"),
        "a" if sounds_open(second) => Some("a before a vowel"),
        "an" if !sounds_open(second) => Some("an before a consonant"),
        _ => (first == second && first.chars().all(char::is_alphabetic)).then_some("a word twice"),
    }
}

/// Whether a word begins with a vowel when spoken.
fn sounds_open(word: &str) -> bool {
    let starts = |words: &[&str]| words.iter().any(|start| word.starts_with(start));
    starts(&["hour", "honest", "hr", "8"])
        || word.starts_with(['a', 'e', 'i', 'o', 'u']) && !starts(&["one", "use", "uni", "eu"])
}

/// Spelling of the other side of the ocean; one spelling everywhere.
fn is_american(word: &str) -> bool {
    const WORDS: [&str; 9] =
        ["behavior", "behavioral", "color", "favor", "labor", "center", "toward", "program", "practicing"];
    let ending = word.contains("iz")
        && ["ize", "izes", "ized", "izing", "ization"].iter().any(|ending| word.ends_with(ending));
    WORDS.contains(&word) || ending && !matches!(word, "size" | "sizes" | "sized" | "prize" | "seize")
}

/// Without quoted answers, which are the words of others.
fn unquoted(text: &str) -> String {
    text.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// Slips of one report, each with its text.
fn slips(person: &Person, report: &Report) -> Vec<String> {
    const PARTS: [&str; 13] =
        ["  ", " ,", " .", ",,", ";;", "{", "}", " ;", ".;", ":.", "?.", " of 0 ", " 0 of"];
    let name = crate::narrator::words::given_name(&person.subject.full_name);
    let mut found = Vec::new();
    for text in texts(report) {
        let text = unquoted(&text);
        let mut note = |what: &str| found.push(format!("{what}: {text}"));
        PARTS.iter().filter(|part| text.contains(**part)).for_each(|part| note(part));
        let lower = text.to_lowercase();
        for clause in lower.split(['.', ';', ':', ',', '?', '"', '(', ')', '*', '[', ']', '-']) {
            let words = words(clause);
            words.windows(2).filter_map(|pair| slip(pair[0], pair[1])).for_each(&mut note);
            words.iter().filter(|word| is_american(word)).for_each(|word| note(word));
        }
        // "Five minutes", but "a five-minute talk".
        let joined = words(&lower).into_iter().filter_map(|word| word.rsplit_once('-'));
        joined.filter(|(_, noun)| is_many(noun)).for_each(|_| note("a hyphen before a plural"));
        let tails = text.split("; ").skip(1).filter(|tail| tail.starts_with(char::is_uppercase));
        let capitals = tails.filter(|tail| !tail.starts_with(&name) && !tail.starts_with("HR"));
        capitals.for_each(|_| note("capital behind a semicolon"));
    }
    found
}

pub(super) fn no_slips(kind: ReportType, person: &Person, report: &Report) {
    let found = slips(person, report);
    assert!(found.is_empty(), "{kind} {}: {found:#?}", person.subject.id);
}

/// Sentences that open with the same three words as the one before.
fn echoes(report: &Report) -> Vec<String> {
    // Without the one to whom a step is given.
    let plain = |sentence: &String| match sentence.split_once(": ") {
        Some((head, rest)) if !head.contains(' ') => rest.to_owned(),
        _ => sentence.clone(),
    };
    let opening = |sentence: &String| {
        words(&plain(sentence)).iter().take(3).map(|word| word.to_lowercase()).collect::<Vec<_>>()
    };
    let all = sentences(report);
    let same = all.windows(2).filter(|pair| {
        let [first, second] = [opening(&pair[0]), opening(&pair[1])];
        first.len() == 3 && first == second
    });
    same.map(|pair| pair.join(" ")).collect()
}

pub(super) fn openings_change(kind: ReportType, person: &Person, report: &Report) {
    let found = echoes(report);
    assert!(found.is_empty(), "{kind} {}: {found:#?}", person.subject.id);
}

#[test]
fn slips_are_found() {
    let slips =
        [("a", "apple"), ("an", "plan"), ("1", "hours"), ("one", "answers"), ("the", "the"), ("an", "use")];
    for (first, second) in slips {
        assert!(slip(first, second).is_some(), "{first} {second}");
    }
    let fine =
        [("a", "user"), ("an", "hour"), ("one", "plan"), ("a", "one-page"), ("one", "does"), ("an", "idea")];
    for (first, second) in fine {
        assert_eq!(slip(first, second), None, "{first} {second}");
    }
    assert!(is_american("organized") && !is_american("size") && !is_american("programme"));
}
