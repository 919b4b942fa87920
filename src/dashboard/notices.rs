//! What an action has to say on the page after it. Kept here and not in the address, so that no link can put words on a page.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

/// Most notices that wait to be read.
const MOST: usize = 256;

/// Texts by a random id, each read once.
#[derive(Default)]
pub(super) struct Notices(Mutex<VecDeque<(String, String)>>);

impl Notices {
    /// Keeps a text and returns its id.
    pub(super) fn keep(&self, text: impl Into<String>) -> String {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.pop_front();
        }
        let id = Uuid::new_v4().simple().to_string();
        kept.push_back((id.clone(), text.into()));
        id
    }

    /// Takes a text.
    pub(super) fn take(&self, id: &str) -> Option<String> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| known == id)?;
        kept.remove(at).map(|(_, text)| text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_once_and_old_ones_make_room() {
        let notices = Notices::default();
        let first = notices.keep("first");
        let second = notices.keep("second");
        assert_eq!(notices.take(&second).as_deref(), Some("second"));
        assert_eq!(notices.take(&second), None);
        for at in 0..MOST {
            notices.keep(at.to_string());
        }
        assert_eq!(notices.take(&first), None);
    }
}
