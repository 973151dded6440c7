//! Writes inputs to begin with into `corpus/TARGET`: small files of every format, and the files that come with the
//! program.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

const CSV: &str = "Id,Name,Amount,Day\n1,\"Line, 1\",50万,2026-01-05\n2,Zeile,\"€ 2.900,00\",05.01.2026\n";
const JSON: &str = r#"{"data":[{"Id":9007199254740993,"Owner":{"Name":"Li"},"Tags":["a"]},{"Id":null,"Amount":1.5e3}]}"#;
const XES: &str = r#"<?xml version="1.0"?><log><trace><string key="concept:name" value="1"/><event><string key="concept:name" value="Lead"/><date key="time:timestamp" value="2026-01-05T10:00:00+08:00"/></event></trace></log>"#;
const STEPS: &str = "[[steps]]\nname = \"n\"\ndo = \"trim\"\n[[steps]]\ndo = \"type\"\ndates = [\"month\", \"%d.%m.%Y\"]\ncolumns = { Amount = \"number\", Day = \"date\" }\n[[steps]]\ndo = \"filter\"\nwhere = '''\"A\" <> 'x' '''\n[[steps]]\ndo = \"join\"\nwith = \"other\"\non = { A = \"A\" }\n[[steps]]\ndo = \"group\"\nby = [\"B\"]\ntake = { n = \"count(*)\" }\n";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let corpus = std::env::args().nth(1).ok_or("usage: seeds CORPUS_FOLDER")?;
    let corpus = Path::new(&corpus);
    let put = |target: &str, name: &str, first: Option<u8>, bytes: &[u8]| {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        let whole: Vec<u8> = first.into_iter().chain(bytes.iter().copied()).collect();
        fs::write(folder.join(name), whole)
    };
    let lines = "{\"a\":1}\n{\"a\":\"x\",\"b\":{\"c\":true}}\n";
    put("tables", "csv", Some(0), CSV.as_bytes())?;
    put("tables", "tsv", Some(1), CSV.replace(',', "\t").as_bytes())?;
    put("tables", "json", Some(2), JSON.as_bytes())?;
    put("tables", "ndjson", Some(3), lines.as_bytes())?;
    put("tables", "xes", Some(4), XES.as_bytes())?;
    put("tables", "xlsx", Some(6), &xlsx()?)?;
    put("tables", "ods", Some(8), &ods()?)?;
    for (name, text) in [("number", "€ 2.900,00"), ("money", "1.5亿"), ("quarter", "2025年第3季度"), ("at", "2024-04-09T21:32:09.5+08:00")] {
        put("values", name, None, text.as_bytes())?;
    }
    put("steps", "steps", None, STEPS.as_bytes())?;
    for name in ingest::Profile::bundled_names() {
        put("profiles", name, None, ingest::Profile::bundled_text(name).unwrap_or_default().as_bytes())?;
    }
    let processes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../processes");
    for entry in fs::read_dir(processes)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            put("processes", &path.file_name().unwrap_or_default().to_string_lossy(), None, &fs::read(&path)?)?;
        }
    }
    put("processes", "condition", None, b"amount_minor > 0 and role(economic) and not fact(budget) = 'x'")?;
    Ok(())
}

fn xlsx() -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(CSV.lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            sheet.write(row, column, cell)?;
        }
    }
    sheet.write_formula(3, 0, "=1/0")?;
    sheet.write(4, 1, 45_292.75)?;
    sheet.merge_range(5, 0, 5, 2, "merged", &rust_xlsxwriter::Format::new())?;
    book.save_to_buffer()
}

fn ods() -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let content = "<?xml version=\"1.0\"?><office:document-content \
        xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
        xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
        xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
        <table:table table:name=\"T\"><table:table-row><table:table-cell office:value-type=\"string\"><text:p>Id</text:p>\
        </table:table-cell></table:table-row><table:table-row table:number-rows-repeated=\"3\"><table:table-cell \
        office:value-type=\"float\" office:value=\"5\"><text:p>5</text:p></table:table-cell></table:table-row>\
        </table:table></office:spreadsheet></office:body></office:document-content>";
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", content)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())?;
        zip.write_all(text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
