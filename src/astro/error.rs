//! What can be wrong with the data of a birth.

/// A chart that cannot be cast, with the field at fault and the way out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AstroError {
    /// A value that is not of the accepted form or does not exist, such as 30 February.
    #[error("{field} {value:?} is not valid: {problem}; give {accepted}")]
    Input {
        /// Name of the field as the caller knows it (`birth_date`, `birth_time`, `timezone`, ...).
        field: &'static str,
        /// The value as it came.
        value: String,
        /// What is wrong with it.
        problem: String,
        /// The accepted form.
        accepted: &'static str,
    },
    /// An instant outside the range of the ephemeris table.
    #[error("{field} {value:?} lies outside the ephemeris, which covers {from} to {to}")]
    Range {
        /// Name of the field.
        field: &'static str,
        /// The value as it came.
        value: String,
        /// First day covered.
        from: &'static str,
        /// Last day covered.
        to: &'static str,
    },
}

impl AstroError {
    /// Stable dotted code for metrics, error tables and the runbook.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Input { .. } => "astro.input_invalid",
            Self::Range { .. } => "astro.ephemeris_range",
        }
    }

    /// The field at fault.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Input { field, .. } | Self::Range { field, .. } => field,
        }
    }
}
