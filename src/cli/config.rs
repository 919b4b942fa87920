//! `orrery config`.

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::table;
use crate::config::{Explained, Sources, reference};

/// Shows and checks the configuration without starting anything.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Reads all layers and says whether they can be used; exits with 78 when not.
    Check,
    /// Prints every key as it is in force, as a configuration file. Passwords are not shown.
    Show {
        /// Only what is not the default.
        #[arg(long)]
        changed: bool,
        /// Where each value comes from.
        #[arg(long)]
        origin: bool,
        /// Print JSON instead of TOML.
        #[arg(long)]
        json: bool,
    },
    /// Prints a JSON Schema of the configuration file, for editors.
    Schema,
}

pub(super) fn run(sources: &Sources, arguments: &Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Check => {
            sources.load()?;
            let changed = sources.explain()?.iter().filter(|value| value.origin.is_some()).count();
            table::say(&format!("the configuration can be used; {changed} keys differ from the defaults"));
        }
        Command::Show { changed, origin, json } => {
            let mut values = sources.explain()?;
            values.retain(|value| !changed || value.origin.is_some());
            if json {
                let all: Vec<Json> = values.iter().map(as_json).collect();
                table::say(&serde_json::to_string_pretty(&all)?);
            } else {
                table::say(&as_toml(&values, origin));
            }
        }
        Command::Schema => table::say(&serde_json::to_string_pretty(&reference::schema())?),
    }
    Ok(())
}

fn as_json(value: &Explained) -> Json {
    json!({ "key": value.key, "value": value.value, "origin": value.origin.as_deref().unwrap_or("default") })
}

fn as_toml(values: &[Explained], origin: bool) -> String {
    let (mut lines, mut section) = (Vec::new(), "");
    for value in values {
        let (of, name) = value.key.split_once('.').unwrap_or(("", &value.key));
        if of != section {
            if !section.is_empty() {
                lines.push(String::new());
            }
            lines.push(format!("[{of}]"));
            section = of;
        }
        let line = format!("{name} = {}", value.value);
        lines.push(match (origin, value.origin.as_deref()) {
            (true, from) => format!("{line}  # {}", from.unwrap_or("default")),
            (false, _) => line,
        });
    }
    lines.join("\n")
}
