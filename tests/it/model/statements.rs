//! The statements of PostgreSQL, each as one step.

use super::guard::Guard;
use super::machine::{Machine, Scenario};
use super::state::{Dispatch, Hold, Published, RowId, Run, Stage, State, Word};

/// Attempts after which an error fails the row.
const MAX_ATTEMPTS: u8 = 2;

/// `claim_report.sql`.
pub(super) fn claim(machine: &Machine, state: &mut State, id: RowId) {
    let ahead = machine.claims_ahead();
    let Some(dispatch) = state.rows[id].dispatch.as_mut() else { return };
    state.last_token += 1;
    dispatch.hold = Hold::Leased { token: state.last_token, expired: false };
    dispatch.attempts += 1;
    dispatch.begun = !ahead;
    state.rows[id].word = Word::Running;
    let first = if ahead { Stage::Waits } else { Stage::Claimed };
    state.runs.push(Run { token: state.last_token, row: id, version: 0, stage: first });
}

/// `begin.sql`.
pub(super) fn begin(machine: &Machine, state: &mut State, run: Run) {
    let told = machine.guards.has(Guard::TellsBeforeBegin) && state.holds(run);
    if let Some(dispatch) = state.rows[run.row].dispatch.as_mut().filter(|_| told) {
        dispatch.begun = true;
    }
}

/// `reserve_version.sql`, once the lease was seen to hold: the version of the row.
pub(super) fn reserve(machine: &Machine, state: &mut State, id: RowId) -> u8 {
    if let Some(version) = state.rows[id].slot {
        return version;
    }
    let near = |other: RowId| machine.shares_versions() || other == id;
    let published = state.published.iter().filter(|one| near(one.row)).map(|one| one.version);
    let reserved =
        (0..state.rows.len()).filter(|&other| near(other)).filter_map(|other| state.rows[other].slot);
    let version = 1 + published.chain(reserved).max().unwrap_or(0);
    if machine.guards.has(Guard::VersionSlot) {
        state.rows[id].slot = Some(version);
    }
    version
}

/// `complete_report.sql`, and what follows for the child.
pub(super) fn complete(machine: &Machine, state: &mut State, id: RowId) {
    end(state, id, Word::Completed);
    settle_child(machine, state, id);
}

/// Metadata and version; `false` when another row has published that version.
pub(super) fn publish(machine: &Machine, state: &mut State, run: Run) -> bool {
    let taken =
        |one: &Published| one.version == run.version && (machine.shares_versions() || one.row == run.row);
    if state.published.iter().any(taken) {
        return false;
    }
    let life = state.rows[run.row].life;
    state.published.push(Published { row: run.row, life, version: run.version, token: run.token });
    state.rows[run.row].slot = None;
    true
}

/// `put_back_report.sql`: the row runs again.
pub(super) fn put_back(machine: &Machine, state: &mut State, run: Run, counted: bool) {
    if machine.guards.has(Guard::TokenOnPutBack) && !state.holds(run) {
        return;
    }
    state.rows[run.row].word = Word::Pending;
    if let Some(dispatch) = state.rows[run.row].dispatch.as_mut() {
        dispatch.hold = Hold::Ready;
        dispatch.attempts = dispatch.attempts.saturating_sub(u8::from(!counted));
    }
}

/// `fail_report.sql`, and what follows for the child.
pub(super) fn fail(machine: &Machine, state: &mut State, run: Run) {
    if machine.guards.has(Guard::TokenOnPutBack) && !state.holds(run) {
        return;
    }
    end(state, run.row, Word::Failed);
    settle_child(machine, state, run.row);
}

/// `Settler::settle` after an error that may pass.
pub(super) fn try_again(machine: &Machine, state: &mut State, run: Run) {
    let attempts = state.rows[run.row].dispatch.map_or(0, |dispatch| dispatch.attempts);
    if attempts < MAX_ATTEMPTS {
        put_back(machine, state, run, true);
    } else {
        fail(machine, state, run);
    }
}

/// `rescue_report.sql`. The child of a quarantined row is told later.
pub(super) fn rescue(machine: &Machine, state: &mut State, id: RowId) {
    let Some(dispatch) = state.rows[id].dispatch.as_mut() else { return };
    dispatch.crashes += u8::from(dispatch.begun);
    if machine.guards.has(Guard::CrashLimit) && dispatch.crashes >= machine.crash_limit {
        end(state, id, Word::Failed);
        state.rows[id].quarantined = true;
    } else {
        dispatch.hold = Hold::Ready;
        dispatch.attempts = dispatch.attempts.saturating_sub(1);
        state.rows[id].word = Word::Pending;
    }
}

/// `orrery.settle_waiting`, `wake_dependents` and `fail_dependents`: the child learns how its parent ended.
pub(super) fn settle_waiting(state: &mut State) {
    let parent = state.rows[0].word;
    let child = &mut state.rows[1];
    let Some(dispatch) = child.dispatch.as_mut().filter(|dispatch| dispatch.hold == Hold::Waiting) else {
        return;
    };
    if parent == Word::Completed || (parent.ended() && child.word != Word::Pending) {
        dispatch.hold = Hold::Ready;
    } else if parent.ended() {
        end(state, 1, Word::Failed);
    }
}

/// The application's `UPDATE` to `cancelled` with its trigger.
pub(super) fn cancel(machine: &Machine, state: &mut State, id: RowId) {
    end(state, id, Word::Cancelled);
    settle_child(machine, state, id);
}

/// `UPDATE` to `pending` with its trigger, by the application or the sweep. A row that ran keeps its counts and its slot.
pub(super) fn set_back(machine: &Machine, state: &mut State, id: RowId) {
    let waits = machine.scenario == Scenario::Family && id == 1 && state.rows[0].word != Word::Completed;
    let hold = if waits { Hold::Waiting } else { Hold::Ready };
    let row = &mut state.rows[id];
    row.life += u8::from(row.word.ended());
    row.quarantined = false;
    row.word = Word::Pending;
    let dispatch = Dispatch { hold, ..row.dispatch.unwrap_or(Dispatch::new(hold)) };
    // Who takes a row from a worker takes it on himself whether that worker was dead.
    row.killed = dispatch.crashes;
    row.dispatch = Some(dispatch);
}

fn settle_child(machine: &Machine, state: &mut State, id: RowId) {
    if machine.scenario == Scenario::Family && id == 0 {
        settle_waiting(state);
    }
}

fn end(state: &mut State, id: RowId, word: Word) {
    state.rows[id].word = word;
    state.rows[id].dispatch = None;
    state.rows[id].slot = None;
}
