//! Finding the object in a text that has more than the object.

/// From the first brace to its partner, or to the end where the partner is missing. Braces inside strings do not count.
pub(super) fn object(text: &str) -> Option<&str> {
    let start = text.find('{')?;
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text[start..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => depth += 1,
            '}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some(&text[start..=start + at]);
                }
            }
            _ => {}
        }
    }
    // No partner: what follows is repaired or is nothing. A closing fence does not belong to it.
    let rest = text[start..].trim_end();
    Some(rest.strip_suffix("```").unwrap_or(rest).trim_end())
}
