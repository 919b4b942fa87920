//! Processor time of processes, from /proc (Linux).

use std::fs;

/// Ticks of the clock per second in /proc, the same on every Linux that this runs on.
const TICKS: f64 = 100.0;

/// Seconds of processor time, user and system.
pub fn of_process(pid: u32) -> f64 {
    stat(pid).map_or(0.0, |stat| stat.own)
}

/// Seconds of processor time of a PostgreSQL server: its postmaster, every process below it, and those that ended.
pub fn of_server(postmaster: u32) -> f64 {
    let Some(above) = stat(postmaster) else { return 0.0 };
    above.own + above.ended + children(postmaster).map(|stat| stat.own).sum::<f64>()
}

/// The postmaster above a backend, if the server runs on this machine.
pub fn postmaster_of(backend: u32) -> Option<u32> {
    let name = fs::read_to_string(format!("/proc/{backend}/comm")).ok()?;
    name.starts_with("postgres").then(|| stat(backend).map(|stat| stat.parent))?
}

struct Stat {
    parent: u32,
    own: f64,
    /// Of children that have ended and were waited for.
    ended: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the process stands in brackets and may contain anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        own: (ticks(11)? + ticks(12)?) / TICKS,
        ended: (ticks(13)? + ticks(14)?) / TICKS,
    })
}

fn children(of: u32) -> impl Iterator<Item = Stat> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| stat(entry.file_name().to_str()?.parse().ok()?))
        .filter(move |stat| stat.parent == of)
}
