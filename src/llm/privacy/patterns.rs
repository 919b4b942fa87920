//! Personal data that is known by its form: addresses, numbers, dates, angles. Errs on the side of striking too much.

use std::sync::LazyLock;

use regex::Regex;

/// One form: what it stands for in messages, what replaces it, and whether it may never leave. What is only struck from free
/// text may stand in a text of our own.
struct Form {
    what: &'static str,
    mark: &'static str,
    leaks: bool,
    pattern: Regex,
}

const MONTH: &str = r"(?:(?i:jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)|May|MAY|Mar(?:ch)?|MAR(?:CH)?)";

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let month_first = format!(r"\b{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?");
    // `3 may` is no date, `the 3rd of may` is one.
    let day_first = format!(
        r"\b\d{{1,2}}(?:(?:st|nd|rd|th)?(?: of)? {MONTH}|(?:st|nd|rd|th)(?: of)? (?i:may|mar(?:ch)?))\b(?:\.?,? \d{{4}}\b)?"
    );
    let month_year = format!(r"\b{MONTH}\.?,? \d{{4}}\b");
    // In this order: what is more exact comes first.
    let forms: [(&str, &str, bool, &str); 19] = [
        (
            "a mail address",
            "[mail]",
            true,
            r"(?i)[\p{L}\d._%+-]+\s?(?:@|\(at\)|\[at\])\s?[\p{L}\d-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\p{L}\d-]+)+",
        ),
        ("a link", "[link]", true, r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.)\S+"),
        (
            "a link",
            "[link]",
            true,
            r"(?i)\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|dev|app|info|biz|eu|de|fr|uk|es|it|nl|pl|pt|br|in|us|ch|at|se|no|dk|ru|cn|jp)\b(?:/\S*)?",
        ),
        ("an account", "[account]", false, r"(?:^|\s)@[A-Za-z0-9_]{2,}"),
        ("an id", "[id]", true, r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"),
        (
            "an account number",
            "[number]",
            true,
            r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b",
        ),
        ("a national id", "[number]", true, r"\b\d{3}-\d{2}-\d{4}\b"),
        (
            "a national id",
            "[number]",
            true,
            r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b",
        ),
        ("a date", "[date]", true, r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{2}:\d{2}\S*)?"),
        ("a date", "[date]", true, r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b"),
        ("a date", "[date]", true, &month_first),
        ("a date", "[date]", true, &day_first),
        ("a date", "[date]", true, &month_year),
        ("a telephone number or an id", "[number]", true, r"\+?\(?\d(?:[\s().\-/]{0,2}\d){6,}"),
        ("coordinates", "[number]", true, r"-?\b\d{1,3}\.\d{3,}\b"),
        (
            "an angle",
            "[angle]",
            true,
            r#"\b\d{1,3}(?:\.\d+)?\s?(?:°|º|deg\b|degrees?\b)(?:\s?\d{1,2}\s?['′](?:\s?\d{1,2}(?:\.\d+)?\s?["″])?)?"#,
        ),
        ("a time of day", "[time]", true, r"(?i)\b\d{1,2}:\d{2}(?::\d{2})?\b(?:\s?[ap]\.?m\b)?"),
        ("an age", "[age]", true, r"(?i)\b\d{1,2}[ -]years?[ -]old\b|\b(?:age|aged)(?: of)? \d{1,2}\b"),
        ("a year", "[year]", false, r"\b(?:19|20)\d\d\b"),
    ];
    forms
        .into_iter()
        .map(|(what, mark, leaks, pattern)| Form {
            what,
            mark,
            leaks,
            // Unwrap safety: constant, and every test of this room compiles them.
            pattern: Regex::new(pattern).expect("the pattern is one"),
        })
        .collect()
});

/// Replaces all that has a known form.
pub(super) fn strike(text: &str) -> String {
    FORMS.iter().fold(text.to_owned(), |text, form| {
        if form.what == "an account" {
            // The blank before it stays.
            return form.pattern.replace_all(&text, format!(" {}", form.mark)).into_owned();
        }
        form.pattern.replace_all(&text, form.mark).into_owned()
    })
}

/// What a text holds that may never leave or come back.
pub(super) fn leak(text: &str) -> Option<&'static str> {
    FORMS.iter().find(|form| form.leaks && form.pattern.is_match(text)).map(|form| form.what)
}
