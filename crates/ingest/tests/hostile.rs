//! Inputs that are wrong: each gives a message that says where and what to do, and never a panic.

mod common;

use std::io::Write as _;
use std::sync::LazyLock;

use common::{folder, process_of, tried};
use domain::process::Process;
use ingest::{Extract, Fault, Options, Profile, Refusal, Rule, Severity};
use proptest::prelude::*;

const PROFILE: &str = r#"
name = "small"
title = { zh = "小", en = "small" }
description = { zh = "小", en = "small" }
currency = "EUR"
zone = "Europe/Berlin"
exported_on = "2026-03-31"
process = "basic-five"
[tables.deals]
files = ["deals.csv", "deals.xlsx", "deals.parquet"]
[tables.people]
files = ["people.csv"]
optional = true
[[records]]
kind = "person"
table = "people"
key = "id"
fields.name = "name"
[deals]
table = "deals"
key = "id"
created = "created"
stage = "stage"
outcome = { column = "status", otherwise = "open", map = { W = "won", L = "lost" } }
closed = "closed"
[deals.fields]
amount_minor = "amount"
owner = "owner"
"#;
const HEADER: &str = "id,created,stage,status,closed,amount,owner\n";

/// The profile above and its process, read once.
static SMALL: LazyLock<(Profile, Process)> = LazyLock::new(|| {
    let profile = Profile::parse(PROFILE, "small").expect("it is sound");
    let process = process_of(&profile);
    (profile, process)
});

fn read(files: &[(&str, &str)]) -> Result<Extract, Refusal> {
    tried(&SMALL.0, &SMALL.1, folder(files).path())
}

fn read_bytes(name: &str, bytes: &[u8], options: &Options) -> Result<Extract, Refusal> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), bytes).expect("written");
    ingest::extract(&SMALL.0, folder.path(), &SMALL.1, options, &mut |_| std::ops::ControlFlow::Continue(()))
}

fn refused(result: Result<Extract, Refusal>) -> Fault {
    let mut faults = result.expect_err("it is refused").faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.remove(0)
}

#[test]
fn wrong_values_are_told_with_row_column_value_and_rule() {
    for (row, expected) in [
        ("1,2026-02-30,needs,,,5,", (2, "created", "2026-02-30", Rule::ImpossibleDate)),
        ("1,02/03/2026,needs,,,5,", (2, "created", "02/03/2026", Rule::ImpossibleDate)),
        ("1,0026-02-03,needs,,,5,", (2, "created", "0026-02-03", Rule::OutOfRange)),
        ("1,2026-02-03,needs,,,five hundred,", (2, "amount", "five hundred", Rule::NotANumber)),
        ("1,2026-02-03,needs,,,\"1.234,50\",", (2, "amount", "1.234,50", Rule::NotANumber)),
        ("1,2026-02-03,needs,,,1e30,", (2, "amount", "1e30", Rule::OutOfRange)),
        ("1,2026-02-03,needs,,,-5,", (2, "amount", "-5", Rule::Negative)),
        ("1,2026-02-03,needs,,,10000000000000.01,", (2, "amount", "10000000000000.01", Rule::OutOfRange)),
        ("1,2026-02-03,haggling,,,5,", (2, "stage", "haggling", Rule::UnknownStage)),
        (",2026-02-03,needs,,,5,", (2, "id", "", Rule::MissingKey)),
        ("1,2026-02-03,needs,,5,", (2, "", "", Rule::RaggedRow)),
        ("1,2026-02-03,needs,,,5,\n1.0,2026-02-04,needs,,,6,", (3, "id", "1", Rule::DuplicateKey)),
    ] {
        let extract = read(&[("deals.csv", &format!("{HEADER}{row}\n"))]).expect("it reads");
        let [issue] = extract.issues.as_slice() else { panic!("{row}: {:?}", extract.issues) };
        assert_eq!((issue.row, &*issue.column, &*issue.value, issue.rule), expected, "{row}");
        assert_eq!((issue.severity, &*issue.file), (Severity::Reject, "deals.csv"));
        assert!(!issue.message.is_empty() && !issue.hint().is_empty());
        assert_eq!(extract.counts.rows_rejected, 1);
        let deals = extract.keys.get(&domain::Kind::Opportunity).map_or(0, Vec::len);
        assert_eq!(deals as u64 + 1, extract.counts.rows_read, "{row}: only whole rows become deals");
    }
}

#[test]
fn every_problem_of_a_row_is_told_and_the_row_counts_once() {
    let row = "1,yesterday,haggling,,,many,";
    let extract = read(&[("deals.csv", &format!("{HEADER}{row}\n"))]).expect("it reads");
    let rules: Vec<Rule> = extract.issues.iter().map(|issue| issue.rule).collect();
    assert_eq!(rules, [Rule::ImpossibleDate, Rule::NotANumber, Rule::UnknownStage]);
    assert_eq!(extract.counts.rows_rejected, 1);
}

#[test]
fn doubtful_values_go_in_with_a_warning() {
    for (row, rule) in [
        ("1,2026-02-03,needs,W,,5,", Rule::ClosedWithoutDate),
        ("1,2026-02-03,needs,W,2026-02-01,5,", Rule::ClosedBeforeCreated),
        ("1,2026-04-01,needs,,,5,", Rule::AfterExport),
        ("1,2026-02-03,needs,,,5.005,", Rule::TooManyDecimals),
        ("1,2026-02-03,needs,,,5,99", Rule::UnknownReference),
    ] {
        let people = ("people.csv", "id,name\n7,Ana\n");
        let extract = read(&[("deals.csv", &format!("{HEADER}{row}\n")), people]).expect("it reads");
        let [issue] = extract.issues.as_slice() else { panic!("{row}: {:?}", extract.issues) };
        assert_eq!((issue.rule, issue.severity), (rule, Severity::Warning), "{row}");
        assert_eq!((extract.counts.rows_rejected, extract.counts.warnings), (0, 1));
    }
}

#[test]
fn inputs_that_are_wrong_as_a_whole_are_refused() {
    let missing = refused(read(&[("other.csv", "a\n1\n")]));
    assert!(matches!(&missing, Fault::MissingFile { table, .. } if table == "deals"), "{missing}");
    let columns = refused(read(&[("deals.csv", "id,created,stage\n1,2,3\n")]));
    let Fault::MissingColumn { columns, found, .. } = columns else { panic!("{columns}") };
    assert_eq!(columns, ["amount", "owner", "closed", "status"].map(str::to_owned));
    assert_eq!(found, ["id", "created", "stage"].map(str::to_owned));
    let twice = refused(read(&[("deals.csv", "id,id,created,stage,status,closed,amount,owner\n")]));
    assert!(matches!(&twice, Fault::RepeatedColumn { called, .. } if *called == ["id (1)", "id (2)"]), "{twice}");
    assert!(matches!(refused(read(&[("deals.csv", "")])), Fault::Empty { .. }));
    let options = Options::default();
    for (name, bytes) in [
        ("deals.csv", b"PK\x03\x04\0\0\0\0".as_slice()),
        ("deals.xlsx", b"id,created\n"),
        ("deals.parquet", b"id,created\n"),
        ("deals.csv", b"\0\x01\x02\x03\0\0binary"),
    ] {
        let fault = refused(read_bytes(name, bytes, &options));
        assert!(matches!(fault, Fault::WrongFormat { .. }), "{name}: {fault}");
    }
}

#[test]
fn a_wrong_encoding_is_refused_with_its_place() {
    let profile = PROFILE.replace("files = [\"deals.csv\"", "encoding = \"utf-8\"\nfiles = [\"deals.csv\"");
    let profile = Profile::parse(&profile, "small").expect("it is sound");
    let folder = tempfile::tempdir().expect("a folder");
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend_from_slice(b"1,2026-02-03,needs,,,5,M\xfcller\n");
    std::fs::write(folder.path().join("deals.csv"), bytes).expect("written");
    let fault = refused(tried(&profile, &process_of(&profile), folder.path()));
    let byte = HEADER.len() as u64 + 24;
    assert_eq!(fault, Fault::Undecodable { file: "deals.csv".into(), encoding: "UTF-8".into(), byte });
    let odd = PROFILE.replace("files = [\"deals.csv\"", "encoding = \"klingon\"\nfiles = [\"deals.csv\"");
    let odd = Profile::parse(&odd, "small").expect("its shape is sound");
    assert!(matches!(refused(tried(&odd, &process_of(&odd), folder.path())), Fault::NoSuchEncoding { .. }));
}

#[test]
fn other_encodings_give_the_same_facts() {
    let text = format!("{HEADER}1,2026-02-03,needs,,,5,王小明\n2,2026-02-03,needs,,,6,李雷\n");
    let plain = read_bytes("deals.csv", text.as_bytes(), &Options::default()).expect("it reads");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    let semicolons = text.replace(',', ";").into_bytes();
    for bytes in [utf16, gb18030, marked, semicolons, text.replace('\n', "\r\n").into_bytes()] {
        let other = read_bytes("deals.csv", &bytes, &Options::default()).expect("it reads");
        assert_eq!((&other.keys, &other.assertions), (&plain.keys, &plain.assertions));
    }
}

#[test]
fn a_quote_that_never_closes_is_refused_at_its_row() {
    let options = Options { max_record_bytes: 1 << 16, ..Options::default() };
    let text = format!("{HEADER}1,2026-02-03,needs,,,5,\n2,\"{}", "x,y\n".repeat(1 << 17));
    let fault = refused(read_bytes("deals.csv", text.as_bytes(), &options));
    assert_eq!(fault, Fault::RecordTooLong { file: "deals.csv".into(), row: 3, limit_bytes: 1 << 16 });
}

#[test]
fn a_profile_that_does_not_fit_is_refused_early() {
    let options = Options { max_rejects: 10, ..Options::default() };
    let text = format!("{HEADER}{}", "1,never,needs,,,5,\n".repeat(1000));
    let fault = refused(read_bytes("deals.csv", text.as_bytes(), &options));
    let Fault::TooManyRejects { limit: 10, first } = fault else { panic!("{fault}") };
    assert!(first.contains("deals.csv, row 2, column `created`, value `never`"), "{first}");
}

fn workbook(sheet: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let types = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
    let rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let book = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Deals" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let book_rels = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
    let styles = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    for (name, text) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", rels),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", book_rels),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name, options).expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn text_row(row: usize, cells: &[&str]) -> String {
    let cells = cells
        .iter()
        .zip('A'..)
        .map(|(cell, column)| format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{cell}</t></is></c>"#));
    format!(r#"<row r="{row}">{}</row>"#, cells.collect::<String>())
}

#[test]
fn a_workbook_gives_dates_numbers_and_row_numbers() {
    let header: Vec<&str> = HEADER.trim().split(',').collect();
    // 46056 is 2026-02-03; row 3 is empty, row 4 holds a formula that failed.
    let deal = r#"<row r="2"><c r="A2"><v>84</v></c><c r="B2" s="1"><v>46056</v></c><c r="C2" t="inlineStr"><is><t>needs</t></is></c><c r="F2"><v>0.1</v></c></row>"#;
    let failed =
        r#"<row r="4"><c r="A4"><v>85</v></c><c r="B4" s="1"><v>46056</v></c><c r="F4" t="e"><v>#REF!</v></c></row>"#;
    let rows = format!("{}{deal}{failed}", text_row(1, &header));
    let extract = read_bytes("deals.xlsx", &workbook(&sheet(&rows)), &Options::default()).expect("it reads");
    assert_eq!(extract.keys[&domain::Kind::Opportunity], ["84"]);
    let deal = extract.standing_deals()[0];
    assert_eq!(deal.amount_minor, Some(10));
    let created = extract.assertions.iter().map(|assertion| assertion.effective_at).min().expect("some");
    assert_eq!(created.to_string(), "2026-02-02T23:00:00Z");
    let [issue] = extract.issues.as_slice() else { panic!("{:?}", extract.issues) };
    assert_eq!((issue.row, issue.rule, &*issue.column), (4, Rule::BadCell, "amount"));
}

#[test]
fn a_cell_in_the_far_corner_does_not_fill_the_memory() {
    let header: Vec<&str> = HEADER.trim().split(',').collect();
    let corner = r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    let rows = format!("{}{corner}", text_row(1, &header));
    let extract = read_bytes("deals.xlsx", &workbook(&sheet(&rows)), &Options::default()).expect("it reads");
    assert_eq!((extract.issues[0].row, extract.issues[0].rule), (1_048_576, Rule::MissingKey));
}

#[test]
fn a_cell_beyond_the_last_column_is_refused_before_room_is_made() {
    let beyond = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="ZZZZZ1"><v>1</v></c></row>"#;
    let fault = refused(read_bytes("deals.xlsx", &workbook(&sheet(beyond)), &Options::default()));
    assert!(fault.to_string().contains("a sheet has 16384"), "{fault}");
}

#[test]
fn a_case_of_endless_events_is_refused() {
    let events = "<event/>".repeat(5000);
    let log = format!("<log><trace><string key=\"concept:name\" value=\"1\"/>{events}</trace></log>");
    let options = Options { max_record_bytes: 100_000, ..Options::default() };
    let folder = folder(&[("log.xes", &log)]);
    let fault = ingest::look(&folder.path().join("log.xes"), "log.xes", None, None, &options).expect_err("too much");
    assert!(fault.to_string().contains("a case has more than 100000 bytes"), "{fault}");
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_parsed() {
    // 24 MiB of spaces pack to some 24 KiB: a thousand times less.
    let bomb = workbook(&sheet(&" ".repeat(24 << 20)));
    assert!(bomb.len() < 1 << 20);
    let fault = refused(read_bytes("deals.xlsx", &bomb, &Options::default()));
    let Fault::ArchiveTooLarge { part, .. } = &fault else { panic!("{fault}") };
    assert_eq!(part, "xl/worksheets/sheet1.xml");
    // One whose directory lies about the size is found out by unpacking it.
    let mut liar = bomb.clone();
    let size = ((24 << 20) + sheet("").len() as u32).to_le_bytes();
    for at in 0..liar.len() - 4 {
        if liar[at..at + 4] == size {
            liar[at..at + 4].copy_from_slice(&1000_u32.to_le_bytes());
        }
    }
    assert_ne!(liar, bomb);
    let fault = refused(read_bytes("deals.xlsx", &liar, &Options::default()));
    assert!(matches!(fault, Fault::ArchiveTooLarge { .. } | Fault::WrongFormat { .. }), "{fault}");
    let small = Options { max_unpacked_bytes: 100, ..Options::default() };
    let fault = refused(read_bytes("deals.xlsx", &workbook(&sheet("")), &small));
    assert!(matches!(fault, Fault::ArchiveTooLarge { .. }), "{fault}");
}

#[test]
fn a_profile_with_an_unknown_option_is_refused_with_its_line() {
    for (from, to, line, message) in [
        ("currency = ", "currncy = ", Some(5), "unknown field `currncy`"),
        ("closed = \"closed\"", "closes = \"closed\"", Some(25), "unknown field `closes`"),
        ("otherwise = ", "else = ", Some(24), "unknown field `else`"),
        ("zone = \"Europe/Berlin\"", "zone = \"Europe/Bonn\"", None, "`Europe/Bonn` is no time zone"),
        ("currency = \"EUR\"", "currency = \"Euro\"", None, "`Euro` is not a currency code"),
        ("owner = \"owner\"", "owned_by = \"owner\"", None, "opportunity has no such field"),
        ("table = \"people\"", "table = \"persons\"", None, "`persons` is no table"),
        ("kind = \"person\"", "kind = \"human\"", None, "there is no such kind"),
    ] {
        let text = PROFILE.replace(from, to);
        assert_ne!(text, PROFILE);
        let faults = Profile::parse(&text, "mine.toml").expect_err("it is wrong").faults;
        let Fault::Profile { profile, line: found, message: said } = &faults[0] else { panic!("{faults:?}") };
        assert_eq!((profile.as_str(), *found), ("mine.toml", line), "{said}");
        assert!(said.contains(message), "{said}");
    }
    let stage = PROFILE.replace("created = \"created\"", "created = \"created\"\nstart = \"haggling\"");
    let profile = Profile::parse(&stage, "small").expect("its shape is sound");
    let folder = folder(&[("deals.csv", HEADER)]);
    let fault = refused(tried(&profile, &process_of(&profile), folder.path()));
    assert!(matches!(&fault, Fault::NoSuchStage { stage, .. } if stage == "haggling"), "{fault}");
    let format = PROFILE.replace("process = ", "dates = [\"dd/mm/yyyy\"]\nprocess = ");
    let profile = Profile::parse(&format, "small").expect("its shape is sound");
    let fault = refused(tried(&profile, &process_of(&profile), folder.path()));
    assert!(fault.to_string().contains("`dd/mm/yyyy` is no date format"), "{fault}");
    assert!(matches!(Profile::bundled("nothing").expect_err("none").faults[0], Fault::NoSuchProfile { .. }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), name in "deals\\.(csv|xlsx|parquet)") {
        let _ = read_bytes(&name, &bytes, &Options::default());
        let mut csv = HEADER.as_bytes().to_vec();
        csv.extend_from_slice(&bytes);
        let _ = read_bytes("deals.csv", &csv, &Options::default());
    }

    #[test]
    fn rows_read_are_deals_or_rejects(rows in proptest::collection::vec("[0-9]{1,2},(2026-0[0-3]-[0-3][0-9])?,(needs|x)?,[WL]?,,[0-9.]{0,4},", 0..30)) {
        let text = format!("{HEADER}{}\n", rows.join("\n"));
        let extract = read(&[("deals.csv", &text)]).expect("it reads");
        let deals = extract.keys.get(&domain::Kind::Opportunity).map_or(0, Vec::len) as u64;
        prop_assert_eq!(deals + extract.counts.rows_rejected, extract.counts.rows_read);
        prop_assert_eq!(extract.counts.rows_read, rows.len() as u64);
        for assertion in &extract.assertions {
            prop_assert!(assertion.effective_at.0.abs() < 1 << 53, "{:?}", assertion);
        }
    }
}
