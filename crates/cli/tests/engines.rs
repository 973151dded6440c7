//! The same commands on PostgreSQL and in the embedded database give the same answers.

mod support;

use serde_json::{Value, json};
use support::kills::{PROFILE, Point, batch, import_and_kill, now};
use support::load::kill_and_look;
use support::server::{PASSWORD, Server, user};
use support::{Data, WRONG_INPUT, dataset, merges, sellers};

/// The server for tests; none where none is named, unless one is required.
#[allow(clippy::disallowed_methods, reason = "the test runner names the server in the environment")]
fn server() -> Option<String> {
    let url = std::env::var("LOUDOU_TEST_POSTGRES").ok();
    let required = std::env::var("LOUDOU_TEST_POSTGRES_REQUIRED").is_ok_and(|value| value == "1");
    assert!(url.is_some() || !required, "LOUDOU_TEST_POSTGRES must name a PostgreSQL server");
    url
}

const QUESTIONS: [&[&str]; 15] = [
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
    &["quality", "--by", "rule", "--as-of", "2021-11-10"],
    &["quality", "--by", "person", "--as-of", "2021-11-10", "--scope", "team:Amelie Garner"],
    &["quality", "trend", "--points", "4", "--as-of", "2021-11-10"],
    &["quality", "fix", "--as-of", "2021-11-10", "--limit", "50"],
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

/// Questions to the chain from lead to cash.
const OF_THE_CHAIN: [&[&str]; 6] = [
    &["customer-funnel", "--as-of", "2018-11-15"],
    &["customer-funnel", "--as-of", "2018-11-15", "--by", "channel"],
    &["customer-funnel", "--as-of", "2018-03-08", "--by", "industry"],
    &["customer-funnel", "--as-of", "2018-11-15", "--from", "2018-01-01", "--to", "2018-01-31"],
    &["customer-funnel", "--as-of", "2018-11-15", "--by", "owner", "--scope", "person:r1"],
    &["sql", "select lead_id, channel, account_id, opportunity_id, first_contact_on, closed_on from leads order by 1"],
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
    let sellers = sellers();
    let import = ["import", "run", "olist-funnel", &sellers];
    for data in [&there, &here] {
        data.ok(&import);
    }
    answer_alike(&there, &here, &OF_THE_CHAIN);
    for data in [&there, &here] {
        data.json(&["import", "undo", "2"]);
        let empty = data.json(&["customer-funnel", "--as-of", "2018-11-15"]);
        assert_eq!(empty["steps"]["rows"][0]["customers"], json!(0), "all of it is taken back");
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

    for data in [&there, &here] {
        merges::customers(data);
        merges::deals(data);
    }
    assert!(there.contents() == here.contents(), "merges came out otherwise");

    kill_and_look(&there, 3, 11);
    replicas(&there, &Data::on(&server));
}

/// Two servers on one database: what one acknowledges, the other's next answer knows.
fn replicas(here: &Data, there: &Data) {
    let bearer = user(here, "replica", "manager");
    let servers = [Server::start(here), Server::start(there)];
    let stock = |server: &Server| {
        let rows = server.get("/api/v1/funnel?process=b2b-seven", &bearer)["rows"].clone();
        let deals =
            |stage: &str| rows.as_array().into_iter().flatten().find(|row| row["stage"] == json!(stage)).cloned();
        [deals("lead"), deals("contact")].map(|row| row.and_then(|row| row["deals"].as_i64()).unwrap_or(0))
    };
    let analyser = |server: &Server| server.get("/api/v1/analyser?process=b2b-seven", &bearer)["stock"]["rows"].clone();
    for turn in 0..4 {
        let (writer, reader) = (&servers[turn % 2], &servers[1 - turn % 2]);
        let [leads, contacts] = stock(reader);
        let send = |method: &str, path: &str, headers: &str, body: Value| {
            let reply =
                writer.send(method, &format!("/api/v1/opportunities{path}"), &format!("{bearer}{headers}"), &body);
            assert!(reply.status < 300, "{method} {path}: {}", reply.body);
            (reply.body["id"].clone(), format!("If-Match: \"{}\"\r\n", reply.body["version"]))
        };
        let name = format!("replica {turn}");
        let new = json!({"name": name, "process": "b2b-seven", "amount_minor": 100});
        let (id, made) = send("POST", "", "", new);
        let listed = reader.get(&format!("/api/v1/opportunities?process=b2b-seven&q=replica%20{turn}"), &bearer);
        assert_eq!(listed["rows"][0]["id"], id, "turn {turn}: the list of the other: {listed}");
        assert_eq!(stock(reader), [leads + 1, contacts], "turn {turn}: the stock of the other");

        let one = format!("/{id}");
        let (_, version) = send("PATCH", &one, &made, json!({"amount_minor": 700, "next_step": "call"}));
        let page = reader.get(&format!("/api/v1/opportunities{one}"), &bearer);
        assert_eq!((&page["amount_minor"], &page["next_step"]), (&json!(700), &json!("call")), "turn {turn}");
        send("POST", &format!("{one}/move"), &version, json!({"to": "contact", "override_reason": "tested"}));
        let page = reader.get(&format!("/api/v1/opportunities{one}"), &bearer);
        assert_eq!(page["stage"]["key"], json!("contact"), "turn {turn}: the page of the other");
        assert_eq!(stock(reader), [leads, contacts + 1], "turn {turn}: the stock of the other");
        assert_eq!(analyser(reader), analyser(writer), "turn {turn}: the analyser's page");
    }

    let [one, other] = &servers;
    let credentials = json!({"name": "replica", "password": PASSWORD});
    let signed_in = one.send("POST", "/api/v1/session", "", &credentials);
    assert_eq!(signed_in.status, 200, "{}", signed_in.body);
    let cookie = signed_in.cookie();
    assert_eq!(other.get("/api/v1/session", &cookie)["user"]["name"], json!("replica"));
    let csrf = signed_in.body["csrf"].as_str().expect("a token");
    let out = one.send("DELETE", "/api/v1/session", &format!("{cookie}X-Loudou-CSRF: {csrf}\r\n"), &Value::Null);
    assert_eq!(out.status, 204, "{}", out.body);
    let gone = other.send("GET", "/api/v1/session", &cookie, &Value::Null);
    assert_eq!((gone.status, &gone.body["code"]), (401, &json!("signed-out")), "signed out at one, at the other too");
}

fn answer_alike(there: &Data, here: &Data, questions: &[&[&str]]) {
    for question in questions {
        let answer = here.json(question);
        assert_eq!(there.json(question), answer, "{question:?}");
    }
}
