//! Scores beside those of others, and the statistics of writing reports.

use std::time::Duration;

use orrery::pipeline::figures::Figures;
use serde_json::{Value, json};
use sqlx::FromRow;
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, USER, WITHOUT_BIRTH, add_organization};
use crate::support::rows::{self, REPORTS, count, run};

const KIND: &str = "compatibility_department";

/// Publishes rows of a report with this score, without a run, and marks it as a run would. Returns the report.
async fn scored(world: &World, organization: Uuid, department: Option<Uuid>, score: i32) -> String {
    let report = Uuid::new_v4().to_string();
    sqlx::query(
        "with e as (insert into employees (organization_id, department_id, full_name) values ($1, $2, 'Somebody') returning id),
         m as (insert into report_metadata (report_id, employee_id, organization_id, department_id, report_type, category, version,
                                            generation_started_at, status, created_by, access_level)
               select $3, e.id, $1, $2, $4, 'compatibility', 1, now(), 'completed', $6, 'department' from e),
         s as (insert into report_scores (report_id, employee_id, report_type, version, overall_score, calculated_at)
               select $3, e.id, $4, 1, $5, now() from e)
         insert into orrery.benchmark_mark (organization_id, report_type, report_id) values ($1, $4, $3)",
    )
    .bind(organization)
    .bind(department)
    .bind(&report)
    .bind(KIND)
    .bind(score)
    .bind(USER)
    .execute(&world.app)
    .await
    .unwrap();
    report
}

#[derive(Debug, PartialEq, FromRow)]
struct Compared {
    percentile_rank: Option<f64>,
    department_average: Option<f64>,
    company_average: Option<f64>,
    industry_average: Option<f64>,
}

async fn compared(world: &World, report: &str) -> (Compared, Value) {
    let figures = sqlx::query_as(
        "select percentile_rank::float8 as percentile_rank, department_average::float8 as department_average,
                company_average::float8 as company_average, industry_average::float8 as industry_average
         from report_scores where report_id = $1",
    )
    .bind(report)
    .fetch_one(&world.app)
    .await
    .unwrap();
    let missing = sqlx::query_scalar("select missing from orrery.benchmark where report_id = $1")
        .bind(report)
        .fetch_one(&world.app)
        .await
        .unwrap();
    (figures, missing)
}

#[tokio::test]
async fn averages_and_ranks_need_five_others_show_no_individual_and_say_why_they_are_missing() {
    let world = World::new().await;
    let figures = Figures::new(world.context());
    let (company, department): (Uuid, Uuid) =
        sqlx::query_as("select organization_id, id from departments").fetch_one(&world.app).await.unwrap();
    let mut reports = Vec::new();
    for score in [50, 60, 70, 80] {
        reports.push(scored(&world, company, Some(department), score).await);
    }
    let alone = scored(&world, company, None, 90).await;
    assert_eq!(figures.compare_new().await.unwrap(), 5);
    let nothing = Compared {
        percentile_rank: None,
        department_average: None,
        company_average: None,
        industry_average: None,
    };
    let (found, missing) = compared(&world, &reports[0]).await;
    assert_eq!(found, nothing, "four others are too few");
    let why = |column: &str| missing[column].as_str().unwrap_or_default().to_owned();
    assert!(why("percentile_rank").starts_with("4 others in the organization"), "{missing}");
    assert!(why("company_average").contains("at least 5"), "{missing}");
    assert!(why("department_average").starts_with("3 others in the department"), "{missing}");
    assert!(why("industry_average").starts_with("0 people of other organizations"), "{missing}");

    // The sixth of the organization; the department has five.
    reports.push(scored(&world, company, Some(department), 40).await);
    assert_eq!(figures.compare_new().await.unwrap(), 1);
    let (found, missing) = compared(&world, &reports[0]).await;
    assert_eq!((found.percentile_rank, found.company_average), (Some(20.0), Some(65.0)));
    assert_eq!((found.department_average, found.industry_average), (None, None));
    assert!(
        missing.get("company_average").is_none() && missing.get("department_average").is_some(),
        "{missing}"
    );
    let (found, missing) = compared(&world, &alone).await;
    assert_eq!((found.percentile_rank, found.department_average), (Some(100.0), None));
    assert_eq!(missing["department_average"], json!("the person is in no department"));

    // The sixth of the department, and five people elsewhere in the industry.
    reports.push(scored(&world, company, Some(department), 30).await);
    let (elsewhere, _) = add_organization(&world.app, "Mirror Works").await;
    run(
        &world.app,
        &format!(
            "update organizations set industry_id = (select id from industries) where id = '{elsewhere}'"
        ),
    )
    .await;
    for _ in 0..5 {
        scored(&world, elsewhere, None, 10).await;
    }
    figures.compare_new().await.unwrap();
    // The sum of the other organization may have come after; the daily comparison puts everything right.
    run(&world.app, "update orrery.score_sum set compared_at = now() - interval '2 days'").await;
    assert_eq!(figures.compare_old(24).await.unwrap(), 2);
    assert_eq!(figures.compare_old(24).await.unwrap(), 0, "once a day is enough");
    let industry = (420.0_f64 + 50.0) / 12.0;
    let mut ranks = Vec::new();
    for report in &reports {
        let (found, missing) = compared(&world, report).await;
        assert_eq!(found.department_average, Some(55.0), "one figure for all, the own score included");
        assert_eq!(found.company_average, Some(60.0));
        assert!((found.industry_average.unwrap() - industry).abs() < 0.01, "{found:?}");
        assert_eq!(missing, json!({}));
        ranks.push(format!("{:.2}", found.percentile_rank.unwrap()));
    }
    assert_eq!(ranks, ["33.33", "50.00", "66.67", "83.33", "16.67", "0.00"]);
    world.close().await;
}

#[derive(Debug, PartialEq, FromRow)]
struct Counted {
    report_type: String,
    outcome: String,
    is_auto_generated: bool,
    is_quarterly_update: bool,
    sized: bool,
    viewed_count: i32,
    downloaded_count: i32,
}

async fn counted(world: &World) -> Vec<Counted> {
    sqlx::query_as(
        "select report_type, concat_ws(', ', status, case when error_message is not null then 'with its reason' end) as outcome, is_auto_generated, is_quarterly_update,
                coalesce(report_size_kb > 1, false) as sized, viewed_count, downloaded_count
         from report_generation_stats order by report_type",
    )
    .fetch_all(&world.app)
    .await
    .unwrap()
}

#[tokio::test]
async fn written_reports_failures_and_readers_are_counted_once() {
    let world = World::new().await;
    let _worker =
        world.worker(&[("ORRERY_REGENERATE_ENABLED", "false"), ("ORRERY_FIGURES_EVERY_S", "86400")]).await;
    let good = rows::report_with(
        &world.app,
        ANNA,
        "training_development",
        "quarterly_update",
        json!({ "regeneration": "due" }),
    )
    .await;
    let bad = rows::report(&world.app, WITHOUT_BIRTH, "compatibility_company").await;
    let unknown = rows::report(&world.app, ANNA, "compatibility_nobody").await;
    world.completed(REPORTS, good).await;
    world.failed(REPORTS, bad).await;
    world.failed(REPORTS, unknown).await;
    let same = rows::report(&world.app, ANNA, "training_development").await;
    world.completed(REPORTS, same).await;

    let report = world.published(good).await.report_id;
    for (kind, authorized) in
        [("view", true), ("view", true), ("view", false), ("download", true), ("print", true)]
    {
        sqlx::query(
            "insert into report_access_log (report_id, report_type, employee_id, accessed_by, access_type, user_role, authorized)
             values ($1, 'training_development', $2, $3, $4, 'manager', $5)",
        )
        .bind(&report)
        .bind(ANNA)
        .bind(USER)
        .bind(kind)
        .bind(authorized)
        .execute(&world.app)
        .await
        .unwrap();
    }
    let figures = Figures::new(world.context());
    // The first round of the worker may come between, and then counts instead.
    figures.roll_up().await.unwrap();
    let failures = "select count(*) from report_generation_stats where status = 'FAILED'";
    world
        .eventually(Duration::from_secs(10), "the failure is counted", async || {
            let failures = count(&world.app, failures).await;
            if failures == 1 { Ok(()) } else { Err(format!("{failures} failures")) }
        })
        .await;
    assert_eq!(figures.roll_up().await.unwrap(), 0, "a second round adds nothing");
    let failure = |outcome: &str, sized| Counted {
        report_type: "COMPATIBILITY_COMPANY".to_owned(),
        outcome: outcome.to_owned(),
        is_auto_generated: false,
        is_quarterly_update: false,
        sized,
        viewed_count: 0,
        downloaded_count: 0,
    };
    let success = || Counted {
        report_type: "TRAINING_DEVELOPMENT".to_owned(),
        outcome: "SUCCESS".to_owned(),
        is_auto_generated: true,
        is_quarterly_update: true,
        sized: true,
        viewed_count: 2,
        downloaded_count: 1,
    };
    assert_eq!(counted(&world).await, [failure("FAILED, with its reason", false), success()]);
    assert_eq!(
        count(
            &world.app,
            "select count(*) from report_generation_stats where first_viewed_at <= last_viewed_at"
        )
        .await,
        1
    );

    // What is put right and runs again is a success, not both.
    run(
        &world.app,
        &format!(
            "insert into entity_birth_data (employee_id, organization_id, birth_date, timezone, latitude, longitude)
             select id, organization_id, '1988-02-01', 'Europe/Berlin', 54, 12 from employees where id = '{WITHOUT_BIRTH}';
             update report_generation_queue set status = 'pending' where id = '{bad}'"
        ),
    )
    .await;
    world.completed(REPORTS, bad).await;
    assert_eq!(figures.roll_up().await.unwrap(), 0);
    assert_eq!(counted(&world).await, [failure("SUCCESS", true), success()]);
    world.close().await;
}
