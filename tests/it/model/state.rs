//! What the model remembers.

/// Index of a row: 0 comes first, 1 is its child or its rival.
pub(super) type RowId = usize;

/// A fencing token.
pub(super) type Token = u8;

/// The application's status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Word {
    /// `pending`.
    Pending,
    /// `processing`.
    Running,
    /// `completed`.
    Completed,
    /// `failed`.
    Failed,
    /// `cancelled`.
    Cancelled,
}

impl Word {
    /// Whether the row has ended.
    pub(super) const fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// Who has the row, as its dispatch row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Hold {
    /// May be claimed.
    Ready,
    /// Waits for its parent.
    Waiting,
    /// Belongs to the run with this token.
    Leased {
        /// Token of the claim.
        token: Token,
        /// Whether the lease has run out by the clock of the database.
        expired: bool,
    },
}

/// A row of `orrery.dispatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Dispatch {
    /// Who has the row.
    pub(super) hold: Hold,
    /// Attempts that counted.
    pub(super) attempts: u8,
    /// Workers that died over the row.
    pub(super) crashes: u8,
    /// Whether the worker has not said, or no longer says, that the row waits for a slot.
    pub(super) begun: bool,
}

impl Dispatch {
    /// A dispatch row as the triggers make it.
    pub(super) const fn new(hold: Hold) -> Self {
        Self { hold, attempts: 0, crashes: 0, begun: true }
    }
}

/// A row of the application's queue and what belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Row {
    /// Status word.
    pub(super) word: Word,
    /// Dispatch row, if there is one.
    pub(super) dispatch: Option<Dispatch>,
    /// Version that the row has reserved.
    pub(super) slot: Option<u8>,
    /// Times that the application opened the row again after it had ended.
    pub(super) life: u8,
    /// Workers that died while they ran the row; nobody but the model knows.
    pub(super) killed: u8,
    /// Whether the row is in quarantine.
    pub(super) quarantined: bool,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Waits for a slot.
    Waits,
    /// Has the row and its facts.
    Claimed,
    /// Has seen that its lease holds, and reserves in a second step.
    SawLease,
    /// Has its version.
    Reserved,
    /// A document stands where one of its own belongs, although its lease holds.
    Refused,
    /// Has seen whose document that is: the token of it.
    Found(Option<Token>),
    /// Has made sure that the place is its own, and removes what has no greater token than this.
    Clearing(Token),
    /// Writes again.
    Cleared,
    /// Its documents are there.
    Written,
    /// Its version is published, and the row is not completed yet.
    HalfDone,
}

/// A claim that a worker works at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Run {
    /// Token of the claim.
    pub(super) token: Token,
    /// The row.
    pub(super) row: RowId,
    /// Version, 0 before it is known.
    pub(super) version: u8,
    /// How far it has come.
    pub(super) stage: Stage,
}

/// The documents of a report in MongoDB, which are written in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Document {
    /// Row that the id is derived from.
    pub(super) row: RowId,
    /// Version that the id is derived from.
    pub(super) version: u8,
    /// `job.token`.
    pub(super) token: Token,
    /// Whether it was made longer ago than the reconciler looks back.
    pub(super) old: bool,
}

/// A version in PostgreSQL, with its metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Published {
    /// Row that made it.
    pub(super) row: RowId,
    /// Life of the row at that time.
    pub(super) life: u8,
    /// Version.
    pub(super) version: u8,
    /// Token of the run that published it.
    pub(super) token: Token,
}

/// Something that must not happen, noted when it happens because the state after it does not show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    /// A row that had ended became another without the application.
    EndedChanged,
    /// A row published that did not run.
    PublishedUncalled,
    /// A child was claimed before its parent completed.
    ChildEarly,
    /// A lease was taken that had not run out.
    LeaseTaken,
    /// A claim got a token that is not greater than all before.
    TokenReused,
}

/// All that the model remembers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    /// Rows of the application.
    pub(super) rows: Vec<Row>,
    /// Claims that workers work at, in order of token; whether they still hold is for the dispatch row to say.
    pub(super) runs: Vec<Run>,
    /// Documents in MongoDB, sorted.
    pub(super) documents: Vec<Document>,
    /// Versions in PostgreSQL, in order of publication.
    pub(super) published: Vec<Published>,
    /// What a reconciler has found and is about to remove.
    pub(super) orphan: Option<Document>,
    /// A row that a rescue without lock believes to be expired.
    pub(super) believed_expired: Option<RowId>,
    /// The sequence of tokens.
    pub(super) last_token: Token,
    /// Troubles that may still come.
    pub(super) troubles: u8,
    /// Changes that the application may still make.
    pub(super) changes: u8,
    /// The first thing that must not happen and did.
    pub(super) fault: Option<Fault>,
}

impl State {
    /// The run with this token.
    pub(super) fn run(&self, token: Token) -> Option<Run> {
        self.runs.iter().copied().find(|run| run.token == token)
    }

    /// Whether a run still holds its row.
    pub(super) fn holds(&self, run: Run) -> bool {
        self.lease(run.row).is_some_and(|(token, _)| token == run.token)
    }

    /// Token of the lease of a row, and whether it has run out.
    pub(super) fn lease(&self, row: RowId) -> Option<(Token, bool)> {
        match self.rows[row].dispatch?.hold {
            Hold::Leased { token, expired } => Some((token, expired)),
            Hold::Ready | Hold::Waiting => None,
        }
    }

    /// Whether metadata points to the documents of a row and version.
    pub(super) fn is_published(&self, row: RowId, version: u8) -> bool {
        self.published.iter().any(|one| (one.row, one.version) == (row, version))
    }
}
