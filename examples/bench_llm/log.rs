//! Fields of a worker's log.

/// What stands behind a field such as `job_id=`, up to the next blank or comma.
pub fn value<'a>(line: &'a str, field: &str) -> Option<&'a str> {
    line.split(field).nth(1)?.split([' ', ',']).next()
}

/// Seconds of a field such as `publish=12.5ms`.
pub fn seconds(line: &str, field: &str) -> Option<f64> {
    let value = value(line, field)?.trim_matches('"');
    let digits = value.trim_end_matches(char::is_alphabetic);
    let unit = match &value[digits.len()..] {
        "s" => 1.0,
        "ms" => 1e-3,
        "µs" => 1e-6,
        "ns" => 1e-9,
        _ => return None,
    };
    Some(digits.parse::<f64>().ok()? * unit)
}
