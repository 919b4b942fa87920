//! Sentences of a comparison, for work life and without jargon. None of them decides about a person.
//!
//! `{other}` stands for the other side, `{how}` for how clear the finding is.

use super::types::ComparisonKind;

/// What there is to say about one sub-score.
pub(super) struct Topic {
    /// Short name.
    pub(super) name: &'static str,
    /// What a high score speaks for.
    pub(super) high: &'static str,
    /// What a low score will take.
    pub(super) low: &'static str,
    /// What helps against it.
    pub(super) mitigation: &'static str,
    /// What to do about a low score.
    pub(super) improve: &'static str,
    /// What to make of a high score.
    pub(super) build_on: &'static str,
}

/// Topics in the order of [`super::SCORES`].
pub(super) const TOPICS: [Topic; 8] = [
    Topic {
        name: "Basic attitude",
        high: "Basic attitudes {how} go together with {other}, so little energy is lost in adapting.",
        low: "Basic attitudes differ {how} from {other}, which can feel like speaking from different places.",
        mitigation: "Say early what matters most to each side and agree where both ways are welcome.",
        improve: "Begin joint work with a short talk about expectations and habits.",
        build_on: "Use the natural fit of attitudes for tasks that need quick mutual trust.",
    },
    Topic {
        name: "Ways of acting",
        high: "Pace and ways of acting {how} match {other}, which makes everyday decisions easy.",
        low: "Pace and ways of acting differ {how} from {other}, so timing can become a point of friction.",
        mitigation: "Agree on deadlines and on who decides what before the work starts.",
        improve: "Set fixed points in the week at which pace and next steps are compared.",
        build_on: "Use the agreeing pace for tasks that have to move fast.",
    },
    Topic {
        name: "Energy",
        high: "Present energy levels {how} suit {other}, and effort tends to come at the right time.",
        low: "Present energy levels pull {how} away from {other}, so demands may come at the wrong moment.",
        mitigation: "Plan demanding stages with breathing space and look at the load again each quarter.",
        improve: "Spread demanding tasks over the quarter instead of stacking them.",
        build_on: "Place demanding work in this quarter while the energy suits it.",
    },
    Topic {
        name: "Inner rhythm",
        high: "The inner rhythm {how} resonates with {other}, which supports lasting cooperation.",
        low: "The inner rhythm runs {how} against {other}, so cooperation needs conscious coordination.",
        mitigation: "Short and regular check-ins work better than long and rare ones.",
        improve: "Keep a steady beat of brief check-ins.",
        build_on: "Rely on this rhythm for long-running work.",
    },
    Topic {
        name: "Culture",
        high: "Customs and unwritten rules {how} agree with {other}, which eases settling in.",
        low: "Customs and unwritten rules differ {how} from {other}, so expectations may be missed.",
        mitigation: "Say unwritten rules aloud instead of expecting them to be known.",
        improve: "Agree on somebody to ask how things are usually done.",
        build_on: "Invite contributions to shared customs, because the culture fits.",
    },
    Topic {
        name: "Communication",
        high: "Communication with {other} {how} flows, and messages arrive as they are meant.",
        low: "Communication with {other} {how} takes translation, and messages can be misread.",
        mitigation: "Write down agreements and ask back once before acting on them.",
        improve: "Agree which matters are written and which are talked through.",
        build_on: "Use the easy communication for explaining, presenting and settling questions.",
    },
    Topic {
        name: "Working habits",
        high: "Working habits {how} fit {other}, so processes need little explanation.",
        low: "Working habits differ {how} from {other}, so processes may feel heavy or loose.",
        mitigation: "Fix the few steps that must be the same and leave the others free.",
        improve: "Describe the expected result and leave room for the way to it.",
        build_on: "Hand over work with clear processes, where habits fit well.",
    },
    Topic {
        name: "Values",
        high: "What is held important {how} agrees with {other}, which gives the work meaning.",
        low: "What is held important differs {how} from {other}, so motives may be misunderstood.",
        mitigation: "Name the purpose behind tasks, so that different motives can serve the same end.",
        improve: "Talk about why the work matters, not only about what has to be done.",
        build_on: "Point out shared purpose when tasks become hard.",
    },
];

/// What there is to say about one dimension.
pub(super) struct Trait {
    /// Noun phrase.
    pub(super) noun: &'static str,
    /// What helps to grow it or to do with less of it.
    pub(super) support: &'static str,
}

/// Dimensions in the order of [`crate::harmonic::DIMENSIONS`].
pub(super) const TRAITS: [Trait; 8] = [
    Trait {
        noun: "leadership",
        support: "Start with leading small, well-defined stages and give feedback after each.",
    },
    Trait { noun: "creativity", support: "Give time for collecting ideas before solutions are asked for." },
    Trait {
        noun: "analytical thinking",
        support: "Pair up for complex analyses and keep worked examples at hand.",
    },
    Trait {
        noun: "communication",
        support: "Prepare key messages in writing and practise them with a colleague.",
    },
    Trait { noun: "empathy", support: "Plan regular talks in which listening is the only task." },
    Trait {
        noun: "resilience",
        support: "Plan recovery after heavy stages and agree on early warning signs.",
    },
    Trait { noun: "adaptability", support: "Announce changes early and explain the reasons for them." },
    Trait { noun: "focus", support: "Protect uninterrupted hours and limit the number of parallel tasks." },
];

/// How the other side is named in a sentence.
pub(super) const fn other(kind: ComparisonKind) -> &'static str {
    match kind {
        ComparisonKind::Role => "the role",
        ComparisonKind::Department => "the department",
        ComparisonKind::Company => "the company",
        ComparisonKind::Industry => "the industry",
        ComparisonKind::Interpersonal => "the other person",
    }
}

/// Fills a sentence: the other side, and how clear a score is (its distance from the middle, 0..=50).
pub(super) fn fill(sentence: &str, kind: ComparisonKind, distance: f64) -> String {
    let how = match distance {
        d if d >= 35.0 => "very clearly",
        d if d >= 20.0 => "clearly",
        d if d >= 10.0 => "noticeably",
        _ => "slightly",
    };
    sentence.replace("{other}", other(kind)).replace("{how}", how)
}
