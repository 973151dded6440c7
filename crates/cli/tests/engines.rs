//! The same commands on PostgreSQL and in the embedded database give the same answers.

mod support;

use support::kills::{PROFILE, Point, batch, import_and_kill, now};
use support::{Data, WRONG_INPUT, dataset};

/// The server for tests; none where none is named, unless one is required.
#[allow(clippy::disallowed_methods, reason = "the test runner names the server in the environment")]
fn server() -> Option<String> {
    let url = std::env::var("LOUDOU_TEST_POSTGRES").ok();
    let required = std::env::var("LOUDOU_TEST_POSTGRES_REQUIRED").is_ok_and(|value| value == "1");
    assert!(url.is_some() || !required, "LOUDOU_TEST_POSTGRES must name a PostgreSQL server");
    url
}

const QUESTIONS: [&[&str]; 11] = [
    &["funnel", "--by", "region", "--as-of", "2021-11-10"],
    &["trend", "--every", "month", "--points", "12", "--as-of", "2021-11-10"],
    &["migration", "--from", "2021-10-31", "--to", "2021-11-09"],
    &["bridge", "--from", "2021-06-30", "--to", "2021-09-30", "--by", "team"],
    &["winrate", "--every", "quarter", "--by", "product"],
    &["dwell"],
    &["conversion", "--from", "2020-01-01", "--to", "2021-09-30", "--by", "team"],
    &["gauges", "--by", "owner", "--as-of", "2021-11-10"],
    // Nothing was known before the import.
    &["funnel", "--as-of", "2021-11-10", "--known-at", "2021-11-10"],
    &["funnel", "--by", "owner", "--as-of", "2021-11-10", "--scope", "team:Amelie Garner"],
    &[
        "sql",
        "select external_id, stage, outcome, amount_minor, owner, created_on, closed_on from opportunities order by 1",
    ],
];

/// Questions to a log that says when it knew.
const OF_A_LOG: [&[&str]; 7] = [
    &["funnel", "--by", "owner", "--as-of", "2026-05-31", "--known-at", "2026-03-10"],
    &["conversion", "--from", "2026-01-01", "--to", "2026-04-30", "--by", "team", "--known-at", "2026-04-15"],
    &["gauges", "--by", "owner", "--as-of", "2026-05-31"],
    &["gauges", "--as-of", "2026-05-31", "--scope", "team:Team 1"],
    &["conversion", "--from", "2026-01-01", "--to", "2026-05-31", "--scope", "person:Owner 3"],
    &["bridge", "--from", "2026-01-31", "--to", "2026-04-30", "--scope", "team:Team 2", "--known-at", "2026-04-01"],
    &[
        "sql",
        "select count(*) as deals, sum(amount_minor) as amount_minor from opportunities",
        "--scope",
        "team:Team 0",
    ],
];

/// One database of the server holds it all, so what is tested on it follows one after the other.
#[test]
fn both_engines_answer_alike_and_survive_the_same() {
    let Some(server) = server() else { return };
    let (there, here, restored) = (Data::on(&server), Data::empty(), Data::empty());
    let import = ["import", "run", "regional-sales", &dataset("regional-sales")];
    here.ok(&import);
    assert_eq!(there.run(&["funnel"]).code, Some(WRONG_INPUT), "an empty database has no data yet");
    there.json(&import);
    answer_alike(&there, &here, &QUESTIONS);

    let file = there.path().join("backup.db");
    let file = file.to_str().expect("temporary paths are UTF-8");
    there.json(&["backup", file]);
    restored.ok(&["restore", file]);
    assert_eq!(restored.contents(), here.contents());

    for data in [&there, &here] {
        data.json(&["import", "undo", "1"]);
        assert_eq!(data.number("select count(*) as deals from opportunities"), 0);
    }
    let files = batch(0);
    let import = ["import", "run", PROFILE, files.path()];
    let begun = now();
    there.ok(&import);
    let usual = begun.elapsed();
    here.ok(&import);
    let of_a_log = OF_A_LOG.map(|question| [question, &["--process", "b2b-seven"]].concat());
    answer_alike(&there, &here, &of_a_log.each_ref().map(Vec::as_slice));

    // Killed from the first moment to a little after the usual end, in even steps.
    let points: Vec<_> = (1..=4).map(|step| Point::thousandths(usual, step * 270)).collect();
    let cut_short = import_and_kill(&there, 1, &points);
    assert!(cut_short > 0, "no kill came before the end of an import");
    for number in 1..=4 {
        here.ok(&["import", "run", PROFILE, batch(number).path()]);
    }
    assert!(there.contents() == here.contents(), "the kills left a trace");
}

fn answer_alike(there: &Data, here: &Data, questions: &[&[&str]]) {
    for question in questions {
        let answer = here.json(question);
        assert_eq!(there.json(question), answer, "{question:?}");
    }
}
