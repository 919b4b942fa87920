//! Why a page cannot be shown.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::store::availability::postgres_is_down;

/// Why there is no page. Handlers return it; the guard turns it into a page or JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// In few words.
    pub(super) title: &'static str,
    /// What happened, and the way out.
    pub(super) text: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, title: &'static str, text: impl Into<String>) -> Self {
        Self { status, title, text: text.into() }
    }

    pub(super) fn missing(what: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found", what)
    }

    pub(super) fn wrong(what: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "This cannot be meant", what)
    }

    pub(super) fn denied(what: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "Not allowed", what)
    }

    pub(super) fn down(what: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "A database does not answer", what)
    }

    /// Something that nobody expected: the log says more than the page.
    pub(super) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a page of the dashboard could not be made");
        let text = "This page could not be made; the worker's log says why.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong", text)
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        if postgres_is_down(&error) {
            return Self::down("PostgreSQL does not answer. This page shows again as soon as it does.");
        }
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
