//! A stranger's walk: what the documents tell people to type is typed, against real servers and a real worker.
//!
//! Every fenced block of `README.md`, `CONTRIBUTING.md` and `docs/*.md` is run, or stands in [`instead`] with the reason and what
//! shows it instead. Names such as ID stand for real ones, as [`place`] says.

mod document;
mod instead;
mod place;
mod printed;
mod spoken;
mod typed;

use std::collections::BTreeSet;

use document::{Block, Kind};
use place::Place;
use typed::Walker;

use crate::support::World;
use crate::support::rows::count;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_documents_tell_people_to_type_works() {
    let place = Place::new(World::new().await, World::empty().await).await;
    let mut walker = Walker::new(&place);
    for block in document::blocks() {
        match block.kind() {
            Kind::Shell => walker.commands(&block),
            Kind::Sql => walker.sql(&block),
            Kind::Session => walker.session(&block),
            Kind::Configuration => walker.configuration(&block),
            Kind::Recipe | Kind::Shown => {}
        }
    }
    for (document, query) in spoken::queries() {
        walker.spoken(&document, &query);
    }
    let Walker { ran, used, wrong, .. } = walker;
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n\n"), place.world.evidence());
    assert!(ran > 70, "only {ran} commands and statements were run");
    let unused: BTreeSet<&str> = instead::all().difference(&used).copied().collect();
    assert!(unused.is_empty(), "no document has these any more: {unused:?}");
    if typed::installed("jq") && typed::installed("curl") {
        let paused =
            "select count(*) from orrery.audit where action = 'queue.pause' and source = 'dashboard'";
        assert_eq!(
            count(&place.world.app, paused).await,
            1,
            "the script of docs/dashboard.md pauses a queue"
        );
    }
    printed::as_cli_md_says(&place);
    place.close().await;
}

#[test]
fn what_stands_in_for_a_command_exists() {
    instead::stands();
}

#[test]
fn commands_in_the_text_are_commands_of_the_program() {
    spoken::check();
}

#[test]
fn the_tables_of_the_readme_have_the_headings_of_the_demo() {
    printed::demo(&document::blocks().into_iter().filter(Block::is_of_the_demo).collect::<Vec<_>>());
}
