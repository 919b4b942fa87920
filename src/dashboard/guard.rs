//! What every request passes: the host it names, who asks, what a form must bring, and the headers of the answer.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::App;
use super::access::{Role, Visitor, cookie, same, secret};
use super::answer;
use super::problem::Problem;
use super::visit::{Form, Visit, address, back, colours, here, wants_json};

/// Cookie of the login page: what its form must bring back.
pub(super) const VISIT: &str = "orrery_visit";

/// Most bytes of a form.
const MOST_BYTES: usize = 64 * 1024;

/// Nothing but what this site serves; no inline script or style; in no frame of another site.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Paths that answer to everybody.
fn is_open(path: &str) -> bool {
    path == "/login" || path.starts_with("/assets/")
}

/// Actions that a viewer may send: they change nothing but his own visit.
fn is_own(path: &str) -> bool {
    matches!(path, "/login" | "/logout" | "/colours")
}

/// Lets a request through, or says why not.
pub(super) async fn guard(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let visit = Arc::new(visit(&app, peer, &request));
    let mut response = match admitted(&app, peer, &visit, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => *refusal,
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = answer::problem(&visit, &problem);
    } else if response.status().is_client_error() && response.headers().get(header::CONTENT_TYPE).is_none() {
        // What the router itself refuses: an unknown path, or a method that a path does not take.
        response = answer::problem(&visit, &unrouted(response.status()));
    }
    secure(response.headers_mut());
    response
}

fn unrouted(status: StatusCode) -> Problem {
    if status == StatusCode::METHOD_NOT_ALLOWED {
        return Problem::new(status, "Not this way", "This address does not take this method.");
    }
    Problem::new(status, "Not found", "There is no such page.")
}

fn visit(app: &App, peer: SocketAddr, request: &Request) -> Visit {
    let headers = request.headers();
    let query = Form::parse(request.uri().query().unwrap_or_default().as_bytes());
    let who = app.access.who(peer, headers).unwrap_or_else(|| Visitor {
        name: String::new(),
        role: Role::Viewer,
        csrf: cookie(headers, VISIT).map_or_else(secret, str::to_owned),
        session: false,
    });
    Visit {
        json: wants_json(headers, &query),
        live: headers.contains_key("hx-request"),
        colours: colours(headers),
        here: if request.method() == Method::POST { came_from(headers) } else { here(request.uri(), &query) },
        notice: query.get("note").filter(|_| !who.name.is_empty()).and_then(|id| app.notices.take(id)),
        query,
        who,
    }
}

/// The page of this site from which a form was sent: what the form shows stands there, and not where the form went.
fn came_from(headers: &HeaderMap) -> String {
    let referer = headers.get(header::REFERER).and_then(|value| value.to_str().ok());
    let place = referer
        .and_then(|referer| referer.split_once("://"))
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    back(place).to_owned()
}

/// The request with its visit and form, or the answer that refuses it.
async fn admitted(
    app: &App,
    peer: SocketAddr,
    visit: &Arc<Visit>,
    request: Request,
) -> Result<Request, Box<Response>> {
    let refuse = |problem: Problem| Box::new(problem.into_response());
    let host = host(&request).to_owned();
    if !app.access.is_host(&host) {
        let text = format!(
            "The pages are not reached under the name {host:?}. Use an address or localhost, or add the name to \
             dashboard.hosts."
        );
        return Err(refuse(Problem::new(StatusCode::MISDIRECTED_REQUEST, "Another host", text)));
    }
    let path = request.uri().path().to_owned();
    if visit.who.name.is_empty() && !is_open(&path) {
        return Err(Box::new(unknown(app, visit, peer)));
    }
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(Arc::clone(visit));
    if reads {
        return Ok(Request::from_parts(parts, body));
    }
    let form = to_bytes(body, MOST_BYTES).await.map_err(|_| {
        refuse(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "Too much", "A form has at most 64 kB."))
    })?;
    let form = Form::parse(&form);
    sent_from_here(app, visit, &host, &parts.headers, &form).map_err(refuse)?;
    if visit.who.role != Role::Operator && !is_own(&path) {
        let text =
            format!("{} is a viewer, who sees and does not act. An operator can do this.", visit.who.name);
        return Err(refuse(Problem::denied(text)));
    }
    parts.extensions.insert(form);
    Ok(Request::from_parts(parts, Body::empty()))
}

/// Whether a form was sent from a page of this site by who reads it: no other site sends its origin or knows its token.
fn sent_from_here(
    app: &App,
    visit: &Visit,
    host: &str,
    headers: &HeaderMap,
    form: &Form,
) -> Result<(), Problem> {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !app.access.is_origin(origin, host) {
        return Err(Problem::denied(
            "The form does not come from a page of this site: its Origin header is missing or another's.",
        ));
    }
    let token =
        headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).or_else(|| form.get("csrf"));
    let right = token.is_some_and(|token| same(token, &visit.who.csrf));
    // The login page has no session yet: its token is that of its own cookie.
    let own = !visit.who.name.is_empty() || cookie(headers, VISIT).is_some();
    if right && own {
        return Ok(());
    }
    Err(Problem::denied("The form is out of date. Open the page again and repeat what you did."))
}

fn host(request: &Request) -> &str {
    let named = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    named.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str)).unwrap_or_default()
}

/// The answer to somebody who has to log in.
fn unknown(app: &App, visit: &Visit, peer: SocketAddr) -> Response {
    if !app.access.has_login() {
        let text = format!(
            "Nobody vouches for who asks from {}: the proxy has to send the header of \
             dashboard.trusted_proxy_header from an address of dashboard.trusted_proxies.",
            peer.ip()
        );
        return Problem::new(StatusCode::UNAUTHORIZED, "Who is asking?", text).into_response();
    }
    let login = address("/login", [("next", visit.here.as_str())]);
    if visit.live {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", login)], "log in again").into_response();
    }
    if visit.json {
        return Problem::new(StatusCode::UNAUTHORIZED, "Who is asking?", "Log in at /login.").into_response();
    }
    Redirect::to(&login).into_response()
}

/// Headers of every answer; what a page has set stays.
fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not no-referrer: browsers would send no Origin with a form either.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
