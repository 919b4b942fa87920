//! What goes wrong without each guard.
//!
//! Each test lets the checker search without one guard, and tells a story in which a property breaks. The checker must find
//! that property broken, the story must be a way to break it, and with all guards the same story must be harmless.

use stateright::{Checker, HasDiscoveries, Model, Path};

use super::action::Action::{
    self, Ask, Begin, BelieveExpired, Cancel, Claim, Clear, DayPasses, Die, EntityIsNewer, Expire, Find,
    FindOrphan, GiveUp, Heartbeat, LookAtLease, MarkRunning, Publish, RemoveOrphan, Rescue, Reserve, SetBack,
    TryAgain, Write,
};
use super::guard::{Guard, Guards};
use super::machine::{Machine, Scenario};
use super::properties::{
    ALL_ENDS_WELL, CHILD_AFTER_PARENT, DEATHS_ARE_FEW, DEATHS_COUNT, DOCUMENTS_OF_THE_WINNER,
    ENDED_STAYS_ENDED, LEASE_STAYS, ONE_VERSION, ONLY_RUNNING_PUBLISH, SLOT_OF_OPEN_ROW, VERSION_OF_ONE_ROW,
};
use super::state::Document;

/// The document that the first claim of row 0 writes.
const FIRST: Document = Document { row: 0, version: 1, token: 1, old: false };

/// Asserts that a property breaks without a guard, that this story breaks it, and that the guard prevents it.
fn breaks(guard: Guard, scenario: Scenario, property: &'static str, story: &[Action]) {
    let machine = |guards| Machine { scenario, guards, crash_limit: 2, troubles: 2, changes: 1 };
    let checker = machine(Guards::without(guard))
        .checker()
        .finish_when(HasDiscoveries::AnyOf([property].into_iter().collect()))
        .spawn_bfs()
        .join();
    // Fails with the actions of what was found.
    checker.assert_discovery(property, story.to_vec());

    let guarded = machine(Guards::all());
    let start = guarded.init_states().remove(0);
    // A step that the guard refuses altogether is harmless too.
    if let Some(path) = Path::from_actions(&guarded, start, story) {
        let holds = guarded.property(property).condition;
        assert!(holds(&guarded, path.last_state()), "{guard:?} does not prevent {story:?}");
    }
}

#[test]
fn without_the_token_on_completion_a_cancelled_row_publishes() {
    let story = [Claim(0), Begin(1), Reserve(1), Write(1), Cancel(0), Publish(1)];
    breaks(Guard::TokenOnCompletion, Scenario::Alone, ONLY_RUNNING_PUBLISH, &story);
}

#[test]
fn without_the_token_on_completion_a_thawed_run_publishes_the_documents_of_its_successor() {
    let story = [
        Claim(0),
        Begin(1),
        Reserve(1),
        Write(1),
        Expire(0),
        Rescue(0),
        Claim(0),
        Begin(2),
        Reserve(2),
        Write(2),
        Publish(1),
    ];
    breaks(Guard::TokenOnCompletion, Scenario::Alone, DOCUMENTS_OF_THE_WINNER, &story);
}

#[test]
fn without_the_token_on_documents_a_thawed_run_writes_over_what_is_published() {
    let story = [
        Claim(0),
        Begin(1),
        Reserve(1),
        Expire(0),
        Rescue(0),
        Claim(0),
        Begin(2),
        Reserve(2),
        Write(2),
        Publish(2),
        Write(1),
    ];
    breaks(Guard::TokenOnDocuments, Scenario::Alone, DOCUMENTS_OF_THE_WINNER, &story);
}

#[test]
fn without_the_token_on_put_back_a_completed_row_is_pending_again() {
    let story = [
        Claim(0),
        Begin(1),
        Expire(0),
        Rescue(0),
        Claim(0),
        Begin(2),
        Reserve(2),
        Write(2),
        Publish(2),
        TryAgain(1),
    ];
    breaks(Guard::TokenOnPutBack, Scenario::Alone, ENDED_STAYS_ENDED, &story);
}

#[test]
fn without_the_token_on_failure_a_completed_row_fails() {
    let story = [
        Claim(0),
        Begin(1),
        Expire(0),
        Rescue(0),
        Claim(0),
        Begin(2),
        Reserve(2),
        Write(2),
        Publish(2),
        GiveUp(1),
    ];
    breaks(Guard::TokenOnPutBack, Scenario::Alone, ENDED_STAYS_ENDED, &story);
}

#[test]
fn without_a_slot_two_rows_get_one_version() {
    let story = [Claim(0), Claim(1), Reserve(1), Reserve(2)];
    breaks(Guard::VersionSlot, Scenario::Rivals, VERSION_OF_ONE_ROW, &story);
}

#[test]
fn without_a_slot_a_row_removes_what_the_other_publishes() {
    let story = [
        Claim(0),
        Claim(1),
        Reserve(1),
        Reserve(2),
        Write(1),
        Write(2),
        Find(2),
        Ask(2),
        Publish(1),
        Clear(2),
    ];
    breaks(Guard::VersionSlot, Scenario::Rivals, DOCUMENTS_OF_THE_WINNER, &story);
}

#[test]
fn without_a_lock_on_the_lease_a_cancelled_row_keeps_a_version_for_itself() {
    let story = [Claim(0), Begin(1), LookAtLease(1), Cancel(0), Reserve(1)];
    breaks(Guard::ReserveUnderLock, Scenario::Alone, SLOT_OF_OPEN_ROW, &story);
}

#[test]
fn without_one_transaction_a_row_makes_two_versions() {
    let story = [
        Claim(0),
        Begin(1),
        Reserve(1),
        Write(1),
        Publish(1),
        Die(1),
        Expire(0),
        Rescue(0),
        Claim(0),
        Begin(2),
        Reserve(2),
        Write(2),
        Publish(2),
    ];
    breaks(Guard::OneTransaction, Scenario::Alone, ONE_VERSION, &story);
}

#[test]
fn without_a_second_look_at_the_expiry_a_living_run_loses_its_lease() {
    let story = [Claim(0), Begin(1), Expire(0), BelieveExpired(0), Heartbeat(1), Rescue(0)];
    breaks(Guard::RescueUnderLock, Scenario::Alone, LEASE_STAYS, &story);
}

#[test]
fn without_the_crash_limit_a_row_kills_one_worker_after_the_other() {
    let story =
        [Claim(0), Begin(1), Die(1), Expire(0), Rescue(0), Claim(0), Begin(2), Die(2), Expire(0), Rescue(0)];
    breaks(Guard::CrashLimit, Scenario::Alone, DEATHS_ARE_FEW, &story);
}

#[test]
fn without_a_word_before_the_first_step_a_row_kills_and_is_not_counted() {
    let story = [Claim(0), Begin(1), Die(1), Expire(0), Rescue(0)];
    breaks(Guard::TellsBeforeBegin, Scenario::Alone, DEATHS_COUNT, &story);
}

#[test]
fn without_waiting_a_child_runs_before_its_parent() {
    let story = [Claim(1)];
    breaks(Guard::DependantsWait, Scenario::Family, CHILD_AFTER_PARENT, &story);
}

#[test]
fn without_the_sweep_a_row_that_the_application_marked_never_ends() {
    let story = [MarkRunning(0)];
    breaks(Guard::SweepOfMarkedRows, Scenario::Alone, ALL_ENDS_WELL, &story);
}

#[test]
fn without_regard_to_open_rows_the_reconciler_removes_what_is_about_to_be_published() {
    let story = [Claim(0), Begin(1), Reserve(1), Write(1), FindOrphan(FIRST), RemoveOrphan, Publish(1)];
    breaks(Guard::OpenRowsSpared, Scenario::Alone, DOCUMENTS_OF_THE_WINNER, &story);
}

#[test]
fn without_the_token_on_removal_the_reconciler_removes_what_a_row_wrote_that_was_opened_again() {
    let story = [
        Claim(0),
        Begin(1),
        Reserve(1),
        Write(1),
        GiveUp(1),
        FindOrphan(FIRST),
        SetBack(0),
        Claim(0),
        Begin(2),
        Reserve(2),
        Write(2),
        Publish(2),
        RemoveOrphan,
    ];
    breaks(Guard::RemovalByToken, Scenario::Alone, DOCUMENTS_OF_THE_WINNER, &story);
}

#[test]
fn without_a_look_at_old_documents_one_that_nothing_points_to_stays() {
    let story = [Claim(0), Begin(1), Reserve(1), Write(1), DayPasses, Cancel(0), Publish(1)];
    breaks(Guard::AllDocumentsSeen, Scenario::Alone, ALL_ENDS_WELL, &story);
}

#[test]
fn without_the_found_token_a_row_removes_what_the_next_owner_of_its_version_publishes() {
    let story = [
        Claim(0),
        Claim(1),
        Reserve(2),
        EntityIsNewer(2),
        Ask(2),
        Cancel(1),
        Reserve(1),
        Write(1),
        Publish(1),
        Clear(2),
    ];
    breaks(Guard::ConflictByFoundToken, Scenario::Rivals, DOCUMENTS_OF_THE_WINNER, &story);
}
