//! The signs of bodies, zodiac and aspects as strokes, drawn by us after the traditional shapes.
//!
//! Units: every glyph keeps within 11 of its centre either way, which with a stroke of 2 makes a box of 24.

use crate::astro::chart::AspectKind;
use crate::astro::{Body, Sign};

/// Side of the box of a glyph.
pub(super) const SIDE: f64 = 24.0;

/// One stroke of a glyph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stroke {
    /// SVG path data (absolute M, L, C, Z only).
    Path(&'static str),
    /// Centre and radius.
    Circle(f64, f64, f64),
}

use Stroke::{Circle, Path};

/// Strokes of a body.
pub(super) const fn body(body: Body) -> &'static [Stroke] {
    match body {
        Body::Sun => &[Circle(0.0, 0.0, 9.6), Circle(0.0, 0.0, 0.8)],
        Body::Moon => &[Path(
            "M-4.5 -10C3.5 -10.8 9 -5.6 9 0C9 5.6 3.5 10.8 -4.5 10C0.6 7.6 3.2 4 3.2 0C3.2 -4 0.6 -7.6 -4.5 -10Z",
        )],
        Body::Mercury => &[
            Circle(0.0, -1.2, 4.8),
            Path("M-5 -11C-5 -7.6 -2.6 -6 0 -6C2.6 -6 5 -7.6 5 -11M0 3.6L0 11M-4 7.4L4 7.4"),
        ],
        Body::Venus => &[Circle(0.0, -4.6, 6.0), Path("M0 1.4L0 11M-4.8 6.2L4.8 6.2")],
        Body::Mars => &[Circle(-2.8, 2.8, 6.6), Path("M1.9 -1.9L9.8 -9.8M3.6 -9.8L9.8 -9.8L9.8 -3.6")],
        Body::Jupiter => {
            &[Path("M-8 -6.5C-7.4 -11 -1 -11.4 -0.4 -6.6C0.2 -2 -4 2.4 -9 4.4L9 4.4M4.6 -10.6L4.6 10.6")]
        }
        Body::Saturn => &[Path(
            "M-3.4 -10.8L-3.4 6.4M-7.6 -6.6L2 -6.6M-3.4 -0.6C-1 -4.4 5.6 -4.6 5.6 0.2C5.6 4 1.6 4.8 1.6 8C1.6 10.8 4.4 11 6.6 9.4",
        )],
        Body::Uranus => &[
            Circle(0.0, 7.6, 3.0),
            Path(
                "M-8.4 -10.4C-5.2 -8 -5.2 -0.4 -8.4 2M8.4 -10.4C5.2 -8 5.2 -0.4 8.4 2M-6 -4.2L6 -4.2M0 -10.4L0 4.6",
            ),
        ],
        Body::Neptune => &[Path(
            "M0 -10.4L0 11M-8 -10.2C-8 -1.4 -4 2.6 0 2.6C4 2.6 8 -1.4 8 -10.2M-4.6 7L4.6 7M-10.4 -7.4L-8 -10.2L-5.6 -7.4M-2.4 -7.6L0 -10.4L2.4 -7.6M5.6 -7.4L8 -10.2L10.4 -7.4",
        )],
        Body::Pluto => &[
            Circle(0.0, -6.8, 3.6),
            Path("M-8 -8.4C-8 -1 -4.4 2 0 2C4.4 2 8 -1 8 -8.4M0 2L0 11M-4.6 6.6L4.6 6.6"),
        ],
        Body::MeanNode => &[NODE[0], NODE[1], NODE[2], Circle(0.0, -3.0, 0.8)],
        Body::TrueNode => &NODE,
    }
}

const NODE: [Stroke; 3] = [
    Circle(-6.2, 7.2, 2.8),
    Circle(6.2, 7.2, 2.8),
    Path(
        "M-4.4 5C-8 0.4 -9 -2.8 -7.6 -6C-6.2 -9 -3.2 -10.6 0 -10.6C3.2 -10.6 6.2 -9 7.6 -6C9 -2.8 8 0.4 4.4 5",
    ),
];

/// Strokes of Chiron: a K on a circle.
pub(super) const CHIRON: &[Stroke] =
    &[Circle(0.0, 6.4, 4.2), Path("M0 -10.8L0 2.2M6.2 -10.4L0 -4.6M1.6 -6.1L6.2 -0.8")];

/// Strokes of a sign of the zodiac.
pub(super) const fn sign(sign: Sign) -> &'static [Stroke] {
    match sign {
        Sign::Aries => &[Path(
            "M-6.4 -2.8C-10.2 -4 -9.4 -9.8 -5.4 -9.8C-1 -9.8 0 -1 0 10C0 -1 1 -9.8 5.4 -9.8C9.4 -9.8 10.2 -4 6.4 -2.8",
        )],
        Sign::Taurus => {
            &[Circle(0.0, 4.2, 6.4), Path("M-8.6 -10C-7 -4.2 -3.6 -2.2 0 -2.2C3.6 -2.2 7 -4.2 8.6 -10")]
        }
        Sign::Gemini => &[Path(
            "M-8.4 -10.2C-4 -7.4 4 -7.4 8.4 -10.2M-8.4 10.2C-4 7.4 4 7.4 8.4 10.2M-3.6 -8.3L-3.6 8.3M3.6 -8.3L3.6 8.3",
        )],
        Sign::Cancer => &[
            Circle(-6.4, -2.6, 3.2),
            Circle(6.4, 2.6, 3.2),
            Path("M-8.8 -4.8C-5 -10.2 5 -10 10.4 -5.4M8.8 4.8C5 10.2 -5 10 -10.4 5.4"),
        ],
        Sign::Leo => &[
            Circle(-5.4, 3.2, 3.4),
            Path(
                "M-3.2 0.6C-5.4 -3.2 -6.8 -10.4 -0.4 -10.4C6 -10.4 6 -5 4.4 -1.4C2.8 2 1.4 4.6 2 7.4C2.7 10.8 7.4 10.9 8.8 7.6",
            ),
        ],
        Sign::Virgo => &[Path(
            "M-10.4 -8.4C-8.8 -9.2 -8 -8 -8 -5.8L-8 7M-8 -5C-7.4 -9.6 -3.4 -9.8 -3.4 -5.4L-3.4 7M-3.4 -5C-2.8 -9.6 1.2 -9.8 1.2 -5.4L1.2 5C1.2 8.4 3.6 10.2 7 10.6M1.2 -3.4C3.2 -7.6 8.8 -6.6 8.4 -1.6C8 3.8 3.4 7.6 -1.6 10.2",
        )],
        Sign::Libra => &[Path(
            "M-9.8 9L9.8 9M-9.8 3.6L-3.6 3.6C-7.6 0.4 -7.6 -8.6 0 -8.6C7.6 -8.6 7.6 0.4 3.6 3.6L9.8 3.6",
        )],
        Sign::Scorpio => &[Path(
            "M-10.4 -8.4C-8.8 -9.2 -8 -8 -8 -5.8L-8 7M-8 -5C-7.4 -9.6 -3.4 -9.8 -3.4 -5.4L-3.4 7M-3.4 -5C-2.8 -9.6 1.2 -9.8 1.2 -5.4L1.2 5.4C1.2 9.4 4.6 9.8 10 6.2M6.4 4.8L10 6.2L8.8 9.8",
        )],
        Sign::Sagittarius => &[Path("M-9 9L9.4 -9.4M1.8 -9.4L9.4 -9.4L9.4 -1.8M-7 -0.2L0.2 7")],
        Sign::Capricorn => &[Path(
            "M-10.4 -8.8C-7 -8.8 -6.4 -3 -4.8 4C-4.2 -3 -3 -8.8 0.6 -8.8C4.6 -8.8 3.2 -1 3.2 3.6C3.2 8 1.2 10.4 -2.2 10.4M3.2 3.8C3.8 -1 10.4 -0.8 10.4 4C10.4 8.6 4.4 8.4 3.2 3.8",
        )],
        Sign::Aquarius => &[Path(
            "M-10.4 -2.6L-6.4 -6.8L-3.2 -2.6L0.8 -6.8L4 -2.6L8 -6.8L10.4 -3.8M-10.4 6.2L-6.4 2L-3.2 6.2L0.8 2L4 6.2L8 2L10.4 5",
        )],
        Sign::Pisces => {
            &[Path("M-8.4 -10.2C-2.8 -5 -2.8 5 -8.4 10.2M8.4 -10.2C2.8 -5 2.8 5 8.4 10.2M-9 0L9 0")]
        }
    }
}

/// Strokes of an aspect.
pub(super) const fn aspect(kind: AspectKind) -> &'static [Stroke] {
    match kind {
        AspectKind::Conjunction => &[Circle(-2.6, 2.6, 6.4), Path("M2 -2L9.4 -9.4")],
        AspectKind::SemiSextile => &[Path("M-9 4.6L9 4.6M-7.6 -6.4L0 4.6L7.6 -6.4")],
        AspectKind::SemiSquare => &[Path("M7.4 -8.4L-8.4 7.4L8.4 7.4")],
        AspectKind::Sextile => &[Path("M0 -9.4L0 9.4M-8.2 -4.7L8.2 4.7M-8.2 4.7L8.2 -4.7")],
        AspectKind::Square => &[Path("M-8.4 -8.4L8.4 -8.4L8.4 8.4L-8.4 8.4Z")],
        AspectKind::Trine => &[Path("M0 -8.8L9.6 7.6L-9.6 7.6Z")],
        AspectKind::SesquiSquare => &[Path("M-8.4 -9.4L5.4 -9.4L5.4 2.6L-8.4 2.6ZM10 -1.4L0.4 9.6L10 9.6")],
        AspectKind::Quincunx => &[Path("M-9 -4.6L9 -4.6M-7.6 6.4L0 -4.6L7.6 6.4")],
        AspectKind::Opposition => {
            &[Circle(-5.6, 5.6, 4.2), Circle(5.6, -5.6, 4.2), Path("M-2.6 2.6L2.6 -2.6")]
        }
    }
}
