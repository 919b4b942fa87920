//! The frame of every page.

use maud::{DOCTYPE, Markup, html};

use super::assets::Assets;
use super::visit::{Colours, Visit};

/// Part of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Overview,
    Jobs,
    Failures,
    Quarters,
    Schedules,
    Workers,
    Organizations,
    Reports,
    Audit,
}

impl Section {
    pub(super) const ALL: [Self; 9] = [
        Self::Overview,
        Self::Jobs,
        Self::Failures,
        Self::Quarters,
        Self::Schedules,
        Self::Workers,
        Self::Organizations,
        Self::Reports,
        Self::Audit,
    ];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Jobs => "jobs",
            Self::Failures => "failures",
            Self::Quarters => "quarters",
            Self::Schedules => "schedules",
            Self::Workers => "workers",
            Self::Organizations => "organizations",
            Self::Reports => "reports",
            Self::Audit => "audit",
        }
    }

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Jobs => "/jobs",
            Self::Failures => "/failures",
            Self::Quarters => "/quarters",
            Self::Schedules => "/schedules",
            Self::Workers => "/workers",
            Self::Organizations => "/organizations",
            Self::Reports => "/reports",
            Self::Audit => "/audit",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Jobs => "Jobs",
            Self::Failures => "Failures",
            Self::Quarters => "Quarters",
            Self::Schedules => "Schedules",
            Self::Workers => "Workers",
            Self::Organizations => "Organizations",
            Self::Reports => "Reports",
            Self::Audit => "Audit",
        }
    }

    /// Strokes of a picture of 16 by 16.
    const fn icon(self) -> &'static str {
        match self {
            Self::Overview => "M2 2h5v6H2zM9 2h5v3H9zM9 7h5v7H9zM2 10h5v4H2z",
            Self::Jobs => "M5 3.5h9M5 8h9M5 12.5h9M2 3.5h.5M2 8h.5M2 12.5h.5",
            Self::Failures => "M8 2 14.5 13.5h-13zM8 6.5v3.5M8 11.8v.3",
            Self::Quarters => "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 1.8v3M10.5 1.8v3",
            Self::Schedules => "M8 2a6 6 0 1 0 .01 0zM8 4.8V8l2.3 1.6",
            Self::Workers => {
                "M4.5 4.5h7v7h-7zM6 2v2.5M10 2v2.5M6 11.5V14M10 11.5V14M2 6h2.5M2 10h2.5M11.5 6H14M11.5 10H14"
            }
            Self::Organizations => {
                "M3 14V2.5h6V14M9 6.5h4V14M1.5 14h13M5 5h2M5 7.5h2M5 10h2M11 9v.1M11 11.5v.1"
            }
            Self::Reports => "M3.5 1.8h6l3 3v9.4h-9zM9.3 2v3h3M5.5 8h5M5.5 10.8h5",
            Self::Audit => "M8 1.8 13 3.6V8c0 3-2.2 5.2-5 6.2C5.2 13.2 3 11 3 8V3.6zM5.8 8l1.6 1.6 3-3.2",
        }
    }
}

/// Settings of the script: no evaluation, no styles of its own, no copies of pages in the browser's storage, nothing from elsewhere.
const HTMX: &str = r#"{"allowEval":false,"includeIndicatorStyles":false,"historyEnabled":false,"historyCacheSize":0,"selfRequestsOnly":true,"scrollIntoViewOnBoost":false}"#;

/// The whole page.
pub(super) fn page(visit: &Visit, section: Option<Section>, title: &str, body: &Markup) -> Markup {
    let assets = Assets::get();
    let known = !visit.who.name.is_empty();
    html! {
        (DOCTYPE)
        html lang="en" data-colours=(visit.colours.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="htmx-config" content=(HTMX);
                title { (title) " · Orrery" }
                link rel="icon" href=(assets.icon()) type="image/svg+xml";
                link rel="stylesheet" href=(assets.style());
                @for script in assets.scripts() { script src=(script) defer {} }
            }
            body hx-ext="sse, morph" class=(if known { "framed" } else { "bare" }) {
                a.skip href="#main" { "Skip to the content" }
                @if known {
                    header.side {
                        a.brand href="/" { img src=(assets.icon()) alt="" width="26" height="26"; span { "Orrery" } }
                        (navigation(section))
                        (tools(visit))
                    }
                }
                main #main tabindex="-1" {
                    @if let Some(notice) = &visit.notice { p.notice role="status" { (notice) } }
                    div.title { h1 { (title) } }
                    (body)
                }
                footer { "Orrery " (env!("CARGO_PKG_VERSION")) " · times are UTC" }
            }
        }
    }
}

fn navigation(current: Option<Section>) -> Markup {
    html! {
        nav aria-label="Sections" {
            ul {
                @for section in Section::ALL {
                    li {
                        a href=(section.path()) aria-current=[(current == Some(section)).then_some("page")] {
                            svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" { path d=(section.icon()) {} }
                            span { (section.label()) }
                        }
                    }
                }
            }
        }
    }
}

/// Who is here, the way out, and the colours.
fn tools(visit: &Visit) -> Markup {
    html! {
        div.tools {
            form method="post" action="/colours" {
                (hidden(visit))
                fieldset {
                    legend { "Colours" }
                    div.choice {
                        @for colours in Colours::ALL {
                            button name="colours" value=(colours.as_str()) aria-pressed=(visit.colours == colours) { (colours.label()) }
                        }
                    }
                }
            }
            p.who { span.soft { "Signed in as" } br; strong { (visit.who.name) } " · " (visit.who.role.as_str()) }
            @if visit.who.session {
                form method="post" action="/logout" { (token(visit)) button.quiet { "Log out" } }
            }
        }
    }
}

/// What a form must bring back, and where it leads.
pub(super) fn hidden(visit: &Visit) -> Markup {
    html! { (token(visit)) input type="hidden" name="back" value=(visit.here); }
}

/// What a form must bring back.
pub(super) fn token(visit: &Visit) -> Markup {
    html! { input type="hidden" name="csrf" value=(visit.who.csrf); }
}

/// A button that is a form of its own.
pub(super) fn action(visit: &Visit, path: &str, pairs: &[(&str, &str)], label: &str, class: &str) -> Markup {
    // By its id the button keeps the focus when the script puts a newer page in its place.
    let values: Vec<&str> = pairs.iter().map(|(_, value)| *value).collect();
    let id = format!("act{path}/{}", values.join("/")).replace(' ', "-");
    html! {
        form.inline method="post" action=(path) {
            (hidden(visit))
            @for (name, value) in pairs { input type="hidden" name=(name) value=(value); }
            button id=(id) class=[Some(class).filter(|class| !class.is_empty())] { (label) }
        }
    }
}

/// A part of a page that the script keeps up to date: it fetches the page again when the queues have changed. Without a script
/// the page stands as it was made. What is the same stays in its place: the keyboard, what is chosen, what is unfolded.
pub(super) fn live(visit: &Visit, body: &Markup) -> Markup {
    html! {
        div sse-connect="/events" hx-get=(visit.here) hx-trigger="sse:changed, every 30s" hx-select="#live" hx-target="#live"
            hx-swap="morph:outerHTML" hx-sync="this:drop" {
            div #live { (body) p.asof { "As of " (super::words::clock()) } }
        }
    }
}
