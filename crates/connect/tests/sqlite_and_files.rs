//! Pulls from files of SQLite, and of files as they are.

mod common;

use common::{PATIENCE, Quiet, names_in, pull, pull_of, reach, row};
use connect::{Ask, Definition, Failure, FailureKind, Folders, Follow, Mark};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

struct Crm {
    dir: tempfile::TempDir,
    connection: SqliteConnection,
}

impl Crm {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let options = SqliteConnectOptions::new()
            .filename(dir.path().join("crm.db"))
            .create_if_missing(true)
            .pragma("journal_mode", "WAL");
        let mut crm = Self { dir, connection: options.connect().await.expect("a database") };
        crm.run("CREATE TABLE deals (id INTEGER PRIMARY KEY, name TEXT, amount REAL, note, updated_at TEXT)").await;
        crm
    }

    async fn run(&mut self, sql: &str) {
        self.connection.execute(AssertSqlSafe(sql.to_owned())).await.expect("it runs");
    }

    fn definition(&self, query: &str, more: &str) -> String {
        let file = self.dir.path().join("crm.db");
        format!(
            "[sql]\nengine = \"sqlite\"\ndatabase = \"{}\"\ntable = \"deals\"\nquery = \"\"\"{query}\"\"\"\n{more}",
            file.display()
        )
    }
}

const BY_TIME: &str = "[incremental]\nkey = \"id\"\nupdated = \"updated_at\"\noverlap = 60\n";
const CHANGED: &str = "SELECT * FROM deals WHERE updated_at >= :since ORDER BY id";

fn failed(result: Result<common::Brought, Failure>) -> Failure {
    result.err().expect("it fails")
}

#[tokio::test]
async fn values_are_told_with_all_their_digits() {
    let mut crm = Crm::new().await;
    crm.run("INSERT INTO deals VALUES (9223372036854775807, 'a \"quoted\"; 名,\nline', 0.1, x'00ff', NULL), (2, '', 1e21, 7, '')").await;
    let brought = pull(
        &crm.definition("SELECT id, name, amount, note, updated_at FROM deals ORDER BY id;", ""),
        &Mark::default(),
    )
    .await;
    let expected = [
        row(&["id", "name", "amount", "note", "updated_at"]),
        row(&["2", "", "1000000000000000000000", "7", ""]),
        row(&["9223372036854775807", "a \"quoted\"; 名,\nline", "0.1", "0x00ff", ""]),
    ];
    assert_eq!(brought.lines(), expected);
    assert_eq!((brought.pulled.rows, brought.pulled.files.as_slice()), (Some(2), &["deals.csv".to_owned()][..]));
    assert!(brought.pulled.mark.is_start(), "nothing tells new rows");
    let file = std::fs::metadata(brought.dir.path().join("deals.csv")).expect("a file");
    assert_eq!(brought.pulled.bytes, file.len());
}

#[tokio::test]
async fn what_changed_comes_once_and_none_is_missed() {
    let mut crm = Crm::new().await;
    crm.run("INSERT INTO deals VALUES (1,'a',1,NULL,'2026-01-01 09:00:00'), (2,'b',1,NULL,'2026-01-01 10:00:00')")
        .await;
    let text = crm.definition(CHANGED, BY_TIME);
    let first = pull(&text, &Mark::default()).await;
    assert_eq!(first.keys(), ["1", "2"]);
    let again = pull(&text, &first.pulled.mark).await;
    assert_eq!((again.keys().len(), again.pulled.known), (0, 1), "the overlap was asked for, and known");
    assert_eq!(again.pulled.mark, first.pulled.mark);
    assert_eq!(
        again.lines(),
        [row(&["id", "name", "amount", "note", "updated_at"])],
        "the columns are told all the same"
    );
    // Of the same second, committed later; within the overlap; changed.
    crm.run("INSERT INTO deals VALUES (3,'c',1,NULL,'2026-01-01 10:00:00'), (4,'d',1,NULL,'2026-01-01 09:59:30')")
        .await;
    crm.run("UPDATE deals SET name = 'bb', updated_at = '2026-01-01 10:00:01' WHERE id = 2").await;
    let third = pull(&text, &again.pulled.mark).await;
    assert_eq!(third.keys(), ["2", "3", "4"]);
    assert!(pull(&text, &third.pulled.mark).await.keys().is_empty());
    // A pull that failed has moved nothing: the mark before brings the same rows once more.
    assert_eq!(pull(&text, &again.pulled.mark).await.keys(), ["2", "3", "4"]);
}

#[tokio::test]
async fn ascending_keys_are_enough_where_rows_only_come() {
    let mut crm = Crm::new().await;
    crm.run("INSERT INTO deals (id) VALUES (9), (10)").await;
    let text = crm.definition("SELECT id FROM deals WHERE id > :after ORDER BY id", "[incremental]\nkey = \"id\"\n");
    let first = pull(&text, &Mark::default()).await;
    crm.run("INSERT INTO deals (id) VALUES (11)").await;
    let second = pull(&text, &first.pulled.mark).await;
    assert_eq!((first.keys(), second.keys()), (vec!["9".into(), "10".into()], vec!["11".to_owned()]));
    assert_eq!(second.pulled.mark.key.as_deref(), Some("11"));
}

#[tokio::test]
async fn nothing_is_ever_written_to_the_other_side() {
    let mut crm = Crm::new().await;
    crm.run("INSERT INTO deals (id) VALUES (1)").await;
    let other = crm.dir.path().join("other.db").display().to_string();
    for query in [
        "DELETE FROM deals RETURNING id",
        "INSERT INTO deals (id) VALUES (2) RETURNING id",
        "SELECT 1; DELETE FROM deals",
        &format!("SELECT 1) q; ATTACH '{other}' AS o; SELECT * FROM (SELECT 1"),
        &format!("ATTACH '{other}' AS o"),
        "PRAGMA query_only = OFF",
        "DROP TABLE deals",
        "WITH a AS (DELETE FROM deals RETURNING id) SELECT * FROM a",
    ] {
        let failure =
            failed(pull_of(&crm.definition(query, ""), &Mark::default(), None, &reach(Folders::Any), None).await);
        assert!(matches!(failure.kind, FailureKind::Source | FailureKind::Definition), "{query}: {failure:?}");
    }
    assert_eq!(pull(&crm.definition("SELECT id FROM deals", ""), &Mark::default()).await.keys(), ["1"]);
    assert!(!std::path::Path::new(&other).exists());
}

#[tokio::test]
async fn times_of_other_zones_are_compared_as_they_are_stored() {
    let mut crm = Crm::new().await;
    let text = crm.definition(CHANGED, BY_TIME);
    crm.run("INSERT INTO deals VALUES (1, 'a', 1, NULL, '2026-03-01 07:56:00-05:00')").await;
    let first = pull(&text, &Mark::default()).await;
    crm.run("INSERT INTO deals VALUES (2, 'b', 1, NULL, '2026-03-01 08:05:00-05:00')").await;
    let second = pull(&text, &first.pulled.mark).await;
    assert_eq!((first.keys(), second.keys()), (vec!["1".to_owned()], vec!["2".to_owned()]));
    assert!(pull(&text, &second.pulled.mark).await.keys().is_empty());
}

#[tokio::test]
async fn bounds_hold_and_a_look_stops_early() {
    let crm = Crm::new().await;
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x, 'some text' AS t FROM n";
    let any = reach(Folders::Any);
    let with = |more: &str| crm.definition(endless, more);
    let rows = failed(pull_of(&with("[limits]\nrows = 1000\n"), &Mark::default(), None, &any, None).await);
    assert_eq!((rows.kind, rows.en.as_str()), (FailureKind::TooMuch, "there are more than 1000 rows"));
    let bytes = failed(pull_of(&with("[limits]\nbytes = 2097152\n"), &Mark::default(), None, &any, None).await);
    assert_eq!((bytes.kind, bytes.en.as_str()), (FailureKind::TooMuch, "there are more than 2 MiB"));
    let look = pull_of(&with(""), &Mark::default(), None, &any, Some(20)).await.expect("a look");
    assert_eq!(look.pulled.rows, Some(20));
    // A query that never gives a row ends by time, and the machine is free again.
    let silent = crm.definition(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0",
        "[limits]\nseconds = 1\n",
    );
    let time = failed(pull_of(&silent, &Mark::default(), None, &any, None).await);
    assert_eq!((time.kind, time.en.as_str()), (FailureKind::TooMuch, "it took longer than 1 seconds"));
}

#[tokio::test]
async fn a_pull_that_nobody_wants_stops() {
    struct Cancelled;
    impl Follow for Cancelled {
        fn told(&self, _: u64, _: u64) {}

        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let crm = Crm::new().await;
    let text = crm
        .definition("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0", "");
    let definition = Definition::parse(&text).expect("it is right");
    let source = connect::open(&definition, None, &reach(Folders::Any), PATIENCE).expect("it opens");
    let into = tempfile::tempdir().expect("a folder");
    let ask = Ask { since: Mark::default(), into: into.path().to_owned(), first: None, now_micros: 0 };
    assert_eq!(source.pull(&ask, &Cancelled).await.map_err(|failure| failure.kind), Err(FailureKind::Cancelled));
}

#[tokio::test]
async fn what_is_wrong_with_a_query_is_told() {
    let mut crm = Crm::new().await;
    crm.run("INSERT INTO deals (id, updated_at) VALUES (1, 'soon')").await;
    for (query, more, part) in [
        ("SELECT * FROM nowhere", "", "no such table: nowhere"),
        ("SELECT 1 AS a, 2 AS a", "", "two columns are called `a`"),
        ("SELECT id FROM deals", BY_TIME, "there is no column `updated_at`"),
        (CHANGED, BY_TIME, "`soon` is no time"),
        (CHANGED, "", "incremental.updated is not given"),
    ] {
        let failure =
            failed(pull_of(&crm.definition(query, more), &Mark::default(), None, &reach(Folders::Any), None).await);
        assert!(failure.en.contains(part), "{query}: {}", failure.en);
    }
    let elsewhere = crm.definition("SELECT 1", "").replace("crm.db", "none.db");
    let failure = failed(pull_of(&elsewhere, &Mark::default(), None, &reach(Folders::Any), None).await);
    assert!(failure.en.contains("there is no file"), "{}", failure.en);
    // On a server only the named folder is read.
    let folder = tempfile::tempdir().expect("a folder");
    let inside = reach(Folders::Inside(folder.path().to_owned()));
    let failure = failed(pull_of(&crm.definition("SELECT 1", ""), &Mark::default(), None, &inside, None).await);
    assert_eq!(failure.kind, FailureKind::OutOfReach);
}

#[tokio::test]
async fn files_of_a_folder_come_one_after_the_other_the_oldest_first() {
    let inbox = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str, day: u64| {
        let path = inbox.path().join(name);
        std::fs::write(&path, text).expect("a file");
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000 + day * 86_400);
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(at)).expect("its time");
    };
    put("deals-02.csv", "id\n2\n", 2);
    put("deals-01.csv", "id\n1\n", 1);
    put("notes.txt", "none", 1);
    put(".hidden.csv", "none", 1);
    let text = "[files]\npath = \".\"\nnames = \"deals-*.csv\"\n";
    let inside = reach(Folders::Inside(inbox.path().to_owned()));
    let next = async |mark: &Mark| pull_of(text, mark, None, &inside, None).await.expect("files");
    let first = next(&Mark::default()).await;
    assert_eq!((names_in(first.dir.path()), first.pulled.is_more), (vec!["deals-01.csv".to_owned()], true));
    let second = next(&first.pulled.mark).await;
    assert_eq!((names_in(second.dir.path()), second.pulled.is_more), (vec!["deals-02.csv".to_owned()], false));
    let third = next(&second.pulled.mark).await;
    assert!(third.pulled.is_empty() && third.pulled.mark == second.pulled.mark);
    // One that came late with an old time, and one that was written once more.
    put("deals-00.csv", "id\n0\n", 0);
    put("deals-02.csv", "id\n2\n3\n", 3);
    let fourth = next(&third.pulled.mark).await;
    let fifth = next(&fourth.pulled.mark).await;
    assert_eq!(
        (fourth.pulled.files, fifth.pulled.files),
        (vec!["deals-00.csv".to_owned()], vec!["deals-02.csv".to_owned()])
    );
    std::fs::remove_file(inbox.path().join("deals-01.csv")).expect("it goes");
    assert_eq!(next(&fifth.pulled.mark).await.pulled.mark.seen.len(), 2, "what is gone is forgotten");
    let together =
        pull_of(&format!("{text}together = true\n"), &Mark::default(), None, &inside, None).await.expect("files");
    assert_eq!(together.pulled.files, ["deals-00.csv", "deals-02.csv"]);
    let _ = Quiet;
}

#[tokio::test]
async fn a_folder_is_read_beside_the_threads_that_answer() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("a.csv"), "x").expect("a file");
    let (ran, mut has_run) = tokio::sync::watch::channel(false);
    // On the one thread of this test: it comes to its turn only while the pull waits.
    tokio::spawn(async move { ran.send_replace(true) });
    let brought = pull(&format!("[files]\npath = \"{}\"\n", dir.path().display()), &Mark::default()).await;
    assert_eq!(brought.pulled.files, ["a.csv"]);
    assert!(*has_run.borrow_and_update(), "others went on meanwhile");
}
