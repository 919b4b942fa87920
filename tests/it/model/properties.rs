//! What must hold in every state, and what must be possible so that this means something.

use stateright::Property;

use super::machine::{Machine, Scenario};
use super::state::{Fault, Hold, Stage, State, Word};

/// A row makes at most one version each time it is opened.
pub(super) const ONE_VERSION: &str = "a row makes one version at most";
/// Documents of a published version are there and bear the token of the run that published it.
pub(super) const DOCUMENTS_OF_THE_WINNER: &str = "a published version has the documents of its winner";
/// A version number belongs to one row.
pub(super) const VERSION_OF_ONE_ROW: &str = "a version belongs to one row";
/// Only the application changes a row that has ended.
pub(super) const ENDED_STAYS_ENDED: &str = "a row that has ended stays ended";
/// A row that was cancelled, has ended or does not run publishes nothing.
pub(super) const ONLY_RUNNING_PUBLISH: &str = "only a running row publishes";
/// A child runs after its parent.
pub(super) const CHILD_AFTER_PARENT: &str = "a child runs after its parent has completed";
/// A lease is taken back only when it has run out.
pub(super) const LEASE_STAYS: &str = "a lease that has not run out is not taken";
/// Tokens rise.
pub(super) const TOKENS_RISE: &str = "tokens only rise";
/// A row that has killed so many workers runs no more.
pub(super) const DEATHS_ARE_FEW: &str = "deaths stay below the limit";
/// A row that kills its worker is counted, as soon as it may run again.
pub(super) const DEATHS_COUNT: &str = "a death over a row that had begun is counted";
/// Word and dispatch row say the same.
pub(super) const WORDS_AGREE: &str = "word and dispatch row agree";
/// A version is reserved for open rows only.
pub(super) const SLOT_OF_OPEN_ROW: &str = "a slot belongs to an open row";
/// Where no step of our own is left, every row has ended and nothing is left over.
pub(super) const ALL_ENDS_WELL: &str = "at the end every row has ended and nothing is left over";

/// All properties.
pub(super) fn all() -> Vec<Property<Machine>> {
    let mut all = invariants();
    all.extend(possibilities());
    all
}

fn always(name: &'static str, holds: fn(&Machine, &State) -> bool) -> Property<Machine> {
    Property::always(name, holds)
}

fn sometimes(name: &'static str, holds: fn(&Machine, &State) -> bool) -> Property<Machine> {
    Property::sometimes(name, holds)
}

fn invariants() -> Vec<Property<Machine>> {
    vec![
        always(ONE_VERSION, |_, state| pairs(&state.published, |a, b| (a.row, a.life) != (b.row, b.life))),
        always(DOCUMENTS_OF_THE_WINNER, |_, state| {
            state.published.iter().all(|one| {
                let same = |token, version, row| (token, version, row) == (one.token, one.version, one.row);
                state.documents.iter().any(|document| same(document.token, document.version, document.row))
            })
        }),
        always(VERSION_OF_ONE_ROW, |machine, state| {
            !machine.shares_versions()
                || pairs(&state.runs, |a, b| {
                    a.row == b.row
                        || a.version != b.version
                        || a.version == 0
                        || !state.holds(*a)
                        || !state.holds(*b)
                }) && pairs(&state.published, |a, b| a.version != b.version)
        }),
        always(ENDED_STAYS_ENDED, |_, state| state.fault != Some(Fault::EndedChanged)),
        always(ONLY_RUNNING_PUBLISH, |_, state| state.fault != Some(Fault::PublishedUncalled)),
        always(CHILD_AFTER_PARENT, |_, state| state.fault != Some(Fault::ChildEarly)),
        always(LEASE_STAYS, |_, state| state.fault != Some(Fault::LeaseTaken)),
        always(TOKENS_RISE, |_, state| state.fault != Some(Fault::TokenReused)),
        always(DEATHS_ARE_FEW, |machine, state| {
            state
                .rows
                .iter()
                .filter_map(|row| row.dispatch)
                .all(|dispatch| dispatch.crashes < machine.crash_limit)
        }),
        always(DEATHS_COUNT, |_, state| {
            (0..state.rows.len()).all(|id| {
                let row = state.rows[id];
                let uncounted = state.lease(id).is_some_and(|(token, _)| state.run(token).is_none());
                row.dispatch.is_none_or(|dispatch| row.killed <= dispatch.crashes + u8::from(uncounted))
            })
        }),
        always(WORDS_AGREE, |_, state| {
            state.rows.iter().all(|row| match row.dispatch.map(|dispatch| dispatch.hold) {
                None => row.word.ended(),
                // The application may say that a row runs; the sweep puts that right.
                Some(Hold::Ready | Hold::Waiting) => !row.word.ended(),
                Some(Hold::Leased { .. }) => row.word == Word::Running,
            })
        }),
        always(SLOT_OF_OPEN_ROW, |_, state| {
            state.rows.iter().all(|row| row.slot.is_none() || row.dispatch.is_some())
        }),
        always(ALL_ENDS_WELL, |machine, state| {
            let well = state.rows.iter().all(|row| row.word.ended())
                && state.documents.iter().all(|one| state.is_published(one.row, one.version));
            well || !machine.own_steps(state).is_empty()
        }),
    ]
}

/// Whether something holds for any two of them.
fn pairs<T>(all: &[T], holds: impl Fn(&T, &T) -> bool) -> bool {
    all.iter().enumerate().all(|(at, one)| all[at + 1..].iter().all(|other| holds(one, other)))
}

fn possibilities() -> Vec<Property<Machine>> {
    vec![
        sometimes("all rows complete", |_, state| state.rows.iter().all(|row| row.word == Word::Completed)),
        sometimes("a row that has killed a worker runs again", |_, state| {
            let killed = |id: usize| state.rows[id].dispatch.is_some_and(|dispatch| dispatch.crashes > 0);
            (0..state.rows.len()).any(|id| killed(id) && state.lease(id).is_some())
        }),
        sometimes("a row is quarantined", |_, state| state.rows.iter().any(|row| row.quarantined)),
        sometimes("a cancelled row has left a document", |_, state| {
            state.documents.iter().any(|one| state.rows[one.row].word == Word::Cancelled)
        }),
        sometimes("a row that was opened again completes", |_, state| {
            state.rows.iter().any(|row| row.life > 0 && row.word == Word::Completed)
        }),
        sometimes("a run outlives its lease", |_, state| state.runs.iter().any(|run| !state.holds(*run))),
        sometimes("a child fails with its parent", |machine, state| {
            machine.scenario != Scenario::Family
                || state.rows[0].word == Word::Cancelled
                    && state.rows[1].word == Word::Failed
                    && state.last_token <= 1
        }),
        sometimes("a run finds a document in its place and removes it", |machine, state| {
            !machine.shares_versions() || state.runs.iter().any(|run| matches!(run.stage, Stage::Clearing(_)))
        }),
    ]
}
