//! The little statistics that scores and patterns need.

/// Arithmetic mean; 0 for nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / count(values.len()) }
}

/// Standard deviation (population); 0 for nothing.
#[must_use]
pub fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    mean(&values.iter().map(|value| (value - centre).powi(2)).collect::<Vec<_>>()).sqrt()
}

/// Pearson correlation, -1..=1; 0 where one side does not vary.
#[must_use]
pub fn correlation(left: &[f64], right: &[f64]) -> f64 {
    let (a, b) = (mean(left), mean(right));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in left.iter().zip(right) {
        ab += (x - a) * (y - b);
        aa += (x - a).powi(2);
        bb += (y - b).powi(2);
    }
    if aa * bb > 0.0 { (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0) } else { 0.0 }
}

/// Normal distribution function as a logistic curve, within 0.00014 (Bowling et al., 2009,
/// "A logistic approximation to the cumulative normal distribution").
#[must_use]
pub fn normal_share(z: f64) -> f64 {
    1.0 / (1.0 + (-1.5976 * z - 0.07056 * z * z * z).exp())
}

/// Share of a population below `value`, 0..=1, from its equally spaced quantiles (first the least, last the
/// greatest value), linear between them. A value that many share stands in their middle (mid-rank).
#[must_use]
pub fn percentile(quantiles: &[f64], value: f64) -> f64 {
    let below = quantiles.partition_point(|quantile| *quantile < value);
    let above = below + quantiles[below..].partition_point(|quantile| *quantile <= value);
    if above == 0 || quantiles.len() < 2 {
        return 0.0;
    }
    let last = count(quantiles.len() - 1);
    if below < above {
        return f64::midpoint(count(below), count(above - 1)) / last;
    }
    if above == quantiles.len() {
        return 1.0;
    }
    let (low, high) = (quantiles[above - 1], quantiles[above]);
    (count(above - 1) + (value - low) / (high - low)) / last
}

/// `steps + 1` equally spaced quantiles of a population, the inverse of [`percentile`]. Sorts in place.
///
/// # Panics
/// If the population is empty.
#[must_use]
pub fn quantiles(population: &mut [f64], steps: usize) -> Vec<f64> {
    population.sort_by(f64::total_cmp);
    (0..=steps).map(|step| population[step * (population.len() - 1) / steps]).collect()
}

/// Least-squares line through equally spaced values: slope per step and the share of variance it explains.
#[must_use]
pub fn line(values: &[f64]) -> (f64, f64) {
    let (centre, middle) = (mean(values), (count(values.len()) - 1.0) / 2.0);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (step, value) in values.iter().enumerate() {
        let x = count(step) - middle;
        xy += x * (value - centre);
        xx += x * x;
        yy += (value - centre).powi(2);
    }
    if xx == 0.0 || yy == 0.0 { (0.0, 0.0) } else { (xy / xx, xy * xy / (xx * yy)) }
}

/// Strongest cycle in equally spaced values after removing their trend: cycles per series, and the
/// probability that white noise shows a peak as tall (Fisher, 1929, "Tests of significance in harmonic
/// analysis").
#[must_use]
pub fn strongest_cycle(values: &[f64]) -> (usize, f64) {
    let (slope, _) = line(values);
    let (centre, middle) = (mean(values), (count(values.len()) - 1.0) / 2.0);
    let power = |cycles: usize| {
        let (mut c, mut s) = (0.0, 0.0);
        for (step, value) in values.iter().enumerate() {
            let angle = std::f64::consts::TAU * count(cycles) * count(step) / count(values.len());
            let rest = value - centre - slope * (count(step) - middle);
            c += rest * angle.cos();
            s += rest * angle.sin();
        }
        c * c + s * s
    };
    let powers: Vec<f64> = (1..values.len().div_ceil(2)).map(power).collect();
    let total: f64 = powers.iter().sum();
    let peak = powers.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    match peak {
        Some((at, tallest)) if total > 0.0 => (at + 1, fisher(tallest / total, powers.len())),
        _ => (1, 1.0),
    }
}

/// Fisher's exact probability of a share of at least `g` in the tallest of `terms` periodogram ordinates.
fn fisher(g: f64, terms: usize) -> f64 {
    let (mut chance, mut binomial) = (0.0, 1.0);
    for j in 1..=terms {
        binomial *= count(terms - j + 1) / count(j);
        let rest = 1.0 - count(j) * g;
        if rest <= 0.0 {
            break;
        }
        let term = binomial * (0..terms - 1).fold(1.0, |power, _| power * rest);
        chance += if j % 2 == 1 { term } else { -term };
    }
    chance.clamp(0.0, 1.0)
}

/// A small count as a number.
#[allow(clippy::cast_precision_loss, reason = "counts here stay far below 2^52")]
pub(crate) const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_share_matches_tabulated_values() {
        for (z, share) in [(-1.645, 0.05), (0.0, 0.5), (1.0, 0.8413), (1.96, 0.975)] {
            assert!((normal_share(z) - share).abs() < 2e-4, "z {z}");
        }
    }

    #[test]
    fn percentiles_undo_quantiles() {
        let mut population: Vec<f64> = (0..1000).map(|k| count(k).sqrt()).collect();
        let table = quantiles(&mut population, 32);
        assert!((percentile(&table, 500.0_f64.sqrt()) - 0.5).abs() < 0.01);
        assert!(percentile(&table, -1.0) < 1e-9 && percentile(&table, 99.0) > 1.0 - 1e-9);
    }

    #[test]
    fn a_value_that_many_share_stands_in_their_middle() {
        let table = [0.0, 1.0, 1.0, 1.0, 2.0];
        for (value, share) in
            [(-0.1, 0.0), (0.0, 0.0), (0.5, 0.125), (1.0, 0.5), (1.5, 0.875), (2.0, 1.0), (2.1, 1.0)]
        {
            assert!(
                (percentile(&table, value) - share).abs() < 1e-12,
                "{value}: {}",
                percentile(&table, value)
            );
        }
        assert!(percentile(&[3.0; 33], 3.0) > 0.49 && percentile(&[], 3.0) < 0.01);
    }

    #[test]
    fn a_yearly_wave_is_found_in_twenty_quarters() {
        let wave: Vec<f64> =
            (0..20).map(|q| 50.0 + 20.0 * (std::f64::consts::TAU * count(q) / 4.0).sin()).collect();
        let (cycles, chance) = strongest_cycle(&wave);
        assert_eq!(cycles, 5);
        assert!(chance < 0.001);
    }

    #[test]
    fn a_constant_series_has_neither_trend_nor_cycle() {
        assert_eq!(line(&[3.0; 20]), (0.0, 0.0));
        assert!(strongest_cycle(&[3.0; 20]).1 > 0.99);
    }
}
