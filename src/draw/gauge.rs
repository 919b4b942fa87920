//! One score on half a circle.

use super::canvas::{Anchor, Canvas, Number, Pen};
use super::figure::{fitted, heading, rounded, score};
use super::geometry::Place;
use super::theme::{Role, Theme};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 236.0;
const CENTRE: Place = Place { x: WIDTH / 2.0, y: 184.0 };
const RADIUS: f64 = 116.0;

/// Draws one score 0..=100; `caption` says what it means, below the number.
#[must_use]
pub fn gauge(title: &str, value: f64, caption: &str, theme: Theme) -> String {
    let mut canvas = Canvas::new();
    heading(&mut canvas, title, WIDTH);
    canvas.path(&arc(100.0), Pen { opacity: 0.45, ..Pen::new(Role::Faint, 20.0) });
    if score(value) > 0.0 {
        canvas.path(&arc(score(value)), Pen::new(Role::Prime, 20.0));
    }
    canvas.open_hidden();
    for level in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let pen = Pen::new(Role::Soft, 1.2);
        canvas.line(&[at(level, RADIUS - 14.0), at(level, RADIUS - 19.0)], pen);
    }
    canvas.close();
    canvas.text(&rounded(value), Place { y: CENTRE.y - 8.0, ..CENTRE }, 46.0, Role::Ink, Anchor::Middle);
    let below = Place { y: HEIGHT - 12.0, ..CENTRE };
    canvas.text(&fitted(caption, WIDTH - 24.0, 13.0), below, 13.0, Role::Soft, Anchor::Middle);
    let words = format!("{} of 100. {caption}", rounded(value));
    canvas.finish(theme, (WIDTH, HEIGHT), "gauge", title, &words)
}

fn at(level: f64, radius: f64) -> Place {
    let angle = (180.0 - 1.8 * level).to_radians();
    Place { x: CENTRE.x + radius * angle.cos(), y: CENTRE.y - radius * angle.sin() }
}

fn arc(to: f64) -> String {
    let radius = Number(RADIUS);
    format!("M{}A{radius} {radius} 0 0 1 {}", at(0.0, RADIUS), at(to, RADIUS))
}
