//! What the real statements are guarded by.

/// One guard; its absence is a mistake that somebody could make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Guard {
    /// A row is completed only by the token that holds it (`complete_report.sql`).
    TokenOnCompletion,
    /// A document is written only while it bears no greater token (`store/documents.rs`).
    TokenOnDocuments,
    /// A row is put back or failed only by the token that holds it (`put_back_report.sql`, `fail_report.sql`).
    TokenOnPutBack,
    /// A row reserves its version once and for itself alone (`orrery.report_slot`).
    VersionSlot,
    /// Whether the lease holds is asked under a lock on the dispatch row (`reserve_version.sql`).
    ReserveUnderLock,
    /// Completing the row and publishing its version are one transaction (`pipeline/report/publish.rs`).
    OneTransaction,
    /// The expiry is looked at under the lock of the rescue (`rescue_report.sql`).
    RescueUnderLock,
    /// A row that has killed so many workers is quarantined (`rescue_report.sql`).
    CrashLimit,
    /// A row that was said to wait for a slot is said to begin before its first step (`begin.sql`).
    TellsBeforeBegin,
    /// A row with an unfinished parent is not ready (`report_inserted`).
    DependantsWait,
    /// A running row that nobody has leased is set back, also if its dispatch row is there (`sweep_report.sql`).
    SweepOfMarkedRows,
    /// A document of an open row is left alone by the reconciler (`orphan_reports.sql`).
    OpenRowsSpared,
    /// The reconciler removes what it has looked at and nothing newer (`remove_documents`).
    RemovalByToken,
    /// The reconciler looks at every document, however old (`pipeline/reconcile.rs`).
    AllDocumentsSeen,
    /// Whoever meets a document in the place of its own removes what it saw before it made sure of the place, and nothing
    /// newer (`remove_stale`).
    ConflictByFoundToken,
}

/// The guards that are there: all of them, or all but one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Guards {
    missing: Option<Guard>,
}

impl Guards {
    /// All guards.
    pub(super) const fn all() -> Self {
        Self { missing: None }
    }

    /// All guards but this one.
    pub(super) const fn without(guard: Guard) -> Self {
        Self { missing: Some(guard) }
    }

    /// Whether a guard is there.
    pub(super) fn has(self, guard: Guard) -> bool {
        self.missing != Some(guard)
    }
}
