//! MongoDB: guarded writes and guarded removals.

use super::guard::Guard;
use super::machine::Machine;
use super::state::{Document, Run, State, Token};

/// `write_all`: whether the documents are there under the run's token. A unique key stands on row and version, and one
/// on the version of employee and type.
pub(super) fn write(machine: &Machine, state: &mut State, run: Run) -> bool {
    let own = |one: &&mut Document| (one.row, one.version) == (run.row, run.version);
    if let Some(document) = state.documents.iter_mut().find(own) {
        if machine.guards.has(Guard::TokenOnDocuments) && document.token > run.token {
            return false;
        }
        document.token = run.token;
        return true;
    }
    if in_place_of(machine, state, run).is_some() {
        return false;
    }
    state.documents.push(Document { row: run.row, version: run.version, token: run.token, old: false });
    state.documents.sort_unstable();
    true
}

/// The document of another row that stands where a document of this run belongs.
pub(super) fn in_place_of(machine: &Machine, state: &State, run: Run) -> Option<Document> {
    let rival = |one: &Document| one.row != run.row && one.version == run.version;
    state.documents.iter().copied().find(|one| machine.shares_versions() && rival(one))
}

/// `remove_documents` after a conflict: removes what stands in the run's place and bears no greater token than this.
pub(super) fn clear(machine: &Machine, state: &mut State, run: Run, token: Token) {
    if let Some(document) = in_place_of(machine, state, run).filter(|one| one.token <= token) {
        state.documents.retain(|one| *one != document);
    }
}

/// Whether the reconciler takes a document for one to which nothing points and that nobody will write again.
pub(super) fn is_orphan(machine: &Machine, state: &State, document: Document) -> bool {
    let spared = machine.guards.has(Guard::OpenRowsSpared) && state.rows[document.row].dispatch.is_some();
    let unseen = document.old && !machine.guards.has(Guard::AllDocumentsSeen);
    !(spared || unseen || state.is_published(document.row, document.version))
}

/// `remove_documents` by the reconciler.
pub(super) fn remove_orphan(machine: &Machine, state: &mut State, found: Document) {
    let newer = |one: &Document| machine.guards.has(Guard::RemovalByToken) && one.token > found.token;
    state.documents.retain(|one| (one.row, one.version) != (found.row, found.version) || newer(one));
}
