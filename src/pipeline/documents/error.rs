//! Why a document cannot be built.

/// A part of a document that BSON cannot hold, such as a whole number beyond 64 signed bits.
#[derive(Debug, thiserror::Error)]
#[error("document part {part} cannot be written as bson")]
pub struct DocumentError {
    /// Which part.
    pub part: &'static str,
    /// Why.
    #[source]
    pub source: bson::error::Error,
}
