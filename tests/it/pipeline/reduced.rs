//! What is missing where a report can still be written: it says so, and is trusted less.

use bson::{Bson, Document, doc};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, run};

/// Content and confidence of a completed report.
async fn written(world: &World, id: Uuid) -> (Document, f64) {
    world.completed(REPORTS, id).await;
    let published = world.published(id).await;
    let report = world.reports("reports", doc! { "reportId": &published.report_id }).await.remove(0);
    (report.get_document("content").unwrap().clone(), report.get_f64("confidence").unwrap())
}

fn warnings(content: &Document) -> Vec<&str> {
    content.get_array("warnings").unwrap().iter().filter_map(Bson::as_str).collect()
}

#[tokio::test]
async fn a_role_without_profile_gives_a_report_with_a_warning_and_less_confidence() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let kind = "compatibility_job_role";
    let (full, sure) = written(&world, rows::report(&world.app, ANNA, kind).await).await;
    run(&world.app, "update job_roles set requirements = '{}'").await;
    let (reduced, less) = written(&world, rows::report(&world.app, ANNA, kind).await).await;
    run(&world.app, "update employees set job_role_id = null").await;
    let (without, least) = written(&world, rows::report(&world.app, ANNA, kind).await).await;

    assert!(!warnings(&full).iter().any(|line| line.contains("profile")), "{:?}", warnings(&full));
    assert!(
        warnings(&reduced).iter().any(|line| line.contains("no profile yet")),
        "{:?}",
        warnings(&reduced)
    );
    assert!(warnings(&without).iter().any(|line| line.contains("on record")), "{:?}", warnings(&without));
    assert!(less < sure && least < sure, "{sure} {less} {least}");
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn a_department_below_five_gives_a_report_without_any_figure_of_its_people() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let kind = "compatibility_department";
    let (small, unsure) = written(&world, rows::report(&world.app, ANNA, kind).await).await;
    assert!(warnings(&small).iter().any(|line| line.contains("fewer than five")), "{:?}", warnings(&small));
    let kinds = |content: &Document| {
        let text = format!("{content:?}");
        (text.contains("\"heatmap\""), text.contains("Ben Okafor"))
    };
    assert_eq!(kinds(&small), (false, false));

    run(
        &world.app,
        "insert into employees (id, organization_id, department_id, full_name)
         select ('61000000-0000-4000-9000-00000000000' || n)::uuid, '10000000-0000-4000-9000-000000000001', '30000000-0000-4000-9000-000000000001',
                'Colleague Number' || n from generate_series(1, 3) n;
         insert into entity_birth_data (employee_id, organization_id, birth_date, timezone, latitude, longitude)
         select ('61000000-0000-4000-9000-00000000000' || n)::uuid, '10000000-0000-4000-9000-000000000001', date '1980-01-01' + 400 * n,
                'Europe/Berlin', 54.1, 12.1 from generate_series(1, 3) n",
    )
    .await;
    let (five, surer) = written(&world, rows::report(&world.app, ANNA, kind).await).await;
    assert!(!warnings(&five).iter().any(|line| line.contains("fewer than five")), "{:?}", warnings(&five));
    let (heatmap, _) = kinds(&five);
    assert!(heatmap, "five people have a mean");
    let text = format!("{five:?}");
    for name in ["Ben Okafor", "Colleague Number"] {
        assert!(!text.contains(name), "{name} is named in the report of a colleague");
    }
    assert!(surer > unsure, "{unsure} {surer}");
    world.assert_stores_agree().await;
    world.close().await;
}
