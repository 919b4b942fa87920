//! The small part of markdown that reports are written in: paragraphs, lists, tables, bold words, citations.

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Paragraph(Vec<Inline>),
    List(Vec<Vec<Inline>>),
    /// The first row holds the headings.
    Table(Vec<Vec<String>>),
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inline {
    Plain(String),
    Strong(String),
    /// Ids of facts, such as `F07`, that stand together.
    Cite(Vec<String>),
}

/// Blocks of a text.
pub(super) fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    for line in markdown.lines().map(str::trim) {
        if line.is_empty() {
            blocks.push(None);
        } else if let Some(cells) = cells(line) {
            match blocks.last_mut() {
                Some(Some(Block::Table(rows))) => rows.extend(Some(cells).filter(|cells| !cells.is_empty())),
                _ => blocks.push(Some(Block::Table(vec![cells]))),
            }
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Some(Block::List(items))) => items.push(inlines(item)),
                _ => blocks.push(Some(Block::List(vec![inlines(item)]))),
            }
        } else {
            match blocks.last_mut() {
                Some(Some(Block::Paragraph(runs))) => {
                    runs.push(Inline::Plain(" ".to_owned()));
                    runs.extend(inlines(line));
                }
                _ => blocks.push(Some(Block::Paragraph(inlines(line)))),
            }
        }
    }
    blocks.into_iter().flatten().collect()
}

/// The cells of `| a | b |`; the line under the headings has none.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    let cells: Vec<String> = inner.split('|').map(|cell| cell.trim().to_owned()).collect();
    let ruler = cells.iter().all(|cell| !cell.is_empty() && cell.chars().all(|c| matches!(c, '-' | ':')));
    Some(if ruler { Vec::new() } else { cells })
}

/// Runs of one line.
pub(super) fn inlines(line: &str) -> Vec<Inline> {
    let (mut runs, mut rest) = (Vec::new(), line);
    while !rest.is_empty() {
        if let Some((strong, after)) = rest.strip_prefix("**").and_then(|rest| rest.split_once("**")) {
            runs.push(Inline::Strong(strong.to_owned()));
            rest = after;
        } else if let Some((id, after)) = citation(rest) {
            match runs.last_mut() {
                Some(Inline::Cite(ids)) => ids.push(id.to_owned()),
                _ => runs.push(Inline::Cite(vec![id.to_owned()])),
            }
            rest = after;
        } else {
            let next = rest
                .char_indices()
                .skip(1)
                .find(|(at, _)| rest[*at..].starts_with("**") || citation(&rest[*at..]).is_some());
            let (plain, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
            runs.push(Inline::Plain(plain.to_owned()));
            rest = after;
        }
    }
    runs
}

/// `[F07]` at the start of a text, and what follows.
fn citation(text: &str) -> Option<(&str, &str)> {
    let (id, after) = text.strip_prefix('[')?.split_once(']')?;
    let digits = id.strip_prefix('F')?;
    (digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some((id, after))
}

/// A line without bold marks and citations.
pub(super) fn plain(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for run in inlines(line) {
        match run {
            Inline::Plain(text) | Inline::Strong(text) => out.push_str(&text),
            Inline::Cite(_) => out.truncate(out.trim_end().len()),
        }
    }
    out
}

/// Ids that a text cites, each once, in order.
pub(super) fn cited(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for (at, _) in text.match_indices("[F") {
        if let Some((id, _)) = citation(&text[at..])
            && ids.iter().all(|known| known != id)
        {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// Sentences of a text with their citations, without tables.
pub(super) fn sentences(markdown: &str) -> Vec<String> {
    let lines = markdown.lines().map(|line| line.trim().trim_start_matches("- "));
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('|'));
    lines.flat_map(of_line).collect()
}

fn of_line(line: &str) -> Vec<String> {
    let (mut found, mut start) = (Vec::new(), 0);
    for (at, sign) in line.char_indices() {
        let after = &line[at + sign.len_utf8()..];
        if matches!(sign, '.' | '?' | '!') && (after.is_empty() || after.starts_with(' ')) {
            found.push(line[start..=at].trim().to_owned());
            start = at + 1;
        }
    }
    found.push(line[start..].trim().to_owned());
    found.retain(|sentence| !sentence.is_empty());
    found
}
