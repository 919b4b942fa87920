//! Gates that every report must pass, over many synthetic people and all types.
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and angles of test data are small"
)]

mod angles;
mod calibration;
mod gates;
pub(crate) mod people;
mod readability;
mod reduced;
mod wording;
