//! One file for each page.

mod act;
mod audit;
mod colours;
mod failures;
mod job;
mod jobs;
mod login;
mod organizations;
mod overview;
mod quarters;
mod reports;
mod schedules;
mod workers;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{App, assets, live};

/// Every address and what answers it.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(overview::show))
        .route("/queues/pause", post(overview::pause))
        .route("/queues/resume", post(overview::resume))
        .route("/jobs", get(jobs::list))
        .route("/jobs/act", post(act::act))
        .route("/jobs/{queue}/{id}", get(job::show).post(job::reveal))
        .route("/failures", get(failures::show))
        .route("/quarters", get(quarters::show))
        .route("/quarters/act", post(quarters::act))
        .route("/schedules", get(schedules::show))
        .route("/schedules/run", post(schedules::run))
        .route("/workers", get(workers::show))
        .route("/organizations", get(organizations::show))
        .route("/organizations/set", post(organizations::set))
        .route("/reports", get(reports::list))
        .route("/reports/{id}", get(reports::show))
        .route("/reports/{id}/page", post(reports::page))
        .route("/audit", get(audit::show))
        .route("/login", get(login::form).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/colours", post(colours::choose))
        .route("/events", get(live::events))
        .route("/assets/{name}", get(assets::serve))
}
