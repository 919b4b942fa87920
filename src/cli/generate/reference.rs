//! The reference as markdown: commands, configuration and metrics, as the program itself knows them.

use std::fmt::Write as _;

use clap::Arg;

use crate::config::reference;
use crate::service::metrics;

/// First line of every page.
const MADE: &str =
    "<!-- Made by `orrery generate reference docs/reference`: change the program, not this page. -->\n\n";

/// The pages by the names of their files.
pub(super) fn pages(program: &clap::Command) -> [(&'static str, String); 3] {
    [("commands.md", commands(program)), ("configuration.md", configuration()), ("metrics.md", metrics())]
}

fn commands(program: &clap::Command) -> String {
    let mut page = format!("{MADE}# Commands\n\n{}\n", about(program));
    page.push_str("\nEvery command takes these:\n\n");
    options(&mut page, program.get_arguments().filter(|option| option.is_global_set()));
    for below in shown(program) {
        command(&mut page, below, "orrery", 2);
    }
    page
}

/// Visible commands below one.
fn shown(of: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    of.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

fn command(page: &mut String, of: &clap::Command, above: &str, depth: usize) {
    let name = format!("{above} {}", of.get_name());
    let usage: Vec<String> = of.get_positionals().map(placeholder).collect();
    let _ = writeln!(
        page,
        "\n{} `{}`\n\n{}",
        "#".repeat(depth),
        [&[name.clone()][..], &usage].concat().join(" "),
        about(of)
    );
    let own: Vec<&Arg> = of.get_arguments().filter(|option| is_own(option)).collect();
    if !own.is_empty() {
        page.push('\n');
        options(page, own.into_iter());
    }
    for below in shown(of) {
        command(page, below, &name, (depth + 1).min(4));
    }
}

/// Neither one that every command has, nor one that nobody is told of.
fn is_own(option: &Arg) -> bool {
    let common = ["config", "help", "version"];
    !option.is_hide_set() && !common.contains(&option.get_id().as_str())
}

fn options<'a>(page: &mut String, all: impl Iterator<Item = &'a Arg>) {
    page.push_str("| argument | meaning |\n|---|---|\n");
    for option in all.filter(|option| !["help", "version"].contains(&option.get_id().as_str())) {
        let long = option.get_long().map(|name| format!("--{name}"));
        let short = option.get_short().map(|letter| format!("-{letter}"));
        let mut words: Vec<String> = [short, long].into_iter().flatten().collect();
        if words.is_empty() {
            words.push(placeholder(option));
        } else if option.get_action().takes_values()
            && let Some(last) = words.last_mut()
        {
            let _ = write!(last, " {}", value(option));
        }
        let help = option.get_long_help().or(option.get_help()).map(ToString::to_string).unwrap_or_default();
        let mut meaning = one_line(&help);
        let defaults: Vec<String> =
            option.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
        if option.get_action().takes_values() && !defaults.is_empty() {
            let _ = write!(meaning, " Default: `{}`.", defaults.join(" "));
        }
        let _ = writeln!(page, "| `{}` | {meaning} |", words.join("`, `"));
    }
}

/// `<ID>...`, in brackets where it may be left out.
fn placeholder(of: &Arg) -> String {
    let more = if of.get_num_args().is_some_and(|number| number.max_values() > 1) { "..." } else { "" };
    let name = format!("{}{more}", value(of));
    if of.is_required_set() { name } else { format!("[{name}]") }
}

fn value(of: &Arg) -> String {
    let id = of.get_id().as_str().to_uppercase();
    let name = of.get_value_names().and_then(|names| names.first()).map_or(id, ToString::to_string);
    format!("<{name}>")
}

fn about(of: &clap::Command) -> String {
    let text = of.get_long_about().or(of.get_about()).map(ToString::to_string).unwrap_or_default();
    text.trim_end().to_owned()
}

/// Fit for a cell of a table.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn configuration() -> String {
    let mut page = format!(
        "{MADE}# Configuration\n\n`config/default.toml` with every key and its default is part of the program; `orrery config show` prints what is in \
         force, and `--origin` where it comes from. A file, then environment variables win over the defaults.\n"
    );
    let mut section = String::new();
    for key in reference::keys() {
        let (of, name) = key.name.split_once('.').unwrap_or(("", &key.name));
        if of != section {
            of.clone_into(&mut section);
            let _ =
                writeln!(page, "\n## `[{of}]`\n\n| key | default | variable | meaning |\n|---|---|---|---|");
        }
        // What follows is an example, which the file itself shows better.
        let meaning = key.meaning.split(" An example with every key").next().unwrap_or_default();
        let meaning = if meaning.is_empty() { "see above".to_owned() } else { one_line(meaning) };
        let default = one_line(&key.default.to_string());
        let _ = writeln!(page, "| `{name}` | `{default}` | `{}` | {meaning} |", key.variable);
    }
    page
}

fn metrics() -> String {
    let mut page = format!(
        "{MADE}# Metrics\n\nWhat a worker answers on `/metrics` of `http.listen`, for Prometheus.\n\n| metric | kind | meaning |\n|---|---|---|\n"
    );
    for (name, kind, meaning) in metrics::ALL {
        let _ = writeln!(page, "| `{name}` | {kind} | {} |", one_line(meaning));
    }
    page
}
