//! Parts that several pages show.

use maud::{Markup, html};

use super::access::Role;
use super::visit::{Visit, address};
use super::words::{badge, maybe_when, or_dash, short};
use crate::operate::jobs::JobLine;
use crate::queue::Queue;

/// Whether buttons are shown. What a form sends is checked again by the guard.
pub(super) fn acts(visit: &Visit) -> bool {
    visit.who.role == Role::Operator
}

/// A menu of words, the first of which sets nothing.
pub(super) fn choice(
    id: &str,
    label: &str,
    every: &str,
    words: impl IntoIterator<Item = &'static str>,
    chosen: Option<&str>,
) -> Markup {
    html! {
        div {
            label for=(id) { (label) }
            select id=(id) name=(id) {
                option value="" { (every) }
                @for word in words { option value=(word) selected[chosen == Some(word)] { (word.replace('_', " ")) } }
            }
        }
    }
}

/// A field of a filter.
pub(super) fn field(id: &str, label: &str, hint: &str, value: Option<&str>) -> Markup {
    html! {
        div {
            label for=(id) { (label) }
            input id=(id) name=(id) value=[value] placeholder=(hint) autocomplete="off" spellcheck="false";
        }
    }
}

/// The words of the queues.
pub(super) fn queues() -> [&'static str; 4] {
    Queue::ALL.map(Queue::as_str)
}

/// The address of a job's page.
pub(super) fn job_path(line: &JobLine) -> String {
    format!("/jobs/{}/{}", line.queue, line.id)
}

/// Jobs as a table; with boxes to choose them by where somebody acts.
pub(super) fn job_table(lines: &[JobLine], boxes: bool) -> Markup {
    html! {
        div.scroll {
            table.cards {
                thead { tr {
                    @if boxes { th { span.hidden { "Choose" } } }
                    th { "Job" } th { "Type" } th { "State" } th { "Code" } th.n { "Attempts" } th { "Made" } th { "Ended" } th { "Worker" }
                } }
                tbody { @for line in lines { (job_row(line, boxes)) } }
            }
        }
    }
}

fn job_row(line: &JobLine, boxes: bool) -> Markup {
    let attempts = if line.crashes > 0 {
        format!("{} (+{} deaths)", line.attempts, line.crashes)
    } else {
        line.attempts.to_string()
    };
    html! {
        tr {
            @if boxes {
                td data-head="Choose" {
                    input type="checkbox" name="job" value={ (line.queue) "/" (line.id) } aria-label={ "Choose job " (short(line.id)) };
                }
            }
            th.s scope="row" data-head="Job" {
                span { a.code href=(job_path(line)) title=(line.id) { (short(line.id)) } " " span.soft.small { (line.queue) } }
            }
            td data-head="Type" { (line.kind.replace('_', " ")) }
            td.s data-head="State" { span { (badge(&line.state)) @if line.quarantined { " " (badge("quarantined")) } } }
            td.code data-head="Code" { (or_dash(line.code.as_deref())) }
            td.n data-head="Attempts" { (attempts) }
            td.s data-head="Made" { (maybe_when(line.created_at)) }
            td.s data-head="Ended" { (maybe_when(line.ended_at)) }
            td.code data-head="Worker" { (or_dash(line.worker_id.as_deref().map(host_and_pid).as_deref())) }
        }
    }
}

/// `host:pid` of `host:pid:random`.
pub(super) fn host_and_pid(worker: &str) -> String {
    worker.rsplit_once(':').map_or(worker, |(head, _)| head).to_owned()
}

/// The way to older rows.
pub(super) fn older(path: &str, pairs: &[(&str, &str)], key: &str, place: Option<String>) -> Markup {
    let Some(place) = place else { return Markup::default() };
    let pairs = pairs.iter().copied().filter(|(name, _)| *name != key).chain([(key, place.as_str())]);
    html! { nav.pager aria-label="Pages" { a.button href=(address(path, pairs)) rel="next" { "Older" } } }
}

/// Nothing to show.
pub(super) fn nothing(text: &str) -> Markup {
    html! { div.empty { p { (text) } } }
}
