//! `questionnaire_qa`: the answers one by one, by topic, and what is missing. The chart has no say here.

use super::common::{With, previous_line, score_line, section};
use crate::narrator::answers::{Agreement, ReadAnswer, TopicReading, agreement, lines};
use crate::narrator::content::CONTENT;
use crate::narrator::figures;
use crate::narrator::output::{AnswerReading, QuestionnaireReading, Section, Subsection};
use crate::narrator::score::round;
use crate::narrator::words::{
    bullets, clean, count, count_of, has_forbidden, join, paragraph, points, upper_first,
};
use crate::narrator::writer::{Writer, subsection};

/// Most answers that the text shows one by one; all of them are stored with the questionnaire.
const SHOWN: usize = 12;

/// Everything read from the answers.
#[derive(Debug, Clone)]
pub struct Answers {
    /// One by one.
    pub all: Vec<ReadAnswer>,
    /// By topic.
    pub topics: Vec<TopicReading>,
}

impl Answers {
    fn by_level(&self) -> Vec<&TopicReading> {
        let mut topics: Vec<&TopicReading> = self.topics.iter().collect();
        topics.sort_by(|a, b| b.level.total_cmp(&a.level).then_with(|| a.text.key.cmp(&b.text.key)));
        topics
    }

    /// The topic with the best tone.
    #[must_use]
    pub fn best(&self) -> Option<&TopicReading> {
        self.by_level().first().copied()
    }

    /// The topic with the lowest tone, when there are two topics at least.
    #[must_use]
    pub fn worst(&self) -> Option<&TopicReading> {
        self.by_level().last().copied().filter(|_| self.topics.len() > 1)
    }

    /// Answers that a person should look at.
    #[must_use]
    pub fn flagged(&self) -> Vec<&ReadAnswer> {
        self.all.iter().filter(|answer| answer.flag.is_some()).collect()
    }

    fn keys_of(&self, topic: &str, most: usize) -> Vec<String> {
        let of = self.all.iter().filter(|answer| answer.topic().key == topic && answer.level.is_some());
        of.take(most).map(ReadAnswer::key).collect()
    }
}

/// All sections but the closing ones.
pub fn sections(w: &mut Writer<'_>, answers: &Answers) -> Vec<Section> {
    vec![
        overview(w, answers),
        how_to_read(w),
        questions(w, answers),
        themes(w, answers),
        contradictions(w, answers),
        actions(w, answers),
    ]
}

fn overview(w: &mut Writer<'_>, answers: &Answers) -> Section {
    w.enter("overview");
    let purpose = w.frame("purpose.questionnaire_qa", &[], &[]);
    let given = answers.all.iter().filter(|answer| answer.answered).count();
    let forms = count_of(w.reading.input.questionnaires.len(), "questionnaire");
    let flags = answers.flagged().len();
    let frame = match flags {
        0 => "answer.overview_calm",
        1 => "answer.overview_one",
        _ => "answer.overview",
    };
    let params = [("count", &*count_of(given, "answer")), ("forms", &forms), ("flags", &count(flags))];
    let facts = w.frame(frame, &params, &[]);
    let first = paragraph([purpose, facts, best_line(w, answers), worst_line(w, answers)]);
    let score = score_line(w);
    let previous = previous_line(w);
    w.fresh();
    let second = paragraph([score, previous, w.frame("overview.use", &[], &[])]);
    section("overview", "Overview", format!("{first}\n\n{second}"))
        .figure(figures::gauge(w.reading.scored.overall))
}

fn cited(w: &mut Writer<'_>, frame: &str, topic: &TopicReading, answers: &Answers) -> String {
    let keys = answers.keys_of(&topic.text.key, 2);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let label = upper_first(&topic.text.label);
    w.frame(frame, &[("topic", &topic.text.label), ("Topic", &label)], &keys)
}

fn best_line(w: &mut Writer<'_>, answers: &Answers) -> String {
    let Some(best) = answers.best() else { return String::new() };
    let frame = if answers.worst().is_some() { "answer.best" } else { "answer.even" };
    cited(w, frame, best, answers)
}

fn worst_line(w: &mut Writer<'_>, answers: &Answers) -> String {
    answers.worst().map_or_else(String::new, |worst| cited(w, "answer.worst", worst, answers))
}

fn how_to_read(w: &mut Writer<'_>) -> Section {
    w.enter("how_to_read");
    let [how, nochart, voices, tone, example] =
        ["answer.how", "answer.nochart", "answer.voices", "answer.tone", "answer.example"]
            .map(|frame| w.frame(frame, &[], &[]));
    let tone = w.weave("tone", &[""], tone, example);
    section("how_to_read", "How to read this", paragraph([how, nochart, voices, tone]))
}

fn questions(w: &mut Writer<'_>, answers: &Answers) -> Section {
    w.enter("questions");
    let intro = w.frame("answer.intro", &[], &[]);
    // Flagged answers come first when there is not room for all.
    let mut order: Vec<&ReadAnswer> = answers.all.iter().collect();
    order.sort_by_key(|answer| (answer.flag.is_none(), !answer.answered));
    order.truncate(SHOWN);
    order.sort_by_key(|answer| (answer.form, answer.place));
    let parts: Vec<Subsection> = order.iter().map(|answer| question(w, answer, answers)).collect();
    let hidden = answers.all.len() - parts.len();
    let more = match hidden {
        0 => String::new(),
        1 => w.frame("answer.other", &[], &[]),
        _ => w.frame("answer.others", &[("count", &count(hidden))], &[]),
    };
    section("questions", "Question by question", paragraph([intro, more])).parts(parts)
}

fn question(w: &mut Writer<'_>, answer: &ReadAnswer, answers: &Answers) -> Subsection {
    w.fresh();
    let kind = kind_name(&w.reading.input.questionnaires[answer.form].kind);
    let shown = !answer.question.is_empty() && !has_forbidden(&answer.question);
    let title = format!("{} ({kind})", if shown { &answer.question } else { "Question" });
    let digest = digest(w, answer);
    let suggests = suggests(w, answer, true);
    let consistency = consistency(w, answer, answers);
    let question = w.say(&format!("{}.follow", answer.key()), &answer.topic().follow_up, &[], &[]);
    let follow =
        if question.is_empty() { question } else { w.frame("answer.ask", &[("question", &question)], &[]) };
    let key = answer.key();
    let flag = answer.flag.map(|flag| w.say(&key, std::slice::from_ref(&flag.reason), &[], &[&key]));
    let flag: Vec<String> = flag.into_iter().collect();
    let plain = answer.answered && answer.level.is_none();
    let plain = if plain { w.frame("answer.plain", &[], &[]) } else { String::new() };
    let text = if digest.contains('"') {
        paragraph([digest, w.weave(&answer.key(), &[""], suggests, consistency), plain])
    } else {
        paragraph([w.weave(&answer.key(), &["", "in short, "], digest, suggests), consistency, plain])
    };
    subsection(&title, text, flag, vec![follow])
}

/// The kind of a questionnaire as people write it.
fn kind_name(kind: &str) -> String {
    match kind {
        "self_assessment" => "self-assessment".to_owned(),
        other => clean(&other.replace('_', " "), 30),
    }
}

fn digest(w: &mut Writer<'_>, answer: &ReadAnswer) -> String {
    if !answer.answered {
        return w.frame("answer.missing", &[], &[]);
    }
    let Some(quote) = &answer.quote else { return String::new() };
    match answer.level.filter(|_| answer.rated) {
        Some(level) => {
            let params = [("quote", &*mark(quote)), ("level", &points(level))];
            w.frame("answer.rated", &params, &[&answer.key()])
        }
        None => w.frame(spoken(quote), &[("quote", quote)], &[&answer.key()]),
    }
}

/// The frame for words: a plain yes is no text that could be quoted from.
fn spoken(quote: &str) -> &'static str {
    if quote.contains(' ') { "answer.digest" } else { "answer.short" }
}

/// A mark inside a sentence: figures as they are, words in quotation marks.
fn mark(quote: &str) -> String {
    if quote.starts_with(|c: char| c.is_ascii_digit()) { quote.to_owned() } else { format!("\"{quote}\"") }
}

fn suggests(w: &mut Writer<'_>, answer: &ReadAnswer, cite: bool) -> String {
    let Some(level) = answer.level else { return String::new() };
    let (band, variants) = lines(answer.topic(), level);
    let key = answer.key();
    let keys: &[&str] = if cite { &[key.as_str()] } else { &[] };
    w.say(&format!("{key}.{band}"), variants, &[], keys)
}

fn consistency(w: &mut Writer<'_>, answer: &ReadAnswer, answers: &Answers) -> String {
    if answer.level.is_none() {
        return String::new();
    }
    let frame = match agreement(answer, &answers.all) {
        Agreement::Alone => "answer.alone",
        Agreement::Agrees => "answer.agrees",
        Agreement::Differs => "answer.differs",
    };
    w.frame(frame, &[("topic", &answer.topic().label)], &[])
}

fn themes(w: &mut Writer<'_>, answers: &Answers) -> Section {
    w.enter("themes");
    let mut text = Vec::new();
    for topic in answers.by_level() {
        let keys = answers.keys_of(&topic.text.key, 2);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let label = upper_first(&topic.text.label);
        let (level, count) = (points(topic.level), count_of(topic.count, "answer"));
        let frame = if topic.count == 1 { "answer.topic_one" } else { "answer.topic" };
        let params =
            [("topic", topic.text.label.as_str()), ("Topic", &label), ("level", &level), ("count", &count)];
        let line = w.frame(frame, &params, &keys);
        let (band, variants) = lines(topic.text, topic.level);
        // Lines that speak of one answer do not fit several.
        let variants: Vec<&String> = variants.iter().filter(|line| !line.contains("answer")).collect();
        let more = w.say(&format!("topic.{}.{band}", topic.text.key), &variants, &[], &[]);
        text.push(w.weave(&topic.text.key, &[""], line, more));
    }
    let labels: Vec<String> = answers.topics.iter().map(|topic| upper_first(&topic.text.label)).collect();
    let levels = answers.topics.iter().map(|topic| topic.level).collect();
    section("themes", "Topics", bullets(text)).figure(figures::radar(&labels, &[("Answers", levels)]))
}

fn contradictions(w: &mut Writer<'_>, answers: &Answers) -> Section {
    w.enter("contradictions_and_missing");
    let mut text = Vec::new();
    for topic in answers.topics.iter().filter(|topic| topic.is_contradictory()).take(3) {
        let keys = answers.keys_of(&topic.text.key, 3);
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let (high, low) = (points(topic.highest), points(topic.lowest));
        let params = [("topic", topic.text.label.as_str()), ("high", &high), ("low", &low)];
        text.push(w.frame("answer.contradiction", &params, &keys));
    }
    if text.is_empty() {
        text.push(w.frame("answer.none", &[], &[]));
    }
    if let Some((own, others)) = voices(w, answers).filter(|(own, others)| (own - others).abs() >= 10.0) {
        let (own, others) = (points(own), points(others));
        text.push(w.frame("answer.voices_apart", &[("own", &own), ("others", &others)], &[]));
    }
    let open = answers.all.iter().filter(|answer| !answer.answered).count();
    text.push(if open == 0 {
        w.frame("answer.complete", &[], &[])
    } else {
        let (count, total) = (count(open), count(answers.all.len()));
        w.frame("answer.gaps", &[("count", &count), ("total", &total)], &[])
    });
    let touched = |key: &str| answers.all.iter().any(|answer| answer.topic().key == key);
    let named = CONTENT.answers.topics.iter().filter(|topic| !topic.words.is_empty() && !touched(&topic.key));
    let unasked: Vec<String> = named.map(|topic| topic.label.clone()).take(4).collect();
    if !unasked.is_empty() {
        text.push(w.frame("answer.unasked", &[("topics", &join(&unasked))], &[]));
    }
    text.push(w.frame("answer.next", &[], &[]));
    section("contradictions_and_missing", "Contradictions and gaps", paragraph(text))
}

/// Mean level of the own view and of the views of others, when both are there.
fn voices(w: &Writer<'_>, answers: &Answers) -> Option<(f64, f64)> {
    let forms = &w.reading.input.questionnaires;
    let mean = |own: bool| {
        let levels: Vec<f64> = answers
            .all
            .iter()
            .filter(|answer| (forms[answer.form].kind == "self_assessment") == own)
            .filter_map(|answer| answer.level)
            .collect();
        #[allow(clippy::cast_precision_loss, reason = "a questionnaire has few answers")]
        let count = levels.len() as f64;
        (!levels.is_empty()).then(|| levels.iter().sum::<f64>() / count)
    };
    Some((mean(true)?, mean(false)?))
}

fn actions(w: &mut Writer<'_>, answers: &Answers) -> Section {
    w.enter("actions");
    let lead = w.frame("actions.lead", &[], &[]);
    let mut lines = Vec::new();
    let topics = answers.by_level();
    for topic in topics.iter().rev().take(4) {
        let help = w.say(&format!("topic.{}.helps", topic.text.key), &topic.text.helps, &[], &[]);
        if !help.is_empty() {
            lines.push(format!("**{}:** {help}", upper_first(&topic.text.label)));
        }
    }
    lines.push(w.frame("actions.hr", &[], &[]));
    section("actions", "Actions", format!("{lead}\n\n{}", bullets(lines)))
}

/// The reading that is stored with each questionnaire. Each has a voice of its own, so nothing depends on the report.
#[must_use]
pub fn readings(w: &Writer<'_>, answers: &Answers) -> Vec<QuestionnaireReading> {
    let forms = w.reading.input.questionnaires.iter().enumerate();
    forms
        .map(|(form, questionnaire)| {
            let own: Vec<ReadAnswer> = answers.all.iter().filter(|one| one.form == form).cloned().collect();
            let read = own.iter().map(|answer| reading_of(w, answer, answers)).collect();
            aggregate(&questionnaire.response_id, &own, read)
        })
        .collect()
}

fn reading_of(w: &Writer<'_>, answer: &ReadAnswer, answers: &Answers) -> AnswerReading {
    let mut parts = Vec::new();
    // Many answers may share a topic, so each reading starts anew and may repeat what another one says.
    let mut own = Writer::new(w.reading);
    let fragment = answer.quote.clone().unwrap_or_default();
    if answer.answered {
        let rated = answer.rated && answer.level.is_some();
        let quote = if rated { mark(&fragment) } else { fragment.clone() };
        let params = [("quote", quote.as_str()), ("level", &points(answer.level.unwrap_or(50.0)))];
        let frame = if rated { "answer.rated" } else { spoken(&fragment) };
        if !fragment.is_empty() {
            parts.push(own.frame(frame, &params, &[]));
        }
        parts.push(suggests(&mut own, answer, false));
        parts.push(consistency(&mut own, answer, answers));
        if answer.level.is_none() {
            parts.push(own.frame("answer.plain", &[], &[]));
        }
    } else {
        parts.push(own.frame("answer.missing", &[], &[]));
    }
    let flag_reason = answer.flag.map(|flag| format!("{}.", flag.reason));
    AnswerReading { question_id: answer.question_id.clone(), analysis: paragraph(parts), flag_reason }
}

fn aggregate(response_id: &str, own: &[ReadAnswer], answers: Vec<AnswerReading>) -> QuestionnaireReading {
    let topics = crate::narrator::answers::topics(own);
    let (mut sum, mut count) = (0.0, 0.0);
    for level in own.iter().filter_map(|answer| answer.level) {
        sum += level;
        count += 1.0;
    }
    let of = |low: f64, high: f64, text: fn(&TopicReading) -> String| -> Vec<String> {
        topics.iter().filter(|topic| topic.level >= low && topic.level < high).map(text).collect()
    };
    let mut recommendations = of(0.0, 65.0, |topic| format!("{}.", topic.text.helps[0]));
    recommendations.truncate(4);
    let mut follow_up_questions: Vec<String> = topics
        .iter()
        .filter(|topic| topic.level < 65.0 || topic.is_contradictory())
        .map(|topic| topic.text.follow_up[0].clone())
        .collect();
    for topic in &topics {
        let second = &topic.text.follow_up[1];
        if follow_up_questions.len() < 3 {
            follow_up_questions.push(second.clone());
        }
    }
    QuestionnaireReading {
        response_id: response_id.to_owned(),
        answers,
        overall_score: if count > 0.0 { round(sum / count, 1) } else { 50.0 },
        strength_areas: of(65.0, 101.0, |topic| topic.text.strength.clone()),
        concern_areas: of(0.0, 45.0, |topic| topic.text.concern.clone()),
        recommendations,
        follow_up_questions,
    }
}
