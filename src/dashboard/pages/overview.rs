//! Everything at a glance.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use serde::Serialize;

use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::acts;
use crate::dashboard::picture::{Part, pace, share};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Sent, Visit, Visiting, back};
use crate::dashboard::words::{badge, length, maybe_when, number, or_dash};
use crate::operate::overview::{Breaker, Overview, QueueStanding, Spend, overview};
use crate::operate::pace::{self as lately, Slice};
use crate::operate::{act, workers};
use crate::queue::Queue;

#[derive(Serialize)]
struct Glance {
    #[serde(flatten)]
    overview: Overview,
    workers: Fleet,
    reports: Vec<Slice>,
}

/// How many workers there are.
#[derive(Default, Serialize)]
struct Fleet {
    alive: usize,
    draining: usize,
    dead: usize,
}

/// `GET /`.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
) -> Result<Response, Problem> {
    let (overview, workers, reports) = tokio::try_join!(
        overview(&app.pool),
        workers::list(&app.pool, app.lease),
        lately::reports(&app.pool)
    )?;
    let stand = |word: &str| {
        workers.iter().filter(|worker| worker.lane_of.is_none() && worker.stands() == word).count()
    };
    let fleet = Fleet { alive: stand("running"), draining: stand("draining"), dead: stand("dead") };
    let glance = Glance { overview, workers: fleet, reports };
    Ok(answer::page(&visit, Section::Overview, "Overview", &glance, || {
        layout::live(&visit, &body(&visit, &glance))
    }))
}

fn body(visit: &Visit, glance: &Glance) -> Markup {
    html! {
        (warnings(glance))
        div.grid.queues { @for queue in &glance.overview.queues { (queue_panel(visit, queue)) } }
        div.grid {
            section.panel aria-labelledby="pace" {
                div.head { h2 #pace { "Reports of the last three hours" } a.small href="/reports" { "Reports" } }
                (pace(&glance.reports))
            }
            section.panel aria-labelledby="fleet" {
                div.head { h2 #fleet { "Workers" } a.small href="/workers" { "All workers" } }
                dl.figures {
                    (figure("Alive", &number(count(glance.workers.alive)), ""))
                    (figure("Draining", &number(count(glance.workers.draining)), ""))
                    (figure("Dead today", &number(count(glance.workers.dead)), if glance.workers.dead > 0 { "warn" } else { "" }))
                }
                (spend(&glance.overview.spend))
            }
        }
        (breakers(&glance.overview.breakers))
    }
}

fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// What somebody should know first.
fn warnings(glance: &Glance) -> Markup {
    html! {
        @if glance.workers.alive == 0 {
            div.warning.bad role="alert" { p { strong { "No worker runs." } " Nothing is claimed until one is started: " code { "orrery run" } "." } }
        }
        @for breaker in glance.overview.breakers.iter().filter(|breaker| breaker.state != "closed") {
            div.warning.bad role="alert" {
                p {
                    strong { "The breaker " (breaker.name) " is " (breaker.state.replace('_', " ")) "." }
                    " " (breaker.reason.as_deref().unwrap_or("No reason is noted.")) " "
                    @if !breaker.queues.is_empty() { "It holds up: " (breaker.queues.join(", ")) "." }
                }
            }
        }
        @for queue in glance.overview.queues.iter().filter(|queue| queue.paused) {
            div.warning {
                p {
                    strong { "The queue " (queue.queue) " is paused." } " "
                    @if let Some(note) = &queue.note { (note) ". " }
                    "Since " (maybe_when(queue.changed_at)) "."
                }
            }
        }
    }
}

fn figure(label: &str, value: &str, class: &str) -> Markup {
    html! { div { dt { (label) } dd class=(class) { (value) } } }
}

fn queue_panel(visit: &Visit, queue: &QueueStanding) -> Markup {
    let name = queue.queue.as_str();
    let stands = match queue {
        queue if queue.paused => "paused",
        queue if queue.running > 0 => "running",
        queue if queue.oldest_s.is_some() => "ready",
        _ => "idle",
    };
    // Where none may run now, what is ready has a later time: planned quarters, rows that are tried again.
    let (ready, ready_state) =
        if queue.ready > 0 && queue.oldest_s.is_none() { ("Later", "later") } else { ("Ready", "ready") };
    let link = |state: &str| format!("/jobs?queue={name}&state={state}");
    let linked = |label: &str, value: i64, state: &str, class: &str| {
        html! { div { dt { (label) } dd class=(class) { a href=(link(state)) { (number(value)) } } } }
    };
    html! {
        section.panel aria-labelledby={ "queue-" (name) } {
            div.head {
                h2 id={ "queue-" (name) } { (title(queue.queue)) " " (badge(stands)) }
                @if acts(visit) {
                    @if queue.paused {
                        (layout::action(visit, "/queues/resume", &[("queue", name)], "Resume", "primary"))
                    } @else {
                        (layout::action(visit, "/queues/pause", &[("queue", name)], "Pause", ""))
                    }
                }
            }
            dl.figures {
                (linked(ready, queue.ready, ready_state, ""))
                (linked("Running", queue.running, "running", ""))
                (linked("Waiting", queue.waiting, "waiting", ""))
                (figure("Oldest ready", &queue.oldest_s.map_or_else(|| "–".to_owned(), length), if queue.oldest_s.is_some_and(|s| s > 600.0) { "warn" } else { "" }))
                (linked("Failed, 1 h", queue.failed, "failed", if queue.failed > 0 { "bad" } else { "" }))
                @if let Some(completed) = queue.completed { (linked("Completed, 1 h", completed, "completed", "")) }
            }
            (share(&[
                Part { label: "running", value: queue.running, colour: "run" },
                Part { label: ready_state, value: queue.ready, colour: "accent" },
                Part { label: "waiting", value: queue.waiting, colour: "warn" },
            ]))
        }
    }
}

const fn title(queue: Queue) -> &'static str {
    match queue {
        Queue::Report => "Reports",
        Queue::Entity => "Entities",
        Queue::Quarter => "Quarters",
        Queue::Calculation => "Calculations",
    }
}

#[allow(clippy::cast_precision_loss, reason = "dollars of a day")]
fn spend(spend: &Spend) -> Markup {
    html! {
        h3 { "Language models today" }
        dl.figures {
            (figure("Calls", &number(spend.calls), ""))
            (figure("Failed", &number(spend.failed), if spend.failed > 0 { "warn" } else { "" }))
            (figure("Tokens", &number(spend.tokens), ""))
            (figure("Spent", &format!("${:.2}", spend.nano_usd as f64 / 1e9), ""))
        }
        @if spend.unpriced > 0 { p.small.soft { (number(spend.unpriced)) " answered calls have no known price." } }
    }
}

fn breakers(all: &[Breaker]) -> Markup {
    if all.is_empty() {
        return Markup::default();
    }
    html! {
        section.panel aria-labelledby="breakers" {
            h2 #breakers { "Breakers" }
            div.scroll {
                table.cards {
                    thead { tr { th { "Name" } th { "State" } th.n { "Failures" } th { "Reason" } th { "Opened" } th { "Next try" } } }
                    tbody { @for breaker in all { tr {
                        th scope="row" data-head="Name" { (breaker.name) }
                        td data-head="State" { (badge(&breaker.state)) }
                        td.n data-head="Failures" { (breaker.failures) }
                        td.wide data-head="Reason" { (or_dash(breaker.reason.as_deref())) }
                        td.s data-head="Opened" { (maybe_when(breaker.opened_at)) }
                        td.s data-head="Next try" { (maybe_when(breaker.probe_at)) }
                    } } }
                }
            }
        }
    }
}

/// `POST /queues/pause`.
pub(super) async fn pause(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    switch(&app, &visit, &form, true).await
}

/// `POST /queues/resume`.
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    switch(&app, &visit, &form, false).await
}

async fn switch(
    app: &App,
    visit: &Visit,
    form: &crate::dashboard::visit::Form,
    paused: bool,
) -> Result<Response, Problem> {
    let queue: Queue = form
        .get("queue")
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| Problem::wrong("The queue is report, entity, quarter or calculation."))?;
    let note = paused.then(|| {
        let note = form.get("note").map(str::trim).filter(|note| !note.is_empty());
        note.map_or_else(|| format!("paused by {}", visit.who.name), str::to_owned)
    });
    act::pause_queue(&app.pool, queue, paused, note.as_deref(), &actor(visit)).await?;
    let done = if paused { "is paused; what runs goes on" } else { "goes on" };
    Ok(answer::to(app, visit, back(form.get("back")), format!("The queue {queue} {done}.")))
}
