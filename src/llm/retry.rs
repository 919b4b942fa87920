//! Trying again within one call: for moments only. What takes longer is a matter of the queue.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use super::error::LlmError;
use super::kind::TRIES;

/// How long a call may wait between its requests.
#[derive(Debug, Clone, Copy)]
pub struct Waits {
    /// The shortest wait without a hint.
    pub floor: Duration,
    /// The longest wait without a hint.
    pub cap: Duration,
    /// The longest hint that is waited for here.
    pub hint_cap: Duration,
    /// All waits of one call together.
    pub total: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            floor: Duration::from_millis(500),
            cap: Duration::from_secs(15),
            hint_cap: Duration::from_secs(30),
            total: Duration::from_mins(1),
        }
    }
}

/// The waits of one call.
pub(super) struct Retry {
    waits: Waits,
    ceilings: ExponentialBackoff,
    deadline: Instant,
    waited: Duration,
    tries: u32,
}

impl Retry {
    pub(super) fn new(waits: Waits, deadline: Instant) -> Self {
        let ceilings = ExponentialBuilder::default()
            .with_min_delay(waits.floor * 2)
            .with_max_delay(waits.cap)
            .with_factor(2.0)
            .without_max_times()
            .build();
        Self { waits, ceilings, deadline, waited: Duration::ZERO, tries: 0 }
    }

    /// Requests made so far.
    pub(super) const fn tries(&self) -> u32 {
        self.tries
    }

    /// Counts a request.
    pub(super) const fn count(&mut self) {
        self.tries += 1;
    }

    /// How long to wait before trying again after this error; `None` to give up.
    pub(super) fn next(&mut self, error: &LlmError) -> Option<Duration> {
        if self.tries >= error.tries_allowed().min(TRIES) {
            return None;
        }
        let wait = match error.hint {
            Some(hint) if hint > self.waits.hint_cap => return None,
            // A hint is a minimum: all who were told the same should not come back in the same moment.
            Some(hint) => hint + between(Duration::from_millis(1), self.waits.floor),
            None => between(self.waits.floor, self.ceilings.next().unwrap_or(self.waits.cap)),
        };
        if self.waited + wait > self.waits.total || Instant::now() + wait >= self.deadline {
            return None;
        }
        self.waited += wait;
        Some(wait)
    }
}

/// Anything from `from` to `to` (full jitter).
fn between(from: Duration, to: Duration) -> Duration {
    from + to.saturating_sub(from).mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::kind::Kind;

    fn far() -> Instant {
        Instant::now() + Duration::from_hours(1)
    }

    fn waits_of(kind: Kind, hint: Option<Duration>) -> Vec<Duration> {
        let mut retry = Retry::new(Waits::default(), far());
        let mut waits = Vec::new();
        loop {
            retry.count();
            let Some(wait) = retry.next(&LlmError::new(kind, "").with_hint(hint)) else { break };
            waits.push(wait);
        }
        assert_eq!(retry.tries() as usize, waits.len() + 1);
        waits
    }

    #[test]
    fn each_kind_is_tried_as_often_as_its_policy_says() {
        for kind in Kind::ALL {
            let waits = waits_of(kind, None);
            assert_eq!(u32::try_from(waits.len()).unwrap() + 1, kind.policy().tries, "{kind:?}");
            for (at, wait) in waits.iter().enumerate() {
                let ceiling = Duration::from_secs(1 << at);
                assert!((Duration::from_millis(500)..=ceiling).contains(wait), "{kind:?} {at}: {wait:?}");
            }
        }
    }

    #[test]
    fn a_hint_is_a_minimum_and_one_that_is_too_long_is_not_waited_for() {
        let short = waits_of(Kind::RateLimited, Some(Duration::from_secs(29)));
        assert_eq!(short.len(), 2);
        assert!(short.iter().all(|wait| *wait > Duration::from_secs(29)));
        assert!(waits_of(Kind::RateLimited, Some(Duration::from_secs(31))).is_empty());
    }

    #[test]
    fn all_waits_together_stay_below_the_limit() {
        // Two hints of 29.9 s and their jitter pass 60 s unless the jitter is tiny both times.
        let waits = Waits { total: Duration::from_secs(40), ..Waits::default() };
        let mut retry = Retry::new(waits, far());
        let error = LlmError::new(Kind::Overloaded, "").with_hint(Some(Duration::from_secs(25)));
        retry.count();
        assert!(retry.next(&error).is_some());
        retry.count();
        assert_eq!(retry.next(&error), None);
    }

    #[test]
    fn nobody_waits_past_the_deadline() {
        let mut retry = Retry::new(Waits::default(), Instant::now() + Duration::from_millis(400));
        retry.count();
        assert_eq!(retry.next(&LlmError::new(Kind::Overloaded, "")), None);
    }

    #[test]
    fn the_provider_may_forbid_and_ask_for_another_try() {
        let mut error = LlmError::new(Kind::Overloaded, "");
        error.detail.should_retry = Some(false);
        let mut retry = Retry::new(Waits::default(), far());
        retry.count();
        assert_eq!(retry.next(&error), None);
        let mut error = LlmError::new(Kind::BadRequest, "");
        error.detail.should_retry = Some(true);
        assert!(retry.next(&error).is_some());
        retry.count();
        assert_eq!(retry.next(&error), None);
    }
}
