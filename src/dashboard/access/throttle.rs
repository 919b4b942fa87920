//! How often one may try to log in.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries that fail within the window.
const TRIES: u32 = 10;

/// Time after which the count begins anew.
const WINDOW: Duration = Duration::from_mins(5);

/// Most addresses and names that are remembered.
const MOST: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Count {
    tries: u32,
    since: Instant,
}

/// Counts tries by address and by name.
#[derive(Default)]
pub(super) struct Throttle {
    counts: Mutex<HashMap<String, Count>>,
}

impl Throttle {
    /// Counts a try for each key.
    ///
    /// # Errors
    /// Seconds to wait when one of them has had too many; nothing is counted then.
    pub(super) fn count(&self, keys: &[String], now: Instant) -> Result<(), u64> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.retain(|_, count| now.duration_since(count.since) < WINDOW);
        let waits = keys.iter().filter_map(|key| counts.get(key)).filter(|count| count.tries >= TRIES);
        if let Some(longest) = waits.map(|count| WINDOW.saturating_sub(now.duration_since(count.since))).max()
        {
            return Err(longest.as_secs().max(1));
        }
        if counts.len() + keys.len() > MOST {
            // Somebody tries thousands of names: everybody waits until the oldest are forgotten.
            return Err(WINDOW.as_secs());
        }
        for key in keys {
            counts.entry(key.clone()).or_insert(Count { tries: 0, since: now }).tries += 1;
        }
        Ok(())
    }

    /// Takes a try back that was right.
    pub(super) fn forgive(&self, keys: &[String]) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            if let Some(count) = counts.get_mut(key) {
                count.tries = count.tries.saturating_sub(1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(address: &str, name: &str) -> [String; 2] {
        [address.to_owned(), name.to_owned()]
    }

    #[test]
    fn the_eleventh_failure_waits_for_address_and_for_name() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..TRIES {
            assert_eq!(throttle.count(&keys("a", "anna"), now), Ok(()));
        }
        assert_eq!(throttle.count(&keys("a", "otto"), now), Err(300), "the address has to wait");
        assert_eq!(throttle.count(&keys("b", "anna"), now), Err(300), "the name has to wait");
        assert_eq!(throttle.count(&keys("b", "otto"), now), Ok(()));
        assert_eq!(
            throttle.count(&keys("a", "anna"), now + WINDOW),
            Ok(()),
            "and then it may be tried again"
        );
    }

    #[test]
    fn what_was_right_does_not_count() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..3 * TRIES {
            assert_eq!(throttle.count(&keys("a", "anna"), now), Ok(()));
            throttle.forgive(&keys("a", "anna"));
        }
    }
}
