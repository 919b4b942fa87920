use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn shipped() -> PriceBook {
    PriceBook::new(parse(SHIPPED).unwrap())
}

const FORM: &str =
    "[[price]]\nprovider = 'p'\nmodels = ['m*']\nvalid_from = '2026-01-01'\ninput = 1.0\noutput = 10.0\n";

#[test]
fn the_shipped_prices_can_be_read_and_no_two_are_for_the_same() {
    let prices = parse(SHIPPED).unwrap();
    let mut keys: Vec<_> =
        prices.iter().map(|price| (&price.provider, &price.model, price.valid_from)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), prices.len());
    assert!(prices.iter().all(|price| price.cached_input <= price.input && price.output >= price.input));
}

#[test]
fn tokens_are_charged_by_what_they_are() {
    let book = shipped();
    let price = book.find(&["anthropic"], "claude-sonnet-4-5-20250929", day("2026-11-01")).unwrap();
    let usage = Usage {
        input: 1_000_000,
        cached_input: 400_000,
        cache_write: 100_000,
        output: 10_000,
        ..Usage::default()
    };
    // 500,000 at 3 dollars, 400,000 at 0.30, 100,000 at 3.75, 10,000 at 15.
    assert_eq!(price.of(&usage), 1_500_000_000 + 120_000_000 + 375_000_000 + 150_000_000);
    assert_eq!(price.of(&Usage::default()), 0);
    assert_eq!(price.at_most(1, 0), 3750, "what is set aside assumes the dearest kind");
    assert_eq!(
        (price.share(Way::Direct, 7), price.share(Way::Batch, 7)),
        (7, 4),
        "half, and a half billionth is a whole one"
    );
}

#[test]
fn a_cost_below_a_billionth_is_rounded_and_counts_above_the_whole_do_not_wrap() {
    let price = Price { input: 400, output: 0, ..shipped().all()[0].clone() };
    assert_eq!(price.of(&Usage { input: 1000, ..Usage::default() }), 0);
    assert_eq!(price.of(&Usage { input: 1250, ..Usage::default() }), 1);
    let odd =
        Usage { input: 10, cached_input: 50, cache_write: 50, output: 1, reasoning: 9, ..Usage::default() };
    assert!(price.of(&odd) >= 0);
}

#[test]
fn the_longest_name_wins_and_a_model_that_is_not_there_has_no_price() {
    let book = shipped();
    let at = day("2026-11-01");
    let input = |model| book.find(&["openai"], model, at).map(|price| price.input);
    assert_eq!(input("gpt-4o-mini-2024-07-18"), Some(150_000_000));
    assert_eq!(input("gpt-4o-2024-11-20"), Some(2_500_000_000));
    assert_eq!(input("gpt-4o-audio-preview"), None);
    assert_eq!(input("gpt-9"), None);
    assert_eq!(book.find(&["anthropic"], "gpt-4o", at), None);
}

#[test]
fn a_price_holds_from_its_day_and_the_operators_wins() {
    let mut prices = parse(FORM).unwrap();
    let later = Price { valid_from: day("2026-06-01"), input: 7, ..prices[0].clone() };
    let own = Price { input: 9, source: "operator".to_owned(), ..later.clone() };
    prices.extend([later, own]);
    let book = PriceBook::new(prices);
    let input = |at| book.find(&["unheard", "", "p"], "m1", day(at)).map(|price| price.input);
    assert_eq!(input("2025-12-31"), None);
    assert_eq!(input("2026-05-31"), Some(1_000_000_000));
    assert_eq!(input("2026-06-01"), Some(9));
}

#[test]
fn a_star_stands_for_any_characters() {
    for (pattern, model, fit) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("a*", "a", true),
        ("*", "", true),
        ("a*c", "abbc", true),
        ("a*c", "abbd", false),
        ("*-mini*", "gpt-mini-2", true),
        ("é*", "éa", true),
    ] {
        assert_eq!(fits(pattern, model), fit, "{pattern} {model}");
    }
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_what_is_wrong() {
    let wrong = |from: &str, to: &str| parse(&FORM.replace(from, to)).unwrap_err().to_string();
    assert!(wrong("input = 1.0", "input = -1.0").contains("input is -1"));
    assert!(wrong("output = 10.0", "output = nan").contains("output is NaN"));
    assert!(wrong("input = 1.0", "inputs = 1.0").contains("inputs"));
    assert!(wrong("'2026-01-01'", "'soon'").contains("valid_from"));
    assert!(wrong("output = 10.0", "output = 10.0\nbatch_percent = 500").contains("batch_percent is 500"));
}
