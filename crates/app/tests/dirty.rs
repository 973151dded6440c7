//! A workbook as sales departments have them: whatever is in it, every row ends in the database, or among the rejected
//! ones with a reason.

use std::sync::Arc;

use app::import::{ProposalAsk, Recipe};
use app::jobs::{JobState, Jobs};
use app::{Loudou, Organisation, Place, Who};
use domain::field::ids;
use domain::{Instant, Kind, Outcome};
use rust_xlsxwriter::{Format, Workbook};
use store::Store;

const STEPS: &str = r#"
[[steps]]
do = "width"
[[steps]]
do = "lookalikes"
[[steps]]
do = "trim"
"#;

/// One row of the workbook, and what is to become of it: the name of the deal, or the rule that keeps it out.
struct Line {
    id: &'static str,
    name: &'static str,
    product: &'static str,
    amount: Written,
    created: Written,
    closed: Written,
    stage: &'static str,
    becomes: Result<&'static str, &'static str>,
}

enum Written {
    Nothing,
    Text(&'static str),
    Number(f64),
    /// A number that the workbook shows as a date.
    Date(f64),
    Formula(&'static str),
}

use Written::{Date, Formula, Nothing, Number, Text};

fn lines() -> Vec<Line> {
    let line = |id, name, product, amount, created, closed, stage, becomes| Line {
        id,
        name,
        product,
        amount,
        created,
        closed,
        stage,
        becomes,
    };
    vec![
        line(
            "6901234567890123456",
            "Line 1",
            "А-100",
            Text("50万"),
            Text("2026-01-05"),
            Nothing,
            "初步接洽",
            Ok("Line 1"),
        ),
        line(
            "6901234567890123457",
            "Line 2",
            "A-100",
            Text("1,035.50"),
            Date(46_027.0),
            Nothing,
            "初步接洽",
            Ok("Line 2"),
        ),
        // The same row again.
        line(
            "6901234567890123457",
            "Line 2",
            "A-100",
            Text("1,035.50"),
            Date(46_027.0),
            Nothing,
            "初步接洽",
            Err("duplicate-key"),
        ),
        // A date that lost its format: the bare number of the day.
        line(
            "6901234567890123458",
            "Line　3",
            "Ａ-100",
            Number(1200.0),
            Number(46_028.0),
            Nothing,
            "确定需求",
            Ok("Line 3"),
        ),
        // A formula that refers to nothing any more.
        line(
            "6901234567890123459",
            "Line 4",
            "B",
            Formula("=#REF!"),
            Text("2026-01-08"),
            Nothing,
            "确定需求",
            Err("not-a-number"),
        ),
        // Closed before it was created: it goes in, with a warning.
        line(
            "6901234567890123460",
            "Line 5",
            "B",
            Number(5.0),
            Text("2026-03-01"),
            Text("2026-02-01"),
            "赢单",
            Ok("Line 5"),
        ),
        line(
            "6901234567890123461",
            "Line 6",
            "B",
            Text("about ten"),
            Text("2026-03-01"),
            Nothing,
            "确定需求",
            Err("not-a-number"),
        ),
        line(
            "6901234567890123462",
            "Line 7",
            "B",
            Number(7.0),
            Text("2026-02-30"),
            Nothing,
            "确定需求",
            Err("impossible-date"),
        ),
        line("", "Line 8", "B", Number(8.0), Text("2026-03-01"), Nothing, "确定需求", Err("missing-key")),
    ]
}

fn workbook(lines: &[Line]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let day = Format::new().set_num_format("yyyy-mm-dd");
    sheet.write(0, 0, "2026 商机").expect("a title");
    let head = ["商机编号", "商机名称", "产品", "金额", "创建日期", "关闭日期", "阶段"];
    for (column, name) in (0..).zip(head) {
        sheet.write(2, column, name).expect("a heading");
    }
    let mut row = 3;
    for line in lines {
        // Ghost rows: formatted, and empty.
        sheet.write_blank(row, 0, &day).expect("a blank");
        row += 1;
        for (column, text) in [(0, line.id), (1, line.name), (2, line.product), (6, line.stage)] {
            if !text.is_empty() {
                sheet.write(row, column, text).expect("a text");
            }
        }
        for (column, written) in [(3, &line.amount), (4, &line.created), (5, &line.closed)] {
            match written {
                Nothing => {}
                Text(text) => drop(sheet.write(row, column, *text).expect("a text")),
                Number(number) => drop(sheet.write(row, column, *number).expect("a number")),
                Date(number) => drop(sheet.write_with_format(row, column, *number, &day).expect("a day")),
                Formula(text) => {
                    let formula = rust_xlsxwriter::Formula::new(*text).set_result("#REF!");
                    sheet.write(row, column, formula).expect("a formula");
                }
            }
        }
        row += 1;
    }
    book.save_to_buffer().expect("it is written")
}

#[tokio::test]
async fn every_row_of_a_dirty_workbook_is_in_or_among_the_rejected_with_a_reason() {
    let now = Instant::from_datetime("2026-11-24T01:00:00Z".parse().expect("a time"));
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let loudou = Loudou::init(&place, &Organisation::default(), now).await.expect("it is made");
    let who = Arc::new(Who { name: "ann".to_owned(), ..Who::system() });
    let loudou = loudou.session(who, now).await.expect("a session");
    let jobs = Jobs::new(Arc::new(move || now));
    let lines = lines();
    let mut receiving = loudou.receive(None, "脏数据.xlsx").expect("there is room");
    receiving.write(workbook(&lines)).await.expect("it is written");
    let upload = receiving.finish().await.expect("it comes in").id;
    let mut steps: toml::Table = toml::from_str(STEPS).expect("TOML");
    let steps = steps.remove("steps").and_then(|steps| steps.as_array().cloned()).expect("steps");
    let steps = steps.into_iter().filter_map(|step| step.as_table().cloned()).collect();
    let ask = ProposalAsk { file: Some("脏数据.xlsx".to_owned()), steps, ..ProposalAsk::default() };
    let mut mapping = loudou.propose_mapping(upload, &ask).await.expect("a proposal").suggestions.mapping;
    assert_eq!(
        (mapping.table.as_ref().and_then(|table| table.header_row), mapping.key.as_slice()),
        (Some(3), &["商机编号".to_owned()][..])
    );
    for (field, column) in
        [("amount_minor", "金额"), ("created", "创建日期"), ("closed", "关闭日期"), ("product", "产品")]
    {
        assert_eq!(mapping.fields.get(field).map(|field| field.column.as_str()), Some(column), "{field}");
    }
    mapping.dates = vec!["iso".to_owned(), "excel".to_owned()];
    let recipe = Recipe::mapped(&mapping, &[]).expect("it is sound");
    let job = jobs.import(&loudou, upload, recipe, true).expect("it begins");
    let job = jobs.ended(loudou.who(), job.id).await.expect("it ends");
    assert_eq!((job.state, &job.problem), (JobState::Done, &None));
    let (result, report) = (job.result.expect("a result"), job.report.expect("a report"));

    let store = Store::open(&place.url().expect("a path"), 1).await.expect("it opens");
    let deals = store.all_records(Kind::Opportunity).await.expect("they are read");
    let names = |deal: &store::Record| deal.text(ids::OPPORTUNITY_NAME).unwrap_or_default().to_owned();
    let mut inside: Vec<String> = deals.iter().map(names).collect();
    inside.sort();
    let expected: Vec<&str> = lines.iter().filter_map(|line| line.becomes.ok()).collect();
    assert_eq!(inside, expected);
    // Rows are those of the workbook: a title, a gap, the headings, then a ghost above every line.
    let row_of = |at: usize| 5 + 2 * at as u64;
    let rejected: Vec<(u64, &str)> = report.rejects().map(|issue| (issue.row, issue.rule.code())).collect();
    let due: Vec<(u64, &str)> =
        lines.iter().enumerate().filter_map(|(at, line)| Some((row_of(at), line.becomes.err()?))).collect();
    let mut sorted = rejected.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, due);
    assert_eq!(result["rows_read"].as_u64(), Some(lines.len() as u64), "{result}");
    assert_eq!(inside.len() + rejected.len(), lines.len(), "nothing is lost");

    // What went in is what was meant.
    let deal = |name: &str| deals.iter().find(|deal| names(deal) == name).expect(name);
    assert_eq!(deal("Line 1").hot.amount_minor, Some(50_000_000));
    assert_eq!(deal("Line 2").hot.amount_minor, Some(103_550));
    let created = |name: &str| deal(name).created_on.map(|day| day.to_string());
    assert_eq!(created("Line 2"), Some("2026-01-05".to_owned()));
    assert_eq!(created("Line 3"), Some("2026-01-06".to_owned()), "a serial number without its format");
    assert_eq!((deal("Line 5").hot.outcome, created("Line 5")), (Outcome::Won, Some("2026-02-01".to_owned())));
    let warned: Vec<&str> = report.issues().iter().map(|issue| issue.rule.code()).collect();
    assert!(warned.contains(&"closed-before-created"), "{warned:?}");
    // One product in three writings of its code, one of them with a Cyrillic letter, one full width.
    let products = store.all_records(Kind::Product).await.expect("they are read");
    assert_eq!(products.len(), 2, "{products:?}");
    // Ids keep all their digits.
    let mut keys: Vec<String> =
        store.external_ids("脏数据", Kind::Opportunity).await.expect("they are read").into_keys().collect();
    keys.sort();
    assert_eq!(keys.first().map(String::as_str), Some("6901234567890123456"));
    // The kept list of rejected rows has them all.
    let import = result["import_id"].as_i64().expect("an id");
    let list = std::io::read_to_string(loudou.import_rejects(import).await.expect("it is kept")).expect("text");
    assert_eq!(list.lines().count(), 1 + due.len(), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn merged_cells_count_for_each_row_and_lost_digits_are_not_made_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let (input, steps) = (dir.path().join("t.xlsx"), dir.path().join("steps.toml"));
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = Format::new();
    // A title over all columns, which is no heading; a region for three rows, the last of which holds nothing else.
    sheet.merge_range(0, 0, 0, 3, "Pipeline 2026", &plain).expect("it fits");
    for (column, heading) in ["Region", "Id", "Code", "Amount"].iter().enumerate() {
        sheet.write(1, u16::try_from(column).expect("few"), *heading).expect("it fits");
    }
    sheet.merge_range(2, 0, 4, 0, "华东", &plain).expect("it fits");
    for (row, id, code) in [(2, "6901234567890123456", 1_234_567_890_123_456_789.0), (3, "6901234567890123457", 12.0)] {
        sheet.write(row, 1, id).expect("it fits");
        sheet.write(row, 2, code).expect("it fits");
        sheet.write(row, 3, f64::from(row) * 100.0).expect("it fits");
    }
    sheet.write(5, 1, "6901234567890123458").expect("it fits");
    book.save(&input).expect("it is written");
    std::fs::write(&steps, "[[steps]]\ndo = \"trim\"\n").expect("written");
    let ask = app::steps::StepsAsk { steps, input, tables: std::collections::BTreeMap::new() };
    let mut out = Vec::new();
    app::steps::run(&ask, &mut out).await.expect("it runs");
    let told = String::from_utf8(out).expect("text");
    let rows: Vec<&str> = told.trim_start_matches('\u{feff}').lines().collect();
    let expected = [
        "Region,Id,Code,Amount",
        "华东,6901234567890123456,1.2345678901234568E18,200",
        "华东,6901234567890123457,12,300",
        ",6901234567890123458,,",
    ];
    assert_eq!(rows, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_do_not_fit_their_headings_are_rejected_with_steps_and_without() {
    let dir = tempfile::tempdir().expect("a folder");
    let input = "id,name,amount,created\n1,a,1,2025-01-01\n2,b,2,2025-01-01,more\n3,c\n5,e,6,2025-01-01\n";
    std::fs::write(dir.path().join("deals.csv"), input).expect("written");
    for steps in ["", "[[tables.deals.steps]]\ndo = \"trim\"\n"] {
        let text = format!(
            "name = \"ragged\"\ntitle.zh = \"t\"\ntitle.en = \"t\"\ndescription.zh = \"t\"\ndescription.en = \"t\"\n\
             currency = \"CNY\"\nzone = \"Asia/Shanghai\"\nexported_on = \"2025-12-31\"\nprocess = \"basic-five\"\n\
             [tables.deals]\nfiles = [\"deals.csv\"]\n{steps}[deals]\ntable = \"deals\"\nkey = \"id\"\n\
             created = \"created\"\nstage = {{ constant = \"contact\" }}\noutcome = {{ constant = \"open\" }}\n\
             fields.name = \"name\"\nfields.amount_minor = \"amount\"\n"
        );
        let profile = dir.path().join("profile.toml");
        std::fs::write(&profile, text).expect("written");
        let place = Place { dir: dir.path().join("data"), database_url: None, fresh_id: 1 };
        let request = app::import::ImportRequest {
            profile: profile.display().to_string(),
            input: dir.path().join("deals.csv"),
            dry_run: true,
            skip_rejected: false,
        };
        let now = Instant::from_datetime("2026-01-05T02:00:00Z".parse().expect("a time"));
        let outcome = app::import::run(&place, &request, now, &|_| ()).await.expect("it is read");
        let app::import::Outcome::Done(report) = outcome else { panic!("a dry run is done") };
        let rejects: Vec<_> = report.rejects().map(|issue| (issue.row, issue.rule.code())).collect();
        assert_eq!(rejects, [(3, "ragged-row"), (4, "ragged-row")], "{steps}");
        let told = &report.to_json()["rows"][0];
        assert_eq!(
            (&told["opportunities"], &told["rows_rejected"], &told["rows_read"]),
            (&2.into(), &2.into(), &4.into())
        );
    }
}
