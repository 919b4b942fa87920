//! The shape of a reference document: the fields of `astrological_reference_data` but for the ids and times that a
//! store adds.

use serde::Serialize;

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferenceDocument {
    /// `planetary_meanings`, `house_meanings`, `aspect_interpretations` or `sign_characteristics`.
    pub reference_type: &'static str,
    /// What it says; unique by type and key.
    pub data: ReferenceData,
    /// Version of the wording.
    pub version: &'static str,
    /// First day of the version, RFC 3339; a store writes it as a date.
    pub effective_from: &'static str,
    /// `active`.
    pub status: &'static str,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReferenceData {
    /// `sun_aries`, `mercury_10th_house`, `mercury_retrograde`, `10th_house`, `trine`, `aries`.
    pub key: String,
    /// Name for people: `Sun in Aries`.
    pub name: String,
    /// `planet_in_sign`, `planet_in_house`, `planet_retrograde`, `sign`, `house` or `aspect`.
    pub category: &'static str,
    /// Meaning in general and in four contexts.
    pub interpretations: Interpretations,
    /// Keywords.
    pub keywords: Vec<String>,
    /// Element, quality, polarity and ruler.
    pub energy_attributes: EnergyAttributes,
    /// Behavioural traits.
    pub traits: Traits,
    /// Keys of the same kind that go well, badly or neither way with this one.
    pub compatibility: Compatibility,
}

/// Meaning in general and in four contexts: whole sentences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are the names of the contexts")]
pub struct Interpretations {
    pub general: String,
    pub in_relationships: String,
    pub in_career: String,
    pub in_communication: String,
    pub in_leadership: String,
}

/// Element, quality, polarity and ruler; `none` where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnergyAttributes {
    /// `Fire`, `Earth`, `Air` or `Water`.
    pub element: &'static str,
    /// `Cardinal`, `Fixed` or `Mutable`.
    pub quality: &'static str,
    /// `active` or `receptive`; of aspects `harmonious`, `challenging` or `neutral`.
    pub polarity: &'static str,
    /// Traditional ruler of the sign.
    pub ruling_planet: &'static str,
}

/// Behavioural traits, single words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are the words of the documents")]
pub struct Traits {
    pub positive: Vec<String>,
    pub negative: Vec<String>,
    pub neutral: Vec<String>,
}

/// Keys of the same kind by how they go together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the fields are the words of the documents")]
pub struct Compatibility {
    pub harmonious_with: Vec<String>,
    pub challenging_with: Vec<String>,
    pub neutral_with: Vec<String>,
}
