//! What the twelve harmonics stand for at work. Keywords follow Addey (*Harmonics in Astrology*, 1976) and
//! Hamblin (*Harmonic Charts*, 1983); wording, colours and tones are ours.

/// What one harmonic stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meaning {
    /// One or two words.
    pub theme: &'static str,
    /// One sentence.
    pub sentence: &'static str,
    /// Colour as `#rrggbb`.
    pub color: &'static str,
    /// What happens at work when a quarter amplifies it.
    pub amplified: &'static str,
    /// What happens at work when a quarter dampens it.
    pub dampened: &'static str,
}

/// Lowest tone of the labels in Hz (ours: the note A2); harmonic n sounds n times as high.
pub const BASE_TONE_HZ: f64 = 110.0;

/// Speed of sound in dry air at 20 degrees Celsius in metres per second.
pub const SOUND_M_PER_S: f64 = 343.2;

/// Meaning of harmonic `n`, 1..=12 (beyond: the twelfth).
#[must_use]
pub fn meaning(n: usize) -> &'static Meaning {
    &MEANINGS[n.clamp(1, MEANINGS.len()) - 1]
}

const MEANINGS: [Meaning; 12] = [
    Meaning {
        theme: "direction",
        sentence: "One clear aim and the will to keep to it.",
        color: "#c0392b",
        amplified: "Aims come into sharp focus, and work that serves them gets done first.",
        dampened: "Aims blur easily, so priorities deserve to be written down and repeated.",
    },
    Meaning {
        theme: "exchange",
        sentence: "Weighing two sides and working well in pairs.",
        color: "#d35400",
        amplified: "Working in pairs and settling differences goes better than usual.",
        dampened: "Talks between two sides take longer, so a neutral third view helps.",
    },
    Meaning {
        theme: "ease",
        sentence: "Enjoyment, flow and lively contact.",
        color: "#f39c12",
        amplified: "Work flows, contacts come easily and moods lift others.",
        dampened: "Ease has to be made on purpose, with breaks and pleasant company.",
    },
    Meaning {
        theme: "effort",
        sentence: "Building things against resistance.",
        color: "#8e6e1f",
        amplified: "Hard problems attract energy, and solid results come from steady effort.",
        dampened: "Uphill work costs more than usual, so smaller stages are wise.",
    },
    Meaning {
        theme: "style",
        sentence: "Shaping and arranging things with intention.",
        color: "#27ae60",
        amplified: "Ideas take shape quickly, and a personal style shows in the results.",
        dampened: "Creative work needs more time and more outside stimulus.",
    },
    Meaning {
        theme: "rhythm",
        sentence: "Smooth routines and work of service to others.",
        color: "#16a085",
        amplified: "Routines run smoothly, and coordination with others costs little.",
        dampened: "Routines slip easily, so checklists and fixed hours carry the load.",
    },
    Meaning {
        theme: "imagination",
        sentence: "Inspiration and unusual connections.",
        color: "#2980b9",
        amplified: "Unusual ideas come up, and it pays to catch them in writing.",
        dampened: "Inspiration is scarce, which makes this a time to finish and not to invent.",
    },
    Meaning {
        theme: "endurance",
        sentence: "Sustained drive and strength under pressure.",
        color: "#2c3e80",
        amplified: "Staying power grows, and long or heavy tasks move ahead.",
        dampened: "Reserves are smaller, so rest has to be planned like work.",
    },
    Meaning {
        theme: "fulfilment",
        sentence: "Joy in what is complete and care for its meaning.",
        color: "#6c3483",
        amplified: "Work feels meaningful, and rounding things off gives strength.",
        dampened: "Meaning is less obvious, so it helps to see who gains from the work.",
    },
    Meaning {
        theme: "craft",
        sentence: "Skill applied with high standards.",
        color: "#a04090",
        amplified: "Skill shows, and demanding pieces of work turn out well.",
        dampened: "Details slip more easily, so a second pair of eyes is worth its time.",
    },
    Meaning {
        theme: "independence",
        sentence: "Questioning what is usual and trying other ways.",
        color: "#b03060",
        amplified: "The urge to try other ways is strong, and experiments are welcome.",
        dampened: "Familiar ways are more comfortable, and change needs good reasons.",
    },
    Meaning {
        theme: "togetherness",
        sentence: "Seeing the whole and fitting into it.",
        color: "#566573",
        amplified: "The whole picture is in view, and joint work comes together.",
        dampened: "The whole is easily lost from view, so short joint reviews help.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_harmonic_has_its_own_theme_and_colour() {
        for a in 1..=12 {
            for b in 1..a {
                assert_ne!(meaning(a).theme, meaning(b).theme);
                assert_ne!(meaning(a).color, meaning(b).color);
            }
        }
    }
}
