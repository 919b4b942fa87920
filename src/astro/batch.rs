//! Many charts at once.
//!
//! The one place of the pure rooms that uses threads: they read their arguments, write into disjoint parts of the
//! caller's slice and end before the call returns, so the result is that of a loop, in less time.

use std::num::NonZero;
use std::thread;

use super::chart::HouseSystem;
use super::raw::{Event, RawChart};

/// Below so many charts per thread, starting it costs more than it saves.
const FEWEST_PER_THREAD: usize = 256;

/// Input and output of a batch are not of the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{events} events cannot fill {charts} charts")]
pub struct LengthsDiffer {
    /// How many events there are.
    pub events: usize,
    /// How many charts there is room for.
    pub charts: usize,
}

/// Fills `charts[i]` with the chart of `events[i]`, on all processors.
///
/// Every thread takes a part of the slice and goes through it by date, so that neighbouring charts find their
/// coefficients in the cache. Besides what starting the threads takes, one allocation is made, eight bytes per event
/// for that order; none is made per chart. Equal input gives equal charts, whatever the number of processors.
///
/// # Errors
/// When the slices are not of the same length.
pub fn charts(events: &[Event], system: HouseSystem, charts: &mut [RawChart]) -> Result<(), LengthsDiffer> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    charts_on(processors, events, system, charts)
}

/// [`charts`] on at most so many threads.
///
/// # Errors
/// When the slices are not of the same length.
pub fn charts_on(
    threads: usize,
    events: &[Event],
    system: HouseSystem,
    charts: &mut [RawChart],
) -> Result<(), LengthsDiffer> {
    if events.len() != charts.len() {
        return Err(LengthsDiffer { events: events.len(), charts: charts.len() });
    }
    let mut order = vec![0_u64; events.len()];
    let part = events.len().div_ceil(threads.max(1)).max(FEWEST_PER_THREAD);
    if part >= events.len() {
        fill(events, system, charts, &mut order);
        return Ok(());
    }
    let parts = events.chunks(part).zip(charts.chunks_mut(part)).zip(order.chunks_mut(part));
    thread::scope(|scope| {
        for ((events, charts), order) in parts {
            scope.spawn(move || fill(events, system, charts, order));
        }
    });
    Ok(())
}

/// Fills one part, in the order of its dates.
fn fill(events: &[Event], system: HouseSystem, charts: &mut [RawChart], order: &mut [u64]) {
    for (at, (key, event)) in order.iter_mut().zip(events).enumerate() {
        *key = key_of(event, at);
    }
    order.sort_unstable();
    for key in order {
        let at = place_of(*key);
        charts[at].fill(&events[at], system);
    }
}

/// Hours since the Julian day 0 above, the place in the part below: sorts by date, and by place within the hour.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "events lie within the table")]
fn key_of(event: &Event, place: usize) -> u64 {
    ((event.jd_tt() * 24.0) as u64) << 32 | place as u64 & 0xffff_ffff
}

#[allow(clippy::cast_possible_truncation, reason = "the lower half of a key is a place in a slice")]
const fn place_of(key: u64) -> usize {
    (key & 0xffff_ffff) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: u32) -> Vec<Event> {
        (0..count)
            .map(|i| {
                let share = |step: f64| (f64::from(i) * step).fract();
                let jd_ut = 2_396_758.5 + 109_500.0 * share(0.618_033_988_7);
                let place = (180.0 * share(0.414_213_562) - 90.0, 360.0 * share(0.732_050_808) - 180.0);
                Event::new(jd_ut, (i % 5 > 0).then_some(place)).expect("within the table")
            })
            .collect()
    }

    #[test]
    fn a_batch_gives_the_charts_of_a_loop_in_its_order_on_any_number_of_threads() {
        let events = events(1_500);
        let expected: Vec<RawChart> =
            events.iter().map(|event| RawChart::of(event, HouseSystem::Placidus)).collect();
        for threads in [0, 1, 2, 5] {
            let mut charts = vec![RawChart::default(); events.len()];
            charts_on(threads, &events, HouseSystem::Placidus, &mut charts).expect("equal lengths");
            for (i, (chart, expected)) in charts.iter().zip(&expected).enumerate() {
                assert!(chart.longitudes_deg.iter().eq(&expected.longitudes_deg), "{i}");
                assert_eq!((chart.angles, chart.houses), (expected.angles, expected.houses), "{i}");
                assert_eq!(chart.aspects(), expected.aspects(), "{i}");
            }
        }
    }

    #[test]
    fn slices_of_unequal_length_are_refused_and_empty_ones_are_fine() {
        let mut none: [RawChart; 0] = [];
        assert_eq!(charts(&[], HouseSystem::Equal, &mut none), Ok(()));
        let refused = charts(&events(2), HouseSystem::Equal, &mut none);
        assert_eq!(refused, Err(LengthsDiffer { events: 2, charts: 0 }));
    }
}
