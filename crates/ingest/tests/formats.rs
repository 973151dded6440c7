//! One table in every format that files come in gives the same deals; what is no such file, or too much, is refused.

mod common;

use std::io::Write as _;
use std::path::Path;

use chrono_tz::Asia::Shanghai;
use common::{folder, process_of};
use domain::process::Process;
use domain::{Currency, Day};
use ingest::{Circumstances, Look, Options, Refusal};

const HEAD: [&str; 6] = ["Deal ID", "Deal Name", "Customer", "Amount", "Stage", "Created On"];
const ROWS: [[&str; 6]; 3] = [
    ["9007199254740993", "Line 1", "Acme", "1234.5", "Prospecting", "2026-01-05"],
    ["7", "Line 2", "Globex", "99.25", "Proposal", "2026-02-06"],
    ["8", "Line 3", "Acme", "", "Negotiation", "2026-03-07"],
];

fn csv() -> String {
    let line = |cells: &[&str; 6]| format!("{}\n", cells.join(","));
    std::iter::once(&HEAD).chain(&ROWS).map(line).collect()
}

/// A row as an object: ids and amounts as numbers, the customer inside of an object of its own.
fn object(row: &[&str; 6]) -> String {
    let amount = if row[3].is_empty() { "null" } else { row[3] };
    format!(
        r#"{{"Deal ID":{},"Deal Name":"{}","Owner":{{"Customer":"{}"}},"Amount":{amount},"Stage":"{}","Created On":"{}","Tags":["a"]}}"#,
        row[0], row[1], row[2], row[4], row[5]
    )
}

fn ods() -> Vec<u8> {
    let cell = |text: &str| match text {
        "" => "<table:table-cell/>".to_owned(),
        number if number.parse::<f64>().is_ok() && number.len() < 10 => {
            format!(
                "<table:table-cell office:value-type=\"float\" office:value=\"{number}\"><text:p>{number}</text:p></table:table-cell>"
            )
        }
        day if Day::parse(day).is_some() => {
            format!(
                "<table:table-cell office:value-type=\"date\" office:date-value=\"{day}\"><text:p>{day}</text:p></table:table-cell>"
            )
        }
        text => format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"),
    };
    let row = |cells: &[&str; 6]| {
        format!("<table:table-row>{}</table:table-row>", cells.iter().map(|text| cell(text)).collect::<String>())
    };
    let rows: String = std::iter::once(&HEAD).chain(&ROWS).map(row).collect();
    // Programs fill the sheet up to its end with what is empty.
    let rest = "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    ods_of(&format!("{rows}{rest}"))
}

fn ods_of(rows: &str) -> Vec<u8> {
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Deals\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let manifest = "<?xml version=\"1.0\"?><manifest:manifest \
                    xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content.as_str()),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("memory");
    }
    zip.finish().expect("an archive").into_inner()
}

fn looked(folder: &Path, name: &str) -> Result<Look, Refusal> {
    ingest::look(&folder.join(name), name, None, None, &Options::default())
}

/// Key, name, customer, amount and first day of each deal that the file's own suggestion reads.
fn deals(name: &str, bytes: &[u8]) -> Vec<String> {
    let data = folder(&[]);
    std::fs::write(data.path().join(name), bytes).expect("written");
    let look = looked(data.path(), name).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    assert_eq!((look.rows_seen, look.is_whole), (3, true), "{name}");
    let ready: Vec<Process> = domain::process::load_ready_made().expect("they load");
    let around = Circumstances {
        today: Day::parse("2026-03-20").expect("a day"),
        currency: Currency::CNY,
        zone: Shanghai,
        processes: &ready,
    };
    let mapping = ingest::suggest(&[look], ingest::Main::Surely(0), &around).mapping;
    let profile = mapping.to_profile().unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    let extract = common::extracted(&profile, &process_of(&profile), data.path());
    assert!(extract.issues.is_empty(), "{name}: {:?}", extract.issues);
    let preview = extract.preview(&process_of(&profile), 10);
    preview
        .rows
        .into_iter()
        .filter(|row| row.kind == domain::Kind::Opportunity)
        .map(|row| {
            let told = |field: &str| row.fields.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone());
            let fields = ["name", "account", "amount", "stage"].map(|field| told(field).unwrap_or_default());
            format!("{} {} {}", row.key, row.effective_at.0, fields.join("|"))
        })
        .collect()
}

#[test]
fn one_table_in_every_format_gives_the_same_deals() {
    let expected = deals("deals.csv", csv().as_bytes());
    assert!(
        expected.iter().any(|deal| deal.starts_with("9007199254740993 ") && deal.contains("1234.50")),
        "{expected:#?}"
    );
    let objects: Vec<String> = ROWS.iter().map(object).collect();
    let list = format!("[{}]", objects.join(","));
    let utf16: Vec<u8> = list.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&b"\xff\xfe"[..], &utf16].concat();
    for (name, bytes) in [
        ("deals.json", list.clone().into_bytes()),
        ("wide.json", marked),
        (
            "answer.json",
            format!(r#"{{"ok": true, "errors": [], "page": {{"of": 1}}, "data": {{"rows": {list}}}, "next": null}}"#)
                .into_bytes(),
        ),
        ("deals.ndjson", format!("{}\n\n", objects.join("\n")).into_bytes()),
        ("lines.json", objects.join("\r\n").into_bytes()),
        ("deals.ods", ods()),
        ("deals.xls", include_bytes!("files/deals.xls").to_vec()),
    ] {
        assert_eq!(deals(name, &bytes), expected, "{name}");
    }
}

#[test]
fn a_look_at_json_names_what_stands_inside_and_keeps_every_digit() {
    let data = folder(&[(
        "a.json",
        r#"[{"id": 12345678901234567890, "a": {"b": {"c": 1.10}}}, {"late": [1, 2], "id": null}]"#,
    )]);
    let look = looked(data.path(), "a.json").expect("a table");
    let columns: Vec<(&str, &[String])> =
        look.columns.iter().map(|column| (column.name.as_str(), column.sample.as_slice())).collect();
    let text = |text: &str| vec![text.to_owned()];
    assert_eq!(
        columns,
        [
            ("id", text("12345678901234567890").as_slice()),
            ("a.b.c", text("1.1").as_slice()),
            ("late", text("[1,2]").as_slice())
        ]
    );
    assert_eq!(look.format, "JSON");
}

#[test]
fn an_event_log_is_a_row_an_event_packed_or_not() {
    let log = r#"<?xml version="1.0" encoding="UTF-8"?>
        <log xes.version="1.0" xmlns="http://www.xes-standard.org/">
          <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
          <global scope="event"><string key="concept:name" value="UNKNOWN"/></global>
          <string key="concept:name" value="the log"/>
          <trace>
            <string key="concept:name" value="D&amp;1"/><int key="amount" value="12"/>
            <event><string key="concept:name" value="Lead"><string key="inner" value="x"/></string><date key="time:timestamp" value="2026-01-05T08:00:00+08:00"/></event>
            <event><string key="concept:name" value="Needs"/><boolean key="paid" value="true"/></event>
          </trace>
          <trace><string key="concept:name" value="D2"/></trace>
        </log>"#;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(log.as_bytes()).expect("memory");
    let data = folder(&[("log.xes", log)]);
    std::fs::write(data.path().join("log.xes.gz"), packed.finish().expect("memory")).expect("written");
    for (name, format) in [("log.xes", "event log"), ("log.xes.gz", "event log, gzip")] {
        let look = looked(data.path(), name).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert_eq!((look.format.as_str(), look.rows_seen), (format, 3));
        let told: Vec<(&str, u64, String)> =
            look.columns.iter().map(|column| (column.name.as_str(), column.filled, column.sample.join(" "))).collect();
        assert_eq!(
            told,
            [
                ("case:concept:name", 3, "D&1 D2".to_owned()),
                ("case:amount", 2, "12".to_owned()),
                ("concept:name", 2, "Lead Needs".to_owned()),
                ("time:timestamp", 1, "2026-01-05T08:00:00+08:00".to_owned()),
                ("paid", 1, "true".to_owned()),
            ]
        );
    }
}

#[test]
fn what_is_no_such_file_or_too_much_is_refused() {
    let bomb = ods_of(
        "<table:table-row table:number-rows-repeated=\"1000000\"><table:table-cell office:value-type=\"float\" \
         office:value=\"1\" table:number-columns-repeated=\"16000\"/></table:table-row>",
    );
    let mut zeros = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    zeros.write_all(b"<log><trace><string key='a' value='").expect("memory");
    zeros.write_all(&vec![b'0'; 20 << 20]).expect("memory");
    let zeros = zeros.finish().expect("memory");
    let long = format!("[{{\"a\": \"{}\"}}]", "x".repeat(17 << 20));
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let data = folder(&[]);
    for (name, bytes, code, said) in [
        ("a.json", &b"Id,Name\n1,a\n"[..], "wrong-format", "it begins with `Id,Name`"),
        ("b.json", b"[{\"a\": 1}, 2]", "wrong-format", "row 2 is no object"),
        ("c.json", b"[{\"a\": 1}", "wrong-format", "EOF"),
        ("d.ndjson", b"{\"a\": 1}\n{\"a\": \n", "wrong-format", "line 2:"),
        ("e.json", b" \n ", "empty-file", ""),
        ("f.json", b"{\"a\": [1, 2]}\n7", "wrong-format", "line 2: it is no object"),
        ("g.json", long.as_bytes(), "wrong-format", "an object has more than 16777216 bytes"),
        ("h.json", deep.as_bytes(), "wrong-format", "recursion limit"),
        ("i.json", b"\x00\x01\x02\x00\x00", "wrong-format", "it is no text"),
        ("a.xes", b"<html><body/></html>", "wrong-format", "no `log`"),
        ("b.xes", b"<log><trace><event>", "wrong-format", "at byte"),
        ("c.xes.gz", &zeros, "archive-too-large", ""),
        ("a.ods", &bomb, "archive-too-large", ""),
        ("b.ods", b"PK\x03\x04rubbish", "wrong-format", ""),
        ("a.xls", b"\xd0\xcf\x11\xe0rubbish", "wrong-format", "a workbook (XLS)"),
    ] {
        std::fs::write(data.path().join(name), bytes).expect("written");
        let refusal = looked(data.path(), name).expect_err(name);
        assert_eq!(refusal.faults[0].code(), code, "{name}: {refusal}");
        assert!(refusal.to_string().contains(said), "{name}: {refusal}");
    }
}
