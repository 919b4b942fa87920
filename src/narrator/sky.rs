//! Sentences on chart factors: bodies in signs and houses, aspects, energies, the quarter and the pattern.

use super::content::{CONTENT, Lines};
use super::factor;
use super::theme;
use super::writer::Writer;
use crate::astro::chart::Aspect;
use crate::astro::{Body, Sign};
use crate::harmonic::ENERGIES;

impl Writer<'_> {
    /// A sentence on how a body or angle works in its sign; empty when the sign is unknown or it was told before.
    pub fn body(&mut self, name: &'static str) -> String {
        let Some(sign) = self.sign_of(name) else { return String::new() };
        let Some(text) = CONTENT.chart.bodies.get(name) else { return String::new() };
        let Some(manner) = CONTENT.chart.signs.get(sign.name()) else { return String::new() };
        if !self.told.insert(format!("body.{name}")) {
            return String::new();
        }
        // Only the phrase that the chosen sentence needs is worn out, so each is drawn for one sentence alone.
        let sentence = text.sentences.get(self.voice.pick(&format!("body.{name}"), text.sentences.len()));
        let Some(sentence) = sentence else { return String::new() };
        let slots: [(&str, &'static Lines); 4] = [
            ("adjective", &manner.adjective),
            ("manner", &manner.manner),
            ("stress", &manner.stress),
            ("thrives", &manner.thrives),
        ];
        let wanted = slots.into_iter().find(|(slot, _)| sentence.contains(&format!("{{{slot}}}")));
        let Some((slot, lines)) = wanted else { return String::new() };
        let params = [(slot, self.voice.phrase(&format!("{name}.{slot}"), lines))];
        self.say(&format!("body.{name}"), std::slice::from_ref(sentence), &params, &[&format!("body.{name}")])
    }

    fn sign_of(&self, name: &str) -> Option<Sign> {
        let chart = self.reading.input.chart;
        self.reading.factors.get(&format!("body.{name}"))?;
        match name {
            "Ascendant" => chart.angles.map(|angles| Sign::of_longitude(angles.ascendant_deg)),
            "Midheaven" => chart.angles.map(|angles| Sign::of_longitude(angles.midheaven_deg)),
            _ => {
                let body = theme::FAST.into_iter().find(|body| body.name() == name)?;
                let sure =
                    body != Body::Moon || chart.moment.time_known || chart.moon_sign_candidates.len() < 2;
                sure.then(|| chart.bodies[body.index()].sign)
            }
        }
    }

    /// A sentence on where a body shows; empty without houses.
    pub fn house(&mut self, name: &'static str) -> String {
        let position = self.reading.input.chart.bodies.iter().find(|position| position.body.name() == name);
        let Some(house) = position.and_then(|position| position.house) else { return String::new() };
        let Some(text) = CONTENT.chart.bodies.get(name) else { return String::new() };
        let Some(arenas) = CONTENT.chart.houses.get(&house.to_string()) else { return String::new() };
        if self.voice.is_worn(arenas) {
            return String::new();
        }
        let arena = self.voice.phrase(&format!("house.{name}"), arenas);
        let params = [("pull", text.pull.as_str()), ("arena", arena)];
        let key = format!("body.{name}");
        // Right behind the sentence on the body itself the citation would only be repeated.
        let keys: &[&str] = if self.told.contains(&key) { &[] } else { &[&key] };
        self.say(&format!("house.{name}"), &CONTENT.chart.house_sentences.lines, &params, keys)
    }

    /// How a body works and, where houses are known, where it shows.
    pub fn body_and_house(&mut self, name: &'static str) -> String {
        let body = self.body(name);
        if body.is_empty() {
            return body;
        }
        self.voice.again();
        let house = self.house(name);
        self.weave(&format!("body.{name}"), &[""], body, house)
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
