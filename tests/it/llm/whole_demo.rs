//! The whole demo with a model: every request that leaves is searched for every person.

use std::collections::BTreeSet;
use std::time::Duration;

use bson::{Document, doc};

use super::listener::Listener;
use super::model::{configured, writes};
use crate::support::World;
use crate::support::rows::{count, run};

/// An answer that names a user who is no employee, an applicant, and a colleague by his number.
const TELLS: &str = "Ottilie Vexbury decides, Ernest Rutherford was asked too, and NI-002 keeps the key of the shared telescope.";

/// What of it may leave.
const MAY_LEAVE: &str = "keeps the key of the shared telescope";

/// What says who somebody is: each name and part of a name, addresses, codes, birth, place, ids. One person of the demo has a word for a name.
const FORBIDDEN: &str = "
  with people as (select id, full_name, email, employee_code from employees union all select id, full_name, email, null from candidates
                  union all select id, full_name, email, null from users)
  select word from (
    select full_name as word from people
    union select unnest(string_to_array(full_name, ' ')) from people
    union select email from people union select employee_code from people union select id::text from people
    union select unnest(array[birth_date::text, to_char(birth_date, 'DD.MM.YYYY'), to_char(birth_date, 'FMDD FMMonth'), birth_time::text,
                              city, location, id::text, round(latitude::numeric, 2)::text, round(longitude::numeric, 2)::text]) from entity_birth_data
    union select unnest(array[name, id::text]) from organizations
    union select id::text from report_generation_queue) w
  where length(word) > 3 and word <> 'Nobody'";

/// Adds the user, and gives the answer to an employee whose questionnaires are reported on.
async fn plant(world: &World) {
    run(
        &world.app,
        "insert into users (organization_id, email, full_name, role)
         values ('10000000-0000-4000-8000-000000000001', 'ottilie.vexbury@nordlys.example', 'Ottilie Vexbury', 'MANAGER')",
    )
    .await;
    let answers =
        world.mongo.database(&world.databases.reports).collection::<Document>("questionnaire_responses");
    let changed = answers.update_one(
        doc! { "responseId": "f0000000-0000-4000-8000-000000000001" },
        doc! { "$set": { "responses.4.answer": TELLS } },
    );
    assert_eq!(changed.await.unwrap().modified_count, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_of_a_whole_demo_says_who_anybody_is() {
    let world = World::new().await;
    world.load_whole_demo().await;
    plant(&world).await;
    let listener = Listener::start(writes()).await;
    let file = configured(&world, &listener, "price = \"free\"");
    let mut worker = world.worker(&[("ORRERY_CONFIG", &file), ("ORRERY_QUARTER_LOOK_MS", "200")]).await;
    world
        .eventually(Duration::from_mins(3), "every row has ended", async || {
            match count(&world.app, "select count(*) from orrery.dispatch").await {
                0 => Ok(()),
                open => Err(format!("{open} are open")),
            }
        })
        .await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());

    let by_model = "select count(distinct report_type) from report_metadata where llm_tokens_used > 0";
    assert_eq!(count(&world.app, by_model).await, 8, "types that the model wrote\n{}", world.evidence());
    let forbidden: Vec<String> = sqlx::query_scalar(FORBIDDEN).fetch_all(&world.app).await.unwrap();
    let requests = listener.seen();
    assert!(requests.len() >= 50, "{} requests\n{}", requests.len(), world.evidence());
    assert!(
        requests.iter().any(|request| request.body.contains(MAY_LEAVE)),
        "the planted answer was not sent"
    );
    for planted in ["Ottilie", "Vexbury", "Ernest Rutherford", "NI-002"] {
        assert!(forbidden.iter().any(|word| word == planted), "{planted:?} is not looked for");
    }
    let mut found = BTreeSet::new();
    for request in &requests {
        for word in &forbidden {
            for (at, _) in request.body.match_indices(word.as_str()) {
                let whole = !request.body[..at].ends_with(char::is_alphanumeric)
                    && !request.body[at + word.len()..].starts_with(char::is_alphanumeric);
                if whole {
                    let from = request.body.floor_char_boundary(at.saturating_sub(60));
                    let to = request.body.ceil_char_boundary(at + word.len() + 40);
                    found.insert(format!("{word:?} in {}", &request.body[from..to]));
                }
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    world.assert_stores_agree().await;
    world.close().await;
}
