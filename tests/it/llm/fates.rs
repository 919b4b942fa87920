//! The table of failures as rows of the queue: attempts burnt or not, parked or failed, who is asked next, what is written down, and what
//! an operator reads of it.

mod scene;
mod table;

use bson::{Bson, doc};
use orrery::llm::Kind;

use self::scene::{Scene, since};
use self::table::{FIRST_RESTS, Fate, MINUTE, case, table};
use super::listener::Reply;
use super::model::{stored, writes};
use crate::support::jobs::end_waits;
use crate::support::rows::{REPORTS, attempts, run, says};

/// Kinds that are no end of a row here: those of batches and of our own stores have tests of their own, prompts are compiled in, and without
/// a chain nobody is asked.
const ELSEWHERE: [Kind; 5] =
    [Kind::BatchWaiting, Kind::BatchExpired, Kind::NoProvider, Kind::PromptRender, Kind::Store];

#[test]
fn no_kind_of_failure_is_left_out() {
    let table = table();
    for kind in Kind::ALL.into_iter().filter(|kind| !ELSEWHERE.contains(kind)) {
        assert!(table.iter().any(|case| case.code == kind.code()), "{}", kind.code());
    }
}

#[tokio::test]
async fn each_failure_of_a_model_burns_an_attempt_puts_the_row_off_or_fails_it() {
    let scene = Scene::begin(false).await;
    for case in table() {
        scene.shows(&case).await;
    }
    let kept = scene.world.reports("llm_audit", doc! { "failure.code": "llm.bad_request" }).await;
    assert_eq!(kept.len(), 1, "what the provider said of a bad request is kept");
    says(kept[0].get_str("raw").unwrap(), &["unknown_parameter"]);
    scene.world.assert_nothing_published().await;
    scene.end().await;
}

#[tokio::test]
async fn where_the_narrator_may_it_writes_what_would_fail_and_nothing_that_can_wait_or_could_leak() {
    let scene = Scene::begin(true).await;
    for case in table().iter().filter(|case| !case.is_slow()) {
        let never = ["llm.job_budget_exceeded", "llm.privacy"].contains(&case.code);
        if never || matches!(case.fate, Fate::Waits(_)) {
            scene.shows(case).await;
        } else {
            scene.shows_the_narrator(case).await;
        }
    }
    scene.end().await;
}

#[tokio::test]
async fn the_next_provider_writes_where_it_may_be_asked_and_the_report_says_why() {
    let scene = Scene::begin(false).await;
    for mut case in table() {
        let rests = case.code == "llm.circuit_open";
        if case.is_slow() || !(rests || case.asked[1] > 0) {
            continue;
        }
        if rests {
            case.before = FIRST_RESTS;
        }
        scene.play([case.replies.clone(), writes()]);
        let before = scene.asked();
        let id = scene.row(&case, 3, "0 s").await;
        let report = stored(&scene.world, id).await;
        assert_eq!(since(before, scene.asked()), [case.asked[0], 1], "{}", case.code);
        let generation = report.get_document("generation").unwrap();
        assert_eq!(generation.get_str("generator").unwrap(), "model", "{generation}");
        assert_eq!(generation.get_str("provider").unwrap(), "second", "{generation}");
        assert_eq!(
            *generation.get_array("degradedReasons").unwrap(),
            [Bson::String(case.code.to_owned())],
            "{generation}"
        );
        assert_eq!(attempts(&scene.world.app, id).await, 1, "{}", case.code);
        assert_eq!(scene.errors(id).await, Vec::<String>::new(), "{}", case.code);
    }
    scene.end().await;
}

#[tokio::test]
async fn a_row_that_was_put_off_for_a_day_waits_no_longer() {
    for narrator in [false, true] {
        let scene = Scene::begin(narrator).await;
        let no_room = vec![Reply::status(503, "x-should-retry: false\r\n", "")];
        let case = case("llm.overloaded", no_room.clone(), MINUTE);
        scene.play([no_room.clone(), no_room]);
        let id = scene.row(&case, 3, "25 hours").await;
        let back = scene.let_go(id, 1).await.expect("the first time it is put off");
        assert_eq!((back.attempts, back.snoozes), (0, 1));
        run(&scene.world.app, "update orrery.dispatch set first_snoozed_at = now() - interval '25 hours'")
            .await;
        end_waits(&scene.world.app).await;
        if narrator {
            scene.assert_narrated(id, case.code).await;
        } else {
            says(&scene.world.failed(REPORTS, id).await, &[case.code]);
            assert_eq!(scene.errors(id).await, ["llm.overloaded permanent ai_analysis f t"]);
        }
        assert_eq!(scene.asked(), [2, 2], "narrator: {narrator}");
        scene.end().await;
    }
}

#[tokio::test]
async fn what_is_no_report_twice_is_not_paid_a_third_time() {
    for narrator in [false, true] {
        let scene = Scene::begin(narrator).await;
        let wrong = vec![Reply::text("no report")];
        let case = case("llm.invalid_output", wrong.clone(), Fate::Retried);
        scene.play([wrong.clone(), wrong]);
        let id = scene.row(&case, 5, "0 s").await;
        let back = scene.let_go(id, 1).await.expect("it is tried once more");
        assert_eq!((back.attempts, back.snoozes), (1, 0));
        end_waits(&scene.world.app).await;
        let first = "llm.invalid_output retry ai_analysis t";
        if narrator {
            scene.assert_narrated(id, case.code).await;
            assert_eq!(scene.errors(id).await, [first], "the row keeps no error");
        } else {
            says(&scene.world.failed(REPORTS, id).await, &[case.code]);
            let errors = scene.errors(id).await;
            assert_eq!(
                errors,
                [format!("{first} t"), "llm.invalid_output permanent ai_analysis f t".to_owned()]
            );
        }
        assert_eq!(attempts(&scene.world.app, id).await, 2);
        assert_eq!(scene.asked(), [6, 6], "narrator: {narrator}");
        scene.end().await;
    }
}
