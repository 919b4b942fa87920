//! Logging in and out.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use maud::html;

use crate::dashboard::App;
use crate::dashboard::access::{Refused, SESSION};
use crate::dashboard::answer;
use crate::dashboard::guard::VISIT;
use crate::dashboard::layout;
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Sent, Visit, Visiting, back};

/// `GET /login`.
pub(super) async fn form(State(app): State<Arc<App>>, Extension(visit): Visiting) -> Response {
    if !visit.who.name.is_empty() || !app.access.has_login() {
        return Redirect::to(back(visit.query.get("next"))).into_response();
    }
    let next = back(visit.query.get("next")).to_owned();
    shown(&visit, &next, StatusCode::OK, None)
}

fn shown(visit: &Visit, next: &str, status: StatusCode, wrong: Option<&str>) -> Response {
    let body = html! {
        form.login method="post" action="/login" {
            (layout::token(visit))
            input type="hidden" name="next" value=(next);
            @if let Some(wrong) = wrong { p.wrong role="alert" { (wrong) } }
            label for="name" { "Name" }
            input #name name="name" autocomplete="username" required autofocus maxlength="100";
            label for="password" { "Password" }
            input #password name="password" type="password" autocomplete="current-password" required maxlength="1024";
            button.primary { "Log in" }
        }
    };
    let page = layout::page(visit, None, "Log in", &body);
    let cookie = format!("{VISIT}={}; Path=/login; HttpOnly; SameSite=Strict", visit.who.csrf);
    let mut answer = answer::html_of(status, page);
    if let Ok(cookie) = cookie.parse() {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

/// `POST /login`.
pub(super) async fn enter(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Extension(visit): Visiting,
    headers: HeaderMap,
    Extension(form): Sent,
) -> Response {
    let (name, password) = (form.get("name").unwrap_or_default(), form.get("password").unwrap_or_default());
    let next = back(form.get("next"));
    let from = app.access.origin(peer, &headers);
    let refused = match app.access.log_in(from, name, password).await {
        Ok(session) => {
            tracing::info!(name, %from, "somebody logged in to the dashboard");
            let secure = if app.access.encrypted(peer, &headers) { "; Secure" } else { "" };
            let cookie = format!("{SESSION}={session}; Path=/; HttpOnly; SameSite=Strict{secure}");
            return (AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(next)).into_response();
        }
        Err(refused) => refused,
    };
    // The name is what somebody typed, perhaps his password: it does not go to the log.
    tracing::warn!(%from, ?refused, "a login to the dashboard failed");
    let (status, text, wait) = match refused {
        Refused::Wrong => (StatusCode::UNAUTHORIZED, "Name or password is wrong.".to_owned(), None),
        Refused::TooMany(seconds) => {
            let text = format!("Too many tries. Try again in {seconds} s.");
            (StatusCode::TOO_MANY_REQUESTS, text, Some(seconds))
        }
    };
    let mut answer = if visit.json {
        Problem::new(status, "Not let in", text).into_response()
    } else {
        shown(&visit, next, status, Some(&text))
    };
    if let Some(seconds) = wait {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// `POST /logout`.
pub(super) async fn leave(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    app.access.log_out(&headers);
    let cookie = format!("{SESSION}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}
