//! Parts of a whole as one bar.

use maud::{Markup, html};

use super::at;
use crate::dashboard::words::number;

/// A part.
pub(in crate::dashboard) struct Part {
    /// What it counts.
    pub(in crate::dashboard) label: &'static str,
    /// How much.
    pub(in crate::dashboard) value: i64,
    /// Its colour: `good`, `bad`, `warn`, `run`, `accent` or `soft`.
    pub(in crate::dashboard) colour: &'static str,
}

/// Parts beside one another in the order given. The figures stand beside the bar; its name says them too.
#[allow(clippy::cast_precision_loss, reason = "shares of a bar")]
pub(in crate::dashboard) fn share(parts: &[Part]) -> Markup {
    let whole = parts.iter().map(|part| part.value).sum::<i64>().max(1) as f64;
    let words: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.label, number(part.value))).collect();
    let mut from = 0.0;
    let mut bars = Vec::new();
    for part in parts.iter().filter(|part| part.value > 0) {
        let width = part.value as f64 / whole * 100.0;
        bars.push((format!("f-{}", part.colour), at(from), at(width.max(0.8))));
        from += width;
    }
    html! {
        svg.bar viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label=(words.join(", ")) {
            rect.f-line width="100" height="4" {}
            @for (class, x, width) in &bars { rect class=(class) x=(x) width=(width) height="4" {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar_and_are_named() {
        let part = |label, value| Part { label, value, colour: "good" };
        let svg = share(&[part("completed", 30), part("failed", 0), part("open", 10)]).into_string();
        assert!(svg.contains("aria-label=\"completed 30, failed 0, open 10\""), "{svg}");
        assert!(
            svg.contains("x=\"0.0\" width=\"75.0\"") && svg.contains("x=\"75.0\" width=\"25.0\""),
            "{svg}"
        );
        assert_eq!(share(&[part("open", 0)]).into_string().matches("<rect").count(), 1);
    }
}
