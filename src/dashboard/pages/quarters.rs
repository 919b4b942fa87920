//! Quarters with their progress.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use uuid::Uuid;

use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, nothing};
use crate::dashboard::picture::{Part, share};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Sent, Visit, Visiting, address, back};
use crate::dashboard::words::{badge, count, maybe_when, number, or_dash};
use crate::operate::act;
use crate::operate::schedules::{self, Standing};

/// `GET /quarters`: what runs first, then the newest.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let mut quarters = schedules::list(&app.pool).await?;
    quarters.sort_by_key(|quarter| {
        (quarter.status != "in_progress", std::cmp::Reverse((quarter.year, quarter.quarter.clone())))
    });
    Ok(answer::page(&visit, Section::Quarters, "Quarters", &quarters, || {
        layout::live(&visit, &body(&visit, &quarters))
    }))
}

fn body(visit: &Visit, quarters: &[Standing]) -> Markup {
    html! {
        @if quarters.is_empty() { (nothing("No quarter is planned. Workers plan the next four where quarter.plan is true.")) }
        @for quarter in quarters { (panel(visit, quarter)) }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share of rows")]
fn panel(visit: &Visit, quarter: &Standing) -> Markup {
    let id = quarter.id.to_string();
    let ended = quarter.completed + quarter.failed + quarter.skipped;
    let done = if quarter.total > 0 { ended as f64 / quarter.total as f64 * 100.0 } else { 0.0 };
    let figure = |label: &str, value: String, class: &str| html! { div { dt { (label) } dd class=(class) { (value) } } };
    html! {
        section.panel aria-labelledby={ "quarter-" (id) } {
            div.head {
                h2 id={ "quarter-" (id) } {
                    a href={ "/jobs/quarter/" (id) } { (quarter.year) " " (quarter.quarter) } " "
                    (badge(&quarter.status)) @if quarter.paused { " " (badge("paused")) }
                }
                @if acts(visit) { (buttons(visit, quarter, &id)) }
            }
            @if quarter.total > 0 {
                dl.figures {
                    (figure("Ended", format!("{done:.1} %"), ""))
                    (figure("Completed", number(quarter.completed), ""))
                    (figure("Failed", number(quarter.failed), if quarter.failed > 0 { "bad" } else { "" }))
                    (figure("Skipped", number(quarter.skipped), ""))
                    (figure("Open", number(quarter.open), ""))
                    @if let Some(rate) = quarter.rate { (figure("Rows a second", format!("{rate:.0}"), "")) }
                }
                (share(&[
                    Part { label: "completed", value: quarter.completed, colour: "good" },
                    Part { label: "failed", value: quarter.failed, colour: "bad" },
                    Part { label: "skipped", value: quarter.skipped, colour: "warn" },
                    Part { label: "open", value: quarter.open, colour: "line" },
                ]))
            }
            p.small.soft {
                "From " (quarter.scheduled_date) ", " (quarter.execution_start_time.format("%H:%M")) " to " (quarter.execution_end_time.format("%H:%M")) " UTC."
                @if quarter.forced { " Started by hand: its window does not hold it." }
                @if quarter.started_at.is_some() { " Begun " (maybe_when(quarter.started_at)) "." }
                @if let (Some(end), true) = (quarter.estimated_completion, quarter.status == "in_progress") { " Expected to end " (maybe_when(Some(end))) "." }
                @if quarter.completed_at.is_some() { " Ended " (maybe_when(quarter.completed_at)) "." }
                @if let Some(note) = &quarter.note { " " (note) }
            }
            (errors(visit, quarter, &id))
        }
    }
}

fn buttons(visit: &Visit, quarter: &Standing, id: &str) -> Markup {
    let button = |what: &'static str, label: &str, class: &str| {
        layout::action(visit, "/quarters/act", &[("id", id), ("do", what)], label, class)
    };
    let open = is_open(quarter);
    html! {
        div.row {
            @if open && quarter.paused { (button("resume", "Resume", "primary")) }
            @if open && !quarter.paused { (button("pause", "Pause", "")) }
            @if quarter.failed > 0 { (button("retry", "Retry failed", "")) }
            @if open { (button("cancel", "Cancel…", "danger")) }
        }
    }
}

/// Whether it has not ended.
fn is_open(quarter: &Standing) -> bool {
    matches!(quarter.status.as_str(), "scheduled" | "in_progress")
}

/// Failures by code, as the quarter counts them.
fn errors(visit: &Visit, quarter: &Standing, id: &str) -> Markup {
    let codes = quarter.errors.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if codes.is_empty() {
        return Markup::default();
    }
    html! {
        div.scroll { table.cards {
            caption { "Failures by code" }
            thead { tr { th { "Code" } th.n { "Entities" } th { "What the first said" } @if acts(visit) { th { span.hidden { "Act" } } } } }
            tbody { @for error in codes {
                @let code = error["code"].as_str().unwrap_or("unknown");
                tr {
                    th.code scope="row" data-head="Code" {
                        a href=(address("/jobs", [("queue", "entity"), ("state", "failed"), ("error", code)])) { (code) }
                    }
                    td.n data-head="Entities" { (number(error["entities"].as_i64().unwrap_or_default())) }
                    td.wide data-head="First" { span { (or_dash(error["message"].as_str())) } }
                    @if acts(visit) {
                        td { (layout::action(visit, "/quarters/act", &[("id", id), ("do", "retry"), ("code", code)], "Retry", "")) }
                    }
                }
            } }
        } }
    }
}

/// `POST /quarters/act`.
pub(super) async fn act(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    let id: Uuid = form
        .get("id")
        .and_then(|id| id.parse().ok())
        .ok_or_else(|| Problem::wrong("A quarter is named by its id."))?;
    let known = schedules::list(&app.pool).await?;
    let quarter = known.iter().find(|quarter| quarter.id == id);
    let quarter = quarter.ok_or_else(|| Problem::missing("There is no such quarter."))?;
    let who = actor(&visit);
    let notice = match form.get("do").unwrap_or_default() {
        // A page that has stood open for long still has the button.
        "pause" | "resume" if !is_open(quarter) => "The quarter has ended already.".to_owned(),
        "pause" => {
            let note = format!("paused by {}", who.name);
            act::pause_schedule(&app.pool, id, true, Some(&note), &who).await?;
            "The quarter is paused; what runs goes on.".to_owned()
        }
        "resume" => {
            act::pause_schedule(&app.pool, id, false, None, &who).await?;
            "The quarter goes on.".to_owned()
        }
        "retry" => {
            let code = form.get("code").filter(|code| !code.is_empty());
            let again = act::retry_schedule(&app.pool, id, code, &who).await?;
            let rows = again.map(|rows| count(i64::try_from(rows).unwrap_or(i64::MAX), "row"));
            match rows {
                None => {
                    "The quarter ended before all its rows were made, so more than its failures would run. Under Schedules it can be run now."
                        .to_owned()
                }
                Some(rows) if is_open(quarter) && quarter.forced => format!("{rows} will run again."),
                // One that had ended has its window again.
                Some(rows) => format!(
                    "{rows} will run again inside the window of the quarter. Under Schedules it can be run now."
                ),
            }
        }
        "cancel" if form.get("confirmed") != Some("yes") => {
            return Ok(ask(&visit, id, back(form.get("back"))));
        }
        "cancel" => match act::cancel_schedule(&app.pool, id, &who).await? {
            Some(rows) => format!("The quarter is cancelled; {} ended as skipped.", count(rows, "open row")),
            None => "The quarter has ended already.".to_owned(),
        },
        _ => return Err(Problem::wrong("What to do is pause, resume, retry or cancel.")),
    };
    Ok(answer::to(&app, &visit, back(form.get("back")), notice))
}

fn ask(visit: &Visit, id: Uuid, place: &str) -> Response {
    let data = serde_json::json!({ "confirm": "cancel", "id": id });
    let id = id.to_string();
    let fields = [("back", place), ("id", id.as_str()), ("do", "cancel"), ("confirmed", "yes")];
    answer::page(visit, Section::Quarters, "Cancel the quarter?", &data, || {
        html! {
            p { "Its open rows end as skipped. What is completed stays. It can be started again later." }
            div.row {
                form.inline method="post" action="/quarters/act" {
                    (layout::token(visit))
                    @for (name, value) in fields {
                        input type="hidden" name=(name) value=(value);
                    }
                    button.danger { "Cancel the quarter" }
                }
                a.button href=(place) { "Back" }
            }
        }
    })
}
