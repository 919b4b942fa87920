//! Reading and evaluating the ephemeris table.

use serde::Serialize;

use super::format::{
    CHIRON_LANES, DISTANCE_LANES, FORMAT_VERSION, GROUP_BYTES, HEADER_BYTES, LANE_BYTES, Lane, MAGIC,
    MERCURY_LANES, MOON_LANES, SLOW_LANES, checksum, hexadecimal,
};

/// Why a file is not an ephemeris table that this program can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The file ends too early.
    #[error("ephemeris table is cut short")]
    Truncated,
    /// The first bytes are not those of a table, or its format is of another version.
    #[error("not an ephemeris table of format {FORMAT_VERSION}")]
    Format,
    /// The content does not match its checksum.
    #[error("ephemeris table is damaged: checksum differs")]
    Checksum,
    /// A group of lanes that the engine needs is missing.
    #[error("ephemeris table lacks the {0} group")]
    Missing(&'static str),
}

/// Channels that share granules and abscissae, so that the Chebyshev polynomials are computed once for all.
pub(super) struct Group<const L: usize> {
    granule_days: f64,
    granules: usize,
    wide_rows: usize,
    narrow_rows: usize,
    units: [f64; L],
    wide: Vec<[i32; L]>,
    narrow: Vec<[i16; L]>,
}

/// What the header of a table says of it. The unit of each lane stands beside the lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableHeader {
    /// Version of the layout.
    pub format_version: u32,
    /// Version of the content.
    pub table_version: u32,
    /// First Julian day (TT) covered.
    pub first_jd_tt: f64,
    /// Last Julian day (TT) covered.
    pub last_jd_tt: f64,
    /// Largest error of an angle against the kernel, in arcseconds.
    pub tolerance_arcsec: f64,
    /// Name of the source kernel.
    pub kernel: String,
    /// SHA-256 of the source kernel, in hexadecimal.
    pub kernel_sha256: String,
}

/// The parsed table.
pub(super) struct Table {
    pub(super) first_jd: f64,
    pub(super) last_jd: f64,
    pub(super) header: TableHeader,
    pub(super) slow: Group<16>,
    pub(super) mercury: Group<4>,
    pub(super) moon: Group<4>,
    pub(super) distance: Group<10>,
    pub(super) chiron: Group<2>,
}

impl<const L: usize> Group<L> {
    /// Values, and derivatives per day of the first `R` lanes, `days` after the first day of the table.
    #[inline]
    pub(super) fn value_and_rate<const R: usize>(&self, days: f64) -> ([f64; L], [f64; R]) {
        let (wide, narrow, x) = self.granule(days);
        let (mut value, mut rate) = ([0.0; L], [0.0; R]);
        let mut terms = Polynomials::at(x);
        for row in wide {
            terms.add(row, &mut value, &mut rate);
        }
        for row in narrow {
            terms.add(row, &mut value, &mut rate);
        }
        let per_day = 2.0 / self.granule_days;
        for (value, unit) in value.iter_mut().zip(&self.units) {
            *value *= unit;
        }
        for (rate, unit) in rate.iter_mut().zip(&self.units) {
            *rate *= unit * per_day;
        }
        (value, rate)
    }

    /// Values only, `days` after the first day of the table.
    #[inline]
    pub(super) fn value(&self, days: f64) -> [f64; L] {
        let (wide, narrow, x) = self.granule(days);
        let mut value = [0.0; L];
        let mut terms = Polynomials::at(x);
        for row in wide {
            terms.add_value(row, &mut value);
        }
        for row in narrow {
            terms.add_value(row, &mut value);
        }
        for (value, unit) in value.iter_mut().zip(&self.units) {
            *value *= unit;
        }
        value
    }

    /// Coefficients of the granule that holds a day, and the place within it as -1..=1.
    #[inline]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a granule number is small, and callers have checked that the day is within the table"
    )]
    fn granule(&self, days: f64) -> (&[[i32; L]], &[[i16; L]], f64) {
        let place = days / self.granule_days;
        let g = (place as usize).min(self.granules - 1);
        let wide = &self.wide[g * self.wide_rows..(g + 1) * self.wide_rows];
        let narrow = &self.narrow[g * self.narrow_rows..(g + 1) * self.narrow_rows];
        (wide, narrow, 2.0 * (place - g as f64) - 1.0)
    }
}

/// Chebyshev polynomials of rising order at one abscissa, with their derivatives.
///
/// By recurrence (Mason & Handscomb 2003, 1.2.1 and 2.4.5), order by order, so that the lanes of a group run side by
/// side in vector registers.
struct Polynomials {
    twice_x: f64,
    value: f64,
    next_value: f64,
    rate: f64,
    next_rate: f64,
}

impl Polynomials {
    #[inline]
    fn at(x: f64) -> Self {
        Self { twice_x: 2.0 * x, value: 1.0, next_value: x, rate: 0.0, next_rate: 1.0 }
    }

    #[inline]
    fn add<T: Copy + Into<f64>, const L: usize, const R: usize>(
        &mut self,
        row: &[T; L],
        value: &mut [f64; L],
        rate: &mut [f64; R],
    ) {
        for (value, count) in value.iter_mut().zip(row) {
            *value += (*count).into() * self.value;
        }
        for (rate, count) in rate.iter_mut().zip(row) {
            *rate += (*count).into() * self.rate;
        }
        // Bracketed so that one product and one sum wait for the term before.
        let after = (2.0 * self.next_value - self.rate) + self.twice_x * self.next_rate;
        (self.rate, self.next_rate) = (self.next_rate, after);
        self.rise();
    }

    #[inline]
    fn add_value<T: Copy + Into<f64>, const L: usize>(&mut self, row: &[T; L], value: &mut [f64; L]) {
        for (value, count) in value.iter_mut().zip(row) {
            *value += (*count).into() * self.value;
        }
        self.rise();
    }

    #[inline]
    fn rise(&mut self) {
        let after = self.twice_x * self.next_value - self.value;
        (self.value, self.next_value) = (self.next_value, after);
    }
}

impl Table {
    /// Reads a whole table.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, TableError> {
        let mut header = Reader { rest: bytes };
        if header.array::<8>()? != MAGIC || header.u32()? != FORMAT_VERSION {
            return Err(TableError::Format);
        }
        let group_count = header.size()?;
        let (first_jd, last_jd) = (header.f64()?, header.f64()?);
        let tolerance_arcsec = header.f64()?;
        let kernel_sha256 = hexadecimal(&header.array::<32>()?);
        let kernel = String::from_utf8_lossy(&header.array::<12>()?).trim_end_matches('\0').to_owned();
        let table_version = header.u32()?;
        let expected = u64::from_le_bytes(header.array()?);
        debug_assert_eq!(bytes.len() - header.rest.len(), HEADER_BYTES);
        if checksum(header.rest) != expected {
            return Err(TableError::Checksum);
        }
        let groups = RawGroup::all(header, group_count)?;
        Ok(Self {
            first_jd,
            last_jd,
            header: TableHeader {
                format_version: FORMAT_VERSION,
                table_version,
                first_jd_tt: first_jd,
                last_jd_tt: last_jd,
                tolerance_arcsec,
                kernel,
                kernel_sha256,
            },
            slow: RawGroup::find(&groups, SLOW_LANES, "slow bodies")?,
            mercury: RawGroup::find(&groups, MERCURY_LANES, "mercury and nutation")?,
            moon: RawGroup::find(&groups, MOON_LANES, "moon")?,
            distance: RawGroup::find(&groups, DISTANCE_LANES, "distance")?,
            chiron: RawGroup::find(&groups, CHIRON_LANES, "chiron")?,
        })
    }
}

/// A group as it stands in the file, of any number of lanes.
struct RawGroup<'a> {
    granules: usize,
    coefficients: usize,
    wide_rows: usize,
    granule_days: f64,
    lanes: Vec<Lane>,
    units: Vec<f64>,
    wide: &'a [u8],
    narrow: &'a [u8],
}

impl<'a> RawGroup<'a> {
    fn all(mut reader: Reader<'a>, count: usize) -> Result<Vec<Self>, TableError> {
        if count > reader.rest.len() / GROUP_BYTES {
            return Err(TableError::Truncated);
        }
        let mut groups = (0..count).map(|_| Self::describe(&mut reader)).collect::<Result<Vec<_>, _>>()?;
        for group in &mut groups {
            let cells = group.lanes.len() * group.granules;
            group.wide = reader.take(cells * group.wide_rows * 4)?;
            group.narrow = reader.take(cells * (group.coefficients - group.wide_rows) * 2)?;
        }
        Ok(groups)
    }

    fn describe(reader: &mut Reader<'a>) -> Result<Self, TableError> {
        let lane_count = reader.size()?;
        let (granules, coefficients, wide_rows) = (reader.size()?, reader.size()?, reader.size()?);
        let granule_days = reader.f64()?;
        if granules == 0 || wide_rows > coefficients || lane_count > reader.rest.len() / LANE_BYTES {
            return Err(TableError::Format);
        }
        let (mut lanes, mut units) = (Vec::with_capacity(lane_count), Vec::with_capacity(lane_count));
        for _ in 0..lane_count {
            lanes.push((u16::from_le_bytes(reader.array()?), u16::from_le_bytes(reader.array()?)));
            reader.u32()?;
            units.push(reader.f64()?);
        }
        Ok(Self { granules, coefficients, wide_rows, granule_days, lanes, units, wide: &[], narrow: &[] })
    }

    fn find<const L: usize>(
        groups: &[Self],
        lanes: [Lane; L],
        name: &'static str,
    ) -> Result<Group<L>, TableError> {
        let group = groups.iter().find(|group| group.lanes == lanes).ok_or(TableError::Missing(name))?;
        let (wide, _) = group.wide.as_chunks::<4>();
        let (narrow, _) = group.narrow.as_chunks::<2>();
        Ok(Group {
            granule_days: group.granule_days,
            granules: group.granules,
            wide_rows: group.wide_rows,
            narrow_rows: group.coefficients - group.wide_rows,
            units: std::array::from_fn(|lane| group.units[lane]),
            wide: rows(wide.iter().map(|cell| i32::from_le_bytes(*cell))),
            narrow: rows(narrow.iter().map(|cell| i16::from_le_bytes(*cell))),
        })
    }
}

/// Packs a run of numbers into rows of one number per lane.
fn rows<T: Copy + Default, const L: usize>(mut cells: impl ExactSizeIterator<Item = T>) -> Vec<[T; L]> {
    let count = cells.len() / L;
    (0..count).map(|_| std::array::from_fn(|_| cells.next().unwrap_or_default())).collect()
}

/// Takes little-endian values off the front of a slice.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], TableError> {
        let (head, rest) = self.rest.split_at_checked(bytes).ok_or(TableError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TableError> {
        self.take(N)?.try_into().map_err(|_| TableError::Truncated)
    }

    fn u32(&mut self) -> Result<u32, TableError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn size(&mut self) -> Result<usize, TableError> {
        usize::try_from(self.u32()?).map_err(|_| TableError::Truncated)
    }

    fn f64(&mut self) -> Result<f64, TableError> {
        Ok(f64::from_le_bytes(self.array()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::astro::ephemeris::EPHEMERIS_VERSION;
    use crate::astro::ephemeris::format::TABLE_VERSION;

    const EMBEDDED: &[u8] = include_bytes!("../../../data/ephemeris/de440_1850_2150.bin");

    #[test]
    fn the_embedded_table_is_readable_and_covers_three_centuries() {
        let table = Table::parse(EMBEDDED).expect("embedded table");
        assert!(table.first_jd <= 2_396_757.5 && table.last_jd >= 2_506_332.5);
    }

    #[test]
    fn the_header_says_version_range_tolerance_and_kernel() {
        let header = Table::parse(EMBEDDED).expect("embedded table").header;
        assert_eq!((header.format_version, header.table_version), (FORMAT_VERSION, TABLE_VERSION));
        assert!(EPHEMERIS_VERSION.ends_with(&format!("table {}", header.table_version)));
        assert_eq!(header.kernel, "de440.bsp");
        assert_eq!(header.kernel_sha256, "a4ce9bf9b3282becc9f4b2ac3cebe03a2ae7599981aabd7265fd8482fff7c4b5");
        assert!((header.tolerance_arcsec - 0.01).abs() < 1e-12);
    }

    #[test]
    fn a_damaged_or_cut_table_is_refused() {
        let mut damaged = EMBEDDED.to_vec();
        damaged[EMBEDDED.len() / 2] ^= 1;
        assert_eq!(Table::parse(&damaged).err(), Some(TableError::Checksum));
        assert_eq!(Table::parse(&EMBEDDED[..50]).err(), Some(TableError::Truncated));
        assert_eq!(Table::parse(b"something else entirely").err(), Some(TableError::Format));
    }
}
