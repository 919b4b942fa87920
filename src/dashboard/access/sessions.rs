//! Sessions of those who have logged in. They live in this process: after a restart one logs in again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::secret;

/// Most sessions at a time; the one that ends first makes room.
const MOST: usize = 1000;

/// What stands behind a cookie.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) name: String,
    pub(super) csrf: String,
    until: Instant,
}

pub(super) struct Sessions {
    lasts: Duration,
    open: Mutex<HashMap<String, Session>>,
}

impl Sessions {
    pub(super) fn new(lasts: Duration) -> Self {
        Self { lasts, open: Mutex::default() }
    }

    /// Begins a session and returns the value of its cookie.
    pub(super) fn begin(&self, name: &str, now: Instant) -> String {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, session| session.until > now);
        if open.len() >= MOST
            && let Some(first) =
                open.iter().min_by_key(|(_, session)| session.until).map(|(id, _)| id.clone())
        {
            open.remove(&first);
        }
        let id = secret();
        open.insert(id.clone(), Session { name: name.to_owned(), csrf: secret(), until: now + self.lasts });
        id
    }

    pub(super) fn find(&self, id: &str, now: Instant) -> Option<Session> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(id).filter(|session| session.until > now).cloned()
    }

    pub(super) fn end(&self, id: &str) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_time_and_by_wish_and_their_number_is_bounded() {
        let sessions = Sessions::new(Duration::from_mins(1));
        let now = Instant::now();
        let (anna, otto) = (sessions.begin("anna", now), sessions.begin("otto", now));
        assert_ne!(anna, otto);
        assert_eq!(sessions.find(&anna, now).unwrap().name, "anna");
        assert!(sessions.find(&anna, now + Duration::from_mins(1)).is_none());
        sessions.end(&otto);
        assert!(sessions.find(&otto, now).is_none());
        let later = now + Duration::from_secs(1);
        for _ in 0..MOST {
            sessions.begin("many", later);
        }
        assert!(sessions.find(&anna, later).is_none(), "the oldest makes room");
        assert_eq!(sessions.open.lock().unwrap().len(), MOST);
    }
}
