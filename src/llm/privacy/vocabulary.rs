//! Words that are also names: Strong, Short, Will, English. Alone they name nobody where they are words.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::dictionary::{Word, words};
use crate::domain::ReportType;
use crate::llm::prompt;
use crate::narrator::content;

/// Names that are words of English, beside those that occur in texts of our own. Not the names that hardly anybody uses as words, such
/// as Smith or Heather: people also write those without a capital.
const NAMES: &str = "\
    angel april art august autumn best bill bird black block bloom blue bond book bow branch brand brave \
    bridge bridges bright brook brown burn bush case cash chance charity chase christian church clay clerk \
    cliff close coin cook corn craft cross crown dawn day dean destiny drew driver dutch early east \
    english faith field fields fine flower flowers forest frank free french friend frost gates gene german \
    gold golden good grace grant gray green grey guy hall hand hardy harmony head heath hill hills holiday \
    honor hook hope house hunt hunter iris italian ivy jack jay joy judge june justice keen king knight \
    lake lane law lee light little long lord love lucky major mark max may mercy miles mill moody moon \
    moss noble north olive page park parks pat patience portuguese power powers price prince prudence \
    quick rain ray rich ridge rob rose rush sage savage sharp shepherd short silver sky small smart snow \
    south spanish sparks speed star steel stern stone storm strange street strong summer sunny sweet swift \
    temple trinity wall waters way weeks welcome west white wild will win winter winters wise wolf wood \
    woods worth yard young";

/// Words of our own texts, and those names.
static WORDS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let prompts = prompt::texts().flat_map(whole_words);
    // What begins with a capital in the narrator's texts may be a name.
    let narrator =
        content::texts().flat_map(whole_words).filter(|word| word.text.starts_with(char::is_lowercase));
    let titles = ReportType::ALL.iter().flat_map(|kind| words(kind.title()));
    let own = prompts.chain(narrator).chain(titles).map(|word| word.folded);
    own.chain(NAMES.split_whitespace().map(str::to_owned)).collect()
});

/// Words that are not cut: `don't` is neither `don` nor `t`.
fn whole_words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_cut = |word: &Word<'_>| text[word.end..].starts_with(['\'', '’']) || word.folded.len() < 2;
    words(text).filter(move |word| !is_cut(word))
}

/// Whether a folded word says something even where it is nobody's name.
pub(super) fn is_word(folded: &str) -> bool {
    WORDS.contains(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_no_words_are_found_in_small_letters_too() {
        let names = [
            "don", "ann", "anna", "ben", "bob", "dan", "eve", "ian", "jim", "joe", "john", "leo", "liam",
            "lou", "maria", "mia", "paul", "peter", "ruth", "sam", "smith", "sue", "ted", "tim", "tom",
            "virgo",
        ];
        let words: Vec<&str> = names.into_iter().filter(|name| is_word(name)).collect();
        assert_eq!(words, [""; 0]);
        for word in ["strong", "short", "english", "facts", "will", "person"] {
            assert!(is_word(word), "{word}");
        }
    }
}
