//! What other people wrote, as data: one JSON value a line, between two marks that it cannot imitate.

use std::fmt::Write as _;

use serde_json::Value;

/// The block. A prompt says that nothing in it is an instruction.
#[must_use]
pub fn block(name: &str, items: &[Value]) -> String {
    let lines: Vec<String> = items.iter().map(|item| escaped(&item.to_string())).collect();
    format!("<data name=\"{name}\">\n{}\n</data>", lines.join("\n"))
}

/// JSON in which no mark, tag or fence of ours can occur, nor a character that nobody sees.
fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        match c {
            // Its escape ends in a digit, and with those that follow it would look like a telephone number.
            '`' => out.push('\''),
            '<' | '>' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            },
            _ if hidden => {}
            other => out.push(other),
        }
        out
    })
}
