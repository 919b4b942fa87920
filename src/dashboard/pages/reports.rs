//! Stored reports. A list names no person; to read one is an action that the audit tells of.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::header::{self, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, choice, field, nothing};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Form, Sent, Visit, Visiting};
use crate::dashboard::words::{badge, exact, maybe_when, short};
use crate::domain::report_type::ReportType;
use crate::operate::audit::{self, Outcome};
use crate::operate::reports::{self, ReportError, ReportLine, Wanted};
use crate::render;

/// Reports of a page.
const ROWS: i64 = 100;

/// What a stored report may do in its frame: show itself with its own style sheet, and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = STANDARD.encode(Sha256::digest(render::style().as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
    )
});

#[derive(Serialize)]
struct List {
    wanted: Wanted,
    reports: Vec<ReportLine>,
}

#[derive(Serialize)]
struct One {
    report: ReportLine,
    versions: Vec<ReportLine>,
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Postgres(error) => error.into(),
            ReportError::Mongo(_) => {
                Self::down("MongoDB does not answer. The report shows again as soon as it does.")
            }
            ReportError::Shape { .. } | ReportError::Document(_) => Self::internal(&error),
            other => Self::missing(format!("{other}.")),
        }
    }
}

fn id(form: &Form, name: &str) -> Result<Option<Uuid>, Problem> {
    let text = form.get(name).map(str::trim).filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(|_| Problem::wrong(format!("{name} is no id.")))
}

/// `GET /reports`.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let wanted = Wanted {
        employee: id(&visit.query, "employee")?,
        organization: id(&visit.query, "org")?,
        report_type: visit.query.get("type").filter(|kind| !kind.is_empty()).map(str::to_owned),
    };
    let reports = reports::lines(&app.pool, &wanted, ROWS).await?;
    let list = List { wanted, reports };
    Ok(answer::page(&visit, Section::Reports, "Reports", &list, || body(&list)))
}

fn body(list: &List) -> Markup {
    let text = |id: Option<Uuid>| id.map(|id| id.to_string());
    html! {
        form.panel.filters method="get" action="/reports" {
            (choice("type", "Type", "every type", ReportType::ALL.map(ReportType::as_str), list.wanted.report_type.as_deref()))
            (field("employee", "Employee", "id", text(list.wanted.employee).as_deref()))
            (field("org", "Organization", "id", text(list.wanted.organization).as_deref()))
            div.row { button.primary { "Show" } a.button href="/reports" { "Clear" } }
        }
        p.soft { "The newest version of each report, the last written first. Names and scores show with the report itself." }
        @if list.reports.is_empty() { (nothing("No report matches.")) } @else {
            div.scroll { table.cards {
                thead { tr { th { "Report" } th { "Type" } th.n { "Version" } th { "Employee" } th { "Written" } } }
                tbody { @for report in &list.reports { tr {
                    th.code scope="row" data-head="Report" { a href={ "/reports/" (report.report_id) } { (brief(&report.report_id)) } }
                    td data-head="Type" { (report.report_type.replace('_', " ")) }
                    td.n data-head="Version" { (report.version) }
                    td.code data-head="Employee" { a href={ "/reports?employee=" (report.employee_id) } { (short(report.employee_id)) } }
                    td.s data-head="Written" { (maybe_when(report.completed_at)) }
                } } }
            } }
        }
    }
}

fn brief(id: &str) -> String {
    id.parse().map_or_else(|_| id.to_owned(), short)
}

/// `GET /reports/{id}`: a report without what it says.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let missing = || Problem::missing("There is no such report.");
    let id: Uuid = id.parse().map_err(|_| missing())?;
    let versions = reports::versions(&app.pool, id).await?;
    let report =
        versions.iter().find(|line| line.report_id.parse() == Ok(id)).cloned().ok_or_else(missing)?;
    let one = One { report, versions };
    let title = format!("Report {}", short(id));
    Ok(answer::page(&visit, Section::Reports, &title, &one, || about(&visit, &one)))
}

fn about(visit: &Visit, one: &One) -> Markup {
    let report = &one.report;
    let earlier = one.versions.iter().filter(|line| line.version < report.version);
    html! {
        section.panel aria-label="About the report" {
            dl.facts {
                div { dt { "Type" } dd { (report.report_type.replace('_', " ")) } }
                div { dt { "Version" } dd { (report.version) " " (badge(if report.is_latest { "latest" } else { "superseded" })) } }
                div { dt { "Employee" } dd.code { a href={ "/reports?employee=" (report.employee_id) } { (report.employee_id) } } }
                @if let Some(at) = report.completed_at { div { dt { "Written" } dd { (exact(at)) " UTC" } } }
                @if one.versions.len() > 1 {
                    div { dt { "Versions" } dd { @for line in &one.versions { a href={ "/reports/" (line.report_id) } { (line.version) } " " } } }
                }
            }
        }
        @if acts(visit) {
            form.bulk method="post" action={ "/reports/" (report.report_id) "/page" } target="report" {
                (layout::token(visit))
                p { "The report tells of a person. Showing it is noted in the audit." }
                @if report.version > 1 {
                    div.row {
                        label for="compare" { "Beside version" }
                        select #compare name="compare" { option value="" { "none" } @for line in earlier { option value=(line.version) { (line.version) } } }
                    }
                }
                div.row {
                    button.primary { "Show the report here" }
                    button formtarget="_blank" { "In a window of its own" }
                }
            }
            iframe name="report" title="The report" sandbox="" {}
        } @else {
            p { "The report tells of a person. An operator can show it." }
        }
    }
}

/// `POST /reports/{id}/page`: the report as its reader sees it.
pub(super) async fn page(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Path(id): Path<String>,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    let id: Uuid = id.parse().map_err(|_| Problem::missing("There is no such report."))?;
    let shown = reports::metadata(&app.pool, id).await?;
    let before = match form.get("compare").filter(|version| !version.is_empty()) {
        Some(version) => {
            let version = version.parse().map_err(|_| Problem::wrong("A version is a number."))?;
            Some(reports::earlier(&app.pool, &shown, version).await?)
        }
        None => None,
    };
    let asked = visit.json.then(|| shown.report_id.clone());
    let target =
        json!({ "report": shown.report_id, "compare": before.as_ref().map(|before| before.version) });
    if let Some(id) = asked {
        let document = app.documents.report(&id).await?;
        audit::note(&app.pool, &actor(&visit), "report.reveal", &target, Outcome::Done).await?;
        return Ok(Json(json!({ "metadata": shown, "document": document })).into_response());
    }
    let view = app.documents.view(shown).await?;
    let before = match before {
        Some(before) => Some(app.documents.view(before).await?),
        None => None,
    };
    // Noted before it is shown: what cannot be noted is not shown.
    audit::note(&app.pool, &actor(&visit), "report.reveal", &target, Outcome::Done).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (header::REFERRER_POLICY, "no-referrer"),
        // A page in a sandbox is refused in a window of its own where it asks to be alone there.
        (HeaderName::from_static("cross-origin-opener-policy"), "unsafe-none"),
    ];
    Ok((headers, render::page(&view, before.as_ref())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_may_use_its_own_style_and_nothing_else() {
        let (_, digest) = POLICY.split_once("style-src 'sha256-").unwrap();
        // RFC 4648: 32 bytes are 43 letters and one sign that fills up.
        assert!(digest.find("='").is_some_and(|at| at == 43), "{}", POLICY.as_str());
        assert!(!POLICY.contains("unsafe"));
    }
}
