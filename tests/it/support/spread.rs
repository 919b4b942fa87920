//! Measured times in a few words, and the numbers that a make target gives.

use std::time::Duration;

/// A number from the environment.
pub fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().filter(|text| !text.is_empty()).map_or(default, |text| {
        text.parse().unwrap_or_else(|_| panic!("{name} is a whole number, not {text:?}"))
    })
}

/// The value below which this share of sorted times lies.
pub fn percentile(times: &[Duration], share: f64) -> Duration {
    if times.is_empty() {
        return Duration::ZERO;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of few times"
    )]
    let at = ((times.len() as f64 * share).ceil() as usize).clamp(1, times.len());
    times[at - 1]
}

/// `p50 1.2 s, p95 3.4 s, worst 5.6 s of 7`.
pub fn spread(times: &[Duration]) -> String {
    let seconds = |share| percentile(times, share).as_secs_f64();
    format!(
        "p50 {:.1} s, p95 {:.1} s, worst {:.1} s of {}",
        seconds(0.5),
        seconds(0.95),
        seconds(1.0),
        times.len()
    )
}

#[test]
fn a_percentile_is_one_of_the_times() {
    let times = [1, 2, 3, 4].map(Duration::from_secs);
    assert_eq!([0.5, 0.95, 1.0].map(|share| percentile(&times, share)), [2, 4, 4].map(Duration::from_secs));
    assert_eq!(spread(&[]), "p50 0.0 s, p95 0.0 s, worst 0.0 s of 0");
}
