//! Reader of JPL kernels: DAF files with SPK segments of type 2 (Chebyshev position), as NAIF's "SPK Required
//! Reading" and "DAF Required Reading" describe them.

use anyhow::{Context, ensure};

use crate::vector::{Vector, add};

const RECORD_BYTES: usize = 1024;
const WORD_BYTES: usize = 8;
/// Length of a summary: two doubles and six integers.
const SUMMARY_BYTES: usize = 40;

/// One body's motion about a centre.
struct Segment {
    target: i32,
    /// Offset in bytes of the first record.
    start: usize,
    /// Seconds past J2000 TDB of the first record.
    first_s: f64,
    interval_s: f64,
    /// Doubles per record.
    record_words: usize,
    records: usize,
}

/// A kernel in memory.
pub struct Kernel {
    bytes: Vec<u8>,
    segments: Vec<Segment>,
}

impl Kernel {
    /// Reads the directory of segments of a little-endian kernel.
    pub fn parse(bytes: Vec<u8>) -> anyhow::Result<Self> {
        ensure!(bytes.len() > RECORD_BYTES && bytes.starts_with(b"DAF/SPK"), "not an SPK kernel");
        ensure!(&bytes[88..96] == b"LTL-IEEE", "not a little-endian kernel");
        let mut kernel = Self { bytes, segments: Vec::new() };
        ensure!(kernel.integer(8) == 2 && kernel.integer(12) == 6, "summaries of an unknown shape");
        let mut record = usize::try_from(kernel.integer(76)).context("first summary record")?;
        while record != 0 {
            let base = (record - 1) * RECORD_BYTES;
            let count = kernel.word(base + 16) as usize;
            for summary in 0..count {
                let segment = kernel.segment(base + 24 + summary * SUMMARY_BYTES)?;
                kernel.segments.push(segment);
            }
            record = kernel.word(base) as usize;
        }
        Ok(kernel)
    }

    fn segment(&self, summary: usize) -> anyhow::Result<Segment> {
        ensure!(self.integer(summary + 28) == 2, "segment of a type other than 2");
        let first_word = usize::try_from(self.integer(summary + 32))?;
        let last_word = usize::try_from(self.integer(summary + 36))?;
        ensure!(last_word * WORD_BYTES <= self.bytes.len(), "the kernel is cut short");
        let trailer = (last_word - 4) * WORD_BYTES;
        Ok(Segment {
            target: self.integer(summary + 16),
            start: (first_word - 1) * WORD_BYTES,
            first_s: self.word(trailer),
            interval_s: self.word(trailer + 8),
            record_words: self.word(trailer + 16) as usize,
            records: self.word(trailer + 24) as usize,
        })
    }

    /// Position (km) and velocity (km/s) about the centre of the segment, `seconds` past J2000 TDB.
    pub fn about_centre(&self, target: i32, seconds: f64) -> (Vector, Vector) {
        // Unwrap safety: main has checked the hash of the kernel, so its bodies are known.
        let segment = self.segments.iter().find(|s| s.target == target).expect("body of the kernel");
        let record = ((seconds - segment.first_s) / segment.interval_s).floor().max(0.0) as usize;
        let offset = segment.start + record.min(segment.records - 1) * segment.record_words * WORD_BYTES;
        let (middle, radius) = (self.word(offset), self.word(offset + 8));
        let x = (seconds - middle) / radius;
        let count = (segment.record_words - 2) / 3;
        let (mut position, mut velocity) = ([0.0; 3], [0.0; 3]);
        for axis in 0..3 {
            let column = offset + 16 + axis * count * WORD_BYTES;
            let (mut t, mut t_next, mut d, mut d_next) = (1.0, x, 0.0, 1.0);
            for k in 0..count {
                let coefficient = self.word(column + k * WORD_BYTES);
                position[axis] += coefficient * t;
                velocity[axis] += coefficient * d / radius;
                (d, d_next) = (d_next, 2.0 * t_next + 2.0 * x * d_next - d);
                (t, t_next) = (t_next, 2.0 * x * t_next - t);
            }
        }
        (position, velocity)
    }

    /// Position (km) and velocity (km/s) about the barycentre of the solar system.
    pub fn barycentric(&self, target: i32, seconds: f64) -> (Vector, Vector) {
        let (position, velocity) = self.about_centre(target, seconds);
        if !matches!(target, super::reduction::MOON | super::reduction::EARTH) {
            return (position, velocity);
        }
        let (centre, centre_velocity) = self.about_centre(super::reduction::EARTH_MOON_BARYCENTRE, seconds);
        (add(position, centre), add(velocity, centre_velocity))
    }

    fn word(&self, offset: usize) -> f64 {
        f64::from_le_bytes(std::array::from_fn(|i| self.bytes[offset + i]))
    }

    fn integer(&self, offset: usize) -> i32 {
        i32::from_le_bytes(std::array::from_fn(|i| self.bytes[offset + i]))
    }
}
