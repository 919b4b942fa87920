//! Synthetic people: deterministic charts, codes, patterns and comparisons from a number.

use crate::astro::chart::{
    Angles, Aspect, AspectKind, BodyPosition, HouseSystem, Houses, LocalKind, Moment, MoonPhase,
    OffsetSource, Provenance,
};
use crate::astro::{Body, Element, NatalChart, Point, Quality, Sign};
use crate::compat::{Comparison, ComparisonKind, DimensionMatch};
use crate::domain::{Profile, Quarter, ReportType};
use crate::harmonic::{
    Component, DIMENSIONS, EnergyPattern, HarmonicCode, PatternKind, Period, Snapshot, Spectrum,
};
use crate::narrator::{Answer, Counterpart, Previous, Questionnaire, ReportInput, Subject};

/// A small generator of even numbers (`SplitMix64`, Steele, Lea and Flood 2014).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    fn level(&mut self) -> f64 {
        1.0 + 98.0 * self.unit()
    }
}

/// Everything that belongs to one synthetic person.
pub(crate) struct Person {
    pub(super) chart: NatalChart,
    pub(super) code: HarmonicCode,
    pub(super) pattern: EnergyPattern,
    pub(crate) subject: Subject,
}

const NAMES: [&str; 12] = [
    "Ana Silva",
    "Bo Chen",
    "Carla Rossi",
    "Dmitri Orlov",
    "Emeka Obi",
    "Fatima Haddad",
    "Gita Rao",
    "Hugo Blanc",
    "Ines Costa",
    "James Okafor",
    "Kenji Mori",
    "Lena Berg",
];

impl Person {
    pub(crate) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let chart = chart(&mut dice);
        let code = code(&mut dice, seed);
        let pattern = pattern(&mut dice, &code);
        let subject = Subject {
            id: format!("person-{seed}"),
            full_name: NAMES[usize::try_from(seed).unwrap() % NAMES.len()].to_owned(),
        };
        Self { chart, code, pattern, subject }
    }

    pub(crate) fn without_time(mut self) -> Self {
        self.chart.moment.time_known = false;
        self.chart.angles = None;
        self.chart.houses = None;
        for body in &mut self.chart.bodies {
            body.house = None;
        }
        self.chart
            .aspects
            .retain(|aspect| matches!((aspect.first, aspect.second), (Point::Body(_), Point::Body(_))));
        let moon = self.chart.bodies[1].sign;
        self.chart.moon_sign_candidates = vec![moon, Sign::ALL[(moon.index() + 1) % 12]];
        self
    }

    pub(crate) fn input(&self, report_type: ReportType) -> ReportInput<'_> {
        let mut dice = Dice::new(
            u64::try_from(self.subject.id.len()).unwrap() * 7919
                + u64::from(self.code.digest.as_bytes()[5]) * 31
                + u64::from(self.code.digest.as_bytes()[6]),
        );
        ReportInput {
            report_type,
            quarter: quarter(),
            subject: self.subject.clone(),
            chart: &self.chart,
            code: &self.code,
            pattern: &self.pattern,
            role: Some(counterpart(&mut dice, ComparisonKind::Role, "Data Engineer", self)),
            department: Some(counterpart(&mut dice, ComparisonKind::Department, "Platform", self)),
            company: Some(counterpart(&mut dice, ComparisonKind::Company, "Northwind", self)),
            industry: Some(counterpart(&mut dice, ComparisonKind::Industry, "Logistics", self)),
            department_size: 9,
            department_dimensions: Some(std::array::from_fn(|_| 35.0 + 30.0 * dice.unit())),
            questionnaires: questionnaires(&mut dice),
            previous: (dice.unit() < 0.5).then(|| Previous {
                version: 2,
                overall_score: dice.level(),
                quarter: None,
            }),
        }
    }
}

fn quarter() -> Quarter {
    Quarter::new(2026, 4).unwrap()
}

fn chart(dice: &mut Dice) -> NatalChart {
    let longitudes: [f64; 12] = std::array::from_fn(|_| 360.0 * dice.unit());
    let ascendant_deg = 360.0 * dice.unit();
    let house = |longitude: f64| ((longitude - ascendant_deg).rem_euclid(360.0) / 30.0) as u8 + 1;
    let bodies = Body::ALL.map(|body| {
        let longitude_deg = longitudes[body.index()];
        BodyPosition {
            body,
            longitude_deg,
            latitude_deg: 0.0,
            distance_au: None,
            speed_deg_per_day: 1.0,
            sign: Sign::of_longitude(longitude_deg),
            house: Some(house(longitude_deg).clamp(1, 12)),
            retrograde: false,
            dignity: None,
        }
    });
    let elements: [f64; 4] = std::array::from_fn(|_| 1.0 + 6.0 * dice.unit());
    let qualities: [f64; 3] = std::array::from_fn(|_| 1.0 + 8.0 * dice.unit());
    let first = |values: &[f64]| (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b])).unwrap();
    NatalChart {
        moment: Moment {
            utc: "1990-01-01T12:00:00Z".into(),
            jd_ut: 2_447_893.0,
            jd_tt: 2_447_893.0,
            delta_t_s: 57.0,
            utc_offset_s: 0,
            offset_source: OffsetSource::ZoneHistory,
            local_kind: LocalKind::Unique,
            time_known: true,
        },
        aspects: aspects(&bodies, ascendant_deg),
        bodies,
        angles: Some(Angles {
            ascendant_deg,
            midheaven_deg: (ascendant_deg + 270.0).rem_euclid(360.0),
            armc_deg: 0.0,
            vertex_deg: 0.0,
        }),
        houses: Some(Houses {
            requested: HouseSystem::Placidus,
            used: HouseSystem::Placidus,
            fallback: None,
            cusps_deg: std::array::from_fn(|i| (ascendant_deg + 30.0 * i as f64).rem_euclid(360.0)),
        }),
        dominant_element: Element::ALL[first(&elements)],
        dominant_quality: Quality::ALL[first(&qualities)],
        elements,
        qualities,
        moon_phase: MoonPhase { angle_deg: 90.0, name: "First Quarter" },
        chart_ruler: Some(Sign::of_longitude(ascendant_deg).ruler()),
        moon_sign_candidates: vec![Sign::of_longitude(longitudes[1])],
        provenance: Provenance { engine_version: "test", ephemeris_version: "test", tzdb_version: "test" },
    }
}

fn aspects(bodies: &[BodyPosition; 12], ascendant_deg: f64) -> Vec<Aspect> {
    let mut points: Vec<(Point, f64)> =
        bodies[..10].iter().map(|one| (Point::Body(one.body), one.longitude_deg)).collect();
    points.push((Point::Ascendant, ascendant_deg));
    let mut found = Vec::new();
    for (i, (first, a)) in points.iter().enumerate() {
        for (second, b) in &points[i + 1..] {
            let apart = (a - b).rem_euclid(360.0);
            let angle_deg = apart.min(360.0 - apart);
            for kind in AspectKind::ALL {
                let orb_deg = (angle_deg - kind.angle_deg()).abs();
                if orb_deg < kind.max_orb_deg() {
                    found.push(Aspect {
                        first: *first,
                        second: *second,
                        kind,
                        angle_deg,
                        orb_deg,
                        strength: 1.0 - orb_deg / kind.max_orb_deg(),
                        applying: (i % 2) == 0,
                        certain: true,
                    });
                }
            }
        }
    }
    found.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    found
}

fn code(dice: &mut Dice, seed: u64) -> HarmonicCode {
    let component =
        |harmonic| Component { harmonic, value: 60.0, color: "#336699", meaning: "test", influence: 33.3 };
    HarmonicCode {
        quarter: quarter(),
        primary_harmonic: u8::try_from(dice.below(12) + 1).unwrap(),
        secondary_harmonics: vec![3, 7],
        energy_signature: "H5.07-FC-73528".into(),
        digest: format!("{:016x}", seed.wrapping_mul(0xd134_2543_de82_ef95)),
        energy: std::array::from_fn(|_| dice.level()),
        dimensions: std::array::from_fn(|_| dice.level()),
        strengths: std::array::from_fn(|_| dice.unit()),
        spectrum: Spectrum { re: [0.0; 32], im: [0.0; 32] },
        resonances: Vec::new(),
        components: [component(5), component(3), component(7)],
        dominant: "mental",
        balance: 10.0,
        stability: dice.level(),
        intensity: dice.level(),
        frequency_hz: 440.0,
        wavelength_m: 0.78,
        formula_version: "test",
    }
}

fn pattern(dice: &mut Dice, code: &HarmonicCode) -> EnergyPattern {
    let mut snapshot = |quarter| Snapshot {
        quarter,
        resonance: dice.level(),
        energy: std::array::from_fn(|i| (code.energy[i] + 40.0 * dice.unit() - 20.0).clamp(0.0, 100.0)),
        dimensions: code.dimensions,
        notable_events: Vec::new(),
        environmental_factors: Vec::new(),
    };
    let series = (0..12).map(|i| snapshot(quarter().offset(i - 11))).collect();
    let next_quarter = snapshot(quarter().next());
    let kinds = [PatternKind::Cyclical, PatternKind::Trending, PatternKind::Stable, PatternKind::Volatile];
    EnergyPattern {
        kind: kinds[dice.below(4)],
        series,
        slope_per_quarter: 0.3,
        dominant_trend: ["rising", "falling", "steady"][dice.below(3)],
        cycle_length_quarters: None,
        volatility_index: dice.level(),
        peak_periods: vec![Period { quarter: quarter(), dimensions: vec!["mental"] }],
        low_periods: Vec::new(),
        seasons: Vec::new(),
        next_quarter,
        annual_outlook: String::new(),
    }
}

/// A place with a profile of five dimensions, values and skills, and a comparison with the person.
fn counterpart(dice: &mut Dice, kind: ComparisonKind, name: &str, person: &Person) -> Counterpart {
    let mut profile =
        Profile { summary: "Keeps data moving and people informed.".into(), ..Profile::default() };
    let offset = dice.below(8);
    for step in 0..5 {
        let dimension = DIMENSIONS[(offset + step * 3) % 8];
        profile.dimensions.insert(dimension.to_owned(), 40.0 + 50.0 * dice.unit());
    }
    profile.must.push(DIMENSIONS[offset].to_owned());
    let values = [
        "integrity",
        "craft",
        "innovation",
        "teamwork",
        "customer first",
        "speed",
        "ownership",
        "Mut zur Lücke",
    ];
    let first = dice.below(values.len());
    profile.values = (0..3).map(|i| values[(first + i * 3) % values.len()].to_owned()).collect();
    for (skill, level) in [("code review", 70.0), ("numerical methods", 80.0), ("negotiation", 60.0)] {
        profile.skills.insert(skill.to_owned(), level);
    }
    let comparison = comparison(dice, kind, &profile, person);
    Counterpart {
        id: format!("{}-1", kind.name()),
        name: name.to_owned(),
        profile,
        comparison: Some(comparison),
    }
}

fn comparison(dice: &mut Dice, kind: ComparisonKind, profile: &Profile, person: &Person) -> Comparison {
    let matches = profile.dimensions.iter().map(|(name, wanted)| {
        let has = person.code.dimensions[DIMENSIONS.iter().position(|other| other == name).unwrap()];
        DimensionMatch {
            dimension: name.clone(),
            wanted: *wanted,
            has,
            matched: (100.0 - (wanted - has).max(0.0) * 1.2).max(0.0),
            must: profile.must.contains(name),
        }
    });
    Comparison {
        kind,
        overall: dice.level(),
        scores: std::array::from_fn(|_| dice.level()),
        strengths: Vec::new(),
        challenges: Vec::new(),
        recommendations: Vec::new(),
        synastry: Vec::new(),
        element_balance: [25.0; 4],
        element_score: 50.0,
        overlays: Vec::new(),
        frequency_match: 0.5,
        energy_pattern_alignment: 0.5,
        resonance_type: "neutral",
        optimal_interaction_times: vec!["2026-Q4".into()],
        dimension_matches: matches.collect(),
        data_completeness: 0.9,
        confidence: 0.8,
    }
}

const QUESTIONS: [(&str, &str); 14] = [
    ("rating", "How well does the team work together?"),
    ("rating", "How clear are your goals and priorities?"),
    ("rating", "How satisfied are you with your workload?"),
    ("rating", "How good is the quality of the results?"),
    ("boolean", "Do you get useful feedback from your manager?"),
    ("boolean", "Do you feel overloaded most weeks?"),
    ("multiple_choice", "How often can you learn something new?"),
    ("text", "What works well in your team?"),
    ("text", "What makes your work hard at present?"),
    ("text", "How do you experience the exchange of information?"),
    ("text", "Is your effort seen and valued?"),
    ("text", "How much freedom do you have in how you work?"),
    ("text", "What would you like to learn next year?"),
    ("text", "Is there anything else you want to say?"),
];

const TEXTS: [&str; 14] = [
    "We help each other and I trust the people around me. Meetings are short.",
    "Too many urgent tasks at once, I feel exhausted and rarely rest.",
    "News often comes late and the reasons stay unclear.",
    "My manager thanks us and the credit is fair.",
    "I enjoy the freedom to try my own ideas, and most of them are heard.",
    "Nothing special.",
    "There was an open conflict with a colleague who was rude in a meeting.",
    "I would love to learn how to present to clients.",
    "Every change needs three approvals, which is slow and frustrating.",
    "I am not stressed, the pace is fine and goals are clear.",
    "I am proud of the quality of our work and of how reliable we are.",
    "Honestly I think about whether to look for another job.",
    "The plan changes each week and I miss a clear line.",
    "My colleagues listen, explain and share what they know.",
];

fn questionnaires(dice: &mut Dice) -> Vec<Questionnaire> {
    let kinds = ["self_assessment", "manager_review"];
    let form = |dice: &mut Dice, number: usize| {
        let skip = dice.below(4);
        let answers = (0..QUESTIONS.len())
            .filter(|i| i % 4 != skip)
            .map(|i| {
                let (question_type, question) = QUESTIONS[i];
                let mark = 1 + dice.below(5);
                let (answer, score) = match question_type {
                    "rating" => (mark.to_string(), None),
                    "boolean" => (["yes", "no"][mark % 2].to_owned(), None),
                    "multiple_choice" => (
                        ["never", "rarely", "sometimes", "often", "always"][mark - 1].to_owned(),
                        Some(mark as f64),
                    ),
                    _ => (TEXTS[dice.below(TEXTS.len())].to_owned(), None),
                };
                Answer {
                    question_id: format!("q{number}-{i}"),
                    question: question.to_owned(),
                    question_type: question_type.to_owned(),
                    answer: (dice.unit() > 0.08).then_some(answer),
                    score,
                }
            })
            .collect();
        Questionnaire {
            response_id: format!("response-{number}"),
            kind: kinds[number % 2].to_owned(),
            answers,
            completion_rate: None,
        }
    };
    (0..2).map(|number| form(dice, number)).collect()
}
