//! Input that is wrong in one way each: the message says where and what to do, the exit code is 2, and what was
//! there before is there after.

use std::fs::File;
use std::io::Write;

use serde_json::Value;

use crate::support::{CHANGES_HEAD, DEALS_HEAD, Data, Files, Run, WRONG_INPUT, table};

const PROFILE: &str = "deals-and-changes";
const DEAL: &str = "A,2026-01-05,Acme,Pump,North";
const CHANGE: &str = "A,2026-01-05,lead,open,1000.00,Ann,East,2026-06-30";

fn good() -> Files {
    Files::of(&[DEAL, "B,2026-01-06,Bolt,Valve,South"], &[CHANGE, "B,2026-01-06,lead,open,2000.50,Bob,West,"])
}

/// A database with something in it, and what that is.
fn with_something() -> (Data, Vec<Value>) {
    let data = Data::empty();
    data.ok(&["import", "run", PROFILE, good().path()]);
    let contents = data.contents();
    (data, contents)
}

/// Imports `files`, which must be refused with all of `told`, and change nothing.
fn refuses(files: &Files, told: &[&str]) {
    let (data, before) = with_something();
    let error = data.refused(&["import", "run", PROFILE, files.path(), "--lang", "en"]);
    for told in told {
        assert!(error.contains(told), "it should speak of `{told}`:\n{error}");
    }
    assert!(error.contains("what to do"), "it should say what to do:\n{error}");
    assert_eq!(data.contents(), before, "nothing was to change");
    assert_eq!(data.rows(&["import", "list"]).len(), 1, "nothing was to be imported");
}

/// Good files but for one row of the deals.
fn with_deal(row: &str) -> Files {
    Files::of(&[DEAL, row], &[CHANGE])
}

/// Good files but for one row of the changes.
fn with_change(row: &str) -> Files {
    Files::of(&[DEAL], &[CHANGE, row])
}

#[test]
fn no_such_profile() {
    let (data, before) = with_something();
    let error = data.refused(&["import", "run", "my-profile", good().path(), "--lang", "en"]);
    for told in ["`my-profile`", PROFILE, "no-such-profile", "what to do"] {
        assert!(error.contains(told), "it should speak of `{told}`:\n{error}");
    }
    assert_eq!(data.contents(), before);
}

#[test]
fn no_such_folder() {
    let data = Data::empty();
    let missing = good().at("nowhere");
    let missing = missing.to_str().expect("temporary paths are UTF-8");
    let error = data.refused(&["import", "run", PROFILE, missing, "--lang", "en"]);
    for told in [missing, "what to do", "folder that holds the files"] {
        assert!(error.contains(told), "it should speak of `{told}`:\n{error}");
    }
    assert!(!data.path().exists(), "an import that cannot begin makes no data directory");
}

#[test]
fn a_missing_file() {
    let files = good();
    files.remove("changes.csv");
    refuses(&files, &["`changes`", "changes*.csv", "missing-file"]);
}

#[test]
fn a_wrong_file() {
    let files = good();
    files.remove("deals.csv");
    files.write("deals.parquet", b"%PDF-1.7 this is no table at all");
    refuses(&files, &["deals.parquet", "wrong-format"]);

    let files = good();
    files.remove("deals.csv");
    files.write("deals.xlsx", b"PK\x03\x04 cut off");
    refuses(&files, &["deals.xlsx", "wrong-format"]);

    let files = good();
    files.write("deals.csv", &[0x89, b'P', b'N', b'G', 0, 0, 0, 13, 1, 0, 0, 2, 0, 0, 0, 0]);
    refuses(&files, &["deals.csv", "zero bytes", "wrong-format"]);
}

#[test]
fn an_empty_file() {
    let files = good();
    files.write("deals.csv", b"");
    refuses(&files, &["deals.csv", "empty-file"]);
}

#[test]
fn a_wrong_encoding() {
    // Says UTF-16 by its mark, and is not: an odd byte and half a pair.
    let files = good();
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(table(DEALS_HEAD, &[DEAL]).encode_utf16().flat_map(u16::to_le_bytes));
    bytes.extend([0x00, 0xd8, 0x41]);
    files.write("deals.csv", &bytes);
    refuses(&files, &["deals.csv", "undecodable"]);
}

#[test]
fn a_missing_column() {
    let files = good();
    files.write("changes.csv", table("deal,changed_at,stage", &["A,2026-01-05,lead"]).as_bytes());
    refuses(&files, &["changes.csv", "`deal_id`", "missing-column"]);
}

#[test]
fn an_impossible_date() {
    refuses(
        &with_deal("B,2026-02-30,Bolt,Valve,South"),
        &["deals.csv, row 3", "created_at", "2026-02-30", "impossible-date"],
    );
    refuses(
        &with_change("A,31/31/2026,needs,,,,,"),
        &["changes.csv, row 3", "changed_at", "31/31/2026", "impossible-date"],
    );
}

#[test]
fn a_number_in_words() {
    refuses(
        &with_change("A,2026-02-01,,,two thousand,,,"),
        &["changes.csv, row 3", "amount", "two thousand", "not-a-number"],
    );
}

#[test]
fn a_number_too_large() {
    refuses(
        &with_change("A,2026-02-01,,,99999999999999999999999,,,"),
        &["changes.csv, row 3", "amount", "99999999999999999999999", "out-of-range"],
    );
}

#[test]
fn a_duplicate_key() {
    refuses(&with_deal("A,2026-01-07,Bolt,Valve,South"), &["deals.csv, row 3", "deal_id", "`A`", "duplicate-key"]);
}

#[test]
fn a_row_without_its_key() {
    refuses(&with_deal(",2026-01-07,Bolt,Valve,South"), &["deals.csv, row 3", "deal_id", "missing-key"]);
}

#[test]
fn an_unknown_stage() {
    refuses(&with_change("A,2026-02-01,daydream,,,,,"), &["changes.csv, row 3", "stage", "daydream", "unknown-stage"]);
}

#[test]
fn an_unknown_option_of_a_field() {
    refuses(
        &with_change("A,2026-02-01,,perhaps,,,,"),
        &["changes.csv, row 3", "outcome", "perhaps", "unknown-outcome"],
    );
}

#[test]
fn a_change_of_a_deal_that_is_not_there() {
    refuses(&with_change("Z,2026-02-01,needs,,,,,"), &["changes.csv, row 3", "deal_id", "`Z`", "unknown-deal"]);
}

#[test]
fn a_line_of_two_gigabytes() {
    // The line has no end: its bytes are written as far as the limit, and the file is made as long as it claims
    // without filling the disk.
    let files = good();
    let mut file = File::create(files.at("changes.csv")).expect("a file can be made");
    // The mark says that it is UTF-8, so that nobody reads all of it to find that out.
    file.write_all(b"\xef\xbb\xbf").expect("a file can be written");
    file.write_all(table(CHANGES_HEAD, &[CHANGE]).as_bytes()).expect("a file can be written");
    file.write_all(b"A,2026-02-01,").expect("a file can be written");
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..40 {
        file.write_all(&megabyte).expect("a file can be written");
    }
    drop(file);
    refuses(&files, &["changes.csv", "row 3", "record-too-long"]);

    let file = File::options().append(true).open(files.at("changes.csv")).expect("the file is there");
    file.set_len(2 << 30).expect("a file can be sparse");
    drop(file);
    refuses(&files, &["changes.csv", "row 3", "record-too-long", "quote"]);
}

#[test]
fn a_zip_bomb_in_a_workbook() {
    let files = good();
    files.remove("deals.csv");
    let mut archive = zip::ZipWriter::new(File::create(files.at("deals.xlsx")).expect("a file can be made"));
    let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/worksheets/sheet1.xml", packed).expect("a part can be begun");
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..64 {
        archive.write_all(&zeros).expect("a part can be written");
    }
    archive.finish().expect("the archive can be ended");
    refuses(&files, &["deals.xlsx", "sheet1.xml", "archive-too-large"]);
}

#[test]
fn a_mapping_file_that_contradicts_itself() {
    let (data, before) = with_something();
    let files = good();
    files.write("profile.toml", b"name = \"mine\"\ntitel = \"typo\"\n");
    let profile = files.at("profile.toml");
    let profile = profile.to_str().expect("temporary paths are UTF-8");
    let error = data.refused(&["import", "run", profile, files.path(), "--lang", "en"]);
    for told in ["profile.toml", "line 2", "titel", "what to do"] {
        assert!(error.contains(told), "it should speak of `{told}`:\n{error}");
    }
    assert_eq!(data.contents(), before);
}

#[test]
fn where_no_row_is_right_the_rows_are_told_and_nothing_goes_in() {
    let files = Files::empty();
    files.write("deals.csv", b"deal_id,created_at,currency\nA,2026-01-05,Euro\n");
    files.write("changes.csv", b"deal_id,changed_at,stage\nA,2026-01-05,lead\n");
    let data = Data::empty();
    for more in [&[][..], &["--skip-rejected"]] {
        let error = data.refused(&[&["import", "run", PROFILE, files.path()], more].concat());
        assert!(error.contains("deals.csv, row 2") && error.contains("Euro"), "{error}");
        assert!(!data.path().exists());
    }
}

#[test]
fn the_first_import_of_wrong_rows_leaves_no_deal_and_the_reject_file_names_them() {
    let data = Data::empty();
    let files = with_change("A,2026-02-01,daydream,,two thousand,,,");
    let rejects = files.at("rejects.csv");
    let rejects = rejects.to_str().expect("temporary paths are UTF-8");
    data.refused(&["import", "run", PROFILE, files.path(), "--rejects", rejects]);
    assert!(!data.path().exists(), "an import that brings nothing in makes no data directory");

    let listed = std::fs::read_to_string(rejects).expect("rejected rows are listed");
    let mut lines = listed.trim_start_matches('\u{feff}').lines();
    let head = lines.next().unwrap_or_default();
    for column in ["file", "row", "column", "value", "rule", "message"] {
        assert!(head.split(',').any(|name| name == column), "{head}");
    }
    let rows: Vec<_> = lines.collect();
    assert!(rows.iter().any(|row| row.starts_with("changes.csv,3,stage,daydream,unknown-stage")), "{rows:?}");
    assert!(rows.iter().any(|row| row.starts_with("changes.csv,3,amount,two thousand,not-a-number")), "{rows:?}");

    // Asked to, it brings in the others.
    data.ok(&["import", "run", PROFILE, files.path(), "--skip-rejected"]);
    assert_eq!(data.number("select count(*) as n from opportunities"), 1);
}

#[test]
fn a_file_of_certificates_that_is_none_is_told_before_anything_is_visited() {
    let (data, files) = (Data::empty(), Files::empty());
    data.ok(&["init"]);
    files.write("ca.pem", b"no certificate");
    for (name, part) in
        [("ca.pem", "the file of certificates is of no use: there is none"), ("none.pem", "No such file")]
    {
        let mut command = data.command();
        command.env("LOUDOU_SOURCE_CA", files.at(name)).args(["source", "list"]);
        let refused = Run::from(command.output().expect("the built binary runs"));
        assert_eq!(refused.code, Some(WRONG_INPUT), "{refused:?}");
        assert!(refused.err.contains(part) && refused.err.contains("LOUDOU_SOURCE_CA names"), "{}", refused.err);
    }
}
