//! Moving things on a circle apart without changing their order and with the least movement.

use super::geometry::forward_deg;

/// Longitudes in degrees at which things can stand so that neighbours are at least `gap_deg` apart, as close to
/// their own longitudes as that allows (least squares); in the order of the input.
///
/// Where there is no room for the gap, the things stand evenly around the circle.
pub(super) fn spread(longitudes_deg: &[f64], gap_deg: f64) -> Vec<f64> {
    let count = longitudes_deg.len();
    if count < 2 {
        return longitudes_deg.to_vec();
    }
    let order = from_widest_gap(longitudes_deg);
    let start = longitudes_deg[order[0]];
    let wanted: Vec<f64> = order.iter().map(|at| forward_deg(start, longitudes_deg[*at])).collect();
    let mut placed = apart(&wanted, gap_deg);
    if placed[0] + 360.0 - placed[count - 1] < gap_deg {
        placed = evenly(&wanted);
    }
    let mut shown = vec![0.0; count];
    for (at, offset) in order.into_iter().zip(placed) {
        shown[at] = (start + offset).rem_euclid(360.0);
    }
    shown
}

/// The order around the circle that begins behind the widest gap.
fn from_widest_gap(longitudes_deg: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..longitudes_deg.len()).collect();
    let place = |at: usize| longitudes_deg[at].rem_euclid(360.0);
    order.sort_by(|a, b| place(*a).total_cmp(&place(*b)).then(a.cmp(b)));
    let count = order.len();
    let gap_before = |k: usize| {
        let gap = forward_deg(place(order[(k + count - 1) % count]), place(order[k]));
        // All in one place: the gap before the first is the whole circle.
        if k == 0 && gap == 0.0 { 360.0 } else { gap }
    };
    let first = (1..count).fold(0, |best, k| if gap_before(k) > gap_before(best) { k } else { best });
    order.rotate_left(first);
    order
}

/// Least squares under `placed[k + 1] - placed[k] >= gap`: isotonic regression of `wanted[k] - k * gap` by pooling
/// adjacent violators (Ayer et al., Annals of Mathematical Statistics 26, 1955).
fn apart(wanted: &[f64], gap: f64) -> Vec<f64> {
    let mut pools: Vec<(f64, f64)> = Vec::with_capacity(wanted.len());
    for (index, value) in indexed(wanted) {
        let mut pool = (value - index * gap, 1.0);
        while let Some((mean, size)) = pools.last().copied().filter(|(mean, _)| *mean > pool.0) {
            pool = ((mean * size + pool.0 * pool.1) / (size + pool.1), size + pool.1);
            pools.pop();
        }
        pools.push(pool);
    }
    let mut placed = Vec::with_capacity(wanted.len());
    let mut index = 0.0;
    for (mean, size) in pools {
        let end = index + size;
        while index < end {
            placed.push(mean + index * gap);
            index += 1.0;
        }
    }
    placed
}

/// Even places around the circle, turned so that they fit the wanted ones best.
fn evenly(wanted: &[f64]) -> Vec<f64> {
    let step = 360.0 / indexed(wanted).map(|_| 1.0).sum::<f64>();
    let turn = indexed(wanted).map(|(index, value)| value - index * step).sum::<f64>() * step / 360.0;
    indexed(wanted).map(|(index, _)| turn + index * step).collect()
}

fn indexed(values: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    values.iter().scan(-1.0, |index, value| {
        *index += 1.0;
        Some((*index, *value))
    })
}

#[cfg(test)]
mod tests {
    use super::super::geometry::apart_deg;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_stands_apart_stays_where_it_is() {
        assert_eq!(spread(&[10.0, 200.0, 355.0], 8.0), vec![10.0, 200.0, 355.0]);
    }

    #[test]
    fn a_pair_moves_half_the_gap_each_way_even_over_the_start_of_the_zodiac() {
        let shown = spread(&[1.0, 359.0, 180.0], 10.0);
        assert!((shown[0] - 5.0).abs() < 1e-9 && (shown[1] - 355.0).abs() < 1e-9);
    }

    #[test]
    fn twelve_in_one_place_make_an_arc_around_it() {
        let shown = spread(&[100.0; 12], 8.0);
        assert!((shown[0] - 56.0).abs() < 1e-9 && (shown[11] - 144.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn neighbours_are_never_closer_than_the_gap(
            centre in 0.0..360.0_f64,
            width in prop_oneof![0.0..1.0_f64, 0.0..40.0, 0.0..360.0],
            parts in prop::collection::vec(0.0..1.0_f64, 0..16),
            gap in 1.0..22.0_f64,
        ) {
            let longitudes: Vec<f64> = parts.iter().map(|part| (centre + part * width) % 360.0).collect();
            let shown = spread(&longitudes, gap);
            for a in 0..shown.len() {
                for b in 0..a {
                    prop_assert!(apart_deg(shown[a], shown[b]) >= gap - 1e-9, "{shown:?}");
                }
            }
        }
    }
}
