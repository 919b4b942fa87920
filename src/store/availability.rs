//! Telling "the database is down" from "the database refused": the first costs no attempt.

use mongodb::error::{ErrorKind, WriteFailure};

use super::documents::TooLarge;

/// Whether PostgreSQL is out of reach, so that the same statement may work later unchanged.
#[must_use]
pub fn postgres_is_down(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        // 08: connection; 57P01..57P03: shutdown, crash, starting up; 53300: too many connections.
        sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| {
            code.starts_with("08") || matches!(code.as_ref(), "57P01" | "57P02" | "57P03" | "53300")
        }),
        _ => false,
    }
}

/// Whether PostgreSQL gave up on a statement because of what others do: a lock, a deadlock, a time limit.
#[must_use]
pub fn postgres_is_busy(error: &sqlx::Error) -> bool {
    // 40001: serialization; 40P01: deadlock; 55P03: lock timeout; 57014: statement timeout; 25P03: idle in transaction.
    let sqlx::Error::Database(refusal) = error else { return false };
    refusal
        .code()
        .is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "55P03" | "57014" | "25P03"))
}

/// Whether PostgreSQL will say the same of the same rows again, and may say something else of others.
#[must_use]
pub fn postgres_refuses(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(_)) && !postgres_is_down(error) && !postgres_is_busy(error)
}

/// Whether MongoDB is out of reach, so that the same write may work later unchanged.
#[must_use]
pub fn mongodb_is_down(error: &mongodb::error::Error) -> bool {
    matches!(
        *error.kind,
        ErrorKind::Io(_) | ErrorKind::ServerSelection { .. } | ErrorKind::ConnectionPoolCleared { .. }
    ) || error.contains_label(mongodb::error::RETRYABLE_WRITE_ERROR)
}

/// Whether a transaction of MongoDB lost against another one, which may be one that a dead worker left open; or whether a write was done
/// but the wait for most members of the set broke off, so that it may be taken back: the same write again does no harm.
///
/// Interrupted is what a worker meets that was silent for so long that its sessions were ended with its leases.
#[must_use]
pub fn mongodb_is_busy(error: &mongodb::error::Error) -> bool {
    const WRITE_CONFLICT: i32 = 112;
    const INTERRUPTED: i32 = 11_601;
    let code = match error.kind.as_ref() {
        ErrorKind::Command(command) => command.code,
        ErrorKind::Write(WriteFailure::WriteConcernError(_)) => return true,
        ErrorKind::InsertMany(many) if many.write_errors.is_none() => {
            return many.write_concern_error.is_some();
        }
        _ => 0,
    };
    matches!(code, WRITE_CONFLICT | INTERRUPTED)
        || error.contains_label(mongodb::error::TRANSIENT_TRANSACTION_ERROR)
}

/// Whether a document was larger than MongoDB takes: what is to be said of it. Such a write fails however often it is tried.
#[must_use]
pub fn mongodb_too_large(error: &mongodb::error::Error) -> Option<String> {
    // BSONObjectTooLarge; what an update would make of a document; what an upsert would insert.
    const TOO_LARGE: [i32; 3] = [10_334, 17_419, 17_420];
    if let Some(large) = error.get_custom::<TooLarge>() {
        return Some(large.to_string());
    }
    let code = match error.kind.as_ref() {
        ErrorKind::Command(command) => command.code,
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.code,
        _ => 0,
    };
    TOO_LARGE.contains(&code).then(|| error.kind.to_string())
}

/// Whether MongoDB refused a write because a unique key is taken: the mark of a fenced or superseded write.
#[must_use]
pub fn mongodb_key_is_taken(error: &mongodb::error::Error) -> bool {
    const DUPLICATE_KEY: i32 = 11_000;
    match error.kind.as_ref() {
        ErrorKind::Write(WriteFailure::WriteError(write)) => write.code == DUPLICATE_KEY,
        ErrorKind::Command(command) => command.code == DUPLICATE_KEY,
        ErrorKind::InsertMany(many) => many
            .write_errors
            .as_ref()
            .is_some_and(|errors| errors.iter().any(|write| write.code == DUPLICATE_KEY)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use bson::doc;
    use mongodb::error::{Error, WriteConcernError};

    use super::*;

    #[test]
    fn a_write_that_most_members_did_not_confirm_is_nobodys_fault() {
        // As a server that is killed answers a write that it has done.
        let said = doc! { "code": 11_601, "codeName": "Interrupted", "errmsg": "operation was interrupted", "errInfo": {} };
        let said: WriteConcernError = bson::deserialize_from_document(said).unwrap();
        let error = Error::from(ErrorKind::Write(WriteFailure::WriteConcernError(said)));
        assert!(mongodb_is_busy(&error) && !mongodb_is_down(&error) && !mongodb_key_is_taken(&error));
    }
}
