//! Input that cannot work fails its own row, says why, and leaves its neighbours alone.

use bson::doc;
use serde_json::json;
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY, TOO_EARLY, USER, WITHOUT_BIRTH, WRONG_ZONE};
use crate::support::rows::{self, CALCULATIONS, ENTITIES, REPORTS, count, error_codes, says};

/// Asserts that nothing was tried twice and closes the world.
async fn nothing_is_tried_twice(world: World) {
    let again = "select (select count(*) from report_generation_queue where status = 'failed' and attempt_count > 1)
                      + (select count(*) from entity_update_queue where queue_status = 'failed' and retry_count > 0)
                      + (select count(*) from calculation_jobs where job_status = 'failed' and retry_count > 0)";
    assert_eq!(count(&world.app, again).await, 0, "what cannot work is not tried again");
    world.assert_stores_agree().await;
    world.close().await;
}

/// A questionnaire of which one question was answered and one was left out.
async fn answer_one_question(world: &World, employee: Uuid) {
    let asked = |id: &str, answer: bson::Bson| doc! { "questionId": id, "question": "How clear are your goals?", "questionType": "rating", "answer": answer };
    let document = doc! {
        "responseId": Uuid::new_v4().to_string(), "employeeId": employee.to_string(), "questionnaireType": "peer_feedback",
        "responses": [asked("q1", bson::Bson::Int32(3)), asked("q2", bson::Bson::Null)],
        "completedDate": bson::DateTime::now(), "reviewStatus": "pending",
    };
    let database = world.mongo.database(&world.databases.reports);
    database.collection("questionnaire_responses").insert_one(document).await.unwrap();
}

#[tokio::test]
async fn wrong_report_rows_fail_with_field_and_way_out_and_their_neighbours_complete() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    answer_one_question(&world, BEN).await;
    // Everything is there before the worker starts, so that wrong and right rows run side by side.
    let report = async |employee, kind: &'static str| rows::report(&world.app, employee, kind).await;
    let wrong = [
        (
            report(ANNA, "compatibility_departement").await,
            "report.type_unknown",
            vec!["report_type", "did you mean compatibility_department"],
        ),
        (
            report(WITHOUT_BIRTH, "compatibility_company").await,
            "data.birth_data_missing",
            vec!["entity_birth_data", "insert birth_date"],
        ),
        (
            report(WRONG_ZONE, "compatibility_company").await,
            "astro.input_invalid",
            vec!["timezone", "Europe/Atlantis", "IANA"],
        ),
        (
            report(TOO_EARLY, "compatibility_company").await,
            "astro.ephemeris_range",
            vec!["birth_date", "1718-05-16", "covers"],
        ),
        (
            report(ANNA, "questionnaire_qa").await,
            "data.questionnaire_missing",
            vec!["questionnaire", "request the report again"],
        ),
        (
            report(BEN, "questionnaire_qa").await,
            "data.insufficient",
            vec!["1 answered question", "at least 2", "request the report again"],
        ),
        (
            rows::report_with(
                &world.app,
                BEN,
                "compatibility_company",
                "manual_request",
                json!({ "quarter": "Q5/2026" }),
            )
            .await,
            "report.quarter_invalid",
            vec!["request_metadata.quarter", "Q5/2026", "2026-Q4"],
        ),
    ];
    let neighbours =
        [report(ANNA, "compatibility_company").await, report(BEN, "personality_role_specific").await];
    let _worker = world.worker(&[]).await;
    for (id, code, words) in &wrong {
        says(&world.failed(REPORTS, *id).await, words);
        assert_eq!(error_codes(&world.app, *id).await, [*code]);
    }
    for id in neighbours {
        world.completed(REPORTS, id).await;
    }
    nothing_is_tried_twice(world).await;
}

#[tokio::test]
async fn rows_that_wait_for_themselves_fail_under_a_worker_and_their_neighbours_complete() {
    let world = World::new().await;
    let [own, one, other] = [(); 3].map(|()| Uuid::new_v4());
    for rows in [vec![(own, own)], vec![(one, other), (other, one)]] {
        let (ids, parents): (Vec<Uuid>, Vec<Uuid>) = rows.into_iter().unzip();
        sqlx::query(
            "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
             select x.id, $3, 'compatibility_company', $4, x.parent from unnest($1::uuid[], $2::uuid[]) as x (id, parent)",
        )
        .bind(ids)
        .bind(parents)
        .bind(ANNA)
        .bind(USER)
        .execute(&world.app)
        .await
        .unwrap();
    }
    let neighbour = rows::report(&world.app, ANNA, "compatibility_company").await;
    let _worker = world.worker(&[("ORRERY_QUEUE_WAITING_S", "1")]).await;
    for id in [own, one, other] {
        says(&world.failed(REPORTS, id).await, &["depends_on_queue_id", "waits for itself", "remove"]);
        assert_eq!(error_codes(&world.app, id).await, ["dependency.cycle"]);
    }
    world.completed(REPORTS, neighbour).await;
    nothing_is_tried_twice(world).await;
}

#[tokio::test]
async fn wrong_entity_rows_fail_with_field_and_way_out_and_their_neighbours_complete() {
    let world = World::new().await;
    let entity = async |id: &str| rows::entity(&world.app, "employee", id, COMPANY).await;
    let wrong = [
        (entity("emp-17").await, vec!["entity_id", "emp-17", "UUID"]),
        (entity(&Uuid::nil().to_string()).await, vec!["entity_id", "employees", "insert it or name another"]),
        (entity(&TOO_EARLY.to_string()).await, vec!["birth_date", "covers"]),
        (entity(&WITHOUT_BIRTH.to_string()).await, vec!["entity_birth_data", "insert birth_date"]),
    ];
    let neighbour = entity(&ANNA.to_string()).await;
    let _worker = world.worker(&[]).await;
    for (id, words) in &wrong {
        says(&world.failed(ENTITIES, *id).await, words);
    }
    world.completed(ENTITIES, neighbour).await;
    nothing_is_tried_twice(world).await;
}

#[tokio::test]
async fn wrong_calculations_fail_with_field_and_way_out_and_their_neighbours_complete() {
    let world = World::new().await;
    let birth = |date: &str, latitude: f64| json!({ "birth_data": { "date": date, "time": "08:05", "timezone": "Europe/Lisbon", "latitude": latitude, "longitude": -9.1 } });
    // Birth data in the row belongs to somebody of whom the platform keeps none.
    let chart =
        async |input| rows::calculation(&world.app, "birth_chart", Uuid::new_v4(), COMPANY, input).await;
    let comparison = async |kind: &str| {
        let input = json!({ "compatibility_type": kind });
        rows::calculation(&world.app, "compatibility", ANNA, COMPANY, input).await
    };
    let wrong = [
        (chart(birth("1976-04-17", 123.0)).await, vec!["latitude", "123", "give"]),
        (chart(birth("1977-02-29", 38.7)).await, vec!["1977-02-29", "give"]),
        (chart(birth("2199-01-01", 38.7)).await, vec!["2199-01-01", "covers"]),
        (chart(json!({ "birth_data": { "time": "08:05" } })).await, vec!["input_data", "date"]),
        (comparison("nobody").await, vec!["compatibility_type", "nobody", "give one of"]),
    ];
    let neighbours = [chart(birth("1976-04-17", 38.7)).await, comparison("role").await];
    let _worker = world.worker(&[]).await;
    for (id, words) in &wrong {
        says(&world.failed(CALCULATIONS, *id).await, words);
    }
    for id in neighbours {
        world.completed(CALCULATIONS, id).await;
    }
    nothing_is_tried_twice(world).await;
}
