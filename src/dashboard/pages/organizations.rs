//! Tenants: what runs and waits of each, and how much of the workers each may have.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use uuid::Uuid;

use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, nothing};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Form, Sent, Visit, Visiting, back};
use crate::dashboard::words::{badge, number, or_dash};
use crate::operate::act::{self, OrganizationChange};
use crate::operate::organizations::{self, Organization};

/// Organizations of a page.
const ROWS: i64 = 200;

/// Greatest weight and cap that a form may set.
const MOST: i32 = 1_000_000;

/// `GET /organizations`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let all = organizations::list(&app.pool, ROWS).await?;
    Ok(answer::page(&visit, Section::Organizations, "Organizations", &all, || body(&visit, &all)))
}

fn body(visit: &Visit, all: &[Organization]) -> Markup {
    html! {
        p.soft { "Organizations take turns by weight; a cap bounds what runs of each queue at once. Those with open rows or a policy come first." }
        @if all.is_empty() { (nothing("There is no organization.")) } @else {
            div.scroll { table.cards {
                thead { tr {
                    th { "Organization" } th { "State" } th.n { "Running" } th.n { "Ready" } th.n { "Waiting" } th.n { "Weight" } th.n { "Cap" } th { "Other bill" } th { "Note" }
                    @if acts(visit) { th { span.hidden { "Act" } } }
                } }
                tbody { @for one in all { (row(visit, one)) } }
            } }
        }
    }
}

fn row(visit: &Visit, one: &Organization) -> Markup {
    let ready = if one.more { format!("{}+", number(one.ready)) } else { number(one.ready) };
    html! {
        tr {
            th scope="row" data-head="Organization" {
                @let name = one.name.as_deref().unwrap_or(&one.id);
                @if one.id.parse::<Uuid>().is_ok() { a href={ "/jobs?org=" (one.id) } title=(one.id) { (name) } }
                @else { span { (name) } }
            }
            td data-head="State" { (badge(if one.paused { "paused" } else if one.running > 0 { "running" } else { "idle" })) }
            td.n data-head="Running" { (number(one.running)) }
            td.n data-head="Ready" { (ready) }
            td.n data-head="Waiting" { (number(one.waiting)) }
            td.n data-head="Weight" { (one.weight) }
            td.n data-head="Cap" { (one.max_in_flight.map_or_else(|| "–".to_owned(), |cap| cap.to_string())) }
            td data-head="Other bill" { (if one.llm_other_bill { "allowed" } else { "–" }) }
            td.wide data-head="Note" { span { (or_dash(one.note.as_deref())) } }
            @if acts(visit) { td { (change(visit, one)) } }
        }
    }
}

fn change(visit: &Visit, one: &Organization) -> Markup {
    let name = one.name.as_deref().unwrap_or(&one.id);
    let (cap, weight) = (one.max_in_flight.map(|cap| cap.to_string()), one.weight.to_string());
    let (paused, word) = if one.paused { ("false", "Resume") } else { ("true", "Pause") };
    html! {
        details {
            summary { "Change" span.hidden { " " (name) } }
            form.filters method="post" action="/organizations/set" {
                (layout::hidden(visit))
                input type="hidden" name="organization" value=(one.id);
                div { label for={ "weight-" (one.id) } { "Weight" } input id={ "weight-" (one.id) } name="weight" inputmode="numeric" value=(weight) required pattern="[0-9]+"; }
                div { label for={ "cap-" (one.id) } { "Cap, empty for none" } input id={ "cap-" (one.id) } name="cap" inputmode="numeric" value=[cap] pattern="[0-9]*"; }
                div { label for={ "note-" (one.id) } { "Why" } input id={ "note-" (one.id) } name="note" value=[one.note.as_deref()] maxlength="200"; }
                div {
                    label for={ "bill-" (one.id) } { "Next provider may be paid" }
                    select id={ "bill-" (one.id) } name="other_bill" {
                        option value="no" selected[!one.llm_other_bill] { "no" }
                        option value="yes" selected[one.llm_other_bill] { "yes" }
                    }
                }
                div.row {
                    button.primary name="paused" value="" { "Set" }
                    button name="paused" value=(paused) { (word) }
                }
            }
        }
    }
}

/// `POST /organizations/set`.
pub(super) async fn set(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    let id = form.get("organization").ok_or_else(|| Problem::wrong("An organization is named by its id."))?;
    let change = wanted(&form)?;
    if !act::set_organization(&app.pool, id, &change, &actor(&visit)).await? {
        return Err(Problem::missing("Nothing knows an organization of this id."));
    }
    let notice = match change.paused {
        Some(true) => "The organization is paused; what runs of it goes on.",
        Some(false) => "The organization goes on.",
        None => "The organization's policy is set.",
    };
    Ok(answer::to(&app, &visit, back(form.get("back")), notice))
}

fn wanted(form: &Form) -> Result<OrganizationChange, Problem> {
    let whole = |name: &str, least: i32| -> Result<Option<i32>, Problem> {
        let Some(text) = form.get(name).map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let number = text.parse().ok().filter(|number| (least..=MOST).contains(number));
        number
            .map(Some)
            .ok_or_else(|| Problem::wrong(format!("The {name} is a whole number from {least} to {MOST}.")))
    };
    Ok(OrganizationChange {
        paused: form.get("paused").and_then(|word| word.parse().ok()),
        weight: whole("weight", 1)?,
        // The field stands in the form: empty means that there is no cap.
        max_in_flight: form.get("cap").map(|_| whole("cap", 0)).transpose()?,
        // So does this one: empty takes the note back.
        note: form.get("note").map(|note| note.trim().to_owned()),
        llm_other_bill: form.get("other_bill").and_then(|word| match word {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }),
    })
}
