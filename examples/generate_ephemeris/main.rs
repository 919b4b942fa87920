//! Makes the ephemeris table that the program embeds, from the JPL kernel DE440.
//!
//! `cargo run --release --example generate_ephemeris -- --kernel de440.bsp --out data/ephemeris/de440_1850_2150.bin`
//!
//! Deterministic: the same kernel gives the same bytes. Takes about a minute. Pass `--check` to measure the
//! embedded table against the kernel instead of writing one.

#![allow(clippy::print_stdout, reason = "a command-line program reports on standard output")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts, orders and record numbers are small, and coefficients are checked to fit their cells"
)]

mod check;
mod chiron;
mod fit;
mod reduction;
mod spk;
mod vector;
mod write;

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Parser;
use orrery::astro::ephemeris::format::hexadecimal;
use sha2::{Digest, Sha256};

/// SHA-256 of the kernel that NAIF publishes as `de440.bsp`.
const KERNEL_SHA256: &str = "a4ce9bf9b3282becc9f4b2ac3cebe03a2ae7599981aabd7265fd8482fff7c4b5";

/// Make the ephemeris table from JPL DE440.
#[derive(Parser)]
struct Arguments {
    /// The kernel `de440.bsp`.
    #[arg(long)]
    kernel: PathBuf,
    /// Where to write the table.
    #[arg(long, required_unless_present = "check")]
    out: Option<PathBuf>,
    /// Measure the embedded table against the kernel at so many random instants.
    #[arg(long, value_name = "SAMPLES")]
    check: Option<u32>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let bytes = std::fs::read(&arguments.kernel)
        .with_context(|| format!("cannot read {}", arguments.kernel.display()))?;
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    let found = hexadecimal(&digest);
    ensure!(found == KERNEL_SHA256, "the kernel has SHA-256 {found}, not that of de440.bsp");
    let kernel = spk::Kernel::parse(bytes)?;
    let chiron = chiron::Chiron::integrate(&kernel, write::FIRST_JD - 1.0, write::LAST_JD);
    let sources = reduction::Sources { kernel, chiron };
    if let Some(samples) = arguments.check {
        check::report(&sources, samples);
        return Ok(());
    }
    let Some(out) = arguments.out else { bail!("--out is missing") };
    let table = write::table(&sources, digest);
    std::fs::write(&out, &table).with_context(|| format!("cannot write {}", out.display()))?;
    println!("{} bytes written to {}", table.len(), out.display());
    Ok(())
}
