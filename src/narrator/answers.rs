//! Reading of questionnaire answers: level, topic, words that call for a person, agreement with other answers.

use super::content::{CONTENT, FlagText, TopicText};
use super::input::{Answer, Questionnaire, ReportInput};
use super::score::round;
use super::words::{clean, has_forbidden};

/// Levels of one topic this far apart count as a contradiction.
const APART: f64 = 40.0;

/// From here on a person should look at the two answers.
const SHARP: f64 = 65.0;

/// Most words of a quoted fragment.
const QUOTE_WORDS: usize = 12;

/// One answer, read.
#[derive(Debug, Clone)]
pub struct ReadAnswer {
    /// Place of its questionnaire in the input.
    pub form: usize,
    /// Place in the questionnaire.
    pub place: usize,
    /// `questionId`.
    pub question_id: String,
    /// Question as one plain line.
    pub question: String,
    /// Fragment of the answer; `None` when left out or when it cannot be quoted.
    pub quote: Option<String>,
    /// Whether there is an answer at all.
    pub answered: bool,
    /// Whether the level comes from a mark and not from words.
    pub rated: bool,
    /// 0..=100; `None` when nothing can be read from it.
    pub level: Option<f64>,
    /// Place of its topic in the content.
    pub topic: usize,
    /// Words that call for a person to look at it.
    pub flag: Option<&'static FlagText>,
}

impl ReadAnswer {
    /// Its topic.
    #[must_use]
    pub fn topic(&self) -> &'static TopicText {
        &CONTENT.answers.topics[self.topic]
    }

    /// Key of its factor.
    #[must_use]
    pub fn key(&self) -> String {
        format!("answer.{}.{}", self.form, self.place)
    }
}

/// How an answer stands to the other answers on its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Agreement {
    Alone,
    Agrees,
    Differs,
}

/// What all answers say on one topic.
#[derive(Debug, Clone)]
pub struct TopicReading {
    /// The topic.
    pub text: &'static TopicText,
    /// Mean level.
    pub level: f64,
    /// Lowest level.
    pub lowest: f64,
    /// Highest level.
    pub highest: f64,
    /// Number of answers with a level.
    pub count: usize,
}

impl TopicReading {
    /// Whether two answers are far apart.
    #[must_use]
    pub fn is_contradictory(&self) -> bool {
        self.highest - self.lowest >= APART
    }
}

/// All answers in the order of the input.
#[must_use]
pub fn read(input: &ReportInput<'_>) -> Vec<ReadAnswer> {
    let forms = input.questionnaires.iter().enumerate();
    let mut answers: Vec<ReadAnswer> =
        forms.flat_map(|(form, questionnaire)| read_form(form, questionnaire)).collect();
    let late: Vec<Option<&'static FlagText>> =
        answers.iter().map(|answer| late_flag(answer, &answers)).collect();
    for (answer, flag) in answers.iter_mut().zip(late) {
        answer.flag = answer.flag.or(flag);
    }
    answers
}

/// Flags that follow from levels and not from words: a very low mark, a sharp contradiction on one topic.
fn late_flag(answer: &ReadAnswer, answers: &[ReadAnswer]) -> Option<&'static FlagText> {
    let level = answer.level?;
    let sharp = answers.iter().filter(|other| other.topic == answer.topic).filter_map(|other| other.level);
    let key = if level <= 20.0 && answer.rated {
        "low mark"
    } else if sharp.map(|other| (other - level).abs()).fold(0.0, f64::max) >= SHARP {
        "contradiction"
    } else {
        return None;
    };
    CONTENT.answers.flags.iter().find(|flag| flag.key == key)
}

fn read_form(form: usize, questionnaire: &Questionnaire) -> Vec<ReadAnswer> {
    let scale = scale(questionnaire);
    let answers = questionnaire.answers.iter().enumerate();
    answers.map(|(place, answer)| read_answer(form, place, answer, scale)).collect()
}

/// Largest mark of a questionnaire: 5, 10 or 100, the smallest that holds all its marks.
fn scale(questionnaire: &Questionnaire) -> f64 {
    let marks = questionnaire.answers.iter().filter_map(mark);
    match marks.fold(0.0, f64::max) {
        largest if largest <= 5.0 => 5.0,
        largest if largest <= 10.0 => 10.0,
        _ => 100.0,
    }
}

/// The stored score, or the first number of a rating.
fn mark(answer: &Answer) -> Option<f64> {
    let stored = answer.score.filter(|score| score.is_finite() && *score >= 0.0);
    stored.or_else(|| {
        let text = answer.answer.as_deref().filter(|_| answer.question_type == "rating")?;
        let number: String = text.trim().chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        number.parse().ok()
    })
}

fn read_answer(form: usize, place: usize, answer: &Answer, scale: f64) -> ReadAnswer {
    let question = clean(&answer.question, 140);
    let text = answer.answer.as_deref().map(|text| clean(text, 2000)).filter(|text| !text.is_empty());
    let lower = text.as_deref().unwrap_or_default().to_lowercase();
    let marked = mark(answer).filter(|_| text.is_some()).map(|mark| (mark / scale * 100.0).clamp(0.0, 100.0));
    let level = text.as_ref().and_then(|_| match answer.question_type.as_str() {
        "boolean" => marked.or_else(|| yes_no(&lower, &question)),
        "text" => marked.or_else(|| tone(&lower)),
        "multiple_choice" => marked.or_else(|| step(&lower, &question)),
        _ => marked,
    });
    // The flags look at the person's own words only, and never at a plain yes or a mark.
    let words = answer.question_type == "text" || answer.question_type == "multiple_choice";
    let flag =
        CONTENT.answers.flags.iter().filter(|_| words).find(|flag| hits(&lower, &flag.words, true) > 0);
    ReadAnswer {
        form,
        place,
        question_id: answer.question_id.clone(),
        topic: topic(&question.to_lowercase(), &lower),
        answered: text.is_some(),
        rated: marked.is_some() && answer.question_type != "text",
        quote: text.and_then(|text| quote(&text)),
        level: level.map(|level| round(level, 1)),
        question,
        flag,
    }
}

/// The first clause that may be quoted, at most twelve words.
fn quote(text: &str) -> Option<String> {
    let clauses = text.split(['.', '!', '?', ';']).map(str::trim).filter(|clause| !clause.is_empty());
    // The clause with the strongest words says most; earlier ones win a tie.
    let weight = |clause: &str| {
        let lower = clause.to_lowercase();
        let flagged = CONTENT.answers.flags.iter().map(|flag| hits(&lower, &flag.words, true)).sum::<usize>();
        flagged * 4
            + hits(&lower, &CONTENT.answers.negative, false)
            + hits(&lower, &CONTENT.answers.positive, false)
    };
    let best = clauses
        .filter(|clause| !has_forbidden(clause))
        .enumerate()
        .max_by_key(|(i, clause)| (weight(clause), usize::MAX - i))?
        .1;
    Some(shorten(best).replace('"', "'"))
}

/// A clause of at most twelve words: cut at a comma where one is near, and marked when words are missing.
fn shorten(clause: &str) -> String {
    const WEAK: [&str; 20] = [
        "and", "or", "but", "the", "a", "an", "of", "to", "in", "on", "with", "for", "that", "which", "is",
        "are", "my", "most", "so", "as",
    ];
    let words: Vec<&str> = clause.split(' ').collect();
    if words.len() <= QUOTE_WORDS {
        return clause.trim_end_matches(',').to_owned();
    }
    let mut kept = &words[..QUOTE_WORDS];
    if let Some(comma) = kept.iter().rposition(|word| word.ends_with(',')).filter(|place| *place >= 3) {
        kept = &kept[..=comma];
    }
    while kept.len() > 1 && WEAK.contains(&kept[kept.len() - 1]) {
        kept = &kept[..kept.len() - 1];
    }
    format!("{}...", kept.join(" ").trim_end_matches(','))
}

/// How many of these words start a word of the text; with `plain`, a hit after a negation does not count.
fn hits(text: &str, words: &[String], plain: bool) -> usize {
    words.iter().filter(|word| found(text, word, plain)).count()
}

fn found(text: &str, word: &str, plain: bool) -> bool {
    let (stem, whole) = word.strip_suffix('=').map_or((word, false), |stem| (stem, true));
    text.match_indices(stem).any(|(at, _)| {
        let starts = text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric());
        let ends = text[at + stem.len()..].chars().next().is_none_or(|after| !after.is_alphanumeric());
        starts && (ends || !whole) && !(plain && negated(&text[..at]))
    })
}

/// Whether one of the last three words before a hit is a negation.
fn negated(before: &str) -> bool {
    let clause = before.rsplit(['.', ',', ';', '!', '?']).next().unwrap_or(before);
    let last: Vec<&str> = clause.split_whitespace().rev().take(3).collect();
    last.iter().any(|word| CONTENT.answers.negations.iter().any(|negation| negation == word))
}

/// Level from the words: 50 in the middle, each good or bad word moves it. `None` without any such word.
fn tone(text: &str) -> Option<f64> {
    let answers = &CONTENT.answers;
    let mut sum: f64 = 0.0;
    let mut count = 0;
    for (words, sign) in [(&answers.positive, 1.0), (&answers.negative, -1.0)] {
        for word in words.iter().filter(|word| found(text, word, false)) {
            sum += if found(text, word, true) { sign } else { -0.6 * sign };
            count += 1;
        }
    }
    (count > 0).then(|| (50.0 + 15.0 * sum).clamp(5.0, 95.0))
}

/// A yes is good news unless the question asks about something bad.
fn yes_no(answer: &str, question: &str) -> Option<f64> {
    let yes = match answer.trim() {
        "yes" | "true" | "y" | "1" => true,
        "no" | "false" | "n" | "0" => false,
        _ => return None,
    };
    let bad = hits(&question.to_lowercase(), &CONTENT.answers.negative, true) > 0;
    Some(if yes == bad { 25.0 } else { 75.0 })
}

/// Level of a step on a common scale of words; turned round when the question asks about something bad.
fn step(answer: &str, question: &str) -> Option<f64> {
    const STEPS: [(&str, f64); 14] = [
        ("strongly disagree", 10.0),
        ("strongly agree", 90.0),
        ("disagree", 30.0),
        ("neither", 50.0),
        ("neutral", 50.0),
        ("agree", 70.0),
        ("never", 10.0),
        ("rarely", 30.0),
        ("seldom", 30.0),
        ("sometimes", 50.0),
        ("often", 75.0),
        ("always", 90.0),
        ("very dissatisfied", 10.0),
        ("very satisfied", 90.0),
    ];
    let level = STEPS.iter().find(|(word, _)| answer.trim() == *word)?.1;
    let bad = hits(&question.to_lowercase(), &CONTENT.answers.negative, true) > 0;
    Some(if bad { 100.0 - level } else { level })
}

/// The topic with most words in question (double) and answer; the last topic takes the rest.
fn topic(question: &str, answer: &str) -> usize {
    let topics = &CONTENT.answers.topics;
    let weight =
        |topic: &TopicText| 2 * hits(question, &topic.words, false) + hits(answer, &topic.words, false);
    let best = topics.iter().enumerate().max_by_key(|(i, topic)| (weight(topic), usize::MAX - i));
    best.filter(|(_, topic)| weight(topic) > 0).map_or(topics.len() - 1, |(index, _)| index)
}

/// Topics that have levels, by their order in the content.
#[must_use]
pub fn topics(answers: &[ReadAnswer]) -> Vec<TopicReading> {
    let readings = CONTENT.answers.topics.iter().enumerate().filter_map(|(index, text)| {
        let levels: Vec<f64> =
            answers.iter().filter(|answer| answer.topic == index).filter_map(|answer| answer.level).collect();
        #[allow(clippy::cast_precision_loss, reason = "a questionnaire has few answers")]
        let level = levels.iter().sum::<f64>() / levels.len() as f64;
        (!levels.is_empty()).then(|| TopicReading {
            text,
            level: round(level, 1),
            lowest: levels.iter().copied().fold(100.0, f64::min),
            highest: levels.iter().copied().fold(0.0, f64::max),
            count: levels.len(),
        })
    });
    readings.collect()
}

/// How an answer stands to the others on its topic.
#[must_use]
pub fn agreement(answer: &ReadAnswer, answers: &[ReadAnswer]) -> Agreement {
    let same = |other: &&ReadAnswer| {
        other.topic == answer.topic && (other.form, other.place) != (answer.form, answer.place)
    };
    let others: Vec<f64> = answers.iter().filter(same).filter_map(|other| other.level).collect();
    match answer.level {
        Some(level) if others.iter().any(|other| (other - level).abs() >= APART) => Agreement::Differs,
        Some(_) if !others.is_empty() => Agreement::Agrees,
        _ => Agreement::Alone,
    }
}

/// Band of a level: `high`, `mid` or `low`.
#[must_use]
pub fn lines(text: &TopicText, level: f64) -> (&'static str, &[String]) {
    match level {
        level if level >= 65.0 => ("high", &text.high),
        level if level >= 40.0 => ("mid", &text.mid),
        _ => ("low", &text.low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, question: &str, text: &str, score: Option<f64>) -> Answer {
        Answer {
            question_id: "q".into(),
            question: question.into(),
            question_type: kind.into(),
            answer: Some(text.into()),
            score,
        }
    }

    #[test]
    fn words_after_a_negation_count_the_other_way() {
        assert!(tone("i am happy and my tasks are clear").unwrap() > 60.0);
        assert!(tone("i am not happy").unwrap() < 50.0);
        assert!(tone("there is no conflict").unwrap() > 50.0);
        assert_eq!(tone("the sky is blue"), None);
    }

    #[test]
    fn overload_is_flagged_and_its_denial_is_not() {
        let flagged = read_answer(0, 0, &answer("text", "Load?", "I am exhausted every week.", None), 5.0);
        assert_eq!(flagged.flag.map(|flag| flag.key.as_str()), Some("overload"));
        let calm = read_answer(0, 0, &answer("text", "Load?", "I am not exhausted at all.", None), 5.0);
        assert!(calm.flag.is_none());
    }

    #[test]
    fn words_that_only_begin_alike_are_no_hits() {
        let calm = read_answer(0, 0, &answer("text", "How is it?", "Quite good, lately.", None), 5.0);
        assert!(calm.flag.is_none());
        assert!(calm.level.unwrap() > 60.0);
    }

    #[test]
    fn a_plain_step_of_a_scale_becomes_a_level() {
        assert_eq!(step("rarely", "How often do you learn something?"), Some(30.0));
        assert_eq!(step("often", "How often do you feel overloaded?"), Some(25.0));
        assert_eq!(step("blue", "Which colour?"), None);
    }

    #[test]
    fn a_quote_is_short_and_leaves_forbidden_words_out() {
        let text = "They should promote me. The team helps me a great deal when the plan changes late in the week again";
        let quote = quote(text).unwrap();
        assert!(quote.starts_with("The team helps me"));
        assert!(quote.split(' ').count() <= QUOTE_WORDS);
    }

    #[test]
    fn a_yes_to_a_bad_thing_is_not_good_news() {
        assert_eq!(yes_no("yes", "Do you feel overloaded?"), Some(25.0));
        assert_eq!(yes_no("yes", "Is your goal known?"), Some(75.0));
    }
}
