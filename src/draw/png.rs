//! Pictures of this room as PNG, with the cargo feature `png`.
//!
//! No font is needed: texts of figures are drawn with the strokes of our own alphabet, small letters as small
//! capitals. Equal input gives equal bytes.

use std::fmt::Write as _;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::canvas::{Number, strokes};
use super::letters;

/// Widest and highest picture, in pixels.
const MOST_PIXELS: u32 = 8192;

/// Height of a capital as a share of the size of a font.
const CAPITAL: f64 = 0.66;

/// Why a picture cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The width is 0, or the picture would be too large.
    #[error("a picture {0} pixels wide is not possible: from 1 to {MOST_PIXELS} pixels either way")]
    Size(u32),
    /// The text is not a picture of this room.
    #[error("the picture cannot be read: {0}")]
    Picture(String),
    /// The pixels cannot be packed.
    #[error("the picture cannot be packed: {0}")]
    Packing(String),
}

/// A picture of this room (wheel, radar, time line, ...) as PNG of a width; the height follows. The theme
/// [`super::Theme::Auto`] gives the light colours.
///
/// # Errors
/// When the width is out of range, or the text is not SVG.
pub fn png(svg: &str, width_px: u32) -> Result<Vec<u8>, PngError> {
    let picture = Tree::from_str(&stroked(svg), &Options::default())
        .map_err(|error| PngError::Picture(error.to_string()))?;
    let (size, wrong) = (picture.size(), || PngError::Size(width_px));
    #[allow(clippy::cast_precision_loss, reason = "a width of some thousand pixels")]
    let scale = width_px as f32 / size.width();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "casts saturate, and size is checked"
    )]
    let height_px = (size.height() * scale).ceil() as u32;
    if width_px.max(height_px) > MOST_PIXELS {
        return Err(wrong());
    }
    let mut pixels = Pixmap::new(width_px, height_px).ok_or_else(wrong)?;
    resvg::render(&picture, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| PngError::Packing(error.to_string()))
}

/// The picture with strokes in place of texts.
fn stroked(svg: &str) -> String {
    let mut out = String::with_capacity(2 * svg.len());
    let mut rest = svg;
    while let Some((before, text)) = rest.split_once("<text ") {
        out.push_str(before);
        let Some((text, after)) = text.split_once("</text>") else { break };
        if let Some((attributes, content)) = text.split_once('>') {
            letters_of(svg, attributes, content, &mut out);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// One text as strokes, in the colour that the style sheet gives its class.
fn letters_of(svg: &str, attributes: &str, content: &str, out: &mut String) {
    let attribute = |name: &str| {
        let (_, value) = attributes.split_once(&format!("{name}=\""))?;
        value.split('"').next()
    };
    let number = |name: &str| attribute(name).and_then(|value| value.parse::<f64>().ok());
    let colour = attribute("class").and_then(|class| {
        let (_, colour) = svg.split_once(&format!(".{class}{{fill:"))?;
        colour.split('}').next()
    });
    let (Some(x), Some(y), Some(size), Some(colour)) =
        (number("x"), number("y"), number("font-size"), colour)
    else {
        return;
    };
    let text = unescaped(content);
    let scale = size * CAPITAL / letters::HEIGHT;
    let width = letters::width(&text) * scale;
    let left = match attribute("text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<g transform=\"translate({} {}) scale({scale:.4})\" stroke=\"{colour}\" stroke-width=\"1.3\">",
        Number(left),
        Number(y)
    );
    strokes(&text, out);
    out.push_str("</g>");
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use resvg::tiny_skia::Pixmap;

    use super::*;
    use crate::draw::{Line, Series, Theme, radar, time_line};

    fn pixels(svg: &str, width: u32) -> Pixmap {
        Pixmap::decode_png(&png(svg, width).expect("a picture")).expect("a PNG")
    }

    /// Share of the pixels that are not of the colour of the first.
    fn inked(pixels: &Pixmap) -> f64 {
        let ground = pixels.pixels()[0];
        let inked = pixels.pixels().iter().filter(|pixel| **pixel != ground).count();
        f64::from(u32::try_from(inked).unwrap()) / f64::from(pixels.width() * pixels.height())
    }

    fn line(labels: &[String]) -> String {
        let names = Line { name: "Müller & Söhne (50 %)", values: &[20.0, 70.0, 40.0] };
        time_line("Energy: a <title>", labels, &[names, names], 1, Theme::Light)
    }

    #[test]
    fn figures_are_drawn_in_every_theme_on_the_ground_of_the_theme() {
        for (theme, ground) in
            [(Theme::Light, 0xff), (Theme::Print, 0xff), (Theme::Auto, 0xff), (Theme::Dark, 0x14)]
        {
            let series = Series { name: "s", values: &[50.0, 60.0, 70.0] };
            let picture = pixels(&radar("Title", &["one", "two", "three"], &[series], theme), 560);
            assert_eq!((picture.width(), picture.height()), (560, 500));
            assert_eq!(picture.pixels()[0].red(), ground, "{}", theme.name());
            assert!((0.02..0.5).contains(&inked(&picture)), "{} {}", theme.name(), inked(&picture));
        }
    }

    #[test]
    fn texts_are_drawn_without_any_font() {
        let labels = ["2026-Q1", "2026-Q2", "2026-Q3"].map(str::to_owned);
        let none = labels.clone().map(|_| String::new());
        let with = stroked(&line(&labels));
        assert!(!with.contains("<text") && with.contains("<path"));
        assert!(inked(&pixels(&line(&labels), 760)) > inked(&pixels(&line(&none), 760)) + 0.001);
    }

    #[test]
    fn equal_pictures_have_equal_bytes_and_any_other_text_is_refused() {
        let labels = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(png(&line(&labels), 300).unwrap(), png(&line(&labels), 300).unwrap());
        assert!(matches!(png("no picture", 300), Err(PngError::Picture(_))));
        assert!(matches!(png(&line(&labels), 0), Err(PngError::Size(0))));
        assert!(matches!(png(&line(&labels), MOST_PIXELS + 1), Err(PngError::Size(_))));
    }
}
