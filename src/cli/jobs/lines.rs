//! Rows for people to read.

use crate::cli::table::{self, time};
use crate::operate::failures::Groups;
use crate::operate::jobs::{Edge, Event, Job, JobLine, Page};

/// A page of rows, and how to go on.
pub(super) fn page(page: &Page<JobLine>) {
    if page.rows.is_empty() {
        let text = if page.next.is_some() { "no row among those that were looked at" } else { "no row" };
        table::note(text);
    } else {
        table::rows(
            ["row", "queue", "type", "state", "made", "attempts", "organization", "error"],
            page.rows.iter().map(line),
        );
    }
    if let Some(next) = &page.next {
        table::note(&format!("older rows: --after {next}"));
    }
}

fn state(line: &JobLine) -> &str {
    if line.quarantined { "quarantined" } else { &line.state }
}

fn line(line: &JobLine) -> [String; 8] {
    [
        line.id.to_string(),
        line.queue.clone(),
        line.kind.clone(),
        state(line).to_owned(),
        time(line.created_at),
        line.attempts.to_string(),
        line.organization_id.clone().unwrap_or_default(),
        line.code.clone().unwrap_or_default(),
    ]
}

/// Failures by queue and code.
pub(super) fn groups(groups: &Groups) {
    let rows = groups.groups.iter().map(|group| {
        [
            group.queue.clone(),
            group.code.clone(),
            group.rows.to_string(),
            group.organizations.to_string(),
            time(group.first),
            time(group.last),
            group.sample.first().map_or_else(String::new, ToString::to_string),
        ]
    });
    if groups.groups.is_empty() {
        table::note("no row has failed");
    } else {
        table::rows(["queue", "error", "rows", "organizations", "first", "last", "for example"], rows);
    }
    if !groups.complete {
        table::note("older failures were not looked at; narrow it with --older-than");
    }
}

/// All of one row.
pub(super) fn job(job: &Job, arguments: bool) {
    let line = &job.line;
    table::say(&format!("{} {}: {} {}", line.queue, line.id, line.kind, state(line)));
    for reason in &job.reasons {
        table::say(&format!("  {}", reason.what));
        if !reason.way_out.is_empty() {
            table::say(&format!("    -> {}", reason.way_out));
        }
    }
    let organization = line.organization_id.as_deref().unwrap_or("none known");
    table::say(&format!("about: {} {}; organization: {organization}", line.subject_type, line.subject_id));
    table::say(&format!("attempts: {}; workers that died over it: {}", line.attempts, line.crashes));
    if let Some(message) = &line.message {
        table::say(&format!("last error: {} {message}", line.code.as_deref().unwrap_or_default()));
    }
    for event in &job.timeline {
        table::say(&format!("  {}", happened(event)));
    }
    for (what, edges) in [("waits for", &job.edges.waits_for), ("is waited for by", &job.edges.holds_up)] {
        for edge in edges {
            table::say(&format!("{what} {}", other(edge)));
        }
    }
    if let Some(made) = &job.made {
        table::say(&format!("made: {}", made.output));
    }
    if arguments {
        table::say(&format!("arguments: {:#}", job.arguments));
    }
}

fn happened(event: &Event) -> String {
    let parts = [
        event.code.clone(),
        event.stage.as_ref().map(|stage| format!("({stage})")),
        event.who.as_ref().map(|who| format!("by {who}")),
        event.message.as_ref().map(|message| format!("- {message}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("{} {} {}", time(Some(event.at)), event.what, parts.join(" ")).trim_end().to_owned()
}

fn other(edge: &Edge) -> String {
    let status = edge.status.as_deref().unwrap_or("not there");
    format!("{} ({}, {status}{})", edge.id, edge.kind, if edge.open { ", still" } else { "" })
}
