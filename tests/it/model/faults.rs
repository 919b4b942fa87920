//! What a step costs, and whether it does what must not happen.

use super::action::Action;
use super::machine::{Machine, Scenario};
use super::state::{Fault, State, Word};

/// What a step takes from the budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cost {
    /// A step of our own.
    Nothing,
    /// A trouble.
    Trouble,
    /// A change by the application.
    Change,
}

/// The cost of a step. A lease runs out by itself only when its run is gone.
pub(super) fn cost(state: &State, action: Action) -> Cost {
    match action {
        Action::Die(_)
        | Action::TryAgain(_)
        | Action::GiveUp(_)
        | Action::PutOff(_)
        | Action::EntityIsNewer(_)
        | Action::DayPasses => Cost::Trouble,
        Action::Expire(id) if state.lease(id).is_some_and(|(token, _)| state.run(token).is_some()) => {
            Cost::Trouble
        }
        Action::Cancel(_) | Action::SetBack(_) | Action::MarkRunning(_) => Cost::Change,
        _ => Cost::Nothing,
    }
}

/// What must not happen and would not show in the state after it.
pub(super) fn fault(machine: &Machine, before: &State, action: Action, after: &State) -> Option<Fault> {
    let new = &after.published[before.published.len()..];
    if new.iter().any(|one| before.rows[one.row].word != Word::Running) {
        return Some(Fault::PublishedUncalled);
    }
    let changed =
        before.rows.iter().zip(&after.rows).any(|(old, new)| old.word.ended() && old.word != new.word);
    if changed && cost(before, action) != Cost::Change {
        return Some(Fault::EndedChanged);
    }
    match action {
        Action::Claim(1)
            if machine.scenario == Scenario::Family && before.published.iter().all(|one| one.row != 0) =>
        {
            Some(Fault::ChildEarly)
        }
        Action::Claim(id) => {
            let used =
                before.runs.iter().map(|run| run.token).chain(before.documents.iter().map(|one| one.token));
            let token = after.lease(id).map(|(token, _)| token);
            (token <= used.chain(before.published.iter().map(|one| one.token)).max())
                .then_some(Fault::TokenReused)
        }
        Action::Rescue(id) if before.lease(id).is_some_and(|(_, expired)| !expired) => {
            Some(Fault::LeaseTaken)
        }
        _ => None,
    }
}
