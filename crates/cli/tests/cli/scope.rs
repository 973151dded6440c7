//! One team beside another: whoever sees one team is answered as if there were no other.
//!
//! The oracle is a second database that holds the one team's deals and nothing else.

use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{Data, Dice, Files, OK, Run, root, table};

const EAST: [&str; 2] = ["Ann", "Abe"];
const WEST: [&str; 2] = ["Bob", "Bea"];
const DEALS: u64 = 60;

/// Deals of both teams; `only` keeps those of one. Words tell the team: nothing of West is called as in East.
fn files(only: Option<&str>) -> Files {
    let mut dice = Dice::new(7);
    let (mut deals, mut changes) = (Vec::new(), Vec::new());
    for number in 0..DEALS {
        let (team, people) = if number % 2 == 0 { ("East", EAST) } else { ("West", WEST) };
        let kept = only.is_none_or(|only| only == team);
        let add = |rows: &mut Vec<String>, row: String| {
            if kept {
                rows.push(row);
            }
        };
        let (day, word) = (1 + dice.below(28), dice.below(3));
        let id = format!("{team}-{number}");
        let owner = people[usize::from(dice.below(2) == 1)];
        add(
            &mut deals,
            format!("{id},2026-01-{day:02},{team} account {word},{team} product {word},{team} region {word}"),
        );
        let amount = 1000 + dice.below(9000);
        add(
            &mut changes,
            format!("{id},2026-01-{day:02},lead,open,{amount}.00,{owner},{team},2026-0{}-15", 3 + dice.below(6)),
        );
        for (month, stage) in [(2, "contact"), (3, "needs"), (4, "solution")] {
            let (day, fate) = (1 + dice.below(28), dice.below(6));
            match fate {
                0 => add(&mut changes, format!("{id},2026-0{month}-{day:02},,lost,,,,")),
                1 => add(&mut changes, format!("{id},2026-0{month}-{day:02},,won,{}.00,,,", amount + 500)),
                _ => add(&mut changes, format!("{id},2026-0{month}-{day:02},{stage},,,,,")),
            }
            if fate < 2 {
                break;
            }
        }
    }
    Files::of(&deals, &changes)
}

fn import(only: Option<&str>) -> Data {
    let data = Data::empty();
    data.ok(&["import", "run", "deals-and-changes", files(only).path()]);
    data
}

fn both() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| import(None))
}

fn east() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| import(Some("East")))
}

const ANALYSES: [&[&str]; 13] = [
    &["funnel"],
    &["funnel", "--by", "owner,product"],
    &["funnel", "--by", "team"],
    &["trend", "--every", "month", "--points", "5", "--by", "region"],
    &["migration", "--from", "2026-02-01", "--to", "2026-04-30"],
    &["migration", "--weeks", "12", "--into", "needs"],
    &["bridge", "--from", "2026-02-28", "--to", "2026-04-30"],
    &["bridge", "--from", "2026-02-28", "--to", "2026-04-30", "--due-from", "2026-04-01", "--due-to", "2026-06-30"],
    &["conversion", "--from", "2026-01-01", "--to", "2026-03-31", "--by", "owner"],
    &["dwell", "--by", "account"],
    &["winrate", "--from", "2026-01-01", "--by", "owner"],
    &["winrate", "--from", "2026-01-01", "--every", "month", "--by-created"],
    &["gauges", "--by", "owner"],
];

/// Commands that answer with several tables within the scope.
const COMPOSED: [&[&str]; 3] = [&["customer-funnel", "--by", "owner"], &["quality", "trend"], &["quality", "fix"]];

#[test]
fn every_analysis_of_one_team_is_as_if_there_were_no_other() {
    for analysis in ANALYSES {
        let asked = [analysis, &["--as-of", "2026-05-31"]].concat();
        let rows = |data: &Data, scope: &[&str]| data.rows(&[&asked[..], scope].concat());
        let scoped = rows(both(), &["--scope", "team:East"]);
        assert_eq!(scoped, rows(east(), &[]), "{analysis:?}");
        let all = rows(both(), &[]);
        assert_ne!(scoped, all, "{analysis:?} has to tell the two apart");
    }
}

#[test]
fn nothing_of_another_team_stands_in_any_output() {
    let west =
        |text: &str| ["West", "Bob", "Bea"].iter().find(|word| text.contains(**word)).map(|word| (*word).to_owned());
    for analysis in ANALYSES.into_iter().chain(COMPOSED) {
        let asked = [analysis, &["--as-of", "2026-05-31", "--scope", "team:East"]].concat();
        for form in [&["--json"][..], &["--lang", "zh"], &["--lang", "en"]] {
            let out = both().ok(&[&asked[..], form].concat()).out;
            assert_eq!(west(&out), None, "{analysis:?} {form:?}\n{out}");
        }
    }
    for table in ["opportunities", "intervals", "transitions", "journeys", "stages"] {
        let out = both().ok(&["sql", &format!("select * from {table}"), "--scope", "team:East", "--json"]).out;
        assert_eq!(west(&out), None, "{table}\n{out}");
    }
}

/// Every command that is no analysis, and whether it is refused to a scope that sees a part. Files named here do not
/// exist: what is refused is not looked at.
const OTHERS: [(&[&str], bool); 54] = [
    (&["init"], true),
    (&["import", "run", "deals-and-changes", "nowhere"], true),
    (&["import", "list"], true),
    (&["import", "profiles"], false),
    (&["import", "undo", "1"], true),
    // Files of the asker's own.
    (&["steps", "run", "tests/files/trim.toml", "../ingest/tests/files/deals.xls"], false),
    (&["steps", "preview", "tests/files/trim.toml", "../ingest/tests/files/deals.xls"], false),
    (&["quality", "rules"], false),
    (&["quality", "infer"], true),
    (&["dedupe", "find"], true),
    (&["dedupe", "merge"], true),
    (&["dedupe", "undo", "1"], true),
    (&["dedupe", "undo", "1", "--batch"], true),
    (&["dedupe", "list"], true),
    (&["source", "add", "nowhere"], true),
    (&["source", "list"], true),
    (&["source", "show", "x"], true),
    (&["source", "change", "x"], true),
    (&["source", "secret", "set", "x"], true),
    (&["source", "secret", "remove", "x"], true),
    (&["source", "test", "x"], true),
    (&["source", "pull", "x", "--out", "nowhere"], true),
    (&["source", "run", "x"], true),
    (&["source", "due"], true),
    (&["source", "history", "x"], true),
    (&["source", "remove", "x"], true),
    (&["source", "rekey"], true),
    (&["model"], true),
    (&["field", "list"], false),
    (&["field", "add", "opportunity", "x", "--zh", "甲", "--en", "X"], true),
    (&["field", "change", "opportunity", "x"], true),
    (&["field", "retire", "opportunity", "x"], true),
    (&["field", "restore", "opportunity", "x"], true),
    (&["sql", "select 1"], false),
    (&["process", "list"], false),
    (&["process", "show", "b2b-seven"], false),
    (&["process", "add", "b2b-seven"], true),
    (&["rates", "list"], false),
    (&["rates", "set", "nowhere"], true),
    (&["user", "add", "zoe", "--role", "rep"], true),
    (&["user", "list"], true),
    (&["user", "change", "zoe", "--role", "rep"], true),
    (&["user", "disable", "zoe"], true),
    (&["user", "password", "zoe"], true),
    (&["token", "new", "--user", "zoe"], true),
    (&["token", "list"], true),
    (&["token", "revoke", "1"], true),
    (&["serve"], true),
    (&["backup", "nowhere/backup.db"], true),
    (&["restore", "nowhere/backup.db"], true),
    (&["doctor"], true),
    (&["demo"], true),
    (&["demo", "--list-causes"], true),
    (&["import", "run", "deals-and-changes", "nowhere", "--dry-run"], true),
];

/// The commands that a help text lists, those below them in full.
fn listed(before: &[String]) -> Vec<Vec<String>> {
    let arguments: Vec<&str> = before.iter().map(String::as_str).chain(["--help"]).collect();
    let help = both().ok(&arguments).out;
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A description that needs a second line is indented further.
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> =
        names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    let below = |name: &&str| listed(&[before, &[(*name).to_owned()]].concat());
    if names.is_empty() { vec![before.to_vec()] } else { names.iter().flat_map(below).collect() }
}

#[test]
fn every_command_answers_within_the_scope_or_is_refused() {
    let told = OTHERS.iter().map(|(arguments, _)| *arguments).chain(ANALYSES).chain(COMPOSED);
    let told: Vec<Vec<String>> =
        told.map(|arguments| arguments.iter().map(|word| (*word).to_owned()).collect()).collect();
    let all = listed(&[]);
    assert!(all.len() > 15, "{all:?}");
    for command in all {
        assert!(told.iter().any(|told| told.starts_with(&command)), "say what a scope sees of {command:?}");
    }
    let data = both().copy();
    for (arguments, refused) in OTHERS {
        let scoped = [arguments, &["--scope", "team:East", "--lang", "en"]].concat();
        if refused {
            let error = data.refused(&scoped);
            assert!(error.contains("everybody's data") && error.contains("--scope"), "{arguments:?}: {error}");
        } else {
            data.ok(&scoped);
        }
    }
    assert_eq!(data.contents(), both().contents());
}

#[test]
fn tables_of_sql_hold_the_rows_of_the_scope_only() {
    let count = |data: &Data, query: &str, scope: &[&str]| -> Value {
        let rows = data.rows(&[&["sql", query], scope].concat());
        rows[0]["n"].clone()
    };
    for query in [
        "select count(*) as n from opportunities",
        "select count(*) as n from intervals",
        "select count(*) as n from transitions",
        "select count(*) as n from journeys",
        "select sum(amount_minor) as n from opportunities",
        "select sum(amount_minor) as n from intervals",
        "select count(*) as n from intervals i join opportunities o on o.opportunity_id = i.opportunity_id",
        "select count(*) as n from (select * from opportunities union all select * from opportunities)",
        "with all_deals as (select * from opportunities) select count(*) as n from all_deals where true or team = 'West'",
        "select (select count(*) from transitions) as n",
    ] {
        let scoped = count(both(), query, &["--scope", "team:East"]);
        assert_eq!(scoped, count(east(), query, &[]), "{query}");
        assert_ne!(scoped, count(both(), query, &[]), "{query} has to tell the two apart");
    }
}

#[test]
fn a_filter_cannot_reach_over_the_scope() {
    let asked = ["funnel", "--as-of", "2026-05-31"];
    let scoped = both().rows(&[&asked[..], &["--scope", "team:East", "--where", "amount >= 0 or true"]].concat());
    assert_eq!(scoped, east().rows(&asked));

    // A word of another team is answered like one that does not exist.
    let word = |owner: &str| {
        let filter = format!("owner = '{owner}'");
        let run = both().run(&[&asked[..], &["--scope", "team:East", "--lang", "en", "--where", &filter]].concat());
        (run.code, run.out.replace(owner, "…"), run.err.replace(owner, "…"))
    };
    assert_eq!(word("Bob"), word("Zoe"));
}

/// A deal of West in a currency of its own and with an amount of its own, beside those of both teams.
fn with_a_hidden_deal() -> Data {
    let data = import(None);
    let files = Files::empty();
    files.write(
        "deals.csv",
        b"deal_id,created_at,account,product,region\nWest-x,2026-01-05,West account x,West product x,West region x\n",
    );
    files.write(
        "changes.csv",
        b"deal_id,changed_at,stage,outcome,amount,owner,team\nWest-x,2026-01-05,lead,open,123.45,Bob,West\n",
    );
    data.ok(&["import", "run", "deals-and-changes", files.path()]);
    files.write("deals.csv", b"deal_id,created_at,account,currency\nWest-y,2026-01-05,West account y,CHF\n");
    files.write(
        "changes.csv",
        b"deal_id,changed_at,stage,outcome,amount,owner,team\nWest-y,2026-01-05,lead,open,77.00,Bea,West\n",
    );
    data.ok(&["import", "run", "deals-and-changes", files.path()]);
    data
}

#[test]
fn a_question_that_fails_on_hidden_rows_tells_nothing_of_them() {
    let (all, alone) = (with_a_hidden_deal(), east());
    let hidden = ["West", "Bob", "Bea", "12345", "123.45", "CHF"];
    // What only a row of the other team makes fail has to be answered as if there were no other team.
    let conditions = [
        "case when owner = 'Ann' or owner = 'Abe' then 1 else cast(owner as int) end > 0",
        "case when owner = 'Ann' then 0 else cast(owner as int) end > 0",
        "1 / (amount_minor - 12345) >= 0",
        "1 / (amount_minor - 12345) > 0",
        "case when team = 'East' then 1 else cast(account as int) end > 0",
        "case when currency = 'CNY' then 1 else cast(currency as int) end > 0",
    ];
    let asked = |data: &Data, arguments: &[&str]| data.run(&[arguments, &["--lang", "en", "--json"]].concat());
    let scope = ["--scope", "team:East", "--as-of", "2026-05-31"];
    for condition in conditions {
        let of_sql = format!("select count(*) as n from opportunities where {condition}");
        let of_states = format!("select count(*) as n from intervals where {condition}");
        let filter = condition.replace("amount_minor", "amount * 100");
        for question in [
            &["sql", &of_sql][..],
            &["sql", &of_states],
            &["funnel", "--where", condition],
            &["winrate", "--where", &filter],
        ] {
            let scoped = asked(&all, &[question, &scope].concat());
            let told = hidden.iter().find(|word| {
                let said = |text: &str| text.replace(condition, "").replace(&filter, "").contains(**word);
                said(&scoped.err) || said(&scoped.out)
            });
            assert_eq!(told, None, "{question:?}\n{}\n{}", scoped.out, scoped.err);
            let expected = asked(alone, &[question, &scope].concat());
            assert_eq!((scoped.code, &scoped.err), (expected.code, &expected.err), "{question:?}\n{}", scoped.out);
            let rows = |run: &Run| serde_json::from_str::<Value>(&run.out).ok().map(|answer| answer["rows"].clone());
            assert_eq!(rows(&scoped), rows(&expected), "{question:?}");
        }
    }
}

#[test]
fn a_currency_that_only_a_hidden_deal_has_is_not_in_the_way() {
    let all = with_a_hidden_deal();
    for analysis in ANALYSES {
        let asked = [analysis, &["--as-of", "2026-05-31", "--scope", "team:East"]].concat();
        let (scoped, alone) = (all.run(&[&asked[..], &["--json"]].concat()), east().rows(&asked));
        assert_eq!((scoped.code, scoped.err.as_str()), (Some(OK), ""), "{analysis:?}");
        assert!(!scoped.out.contains("CHF"), "{analysis:?}\n{}", scoped.out);
        let answer: Value = serde_json::from_str(&scoped.out).expect("it prints JSON");
        assert_eq!(answer["rows"], Value::Array(alone), "{analysis:?}");
    }
}

#[test]
fn one_person_sees_their_own() {
    let deals = both().sql("select count(*) as n from opportunities where owner = 'Ann'")[0]["n"].clone();
    let scoped = both().rows(&[
        "sql",
        "select count(*) as n, min(owner) as a, max(owner) as b from opportunities",
        "--scope",
        "person:Ann",
    ]);
    assert_eq!(scoped[0]["n"], deals);
    assert_eq!((&scoped[0]["a"], &scoped[0]["b"]), (&"Ann".into(), &"Ann".into()));
}

/// The bundled profile with a table of targets beside it.
fn with_targets(files: &Files, targets: &[&str]) -> Data {
    let bundled = std::fs::read_to_string(root().join("crates/ingest/profiles/deals-and-changes.toml"));
    let profile = format!(
        "{}\n[tables.targets]\nfiles = [\"targets.csv\"]\n[[records]]\nkind = \"target\"\ntable = \"targets\"\n\
         key = \"id\"\n[records.fields]\nperson = \"person\"\nfrom_on = \"from_on\"\nto_on = \"to_on\"\namount_minor = \"amount\"\n",
        bundled.expect("the bundled profile is in the checkout"),
    );
    files.write("profile.toml", profile.as_bytes());
    files.write("targets.csv", table("id,person,from_on,to_on,amount", targets).as_bytes());
    let data = Data::empty();
    let profile = files.at("profile.toml");
    data.ok(&["import", "run", profile.to_str().expect("temporary paths are UTF-8"), files.path()]);
    data
}

#[test]
fn targets_of_another_team_are_not_seen_either() {
    let (ann, bob) = ("t1,Ann,2026-04-01,2026-06-30,5000.00", "t2,Bob,2026-04-01,2026-06-30,7000.00");
    let (all, alone) = (with_targets(&files(None), &[ann, bob]), with_targets(&files(Some("East")), &[ann]));
    let asked = ["gauges", "--by", "owner", "--as-of", "2026-05-31"];
    let scoped = all.rows(&[&asked[..], &["--scope", "team:East"]].concat());
    assert_eq!(scoped, alone.rows(&asked));
    assert!(scoped.iter().any(|row| row["owner"] == "Ann" && row["target_minor"] == 500_000), "{scoped:?}");
}
