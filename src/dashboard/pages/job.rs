//! All of one job.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use chrono::Utc;
use maud::{Markup, html};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::parts::{acts, host_and_pid};
use crate::dashboard::picture::{graph, track};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Visit, Visiting};
use crate::dashboard::words::{badge, exact, maybe_when, or_dash, short};
use crate::operate::audit::{self, Outcome};
use crate::operate::jobs::{self, Edge, Event, Job};
use crate::queue::Queue;

async fn found(app: &App, queue: &str, id: &str) -> Result<Job, Problem> {
    let missing = || Problem::missing("There is no such job. Its row may have been deleted.");
    let queue: Queue = queue.parse().map_err(|_| missing())?;
    let id: Uuid = id.parse().map_err(|_| missing())?;
    jobs::show(&app.pool, queue, id, app.lease).await?.ok_or_else(missing)
}

/// `GET /jobs/{queue}/{id}`: without the arguments, which may tell of persons.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Path((queue, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let mut job = found(&app, &queue, &id).await?;
    job.arguments = Value::Null;
    Ok(answer::page(&visit, Section::Jobs, &title(&job), &job, || {
        let body = body(&visit, &job);
        // What has ended changes no more.
        if job.line.ended_at.is_some() { body } else { layout::live(&visit, &body) }
    }))
}

/// `POST /jobs/{queue}/{id}`: with the arguments, and a note of who has seen them.
pub(super) async fn reveal(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Path((queue, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let job = found(&app, &queue, &id).await?;
    let target = json!({ "queue": job.line.queue, "id": job.line.id });
    audit::note(&app.pool, &actor(&visit), "job.reveal", &target, Outcome::Done).await?;
    // Not live: what was revealed stays until the page is left.
    Ok(answer::page(&visit, Section::Jobs, &title(&job), &job, || body(&visit, &job)))
}

fn title(job: &Job) -> String {
    format!("Job {}", short(job.line.id))
}

fn body(visit: &Visit, job: &Job) -> Markup {
    html! {
        (head(visit, job))
        div.halves {
            div.stack {
                (reasons(job))
                (timeline(job))
                (arguments(visit, job))
            }
            div.stack {
                (facts(job))
                (neighbours(job))
            }
        }
    }
}

fn head(visit: &Visit, job: &Job) -> Markup {
    let line = &job.line;
    let ended = line.ended_at.is_some()
        || matches!(line.state.as_str(), "failed" | "cancelled" | "skipped" | "completed");
    let row = format!("{}/{}", line.queue, line.id);
    let button = |what: &'static str, label: &str| {
        layout::action(visit, "/jobs/act", &[("job", row.as_str()), ("do", what)], label, "")
    };
    html! {
        div.bulk {
            span { (badge(&line.state)) @if line.quarantined { " " (badge("quarantined")) } }
            span { strong { (line.kind.replace('_', " ")) } " " span.soft { "of the queue " (line.queue) } }
            @if acts(visit) {
                div.row {
                    @if line.quarantined { (button("release chosen", "Release")) }
                    @if ended && line.state != "completed" && !line.quarantined { (button("retry chosen", "Run again")) }
                    @if !ended { (button("cancel chosen", "Cancel")) }
                }
            }
        }
    }
}

fn reasons(job: &Job) -> Markup {
    html! {
        section.panel aria-labelledby="why" {
            h2 #why { @if job.line.ended_at.is_some() { "What became of it" } @else { "Why it stands so" } }
            ul.says {
                @for reason in &job.reasons {
                    li { (reason.what) @if !reason.way_out.is_empty() { " " span.soft { "– " (reason.way_out) } } " " span.code.soft { (reason.code) } }
                }
                @if job.reasons.is_empty() { li { "Nothing is known of it but its row." } }
            }
            @if let (Some(message), true) = (&job.line.message, job.line.state != "completed") {
                p.error { (message) }
            }
        }
    }
}

fn timeline(job: &Job) -> Markup {
    let ends = job.line.ended_at.unwrap_or_else(Utc::now);
    html! {
        section.panel aria-labelledby="timeline" {
            h2 #timeline { "Time line" }
            (track(&job.timeline, ends))
            ol.events { @for (number, event) in job.timeline.iter().enumerate() { (one(number + 1, event)) } }
        }
    }
}

fn one(number: usize, event: &Event) -> Markup {
    html! {
        li {
            span { strong { (number) } " " (exact(event.at)) }
            div {
                (badge(&event.what)) " "
                @if let Some(code) = &event.code { span.code { (code) } " " }
                @if let Some(stage) = &event.stage { span.soft { "in " (stage) } " " }
                @if let Some(who) = &event.who { span.soft { "by " (host_and_pid(who)) } }
                @if let Some(message) = &event.message { p.error { (message) } }
            }
        }
    }
}

fn facts(job: &Job) -> Markup {
    let line = &job.line;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let text = |value: Option<&str>| html! { span.code { (or_dash(value)) } };
    html! {
        section.panel aria-labelledby="facts" {
            h2 #facts { "Facts" }
            dl.facts {
                (fact("Id", text(Some(&line.id.to_string()))))
                (fact("About", html! { (line.subject_type) " " span.code { (line.subject_id) } }))
                @if let Some(organization) = &line.organization_id {
                    (fact("Organization", html! { a.code href={ "/jobs?org=" (organization) } { (organization) } }))
                }
                @if let Some(schedule) = line.schedule_id {
                    (fact("Quarter", html! { a.code href={ "/jobs/quarter/" (schedule) } { (short(schedule)) } }))
                }
                @if let Some(priority) = line.priority { (fact("Priority", html! { (priority) })) }
                (fact("Made", maybe_when(line.created_at)))
                @if line.run_at.is_some() { (fact("Not before", maybe_when(line.run_at))) }
                (fact("Last begun", maybe_when(line.started_at)))
                (fact("Ended", maybe_when(line.ended_at)))
                (fact("Attempts", html! { (line.attempts) @if line.crashes > 0 { ", and " (line.crashes) " workers died over it" } }))
                (fact("Worker", text(line.worker_id.as_deref())))
                @if let Some(lease) = &job.lease {
                    @if lease.lease_expires_at.is_some() {
                        (fact("Lease ends", html! { (maybe_when(lease.lease_expires_at)) " " span.soft { "token " (lease.token.unwrap_or_default()) } }))
                        (fact("Heartbeat", maybe_when(lease.heartbeat_at)))
                    }
                    @if lease.snoozes > 0 { (fact("Put off", html! { (lease.snoozes) " times" })) }
                }
                @if let Some(made) = &job.made { (fact("Result", result(&made.output))) }
            }
        }
    }
}

/// Ids of what it made; a report can be opened.
fn result(output: &Value) -> Markup {
    let Some(ids) = output.as_object() else { return html! { span.code { (output) } } };
    html! {
        @for (name, value) in ids {
            div {
                span.soft { (name.replace('_', " ")) } " "
                @match (name.as_str(), value.as_str()) {
                    ("report_id", Some(id)) => a.code href={ "/reports/" (id) } { (id) },
                    (_, Some(text)) => span.code { (text) },
                    (_, None) => span.code { (value) },
                }
            }
        }
    }
}

fn neighbours(job: &Job) -> Markup {
    if job.edges.waits_for.is_empty() && job.edges.holds_up.is_empty() {
        return Markup::default();
    }
    html! {
        section.panel aria-labelledby="edges" {
            h2 #edges { "Before and after it" }
            (graph(&job.line.kind, &job.line.state, &job.edges))
            (list("Waits for", &job.edges.waits_for))
            (list("Waits for this one", &job.edges.holds_up))
        }
    }
}

fn list(title: &str, edges: &[Edge]) -> Markup {
    html! {
        @if !edges.is_empty() {
            details {
                summary { (title) ": " (edges.len()) }
                ul.says { @for edge in edges {
                    li {
                        a.code href={ "/jobs/report/" (edge.id) } { (short(edge.id)) } " "
                        (or_dash(edge.report_type.as_deref())) " " (badge(edge.status.as_deref().unwrap_or("missing")))
                        " " span.soft { (edge.kind.replace('_', " ")) @if !edge.open { ", no longer waited for" } }
                    }
                } }
            }
        }
    }
}

fn arguments(visit: &Visit, job: &Job) -> Markup {
    html! {
        section.panel #arguments aria-labelledby="arguments-title" {
            h2 #arguments-title { "Arguments" }
            @if job.arguments.is_null() {
                p.soft { "What the application has written into the row may tell of persons. It is hidden; who shows it is noted in the audit." }
                @if acts(visit) {
                    form method="post" action={ "/jobs/" (job.line.queue) "/" (job.line.id) "#arguments" } {
                        (layout::token(visit))
                        button { "Show the arguments" }
                    }
                } @else {
                    p { "An operator can show it." }
                }
            } @else {
                pre.error { (serde_json::to_string_pretty(&job.arguments).unwrap_or_default()) }
            }
        }
    }
}
