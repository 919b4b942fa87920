//! Themes: what each role of colour looks like, and the style sheet of a picture.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How a picture looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on dark.
    Dark,
    /// Black and greys on white: families of lines differ by their dashes only.
    Print,
    /// Light or dark as the reader's system asks (`prefers-color-scheme`).
    Auto,
    /// No style of its own: the colours come from the page that it stands in, see [`page_style`].
    Page,
}

impl Theme {
    /// Every theme of a picture that stands alone.
    pub const ALL: [Self; 4] = [Self::Light, Self::Dark, Self::Print, Self::Auto];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Print => "print",
            Self::Auto => "auto",
            Self::Page => "page",
        }
    }

    const fn palette(self) -> &'static [&'static str; Role::ALL.len()] {
        match self {
            Self::Light | Self::Auto | Self::Page => &LIGHT,
            Self::Dark => &DARK,
            Self::Print => &PRINT,
        }
    }
}

/// What a colour is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Ground,
    Panel,
    Ink,
    Soft,
    Faint,
    Fire,
    Earth,
    Air,
    Water,
    Flow,
    Tension,
    Meet,
    Minor,
    Strain,
    Prime,
    Other,
}

impl Role {
    pub(super) const ALL: [Self; 16] = [
        Self::Ground,
        Self::Panel,
        Self::Ink,
        Self::Soft,
        Self::Faint,
        Self::Fire,
        Self::Earth,
        Self::Air,
        Self::Water,
        Self::Flow,
        Self::Tension,
        Self::Meet,
        Self::Minor,
        Self::Strain,
        Self::Prime,
        Self::Other,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ground => "ground",
            Self::Panel => "panel",
            Self::Ink => "ink",
            Self::Soft => "soft",
            Self::Faint => "faint",
            Self::Fire => "fire",
            Self::Earth => "earth",
            Self::Air => "air",
            Self::Water => "water",
            Self::Flow => "flow",
            Self::Tension => "tension",
            Self::Meet => "meet",
            Self::Minor => "minor",
            Self::Strain => "strain",
            Self::Prime => "prime",
            Self::Other => "other",
        }
    }
}

// In the order of `Role::ALL`. Inks have a contrast of at least 4.5 to 1 against their ground (WCAG 2.2, 1.4.3).
const LIGHT: [&str; 16] = [
    "#ffffff", "#f6f4ef", "#1f2430", "#5c6370", "#c4c8cf", "#b23a25", "#756510", "#1c6a96", "#18705f",
    "#2159a0", "#bd3327", "#6b4fa0", "#2a774a", "#a0610f", "#2159a0", "#b04a14",
];
const DARK: [&str; 16] = [
    "#14171f", "#1c212b", "#eceff4", "#a6adba", "#444c5b", "#ff8a70", "#d9c65a", "#7cc4f2", "#62d0b4",
    "#6ea8f7", "#ff7a70", "#b79cf0", "#69cf8e", "#f0b35a", "#6ea8f7", "#f5a05a",
];
const PRINT: [&str; 16] = [
    "#ffffff", "#ffffff", "#000000", "#333333", "#a0a0a0", "#000000", "#000000", "#000000", "#000000",
    "#000000", "#000000", "#000000", "#444444", "#444444", "#000000", "#555555",
];

/// The style sheet of a picture: fixed colours first, then custom properties for who knows them.
/// Rules carry the theme's class, so pictures of different themes can stand in one page.
pub(super) fn style_sheet(theme: Theme, body: &str) -> String {
    let name = theme.name();
    let used = classes(body);
    let (mut fixed, mut flexible) = (String::new(), String::new());
    let (mut properties, mut at_night) = (String::new(), String::new());
    for (role, (colour, night)) in Role::ALL.into_iter().zip(theme.palette().iter().zip(&DARK)) {
        let role = role.name();
        let of_role = used.iter().filter(|class| &class[2..] == role);
        if of_role.clone().count() == 0 {
            continue;
        }
        // Writing to a String cannot fail.
        for class in of_role {
            let property = if class.starts_with('s') { "stroke" } else { "fill" };
            let _ = write!(fixed, ".orrery-{name} .{class}{{{property}:{colour}}}");
            let _ = write!(flexible, ".orrery-{name} .{class}{{{property}:var(--o-{role})}}");
        }
        let _ = write!(properties, "--o-{role}:var(--orrery-{role},{colour});");
        let _ = write!(at_night, "--o-{role}:var(--orrery-{role},{night});");
    }
    let mut sheet = format!("{fixed}@supports(color:var(--o)){{.orrery-{name}{{{properties}}}{flexible}}}");
    if theme == Theme::Auto {
        let _ = write!(sheet, "@media(prefers-color-scheme:dark){{.orrery-auto{{{at_night}}}}}");
    }
    sheet
}

/// Style of a page with pictures of the theme [`Theme::Page`]: colours by role as custom properties (`--orrery-ink`, ...),
/// light or dark by the page's `color-scheme`, light on paper.
#[must_use]
pub fn page_style() -> String {
    let (mut light, mut both, mut rules) = (String::new(), String::new(), String::new());
    for (role, (day, night)) in Role::ALL.into_iter().zip(LIGHT.iter().zip(&DARK)) {
        let role = role.name();
        // Writing to a String cannot fail.
        let _ = write!(light, "--orrery-{role}:{day};");
        let _ = write!(both, "--orrery-{role}:light-dark({day},{night});");
        let _ = write!(
            rules,
            ".orrery-page .s-{role}{{stroke:var(--orrery-{role})}}.orrery-page .f-{role}{{fill:var(--orrery-{role})}}"
        );
    }
    format!(
        ":root{{{light}}}@supports(color:light-dark(#000,#fff)){{@media screen{{:root{{{both}}}}}}}{rules}"
    )
}

/// The classes of a drawing (`s-ink` for a stroke, `f-ink` for a filling), in order.
fn classes(body: &str) -> BTreeSet<&str> {
    let attributes = body.match_indices("class=\"").map(|(at, found)| &body[at + found.len()..]);
    attributes.filter_map(|rest| rest.split_once('"')).map(|(class, _)| class).collect()
}

/// Contrast of the inks of a theme against its ground after WCAG 2.2, "contrast ratio".
#[cfg(test)]
pub(super) fn contrasts(theme: Theme) -> Vec<(&'static str, f64)> {
    let luminance = |colour: &str| {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let palette = theme.palette();
    let ground = luminance(palette[0]);
    let roles = Role::ALL.into_iter().zip(palette);
    roles
        .filter(|(role, _)| !matches!(role, Role::Ground | Role::Panel | Role::Faint))
        .map(|(role, colour)| {
            let ink = luminance(colour);
            (role.name(), (ink.max(ground) + 0.05) / (ink.min(ground) + 0.05))
        })
        .collect()
}
