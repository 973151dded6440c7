//! Pulls from PostgreSQL and MySQL, on real servers.

mod common;

use common::encrypted::{Authority, serve};
use common::{Brought, pull_of, reach, row};
use connect::{Failure, Folders, Mark};
use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

const PASSWORD: &str = "reader's pässword %40";

#[allow(clippy::disallowed_methods, reason = "servers are named by whoever runs the tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder of PostgreSQL's socket; none where no server is named, unless one is required.
fn postgres() -> Option<String> {
    let Some(url) = variable("LOUDOU_TEST_POSTGRES") else {
        assert_ne!(
            variable("LOUDOU_TEST_POSTGRES_REQUIRED").as_deref(),
            Some("1"),
            "LOUDOU_TEST_POSTGRES must name a PostgreSQL server"
        );
        println!("skipped: LOUDOU_TEST_POSTGRES names no server");
        return None;
    };
    let (_, host) = url.split_once("host=").expect("scripts/with-postgres.sh names the folder of the socket");
    Some(host.to_owned())
}

/// MySQL's socket.
fn mysql() -> Option<String> {
    let socket = variable("LOUDOU_TEST_MYSQL");
    if socket.is_none() {
        assert_eq!(
            variable("LOUDOU_TEST_MYSQL_SKIP").as_deref(),
            Some("1"),
            "run this under scripts/with-mysql.sh, or set LOUDOU_TEST_MYSQL_SKIP=1 to leave MySQL out"
        );
        println!("skipped: LOUDOU_TEST_MYSQL_SKIP is set");
    }
    socket
}

fn definition(engine: &str, host: &str, user: &str, query: &str, more: &str) -> String {
    let database = if engine == "postgres" { "postgres" } else { "crm" };
    format!(
        "[sql]\nengine = \"{engine}\"\nhost = \"{host}\"\ndatabase = \"{database}\"\nuser = \"{user}\"\ntls = \"off\"\nquery = '''{query}'''\n{more}"
    )
}

async fn pull(text: &str, since: &Mark) -> Result<Brought, Failure> {
    pull_of(text, since, Some(PASSWORD), &reach(Folders::Any), None).await
}

const BY_TIME: &str = "[incremental]\nkey = \"id\"\nupdated = \"updated_at\"\noverlap = 60\n";

#[tokio::test]
async fn postgres_tells_every_digit_and_may_not_write() {
    let Some(host) = postgres() else { return };
    let mut admin = PgConnectOptions::new_without_pgpass()
        .socket(&host)
        .username("postgres")
        .database("postgres")
        .connect()
        .await
        .expect("a connection");
    for sql in [
        "DROP SCHEMA IF EXISTS shop CASCADE",
        "CREATE SCHEMA shop",
        "CREATE TABLE shop.deals (id bigint PRIMARY KEY, name text, amount numeric(30,4), share double precision, open boolean, \
         due date, local timestamp, updated_at timestamptz, data jsonb, raw bytea, tags text[], \"Mixed \"\"Name\" int)",
        "INSERT INTO shop.deals VALUES (9007199254740993, E'a;\"b\"\\n名', 12345678901234567890.1200, 0.1, true, '2026-02-28', \
         '2026-01-01 08:00:00.5', '2026-01-01 08:00:00.123456+08', '{\"a\": 1.50}', '\\x00ff', '{a,b}', 7)",
        "INSERT INTO shop.deals (id) VALUES (2)",
    ] {
        admin.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
    }
    let text = |query: &str, more: &str| definition("postgres", &host, "postgres", query, more);
    let brought =
        pull(&text("SELECT * FROM shop.deals ORDER BY id -- all of them", ""), &Mark::default()).await.expect("rows");
    let expected = [
        row(&[
            "id",
            "name",
            "amount",
            "share",
            "open",
            "due",
            "local",
            "updated_at",
            "data",
            "raw",
            "tags",
            "Mixed \"Name",
        ]),
        row(&["2", "", "", "", "", "", "", "", "", "", "", ""]),
        row(&[
            "9007199254740993",
            "a;\"b\"\n名",
            "12345678901234567890.1200",
            "0.1",
            "true",
            "2026-02-28",
            "2026-01-01T08:00:00.5",
            "2026-01-01T00:00:00.123456+00:00",
            "{\"a\": 1.50}",
            "\\x00ff",
            "{a,b}",
            "7",
        ]),
    ];
    let mut found = brought.lines();
    found[1..].sort();
    assert_eq!(found, expected);
    for query in [
        "DELETE FROM shop.deals RETURNING id",
        "SELECT 1; DELETE FROM shop.deals",
        "WITH gone AS (DELETE FROM shop.deals RETURNING id) SELECT * FROM gone",
        "SELECT set_config('transaction_read_only', 'off', false), nextval('shop.none')",
        "COPY shop.deals TO STDOUT",
        "SELECT id INTO shop.copy FROM shop.deals",
        "SELECT id FROM shop.deals FOR UPDATE",
    ] {
        assert!(pull(&text(query, ""), &Mark::default()).await.is_err(), "{query}");
    }
    // Whatever a function does beside its answer is not committed.
    let _ = pull(&text("SELECT lo_creat(-1)::text", ""), &Mark::default()).await;
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_largeobject_metadata")
        .fetch_one(&mut admin)
        .await
        .expect("a count");
    assert_eq!(left, 0);
    let twice = pull(&text("SELECT 1 AS a, 2 AS a", ""), &Mark::default()).await.err().expect("two columns");
    assert!(twice.en.contains("two columns are called `a`"), "{}", twice.en);
    let slow =
        pull(&text("SELECT pg_sleep(60)", "[limits]\nseconds = 1\n"), &Mark::default()).await.err().expect("too slow");
    assert!(slow.en.contains("1 seconds") || slow.en.contains("statement timeout"), "{}", slow.en);
    assert_eq!(pull(&text("SELECT count(*) FROM shop.deals", ""), &Mark::default()).await.expect("rows").keys(), ["2"]);
    changes_come_once(
        &text("SELECT id, updated_at FROM shop.deals WHERE updated_at >= :since ORDER BY id", BY_TIME),
        async |sql| {
            admin.execute(AssertSqlSafe(sql.replace("deals", "shop.deals"))).await.expect("it runs");
        },
    )
    .await;
}

/// Rows come over an encrypted connection, and the pull ends with them.
#[tokio::test]
async fn postgres_is_read_encrypted() {
    let Some(host) = postgres() else { return };
    let authority = Authority::new();
    let acceptor = authority.acceptor("localhost");
    // What stands before the server's socket, and encrypts as the server itself would.
    let address = serve(move |mut stream| {
        let (acceptor, socket) = (acceptor.clone(), format!("{host}/.s.PGSQL.5432"));
        async move {
            stream.read_exact(&mut [0; 8]).await?;
            stream.write_all(b"S").await?;
            let (mut read, mut write) = tokio::io::split(acceptor.accept(stream).await?);
            let (mut from, mut to) = UnixStream::connect(socket).await?.into_split();
            // As the server, it answers no leave that is taken of the encryption alone.
            let answers = tokio::spawn(async move { tokio::io::copy(&mut from, &mut write).await });
            tokio::io::copy(&mut read, &mut to).await?;
            answers.await.map(drop).map_err(std::io::Error::other)
        }
    })
    .await;
    let text = definition(
        "postgres",
        "localhost",
        "postgres",
        "SELECT generate_series(1, 3) AS id",
        "[limits]\nseconds = 20\n",
    )
    .replace("tls = \"off\"", &format!("tls = \"verify\"\nport = {}", address.port()));
    let brought = pull_of(&text, &Mark::default(), Some(PASSWORD), &authority.reach(), None).await;
    assert_eq!(brought.unwrap_or_else(|failure| panic!("{failure}")).keys(), ["1", "2", "3"]);
}

#[tokio::test]
async fn mysql_tells_every_digit_and_may_not_write() {
    let Some(socket) = mysql() else { return };
    let mut admin = MySqlConnectOptions::new().socket(&socket).username("root").connect().await.expect("a connection");
    let quoted = PASSWORD.replace('\'', "''");
    for sql in [
        "DROP DATABASE IF EXISTS crm".to_owned(),
        "CREATE DATABASE crm CHARACTER SET utf8mb4".to_owned(),
        format!("CREATE OR REPLACE USER reader@localhost IDENTIFIED BY '{quoted}'"),
        "GRANT ALL ON crm.* TO reader@localhost".to_owned(),
        "CREATE TABLE crm.deals (id bigint unsigned PRIMARY KEY, name varchar(50), amount decimal(30,4), share double, small float, open bool, \
         due date, local datetime(6), updated_at timestamp(3) NULL, took time, made year, bits bit(3), data json, raw varbinary(4), \
         sort enum('a','b'), `odd ``name` int)"
            .to_owned(),
        "INSERT INTO crm.deals VALUES (18446744073709551615, 'a;\"b\"\\n名', 12345678901234567890.1200, 0.1, 0.25, true, '2026-02-28', \
         '2026-01-01 08:00:00.5', FROM_UNIXTIME(1767225600.125), '-01:02:03', 2026, b'101', '{\"a\": 1.50}', x'00ff', 'b', -7)"
            .to_owned(),
        "INSERT INTO crm.deals (id) VALUES (2)".to_owned(),
    ] {
        admin.execute(AssertSqlSafe(sql.clone())).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let text = |query: &str, more: &str| definition("mysql", &socket, "reader", query, more);
    let brought =
        pull(&text("SELECT * FROM deals ORDER BY id # all of them", ""), &Mark::default()).await.expect("rows");
    let mut found = brought.lines();
    found[1..].sort();
    let wide = [
        "18446744073709551615",
        "a;\"b\"\n名",
        "12345678901234567890.1200",
        "0.1",
        "0.25",
        "1",
        "2026-02-28",
        "2026-01-01T08:00:00.500",
        "2026-01-01T00:00:00.125+00:00",
        "-1:02:03",
        "2026",
        "5",
        "{\"a\": 1.50}",
        "0x00ff",
        "b",
        "-7",
    ];
    assert_eq!(found[1], row(&wide));
    assert_eq!(found[2], row(&["2", "", "", "", "", "", "", "", "", "", "", "", "", "", "", ""]));
    for query in [
        "DELETE FROM deals",
        "SELECT 1; DELETE FROM deals",
        "SELECT id FROM deals INTO OUTFILE '/tmp/loudou-never'",
        "UPDATE deals SET name = 'x'",
        "SELECT 1 AS a, 2 AS a",
        "SELECT id FROM nothing",
    ] {
        assert!(pull(&text(query, ""), &Mark::default()).await.is_err(), "{query}");
    }
    let wrong = pull_of(&text("SELECT 1 AS a", ""), &Mark::default(), Some("wr0ng-pa55"), &reach(Folders::Any), None)
        .await
        .err()
        .expect("it is refused");
    assert!(wrong.en.contains("cannot be connected") && !wrong.en.contains("wr0ng-pa55"), "{}", wrong.en);
    let slow = pull(&text("SELECT sleep(60) AS s", "[limits]\nseconds = 1\n"), &Mark::default()).await;
    assert!(slow.is_err() || slow.is_ok_and(|brought| brought.keys() == ["1"]), "it was cut off");
    assert_eq!(pull(&text("SELECT count(*) AS n FROM deals", ""), &Mark::default()).await.expect("rows").keys(), ["2"]);
    changes_come_once(
        &text("SELECT id, updated_at FROM deals WHERE updated_at >= :since ORDER BY id", BY_TIME),
        async |sql| {
            let sql = sql.replace("deals", "crm.deals").replace("+00'", "'");
            for sql in ["SET time_zone = '+00:00'".to_owned(), sql] {
                admin.execute(AssertSqlSafe(sql)).await.expect("it runs");
            }
        },
    )
    .await;
}

/// Rows of equal times, late ones and changed ones come once each, whatever the database.
async fn changes_come_once(text: &str, mut run: impl AsyncFnMut(String)) {
    run("DELETE FROM deals".into()).await;
    run("INSERT INTO deals (id, updated_at) VALUES (1, '2026-01-01 09:00:00+00'), (2, '2026-01-01 10:00:00+00')".into()).await;
    let first = pull(text, &Mark::default()).await.expect("rows");
    assert_eq!(first.keys(), ["1", "2"]);
    let second = pull(text, &first.pulled.mark).await.expect("rows");
    assert_eq!((second.keys().len(), second.pulled.known), (0, 1));
    run("INSERT INTO deals (id, updated_at) VALUES (3, '2026-01-01 10:00:00+00'), (4, '2026-01-01 09:59:30+00')".into()).await;
    run("UPDATE deals SET updated_at = '2026-01-01 10:00:01+00' WHERE id = 2".into()).await;
    let third = pull(text, &second.pulled.mark).await.expect("rows");
    assert_eq!(third.keys(), ["2", "3", "4"]);
    assert!(pull(text, &third.pulled.mark).await.expect("rows").keys().is_empty());
}
