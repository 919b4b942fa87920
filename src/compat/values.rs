//! Which dimensions the values of a profile speak of (ours).

/// Beginnings of value words, and the dimensions (by their place in [`crate::harmonic::DIMENSIONS`]) they
/// speak of.
const STEMS: [(&str, &[usize]); 40] = [
    ("account", &[5, 7]),
    ("agil", &[6]),
    ("ambition", &[0]),
    ("autonom", &[0, 7]),
    ("beauty", &[1]),
    ("care", &[4]),
    ("caring", &[4]),
    ("collab", &[3, 4]),
    ("communit", &[3, 4]),
    ("compassion", &[4]),
    ("courage", &[0, 5]),
    ("craft", &[2, 7]),
    ("creativ", &[1]),
    ("curio", &[1, 6]),
    ("customer", &[3, 4]),
    ("diligen", &[7]),
    ("discipl", &[7, 5]),
    ("divers", &[4, 6]),
    ("excellen", &[2, 7]),
    ("fair", &[4, 2]),
    ("flexib", &[6]),
    ("growth", &[6, 0]),
    ("honest", &[3, 5]),
    ("inclu", &[4, 3]),
    ("innovat", &[1, 6]),
    ("integrity", &[5, 7]),
    ("learn", &[6, 2]),
    ("leader", &[0]),
    ("open", &[3, 6]),
    ("persever", &[5, 7]),
    ("precis", &[2, 7]),
    ("quality", &[2, 7]),
    ("reliab", &[5, 7]),
    ("respect", &[4, 3]),
    ("responsib", &[0, 5]),
    ("safety", &[7, 5]),
    ("service", &[4, 3]),
    ("sustain", &[5, 4]),
    ("team", &[3, 4]),
    ("transparen", &[3]),
];

/// Sums over the words of all values, by dimension; unknown words count nothing.
pub(super) fn value_weights(values: &[String]) -> [f64; 8] {
    let mut weights = [0.0; 8];
    let lower: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
    for word in lower.iter().flat_map(|value| value.split(|c: char| !c.is_alphabetic())) {
        if let Some((_, dimensions)) = STEMS.iter().find(|(stem, _)| word.starts_with(stem)) {
            for dimension in *dimensions {
                weights[*dimension] += 1.0;
            }
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_inside_phrases() {
        let weights = value_weights(&["Quality and teamwork".to_owned()]);
        assert_eq!(weights.map(|weight| weight > 0.0), [false, false, true, true, true, false, false, true]);
    }

    #[test]
    fn unknown_values_weigh_nothing() {
        assert!(value_weights(&["quux".to_owned(), String::new()]).iter().all(|weight| weight.abs() < 1e-9));
    }
}
