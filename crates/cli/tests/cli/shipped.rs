//! The figures of the data sets that ship, as their publishers' own tables give them.

use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::support::{Data, dataset};

/// The regional sales, imported once for all tests that only read them.
pub(crate) fn regional_sales() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        let data = Data::empty();
        let report = data.rows(&["import", "run", "regional-sales", &dataset("regional-sales")]);
        assert_eq!(report[0]["opportunities"], json!(20_000), "{report:?}");
        data
    })
}

#[test]
fn regional_sales_gives_the_published_figures() {
    let rows = regional_sales().sql(
        "select outcome, count(*) as deals, sum(amount_minor) as amount_minor, min(currency) as currency \
         from opportunities group by outcome order by outcome",
    );
    let of = |outcome: &str| rows.iter().find(|row| row["outcome"] == outcome).unwrap_or(&Value::Null).clone();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(of("won")["deals"], 7_282);
    assert_eq!(of("lost")["deals"], 7_385);
    assert_eq!(of("open")["deals"], 5_333);
    assert_eq!(of("won")["amount_minor"], 2_643_592_500_i64);
    assert_eq!(of("won")["currency"], "USD");
}

#[test]
fn regional_sales_reports_itself() {
    let data = Data::empty();
    let report = data.ok(&["import", "run", "regional-sales", &dataset("regional-sales"), "--lang", "en"]).out;
    for figure in ["20000", "7282", "7385", "5333", "26435925.00", "USD"] {
        assert!(report.replace(',', "").contains(figure), "{figure} in\n{report}");
    }
}

#[test]
fn the_win_rate_by_owner_adds_up_to_the_whole() {
    let data = regional_sales();
    let period = ["winrate", "--as-of", "2021-11-10", "--from", "2019-01-01", "--to", "2021-11-10"];
    let whole = data.rows(&period);
    let by_owner = data.rows(&[&period[..], &["--by", "owner"]].concat());
    let sum = |key: &str| by_owner.iter().filter_map(|row| row[key].as_i64()).sum::<i64>();
    assert_eq!(whole[0]["won"], 7_282, "{whole:?}");
    assert_eq!(whole[0]["lost"], 7_385, "{whole:?}");
    assert_eq!((sum("won"), sum("lost")), (7_282, 7_385), "{by_owner:?}");
}

#[test]
fn opportunity_tracking_keeps_the_repeated_id_apart_and_says_so() {
    let data = Data::empty();
    let report = data.rows(&["import", "run", "opportunity-tracking", &dataset("opportunity-tracking")]);
    assert_eq!(report[0]["opportunities"], 487, "{report:?}");
    let issues = report[0]["issues"].as_array().expect("issues are a list");
    assert!(issues.iter().any(|issue| issue["rule"] == "duplicate-key"), "{report:?}");
    assert_eq!(data.number("select count(*) as n from opportunities"), 487);
    assert_eq!(data.number("select sum(amount_minor) as n from opportunities"), 211_090_512_700);
    let of_302 = "select count(*) as n from opportunities where external_id like '302%' and length(external_id) <> 4";
    assert_eq!(data.number(of_302), 2);
}

#[test]
fn shapes_of_the_tables_others_rely_on() {
    let data = regional_sales();
    let columns = [
        (
            "opportunities",
            "opportunity_id external_id process stage stage_order outcome amount_minor currency account product region industry \
             channel campaign owner team created_on closed_on expected_close_on",
        ),
        ("intervals", "opportunity_id process stage stage_order outcome amount_minor owner from_at to_at"),
        ("transitions", "opportunity_id at from_stage to_stage steps kind"),
    ];
    for (table, names) in columns {
        let columns = names.split_whitespace().collect::<Vec<_>>().join(", ");
        let rows = data.sql(&format!("select {columns} from {table} limit 1"));
        let keys: Vec<_> = rows[0].as_object().expect("rows are objects").keys().map(String::as_str).collect();
        assert_eq!(keys, names.split_whitespace().collect::<Vec<_>>(), "{table}");
    }
    for table in ["journeys", "stages"] {
        assert!(!data.sql(&format!("select * from {table} limit 1")).is_empty(), "{table}");
    }
}
