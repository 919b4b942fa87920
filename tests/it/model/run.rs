//! What a run does, step by step.

use super::action::Action;
use super::guard::Guard;
use super::machine::Machine;
use super::state::{Run, Stage, State};
use super::{documents, statements};

impl Machine {
    /// One step of a run. `None`: the run is over.
    pub(super) fn step(&self, state: &mut State, run: Run, action: Action) -> Option<Run> {
        let at = |stage| Some(Run { stage, ..run });
        let holds = state.holds(run);
        match action {
            Action::Begin(_) => {
                statements::begin(self, state, run);
                at(Stage::Claimed)
            }
            Action::Die(_) => {
                state.rows[run.row].killed += u8::from(holds && run.stage != Stage::Waits);
                None
            }
            Action::LookAtLease(_) if holds => at(Stage::SawLease),
            Action::Reserve(_) if holds || run.stage == Stage::SawLease => {
                let version = statements::reserve(self, state, run.row);
                Some(Run { version, stage: Stage::Reserved, ..run })
            }
            Action::Write(_) => self.write(state, run),
            Action::EntityIsNewer(_) if holds => at(Stage::Refused),
            Action::Find(_) => {
                at(Stage::Found(documents::in_place_of(self, state, run).map(|one| one.token)))
            }
            Action::Ask(_) => self.ask(state, run),
            Action::Clear(_) => {
                if let Stage::Clearing(token) = run.stage {
                    documents::clear(self, state, run, token);
                }
                at(Stage::Cleared)
            }
            Action::Publish(_) => self.publish(state, run),
            Action::Complete(_) if holds => {
                statements::complete(self, state, run.row);
                None
            }
            Action::PutOff(_) => {
                statements::put_back(self, state, run, false);
                None
            }
            Action::GiveUp(_) => {
                statements::fail(self, state, run);
                None
            }
            Action::TryAgain(_) => {
                statements::try_again(self, state, run);
                None
            }
            _ => None,
        }
    }

    /// The transaction in MongoDB; one that is refused asks whether the lease holds.
    fn write(&self, state: &mut State, run: Run) -> Option<Run> {
        let at = |stage| Some(Run { stage, ..run });
        if documents::write(self, state, run) {
            at(Stage::Written)
        } else if run.stage == Stage::Reserved && state.holds(run) {
            at(Stage::Refused)
        } else {
            statements::try_again(self, state, run);
            None
        }
    }

    /// Makes sure that the place in which a document stands is the run's own.
    fn ask(&self, state: &mut State, run: Run) -> Option<Run> {
        let at = |stage| Some(Run { stage, ..run });
        let published = state.published.iter().any(|one| one.version == run.version);
        let lost = match run.stage {
            Stage::Found(_) if self.guards.has(Guard::VersionSlot) => {
                state.rows[run.row].slot != Some(run.version)
            }
            _ => false,
        };
        match run.stage {
            _ if published || lost => {
                statements::try_again(self, state, run);
                None
            }
            Stage::Found(Some(token)) => at(Stage::Clearing(token)),
            Stage::Found(None) => at(Stage::Cleared),
            _ => at(Stage::Clearing(run.token - 1)),
        }
    }

    /// The transaction that publishes.
    fn publish(&self, state: &mut State, run: Run) -> Option<Run> {
        if self.guards.has(Guard::TokenOnCompletion) && !state.holds(run) {
            return None;
        }
        if !statements::publish(self, state, run) {
            statements::try_again(self, state, run);
            return None;
        }
        if self.guards.has(Guard::OneTransaction) {
            statements::complete(self, state, run.row);
            return None;
        }
        Some(Run { stage: Stage::HalfDone, ..run })
    }
}
