//! With all guards, in every order.

use std::collections::HashMap;

use stateright::{Checker, Model};

use super::guard::Guards;
use super::machine::{Machine, Scenario};
use super::state::State;

/// A row that may kill three workers, and an application that changes its mind twice.
const ALONE: Machine =
    Machine { scenario: Scenario::Alone, guards: Guards::all(), crash_limit: 3, troubles: 3, changes: 2 };

/// A parent and its child.
const FAMILY: Machine =
    Machine { scenario: Scenario::Family, guards: Guards::all(), crash_limit: 2, troubles: 2, changes: 1 };

/// Two rows of one employee and report type.
const RIVALS: Machine =
    Machine { scenario: Scenario::Rivals, guards: Guards::all(), crash_limit: 2, troubles: 2, changes: 1 };

/// Visits all states. The floor is there so that the model cannot shrink to one that has nothing to show.
fn check(machine: Machine, floor: usize) {
    let checker = machine.checker().spawn_bfs().join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    assert!(states > floor, "only {states} states");
}

#[test]
fn a_row_alone_keeps_every_promise_in_every_order() {
    check(ALONE, 60_000);
}

#[test]
fn a_parent_and_its_child_keep_every_promise_in_every_order() {
    check(FAMILY, 20_000);
}

#[test]
fn two_rows_of_one_employee_and_type_keep_every_promise_in_every_order() {
    check(RIVALS, 100_000);
}

/// That every row ends well is asked of states in which no own step is left. It holds on every path because no path is
/// endless: no state can come again.
#[test]
fn no_path_is_endless() {
    for machine in [
        Machine { changes: 1, ..ALONE },
        FAMILY,
        Machine { troubles: 1, ..RIVALS },
        Machine { changes: 0, ..RIVALS },
    ] {
        let mut seen = HashMap::new();
        let start = &machine.init_states()[0];
        assert!(ends(&machine, start, &mut seen), "{:?}: a state can come again", machine.scenario);
        assert!(seen.len() > 1_000, "only {} states", seen.len());
    }
}

/// Whether every path from a state ends. A state that is seen and not known to end lies on the path that led here.
fn ends(machine: &Machine, state: &State, seen: &mut HashMap<State, bool>) -> bool {
    if let Some(ends) = seen.get(state) {
        return *ends;
    }
    seen.insert(state.clone(), false);
    let all = machine.next_states(state).iter().all(|next| ends(machine, next, seen));
    seen.insert(state.clone(), all);
    all
}
