//! The embedded time-zone data: every zone name of tzdb 2025b with the history that it had before 1970.
//!
//! Systems ship tzdb with zones merged that agree since 1970, which gives births before then the clock of another
//! city. This archive is built with `backzone`, and it is part of the program, so a chart does not depend on the
//! machine. Its layout, little-endian: [`MAGIC`], `u32` [`FORMAT_VERSION`], `[u8; 8]` tzdb version padded with
//! zeros, `u64` FNV-1a checksum of what follows, `u32` number of names, `u32` number of files; for each name in
//! byte order `u8` length, the name, `u16` index of its file; for each file `u32` length and a `TZif` file (RFC 9636).

use std::sync::OnceLock;

use jiff::tz::TimeZone;

use super::ephemeris::format::checksum;

/// First bytes of an archive.
pub const MAGIC: [u8; 8] = *b"ORRYTZDB";
/// Version of the layout.
pub const FORMAT_VERSION: u32 = 1;
/// Which release of tzdb is embedded; part of every chart's provenance.
pub const TZDB_VERSION: &str = "2025b with backzone";

static EMBEDDED: &[u8] = include_bytes!("../../data/tzdb/tzdb-2025b-backzone.bin");

/// How alike two names must be for one to be offered in place of the other (Jaro-Winkler, 0..=1).
const NEAR: f64 = 0.84;

struct Archive {
    names: Vec<(&'static str, usize)>,
    files: Vec<&'static [u8]>,
    /// Zones parsed so far, by file.
    zones: Vec<OnceLock<Option<TimeZone>>>,
}

/// The zone of a name, in any case.
pub(super) fn zone(name: &str) -> Option<&'static TimeZone> {
    let archive = archive();
    let exact =
        archive.names.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| &archive.names[at]);
    let (name, file) =
        exact.or_else(|| archive.names.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)))?;
    archive.zones[*file].get_or_init(|| TimeZone::tzif(name, archive.files[*file]).ok()).as_ref()
}

/// The known name most like a wrong one, if any is near. A bare city counts as its zone.
pub(super) fn near_name(wrong: &str) -> Option<&'static str> {
    let wrong = wrong.trim().replace(' ', "_").to_ascii_lowercase();
    let likeness = |name: &str| {
        let name = name.to_ascii_lowercase();
        let city = name.rsplit('/').next().unwrap_or(&name);
        strsim::jaro_winkler(&wrong, &name).max(strsim::jaro_winkler(&wrong, city))
    };
    archive()
        .names
        .iter()
        .map(|(name, _)| (likeness(name), *name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Every zone name known, aliases included.
pub fn names() -> impl Iterator<Item = &'static str> {
    archive().names.iter().map(|(name, _)| *name)
}

fn archive() -> &'static Archive {
    static ARCHIVE: OnceLock<Archive> = OnceLock::new();
    // Unwrap safety: the bytes are part of the program, and a test reads every zone of them.
    ARCHIVE.get_or_init(|| Archive::parse(EMBEDDED).expect("the embedded time-zone archive is readable"))
}

impl Archive {
    fn parse(bytes: &'static [u8]) -> Option<Self> {
        let mut rest = bytes;
        let magic: [u8; 8] = *rest.split_off(..8)?.as_array()?;
        if magic != MAGIC || u32_of(&mut rest)? != FORMAT_VERSION {
            return None;
        }
        rest.split_off(..8)?;
        let expected = u64::from_le_bytes(*rest.split_off(..8)?.as_array()?);
        if checksum(rest) != expected {
            return None;
        }
        let name_count = usize::try_from(u32_of(&mut rest)?).ok()?;
        let file_count = usize::try_from(u32_of(&mut rest)?).ok()?;
        let mut names = Vec::with_capacity(name_count);
        for _ in 0..name_count {
            let length = usize::from(*rest.split_off_first()?);
            let name = std::str::from_utf8(rest.split_off(..length)?).ok()?;
            let file = usize::from(u16::from_le_bytes(*rest.split_off(..2)?.as_array()?));
            (file < file_count).then(|| names.push((name, file)))?;
        }
        let mut files = Vec::with_capacity(file_count);
        for _ in 0..file_count {
            let length = usize::try_from(u32_of(&mut rest)?).ok()?;
            files.push(rest.split_off(..length)?);
        }
        let zones = files.iter().map(|_| OnceLock::new()).collect();
        Some(Self { names, files, zones })
    }
}

fn u32_of(rest: &mut &'static [u8]) -> Option<u32> {
    Some(u32::from_le_bytes(*rest.split_off(..4)?.as_array()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_archive_is_readable() {
        assert!(names().count() > 590);
        for name in names() {
            assert!(zone(name).is_some(), "{name}");
            assert!(!name.starts_with("posix") && !name.starts_with("right/"), "{name}");
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_aliases_too() {
        for name in
            ["Europe/Berlin", "europe/berlin", "US/Pacific", "Asia/Calcutta", "UTC", "America/Buenos_Aires"]
        {
            assert!(zone(name).is_some(), "{name}");
        }
        assert!(zone("Mars/Olympus").is_none() && zone("").is_none() && zone("Factory").is_none());
    }

    #[test]
    fn a_wrong_name_gets_a_near_one() {
        assert_eq!(near_name("Europe/Berln"), Some("Europe/Berlin"));
        assert_eq!(near_name("New York"), Some("America/New_York"));
        assert_eq!(near_name("xyzzy"), None);
    }
}
