//! What is planned, and when it begins.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use chrono::Utc;
use maud::{Markup, html};
use serde::Serialize;

use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, nothing};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Sent, Visit, Visiting, back};
use crate::dashboard::words::{badge, exact, maybe_when};
use crate::domain::quarter::Quarter;
use crate::operate::act;
use crate::operate::schedules::{self, Due, Standing};
use crate::pipeline::quarter::control::{Hours, Started};

#[derive(Serialize)]
struct Plans {
    next: Vec<Due>,
    all: Vec<Standing>,
}

/// `GET /schedules`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let (next, all) = tokio::try_join!(schedules::next(&app.pool, Utc::now()), schedules::list(&app.pool))?;
    let plans = Plans { next, all };
    Ok(answer::page(&visit, Section::Schedules, "Schedules", &plans, || body(&visit, &plans)))
}

fn body(visit: &Visit, plans: &Plans) -> Markup {
    html! {
        section.panel aria-labelledby="next" {
            h2 #next { "What works next" }
            @if plans.next.is_empty() { p.soft { "Nothing is planned." } } @else {
                div.scroll { table.cards {
                    thead { tr { th { "Quarter" } th { "State" } th { "Works" } th { "At (UTC)" } @if acts(visit) { th { span.hidden { "Act" } } } } }
                    tbody { @for due in &plans.next { (row(visit, due)) } }
                } }
            }
        }
        section.panel aria-labelledby="run" {
            h2 #run { "Run a quarter now" }
            p.soft { "It begins at once, also outside its window, and is planned if it is not yet. However often it is started, it runs once." }
            @if acts(visit) {
                form.row method="post" action="/schedules/run" {
                    (layout::hidden(visit))
                    label for="quarter" { "Quarter" }
                    div { input #quarter name="quarter" placeholder="2026-Q4" required pattern="[0-9]{4}-Q[1-4]" size="9"; }
                    button.primary { "Run now" }
                }
            } @else { p { "An operator can start one." } }
        }
        section.panel aria-labelledby="all" {
            h2 #all { "All quarters" }
            @if plans.all.is_empty() { (nothing("No quarter is planned. Workers plan the next four where quarter.plan is true.")) } @else {
                div.scroll { table.cards {
                    thead { tr { th { "Quarter" } th { "State" } th { "Window from" } th { "Daily (UTC)" } th { "Begun" } th { "Ended" } } }
                    tbody { @for plan in &plans.all { tr {
                        th scope="row" data-head="Quarter" { a href={ "/jobs/quarter/" (plan.id) } { (plan.year) "-" (plan.quarter) } }
                        td data-head="State" { span { (badge(&plan.status)) @if plan.paused { " " (badge("paused")) } } }
                        td.s data-head="Window from" { (plan.scheduled_date) }
                        td.s data-head="Daily" { span { (plan.execution_start_time.format("%H:%M")) "–" (plan.execution_end_time.format("%H:%M")) } }
                        td.s data-head="Begun" { (maybe_when(plan.started_at)) }
                        td.s data-head="Ended" { (maybe_when(plan.completed_at)) }
                    } } }
                } }
            }
        }
    }
}

fn row(visit: &Visit, due: &Due) -> Markup {
    html! {
        tr {
            th scope="row" data-head="Quarter" { a href={ "/jobs/quarter/" (due.id) } { (due.quarter) } }
            td data-head="State" { span { (badge(&due.status)) @if due.paused { " " (badge("paused")) } } }
            td.s data-head="Works" { @if due.paused { span { "when it is resumed" } } @else { (maybe_when(Some(due.at))) } }
            td.s data-head="At" { (exact(due.at)) }
            @if acts(visit) {
                td { @if due.status == "scheduled" { (layout::action(visit, "/schedules/run", &[("quarter", &due.quarter)], "Run now", "")) } }
            }
        }
    }
}

/// `POST /schedules/run`.
pub(super) async fn run(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    let quarter: Quarter = form
        .get("quarter")
        .and_then(|quarter| quarter.parse().ok())
        .ok_or_else(|| Problem::wrong("A quarter is written as 2026-Q4."))?;
    let today = Utc::now().date_naive();
    let notice =
        match act::start_schedule(&app.pool, &app.quarter, quarter, today, Hours::Any, &actor(&visit)).await?
        {
            Started::Now => format!("{quarter} runs now."),
            Started::InWindow => format!("{quarter} runs inside its window."),
            Started::Already => format!("{quarter} had been started before."),
            Started::Left => format!("{quarter} is left as it is."),
            Started::Completed => format!("{quarter} has completed; it does not run again."),
        };
    Ok(answer::to(&app, &visit, back(form.get("back")), notice))
}
