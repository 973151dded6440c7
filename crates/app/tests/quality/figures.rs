//! Real data, against figures that `regional_sales.py` beside this file counted from the same CSV files.

use std::collections::BTreeMap;

use app::answer::{Answer, Cell};
use app::import::{self, ImportRequest};
use app::quality::{FixAsk, QualityAsk, QualityBy};
use app::{Ask, Loudou, Place};
use domain::{Day, Instant};

/// Rule, records asked, records failing: as the script printed them.
const RULES: [(&str, i64, i64); 12] = [
    ("amount_zero", 2097, 0),
    ("close_before_creation", 5333, 0),
    ("close_missing", 5333, 0),
    ("close_past", 5333, 7),
    ("currency_missing", 12615, 0),
    ("customer_alike", 300, 2),
    ("customer_missing", 12615, 0),
    ("industry_missing", 300, 0),
    ("keeper_missing", 300, 0),
    ("lost_without_reason", 7385, 7385),
    ("owner_missing", 5333, 0),
    ("region_missing", 300, 0),
];
const DEALS: (i64, f64) = (20_000, 0.630_695_813);
const CUSTOMERS: (i64, f64) = (300, 0.998_095_238);
const BOTH: (i64, f64) = (20_300, 0.636_125_362);

fn number(answer: &Answer, row: usize, key: &str) -> f64 {
    let at = answer.columns.iter().position(|column| column.key == key).expect("a column");
    match &answer.rows[row][at] {
        #[allow(clippy::cast_precision_loss, reason = "small counts")]
        Cell::Int(value) => *value as f64,
        Cell::Float(value) => *value,
        other => panic!("{key} is {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn regional_sales_fails_what_the_script_counted() {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let input = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/regional-sales");
    let request = ImportRequest {
        profile: "regional-sales".to_owned(),
        input: input.into(),
        dry_run: false,
        skip_rejected: false,
    };
    let now = Instant::from_datetime("2021-11-12T20:00:00Z".parse().expect("a time"));
    import::run(&place, &request, now, &|_| ()).await.expect("it goes in");
    let loudou = Loudou::open(&place, now).await.expect("it opens");
    let common = Ask { as_of: Day::parse("2021-11-10"), ..Ask::default() };
    let ask = |by| QualityAsk { common: common.clone(), of: None, by };

    let rules = loudou.quality(&ask(QualityBy::Rule)).await.expect("it answers");
    let mut found: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for row in 0..rules.rows.len() {
        let Cell::Name { key, .. } = &rules.rows[row][0] else { panic!("a rule has a name") };
        found.insert(key.clone(), (number(&rules, row, "asked"), number(&rules, row, "failing")));
    }
    for (rule, asked, failing) in RULES {
        #[allow(clippy::cast_precision_loss, reason = "small counts")]
        let expected = (asked as f64, failing as f64);
        assert_eq!(found.get(rule), Some(&expected), "{rule}");
    }
    // There is no history of stages: nothing was left, nothing is likely, nothing has a standard.
    for rule in ["evidence_missing", "probability_high", "overstay", "silent", "twin", "amount_missing"] {
        assert_eq!(found.get(rule), Some(&(0.0, 0.0)), "{rule}");
    }

    let whole = loudou.quality(&ask(QualityBy::All)).await.expect("it answers");
    for (records, score, (count, mean)) in
        [("deals", "deals_score", DEALS), ("customers", "customers_score", CUSTOMERS), ("records", "score", BOTH)]
    {
        #[allow(clippy::cast_precision_loss, reason = "small counts")]
        let count = count as f64;
        assert!((number(&whole, 0, records) - count).abs() < 0.5, "{records}");
        assert!((number(&whole, 0, score) - mean).abs() < 1e-8, "{score}: {}", number(&whole, 0, score));
    }

    let past = FixAsk { common, rule: Some("close_past".to_owned()), limit: 50, ..FixAsk::default() };
    let list = loudou.quality_fixes(&past).await.expect("it lists");
    assert_eq!((list.records, list.rows.len()), (7, 7));
}
