//! What is refused, and at which bounds a query stops.

use std::sync::Arc;
use std::time::Duration;

use domain::Scope;

use super::fixture::{ask, options, snapshot};
use crate::sql::{SqlError, query};

const DEAL: &str = "1 large north: 2026-01-05 lead @ann /red =1000; 2026-02-02 done won";

#[tokio::test]
async fn nothing_but_one_query_is_admitted() {
    let snapshot = snapshot(DEAL);
    for sql in [
        "INSERT INTO opportunities VALUES (1)",
        "UPDATE opportunities SET stage = 'won'",
        "DELETE FROM opportunities",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'",
        "CREATE SCHEMA s",
        "CREATE FUNCTION f() RETURNS INT RETURN 1",
        "DROP TABLE opportunities",
        "ALTER TABLE opportunities ADD COLUMN c INT",
        "TRUNCATE TABLE opportunities",
        "COPY opportunities TO '/tmp/x.csv'",
        "COPY (SELECT 1) TO '/tmp/x.parquet' STORED AS PARQUET",
        "SET datafusion.execution.batch_size = 1",
        "RESET datafusion.execution.batch_size",
        "SHOW TABLES",
        "SHOW ALL",
        "DESCRIBE opportunities",
        "EXPLAIN SELECT 1",
        "EXPLAIN ANALYZE SELECT 1",
        "PREPARE p AS SELECT 1",
        "EXECUTE p",
        "DEALLOCATE p",
        "BEGIN",
        "COMMIT",
        "USE other",
        "SELECT * INTO copy FROM opportunities",
        "SELECT * FROM opportunities FOR UPDATE",
        "WITH t AS (SELECT 1) INSERT INTO opportunities SELECT * FROM t",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('/etc/passwd')",
        "SELECT (SELECT count(*) FROM read_csv('/etc/passwd'))",
    ] {
        let refused = ask(&snapshot, sql).await;
        assert!(matches!(refused, Err(SqlError::ReadOnly { .. } | SqlError::Syntax(_))), "{sql}: {refused:?}");
    }
    for (sql, found) in [("", 0), ("  ;", 0), ("SELECT 1; SELECT 2", 2), ("SELECT 1; DROP TABLE opportunities", 2)] {
        assert_eq!(ask(&snapshot, sql).await.unwrap_err(), SqlError::NotOne { found }, "{sql}");
    }
    assert_eq!(ask(&snapshot, "SELECT 1;").await.unwrap().len(), 1);
}

#[tokio::test]
async fn only_our_tables_exist() {
    let snapshot = snapshot(DEAL);
    for name in [
        "information_schema.tables",
        "information_schema.df_settings",
        "pg_catalog.pg_tables",
        "'/etc/passwd'",
        "'https://example.com/x.csv'",
        "other.opportunities",
        "accounts",
    ] {
        let refused = ask(&snapshot, &format!("SELECT * FROM {name}")).await;
        assert!(matches!(refused, Err(SqlError::UnknownTable { .. })), "{name}: {refused:?}");
    }
    let error = ask(&snapshot, "SELECT * FROM opportunity").await.unwrap_err();
    assert!(error.hint().unwrap().starts_with("did you mean `opportunities`?"), "{:?}", error.hint());
}

#[tokio::test]
async fn slips_are_answered_with_the_nearest_name() {
    let snapshot = snapshot(DEAL);
    let error = ask(&snapshot, "SELECT ammount_minor FROM opportunities").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no column `ammount_minor`");
    assert!(error.hint().unwrap().starts_with("did you mean `amount_minor`?"), "{:?}", error.hint());
    let error = ask(&snapshot, "SELECT stok(journey, DATE '2026-01-01') FROM journeys").await.unwrap_err();
    assert!(matches!(error, SqlError::UnknownFunction { .. }), "{error:?}");
    assert!(matches!(ask(&snapshot, "SELEC 1").await, Err(SqlError::Syntax(_) | SqlError::ReadOnly { .. })));
    assert!(matches!(ask(&snapshot, "SELECT 'open").await, Err(SqlError::Syntax(_))));
}

#[tokio::test]
async fn arguments_of_tally_functions_are_written_out() {
    let snapshot = snapshot(DEAL);
    for (sql, part) in [
        ("SELECT stock(journey, DATE '2026-01-01' + entries) FROM journeys", ""),
        ("SELECT stock(journey, DATE '2026-01-01', 'larch') FROM journeys", "did you mean `large`?"),
        ("SELECT trend(journey, 'fortnight', DATE '2026-01-01', DATE '2026-02-01') FROM journeys", "'week', 'month'"),
        ("SELECT migration(journey, DATE '2026-02-01', DATE '2026-01-01') FROM journeys", "ends before it begins"),
        ("SELECT trend(journey, 'week', DATE '1500-01-01', DATE '2026-01-01') FROM journeys", "more than"),
        ("SELECT stock(DISTINCT journey, DATE '2026-01-01') FROM journeys", "DISTINCT"),
    ] {
        let error = ask(&snapshot, sql).await.unwrap_err();
        assert!(error.to_string().contains(part), "{sql}: {error}");
    }
}

#[tokio::test]
async fn a_query_stops_at_its_bounds() {
    let snapshot = snapshot(DEAL);
    let run = |sql: &'static str, options| {
        let snapshot = Arc::clone(&snapshot);
        async move { query(snapshot, &Scope::All, sql, &options).await }
    };
    let mut few = options();
    few.max_rows = Some(3);
    let answer = run("SELECT * FROM generate_series(1, 100000)", few.clone()).await.unwrap();
    assert_eq!((answer.len(), answer.truncated), (3, true));
    let answer = run("SELECT * FROM generate_series(1, 3)", few).await.unwrap();
    assert_eq!((answer.len(), answer.truncated), (3, false));

    let mut short = options();
    short.timeout = Duration::from_millis(50);
    let endless = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t";
    assert!(matches!(run(endless, options()).await, Err(SqlError::Invalid(_))));
    let crossed = "SELECT sum(a.value * b.value) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b";
    assert!(matches!(run(crossed, short).await, Err(SqlError::Timeout { .. })));

    for sql in ["SELECT repeat('x', 2000000000)", "SELECT lpad('x', 2000000000)", "SELECT array_repeat(1, 2000000000)"]
    {
        let answer = run(sql, options()).await.map(|answer| answer.len());
        assert!(matches!(answer, Err(SqlError::Invalid(_) | SqlError::UnknownFunction { .. })), "{sql}: {answer:?}");
    }

    let mut small = options();
    small.memory_bytes = 1 << 20;
    for sql in [
        "SELECT * FROM generate_series(1, 10000000)",
        "SELECT value, count(*) FROM generate_series(1, 10000000) GROUP BY value",
        "SELECT * FROM generate_series(1, 10000000) ORDER BY value DESC",
    ] {
        let found = run(sql, small.clone()).await.map(|answer| answer.len());
        assert!(matches!(found, Err(SqlError::Memory { .. })), "{sql}: {found:?}");
    }
}

#[tokio::test]
async fn what_is_too_deep_or_too_long_is_refused_and_never_overflows_the_stack() {
    let snapshot = snapshot(DEAL);
    let ask = |sql: String| {
        let snapshot = Arc::clone(&snapshot);
        async move { query(snapshot, &Scope::All, &sql, &options()).await }
    };
    let long = format!("SELECT 1{}", " + 1".repeat(3000));
    assert!(matches!(ask(long).await, Err(SqlError::TooLarge { found: 6002, limit: 4000, .. })));
    let chained = |operators: usize| ask(format!("SELECT 1{}", " + 1".repeat(operators)));
    assert!(matches!(chained(301).await, Err(SqlError::TooLarge { what: "operators", found: 301, limit: 300 })));
    assert_eq!(chained(300).await.unwrap().len(), 1);
    let unions = format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(300));
    assert_eq!(ask(unions).await.unwrap().len(), 301);
    let listed = (0..1900).map(|n: i32| n.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(ask(format!("SELECT 1 WHERE 1 IN ({listed})")).await.unwrap().len(), 1);
    let deep = format!("SELECT {}1{}", "(".repeat(1500), ")".repeat(1500));
    assert!(matches!(ask(deep).await, Err(SqlError::Syntax(_))));
}
