//! What can happen.

use super::state::{Document, RowId, Token};

/// One step of somebody; runs are named by their token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Action {
    /// A worker claims a row.
    Claim(RowId),
    /// A row that was claimed ahead gets a slot.
    Begin(Token),
    /// A run asks whether its lease holds, without a lock.
    LookAtLease(Token),
    /// A run reserves its version.
    Reserve(Token),
    /// A run writes its documents.
    Write(Token),
    /// A run looks for whose document stands in its place.
    Find(Token),
    /// A run makes sure that its place is its own.
    Ask(Token),
    /// A run removes the document in its place.
    Clear(Token),
    /// A run publishes its version.
    Publish(Token),
    /// A run completes its row after it has published.
    Complete(Token),
    /// A run shows in time that it lives.
    Heartbeat(Token),
    /// The lease of a row runs out.
    Expire(RowId),
    /// A rescue sees that a lease has run out, without a lock.
    BelieveExpired(RowId),
    /// A rescue takes a row back.
    Rescue(RowId),
    /// A sweep sets a running row back that nobody has leased.
    Sweep(RowId),
    /// A row that waits is told what became of its parent.
    SettleWaiting(RowId),
    /// A reconciler finds a document to which nothing points.
    FindOrphan(Document),
    /// A reconciler removes what it has found.
    RemoveOrphan,

    /// Trouble: the worker of a run dies.
    Die(Token),
    /// Trouble: a run meets an error that may pass.
    TryAgain(Token),
    /// Trouble: a run meets an error that does not pass.
    GiveUp(Token),
    /// Trouble: a run is put off, because a database is down or the worker stops.
    PutOff(Token),
    /// Trouble: a newer claim of another queue has written documents that a run wants to write.
    EntityIsNewer(Token),
    /// Trouble: a day passes.
    DayPasses,

    /// The application cancels a row.
    Cancel(RowId),
    /// The application sets a running or ended row back to `pending`.
    SetBack(RowId),
    /// The application sets a pending row to `processing`, although that is ours to do.
    MarkRunning(RowId),
}
