//! Imports come once, can be taken back whole, and survive a backup.

use serde_json::{Value, json};

use crate::shipped::regional_sales;
use crate::support::{Data, Files, dataset};

const PROFILE: &str = "deals-and-changes";

fn first_export() -> Files {
    Files::of(
        &["A,2026-01-05,Acme,Pump,North", "B,2026-01-06,Bolt,Valve,South", "C,2026-02-01,Acme,Valve,North"],
        &[
            "A,2026-01-05,lead,open,1000.00,Ann,East,2026-06-30",
            "B,2026-01-06,lead,open,2000.50,Bob,West,2026-05-31",
            "C,2026-02-01,contact,open,300.00,Ann,East,2026-07-31",
            "A,2026-02-10,needs,,,,,",
            "B,2026-03-01,,lost,,,,",
        ],
    )
}

/// The same deals a month later: changed, won, handed over; and one more.
fn second_export() -> Files {
    Files::of(
        &[
            "A,2026-01-05,Acme,Pump,North",
            "B,2026-01-06,Bolt,Valve,South",
            "C,2026-02-01,Acme,Pump,North",
            "D,2026-03-03,Dart,Pump,South",
        ],
        &[
            "A,2026-01-05,lead,open,1000.00,Ann,East,2026-06-30",
            "B,2026-01-06,lead,open,2000.50,Bob,West,2026-05-31",
            "C,2026-02-01,contact,open,300.00,Ann,East,2026-07-31",
            "D,2026-03-03,lead,open,50.00,Bob,West,",
            "A,2026-02-10,needs,,,,,",
            "B,2026-03-01,,lost,,,,",
            "A,2026-03-15,decision,,1250.00,Bob,West,2026-08-31",
            "C,2026-03-20,,won,,,,",
        ],
    )
}

fn import(data: &Data, files: &Files) -> Value {
    data.rows(&["import", "run", PROFILE, files.path()])[0].clone()
}

#[test]
fn the_list_names_id_and_profile() {
    let data = Data::empty();
    let report = import(&data, &first_export());
    let list = data.rows(&["import", "list"]);
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0]["import_id"], report["import_id"]);
    assert_eq!(list[0]["profile"], PROFILE);
}

#[test]
fn the_same_files_again_change_nothing() {
    let data = Data::empty();
    import(&data, &first_export());
    let before = (data.contents(), data.rows(&["import", "list"]));
    let again = import(&data, &first_export());
    assert_eq!(again["import_id"], Value::Null, "{again}");
    assert_eq!((data.contents(), data.rows(&["import", "list"])), before);
}

#[test]
fn the_report_says_what_became_of_the_import() {
    let data = Data::empty();
    let files = first_export();
    let run = ["import", "run", PROFILE, files.path()];
    let says = |arguments: &[&str], lang: &str| data.ok(&[&run[..], arguments, &["--lang", lang]].concat()).out;
    let tries = says(&["--dry-run"], "en");
    assert!(tries.starts_with("Dry run, nothing was changed"), "{tries}");
    assert!(says(&["--dry-run"], "zh").starts_with("试运行"));
    let first = says(&[], "en");
    assert!(first.starts_with("Import 1") && first.contains("import undo 1"), "{first}");
    let again = says(&[], "en");
    assert!(again.starts_with("Nothing new, nothing was changed") && !again.contains("undo"), "{again}");
    assert!(says(&[], "zh").starts_with("没有新内容"));
}

#[test]
fn a_list_of_rejects_that_cannot_be_written_stops_the_import() {
    let data = Data::empty();
    let files = first_export();
    let nowhere = files.at("no-such-folder").join("rejects.csv");
    let nowhere = nowhere.to_str().expect("temporary paths are UTF-8");
    let error = data.refused(&["import", "run", PROFILE, files.path(), "--rejects", nowhere]);
    assert!(error.contains("no-such-folder"), "{error}");
    assert!(!data.path().exists(), "nothing is imported then");

    // A call that is refused leaves an older list as it was, and makes no new one.
    let older = b"file,row,column,value,rule,message,hint\nan older list\n";
    files.write("old.csv", older);
    for name in ["old.csv", "new.csv"] {
        let path = files.at(name);
        let path = path.to_str().expect("temporary paths are UTF-8");
        data.refused(&["import", "run", "no-such-profile", files.path(), "--rejects", path]);
    }
    assert_eq!(std::fs::read(files.at("old.csv")).expect("it is there"), older);
    assert!(!files.at("new.csv").exists());

    // What is no list is not written over, least of all what is to be read.
    let deals = files.at("deals.csv");
    let before = std::fs::read(&deals).expect("it is there");
    let error = data.refused(&["import", "run", PROFILE, files.path(), "--rejects", deals.to_str().expect("a path")]);
    assert!(error.contains("deals.csv is there and is no list of rejected rows"), "{error}");
    assert_eq!(std::fs::read(&deals).expect("it is there"), before);
    assert!(!data.path().exists());
}

#[test]
fn regional_sales_again_changes_nothing() {
    let data = regional_sales().copy();
    let sums = || {
        data.sql(
            "select stage, outcome, owner, count(*) as states, sum(amount_minor) as amount_minor, min(from_at) as first, \
             max(from_at) as last from intervals group by stage, outcome, owner order by stage, outcome, owner",
        )
    };
    let before = sums();
    let again = data.rows(&["import", "run", "regional-sales", &dataset("regional-sales")]);
    assert_eq!(again[0]["entries"], 0, "{again:?}");
    assert_eq!(sums(), before);
    assert_eq!(data.rows(&["import", "list"]).len(), 1);
}

#[test]
fn a_dry_run_changes_nothing() {
    let data = Data::empty();
    let report = data.rows(&["import", "run", PROFILE, first_export().path(), "--dry-run"]);
    assert_eq!(report[0]["opportunities"], 3, "{report:?}");
    assert_eq!(report[0]["import_id"], Value::Null);
    import(&data, &first_export());
    let before = data.contents();
    data.rows(&["import", "run", PROFILE, second_export().path(), "--dry-run"]);
    assert_eq!(data.contents(), before);
    assert_eq!(data.rows(&["import", "list"]).len(), 1);
}

#[test]
fn undo_gives_back_what_was_before_updates_included() {
    let data = Data::empty();
    import(&data, &first_export());
    let before = data.contents();
    let second = import(&data, &second_export());
    assert_eq!(data.number("select count(*) as n from opportunities"), 4);
    let outcomes = data.sql("select external_id, outcome, owner, amount_minor from opportunities order by external_id");
    let a = json!({"external_id": "A", "outcome": "open", "owner": "Bob", "amount_minor": 125_000});
    assert_eq!(outcomes[0], a, "{outcomes:?}");

    let undone = data.rows(&["import", "undo", &second["import_id"].to_string()]);
    assert_eq!(undone[0]["kept"], json!([]), "{undone:?}");
    assert_eq!(data.contents(), before);
    data.refused(&["import", "undo", &second["import_id"].to_string()]);

    let third = import(&data, &second_export());
    assert!(third["import_id"].is_i64(), "what was taken back can come again: {third}");
    assert_eq!(data.number("select count(*) as n from opportunities where outcome = 'won'"), 1);
}

#[test]
fn an_import_that_a_later_one_builds_on_is_undone_after_it() {
    let data = Data::empty();
    let first = import(&data, &first_export())["import_id"].to_string();
    let second = import(&data, &second_export())["import_id"].to_string();
    let before = data.contents();
    let refusal = data.refused(&["import", "undo", &first]);
    assert!(refusal.contains(&format!("loudou import undo {second}")), "{refusal}");
    assert_eq!(data.contents(), before);
    data.ok(&["import", "undo", &second]);
    data.ok(&["import", "undo", &first]);
    assert_eq!(data.number("select count(*) as n from opportunities"), 0);
}

#[test]
fn a_backup_restores_into_an_empty_place_only() {
    let data = Data::empty();
    import(&data, &first_export());
    import(&data, &second_export());
    let folder = Files::empty();
    let file = folder.at("loudou-backup.db");
    let file = file.to_str().expect("temporary paths are UTF-8");
    data.ok(&["backup", file]);
    let written = std::fs::read(file).expect("the backup");
    data.refused(&["backup", file]);
    assert_eq!(std::fs::read(file).expect("the backup"), written, "a backup replaces nothing");

    let restored = Data::empty();
    restored.ok(&["restore", file]);
    assert_eq!(restored.contents(), data.contents());
    assert_eq!(restored.rows(&["import", "list"]), data.rows(&["import", "list"]));
    restored.ok(&["doctor"]);

    // What is there stays.
    let before = data.contents();
    data.refused(&["restore", file]);
    assert_eq!(data.contents(), before);

    // A restored database goes on like any other.
    restored.ok(&["import", "undo", "2"]);
    let once = Data::empty();
    import(&once, &first_export());
    assert_eq!(restored.contents(), once.contents());
}

#[test]
fn what_is_no_backup_is_refused() {
    let folder = Files::empty();
    folder.write("notes.txt", b"this is no backup");
    let data = Data::empty();
    for name in ["notes.txt", "missing.db"] {
        let error = data.refused(&["restore", folder.at(name).to_str().expect("temporary paths are UTF-8")]);
        assert!(error.contains(name), "{error}");
    }
}
