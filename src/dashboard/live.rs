//! Tells open pages that the queues have changed, by server-sent events. The pages then fetch themselves.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use sqlx::PgPool;
use tokio::sync::watch;
use tokio::time::Instant;

use super::App;

/// Time between two looks, while somebody listens.
const LOOK: Duration = Duration::from_secs(2);

/// How long a stream lasts; the browser opens the next, which is checked like any request.
const LASTS: Duration = Duration::from_mins(10);

/// Streams of one address. A browser opens six connections to a place for all its windows: streams must not use them up. A page
/// without one fetches itself every half minute.
const MOST_OF_ADDRESS: usize = 4;

/// Streams in all.
const MOST: usize = 64;

/// Who listens, and what they hear.
pub(super) struct Changes {
    seen: watch::Sender<i64>,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Default for Changes {
    fn default() -> Self {
        Self { seen: watch::Sender::new(0), open: Arc::default() }
    }
}

/// A place among those who listen.
struct Seat {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

impl Changes {
    fn seat(&self, address: IpAddr) -> Option<Seat> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.values().sum::<usize>() >= MOST
            || open.get(&address).is_some_and(|count| *count >= MOST_OF_ADDRESS)
        {
            return None;
        }
        *open.entry(address).or_default() += 1;
        Some(Seat { address, open: Arc::clone(&self.open) })
    }

    /// Looks for changes for as long as the process lives; asks nothing while nobody listens.
    pub(super) async fn follow(&self, pool: &PgPool) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if self.seen.receiver_count() == 0 {
                continue;
            }
            let changes = sqlx::query_scalar::<_, i64>(include_str!("sql/changes.sql")).fetch_one(pool).await;
            if let Ok(changes) = changes {
                self.seen.send_if_modified(|seen| std::mem::replace(seen, changes) != changes);
            }
        }
    }
}

/// `GET /events`.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
) -> Response {
    let Some(seat) = app.changes.seat(peer.ip()) else {
        // No content: the browser does not ask again by itself.
        return StatusCode::NO_CONTENT.into_response();
    };
    let listening = (app.changes.seen.subscribe(), Instant::now() + LASTS, seat);
    let events = stream::unfold(listening, |(mut seen, until, seat)| async move {
        match tokio::time::timeout_at(until, seen.changed()).await {
            Ok(Ok(())) => {
                let event = Event::default().event("changed").data("1");
                Some((Ok::<_, Infallible>(event), (seen, until, seat)))
            }
            _ => None,
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_use_up_all_streams_and_leaving_makes_room() {
        let changes = Changes::default();
        let (one, two) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let mut seats: Vec<Seat> = (0..MOST_OF_ADDRESS).filter_map(|_| changes.seat(one)).collect();
        assert_eq!(seats.len(), MOST_OF_ADDRESS);
        assert!(changes.seat(one).is_none() && changes.seat(two).is_some());
        seats.pop();
        assert!(changes.seat(one).is_some());
    }
}
