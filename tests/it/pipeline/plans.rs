//! What is read for each page and each entity of a quarter is found by index: its cost must not grow with the platform.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::support::World;
use crate::support::rows::run;

const EXPAND: &str = include_str!("../../../src/pipeline/sql/expand_quarter.sql");
const FACTS: &str = include_str!("../../../src/pipeline/sql/facts_employee.sql");

/// Eight thousand people in four hundred departments.
const MANY: &str = "
insert into departments (id, organization_id, name)
select md5('d' || n)::uuid, '10000000-0000-4000-9000-000000000001', 'Room ' || n from generate_series(1, 400) n;
insert into employees (id, organization_id, department_id, full_name)
select md5('e' || n)::uuid, '10000000-0000-4000-9000-000000000001', md5('d' || 1 + n % 400)::uuid, 'Person ' || n from generate_series(1, 8000) n;
insert into entity_birth_data (employee_id, organization_id, birth_date)
select md5('e' || n)::uuid, '10000000-0000-4000-9000-000000000001', '1980-01-01' from generate_series(1, 8000) n;
analyze employees, departments, entity_birth_data";

/// The plan that serves all parameters, as a worker's connection has it after a few uses.
async fn plan(url: &str, types: &str, statement: &str, arguments: &str) -> String {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let prepare = format!(
        "set search_path = public, calc, analytics; set plan_cache_mode = force_generic_plan; prepare asked ({types}) as {statement}"
    );
    sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut connection).await.unwrap();
    let explain = format!("explain execute asked ({arguments})");
    let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(explain))
        .persistent(false)
        .fetch_all(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    lines.join("\n")
}

#[tokio::test]
async fn pages_of_a_quarter_and_members_of_a_department_are_found_by_index() {
    let world = World::new().await;
    run(&world.app, MANY).await;
    let url = &world.config.postgres.url;
    let nobody = "'00000000-0000-0000-0000-000000000000'";
    let expand = plan(
        url,
        "uuid, integer, uuid, uuid, bigint, bigint",
        EXPAND,
        &format!("{nobody}, 1, {nobody}, {nobody}, 100, 1"),
    )
    .await;
    assert!(expand.contains("Index Scan using employees_department_member on employees"), "{expand}");
    assert!(!expand.contains("Seq Scan on employees"), "{expand}");
    let facts = plan(url, "uuid[], bigint", FACTS, &format!("array[{nobody}]::uuid[], 201")).await;
    assert!(facts.contains("employees_department_member"), "{facts}");
    assert!(!facts.contains("Seq Scan on e"), "neither employees nor their birth data: {facts}");
    world.close().await;
}
