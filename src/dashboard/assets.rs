//! Style sheet, scripts and icon: embedded, and served under names that change with what is in them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::palette;
use super::problem::Problem;

/// One file.
struct Asset {
    /// Path under which it is served.
    path: String,
    kind: &'static str,
    text: String,
}

/// The files of every page.
pub(super) struct Assets {
    style: Asset,
    /// In the order in which they are run.
    scripts: [Asset; 4],
    icon: Asset,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: asset("dashboard", "css", "text/css; charset=utf-8", style()),
    scripts: [
        script("htmx", include_str!("assets/htmx-2.0.11.min.js")),
        script("sse", include_str!("assets/htmx-ext-sse-2.2.4.min.js")),
        script("morph", include_str!("assets/idiomorph-ext-0.8.0.min.js")),
        script("live", include_str!("assets/live.js")),
    ],
    icon: asset("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg").into()),
});

fn script(name: &str, text: &str) -> Asset {
    asset(name, "js", "text/javascript; charset=utf-8", text.into())
}

fn asset(name: &str, ending: &str, kind: &'static str, text: String) -> Asset {
    let mut digest = String::new();
    for byte in Sha256::digest(text.as_bytes()).iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(digest, "{byte:02x}");
    }
    Asset { path: format!("/assets/{name}-{digest}.{ending}"), kind, text }
}

/// The whole style sheet.
pub(super) fn style() -> String {
    [
        palette::style().as_str(),
        include_str!("assets/base.css"),
        include_str!("assets/layout.css"),
        include_str!("assets/parts.css"),
        include_str!("assets/pictures.css"),
    ]
    .join("\n")
}

impl Assets {
    pub(super) fn get() -> &'static Self {
        &ASSETS
    }

    pub(super) fn style(&self) -> &str {
        &self.style.path
    }

    /// In the order in which they are run.
    pub(super) fn scripts(&self) -> [&str; 4] {
        self.scripts.each_ref().map(|script| script.path.as_str())
    }

    pub(super) fn icon(&self) -> &str {
        &self.icon.path
    }

    /// All of them.
    fn all(&self) -> impl Iterator<Item = &Asset> {
        self.scripts.iter().chain([&self.style, &self.icon])
    }
}

/// `GET /assets/{name}`.
pub(super) async fn serve(Path(name): Path<String>) -> Response {
    let found = Assets::get().all().find(|asset| asset.path.strip_prefix("/assets/") == Some(&name));
    let Some(asset) = found else { return Problem::missing("There is no such file.").into_response() };
    let headers =
        [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.text.as_str()).into_response()
}
