//! How many rows a batch takes.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rows of the first batch.
const FIRST: f64 = 25.0;

/// A batch that takes longer than this is too large, whatever its rate: its rows wait for each other.
const SLOW: Duration = Duration::from_secs(5);

/// A larger batch whose rate is within this share of the one before counts as no worse: batches run beside each other, so rates scatter.
const NO_WORSE: f64 = 0.9;

/// A smaller batch must be better by this factor to be followed by a still smaller one: in doubt batches grow.
const BETTER: f64 = 1.05;

/// Grows the batch while that makes it no slower per row, shrinks it when a store refuses or it takes too long.
#[derive(Debug)]
pub(super) struct Pace {
    most: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rows: f64,
    /// Rows per second of the last full batch.
    rate: f64,
    /// Whether the size grows or shrinks.
    grows: bool,
}

impl Pace {
    /// Never more than `most` rows.
    pub(super) fn new(most: usize) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "a batch has far fewer than 2^52 rows")]
        let most = most.max(1) as f64;
        Self { most, state: Mutex::new(State { rows: FIRST.min(most), rate: 0.0, grows: true }) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rows that the next batch may have.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and most")]
    pub(super) fn rows(&self) -> usize {
        self.lock().rows as usize
    }

    /// A batch of so many rows took so long; `refused` when a store refused one of them or did not answer.
    pub(super) fn note(&self, rows: usize, took: Duration, refused: bool) {
        let mut state = self.lock();
        #[allow(clippy::cast_precision_loss, reason = "a batch has far fewer than 2^52 rows")]
        let rows = rows as f64;
        let next = if refused {
            (state.rate, state.grows) = (0.0, true);
            state.rows / 2.0
        } else if took > SLOW {
            state.rows.min(rows) * 0.75
        } else if rows < state.rows.floor() {
            // There were no more: this says nothing of larger ones.
            return;
        } else {
            let rate = rows / took.as_secs_f64().max(1e-6);
            state.grows =
                if state.grows { rate >= state.rate * NO_WORSE } else { rate < state.rate * BETTER };
            state.rate = rate;
            if state.grows { state.rows * 1.25 + 1.0 } else { state.rows * 0.8 }
        };
        state.rows = next.clamp(1.0, self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs full batches until the size settles; `time` is what a batch of so many rows takes.
    fn settled(pace: &Pace, time: impl Fn(f64) -> f64) -> usize {
        for _ in 0..200 {
            let rows = pace.rows();
            pace.note(rows, Duration::from_secs_f64(time(f64::from(u32::try_from(rows).unwrap()))), false);
        }
        pace.rows()
    }

    #[test]
    fn it_grows_to_the_limit_while_larger_batches_are_faster() {
        assert_eq!(settled(&Pace::new(200), |rows| 0.05 + rows * 0.002), 200);
    }

    #[test]
    fn it_stays_small_where_large_batches_are_slow_per_row() {
        let rows = settled(&Pace::new(1000), |rows| 0.01 + rows * rows * 0.000_02);
        assert!((5..200).contains(&rows), "{rows}");
    }

    #[test]
    fn a_batch_never_takes_much_longer_than_it_may() {
        let rows = settled(&Pace::new(1000), |rows| rows * 0.05);
        assert!((50..=130).contains(&rows), "{rows} rows of 50 ms");
    }

    #[test]
    fn refusals_halve_it_down_to_one_and_it_recovers() {
        let pace = Pace::new(200);
        for _ in 0..20 {
            pace.note(pace.rows(), Duration::from_millis(100), true);
        }
        assert_eq!(pace.rows(), 1);
        assert_eq!(settled(&pace, |rows| 0.05 + rows * 0.002), 200);
    }

    #[test]
    fn single_rows_teach_nothing() {
        let pace = Pace::new(200);
        for _ in 0..100 {
            pace.note(1, Duration::from_millis(40), false);
        }
        assert_eq!(pace.rows(), 25);
    }
}
