//! Statements as `pg_stat_statements` counts them. Counting is off but in the databases that ask for it, so that it costs
//! no drain anything.

use sqlx::{AssertSqlSafe, Connection as _};

use super::database::Server;

const TOP: &str = "
select regexp_replace(left(s.query, 400), '\\s+', ' ', 'g'), s.calls, s.total_exec_time, s.mean_exec_time, s.rows
from pg_stat_statements s join pg_database d on d.oid = s.dbid
where d.datname = $1 and s.calls > 0 order by s.total_exec_time desc limit 25";

const CALLS: &str = "
select coalesce(sum(s.calls), 0)::float8
from pg_stat_statements s join pg_database d on d.oid = s.dbid where d.datname = $1";

/// Counts what new connections to this database do; false where the module is not loaded.
pub async fn count_in(server: &Server, database: &str) -> anyhow::Result<bool> {
    let mut connection = server.connect("postgres").await?;
    let loaded: bool =
        sqlx::query_scalar("select current_setting('shared_preload_libraries') like '%pg_stat_statements%'")
            .fetch_one(&mut connection)
            .await?;
    if loaded {
        let sql = format!(
            "create extension if not exists pg_stat_statements;
             select pg_stat_statements_reset();
             alter database {database} set pg_stat_statements.track = 'top'"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(loaded)
}

/// The opposite of [`count_in`].
pub async fn stop_counting(server: &Server, database: &str) -> Result<(), sqlx::Error> {
    server.run("postgres", &format!("alter database {database} reset all")).await
}

/// Statements so far.
pub async fn calls(server: &Server, database: &str) -> Result<f64, sqlx::Error> {
    let mut connection = server.connect("postgres").await?;
    let calls = sqlx::query_scalar(CALLS).bind(database).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(calls)
}

/// Prints the statements that took longest.
pub async fn print(server: &Server, database: &str) -> anyhow::Result<()> {
    let mut connection = server.connect("postgres").await?;
    let top: Vec<(String, i64, f64, f64, i64)> =
        sqlx::query_as(TOP).bind(database).fetch_all(&mut connection).await?;
    connection.close().await?;
    println!("{:>9} {:>10} {:>10} {:>9}  statement", "calls", "total ms", "mean ms", "rows");
    for (query, calls, total, mean, rows) in top {
        let query: String = query.chars().take(110).collect();
        println!("{calls:>9} {total:>10.1} {mean:>10.4} {rows:>9}  {query}");
    }
    Ok(())
}
