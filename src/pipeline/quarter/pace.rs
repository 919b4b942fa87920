//! How fast a quarter goes, and how long what is left will take.

use std::time::Duration;

use super::run::Run;

/// Seconds over which the pace is smoothed.
const SMOOTH_S: f64 = 30.0;

/// Rows per second: what came since the last look, smoothed; what was known before while nothing could run.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
pub(super) fn rate(run: &Run, ended: i64) -> Option<f64> {
    let Some(seconds) = run.idle_s.filter(|seconds| run.works && *seconds > 0.01) else { return run.rate };
    let now = (ended - run.seen).max(0) as f64 / seconds;
    let old = (-seconds / SMOOTH_S).exp();
    Some(run.rate.map_or(now, |before| before * old + now * (1.0 - old)))
}

/// How long so many rows take. `None` when nothing moves.
#[allow(clippy::cast_precision_loss, reason = "far fewer than 2^52 rows")]
pub(super) fn work(open: i64, rate: f64) -> Option<Duration> {
    (rate > 0.001).then(|| Duration::try_from_secs_f64(open.max(0) as f64 / rate).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(works: bool, seen: i64, rate: Option<f64>, idle_s: Option<f64>) -> Run {
        Run { works, seen, rate, idle_s, ..Run::default() }
    }

    #[test]
    fn the_first_pace_is_what_was_seen_and_later_ones_are_smoothed() {
        assert_eq!(rate(&run(false, 0, None, None), 10), None);
        assert_eq!(rate(&run(true, 100, None, Some(2.0)), 300), Some(100.0));
        let smoothed = rate(&run(true, 100, Some(100.0), Some(1.0)), 100).unwrap();
        assert!((90.0..100.0).contains(&smoothed), "{smoothed}");
    }

    #[test]
    fn a_night_in_which_nothing_may_run_does_not_slow_the_pace() {
        assert_eq!(rate(&run(false, 100, Some(50.0), Some(40_000.0)), 100), Some(50.0));
    }

    #[test]
    fn what_does_not_move_has_no_end() {
        assert_eq!(work(100, 0.0), None);
        assert_eq!(work(100, 50.0), Some(Duration::from_secs(2)));
    }
}
