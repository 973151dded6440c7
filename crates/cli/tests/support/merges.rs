//! A small company whose customers and deals came twice, and what merging them must come to, on any database.

use serde_json::{Value, json};

use super::{Data, Files};

/// A profile with keys of customers and of deals; each state was known on the day of the export.
fn profile(exported_on: &str) -> String {
    format!(
        r#"
name = "twice"
title.zh = "重复"
title.en = "Twice"
description.zh = "客户与商机各有编号。"
description.en = "Customers and deals by key."
currency = "CNY"
zone = "Asia/Shanghai"
exported_on = "{exported_on}"
known = "stamp"
process = "b2b-seven"
[tables.accounts]
files = ["accounts.csv"]
[tables.sales]
files = ["sales.csv"]
[[records]]
kind = "account"
table = "accounts"
key = "id"
fields.name = "name"
fields.phone = "phone"
fields.grade = "grade"
[deals]
table = "sales"
key = "id"
created = "created"
start = "lead"
[deals.fields]
name = "name"
account = "account"
amount_minor = "amount"
"#
    )
}

const ACCOUNTS: &str = "id,name,phone,grade\n\
    A1,上海华东机电有限公司,13800138000,\n\
    A2,华东机电（上海）,13800138000,B\n\
    A3,西部物流集团,02862553811,A\n";
const SALES: &str = "id,name,account,amount,created\n\
    D1,一期产线,A1,120,2026-01-05\n\
    D2,二期产线,A2,80,2026-01-06\n\
    D3,仓储管理系统,A3,35,2026-01-07\n\
    D4,仓储 管理系统,A3,35,2026-01-07\n";

/// Brings in the two tables, as exported on a day.
fn import(data: &Data, exported_on: &str, accounts: &str, sales: &str) -> Value {
    let files = Files::empty();
    files.write("accounts.csv", accounts.as_bytes());
    files.write("sales.csv", sales.as_bytes());
    files.write("twice.toml", profile(exported_on).as_bytes());
    let profile = files.at("twice.toml");
    data.json(&["import", "run", profile.to_str().expect("UTF-8"), files.path()])
}

/// Names of customers with their deals, of those of this company.
fn deals_by_customer(data: &Data) -> Vec<(String, i64)> {
    let query = "select account, count(*) as deals from opportunities \
                 where account in ('上海华东机电有限公司', '华东机电（上海）', '西部物流集团') \
                 group by account order by account";
    let named = data
        .sql(query)
        .into_iter()
        .map(|row| (row["account"].as_str().expect("a name").to_owned(), row["deals"].as_i64().expect("a count")));
    named.collect()
}

/// The deals of this company in the stock of a day, by the tally; `known` narrows to what was known.
fn stock(data: &Data, known: &[&str]) -> i64 {
    let question = ["funnel", "--by", "account", "--process", "b2b-seven", "--as-of", "2026-04-30"];
    let rows = data.rows(&[&question[..], known].concat());
    let ours = rows.iter().filter(|row| row["account"] == json!("西部物流集团"));
    ours.filter_map(|row| row["deals"].as_i64()).sum()
}

fn id(data: &Data, kind: &str, name: &str) -> String {
    let rows = data.rows(&["dedupe", "find", "--kind", kind, "--limit", "200"]);
    let found = rows.iter().find(|row| row["name"] == json!(name));
    found.unwrap_or_else(|| panic!("{name} is not among {rows:?}"))["id"].to_string()
}

fn merge(data: &Data, kind: &str, survivor: &str, record: &str) -> String {
    let rows = data.rows(&["dedupe", "merge", "--kind", kind, survivor, record]);
    rows[0]["merges"][0].to_string()
}

/// Customers: references lead to the survivor in lists, groups and SQL, imports go on, an undo brings all back.
pub(crate) fn customers(data: &Data) {
    import(data, "2026-03-01", ACCOUNTS, SALES);
    let (full, short) = ("上海华东机电有限公司", "华东机电（上海）");
    let counts = |full_deals: i64, short_deals: i64| {
        let all = [(full, full_deals), (short, short_deals), ("西部物流集团", 2)];
        let mut expected: Vec<(String, i64)> =
            all.into_iter().filter(|(_, deals)| *deals > 0).map(|(name, deals)| (name.to_owned(), deals)).collect();
        expected.sort();
        let mut found = deals_by_customer(data);
        found.sort();
        assert_eq!(found, expected);
    };
    counts(1, 1);
    let (gone, stays) = (id(data, "customers", full), id(data, "customers", short));
    let number = merge(data, "customers", &stays, &gone);
    counts(0, 2);
    let by_old_name = data.rows(&[
        "funnel",
        "--process",
        "b2b-seven",
        "--as-of",
        "2026-04-30",
        "--where",
        &format!("account = '{short}'"),
    ]);
    assert_eq!(by_old_name.iter().filter_map(|row| row["deals"].as_i64()).sum::<i64>(), 2);

    // The same files again change nothing; the next month's, which name the merged one alone, go to the survivor.
    let again = import(data, "2026-03-01", ACCOUNTS, SALES);
    assert_eq!(again["rows"][0]["import_id"], Value::Null, "{again}");
    let next = ACCOUNTS.replace("A1,上海华东机电有限公司,13800138000,\n", "A1,上海华东机电有限公司,13800138000,C\n");
    let next = next.replace("A2,华东机电（上海）,13800138000,B\n", "");
    let sales = format!("{SALES}D5,三期产线,A1,60,2026-02-20\n").replace("D2,二期产线,A2,80,2026-01-06\n", "");
    let second = import(data, "2026-04-01", &next, &sales);
    assert_ne!(second["rows"][0]["import_id"], Value::Null, "{second}");
    counts(0, 3);
    let again = import(data, "2026-04-01", &next, &sales);
    assert_eq!(again["rows"][0]["import_id"], Value::Null, "{again}");

    // What was said of the merged one meanwhile is in its place after the undo.
    let undone = data.rows(&["dedupe", "undo", &number]);
    assert_eq!(undone[0]["edits"], json!([]), "{undone:?}");
    counts(2, 1);
    assert!(data.refused(&["dedupe", "undo", &number]).contains("undone already"));
    let listed = data.rows(&["dedupe", "list"]);
    assert_eq!((&listed[0]["state"], &listed[0]["name"]), (&json!("undone"), &json!(full)), "{listed:?}");
}

/// Deals: a merged one leaves the counts of every known-at from the merge on, and stands in those before.
pub(crate) fn deals(data: &Data) {
    let (one, other) = (id(data, "deals", "仓储管理系统"), id(data, "deals", "仓储 管理系统"));
    assert_eq!((stock(data, &[]), stock(data, &["--known-at", "2026-04-30"])), (2, 2));
    let number = merge(data, "deals", &one, &other);
    assert_eq!((stock(data, &[]), stock(data, &["--known-at", "2026-04-30"])), (1, 2));
    let sales = format!("{SALES}D5,三期产线,A1,60,2026-02-20\n");
    let again = import(data, "2026-04-01", ACCOUNTS, &sales);
    assert_eq!(stock(data, &[]), 1, "an import does not bring it back: {again}");
    data.ok(&["dedupe", "undo", &number]);
    assert_eq!((stock(data, &[]), stock(data, &["--known-at", "2026-04-30"])), (2, 2));

    // Everything that is sure enough: told first, then done.
    let all = |arguments: &[&str]| {
        data.rows(&[&["dedupe", "merge", "--kind", "deals", "--min-score", "0.9"], arguments].concat())
    };
    let dry = all(&[]);
    assert_eq!(
        (&dry[0]["dry_run"], &dry[0]["merged"].as_i64().is_some_and(|merged| merged >= 1)),
        (&json!(true), &true)
    );
    assert_eq!(stock(data, &[]), 2, "a dry run changes nothing");
    let done = all(&["--apply"]);
    assert_eq!((&done[0]["merged"], &done[0]["dry_run"]), (&dry[0]["merged"], &json!(false)));
    assert_eq!(stock(data, &[]), 1);
    assert_eq!(all(&[])[0]["clusters"], json!(0));
    // And taken back as one.
    let first = done[0]["first_merge"].to_string();
    let back = data.rows(&["dedupe", "undo", &first, "--batch"]);
    assert_eq!((&back[0]["back"], stock(data, &[])), (&done[0]["merged"], 2), "{back:?}");
    assert!(data.refused(&["dedupe", "undo", &first, "--batch"]).contains("undone already"));
}
