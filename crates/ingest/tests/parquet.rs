//! Parquet: every type that exports use, and the bundled profile for a table of deals and one of changes.

mod common;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array,
    Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray,
    TimestampNanosecondArray, UInt64Array,
};
use arrow::datatypes::{Int32Type, Int64Type};
use common::{bundled, extracted, process_of, tried};
use domain::{Instant, Kind, Outcome};
use ingest::{Fault, Profile};
use parquet::arrow::ArrowWriter;

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).expect("a batch");
    let file = std::fs::File::create(path).expect("a file");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

#[test]
fn deals_and_changes_with_a_mapping_alone() {
    let (profile, process) = bundled("deals-and-changes");
    let folder = tempfile::tempdir().expect("a folder");
    let hour = 3_600_000;
    // What a clock in Shanghai shows at that moment.
    let in_shanghai = 1_767_225_600_000 + 8 * hour;
    let t0 = 1_767_225_600_000; // 2026-01-01T00:00:00Z
    write(
        &folder.path().join("deals.parquet"),
        vec![
            ("deal_id", Arc::new(UInt64Array::from(vec![7, u64::MAX])) as ArrayRef),
            ("created_at", Arc::new(TimestampMillisecondArray::from(vec![t0, t0]).with_timezone("UTC"))),
            ("name", Arc::new(StringViewArray::from(vec!["one", "two"]))),
            ("product", Arc::new(["P", "P"].into_iter().collect::<DictionaryArray<Int32Type>>())),
            ("owner", Arc::new(LargeStringArray::from(vec![Some("Ana"), None]))),
            ("amount", Arc::new(Float64Array::from(vec![35698.1, 0.1]))),
            ("probability", Arc::new(Float32Array::from(vec![0.1, 0.35]))),
            ("expected_close_on", Arc::new(Date32Array::from(vec![20_000, 20_001]))),
        ],
    );
    write(
        &folder.path().join("changes-1.parquet"),
        vec![
            ("deal_id", Arc::new(Int64Array::from(vec![7, 7, 7])) as ArrayRef),
            // Without a zone: a clock on the wall in Shanghai.
            (
                "changed_at",
                Arc::new(TimestampNanosecondArray::from(
                    vec![in_shanghai, in_shanghai + 24 * hour, in_shanghai + 48 * hour]
                        .into_iter()
                        .map(|ms| ms * 1_000_000)
                        .collect::<Vec<i64>>(),
                )),
            ),
            ("stage", Arc::new(StringArray::from(vec![Some("lead"), Some("3"), None]))),
            ("outcome", Arc::new(StringArray::from(vec![None, None, Some("lost")]))),
            (
                "amount",
                Arc::new(
                    Decimal128Array::from(vec![None, Some(12_345), None])
                        .with_precision_and_scale(10, 1)
                        .expect("fits"),
                ),
            ),
        ],
    );
    let extract = extracted(&profile, &process, folder.path());
    assert!(extract.issues.is_empty(), "{:?}", extract.issues);
    assert_eq!(extract.keys[&Kind::Opportunity], ["7", "18446744073709551615"]);
    assert_eq!(extract.keys[&Kind::Product], ["P"]);
    let standing = extract.standing_deals();
    assert_eq!((standing[0].amount_minor, standing[0].outcome), (Some(123_450), Outcome::Lost));
    assert_eq!(process.order_of(standing[0].stage), Some(3));
    assert_eq!((standing[0].probability_ppm, standing[1].probability_ppm), (Some(100_000), Some(350_000)));
    assert_eq!((standing[1].amount_minor, standing[1].owner), (Some(10), None));
    let first_change = extract
        .assertions
        .iter()
        .filter(|assertion| assertion.kind == Kind::Opportunity)
        .map(|it| it.effective_at)
        .min();
    // The zoned creation and the first change on the wall are one moment, and one entry of the log. Beside it
    // stand the values of the deals table, which nobody knew then.
    assert_eq!(first_change, Some(Instant(t0 * 1000)));
    let of_first = |it: &&ingest::Assertion| it.kind == Kind::Opportunity && it.local == 0;
    assert_eq!(extract.assertions.iter().filter(of_first).count(), 4);
    let beside: Vec<_> = extract.assertions.iter().filter(of_first).filter(|it| it.known_at.is_none()).collect();
    assert_eq!(beside.len(), 1);
    assert_eq!(beside[0].facts.hot.amount_minor, Some(3_569_810));
}

#[test]
fn lists_are_refused_and_columns_nobody_reads_do_not_matter() {
    let profile = r#"
name = "small"
title = { zh = "小", en = "small" }
description = { zh = "小", en = "small" }
currency = "CNY"
zone = "UTC"
exported_on = "last-change"
process = "basic-five"
[tables.deals]
files = ["deals.parquet"]
[deals]
table = "deals"
key = "id"
created = "created"
fields.tax_included = "tax"
"#;
    let list = || {
        let rows = vec![Some(vec![Some(1)]), None];
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows)) as ArrayRef
    };
    let folder = tempfile::tempdir().expect("a folder");
    let columns = vec![
        ("id", Arc::new(Int32Array::from(vec![1, 2])) as ArrayRef),
        ("created", Arc::new(Date32Array::from(vec![Some(20_000), None]))),
        ("tax", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("history", list()),
    ];
    write(&folder.path().join("deals.parquet"), columns);
    let sound = Profile::parse(profile, "small").expect("it is sound");
    let extract = extracted(&sound, &process_of(&sound), folder.path());
    assert_eq!(extract.keys[&Kind::Opportunity].len(), 2);
    let wrong = profile.replace("\"tax\"", "\"history\"");
    let wrong = Profile::parse(&wrong, "small").expect("its shape is sound");
    let refusal = tried(&wrong, &process_of(&wrong), folder.path()).expect_err("a list is no value");
    assert!(matches!(&refusal.faults[0], Fault::UnsupportedColumn { column, .. } if column == "history"), "{refusal}");
}

#[test]
fn progress_ends_at_the_whole() {
    let (profile, process) = bundled("opportunity-tracking");
    let mut last = None;
    let mut count = 0;
    ingest::extract(
        &profile,
        &common::shipped("opportunity-tracking"),
        &process,
        &ingest::Options::default(),
        &mut |told| {
            assert!(last.as_ref().is_none_or(|before: &ingest::Progress| before.rows_done <= told.rows_done));
            assert!(told.bytes_done <= told.bytes_total, "{told:?}");
            count += 1;
            last = Some(told);
            std::ops::ControlFlow::Continue(())
        },
    )
    .expect("it reads");
    let last = last.expect("it was told");
    assert_eq!(last.bytes_done, last.bytes_total);
    assert!(count >= 5);
}

#[test]
fn a_preview_shows_the_first_of_every_kind() {
    let (profile, process) = bundled("opportunity-tracking");
    let extract = extracted(&profile, &process, &common::shipped("opportunity-tracking"));
    let preview = extract.preview(&process, 2);
    for kind in [Kind::Account, Kind::Opportunity, Kind::DealLine, Kind::Product] {
        assert_eq!(preview.rows.iter().filter(|row| row.kind == kind).count(), 2, "{kind:?}");
    }
    let deal = preview.rows.iter().find(|row| row.kind == Kind::Opportunity).expect("a deal");
    assert_eq!(deal.key, "84");
    let field = |name: &str| deal.fields.iter().find(|(field, _)| *field == name).map(|(_, text)| text.as_str());
    assert_eq!(field("amount"), Some("356981.00 USD"));
    assert_eq!(field("product"), Some("1"));
    assert_eq!((field("stage"), field("process")), (Some("unknown"), Some("opportunity-tracking")));
    assert_eq!(preview.issues.len(), 1);
    assert_eq!(preview.counts, extract.counts);
}
