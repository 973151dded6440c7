//! The same commands on PostgreSQL and in the embedded database give the same answers.

mod support;

use serde_json::Value;
use support::{Data, OK, Run, dataset, loudou};

/// The server for tests; none where none is named, unless one is required.
#[allow(clippy::disallowed_methods, reason = "the test runner names the server in the environment")]
fn server() -> Option<String> {
    let url = std::env::var("LOUDOU_TEST_POSTGRES").ok();
    let required = std::env::var("LOUDOU_TEST_POSTGRES_REQUIRED").is_ok_and(|value| value == "1");
    assert!(url.is_some() || !required, "LOUDOU_TEST_POSTGRES must name a PostgreSQL server");
    url
}

fn on(server: &str, data: &Data, arguments: &[&str]) -> Run {
    let mut command = loudou(&data.path());
    command.args(["--database-url", server]).args(arguments).output().map(Run::from).expect("the built binary runs")
}

fn json(run: &Run) -> Value {
    assert_eq!(run.code, Some(OK), "{}\n{}", run.out, run.err);
    serde_json::from_str(&run.out).expect("it prints JSON")
}

const QUESTIONS: [&[&str]; 7] = [
    &["funnel", "--by", "region", "--as-of", "2021-11-10"],
    &["trend", "--every", "month", "--points", "12", "--as-of", "2021-11-10"],
    &["migration", "--from", "2021-10-31", "--to", "2021-11-09"],
    &["bridge", "--from", "2021-06-30", "--to", "2021-09-30", "--by", "team"],
    &["winrate", "--every", "quarter", "--by", "product"],
    &["dwell"],
    &[
        "sql",
        "select external_id, stage, outcome, amount_minor, owner, created_on, closed_on from opportunities order by 1",
    ],
];

#[test]
fn both_engines_answer_alike_and_a_backup_of_one_restores_into_the_other() {
    let Some(server) = server() else { return };
    let (there, here, restored) = (Data::empty(), Data::empty(), Data::empty());
    let import = ["import", "run", "regional-sales", &dataset("regional-sales")];
    here.ok(&import);
    assert_eq!(on(&server, &there, &["funnel"]).code, Some(support::WRONG_INPUT), "an empty database has no data yet");
    json(&on(&server, &there, &[&import[..], &["--json"]].concat()));
    for question in QUESTIONS {
        let asked = [question, &["--json"]].concat();
        assert_eq!(json(&on(&server, &there, &asked)), here.json(question), "{question:?}");
    }

    let file = there.path().join("backup.db");
    let file = file.to_str().expect("temporary paths are UTF-8");
    json(&on(&server, &there, &["backup", file, "--json"]));
    restored.ok(&["restore", file]);
    assert_eq!(restored.contents(), here.contents());

    json(&on(&server, &there, &["import", "undo", "1", "--json"]));
    let left = json(&on(&server, &there, &["sql", "select count(*) as deals from opportunities", "--json"]));
    assert_eq!(left["rows"][0]["deals"], 0);
}
