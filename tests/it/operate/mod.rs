//! What an operator sees and does: filters, actions on many rows, all of one row, and a role that may only look.

mod acting;
mod commands;
mod enqueuing;
mod filters;
mod looking;

use std::collections::BTreeSet;

use chrono::Utc;
use orrery::operate::{Actor, Filter, Source, jobs};
use orrery::queue::{JobError, Queue, Stage};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows;

const KIND: &str = "compatibility_company";

/// Who acts in these tests.
fn actor() -> Actor {
    Actor { name: "keeper".to_owned(), source: Source::Dashboard }
}

fn filter(pairs: &[(&str, &str)]) -> Filter {
    Filter::from_pairs(pairs.iter().copied(), Utc::now()).unwrap()
}

/// All rows that a filter lets through, page by page; no row may come twice.
async fn found(world: &World, filter: &Filter, limit: usize) -> BTreeSet<Uuid> {
    let (mut all, mut after) = (BTreeSet::new(), None);
    loop {
        let page = jobs::list(&world.app, filter, after, limit).await.unwrap();
        assert!(page.rows.len() <= limit, "{} rows on a page of {limit}", page.rows.len());
        for row in &page.rows {
            assert!(all.insert(row.id), "row {} comes twice", row.id);
        }
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// So many report rows that have failed with this code.
async fn failed(world: &World, rows: usize, code: &'static str) -> BTreeSet<Uuid> {
    let mut ids = BTreeSet::new();
    for _ in 0..rows {
        ids.insert(rows::report(&world.app, ANNA, KIND).await);
        let job = world.claim_one(Queue::Report).await;
        world.settle(&job, &JobError::permanent(Stage::Collect, code, "it will never work")).await;
    }
    ids
}
