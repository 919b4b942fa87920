//! `orrery generate`.

mod reference;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, Subcommand};
use clap_complete::Shell;

use super::table;

/// Files of the units, by name.
const UNITS: [(&str, &str); 7] = [
    ("orrery.service", include_str!("../../deploy/systemd/orrery.service")),
    ("orrery@.service", include_str!("../../deploy/systemd/orrery@.service")),
    ("orrery-quarterly.service", include_str!("../../deploy/systemd/orrery-quarterly.service")),
    ("orrery-quarterly.timer", include_str!("../../deploy/systemd/orrery-quarterly.timer")),
    ("orrery-failure@.service", include_str!("../../deploy/systemd/orrery-failure@.service")),
    ("orrery.sysusers", include_str!("../../deploy/systemd/orrery.sysusers")),
    ("orrery.tmpfiles", include_str!("../../deploy/systemd/orrery.tmpfiles")),
];

/// Writes what the host needs beside the program: units of systemd, manual pages, completions of shells; and the reference.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Writes the units of systemd, with sysusers and tmpfiles, to a folder.
    Units {
        /// The folder; made if it is not there.
        folder: PathBuf,
    },
    /// Writes the manual pages, one for each command, to a folder.
    Man {
        /// The folder; made if it is not there.
        folder: PathBuf,
    },
    /// Writes the reference of commands, configuration and metrics as markdown to a folder.
    Reference {
        /// The folder; made if it is not there.
        folder: PathBuf,
    },
    /// Prints the completions of a shell.
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: Shell,
    },
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.command {
        Command::Units { folder } => {
            for (name, text) in UNITS {
                write(folder, name, text.as_bytes())?;
            }
        }
        Command::Man { folder } => {
            let mut command = super::Arguments::command();
            command.build();
            pages(&command, "orrery", folder)?;
        }
        Command::Reference { folder } => {
            let mut command = super::Arguments::command();
            command.build();
            for (name, text) in reference::pages(&command) {
                write(folder, name, text.as_bytes())?;
            }
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut super::Arguments::command(), "orrery", &mut script);
            table::say(String::from_utf8_lossy(&script).trim_end());
        }
    }
    Ok(())
}

/// The page of a command and those of its own commands: `orrery-jobs-retry.1`.
fn pages(command: &clap::Command, name: &str, folder: &Path) -> anyhow::Result<()> {
    let mut page = Vec::new();
    // Leaked once for each command of a process that ends right after: clap wants names that live for ever.
    let shown: &'static str = String::leak(name.to_owned());
    clap_mangen::Man::new(command.clone().name(shown)).render(&mut page)?;
    write(folder, &format!("{name}.1"), &page)?;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
    {
        pages(below, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, text))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    table::say(&path.display().to_string());
    Ok(())
}
