//! Failed jobs, grouped by what they failed with.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Serialize;

use super::jobs::filter;
use crate::dashboard::App;
use crate::dashboard::answer;
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, choice, field, nothing, queues};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Visit, Visiting, address};
use crate::dashboard::words::{maybe_when, number, or_dash, short};
use crate::operate::Filter;
use crate::operate::failures::{self, Group, Groups};

#[derive(Serialize)]
struct Failures {
    filter: Filter,
    #[serde(flatten)]
    found: Groups,
}

/// `GET /failures`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let filter = filter(&visit.query)?;
    let found = failures::groups(&app.pool, &filter).await?;
    let failures = Failures { filter, found };
    Ok(answer::page(&visit, Section::Failures, "Failures", &failures, || body(&visit, &failures)))
}

fn body(visit: &Visit, failures: &Failures) -> Markup {
    let filter = &failures.filter;
    let organization = filter.organization.map(|id| id.to_string());
    let groups = html! {
        @if failures.found.groups.is_empty() { (nothing("No failed job matches.")) }
        @else {
            @if !failures.found.complete { p.soft { "Only the newest failed rows are counted; there may be more." } }
            div.scroll { table.cards {
                thead { tr {
                    th { "Code" } th { "Queue" } th.n { "Rows" } th.n { "Organizations" } th { "Last" } th { "First" } th { "What the newest said" } th { "Samples" }
                    @if acts(visit) { th { span.hidden { "Act" } } }
                } }
                tbody { @for group in &failures.found.groups { (row(visit, filter, group)) } }
            } }
        }
    };
    html! {
        form.panel.filters method="get" action="/failures" {
            (choice("queue", "Queue", "every queue", queues(), filter.queue.map(crate::queue::Queue::as_str)))
            (field("type", "Type", "compatibility_company", filter.kind.as_deref()))
            (field("org", "Organization", "id", organization.as_deref()))
            (field("newer-than", "Not older than", "2h, 7d, 2026-11-01", visit.query.get("newer-than")))
            div.row { button.primary { "Show" } a.button href="/failures" { "Clear" } }
        }
        (layout::live(visit, &groups))
    }
}

fn row(visit: &Visit, filter: &Filter, group: &Group) -> Markup {
    let known = group.code != "unknown";
    let pairs: Vec<(&str, String)> = filter
        .pairs()
        .into_iter()
        .filter(|(name, _)| !matches!(*name, "queue" | "state" | "error"))
        .chain([("queue", group.queue.clone()), ("state", "failed".to_owned())])
        .chain(known.then(|| ("error", group.code.clone())))
        .collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let all: Vec<(&str, &str)> = pairs.iter().copied().chain([("do", "retry matching")]).collect();
    html! {
        tr {
            th.code scope="row" data-head="Code" { a href=(address("/jobs", pairs.iter().copied())) { (group.code) } }
            td data-head="Queue" { (group.queue) }
            td.n data-head="Rows" { strong { (number(whole(group.rows))) } }
            td.n data-head="Organizations" { (number(whole(group.organizations))) }
            td.s data-head="Last" { (maybe_when(group.last)) }
            td.s data-head="First" { (maybe_when(group.first)) }
            td.wide data-head="Newest" { span { (or_dash(group.message.as_deref())) } }
            td data-head="Samples" {
                span { @for id in &group.sample { a.code href={ "/jobs/" (group.queue) "/" (id) } { (short(*id)) } " " } }
            }
            @if acts(visit) {
                // Quarters are acted on one by one.
                td { @if known && group.queue != "quarter" { (layout::action(visit, "/jobs/act", &all, "Retry all…", "")) } }
            }
        }
    }
}

fn whole(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
