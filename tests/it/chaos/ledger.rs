//! What the application of a storm has asked for, and how it has to end.

use std::collections::HashMap;
use std::sync::Mutex;

use uuid::Uuid;

/// How a row has to end, as long as nobody cancels it and what it waits for completes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Completed.
    Completes,
    /// Failed with this code.
    Fails(&'static str),
    /// Skipped.
    Skipped,
}

/// A row that the application has inserted.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `report`, `entity`, `calculation` or `quarter`.
    pub queue: &'static str,
    /// How it has to end.
    pub plan: Plan,
    /// Rows that have to complete first.
    pub parents: Vec<Uuid>,
    /// Whether the application has cancelled it before it ended.
    pub cancelled: bool,
    /// Whether it may run at once, with the usual priority: the waits of such rows can be compared.
    pub comparable: bool,
}

/// All rows that the application has inserted and that the database has acknowledged.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Mutex<HashMap<Uuid, Entry>>,
}

impl Ledger {
    /// Notes rows.
    pub fn add(&self, rows: impl IntoIterator<Item = (Uuid, Entry)>) {
        self.entries.lock().unwrap().extend(rows);
    }

    /// Notes that a row was cancelled before it ended.
    pub fn cancelled(&self, id: Uuid) {
        if let Some(entry) = self.entries.lock().unwrap().get_mut(&id) {
            entry.cancelled = true;
        }
    }

    /// Everything.
    pub fn all(&self) -> HashMap<Uuid, Entry> {
        self.entries.lock().unwrap().clone()
    }
}
