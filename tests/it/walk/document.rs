//! Fenced blocks of the documents, and the commands in them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is done with a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Commands for a shell.
    Shell,
    /// Statements for psql.
    Sql,
    /// Commands behind `$ `, each with what it prints.
    Session,
    /// A configuration file.
    Configuration,
    /// A program with a name, run by the tests in `recipes`.
    Recipe,
    /// Something to look at.
    Shown,
}

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// Path of the document in the checkout.
    pub document: String,
    /// Line of the fence.
    pub line: usize,
    about: String,
    /// What stands in it.
    pub code: String,
}

/// A command of a block, with the line of comment that follows it.
#[derive(Debug)]
pub struct Typed {
    /// As it stands there.
    pub text: String,
    /// Beginning of what it prints, where the document shows that (`# beginning...`).
    pub prints: Option<String>,
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents for people, by their paths.
pub fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("docs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    paths.sort();
    paths.splice(0..0, ["README.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(read).collect()
}

/// Every fenced block.
pub fn blocks() -> Vec<Block> {
    let mut all = Vec::new();
    for (document, text) in documents() {
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let Some(about) = line.trim_start().strip_prefix("```") else { continue };
            let indent = line.len() - line.trim_start().len();
            let code: String = lines
                .by_ref()
                .map(|(_, line)| line)
                .take_while(|line| !line.trim_start().starts_with("```"))
                .flat_map(|line| [line.get(indent..).unwrap_or_default(), "\n"])
                .collect();
            all.push(Block {
                document: document.clone(),
                line: number + 1,
                about: about.trim().to_owned(),
                code,
            });
        }
    }
    assert!(all.len() > 50, "{} blocks", all.len());
    all
}

impl Block {
    /// Where it stands.
    pub fn at(&self) -> String {
        format!("{}:{}", self.document, self.line)
    }

    /// What is done with it; a language that nobody has heard of is refused.
    pub fn kind(&self) -> Kind {
        let (language, name) = self.about.split_once(' ').unwrap_or((&self.about, ""));
        match (language, name) {
            ("sh", "") => Kind::Shell,
            ("sql", "") => Kind::Sql,
            ("toml", "") => Kind::Configuration,
            ("sql" | "python" | "js" | "java", _) if self.document == "docs/enqueue.md" => Kind::Recipe,
            ("", "") if self.code.lines().any(|line| line.starts_with("$ ")) => Kind::Session,
            ("text" | "", "") => Kind::Shown,
            _ => panic!("{}: nobody runs {:?}", self.at(), self.about),
        }
    }

    /// Whether it shows what `make demo` prints.
    pub fn is_of_the_demo(&self) -> bool {
        self.document == "README.md" && self.about == "text"
    }

    /// Its commands: lines that the shell takes as whole.
    pub fn commands(&self) -> Vec<Typed> {
        let mut all: Vec<Typed> = Vec::new();
        let mut text = String::new();
        for line in self.code.lines() {
            if text.is_empty() && line.trim_start().starts_with('#') {
                let said = line.trim_start_matches(['#', ' ']);
                if let (Some(last), Some(begins)) = (all.last_mut(), said.strip_suffix("...")) {
                    last.prints = Some(begins.to_owned());
                }
                continue;
            }
            if text.is_empty() && line.trim().is_empty() {
                continue;
            }
            text.push_str(line);
            text.push('\n');
            if !line.ends_with('\\') && is_whole(&text) {
                all.push(Typed { text: std::mem::take(&mut text).trim_end().to_owned(), prints: None });
            }
        }
        assert!(text.is_empty(), "{}: this is no whole command: {text}", self.at());
        all
    }
}

fn is_whole(text: &str) -> bool {
    let mut bash = Command::new("bash");
    bash.args(["-n", "-c", text]).stdout(Stdio::null()).stderr(Stdio::null());
    bash.status().expect("bash is there").success()
}
