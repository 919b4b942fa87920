//! A forgiving reader of JSON, for what models write: raw control characters in strings, single quotes, commas too many or
//! missing, names without quotes, brackets that are never closed.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Number, Value};

/// Deeper than any report; a bound for the stack.
const DEEPEST: usize = 32;

/// Reads what can be read; `None` where that is nothing.
pub(super) fn lenient(text: &str) -> Option<Value> {
    Reader { rest: text.chars().peekable() }.value(0)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_blank();
        match *self.rest.peek()? {
            '{' => Some(self.object(depth)),
            '[' => Some(self.array(depth)),
            '"' | '\'' | '\u{201c}' | '\u{2018}' => self.string().map(Value::String),
            _ => self.bare(),
        }
    }

    fn skip_blank(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace() || *c == '\u{feff}').is_some() {}
    }

    /// Blank space and commas, however many.
    fn skip_commas(&mut self) {
        while self.rest.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
    }

    fn object(&mut self, depth: usize) -> Value {
        self.rest.next();
        let mut map = Map::new();
        loop {
            self.skip_commas();
            match self.rest.peek() {
                None | Some('}') => {
                    self.rest.next();
                    return Value::Object(map);
                }
                // A bracket that closes something further out: this object was left open.
                Some(']') => return Value::Object(map),
                Some(_) => {}
            }
            let Some(key) = self.key() else { return Value::Object(map) };
            self.skip_blank();
            if self.rest.next_if_eq(&':').is_none() {
                return Value::Object(map);
            }
            let Some(value) = self.value(depth + 1) else { return Value::Object(map) };
            map.insert(key, value);
        }
    }

    fn key(&mut self) -> Option<String> {
        match *self.rest.peek()? {
            '"' | '\'' | '\u{201c}' | '\u{2018}' => self.string(),
            _ => {
                let mut name = String::new();
                while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
                {
                    name.push(c);
                }
                (!name.is_empty()).then_some(name)
            }
        }
    }

    fn array(&mut self, depth: usize) -> Value {
        self.rest.next();
        let mut items = Vec::new();
        loop {
            self.skip_commas();
            match self.rest.peek() {
                None | Some(']') => {
                    self.rest.next();
                    return Value::Array(items);
                }
                Some('}') => return Value::Array(items),
                Some(_) => {}
            }
            let Some(item) = self.value(depth + 1) else { return Value::Array(items) };
            items.push(item);
        }
    }

    fn string(&mut self) -> Option<String> {
        let end = match self.rest.next()? {
            '\u{201c}' => '\u{201d}',
            '\u{2018}' => '\u{2019}',
            quote => quote,
        };
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            if c == end {
                break;
            }
            if c == '\\' {
                self.escape(&mut text);
            } else {
                text.push(c);
            }
        }
        Some(text)
    }

    fn escape(&mut self, text: &mut String) {
        let Some(c) = self.rest.next() else { return };
        match c {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' | 'f' => {}
            'u' => {
                let Some(unit) = self.hex() else { return };
                let mut units = vec![unit];
                // The second half of a pair stands in an escape of its own.
                if (0xd800..0xdc00).contains(&unit) {
                    let mut ahead = self.rest.clone();
                    if ahead.next() == Some('\\') && ahead.next() == Some('u') {
                        self.rest = ahead;
                        units.extend(self.hex());
                    }
                }
                text.push_str(&String::from_utf16_lossy(&units));
            }
            other => text.push(other),
        }
    }

    fn hex(&mut self) -> Option<u16> {
        let mut digits = String::new();
        for _ in 0..4 {
            digits.push(self.rest.next_if(char::is_ascii_hexdigit)?);
        }
        u16::from_str_radix(&digits, 16).ok()
    }

    /// A number, or a word such as `true` and Python's `None`.
    fn bare(&mut self) -> Option<Value> {
        let mut word = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_alphanumeric() || matches!(c, '+' | '-' | '.' | '_')) {
            word.push(c);
        }
        match word.as_str() {
            "" => None,
            "true" | "True" => Some(Value::Bool(true)),
            "false" | "False" => Some(Value::Bool(false)),
            "null" | "None" | "undefined" => Some(Value::Null),
            number => Some(number.parse::<i64>().map_or_else(
                |_| {
                    let float = number.parse::<f64>().ok().and_then(Number::from_f64);
                    float.map_or_else(|| Value::String(number.to_owned()), Value::Number)
                },
                Value::from,
            )),
        }
    }
}
