//! Which steps are possible.

use super::action::Action;
use super::documents::is_orphan;
use super::guard::Guard;
use super::machine::Machine;
use super::state::{Hold, RowId, Run, Stage, State, Word};

/// Workers, each with one slot. One that dies is started again.
const WORKERS: usize = 2;

/// Steps of our own: they need nobody's leave and end by themselves.
pub(super) fn own(machine: &Machine, state: &State, actions: &mut Vec<Action>) {
    for run in &state.runs {
        actions.push(next(machine, *run));
        if state.lease(run.row) == Some((run.token, true)) {
            actions.push(Action::Heartbeat(run.token));
        }
    }
    for id in 0..state.rows.len() {
        upkeep(machine, state, id, actions);
    }
    match state.orphan {
        Some(_) => actions.push(Action::RemoveOrphan),
        None => actions.extend(
            state
                .documents
                .iter()
                .filter(|one| is_orphan(machine, state, **one))
                .map(|one| Action::FindOrphan(*one)),
        ),
    }
}

/// What a run does next if nothing comes between.
fn next(machine: &Machine, run: Run) -> Action {
    match run.stage {
        Stage::Waits => Action::Begin(run.token),
        Stage::Claimed if !machine.guards.has(Guard::ReserveUnderLock) => Action::LookAtLease(run.token),
        Stage::Claimed | Stage::SawLease => Action::Reserve(run.token),
        Stage::Reserved | Stage::Cleared => Action::Write(run.token),
        Stage::Refused if machine.guards.has(Guard::ConflictByFoundToken) => Action::Find(run.token),
        Stage::Refused | Stage::Found(_) => Action::Ask(run.token),
        Stage::Clearing(_) => Action::Clear(run.token),
        Stage::Written => Action::Publish(run.token),
        Stage::HalfDone => Action::Complete(run.token),
    }
}

/// Claim, rescue, sweep and the look after waiting rows; and time, which passes over a lease whose worker is dead.
fn upkeep(machine: &Machine, state: &State, id: RowId, actions: &mut Vec<Action>) {
    let row = state.rows[id];
    let hold = row.dispatch.map(|dispatch| dispatch.hold);
    match hold {
        Some(Hold::Ready)
            if row.word == Word::Pending && state.runs.len() < WORKERS && !mirrored(machine, state, id) =>
        {
            actions.push(Action::Claim(id));
        }
        Some(Hold::Waiting) if state.rows[0].word.ended() => actions.push(Action::SettleWaiting(id)),
        Some(Hold::Leased { token, expired: false }) if state.run(token).is_none() => {
            actions.push(Action::Expire(id));
        }
        Some(Hold::Leased { expired: true, .. }) if machine.guards.has(Guard::RescueUnderLock) => {
            actions.push(Action::Rescue(id));
        }
        Some(Hold::Leased { expired: true, .. }) if state.believed_expired.is_none() => {
            actions.push(Action::BelieveExpired(id));
        }
        _ => {}
    }
    if state.believed_expired == Some(id) {
        actions.push(Action::Rescue(id));
    }
    let swept = match hold {
        None => true,
        Some(Hold::Leased { .. }) => false,
        Some(Hold::Ready | Hold::Waiting) => machine.guards.has(Guard::SweepOfMarkedRows),
    };
    if row.word == Word::Running && swept {
        actions.push(Action::Sweep(id));
    }
}

/// What may go wrong. Rivals are not put off: a version does not depend on which attempts count.
pub(super) fn troubles(machine: &Machine, state: &State, actions: &mut Vec<Action>) {
    for run in &state.runs {
        let token = run.token;
        actions.push(Action::Die(token));
        // A run that is fenced changes nothing by its errors: that is as if it had died.
        if state.holds(*run) || !machine.guards.has(Guard::TokenOnPutBack) {
            if run.stage != Stage::Waits {
                actions.extend([Action::TryAgain(token), Action::GiveUp(token)]);
            }
            if !machine.shares_versions() {
                actions.push(Action::PutOff(token));
            }
        }
        if machine.shares_versions() && run.stage == Stage::Reserved {
            actions.push(Action::EntityIsNewer(token));
        }
        if state.lease(run.row) == Some((token, false)) {
            actions.push(Action::Expire(run.row));
        }
    }
    if !machine.guards.has(Guard::AllDocumentsSeen) && state.documents.iter().any(|one| !one.old) {
        actions.push(Action::DayPasses);
    }
}

/// What the application may do. That a mark does no harm is seen without rivals.
pub(super) fn changes(machine: &Machine, state: &State, actions: &mut Vec<Action>) {
    for (id, row) in state.rows.iter().enumerate() {
        match row.word {
            Word::Pending if machine.shares_versions() => actions.push(Action::Cancel(id)),
            Word::Pending => actions.extend([Action::Cancel(id), Action::MarkRunning(id)]),
            Word::Running => actions.extend([Action::Cancel(id), Action::SetBack(id)]),
            Word::Completed | Word::Failed | Word::Cancelled => actions.push(Action::SetBack(id)),
        }
    }
}

/// Rivals are alike, so it is enough to look at the paths on which row 0 is claimed first, if it can be.
fn mirrored(machine: &Machine, state: &State, id: RowId) -> bool {
    machine.shares_versions() && id == 1 && state.last_token == 0 && state.rows[0].word == Word::Pending
}
