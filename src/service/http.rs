//! Probes and metrics over HTTP: `/livez`, `/readyz`, `/startupz`, `/metrics`. Nothing here is personal.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::net::TcpListener;

use super::Watch;
use super::metrics::Metrics;
use crate::queue::vitals::Phase;

/// Time that PostgreSQL gets to answer a probe or a scrape.
const LIMIT: Duration = Duration::from_secs(2);

/// Time between two rounds of upkeep of the metrics.
const UPKEEP: Duration = Duration::from_secs(5);

/// The answer to a probe: `ok`, or why not.
#[derive(Debug, Serialize)]
struct Answer {
    status: &'static str,
    reasons: Vec<String>,
}

#[derive(Clone)]
struct Shared {
    watch: Watch,
    metrics: Metrics,
}

/// Opens the port, so that a worker that cannot have it says so at once.
///
/// # Errors
/// When the address is taken or not of this host.
pub async fn open(listen: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(listen).await
}

/// Answers until the task is ended.
pub async fn serve(listener: TcpListener, watch: Watch, metrics: Metrics) {
    let upkeep = metrics.clone();
    let routes = Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        .route("/startupz", get(started))
        .route("/metrics", get(scrape))
        .with_state(Shared { watch, metrics });
    let served = async {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::error!(%error, "probes and metrics are no longer answered");
        }
    };
    let kept = async {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            ticks.tick().await;
            upkeep.upkeep();
        }
    };
    tokio::select! {
        () = served => {}
        () = kept => {}
    }
}

fn answer(reasons: Vec<String>) -> Response {
    let (code, status) = if reasons.is_empty() {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    };
    (code, [(header::CACHE_CONTROL, "no-store")], Json(Answer { status, reasons })).into_response()
}

/// Why a worker that starts is not ready.
const STARTING: &str = "the worker connects to its stores";

fn stuck(watch: &Watch) -> Vec<String> {
    watch.stuck().into_iter().map(|name| format!("the loop {name:?} does not advance")).collect()
}

/// Whether the process should be left alone: every loop advances.
async fn live(State(shared): State<Shared>) -> Response {
    answer(stuck(&shared.watch))
}

/// Whether the worker has begun to claim.
async fn started(State(shared): State<Shared>) -> Response {
    let starting = *shared.watch.life.vitals.phase().borrow() == Phase::Starting;
    answer(starting.then(|| STARTING.to_owned()).into_iter().collect())
}

/// Whether the worker works now, and why not.
async fn ready(State(shared): State<Shared>) -> Response {
    let watch = &shared.watch;
    let mut reasons = stuck(watch);
    match *watch.life.vitals.phase().borrow() {
        Phase::Starting => reasons.push(STARTING.to_owned()),
        Phase::Draining => reasons.push("the worker drains: it claims nothing more".to_owned()),
        Phase::Running => {}
    }
    if let Some(since) = watch.life.outage.lasts() {
        reasons.push(format!("PostgreSQL has not answered for {} s", since.as_secs()));
    } else if let Some(pool) = watch.pool() {
        let breakers = sqlx::query_as::<_, (String, Option<String>)>(include_str!("sql/open_breakers.sql"))
            .fetch_all(pool);
        match tokio::time::timeout(LIMIT, breakers).await {
            Ok(Ok(open)) => reasons.extend(open.into_iter().map(|(name, reason)| {
                format!(
                    "the breaker {name:?} is open: {}",
                    reason.unwrap_or_else(|| "no reason noted".to_owned())
                )
            })),
            Ok(Err(error)) => reasons.push(format!("PostgreSQL: {error}")),
            Err(_) => reasons.push(format!("PostgreSQL has not answered within {} s", LIMIT.as_secs())),
        }
    }
    answer(reasons)
}

async fn scrape(State(shared): State<Shared>) -> Response {
    let text = shared.metrics.render(&shared.watch, LIMIT).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
