//! Jobs by filter, and what can be done to them.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::Utc;
use maud::{Markup, html};
use serde::Serialize;

use crate::dashboard::App;
use crate::dashboard::answer;
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, choice, field, job_table, nothing, older, queues};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Form, Visit, Visiting, address};
use crate::operate::filter::KEYS;
use crate::operate::jobs::{self, JobLine, Page};
use crate::operate::{Cursor, Filter, State as Stands};

/// Rows of a page.
const ROWS: usize = 50;

#[derive(Serialize)]
struct List {
    filter: Filter,
    #[serde(flatten)]
    page: Page<JobLine>,
}

/// The filter of a query or a form.
pub(super) fn filter(form: &Form) -> Result<Filter, Problem> {
    let pairs = form.pairs().filter(|(name, _)| KEYS.contains(&name.replace('_', "-").as_str()));
    Filter::from_pairs(pairs, Utc::now()).map_err(|error| Problem::wrong(format!("{error}.")))
}

/// `GET /jobs`.
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let filter = filter(&visit.query)?;
    let after =
        visit.query.get("after").filter(|place| !place.is_empty()).map(str::parse::<Cursor>).transpose();
    let after = after.map_err(|error| Problem::wrong(format!("{error}.")))?;
    let limit = visit.query.get("limit").and_then(|rows| rows.parse().ok()).unwrap_or(ROWS);
    let page = jobs::list(&app.pool, &filter, after, limit).await?;
    let list = List { filter, page };
    Ok(answer::page(&visit, Section::Jobs, "Jobs", &list, || body(&visit, &list)))
}

fn body(visit: &Visit, list: &List) -> Markup {
    let pairs = list.filter.pairs();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let next = list.page.next.as_ref().map(ToString::to_string);
    html! {
        (chips(&pairs, list.filter.state))
        (form(visit, &list.filter))
        @if list.page.rows.is_empty() {
            @if next.is_some() {
                (nothing("None of the rows that were looked at match. Older rows may."))
            } @else {
                (nothing("No row matches."))
            }
        } @else if acts(visit) {
            form method="post" action="/jobs/act" {
                (layout::hidden(visit))
                @for (name, value) in &pairs { input type="hidden" name=(name) value=(value); }
                (bulk())
                (job_table(&list.page.rows, true))
            }
        } @else {
            (job_table(&list.page.rows, false))
        }
        (older("/jobs", &pairs, "after", next))
    }
}

/// States to go to with one click.
fn chips(pairs: &[(&str, &str)], chosen: Option<Stands>) -> Markup {
    let to = |state: &'static str| {
        let others = pairs.iter().copied().filter(|(name, _)| *name != "state");
        address("/jobs", others.chain((!state.is_empty()).then_some(("state", state))))
    };
    let shown = [
        Stands::Open,
        Stands::Ready,
        Stands::Running,
        Stands::Waiting,
        Stands::Failed,
        Stands::Quarantined,
        Stands::Completed,
    ];
    html! {
        nav.chips aria-label="States" {
            a href=(to("")) aria-current=[chosen.is_none().then_some("true")] { "all" }
            @for state in shown {
                a href=(to(state.as_str())) aria-current=[(chosen == Some(state)).then_some("true")] { (state) }
            }
        }
    }
}

fn form(visit: &Visit, filter: &Filter) -> Markup {
    let organization = filter.organization.map(|id| id.to_string());
    let argument = filter.argument.as_ref().map(|(name, value)| format!("{name}={value}"));
    let asked = |name: &str| visit.query.get(name).filter(|value| !value.is_empty());
    html! {
        details.panel open[!filter.is_empty()] {
            summary { "Filter" }
            form.filters method="get" action="/jobs" {
                (choice("queue", "Queue", "every queue", queues(), filter.queue.map(crate::queue::Queue::as_str)))
                (choice("state", "State", "every state", Stands::ALL.map(Stands::as_str), filter.state.map(Stands::as_str)))
                (field("type", "Type", "compatibility_company", filter.kind.as_deref()))
                (field("org", "Organization", "id", organization.as_deref()))
                (field("error", "Error code", "llm.rate_limited", filter.error_code.as_deref()))
                (field("arg", "Argument", "employee_id=…", argument.as_deref()))
                (field("newer-than", "Not older than", "2h, 7d, 2026-11-01", asked("newer-than")))
                (field("older-than", "Older than", "2h, 7d, 2026-11-01", asked("older-than")))
                div.row { button.primary { "Show" } a.button href="/jobs" { "Clear" } }
            }
        }
    }
}

fn bulk() -> Markup {
    html! {
        div.bulk {
            fieldset {
                legend { "With the chosen rows" }
                div.row {
                    button name="do" value="retry chosen" { "Retry" }
                    button name="do" value="cancel chosen" { "Cancel" }
                    button name="do" value="release chosen" { "Release" }
                }
            }
            fieldset {
                legend { "With every row that matches; you see how many first" }
                div.row {
                    button name="do" value="retry matching" { "Retry all…" }
                    button name="do" value="cancel matching" { "Cancel all…" }
                    button name="do" value="release matching" { "Release all…" }
                }
            }
        }
    }
}
