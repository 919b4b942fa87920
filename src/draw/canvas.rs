//! Writing SVG: numbers of one form, escaped text, strokes by role of colour.

use std::fmt::{self, Write as _};

use super::geometry::Place;
use super::glyphs::{SIDE, Stroke};
use super::letters;
use super::theme::{Role, Theme, style_sheet};

/// A picture in the making.
pub(super) struct Canvas {
    body: String,
}

/// How a line looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    pub(super) role: Role,
    pub(super) width: f64,
    /// 0..=1.
    pub(super) opacity: f64,
    /// `stroke-dasharray`; empty for a solid line.
    pub(super) dash: &'static str,
}

impl Pen {
    pub(super) const fn new(role: Role, width: f64) -> Self {
        Self { role, width, opacity: 1.0, dash: "" }
    }
}

impl fmt::Display for Pen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "class=\"s-{}\" stroke-width=\"{}\"", self.role.name(), Number(self.width))?;
        if self.opacity < 1.0 {
            write!(f, " stroke-opacity=\"{}\"", Number(self.opacity))?;
        }
        if !self.dash.is_empty() {
            write!(f, " stroke-dasharray=\"{}\"", self.dash)?;
        }
        Ok(())
    }
}

/// A number with at most two decimals and no needless signs.
pub(super) struct Number(pub(super) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[allow(clippy::cast_possible_truncation, reason = "drawings are some hundred units wide")]
        let hundredths = (self.0 * 100.0).round() as i64;
        if hundredths < 0 {
            f.write_str("-")?;
        }
        let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
        match rest {
            0 => write!(f, "{whole}"),
            tenths if tenths % 10 == 0 => write!(f, "{whole}.{}", tenths / 10),
            _ => write!(f, "{whole}.{rest:02}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Number(self.x), Number(self.y))
    }
}

/// Where a text stands against its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

// Writing to a String cannot fail: the results of `write!` are dropped throughout.
impl Canvas {
    pub(super) fn new() -> Self {
        Self { body: String::with_capacity(32 * 1024) }
    }

    /// Closes the picture. `kind` says to assistive technology what it is ("birth chart", "bar chart").
    pub(super) fn finish(
        self,
        theme: Theme,
        size: (f64, f64),
        kind: &str,
        title: &str,
        desc: &str,
    ) -> String {
        let (width, height) = (Number(size.0), Number(size.1));
        let (title, desc) = (escaped(title), escaped(desc));
        let name = theme.name();
        let scheme = match theme {
            Theme::Auto => "light dark",
            Theme::Dark => "dark",
            Theme::Light | Theme::Print | Theme::Page => "light",
        };
        let body = format!(
            "<rect class=\"f-ground\" width=\"{width}\" height=\"{height}\"/>{body}",
            body = self.body
        );
        // A page with a strict content security policy allows no style but its own.
        let (style, sheet) = match theme {
            Theme::Page => (String::new(), String::new()),
            _ => (
                format!("style=\"color-scheme:{scheme}\" "),
                format!("<style>{}</style>", style_sheet(theme, &body)),
            ),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" class=\"orrery-{name}\" \
             {style}role=\"graphics-document document\" aria-roledescription=\"{kind}\" \
             aria-label=\"{title}\" fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\" \
             font-family=\"system-ui, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif\">\
             <title>{title}</title><desc>{desc}</desc>{sheet}{body}</svg>\n"
        )
    }

    /// Opens a group that assistive technology reads as one thing.
    pub(super) fn open(&mut self, title: &str, desc: &str) {
        let title = escaped(title);
        let _ = write!(
            self.body,
            "<g role=\"graphics-symbol img\" aria-label=\"{title}\"><title>{title}</title>"
        );
        if !desc.is_empty() {
            let _ = write!(self.body, "<desc>{}</desc>", escaped(desc));
        }
    }

    /// Opens a group that is there for the eye only.
    pub(super) fn open_hidden(&mut self) {
        self.body.push_str("<g aria-hidden=\"true\">");
    }

    pub(super) fn close(&mut self) {
        self.body.push_str("</g>");
    }

    pub(super) fn line(&mut self, points: &[Place], pen: Pen) {
        self.path(&polyline(points), pen);
    }

    pub(super) fn path(&mut self, data: &str, pen: Pen) {
        let _ = write!(self.body, "<path d=\"{data}\" {pen}/>");
    }

    pub(super) fn area(&mut self, data: &str, role: Role, opacity: f64) {
        let _ = write!(
            self.body,
            "<path d=\"{data}\" class=\"f-{}\" fill-opacity=\"{}\"/>",
            role.name(),
            Number(opacity)
        );
    }

    pub(super) fn circle(&mut self, centre: Place, radius: f64, pen: Pen) {
        let (x, y, r) = (Number(centre.x), Number(centre.y), Number(radius));
        let _ = write!(self.body, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" {pen}/>");
    }

    pub(super) fn disc(&mut self, centre: Place, radius: f64, role: Role) {
        let (x, y, r) = (Number(centre.x), Number(centre.y), Number(radius));
        let _ = write!(self.body, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" class=\"f-{}\"/>", role.name());
    }

    pub(super) fn bar(&mut self, corner: Place, size: (f64, f64), role: Role, opacity: f64) {
        let (x, y) = (Number(corner.x), Number(corner.y));
        let (width, height) = (Number(size.0), Number(size.1));
        let _ = write!(
            self.body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\" class=\"f-{}\" fill-opacity=\"{}\"/>",
            role.name(),
            Number(opacity)
        );
    }

    /// A glyph in a box of side `side` around its centre.
    pub(super) fn glyph(&mut self, strokes: &[Stroke], centre: Place, side: f64, pen: Pen) {
        let scale = side / SIDE;
        let mut data = String::with_capacity(160);
        for stroke in strokes {
            match *stroke {
                Stroke::Path(path) => data.push_str(path),
                Stroke::Circle(x, y, r) => {
                    let (left, y, r, across) = (Number(x - r), Number(y), Number(r), Number(2.0 * r));
                    let _ = write!(data, "M{left} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0 -{across} 0");
                }
            }
        }
        let pen = Pen { width: pen.width / scale, ..pen };
        let _ = write!(
            self.body,
            "<path transform=\"translate({centre}) scale({})\" d=\"{data}\" {pen}/>",
            Number(scale)
        );
    }

    /// Stroked letters of a height, centred on a place.
    pub(super) fn letters(&mut self, text: &str, centre: Place, height: f64, pen: Pen) {
        let scale = height / letters::HEIGHT;
        let left = Place { x: centre.x - letters::width(text) * scale / 2.0, y: centre.y + height / 2.0 };
        self.letters_from(text, left, height, pen);
    }

    /// Stroked letters of a height, from the left end of their baseline.
    pub(super) fn letters_from(&mut self, text: &str, left: Place, height: f64, pen: Pen) {
        let scale = height / letters::HEIGHT;
        let pen = Pen { width: pen.width / scale, ..pen };
        let _ = write!(self.body, "<g transform=\"translate({left}) scale({})\" {pen}>", Number(scale));
        strokes(text, &mut self.body);
        self.body.push_str("</g>");
    }

    /// Text in the reader's own font, its baseline at the place.
    pub(super) fn text(&mut self, text: &str, at: Place, size: f64, role: Role, anchor: Anchor) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, size) = (Number(at.x), Number(at.y), Number(size));
        let _ = write!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" class=\"f-{}\"{anchor}>{}</text>",
            role.name(),
            escaped(text)
        );
    }
}

/// The letters of a text from x = 0 on, with a height of [`letters::HEIGHT`].
pub(super) fn strokes(text: &str, svg: &mut String) {
    for sign in letters::write(text).0 {
        let _ = write!(svg, "<path d=\"{}\"", sign.path);
        if sign.scale < 1.0 {
            let _ =
                write!(svg, " transform=\"translate({} 0) scale({})\"", Number(sign.x), Number(sign.scale));
        } else if sign.x > 0.0 {
            let _ = write!(svg, " transform=\"translate({} 0)\"", Number(sign.x));
        }
        svg.push_str("/>");
    }
}

/// Path data of a line through points.
pub(super) fn polyline(points: &[Place]) -> String {
    let mut data = String::with_capacity(points.len() * 14);
    for (at, point) in points.iter().enumerate() {
        let _ = write!(data, "{}{point}", if at == 0 { 'M' } else { 'L' });
    }
    data
}

/// Text and attribute values as XML wants them; characters that XML does not know are left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => safe.push(other),
        }
    }
    safe
}
