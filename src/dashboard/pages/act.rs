//! What is done to jobs: to chosen ones at once, to all that match a filter after their number was shown.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use maud::html;
use serde::Serialize;
use uuid::Uuid;

use super::jobs::filter;
use crate::dashboard::App;
use crate::dashboard::answer::{self, actor};
use crate::dashboard::layout::{self, Section};
use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{Form, Sent, Visit, Visiting, back};
use crate::dashboard::words::{count, number};
use crate::operate::act::{self, Acted, Changed};
use crate::operate::{Action, Filter, Mode};
use crate::queue::Queue;

/// Rows that can be chosen on one page.
const MOST_CHOSEN: usize = 200;

#[derive(Serialize)]
struct Ask {
    action: &'static str,
    filter: Filter,
    #[serde(flatten)]
    would: Acted,
}

/// `POST /jobs/act`.
pub(super) async fn act(
    State(app): State<Arc<App>>,
    Extension(visit): Visiting,
    Extension(form): Sent,
) -> Result<Response, Problem> {
    let wrong = || {
        Problem::wrong("What to do is retry, cancel or release, with the chosen rows or with all that match.")
    };
    let (action, scope) = form.get("do").and_then(|what| what.split_once(' ')).ok_or_else(wrong)?;
    let action = [Action::Retry, Action::Cancel, Action::Release]
        .into_iter()
        .find(|known| known.as_str() == action)
        .ok_or_else(wrong)?;
    match scope {
        "chosen" => chosen(&app, &visit, &form, action).await,
        "matching" => matching(app, &visit, &form, action).await,
        _ => Err(wrong()),
    }
}

async fn chosen(app: &App, visit: &Visit, form: &Form, action: Action) -> Result<Response, Problem> {
    let place = |text: &str| -> Option<(Queue, Uuid)> {
        let (queue, id) = text.split_once('/')?;
        Some((queue.parse().ok()?, id.parse().ok()?))
    };
    let rows: Option<Vec<(Queue, Uuid)>> = form.all("job").take(MOST_CHOSEN).map(place).collect();
    let rows = rows.ok_or_else(|| Problem::wrong("A row is named by its queue and id."))?;
    if rows.is_empty() {
        return Err(Problem::wrong("No row was chosen. Tick the boxes of the rows first."));
    }
    let who = actor(visit);
    let (mut changed, mut left) = (0, 0);
    for (queue, id) in rows {
        match act::on_one(&app.pool, queue, id, action, &who).await? {
            Some(Changed::Done { .. }) => changed += 1,
            Some(Changed::Refused { .. }) | None => left += 1,
        }
    }
    Ok(answer::to(app, visit, back(form.get("back")), said(action, changed, left)))
}

/// What became of it.
fn said(action: Action, changed: i64, left: i64) -> String {
    let done = match action {
        Action::Retry | Action::Release => "will run again",
        Action::Cancel if changed == 1 => "is cancelled",
        Action::Cancel => "are cancelled",
    };
    let left = match left {
        0 => String::new(),
        left => format!(" {} left as before, because of the state.", count(left, "row")),
    };
    format!("{} {done}.{left}", count(changed, "row"))
}

async fn matching(app: Arc<App>, visit: &Visit, form: &Form, action: Action) -> Result<Response, Problem> {
    let filter = filter(form)?;
    let whole = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    if form.get("confirmed") == Some("yes") {
        // On its own: it goes on when the browser goes away.
        let (who, on) = (actor(visit), Arc::clone(&app));
        let work =
            tokio::spawn(async move { act::on_matching(&on.pool, &filter, action, &who, Mode::Apply).await });
        let acted = work.await.map_err(|error| Problem::internal(&error))??;
        return Ok(answer::to(
            &app,
            visit,
            back(form.get("back")),
            said(action, whole(acted.changed), whole(acted.refused)),
        ));
    }
    let would = act::on_matching(&app.pool, &filter, action, &actor(visit), Mode::DryRun).await?;
    let ask = Ask { action: action.as_str(), filter: action.meant(&filter), would };
    let title = format!("{} {}?", capital(action.as_str()), count(whole(would.changed), "row"));
    Ok(answer::page(visit, Section::Jobs, &title, &ask, || {
        html! {
            section.panel aria-label="What will be done" {
                dl.facts {
                    @for (name, value) in ask.filter.pairs() { div { dt { (name) } dd.code { (value) } } }
                    div { dt { "Rows that match" } dd { (number(whole(would.matched))) } }
                    div { dt { "Rows to " (ask.action) } dd { strong { (number(whole(would.changed))) } } }
                }
            }
            div.row {
                @if would.changed > 0 {
                    form.inline method="post" action="/jobs/act" {
                        (layout::token(visit))
                        input type="hidden" name="back" value=(back(form.get("back")));
                        input type="hidden" name="do" value={ (ask.action) " matching" };
                        input type="hidden" name="confirmed" value="yes";
                        @for (name, value) in filter.pairs() { input type="hidden" name=(name) value=(value); }
                        button.primary { (capital(ask.action)) " " (count(whole(would.changed), "row")) }
                    }
                } @else {
                    p { "No row that matches can be changed this way." }
                }
                a.button href=(back(form.get("back"))) { "Back" }
            }
        }
    }))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
