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
    let prompt = prompt();
    assert_eq!(prompt.system(&input()).unwrap(), include_str!("golden/report-1.0.0-system.txt"));
    assert_eq!(prompt.user(&input()).unwrap(), include_str!("golden/report-1.0.0-user.txt"));
    assert_eq!(
        prompt.again("- section outlook: is missing").unwrap(),
        include_str!("golden/report-1.0.0-again.txt")
    );
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
    let hash = prompt().reference.hash;
    assert_eq!(
        hash, "31b6120aac3ce5ff2c1641d62fbf2db9c00676ddfb40338edaccd31e935a3a7b",
        "a change of a prompt is a new version"
    );
}

#[test]
fn a_version_that_does_not_exist_is_named() {
    let error = Prompt::find("report", Some("9.9.9")).unwrap_err().to_string();
    assert!(error.contains("report 9.9.9") && error.contains("report 1.0.0"), "{error}");
    assert_eq!(Prompt::find("report", None).unwrap().reference.version, "1.0.0");
}
