//! The sections of the eight report types, in their order.

pub mod behavior;
pub mod closing;
pub mod common;
pub mod company;
pub mod department;
pub mod industry;
pub mod personality;
pub mod questionnaire;
pub mod role;
pub mod training;
