//! Waiting times between attempts.

use std::time::Duration;

/// Exponential back-off with full jitter: uniform in `0..=min(cap, base * 2^(attempt - 1))`.
///
/// Full jitter spreads a crowd of failures evenly, and expects half the wait of the plain form
/// (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// Upper bound of the first wait.
    pub base: Duration,
    /// Upper bound of any wait.
    pub cap: Duration,
}

impl Backoff {
    /// The wait after `attempt` (1 for the first) when `chance` is drawn from 0..=1.
    #[must_use]
    pub fn wait(&self, attempt: i32, chance: f64) -> Duration {
        let doublings = u32::try_from(attempt.max(1) - 1).unwrap_or(0).min(30);
        let bound = self.base.saturating_mul(1 << doublings).min(self.cap);
        bound.mul_f64(chance.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff { base: Duration::from_secs(2), cap: Duration::from_mins(1) };

    #[test]
    fn the_bound_doubles_up_to_the_cap() {
        assert_eq!(BACKOFF.wait(1, 1.0), Duration::from_secs(2));
        assert_eq!(BACKOFF.wait(3, 1.0), Duration::from_secs(8));
        assert_eq!(BACKOFF.wait(40, 1.0), Duration::from_mins(1));
    }

    #[test]
    fn jitter_reaches_down_to_zero() {
        assert_eq!(BACKOFF.wait(5, 0.0), Duration::ZERO);
        assert_eq!(BACKOFF.wait(0, 0.5), Duration::from_secs(1));
    }
}
