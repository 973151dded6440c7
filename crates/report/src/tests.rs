//! One answer in every format, read back.

use std::io::Read;

use app::answer::{Terms, why};
use domain::{Currency, Day};

use super::*;

fn answer() -> Answer {
    let columns = vec![
        Column::new("stage", "阶段", "stage", Unit::Text),
        Column::new("deals", "商机数", "deals", Unit::Count),
        Column::new("amount_minor", "金额", "amount", Unit::AmountMinor),
        Column::new("share", "占比", "share", Unit::Share),
        Column::new("day", "日期", "day", Unit::Date),
    ];
    let mut answer = Answer::new("漏斗", "Funnel", Terms::default(), columns);
    answer.currency = Some(Currency::CNY);
    let stage = |zh: &str, en: &str, key: &str| Cell::Name { zh: zh.into(), en: en.into(), key: key.into() };
    let day = Day::parse("2026-11-24").expect("a day");
    answer.push(vec![
        stage("线索", "Lead, new", "lead"),
        Cell::Int(3),
        Cell::Minor(-123_405),
        Cell::Float(0.25),
        Cell::Date(day),
    ]);
    answer.push(vec![
        Cell::Text("=1+1".into()),
        Cell::Int(0),
        Cell::Minor(7),
        Cell::Undefined(why::EMPTY),
        Cell::Date(day),
    ]);
    answer
}

#[test]
fn csv_is_harmless_exact_and_in_the_readers_language() {
    let text = |lang, bom| {
        let bytes = [csv_head(&answer(), lang, bom), csv_rows(&answer(), lang)].concat();
        String::from_utf8(bytes).expect("UTF-8")
    };
    assert_eq!(
        text(Lang::En, false),
        "stage,deals,amount (CNY),share,day\r\n\"Lead, new\",3,-1234.05,0.25,2026-11-24\r\n'=1+1,0,0.07,,2026-11-24\r\n"
    );
    assert!(text(Lang::Zh, true).starts_with("\u{feff}阶段,商机数,金额 (CNY),占比,日期\r\n线索,3,"));
    for (text, expected) in
        [("=a", "'=a"), ("+1", "'+1"), ("-x", "'-x"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=b", "a=b"), ("", "")]
    {
        assert_eq!(harmless(text), expected);
    }
}

#[test]
fn without_one_currency_amounts_stay_minor_units_and_say_so() {
    let answer = Answer { currency: None, ..answer() };
    let head = String::from_utf8(csv_head(&answer, Lang::En, false)).expect("UTF-8");
    assert!(head.contains("amount (minor units)"), "{head}");
    assert!(String::from_utf8(csv_rows(&answer, Lang::En)).expect("UTF-8").contains(",-123405,"));
}

#[test]
fn a_workbook_has_numbers_with_formats_and_texts_that_are_no_formulas() {
    let bytes = xlsx(&answer(), Lang::En).expect("a workbook");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let mut part = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).expect("the part").read_to_string(&mut text).expect("UTF-8");
        text
    };
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(
        sheet.contains("<v>-1234.05</v>") && sheet.contains("<v>0.25</v>") && sheet.contains("<v>46350</v>"),
        "{sheet}"
    );
    assert!(sheet.contains("state=\"frozen\"") && !sheet.contains("<f>"), "{sheet}");
    assert!(part("xl/sharedStrings.xml").contains("=1+1"), "as text");
    let styles = part("xl/styles.xml");
    assert!(styles.contains("yyyy\\-mm\\-dd") || styles.contains("yyyy-mm-dd"), "{styles}");
}

#[test]
fn parquet_is_typed() {
    use arrow::array::{Array, AsArray};
    use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let bytes = parquet(&answer()).expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("answer.parquet");
    std::fs::write(&path, bytes).expect("it is written");
    let file = std::fs::File::open(path).expect("it is there");
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a reader").build().expect("a reader");
    let batch = reader.next().expect("a batch").expect("it is read");
    let names: Vec<_> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, ["stage", "deals", "amount", "share", "day"]);
    assert_eq!(batch.column(0).as_string::<i32>().value(0), "lead");
    assert_eq!(batch.column(1).as_primitive::<Int64Type>().value(0), 3);
    assert_eq!(batch.column(2).as_primitive::<Decimal128Type>().value_as_string(0), "-1234.05");
    assert!(batch.column(3).as_primitive::<Float64Type>().is_null(1));
    assert_eq!(batch.column(4).as_primitive::<Date32Type>().value(0), 20_781);
}

/// Pages of a long list.
fn pages(pages: i64, rows: i64) -> impl Iterator<Item = Answer> {
    (0..pages).map(move |page| {
        let mut answer = answer();
        answer.rows = (0..rows)
            .map(|row| {
                let cells = answer.rows[0].clone();
                let mut cells = cells.into_iter();
                let stage = cells.next().expect("a name");
                [stage, Cell::Int(page * rows + row)].into_iter().chain(cells.skip(1)).collect()
            })
            .collect();
        answer
    })
}

#[test]
fn a_workbook_is_written_page_by_page_past_the_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = XlsxFile::new(&answer(), Lang::Zh, Some(folder.path())).expect("it begins");
    for page in pages(3, 100) {
        file.rows(&page).expect("a page");
    }
    let mut bytes = Vec::new();
    file.finish(&mut bytes).expect("a workbook");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    let mut sheet = String::new();
    archive.by_name("xl/worksheets/sheet1.xml").expect("the sheet").read_to_string(&mut sheet).expect("UTF-8");
    assert!(sheet.contains("r=\"301\"") && !sheet.contains("r=\"302\""), "300 rows and a head");
    assert!(sheet.contains("<v>299</v>") && sheet.contains("线索") && sheet.contains("state=\"frozen\""), "{sheet}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "nothing is left behind");
}

#[test]
fn more_rows_than_a_sheet_holds_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut file = XlsxFile::new(&answer(), Lang::En, Some(folder.path())).expect("it begins");
    let mut long = answer();
    long.rows = vec![vec![]; MOST_ROWS];
    file.rows(&long).expect("a full sheet");
    assert_eq!(file.rows(&answer()), Err(ReportError::TooManyRows { most: MOST_ROWS }));
}

#[test]
fn parquet_is_written_by_row_groups() {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("list.parquet");
    let mut file = ParquetFile::new(&answer(), std::fs::File::create(&path).expect("a file")).expect("it begins");
    for page in pages(3, 70_000) {
        file.rows(&page).expect("a page");
    }
    file.finish().expect("a file");
    let reader = SerializedFileReader::new(std::fs::File::open(path).expect("it is there")).expect("a reader");
    let groups: Vec<_> = (0..reader.num_row_groups()).map(|at| reader.metadata().row_group(at).num_rows()).collect();
    assert_eq!(groups, [140_000, 70_000]);
}

#[test]
fn a_column_that_turns_into_text_is_no_column() {
    let mut file = ParquetFile::new(&answer(), Vec::new()).expect("it begins");
    let mut later = answer();
    later.rows[0][1] = Cell::Text("three".into());
    assert!(file.rows(&later).is_err());
}
