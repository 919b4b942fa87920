//! One file for each page.

mod colours;
mod login;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{App, assets, live};

/// Every address and what answers it.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/login", get(login::form).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/colours", post(colours::choose))
        .route("/events", get(live::events))
        .route("/assets/{name}", get(assets::serve))
}
