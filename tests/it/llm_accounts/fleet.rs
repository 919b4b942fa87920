//! Three worker processes and two models, each with a limit of requests in a minute: the models' own record is the judge.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::llm::model::report_for;
use crate::support::World;
use crate::support::rows::{count, run};

/// Requests in a minute that each model allows. What the first refuses the second is asked, so that both have more than they allow.
const LIMITS: [usize; 2] = [60, 45];

/// Time that is looked at: more than a minute, so that whole minutes are in it.
const OBSERVED: Duration = Duration::from_secs(64);

const MINUTE: Duration = Duration::from_mins(1);

const PATIENCE: Duration = Duration::from_mins(4);

/// When each request came.
type Arrivals = Arc<Mutex<Vec<Instant>>>;

/// A model that writes when it came to each question.
async fn model(writes: bool) -> (String, Arrivals) {
    async fn answer(
        State((writes, arrivals)): State<(bool, Arrivals)>,
        Json(question): Json<Value>,
    ) -> (StatusCode, Json<Value>) {
        arrivals.lock().unwrap().push(Instant::now());
        if !writes {
            let error = json!({ "error": { "code": "model_not_found", "message": "no such model" } });
            return (StatusCode::NOT_FOUND, Json(error));
        }
        let answer = json!({
            "id": "c-1", "model": "m-1",
            "choices": [{ "message": { "role": "assistant", "content": report_for(&question) }, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 900, "completion_tokens": 100 },
        });
        (StatusCode::OK, Json(answer))
    }
    let arrivals = Arrivals::default();
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = socket.local_addr().unwrap().port();
    let router =
        Router::new().route("/v1/chat/completions", post(answer)).with_state((writes, Arc::clone(&arrivals)));
    tokio::spawn(async move { axum::serve(socket, router).await });
    (format!("http://127.0.0.1:{port}/v1"), arrivals)
}

/// The most requests in any window of this length, both of its ends included.
fn most(arrivals: &[Instant], window: Duration) -> usize {
    let from =
        |start: &Instant| arrivals.iter().filter(|at| (*start..=*start + window).contains(*at)).count();
    arrivals.iter().map(from).max().unwrap_or(0)
}

/// More people, each of whom wants all reports.
async fn ask_for_many(world: &World) {
    run(
        &world.app,
        "with person as (
           insert into employees (id, organization_id, department_id, job_role_id, full_name)
           select md5('fleet ' || n)::uuid, e.organization_id, e.department_id, e.job_role_id, 'Given' || n || ' Family' || n
           from generate_series(1, 60) n, employees e where e.id = '60000000-0000-4000-9000-000000000001'
           returning id, organization_id
         ), born as (
           insert into entity_birth_data (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude)
           select p.id, p.organization_id, date '1970-01-01' + (row_number() over (order by p.id) * 97)::integer, '10:00', 'exact', 'Europe/Berlin', 52.52, 13.405
           from person p
         )
         insert into report_generation_queue (employee_id, report_type, requested_by)
         select p.id, t.kind, '50000000-0000-4000-9000-000000000001'
         from person p, unnest(array['compatibility_industry', 'compatibility_company', 'training_development']) t (kind)",
    )
    .await;
}

#[tokio::test]
async fn three_processes_keep_the_limits_of_two_models_together_and_use_them() {
    let world = World::new().await;
    let (refuses, writes) = (model(false).await, model(true).await);
    let file = world.logs().join("models.toml");
    let provider = |(name, url, limit): (&str, &String, usize)| {
        format!(
            "[[llm.provider]]\nname = \"{name}\"\nwire = \"openai\"\nbase_url = \"{url}\"\nmodel = \"m-1\"\nprice = \"free\"\nrequests_per_minute = {limit}\n"
        )
    };
    let providers = [("one", &refuses.0, LIMITS[0]), ("other", &writes.0, LIMITS[1])].map(provider).concat();
    let own = "[report]\nconcurrency = 12\nprefetch = 4\n[llm]\nchain = [\"one\", \"other\"]\n";
    std::fs::write(&file, format!("{own}{providers}")).unwrap();
    ask_for_many(&world).await;
    let settings = [("ORRERY_CONFIG", file.to_str().unwrap())];
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(world.worker(&settings).await);
    }
    world
        .eventually(PATIENCE, "both models were asked for more than a minute", async || {
            let since = |arrivals: &Arrivals| {
                arrivals.lock().unwrap().first().map_or(Duration::ZERO, Instant::elapsed)
            };
            let shorter = since(&refuses.1).min(since(&writes.1));
            if shorter >= OBSERVED { Ok(()) } else { Err(format!("for {shorter:?}")) }
        })
        .await;
    let seen = [&refuses.1, &writes.1].map(|arrivals| arrivals.lock().unwrap().clone());
    for worker in workers {
        worker.kill();
    }
    for (arrivals, limit) in seen.iter().zip(LIMITS) {
        let most = most(arrivals, MINUTE);
        assert!(most <= limit, "{most} in a minute, and {limit} are allowed\n{}", world.evidence());
        assert!(
            most * 10 >= limit * 9,
            "{most} in the best minute of {limit}: there was more to ask\n{}",
            world.evidence()
        );
    }
    let limited = "select count(*) from orrery.llm_calls where error_code = 'llm.rate_limited'";
    assert_eq!(count(&world.app, limited).await, 0, "no provider had to say that it is too much");
    let workers = "select count(distinct worker_id) from orrery.llm_calls where sent_at is not null";
    assert_eq!(count(&world.app, workers).await, 3, "all three took part");
    let open = count(&world.app, "select count(*) from orrery.dispatch").await;
    assert!(open > 0, "there was more work than the limits allow");
    world.close().await;
}
