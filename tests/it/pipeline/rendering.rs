//! Reports as files: `orrery report render` over both stores.

use std::process::Output;

use uuid::Uuid;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, run};

const KIND: &str = "training_development";

fn render(world: &World, id: Uuid, options: &[&str]) -> Output {
    let id = id.to_string();
    let arguments: Vec<&str> = ["report", "render", &id].into_iter().chain(options.iter().copied()).collect();
    world.program(&arguments).output().expect("the program starts")
}

/// Exit code and what was said.
fn refused(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn a_second_version_is_rendered_beside_the_first_and_nothing_is_rendered_too_early() {
    let world = World::new().await;
    let first = rows::report(&world.app, ANNA, KIND).await;
    let (code, said) = refused(&render(&world, first, &["--html", "-"]));
    assert_eq!(code, Some(75), "{said}");
    assert!(said.contains("is pending") && said.contains("not completed yet"), "{said}");
    let (code, said) = refused(&render(&world, Uuid::new_v4(), &["--html", "-"]));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("there is no report"), "{said}");

    let _worker = world.worker(&[]).await;
    world.completed(REPORTS, first).await;
    run(
        &world.app,
        "update entity_birth_data set birth_date = '1979-10-30', birth_time = '21:40' where employee_id = '60000000-0000-4000-9000-000000000001'",
    )
    .await;
    let second = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, second).await;

    let folder = std::env::temp_dir().join(&world.name).join("files");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (page, text, pictures) = (file("report.html"), file("report.md"), file("pictures"));
    let options = [
        "--html",
        page.as_str(),
        "--markdown",
        &text,
        "--svg",
        &pictures,
        "--theme",
        "auto",
        "--compare",
        "1",
    ];
    let output = render(&world, second, &options);
    assert!(output.status.success(), "{}", refused(&output).1);

    let page = std::fs::read_to_string(page).unwrap();
    for part in [
        "<!DOCTYPE html>",
        "Anna Lindqvist",
        "What changed",
        "beside version 2",
        "The plan in full",
        "id=\"fact-F01\"",
        "How the score adds up",
        "Method and limits",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let text = std::fs::read_to_string(text).unwrap();
    assert!(text.contains("## What changed") && text.contains("[F01](#fact-F01)"));
    let mut names: Vec<String> = std::fs::read_dir(pictures)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "evidence-1-chart-wheel.svg",
            "measures-1-timeline.svg",
            "overview-1-radar.svg",
            "priority-skills-1-bar.svg"
        ]
    );

    let (code, said) = refused(&render(&world, second, &["--html", "/nowhere/report.html"]));
    assert_eq!((code, said.contains("/nowhere/report.html cannot be written")), (Some(1), true), "{said}");
    let (code, said) = refused(&render(&world, second, &["--html", "-", "--compare", "2"]));
    assert_eq!((code, said.contains("only an earlier version")), (Some(2), true), "{said}");
    let (code, said) = refused(&render(&world, second, &["--html", "-", "--compare", "0"]));
    assert_eq!((code, said.contains("there are versions 1, 2")), (Some(1), true), "{said}");
    let (code, said) = refused(&render(&world, second, &[]));
    assert_eq!((code, said.contains("--html <FILE>")), (Some(2), true), "{said}");
    world.close().await;
}
