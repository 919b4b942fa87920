//! What ended when: completed upwards, failed downwards.

use maud::{Markup, html};

use super::at;
use crate::operate::pace::Slice;

const WIDTH: f64 = 640.0;
const UP: f64 = 84.0;
const DOWN: f64 = 34.0;
const TOP: f64 = 16.0;
const ZERO: f64 = TOP + UP;

/// Reports that ended in each slice of time, the oldest first.
#[allow(clippy::cast_precision_loss, reason = "counts of a few minutes")]
pub(in crate::dashboard) fn pace(slices: &[Slice]) -> Markup {
    let most = |of: fn(&Slice) -> i64| slices.iter().map(of).max().unwrap_or_default().max(1);
    let (good, bad) = (most(|slice| slice.completed), most(|slice| slice.failed));
    // One scale for both, as long as the failed fit below.
    let scale = (UP / good as f64).min(DOWN / bad as f64);
    let step = WIDTH / slices.len().max(1) as f64;
    let (completed, failed): (i64, i64) =
        slices.iter().fold((0, 0), |(a, b), slice| (a + slice.completed, b + slice.failed));
    let label =
        format!("{completed} reports completed and {failed} failed in the last three hours, by five minutes");
    let bar = |number: usize| at(number as f64 * step + 1.0);
    let width = at(step - 2.0);
    html! {
        svg.picture viewBox="0 0 640 156" role="img" aria-label=(label) {
            text.t-soft x="0" y="11" { (format!("{good} completed")) }
            @for (number, slice) in slices.iter().enumerate() {
                @if slice.completed > 0 {
                    @let height = slice.completed as f64 * scale;
                    rect.f-good x=(bar(number)) y=(at(ZERO - height.max(1.5))) width=(width) height=(at(height.max(1.5))) {}
                }
                @if slice.failed > 0 {
                    @let height = slice.failed as f64 * scale;
                    rect.f-bad x=(bar(number)) y=(at(ZERO + 1.0)) width=(width) height=(at(height.max(1.5))) {}
                }
            }
            line.edge x1="0" x2="640" y1=(at(ZERO + 0.5)) y2=(at(ZERO + 0.5)) {}
            text.t-soft x="0" y="152" { "3 h ago" }
            text.t-soft x="320" y="152" text-anchor="middle" { "failed below the line" }
            text.t-soft x="640" y="152" text-anchor="end" { "now" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slice_with_something_in_it_can_be_seen() {
        let slice = |completed, failed| Slice { at: chrono::DateTime::UNIX_EPOCH, completed, failed };
        let svg = pace(&[slice(1, 0), slice(0, 0), slice(9000, 2)]).into_string();
        assert!(svg.contains("9001 reports completed and 2 failed"), "{svg}");
        assert_eq!((svg.matches("f-good").count(), svg.matches("f-bad").count()), (2, 1));
        assert!(!svg.contains("height=\"0"), "{svg}");
    }
}
