//! How long a provider asks to wait, and what it says is left.

use std::time::Duration;

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::llm::limits::Limits;

/// No provider means more than a week; a greater number is a mistake.
const LONGEST: f64 = 7.0 * 86_400.0;

/// The clock by which Google counts days, `America/Los_Angeles`, with the rule that has held since 2007.
const PACIFIC: &str = "PST8PDT,M3.2.0,M11.1.0";

/// All whose day's allowance is used up come back over this time, not in one moment.
const DAY_SPREAD: Duration = Duration::from_mins(10);

/// The wait that headers or body ask for. The headers that say milliseconds come first: they are the finer ones.
pub(super) fn wait(headers: &HeaderMap, body: &Value, now: DateTime<Utc>) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    ["retry-after-ms", "x-ms-retry-after-ms"]
        .into_iter()
        .find_map(|name| seconds(header(name)?.trim().parse::<f64>().ok()? / 1000.0))
        .or_else(|| retry_after(header("retry-after")?, now))
        .or_else(|| retry_delay(body))
}

fn seconds(value: f64) -> Option<Duration> {
    (value.is_finite() && value >= 0.0).then(|| Duration::from_secs_f64(value.min(LONGEST)))
}

/// Seconds, with or without a fraction, or a date of HTTP.
fn retry_after(text: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = text.trim();
    if let Ok(value) = text.parse::<f64>() {
        return seconds(value);
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?.with_timezone(&Utc);
    Some((until - now).to_std().unwrap_or_default())
}

/// `error.details[].retryDelay` of Gemini, such as `22s`.
fn retry_delay(body: &Value) -> Option<Duration> {
    let details = body.pointer("/error/details")?.as_array()?;
    details.iter().find_map(|detail| span(detail.get("retryDelay")?.as_str()?))
}

/// Until allowances of a day begin anew, and a moment more that `chance`, drawn from 0..=1, decides.
pub(super) fn new_day(now: DateTime<Utc>, chance: f64) -> Option<Duration> {
    Some(midnight(now)? + DAY_SPREAD.mul_f64(chance.clamp(0.0, 1.0)))
}

/// Until the next midnight on the Pacific coast.
fn midnight(now: DateTime<Utc>) -> Option<Duration> {
    let now = Timestamp::from_second(now.timestamp()).ok()?;
    let today = now.to_zoned(TimeZone::posix(PACIFIC).ok()?);
    let tomorrow = today.tomorrow().ok()?.start_of_day().ok()?;
    let wait_s = tomorrow.timestamp().as_second() - now.as_second();
    u64::try_from(wait_s).ok().map(Duration::from_secs)
}

/// What the headers of an answer say is left.
#[must_use]
pub fn limits(headers: &HeaderMap, now: DateTime<Utc>) -> Limits {
    let text = |name: String| headers.get(name)?.to_str().ok();
    let count = |part: &str| {
        ["x-ratelimit", "anthropic-ratelimit"].into_iter().find_map(|family| {
            let name = match family {
                "x-ratelimit" => format!("{family}-{}", reversed(part)),
                _ => format!("{family}-{part}"),
            };
            text(name)?.trim().parse::<u64>().ok()
        })
    };
    let reset = |part: &str| {
        let openai = text(format!("x-ratelimit-reset-{part}")).and_then(span);
        openai.or_else(|| {
            let until =
                DateTime::parse_from_rfc3339(text(format!("anthropic-ratelimit-{part}-reset"))?).ok()?;
            Some((until.with_timezone(&Utc) - now).to_std().unwrap_or_default())
        })
    };
    Limits {
        requests_left: count("requests-remaining"),
        tokens_left: count("tokens-remaining"),
        requests: count("requests-limit"),
        tokens: count("tokens-limit"),
        requests_reset: reset("requests"),
        tokens_reset: reset("tokens"),
    }
}

/// `requests-remaining` as the other family writes it: `remaining-requests`.
fn reversed(part: &str) -> String {
    part.split_once('-').map_or_else(|| part.to_owned(), |(what, which)| format!("{which}-{what}"))
}

/// `1s`, `6m0s`, `120ms`, `1h2m3.5s`, or seconds without a unit.
fn span(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value: f64 = rest[..end].parse().ok()?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let factor = match &rest[..end] {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        total += value * factor;
        rest = &rest[end..];
    }
    seconds(total)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};
    use serde_json::json;

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn now() -> DateTime<Utc> {
        "2026-11-06T08:49:00Z".parse().unwrap()
    }

    fn ms(pairs: &[(&str, &str)]) -> Option<u128> {
        wait(&headers(pairs), &Value::Null, now()).map(|wait| wait.as_millis())
    }

    #[test]
    fn a_wait_is_read_in_every_form() {
        assert_eq!(ms(&[("retry-after", "7")]), Some(7000));
        assert_eq!(ms(&[("retry-after", "0.25")]), Some(250));
        assert_eq!(ms(&[("retry-after", "Fri, 06 Nov 2026 08:49:37 GMT")]), Some(37_000));
        assert_eq!(ms(&[("retry-after", "Fri, 06 Nov 2026 08:00:00 GMT")]), Some(0));
        assert_eq!(ms(&[("retry-after", "2"), ("retry-after-ms", "1500")]), Some(1500));
        assert_eq!(ms(&[("x-ms-retry-after-ms", "900")]), Some(900));
        for nonsense in ["soon", "-3", "NaN", "inf", ""] {
            assert_eq!(ms(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
        assert_eq!(ms(&[("retry-after", "1e300")]), Some(604_800_000));
        let body = json!({"error": {"details": [{"@type": "x"}, {"retryDelay": "22s"}]}});
        assert_eq!(wait(&HeaderMap::new(), &body, now()), Some(Duration::from_secs(22)));
    }

    #[test]
    fn a_day_ends_at_midnight_on_the_pacific_coast_also_when_the_clocks_change() {
        for (now, wait_s) in [
            // Standard time and summer time.
            ("2026-11-06T08:49:00Z", 23 * 3600 + 11 * 60),
            ("2026-11-06T07:59:59Z", 1),
            ("2026-07-01T06:59:00Z", 60),
            ("2026-07-01T07:00:00Z", 24 * 3600),
            // The days on which the clocks go forward and back.
            ("2026-03-08T08:00:00Z", 23 * 3600),
            ("2026-11-01T07:00:00Z", 25 * 3600),
        ] {
            let at: DateTime<Utc> = now.parse().unwrap();
            assert_eq!(new_day(at, 0.0), Some(Duration::from_secs(wait_s)), "{now}");
            assert_eq!(new_day(at, 1.0), Some(Duration::from_secs(wait_s + 600)), "{now}");
        }
    }

    #[test]
    fn what_is_left_is_read_from_both_families_of_headers() {
        let openai = limits(
            &headers(&[
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-remaining-requests", "59"),
                ("x-ratelimit-remaining-tokens", "149984"),
                ("x-ratelimit-reset-requests", "1s"),
                ("x-ratelimit-reset-tokens", "6m0s"),
            ]),
            now(),
        );
        assert_eq!(
            (openai.requests, openai.requests_left, openai.tokens_left),
            (Some(60), Some(59), Some(149_984))
        );
        assert_eq!(openai.requests_reset, Some(Duration::from_secs(1)));
        assert_eq!(openai.tokens_reset, Some(Duration::from_mins(6)));
        let anthropic = limits(
            &headers(&[
                ("anthropic-ratelimit-requests-remaining", "3"),
                ("anthropic-ratelimit-tokens-limit", "80000"),
                ("anthropic-ratelimit-tokens-reset", "2026-11-06T08:49:30Z"),
            ]),
            now(),
        );
        assert_eq!((anthropic.requests_left, anthropic.tokens), (Some(3), Some(80_000)));
        assert_eq!(anthropic.tokens_reset, Some(Duration::from_secs(30)));
        assert_eq!(limits(&HeaderMap::new(), now()), Limits::default());
    }
}
