//! Answers: a page as HTML or, made of the same data, as JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Serialize;
use serde_json::json;

use super::App;
use super::layout::{self, Section};
use super::problem::Problem;
use super::visit::{Visit, address, back};
use crate::operate::{Actor, Source};

/// A page. `body` shows what `data` says, and is asked for only when HTML is wanted.
pub(super) fn page<T: Serialize>(
    visit: &Visit,
    section: Section,
    title: &str,
    data: &T,
    body: impl FnOnce() -> Markup,
) -> Response {
    if visit.json {
        return Json(json!({
            "page": section.as_str(),
            "title": title,
            "who": { "name": visit.who.name, "role": visit.who.role },
            "csrf": visit.who.csrf,
            "data": data,
        }))
        .into_response();
    }
    html_of(StatusCode::OK, layout::page(visit, Some(section), title, &body()))
}

/// A page that is not to be kept even by the browser itself, as it shows what was revealed.
pub(super) fn html_of(status: StatusCode, page: Markup) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page.into_string()).into_response()
}

/// Why there is no page.
pub(super) fn problem(visit: &Visit, problem: &Problem) -> Response {
    if visit.json {
        let body = json!({ "error": problem.title, "message": problem.text });
        return (problem.status, Json(body)).into_response();
    }
    let body = html! {
        div.empty role="alert" {
            p.code { (problem.status.as_u16()) }
            p { (problem.text) }
            p { a.button href="/" { "To the overview" } }
        }
    };
    html_of(problem.status, layout::page(visit, None, problem.title, &body))
}

/// Leads to a place of this site, where `notice` is shown once.
pub(super) fn to(app: &App, visit: &Visit, place: &str, notice: impl Into<String>) -> Response {
    let notice = notice.into();
    if visit.json {
        return Json(json!({ "done": notice })).into_response();
    }
    let id = app.notices.keep(notice);
    let (path, query) = back(Some(place)).split_once('?').unwrap_or((back(Some(place)), ""));
    let query = super::visit::Form::parse(query.as_bytes());
    let pairs = query.pairs().filter(|(name, _)| *name != "note").chain([("note", id.as_str())]);
    Redirect::to(&address(path, pairs)).into_response()
}

/// Who acts, for the audit.
pub(super) fn actor(visit: &Visit) -> Actor {
    Actor { name: visit.who.name.clone(), source: Source::Dashboard }
}
