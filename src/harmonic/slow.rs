//! Slow transits of a quarter in plain words: which lasting influences touch a person.

use super::features::separation_deg;
use super::transits::QuarterTransits;
use crate::astro::NatalChart;
use crate::astro::chart::AspectKind;

/// Largest distance from exactness in degrees that counts (ours: a slow planet is felt when it is nearly
/// exact).
const ORB_DEG: f64 = 1.0;

/// At most so many factors per quarter.
const MOST: usize = 4;

const KINDS: [AspectKind; 5] = [
    AspectKind::Conjunction,
    AspectKind::Sextile,
    AspectKind::Square,
    AspectKind::Trine,
    AspectKind::Opposition,
];

/// Jupiter to Pluto: what each does while it helps, and while it presses.
const INFLUENCES: [(&str, &str); 5] = [
    ("a widening influence opens doors for", "a widening influence tempts to overdo"),
    ("a steadying influence gives structure to", "a testing influence slows and checks"),
    ("an awakening influence brings fresh ways to", "an unsettling influence brings sudden turns to"),
    ("a softening influence adds imagination to", "a blurring influence makes it harder to be exact about"),
    ("a deepening influence gives lasting strength to", "an insistent influence forces choices about"),
];

/// Sun to Mars: what is touched.
const THEMES: [&str; 5] = [
    "aims and self-confidence",
    "moods and daily habits",
    "thinking and exchange",
    "relations and taste",
    "drive and initiative",
];

/// The closest slow transits of a quarter, closest first.
pub(super) fn factors(chart: &NatalChart, transits: &QuarterTransits) -> Vec<String> {
    let mut found: Vec<(f64, usize, usize, AspectKind)> = Vec::new();
    for slow in 0..5 {
        for touched in 0..5 {
            let natal_deg = chart.bodies[touched].longitude_deg;
            for kind in KINDS {
                let orb = closest(transits, slow, natal_deg, kind);
                if orb <= ORB_DEG {
                    found.push((orb, slow, touched, kind));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.into_iter().take(MOST).map(|(_, slow, touched, kind)| sentence(slow, touched, kind)).collect()
}

/// Least distance from exactness over the weekly samples of a quarter.
fn closest(transits: &QuarterTransits, slow: usize, natal_deg: f64, kind: AspectKind) -> f64 {
    let distances =
        transits.slow_deg.iter().map(|sky| (separation_deg(sky[slow], natal_deg) - kind.angle_deg()).abs());
    distances.fold(f64::INFINITY, f64::min)
}

fn sentence(slow: usize, touched: usize, kind: AspectKind) -> String {
    let (helping, pressing) = INFLUENCES[slow];
    // A conjunction helps with Jupiter and presses with the others.
    let helps = matches!(kind, AspectKind::Trine | AspectKind::Sextile)
        || (kind == AspectKind::Conjunction && slow == 0);
    let influence = if helps { helping } else { pressing };
    let mut text = format!("{influence} {}", THEMES[touched]);
    text[..1].make_ascii_uppercase();
    text
}
