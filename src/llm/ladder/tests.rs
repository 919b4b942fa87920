//! Each step of the ladder, and what it does to texts as models write them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::domain::ReportType;
use crate::llm::draft;

const TYPE: ReportType = ReportType::CompatibilityIndustry;

fn facts() -> BTreeSet<String> {
    ["F01", "F02", "F07"].map(str::to_owned).into()
}

fn judged(text: &str) -> Judged {
    let sections = draft::section_ids(TYPE);
    let facts = facts();
    let rules = Rules {
        sections: &sections,
        facts: &facts,
        min_words: 12,
        locale: "en",
        leaks: &|text| text.contains("Ada").then_some("a name"),
    };
    judge(text, &draft::schema(TYPE), &rules)
}

/// A good answer.
fn good() -> Value {
    let sections: Vec<Value> = draft::section_ids(TYPE)
        .into_iter()
        .map(|id| {
            json!({
                "sectionId": id,
                "content": format!("In {id} the person tends to work with calm and with care for the result [F01]."),
                "subsections": [{
                    "title": format!("About {id}"),
                    "content": format!("What stands out in {id} is a steady way of handling new demands [F07]."),
                    "insights": [format!("Steady in {id} when others hurry.")],
                    "recommendations": [],
                    "evidence": ["F01", "F07"]
                }]
            })
        })
        .collect();
    json!({
        "summary": "The person brings calm, care and a steady way of working into an industry that asks for exactly that.",
        "sections": sections,
        "keyInsights": ["Calm under pressure."],
        "actionItems": ["Agree on one measure within two weeks."]
    })
}

fn with(change: impl FnOnce(&mut Value)) -> Judged {
    let mut value = good();
    change(&mut value);
    judged(&value.to_string())
}

fn codes_in(judged: &Judged, section: &str) -> Vec<&'static str> {
    let of = |violation: &&Violation| violation.section.as_deref() == Some(section);
    judged.violations.iter().filter(of).map(|violation| violation.code).collect()
}

#[test]
fn a_good_answer_passes_untouched() {
    let judged = judged(&good().to_string());
    assert_eq!(judged.violations, []);
    assert!(judged.repairs.is_empty());
    assert_eq!(judged.sections.len(), draft::section_ids(TYPE).len());
    assert!(judged.summary.is_some() && judged.is_clean());
}

#[test]
fn fences_and_prose_around_the_object_are_stripped() {
    let text = good().to_string();
    for wrapped in [
        format!("\u{feff}```json\n{text}\n```"),
        format!("Here is the report {text} I hope it helps {{really}}."),
    ] {
        let judged = judged(&wrapped);
        assert!(judged.is_clean(), "{:?}", judged.violations);
        assert_eq!(judged.repairs, ["fences"]);
    }
}

#[test]
fn syntax_is_repaired() {
    let text = good().to_string();
    let raw = text.replacen("with calm", "with\n calm", 1);
    let trailing = text.replacen("]}", ",],}", 1).replacen("\"summary\":", "summary:", 1);
    let open = text.trim_end_matches('}').trim_end_matches(']').to_owned();
    for broken in [raw, trailing, open] {
        assert!(serde_json::from_str::<Value>(&broken).is_err());
        let judged = judged(&broken);
        assert!(judged.is_clean(), "{:?}", judged.violations);
        assert_eq!(judged.repairs, ["syntax"]);
    }
}

#[test]
fn single_quotes_words_and_escapes_are_read() {
    let read = syntax::lenient(
        r#"{'a': 'it\'s', b: True, "c": None, "d": [1, 2.5 "x"], "e": "\ud83d\ude00\u00e9"}"#,
    );
    assert_eq!(read, Some(json!({"a": "it's", "b": true, "c": null, "d": [1, 2.5, "x"], "e": "😀é"})));
    assert_eq!(
        syntax::lenient(r#"{"a": {"b": [1, {"c": "cut"#),
        Some(json!({"a": {"b": [1, {"c": "cut"}]}}))
    );
    assert_eq!(syntax::lenient(r#"[{"a": 1], 2]"#), Some(json!([{"a": 1}])));
    assert_eq!(syntax::lenient(""), None);
}

#[test]
fn nesting_without_end_does_no_harm() {
    assert!(syntax::lenient(&"[".repeat(100_000)).is_some());
    assert!(judged(&"{\"a\":".repeat(100_000)).sections.is_empty());
}

#[test]
fn values_are_bent_towards_the_schema() {
    let judged = with(|value| {
        value["mood"] = json!("good");
        value["actionItems"] = json!("Agree on one measure within two weeks.");
        let section = &mut value["sections"][0];
        section["section_id"] = json!("OVERVIEW");
        section.as_object_mut().unwrap().remove("sectionId");
        section["subsections"][0]["evidence"] = json!("f7");
        section["subsections"][0].as_object_mut().unwrap().remove("insights");
        value["keyInsights"] = json!(["Calm under pressure. ".repeat(40)]);
    });
    assert!(judged.is_clean(), "{:?}", judged.violations);
    assert_eq!(judged.repairs, ["coerced"]);
    assert_eq!(judged.action_items.len(), 1);
    assert_eq!(judged.sections["overview"].subsections[0].evidence, ["F07"]);
    assert!(judged.key_insights[0].len() <= 400 && judged.key_insights[0].ends_with('.'));
}

#[test]
fn numbers_and_words_take_the_type_that_is_asked_for() {
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}, "f": {"type": "number"},
        "b": {"type": "boolean"}, "s": {"type": "string"}, "t": {"type": "string"}}});
    let mut value = json!({"n": "74", "f": "1.5", "b": "Yes", "s": 12, "t": ["a", "b"]});
    assert!(coerce::toward(&schema, &mut value));
    assert_eq!(value, json!({"n": 74, "f": 1.5, "b": true, "s": "12", "t": "a b"}));
    assert!(!coerce::toward(&schema, &mut value));
}

#[test]
fn a_bad_section_is_lost_alone_and_named() {
    type Change<'a> = &'a dyn Fn(&mut Value);
    let cases: [(&str, Change<'_>, &str); 10] = [
        ("schema", &|s| s["subsections"][0]["evidence"] = json!([]), "at least 1 items"),
        ("unknown_fact", &|s| s["subsections"][0]["evidence"] = json!(["F09"]), "F09"),
        (
            "unknown_fact",
            &|s| {
                s["content"] =
                    json!("It is steady and calm and careful in all that the days bring along [F08].");
            },
            "F08",
        ),
        (
            "link",
            &|s| {
                s["content"] = json!(
                    "It is steady and calm, see ![chart](https://evil.example/x.png) for more of the same."
                );
            },
            "picture",
        ),
        (
            "link",
            &|s| {
                s["content"] =
                    json!("It is steady and calm and careful <img src=x> in all that the days bring along.");
            },
            "HTML",
        ),
        (
            "forbidden_word",
            &|s| {
                s["content"] =
                    json!("The company should hire this person because of all that the days bring along.");
            },
            "employment",
        ),
        (
            "blank",
            &|s| {
                s["content"] =
                    json!("It is steady and calm and {{name}} is careful in all that the days bring along.");
            },
            "never filled",
        ),
        (
            "privacy",
            &|s| {
                s["content"] =
                    json!("It is steady and calm and Ada is careful in all that the days bring along.");
            },
            "a name",
        ),
        (
            "too_short",
            &|s| {
                s["content"] = json!("Steady-and-calm-and-careful-in-all-things, so.");
                s["subsections"] = json!([]);
            },
            "at least 12",
        ),
        (
            "language",
            &|s| {
                s["content"] = json!(
                    "Die Person arbeitet ruhig und sorgfältig und bleibt auch dann gelassen wenn viele neue Aufgaben auf einmal kommen weil sie gern plant und gern zuhört und dabei stets freundlich bleibt und niemals laut wird oder hastig handelt obwohl andere drängen und auch weil sie gern lernt"
                );
                s["subsections"] = json!([]);
            },
            "language",
        ),
    ];
    for (code, change, word) in cases {
        let judged = with(|value| change(&mut value["sections"][1]));
        assert_eq!(codes_in(&judged, "industry_demands"), [code], "{:?}", judged.violations);
        assert!(for_model(&judged.violations).contains(word), "{}", for_model(&judged.violations));
        assert_eq!(judged.missing(&draft::section_ids(TYPE)), ["industry_demands"], "{code}");
    }
}

#[test]
fn missing_and_doubled_sections_are_named() {
    let judged = with(|value| {
        let sections = value["sections"].as_array_mut().unwrap();
        let first = sections[0].clone();
        sections[5] = first;
    });
    assert_eq!(codes_in(&judged, "outlook"), ["section_missing"]);
    assert_eq!(codes_in(&judged, "overview"), ["section_twice"]);
    assert!(judged.sections.contains_key("overview"), "the first of the two stands");
}

#[test]
fn a_sentence_that_comes_twice_costs_the_later_section() {
    let judged = with(|value| {
        let sentence = value["sections"][0]["content"].clone();
        value["sections"][3]["content"] = sentence;
    });
    assert_eq!(codes_in(&judged, "stretch_areas"), ["repeated"]);
    assert!(judged.sections.contains_key("overview"));
}

#[test]
fn what_is_no_object_is_one_violation() {
    for text in ["", "I cannot do that.", "[1, 2]", "\"text\"", "{"] {
        let judged = judged(text);
        assert!(judged.sections.is_empty() && !judged.is_clean(), "{text}");
    }
    assert_eq!(judged("No.").codes(), ["no_object"]);
}

#[test]
fn messages_for_the_model_are_few_and_quote_nothing_strange() {
    let judged = with(|value| {
        for section in value["sections"].as_array_mut().unwrap() {
            section["content"] = json!("secret");
            section["subsections"] = json!([{}, {}, {}, {}]);
        }
    });
    let text = for_model(&judged.violations);
    assert!(text.lines().count() <= 25 && text.contains("more of the same"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn a_later_answer_keeps_what_an_earlier_one_had_right() {
    let first = with(|value| value["sections"][1]["content"] = json!("short"));
    let second = with(|value| value["sections"][2]["content"] = json!("short"));
    let both = second.or(first);
    assert!(both.missing(&draft::section_ids(TYPE)).is_empty());
}

#[test]
fn every_type_has_a_schema_that_its_own_plan_satisfies() {
    for kind in ReportType::ALL {
        let schema = draft::schema(kind);
        assert!(jsonschema::draft202012::meta::is_valid(schema.canonical()), "{kind}");
        let ids = draft::section_ids(kind);
        assert!(!ids.contains(&"evidence") && !ids.contains(&"method_limits") && ids.len() >= 5, "{kind}");
    }
}
