//! Who did what.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;

use crate::dashboard::App;
use crate::dashboard::answer;
use crate::dashboard::layout::Section;
use crate::dashboard::parts::{nothing, older};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::Visiting;
use crate::dashboard::words::{badge, exact, number};
use crate::operate::audit::{self, Entry};

/// Actions of a page.
const ROWS: i64 = 100;

/// `GET /audit`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let before = visit.query.get("before").map(str::parse::<i64>).transpose();
    let before = before.map_err(|_| Problem::wrong("An action is named by its number."))?;
    let entries = audit::list(&app.pool, before, ROWS).await?;
    Ok(answer::page(&visit, Section::Audit, "Audit", &entries, || body(&entries)))
}

fn body(entries: &[Entry]) -> Markup {
    let full = i64::try_from(entries.len()) == Ok(ROWS);
    let next = entries.last().filter(|_| full).map(|entry| entry.id.to_string());
    html! {
        p.soft { "Every action of an operator, at the command line and here, with what it changed. Nobody can change or delete it here." }
        @if entries.is_empty() { (nothing("Nobody has done anything yet.")) } @else {
            div.scroll { table.cards {
                thead { tr { th { "At (UTC)" } th { "Who" } th { "From" } th { "Action" } th { "On what" } th.n { "Changed" } th { "Outcome" } } }
                tbody { @for entry in entries { tr {
                    th.s scope="row" data-head="At" { (exact(entry.at)) }
                    td data-head="Who" { (entry.actor) }
                    td data-head="From" { (entry.source) }
                    td.code data-head="Action" { (entry.action) }
                    td.wide data-head="On what" { (target(&entry.target)) }
                    td.n data-head="Changed" { span { (number(entry.changed)) " of " (number(entry.matched)) } }
                    td data-head="Outcome" { (badge(&entry.outcome)) }
                } } }
            } }
        }
        (older("/audit", &[], "before", next))
    }
}

/// What an action was for, in few words; a job can be opened.
fn target(target: &Value) -> Markup {
    let pairs = |object: &Value| -> String {
        let pairs = object.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        pairs.map(|(name, value)| format!("{name} {}", text(value))).collect::<Vec<_>>().join(", ")
    };
    match (target["queue"].as_str(), target["id"].as_str()) {
        (Some(queue), Some(id)) => {
            html! { span { a.code href={ "/jobs/" (queue) "/" (id) } { (queue) " " (id) } } }
        }
        _ if target["filter"].is_object() => html! { span { "rows with " (pairs(&target["filter"])) } },
        _ if target["report"].is_string() => {
            let id = target["report"].as_str().unwrap_or_default();
            html! { span { a.code href={ "/reports/" (id) } { "report " (id) } } }
        }
        _ => html! { span.code { (pairs(target)) } },
    }
}
