//! What a model says that writes just what the schema asks for. The benchmark of language models uses it too.

use serde_json::{Value, json};

/// What a model says to a question.
pub fn report_for(body: &Value) -> String {
    prose(body, "").to_string()
}

/// Prose for each section that the schema names; `more` ends each section.
pub fn prose(body: &Value, more: &str) -> Value {
    let ids = choices(body, "sectionId");
    let facts = choices(body, "evidence");
    let sections: Vec<Value> = ids
            .iter()
            .enumerate()
            .map(|(at, id)| {
                let topic = id.replace('_', " ");
                json!({
                    "sectionId": id,
                    "content": format!("Person A meets the part called {topic} with calm and with an eye for what matters over the next {} weeks.{more}", at + 3),
                    "subsections": [{
                        "title": format!("Daily work on {topic}"),
                        "content": format!("At Company A this shows when plans for {topic} change late and somebody has to sort what comes first of {} things.", at + 2),
                        "insights": [format!("Sorts {topic} quickly and without noise.")],
                        "recommendations": [format!("Write a short list for {topic} each Monday during four weeks.")],
                        "evidence": [facts.first().map_or("F01", |fact| fact.as_str())]
                    }]
                })
            })
            .collect();
    json!({
        "summary": "Person A brings calm and order to Company A, and grows most where plans change late and often.",
        "sections": sections,
        "keyInsights": ["Calm when plans change."],
        "actionItems": ["Write a short list each Monday during four weeks."]
    })
}

/// The values that a schema in `value` allows for a property.
fn choices(value: &Value, property: &str) -> Vec<String> {
    match value {
        Value::Object(map) => {
            if let Some(found) = map.get(property) {
                let allowed = words_below(found);
                if !allowed.is_empty() {
                    return allowed;
                }
            }
            map.values()
                .map(|inner| choices(inner, property))
                .find(|found| !found.is_empty())
                .unwrap_or_default()
        }
        Value::Array(items) => items
            .iter()
            .map(|inner| choices(inner, property))
            .find(|found| !found.is_empty())
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn words_below(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => match map.get("enum") {
            Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => map.values().map(words_below).find(|found| !found.is_empty()).unwrap_or_default(),
        },
        _ => Vec::new(),
    }
}
