//! Light, dark, or as the system asks.

use axum::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use crate::dashboard::problem::Problem;
use crate::dashboard::visit::{COLOURS, Colours, Sent, back};

/// `POST /colours`.
pub(super) async fn choose(Extension(form): Sent) -> Result<Response, Problem> {
    let colours = form.get("colours").and_then(Colours::of);
    let colours = colours.ok_or_else(|| Problem::wrong("Colours are auto, light or dark."))?;
    let cookie =
        format!("{COLOURS}={}; Path=/; Max-Age=31536000; SameSite=Strict; HttpOnly", colours.as_str());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(back(form.get("back")))).into_response())
}
