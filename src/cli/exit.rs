//! Exit codes after sysexits: systemd does not restart on 78.

use std::process::ExitCode;

use mongodb::error::ErrorKind;

use super::llm::Silent;
use crate::astro::AstroError;
use crate::config::ConfigError;
use crate::dashboard::UsersError;
use crate::operate::FilterError;
use crate::operate::cursor::NoCursor;
use crate::operate::enqueue::EnqueueError;
use crate::operate::reports::ReportError;
use crate::store::availability::{mongodb_is_down, postgres_is_down};
use crate::store::certificate::{self, Trouble};
use crate::store::pg::migrate::SchemaError;

/// The command line cannot be used.
const USAGE: u8 = 2;

/// A dependency is out of reach.
const UNAVAILABLE: u8 = 69;

/// Not yet; the same command may succeed later.
const TRY_AGAIN: u8 = 75;

/// The configuration cannot be used.
const CONFIG: u8 = 78;

/// A command that cannot be used so; says how it can.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Usage(pub(super) String);

/// Says what went wrong on standard error, and which code it is.
#[allow(clippy::print_stderr, reason = "this is where the program speaks before it ends")]
pub(super) fn report(error: &anyhow::Error) -> ExitCode {
    let advice = trouble(error).map_or_else(String::new, |trouble| format!("; {}", trouble.advice));
    eprintln!("orrery: {error:#}{advice}");
    ExitCode::from(code(error))
}

/// What is wrong with a certificate, where that is the cause.
fn trouble(error: &anyhow::Error) -> Option<Trouble> {
    error.chain().find_map(|cause| {
        let postgres = cause.downcast_ref().and_then(certificate::of_postgres);
        postgres.or_else(|| cause.downcast_ref().and_then(certificate::of_mongodb))
    })
}

fn code(error: &anyhow::Error) -> u8 {
    if trouble(error).is_some_and(|trouble| trouble.is_setting) {
        return CONFIG;
    }
    for cause in error.chain() {
        if cause.is::<AstroError>()
            || cause.is::<Usage>()
            || cause.is::<FilterError>()
            || cause.is::<NoCursor>()
        {
            return USAGE;
        }
        if let Some(EnqueueError::Refused { .. }) = cause.downcast_ref() {
            return USAGE;
        }
        match cause.downcast_ref() {
            Some(ReportError::NotCompleted { .. }) => return TRY_AGAIN,
            Some(ReportError::Later { .. }) => return USAGE,
            _ => {}
        }
        if let Some(Silent { later, .. }) = cause.downcast_ref() {
            return if *later { TRY_AGAIN } else { UNAVAILABLE };
        }
        if cause.is::<ConfigError>() || cause.is::<UsersError>() {
            return CONFIG;
        }
        if let Some(
            SchemaError::Occupied { .. } | SchemaError::Missing { .. } | SchemaError::Outdated { .. },
        ) = cause.downcast_ref()
        {
            return CONFIG;
        }
        if let Some(error) = cause.downcast_ref::<sqlx::Error>() {
            if postgres_is_down(error) {
                return UNAVAILABLE;
            }
            if postgres_is_misconfigured(error) {
                return CONFIG;
            }
        }
        if let Some(error) = cause.downcast_ref::<mongodb::error::Error>() {
            if mongodb_is_down(error) {
                return UNAVAILABLE;
            }
            if matches!(*error.kind, ErrorKind::InvalidArgument { .. } | ErrorKind::Authentication { .. }) {
                return CONFIG;
            }
        }
    }
    1
}

/// An address that is no address, a database or a user that does not exist, a wrong password.
fn postgres_is_misconfigured(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Configuration(_) => true,
        sqlx::Error::Database(refusal) => {
            refusal.code().is_some_and(|code| matches!(code.as_ref(), "3D000" | "28000" | "28P01"))
        }
        _ => false,
    }
}
