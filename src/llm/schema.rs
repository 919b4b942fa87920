//! The shape of an answer: one source, and a rendering for each family of providers.

use serde_json::Value;

use super::request::Digest;

/// The shape of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaSet {
    name: String,
    canonical: Value,
    digest: Digest,
}

impl SchemaSet {
    /// From the canonical schema.
    #[must_use]
    pub fn new(name: &str, canonical: Value) -> Self {
        let digest = Digest::of(&canonical);
        Self { name: name.to_owned(), canonical, digest }
    }

    /// A short name that providers ask for: letters, digits and `_`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole schema with all bounds: what we check against.
    #[must_use]
    pub const fn canonical(&self) -> &Value {
        &self.canonical
    }

    /// Of the canonical schema.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }
}
