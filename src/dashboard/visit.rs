//! One request: who asks, how the answer should look, and what a form brought.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri, header};

use super::access::{Visitor, cookie};

/// Name of the cookie that holds the colours.
pub(super) const COLOURS: &str = "orrery_colours";

/// Colours of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colours {
    /// As the system of the reader asks.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Colours {
    pub(super) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Auto => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colours| colours.as_str() == word)
    }
}

/// One request. Made by the guard; pages read it.
#[derive(Debug)]
pub(super) struct Visit {
    /// Who asks; on the login page nobody yet.
    pub(super) who: Visitor,
    /// Whether JSON is asked for.
    pub(super) json: bool,
    /// Whether the script of the page asks for a part of it.
    pub(super) live: bool,
    /// Colours that were chosen.
    pub(super) colours: Colours,
    /// Path and query without what is said once.
    pub(super) here: String,
    /// The pairs of the query.
    pub(super) query: Form,
    /// What the last action has to say, once.
    pub(super) notice: Option<String>,
}

/// A visit as pages take it.
pub(super) type Visiting = axum::Extension<Arc<Visit>>;

/// Pairs of a form or a query, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Form(Vec<(String, String)>);

/// A form as pages take it.
pub(super) type Sent = axum::Extension<Form>;

impl Form {
    /// The pairs of `a=b&c=d`.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The first value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All pairs.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Path and query of these pairs.
pub(super) fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// Path and query of a request without its notice.
pub(super) fn here(uri: &Uri, query: &Form) -> String {
    address(uri.path(), query.pairs().filter(|(name, _)| !matches!(*name, "note" | "format")))
}

/// Whether a request asks for JSON: by `?format=json`, or by naming it before HTML in `Accept`.
pub(super) fn wants_json(headers: &HeaderMap, query: &Form) -> bool {
    if let Some(format) = query.get("format") {
        return format == "json";
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match (accept.find("application/json"), accept.find("text/html")) {
        (Some(json), Some(html)) => json < html,
        (found, _) => found.is_some(),
    }
}

/// The colours of a cookie.
pub(super) fn colours(headers: &HeaderMap) -> Colours {
    cookie(headers, COLOURS).and_then(Colours::of).unwrap_or(Colours::Auto)
}

/// A place of this site that a form names, or the start. Never an address of another site.
pub(super) fn back(place: Option<&str>) -> &str {
    let inside = |place: &&str| {
        place.starts_with('/')
            && !place.starts_with("//")
            && place.bytes().all(|c| c.is_ascii_graphic() && c != b'\\')
    };
    place.filter(inside).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_given_to_who_asks_for_it() {
        let wants = |accept: &str, query: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("accept", accept.parse().unwrap());
            wants_json(&headers, &Form::parse(query.as_bytes()))
        };
        assert!(wants("application/json", "") && wants("*/*", "format=json"));
        assert!(!wants("text/html,application/xhtml+xml,*/*;q=0.8", ""));
        assert!(!wants("text/html, application/json", "") && !wants("application/json", "format=html"));
    }

    #[test]
    fn a_form_leads_back_to_this_site_only() {
        assert_eq!(back(Some("/jobs?state=failed&queue=report")), "/jobs?state=failed&queue=report");
        for place in
            ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nset-cookie: x", "jobs"]
        {
            assert_eq!(back(Some(place)), "/", "{place:?}");
        }
        assert_eq!(back(None), "/");
    }

    #[test]
    fn what_is_said_once_is_not_part_of_where_one_is() {
        let uri: Uri = "/jobs?queue=report&note=1&argument=a%26b".parse().unwrap();
        let query = Form::parse(uri.query().unwrap().as_bytes());
        assert_eq!(here(&uri, &query), "/jobs?queue=report&argument=a%26b");
        assert_eq!(query.all("queue").collect::<Vec<_>>(), ["report"]);
    }
}
