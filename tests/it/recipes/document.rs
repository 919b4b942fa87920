//! The code blocks of `docs/enqueue.md`.

use std::path::Path;

/// Blocks with a name: the second word after the fence.
pub fn blocks() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/enqueue.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(about) = line.strip_prefix("```") else { continue };
        let code: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("```")).collect();
        if let Some(name) = about.split(' ').nth(1) {
            blocks.push((name.to_owned(), code.join("\n") + "\n"));
        } else {
            // The walk through all documents runs commands.
            assert!(
                about.is_empty() || about == "sh",
                "a block of {about} has no name, so that no test runs it"
            );
        }
    }
    blocks
}

/// Writes every block to a file of its name in `folder`.
pub fn write_blocks(folder: &Path) {
    let blocks = blocks();
    assert!(blocks.len() >= 10, "{}", blocks.len());
    for (name, code) in blocks {
        std::fs::write(folder.join(name), code).unwrap();
    }
}
