//! Sentences on chart factors: bodies in signs and houses, aspects, energies, the quarter and the pattern.

use super::content::CONTENT;
use super::factor;
use super::theme::{self, Theme};
use super::writer::Writer;
use crate::astro::chart::Aspect;
use crate::harmonic::ENERGIES;

/// Least pull of a point on a theme that it is named beside. Ours.
const BACKING: f64 = 0.12;

impl Writer<'_> {
    /// A sentence on how a body or angle works in its sign; empty when the sign is unknown or it was told before.
    pub fn body(&mut self, name: &'static str) -> String {
        let key = format!("body.{name}");
        let Some(manner) = self.manners.manner(name) else { return String::new() };
        if !self.reading.factors.contains_key(&key) || self.told.contains(&key) {
            return String::new();
        }
        // By name, whatever was said before: a fact of the chart alone gives the same bytes in every place.
        self.voice.fresh();
        let text = self.say(&key, &[manner.sentence], &[(manner.slot, manner.phrase)], &[&key]);
        if !text.is_empty() {
            self.told.insert(key);
        }
        text
    }

    /// A sentence on where a body shows; empty without houses.
    pub fn house(&mut self, name: &'static str) -> String {
        let key = format!("body.{name}");
        self.house_citing(name, &[&key])
    }

    fn house_citing(&mut self, name: &'static str, keys: &[&str]) -> String {
        let Some(arena) = self.manners.arena(name) else { return String::new() };
        let Some(text) = CONTENT.chart.bodies.get(name) else { return String::new() };
        let params = [("pull", text.pull.as_str()), ("arena", arena)];
        self.say(&format!("house.{name}"), &CONTENT.chart.house_sentences.lines, &params, keys)
    }

    /// How a body works and, where houses are known, where it shows.
    pub fn body_and_house(&mut self, name: &'static str) -> String {
        let body = self.body(name);
        if body.is_empty() {
            return body;
        }
        self.voice.again();
        // Right behind the sentence on the body itself the citation would only be repeated.
        let house = self.house_citing(name, &[]);
        self.weave(&format!("body.{name}"), &[""], body, house)
    }

    /// The point of the chart that pulls a theme up most, as long as it is untold; empty when none does.
    pub fn backing(&mut self, theme: Theme, bodies: &[&'static str]) -> String {
        let pull = |name: &&'static str| {
            let key = format!("body.{name}");
            let factor = self.reading.factors.get(&key).filter(|_| !self.told.contains(&key));
            factor.map_or(0.0, |factor| factor.pull[theme.index()])
        };
        let best = bodies
            .iter()
            .copied()
            .filter(|name| pull(name) > BACKING)
            .max_by(|a, b| pull(a).total_cmp(&pull(b)).then_with(|| b.cmp(a)));
        best.map_or_else(String::new, |name| self.body_and_house(name))
    }

    /// A sentence on an aspect.
    pub fn aspect(&mut self, aspect: &Aspect) -> String {
        let class = theme::aspect_class(aspect.kind);
        let bodies = &CONTENT.chart.bodies;
        let (Some(first), Some(second)) = (bodies.get(aspect.first.name()), bodies.get(aspect.second.name()))
        else {
            return String::new();
        };
        let key = factor::aspect_key(aspect);
        let Some(lines) = CONTENT.chart.aspects.get(class) else { return String::new() };
        self.voice.fresh();
        self.say(&key, lines, &[("first", &first.pull), ("second", &second.pull)], &[&key])
    }

    /// The strongest friction aspect that is still untold.
    pub fn friction(&mut self) -> String {
        let reading = self.reading;
        let untold =
            reading.choice.friction.iter().find(|aspect| !self.told.contains(&factor::aspect_key(aspect)));
        let Some(aspect) = untold else { return String::new() };
        self.told.insert(factor::aspect_key(aspect));
        self.aspect(aspect)
    }

    /// The strongest aspect of ease that is still untold.
    pub fn ease(&mut self) -> String {
        let reading = self.reading;
        let untold =
            reading.choice.ease.iter().find(|aspect| !self.told.contains(&factor::aspect_key(aspect)));
        let Some(aspect) = untold else { return String::new() };
        self.told.insert(factor::aspect_key(aspect));
        self.aspect(aspect)
    }

    /// A sentence on the strongest or the weakest energy level of the quarter.
    pub fn energy(&mut self, strongest: bool) -> String {
        let levels = self.reading.input.code.energy;
        let order = |a: &usize, b: &usize| levels[*a].total_cmp(&levels[*b]).then(b.cmp(a));
        let index = if strongest { (0..5).max_by(order) } else { (0..5).min_by(order) };
        let name = ENERGIES[index.unwrap_or(0)];
        let Some(text) = CONTENT.chart.energies.get(name) else { return String::new() };
        let (band, lines) = if strongest { ("high", &text.high) } else { ("low", &text.low) };
        self.say(&format!("energy.{name}.{band}"), lines, &[], &[&format!("energy.{name}")])
    }

    /// A sentence on the leading harmonic of the quarter.
    pub fn harmonic(&mut self) -> String {
        let number = self.reading.input.code.primary_harmonic.to_string();
        let Some(lines) = CONTENT.chart.harmonics.get(&number) else { return String::new() };
        self.say(&format!("harmonic.{number}"), lines, &[], &["harmonic"])
    }

    /// A sentence on the pattern of the last years.
    pub fn pattern(&mut self) -> String {
        let kind = self.reading.input.pattern.kind.name();
        let Some(lines) = CONTENT.chart.patterns.get(kind) else { return String::new() };
        self.say(&format!("pattern.{kind}"), lines, &[], &["pattern"])
    }

    /// A sentence on the present direction.
    pub fn trend(&mut self) -> String {
        let trend = self.reading.input.pattern.dominant_trend;
        let Some(lines) = CONTENT.chart.trends.get(trend) else { return String::new() };
        self.say(&format!("trend.{trend}"), lines, &[], &["pattern"])
    }
}
