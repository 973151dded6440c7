//! Users and tokens as an administrator on the machine makes them.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Data, Run};

const PASSWORD: &str = "correct horse battery\n";

/// Runs a command with something on standard input.
fn with_input(data: &Data, arguments: &[&str], input: &str) -> Run {
    let mut command = data.command();
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the built binary runs");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it takes its input");
    child.wait_with_output().map(Run::from).expect("it ends")
}

fn added(data: &Data, arguments: &[&str]) {
    let run = with_input(data, arguments, PASSWORD);
    assert_eq!(run.code, Some(0), "{arguments:?}\n{}", run.err);
    assert!(!run.out.contains("battery") && !run.err.contains("battery"), "a password is never shown");
}

fn users(data: &Data) -> Vec<Value> {
    let of = |row: &Value| json!([row["name"], row["roles"], row["active"], row["person"]]);
    data.rows(&["user", "list"]).iter().map(of).collect()
}

#[test]
fn users_are_added_listed_changed_and_disabled() {
    let data = Data::empty();
    let nowhere = data.refused(&["user", "list"]);
    assert!(nowhere.contains("loudou init"), "{nowhere}");
    data.ok(&["init", "--name", "Example"]);
    added(&data, &["user", "add", "root", "--role", "administrator"]);
    added(&data, &["user", "add", "Ada", "--role", "rep", "--role", "executive", "--person", "Ada Lovelace"]);
    let expected =
        [json!(["Ada", "rep executive", "active", "Ada Lovelace"]), json!(["root", "administrator", "active", "root"])];
    assert_eq!(users(&data), expected);

    data.ok(&["user", "change", "ＡＤＡ", "--role", "operations"]);
    data.ok(&["user", "disable", "ada"]);
    assert_eq!(users(&data)[0], json!(["Ada", "operations", "disabled", "Ada Lovelace"]));
    data.ok(&["user", "change", "ada", "--enable"]);
    let reset = with_input(&data, &["user", "password", "ada"], "another battery\n");
    assert_eq!(reset.code, Some(0), "{}", reset.err);
    let link = data.json(&["user", "password", "ada", "--link"]);
    assert!(link["rows"][0]["link"].as_str().is_some_and(|link| link.starts_with("/set-password#code=")), "{link}");
    let linked = data.ok(&["user", "add", "bob", "--role", "finance", "--link"]).out;
    assert!(linked.contains("/set-password#code="), "{linked}");
}

#[test]
fn what_is_no_user_is_refused_and_says_why() {
    let data = Data::empty();
    data.ok(&["init"]);
    added(&data, &["user", "add", "root", "--role", "administrator"]);
    for (arguments, input, parts) in [
        (&["user", "add", "ada", "--role", "boss"][..], PASSWORD, &["boss", "rep, manager"][..]),
        (&["user", "add", "ada", "--role", "rep"], "", &["no password on standard input", "--link"]),
        (&["user", "add", "ada", "--role", "rep"], "short\n", &["at least 10"]),
        (&["user", "add", "ada", "--role", "rep"], "password123\n", &["tried first"]),
        (&["user", "add", "ROOT", "--role", "rep"], PASSWORD, &["`root` already"]),
        (&["user", "add", "ada", "--role", "rep", "--team", "Nowhere"], PASSWORD, &["no team called `Nowhere`"]),
        (&["user", "add", "ada", "--role", "rep", "--person", "#99"], PASSWORD, &["no person 99"]),
        (&["user", "add", "ada"], PASSWORD, &["--role"]),
        (&["user", "disable", "root"], "", &["last active administrator"]),
        (&["user", "disable", "nobody"], "", &["no user called `nobody`", "user list"]),
        (&["user", "change", "root"], "", &["nothing is to be changed"]),
        (&["token", "new", "--user", "nobody"], "", &["no user called `nobody`"]),
        (&["token", "new", "--user", "root", "--may", "sql"], "", &["root may not sql", "administer"]),
        (&["token", "new", "--user", "root", "--may", "fly"], "", &["no right `fly`"]),
        (&["token", "new", "--user", "root", "--days", "0"], "", &["1 to 3650 days"]),
        (&["token", "revoke", "99"], "", &["no token 99"]),
        (&["user", "list", "--scope", "team:East"], "", &["everybody's data"]),
    ] {
        let run = with_input(&data, arguments, input);
        assert_eq!(run.code, Some(2), "{arguments:?}\n{}\n{}", run.out, run.err);
        for part in parts {
            assert!(run.err.contains(part), "{arguments:?} does not say `{part}`: {}", run.err);
        }
    }
    assert_eq!(users(&data).len(), 1, "nothing was made");
}

#[test]
fn a_token_is_printed_alone_and_never_again() {
    let data = Data::empty();
    data.ok(&["init"]);
    added(&data, &["user", "add", "ops", "--role", "operations"]);
    let token = data.ok(&["token", "new", "--user", "ops"]).out;
    let secret = token.trim_end();
    assert!(secret.starts_with("ldt_") && secret.len() == 47 && token.lines().count() == 1, "{token}");
    let narrow = data.json(&["token", "new", "--user", "OPS", "--may", "analyse", "--days", "7", "--name", "nightly"]);
    let narrow = &narrow["rows"][0];
    assert!(narrow["token"].as_str().is_some_and(|token| token.starts_with("ldt_")), "{narrow}");
    let listed = data.ok(&["token", "list", "--json"]).out;
    assert!(!listed.contains("ldt_"), "{listed}");
    let rows = data.rows(&["token", "list"]);
    let of = |row: &Value| json!([row["user"], row["name"], row["may"]]);
    let expected = [json!(["ops", "command line", "all"]), json!(["ops", "nightly", "analyse"])];
    assert_eq!(rows.iter().map(of).collect::<Vec<_>>(), expected);
    data.ok(&["token", "revoke", &narrow["id"].to_string()]);
    assert_eq!(data.rows(&["token", "list"]).len(), 1);
    // The secret is not in the data, only its hash.
    let file = std::fs::read(data.path().join("loudou.db")).expect("the database");
    let log = std::fs::read(data.path().join("loudou.db-wal")).unwrap_or_default();
    for bytes in [file, log] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
        assert!(!bytes.windows(13).any(|part| part == b"horse battery"));
    }
}

#[test]
fn a_user_belongs_to_a_team_of_the_data() {
    let data = Data::empty();
    data.ok(&["demo", "--until", "2026-06-30"]);
    let teams = data.sql("select team, count(*) as deals from opportunities where team is not null group by team");
    let team = teams[0]["team"].as_str().expect("a team").to_owned();
    added(&data, &["user", "add", "lead", "--role", "manager", "--team", &team]);
    assert_eq!(data.rows(&["user", "list"])[0]["team"], json!(team));
    data.ok(&["user", "change", "lead", "--no-team"]);
    assert_eq!(data.rows(&["user", "list"])[0]["team"], json!(""));
}
