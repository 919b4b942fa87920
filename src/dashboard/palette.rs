//! Colours by what they are for, light and dark.

use std::fmt::Write as _;

/// Name, light and dark. Texts have a contrast of at least 4.5 to 1 on every surface on which they stand, borders of fields 3 to 1
/// (WCAG 2.2, 1.4.3 and 1.4.11); a test computes it.
const COLOURS: [(&str, &str, &str); 14] = [
    ("ground", "#f4f5f7", "#0e1218"),
    ("panel", "#ffffff", "#161b23"),
    ("raised", "#eef0f4", "#1f2630"),
    ("line", "#dde1e7", "#2a323d"),
    ("edge", "#7d8794", "#6b7686"),
    ("ink", "#1b2129", "#e8ecf1"),
    ("soft", "#545d69", "#a3adba"),
    ("accent", "#1a56a8", "#86b7ff"),
    ("on-accent", "#ffffff", "#0e1218"),
    ("good", "#17693a", "#63d08d"),
    ("warn", "#7f5200", "#e9b552"),
    ("bad", "#ae231c", "#ff938a"),
    ("run", "#6242a0", "#bfa6f5"),
    ("side", "#e9ecf1", "#121720"),
];

/// Share of a state's colour in the ground of its badge, percent.
const TINT: u32 = 10;

/// The custom properties of the style sheet, and the tinted grounds.
pub(super) fn style() -> String {
    let (mut light, mut both) = (String::new(), String::new());
    for (name, day, night) in COLOURS {
        // Writing to a String cannot fail.
        let _ = write!(light, "--{name}:{day};");
        let _ = write!(both, "--{name}:light-dark({day},{night});");
    }
    let mut tints = String::new();
    for name in ["accent", "good", "warn", "bad", "run", "soft"] {
        let _ = write!(tints, "--{name}-tint:color-mix(in srgb,var(--{name}) {TINT}%,var(--panel));");
    }
    format!(
        ":root{{{light}{tints}}}@supports(color:light-dark(#000,#fff)){{:root{{{both}{tints}}}}}\
         :root{{color-scheme:light dark}}:root[data-colours=light]{{color-scheme:light}}\
         :root[data-colours=dark]{{color-scheme:dark}}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Rgb = [f64; 3];

    fn rgb(colour: &str) -> Rgb {
        let channel = |at: usize| f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour"));
        [channel(1), channel(3), channel(5)]
    }

    fn luminance(colour: Rgb) -> f64 {
        let linear = colour.map(|value| {
            let value = value / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn of(name: &str) -> [Rgb; 2] {
        let (_, day, night) = COLOURS.iter().find(|(known, ..)| *known == name).expect(name);
        [rgb(day), rgb(night)]
    }

    fn mixed(colour: Rgb, ground: Rgb) -> Rgb {
        let share = f64::from(TINT) / 100.0;
        std::array::from_fn(|at| colour[at] * share + ground[at] * (1.0 - share))
    }

    #[test]
    fn texts_stand_out_from_every_surface_in_both_themes() {
        for night in [0, 1] {
            let panel = of("panel")[night];
            for text in ["ink", "soft", "accent", "good", "warn", "bad", "run"] {
                for surface in ["ground", "panel", "raised", "side"] {
                    let ratio = contrast(of(text)[night], of(surface)[night]);
                    assert!(ratio >= 4.5, "{text} on {surface}, night {night}: {ratio:.2}");
                }
            }
            for state in ["accent", "good", "warn", "bad", "run", "soft"] {
                let ratio = contrast(of(state)[night], mixed(of(state)[night], panel));
                assert!(ratio >= 4.5, "{state} on its tint, night {night}: {ratio:.2}");
            }
            let ratio = contrast(of("on-accent")[night], of("accent")[night]);
            assert!(ratio >= 4.5, "buttons, night {night}: {ratio:.2}");
            for surface in ["ground", "panel", "raised", "side"] {
                let ratio = contrast(of("edge")[night], of(surface)[night]);
                assert!(ratio >= 3.0, "edges on {surface}, night {night}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn the_style_names_every_colour_for_both_themes() {
        let style = style();
        assert!(style.contains("--ink:light-dark(#1b2129,#e8ecf1)"), "{style}");
        assert!(style.contains("--bad-tint:color-mix(in srgb,var(--bad) 10%,var(--panel))"), "{style}");
    }
}
