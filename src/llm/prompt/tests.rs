//! Renders byte by byte.

use super::*;

fn input() -> Input {
    Input {
        language: "English".to_owned(),
        title: "Compatibility with the job role".to_owned(),
        subject: "Person A".to_owned(),
        facts: vec![
            "F01 (strong): Mercury in Virgo, 6th house".to_owned(),
            "F02 (weak): Drive: level low".to_owned(),
        ],
        context: vec![Context {
            name: "Role".to_owned(),
            text: "Leads the flight software team.".to_owned(),
        }],
        answers: "<data name=\"answers\">\n{\"answer\":\"I plan {{ subject }} first.\"}\n</data>".to_owned(),
        plan: vec![
            PlanSection {
                id: "verdict_in_words".to_owned(),
                title: "In words".to_owned(),
                draft: "Person A fits in part [F01].".to_owned(),
            },
            PlanSection {
                id: "natural_advantages".to_owned(),
                title: "Advantages".to_owned(),
                draft: "Care & calm <always>.".to_owned(),
            },
        ],
        min_words: 60,
    }
}

fn prompt() -> Prompt {
    Prompt::find("report", Some("1.0.0")).unwrap()
}

#[test]
fn the_renders_are_the_golden_ones() {
    for (version, golden) in [
        (
            "1.0.0",
            [
                include_str!("golden/report-1.0.0-system.txt"),
                include_str!("golden/report-1.0.0-user.txt"),
                include_str!("golden/report-1.0.0-again.txt"),
            ],
        ),
        (
            "1.1.0",
            [
                include_str!("golden/report-1.1.0-system.txt"),
                include_str!("golden/report-1.1.0-user.txt"),
                include_str!("golden/report-1.1.0-again.txt"),
            ],
        ),
    ] {
        let prompt = Prompt::find("report", Some(version)).unwrap();
        let again = prompt.again("- section outlook: is missing").unwrap();
        let renders = [prompt.system(&input()).unwrap(), prompt.user(&input()).unwrap(), again];
        assert_eq!(renders, golden, "{version}");
    }
}

#[test]
fn without_context_and_answers_their_headings_are_gone() {
    let bare = Input { context: Vec::new(), answers: String::new(), ..input() };
    let text = prompt().user(&bare).unwrap();
    assert!(!text.contains("Context") && !text.contains("answered"), "{text}");
}

#[test]
fn the_rules_hold_nothing_of_the_person() {
    let other = Input { subject: "Person B".to_owned(), facts: Vec::new(), ..input() };
    assert_eq!(prompt().system(&input()).unwrap(), prompt().system(&other).unwrap());
}

#[test]
fn a_name_that_is_not_given_is_an_error_without_content() {
    let error = prompt().render("user", &BTreeMap::from([("title", "secret")])).unwrap_err();
    assert_eq!(error.kind, Kind::PromptRender);
    assert!(error.to_string().contains("UndefinedError") && !error.to_string().contains("secret"), "{error}");
}

#[test]
fn a_released_version_never_changes() {
    for (version, released) in [
        ("1.0.0", "31b6120aac3ce5ff2c1641d62fbf2db9c00676ddfb40338edaccd31e935a3a7b"),
        ("1.1.0", "76f3afa754ee66431a474469f58a184d7d9bd85d2ad1fa0a061cbb11f128a142"),
    ] {
        let hash = Prompt::find("report", Some(version)).unwrap().reference.hash;
        assert_eq!(hash, released, "a change of a prompt is a new version");
    }
}

#[test]
fn a_version_that_does_not_exist_is_named_beside_those_that_do() {
    let error = Prompt::find("report", Some("9.9.9")).unwrap_err().to_string();
    assert!(error.contains("no 9.9.9 of the prompt report; there are [1.0.0, 1.1.0]"), "{error}");
    assert_eq!(Prompt::find("report", None).unwrap().reference.version, "1.1.0");
}
