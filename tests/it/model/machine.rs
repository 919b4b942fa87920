//! The model as the checker runs it.

use stateright::{Model, Property};

use super::action::Action;
use super::faults::{Cost, cost, fault};
use super::guard::{Guard, Guards};
use super::state::{Dispatch, Hold, Row, State, Token, Word};
use super::{documents, own, properties, statements};

/// Which rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// One row.
    Alone,
    /// A parent and a child that waits for it.
    Family,
    /// Two rows of one employee and report type.
    Rivals,
}

/// A scenario, its guards and its budgets.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// Which rows there are.
    pub(super) scenario: Scenario,
    /// Which guards there are.
    pub(super) guards: Guards,
    /// Deaths that quarantine a row.
    pub(super) crash_limit: u8,
    /// Troubles that may come.
    pub(super) troubles: u8,
    /// Changes that the application may make.
    pub(super) changes: u8,
}

impl Machine {
    /// Whether the rows take their versions from one row of numbers.
    pub(super) fn shares_versions(&self) -> bool {
        self.scenario == Scenario::Rivals
    }

    /// Whether rows are claimed ahead of a slot. Seen where a row is alone: it changes nothing between two rows.
    pub(super) fn claims_ahead(&self) -> bool {
        self.scenario == Scenario::Alone
    }

    /// All steps of our own that are possible.
    pub(super) fn own_steps(&self, state: &State) -> Vec<Action> {
        let mut actions = Vec::new();
        own::own(self, state, &mut actions);
        actions
    }

    /// A step of a run, by its token.
    fn run(&self, state: &mut State, token: Token, action: Action) {
        let Some(at) = state.runs.iter().position(|run| run.token == token) else { return };
        let run = state.runs.remove(at);
        if let Some(run) = self.step(state, run, action) {
            state.runs.insert(at, run);
        }
    }

    /// A step of anybody.
    fn apply(&self, state: &mut State, action: Action) {
        match action {
            Action::Claim(id) => statements::claim(self, state, id),
            Action::Heartbeat(token) => set_expired(state, token, false),
            Action::Expire(id) => {
                if let Some((token, _)) = state.lease(id) {
                    set_expired(state, token, true);
                }
            }
            Action::BelieveExpired(id) => state.believed_expired = Some(id),
            Action::Rescue(id) => {
                state.believed_expired = None;
                if state.lease(id).is_some() {
                    statements::rescue(self, state, id);
                }
            }
            Action::SettleWaiting(_) => statements::settle_waiting(state),
            Action::FindOrphan(document) => state.orphan = Some(document),
            Action::RemoveOrphan => {
                if let Some(document) = state.orphan.take() {
                    documents::remove_orphan(self, state, document);
                }
            }
            Action::DayPasses => {
                for one in &mut state.documents {
                    one.old = true;
                }
            }
            Action::Cancel(id) => statements::cancel(self, state, id),
            Action::SetBack(id) | Action::Sweep(id) => statements::set_back(self, state, id),
            Action::MarkRunning(id) => state.rows[id].word = Word::Running,
            Action::Begin(token)
            | Action::LookAtLease(token)
            | Action::Reserve(token)
            | Action::Write(token)
            | Action::Find(token)
            | Action::Ask(token)
            | Action::Clear(token)
            | Action::Publish(token)
            | Action::Complete(token)
            | Action::Die(token)
            | Action::TryAgain(token)
            | Action::GiveUp(token)
            | Action::PutOff(token)
            | Action::EntityIsNewer(token) => self.run(state, token, action),
        }
    }
}

fn set_expired(state: &mut State, token: Token, expired: bool) {
    for dispatch in state.rows.iter_mut().filter_map(|row| row.dispatch.as_mut()) {
        if matches!(dispatch.hold, Hold::Leased { token: held, .. } if held == token) {
            dispatch.hold = Hold::Leased { token, expired };
        }
    }
}

impl Model for Machine {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let waits = self.scenario == Scenario::Family && self.guards.has(Guard::DependantsWait);
        let row = |hold| Row {
            word: Word::Pending,
            dispatch: Some(Dispatch::new(hold)),
            slot: None,
            life: 0,
            killed: 0,
            quarantined: false,
        };
        let mut rows = vec![row(Hold::Ready)];
        if self.scenario != Scenario::Alone {
            rows.push(row(if waits { Hold::Waiting } else { Hold::Ready }));
        }
        vec![State {
            rows,
            runs: Vec::new(),
            documents: Vec::new(),
            published: Vec::new(),
            orphan: None,
            believed_expired: None,
            last_token: 0,
            troubles: self.troubles,
            changes: self.changes,
            fault: None,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        // What follows a fault proves nothing more.
        if state.fault.is_some() {
            return;
        }
        own::own(self, state, actions);
        if state.troubles > 0 {
            own::troubles(self, state, actions);
        }
        if state.changes > 0 {
            own::changes(self, state, actions);
        }
    }

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut after = before.clone();
        match cost(before, action) {
            Cost::Nothing => {}
            Cost::Trouble => after.troubles -= 1,
            Cost::Change => after.changes -= 1,
        }
        self.apply(&mut after, action);
        after.fault = before.fault.or_else(|| fault(self, before, action, &after));
        Some(after)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
