//! Words for signs, bodies, elements and qualities. Keywords follow the common tradition; the sentences are ours.

use crate::astro::{Body, Element, Quality, Sign};

/// What a sign says in its places. Each text goes on after `Sun in Aries: `.
#[derive(Debug, Clone, Copy)]
pub(super) struct SignWords {
    pub(super) sun: &'static str,
    pub(super) moon: &'static str,
    pub(super) rising: &'static str,
    pub(super) strength: &'static str,
    pub(super) challenge: &'static str,
    pub(super) career: &'static str,
    pub(super) relating: &'static str,
}

pub(super) const fn words(sign: Sign) -> &'static SignWords {
    &WORDS[sign.index()]
}

/// What a body stands for at work, in the singular.
pub(super) const fn topic(body: Body) -> &'static str {
    match body {
        Body::Sun => "sense of purpose",
        Body::Moon => "feeling for moods",
        Body::Mercury => "clear wording",
        Body::Venus => "tact",
        Body::Mars => "drive",
        Body::Jupiter => "confidence",
        Body::Saturn => "patience",
        Body::Uranus => "taste for the new",
        Body::Neptune => "imagination",
        Body::Pluto => "persistence",
        Body::MeanNode | Body::TrueNode => "wish to grow",
    }
}

pub(super) const fn element_at_work(element: Element) -> &'static str {
    match element {
        Element::Fire => "work with visible goals and room to act suits best",
        Element::Earth => "work with tangible results and steady methods suits best",
        Element::Air => "work with ideas, language and many contacts suits best",
        Element::Water => "work that is about people and needs empathy suits best",
    }
}

pub(super) const fn quality_at_work(quality: Quality) -> &'static str {
    match quality {
        Quality::Cardinal => "starting and steering things comes more naturally than maintaining them",
        Quality::Fixed => "keeping at a task comes more naturally than changing it",
        Quality::Mutable => "adjusting to change comes more naturally than routine",
    }
}

pub(super) const fn element_in_feeling(element: Element) -> &'static str {
    match element {
        Element::Fire => "shows feelings quickly and forgets a quarrel soon",
        Element::Earth => "shows care through reliable help rather than words",
        Element::Air => "talks things over first and feels closer afterwards",
        Element::Water => "senses what others feel and needs trust before opening up",
    }
}

const WORDS: [SignWords; 12] = [
    SignWords {
        sun: "likes to start things and to see results soon",
        moon: "reacts at once and calms down as fast",
        rising: "comes across as direct and ready to act",
        strength: "courage to go first",
        challenge: "finishing what has lost its novelty",
        career: "roles with independence and quick decisions",
        relating: "prefers open words and a shared start to long hints",
    },
    SignWords {
        sun: "builds step by step and values what lasts",
        moon: "feels well with calm, comfort and few surprises",
        rising: "comes across as steady and unhurried",
        strength: "staying power and a practical eye",
        challenge: "letting go of a method that worked before",
        career: "roles with lasting results and responsibility for resources",
        relating: "is loyal and needs time before trusting",
    },
    SignWords {
        sun: "is curious, learns fast and likes variety",
        moon: "sorts out feelings by talking about them",
        rising: "comes across as alert and talkative",
        strength: "picking up and passing on knowledge",
        challenge: "staying with one subject to the end",
        career: "roles with writing, teaching, trade or many contacts",
        relating: "stays close through conversation and humour",
    },
    SignWords {
        sun: "looks after people and remembers what matters to them",
        moon: "feels deeply and needs a place to withdraw to",
        rising: "comes across as gentle and a little reserved",
        strength: "care and a good memory for people",
        challenge: "not taking criticism of the work personally",
        career: "roles that support, host or protect others",
        relating: "gives warmth and looks for security in return",
    },
    SignWords {
        sun: "leads with warmth and likes the work to be seen",
        moon: "is generous and happy when effort is noticed",
        rising: "comes across as confident and warm",
        strength: "giving others confidence",
        challenge: "sharing the stage",
        career: "roles with visibility, creativity or leadership",
        relating: "is loyal and enjoys being appreciated",
    },
    SignWords {
        sun: "improves things by looking closely",
        moon: "feels at ease when things are in order",
        rising: "comes across as modest and observant",
        strength: "precision and useful help",
        challenge: "calling good work finished",
        career: "roles with analysis, quality or service",
        relating: "shows affection by solving small problems",
    },
    SignWords {
        sun: "weighs sides and looks for a fair balance",
        moon: "feels best in harmony and good company",
        rising: "comes across as friendly and considerate",
        strength: "bringing people to agreement",
        challenge: "deciding when somebody will be disappointed",
        career: "roles with negotiation, design or advice",
        relating: "seeks partnership on equal terms",
    },
    SignWords {
        sun: "goes to the root of a matter and stays there",
        moon: "feels strongly and shows it to few",
        rising: "comes across as intense and hard to read",
        strength: "concentration under pressure",
        challenge: "trusting others with a share of control",
        career: "roles with research, risk or change",
        relating: "wants few and honest ties rather than many",
    },
    SignWords {
        sun: "looks for meaning and thinks in wide frames",
        moon: "recovers through movement and new places",
        rising: "comes across as open and optimistic",
        strength: "seeing the larger picture and spreading hope",
        challenge: "attending to details and small promises",
        career: "roles with teaching, travel or strategy",
        relating: "needs room and shares convictions freely",
    },
    SignWords {
        sun: "works towards long goals and takes responsibility",
        moon: "keeps feelings in order and shows them late",
        rising: "comes across as serious and dependable",
        strength: "endurance and a sense of structure",
        challenge: "resting before it is needed",
        career: "roles with responsibility, planning or management",
        relating: "proves commitment through deeds and time",
    },
    SignWords {
        sun: "thinks independently and questions the usual way",
        moon: "keeps some distance from strong feelings",
        rising: "comes across as friendly and unusual",
        strength: "original ideas and a fair view of groups",
        challenge: "bending to rules that seem arbitrary",
        career: "roles with technology, networks or reform",
        relating: "values friendship and freedom in it",
    },
    SignWords {
        sun: "senses moods and works with imagination",
        moon: "takes in the feelings of a whole room",
        rising: "comes across as soft-spoken and receptive",
        strength: "empathy and imagination",
        challenge: "drawing limits and keeping to a plan",
        career: "roles with art, care or quiet concentration",
        relating: "gives much and needs time alone to recover",
    },
];
