//! Packs a compiled tzdb into the one file that the program embeds.
//!
//! `cargo run --example pack_tzdb -- --zoneinfo /usr/share/zoneinfo --out data/tzdb/tzdb-2025b-backzone.bin`
//!
//! The source must be release 2025b compiled with `backzone`, as Debian's package `tzdata` 2025b is; names are
//! those of its `tzdata.zi`, so neither `posix/` and `right/` nor `Factory` get in. Deterministic.

#![allow(clippy::print_stdout, reason = "a command-line program reports on standard output")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Parser;
use orrery::astro::ephemeris::format::checksum;
use orrery::astro::zones::{FORMAT_VERSION, MAGIC};

/// Pack a compiled tzdb.
#[derive(Parser)]
struct Arguments {
    /// Directory with the compiled zones and `tzdata.zi`.
    #[arg(long, default_value = "/usr/share/zoneinfo")]
    zoneinfo: PathBuf,
    /// Where to write the archive.
    #[arg(long)]
    out: PathBuf,
}

const VERSION: &str = "2025b";

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let source =
        std::fs::read_to_string(arguments.zoneinfo.join("tzdata.zi")).context("cannot read tzdata.zi")?;
    ensure!(source.starts_with(&format!("# version {VERSION}\n")), "tzdata.zi is not of release {VERSION}");
    ensure!(source.contains("backzone"), "this tzdb was compiled without backzone");
    let mut files: Vec<Vec<u8>> = Vec::new();
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for name in zone_names(&source) {
        let content = std::fs::read(arguments.zoneinfo.join(name))
            .with_context(|| format!("cannot read zone {name}"))?;
        ensure!(content.starts_with(b"TZif"), "{name} is not a TZif file");
        let file = files.iter().position(|known| *known == content).unwrap_or_else(|| {
            files.push(content);
            files.len() - 1
        });
        names.insert(name, file);
    }
    let archive = pack(&names, &files)?;
    std::fs::write(&arguments.out, &archive)
        .with_context(|| format!("cannot write {}", arguments.out.display()))?;
    println!("{} names, {} files, {} bytes", names.len(), files.len(), archive.len());
    Ok(())
}

/// Names of zones (`Z name ...`) and of links (`L target name`), but not the placeholder `Factory`.
fn zone_names(source: &str) -> Vec<&str> {
    let mut names: Vec<&str> = source
        .lines()
        .filter_map(|line| {
            let mut words = line.split_ascii_whitespace();
            match words.next()? {
                "Z" => words.next(),
                "L" => words.nth(1),
                _ => None,
            }
        })
        .filter(|name| *name != "Factory")
        .collect();
    names.sort_unstable();
    names
}

fn pack(names: &BTreeMap<&str, usize>, files: &[Vec<u8>]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    body.extend(u32::try_from(names.len())?.to_le_bytes());
    body.extend(u32::try_from(files.len())?.to_le_bytes());
    for (name, file) in names {
        body.push(u8::try_from(name.len())?);
        body.extend(name.as_bytes());
        body.extend(u16::try_from(*file)?.to_le_bytes());
    }
    for file in files {
        body.extend(u32::try_from(file.len())?.to_le_bytes());
        body.extend(file);
    }
    let mut version = [0; 8];
    version[..VERSION.len()].copy_from_slice(VERSION.as_bytes());
    let mut archive = Vec::from(MAGIC);
    archive.extend(FORMAT_VERSION.to_le_bytes());
    archive.extend(version);
    archive.extend(checksum(&body).to_le_bytes());
    archive.extend(body);
    Ok(archive)
}
