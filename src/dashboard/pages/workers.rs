//! Worker processes.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use crate::dashboard::App;
use crate::dashboard::answer;
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{host_and_pid, nothing};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::Visiting;
use crate::dashboard::words::{badge, number, when};
use crate::operate::workers::{self, Worker};

/// `GET /workers`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let workers = workers::list(&app.pool, app.lease).await?;
    Ok(answer::page(&visit, Section::Workers, "Workers", &workers, || layout::live(&visit, &body(&workers))))
}

fn body(workers: &[Worker]) -> Markup {
    html! {
        p.soft { "Workers of the last day. One that neither beats nor has stopped is dead; its rows run elsewhere." }
        @if workers.is_empty() { (nothing("No worker was seen in the last day.")) } @else {
            div.scroll { table.cards {
                thead { tr {
                    th { "Worker" } th { "State" } th.n { "Runs" } th { "Last heartbeat" } th { "Started" } th { "Version" } th.n { "Fenced writes" } th { "Lane of" }
                } }
                tbody { @for worker in workers { (row(worker)) } }
            } }
        }
    }
}

fn row(worker: &Worker) -> Markup {
    html! {
        tr {
            th.code scope="row" data-head="Worker" { span title=(worker.worker_id) { (worker.host) ":" (worker.pid) } }
            td data-head="State" { (badge(worker.stands())) }
            td.n data-head="Runs" { (number(worker.running)) }
            td.s data-head="Last heartbeat" { (when(worker.last_seen_at)) }
            td.s data-head="Started" { (when(worker.started_at)) }
            td data-head="Version" { (worker.version) }
            td.n data-head="Fenced writes" { (number(worker.fenced)) }
            td.code data-head="Lane of" { @if let Some(opener) = &worker.lane_of { (host_and_pid(opener)) } @else { span.soft { "–" } } }
        }
    }
}
