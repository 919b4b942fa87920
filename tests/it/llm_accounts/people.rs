//! Who must not be named is found along an index, however many people the platform has.

use sqlx::AssertSqlSafe;

use crate::support::World;

#[tokio::test]
async fn the_people_of_an_organization_are_found_along_an_index_that_holds_all_of_them() {
    let world = World::new().await;
    let mut connection = world.app.begin().await.unwrap();
    sqlx::query("set local enable_seqscan = off").execute(&mut *connection).await.unwrap();
    for people in ["users", "employees", "candidates"] {
        let sql = format!(
            "explain select full_name from {people} where organization_id = '00000000-0000-4000-8000-000000000000'"
        );
        let plan: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *connection).await.unwrap();
        assert!(!plan.join("\n").contains("Seq Scan"), "{people}: {plan:#?}");
    }
    connection.rollback().await.unwrap();
    world.close().await;
}
