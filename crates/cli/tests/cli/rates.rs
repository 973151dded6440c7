//! Exchange rates: amounts of several currencies are refused until there are rates, and then counted in one.

use serde_json::{Value, json};

use crate::support::{Data, Files};

fn stock(data: &Data) -> Vec<Value> {
    let rows = data.rows(&["funnel", "--as-of", "2026-03-31"]);
    let told = |row: &&Value| row["deals"] != json!(0);
    rows.iter().filter(told).map(|row| json!([row["stage"], row["deals"], row["amount_minor"]])).collect()
}

#[test]
fn amounts_in_two_currencies_count_in_one_once_there_are_rates() {
    let files = Files::empty();
    files.write("deals.csv", b"deal_id,created_at,currency\nA,2026-01-05,CNY\nB,2026-02-06,EUR\n");
    files.write(
        "changes.csv",
        b"deal_id,changed_at,stage,outcome,amount\nA,2026-01-05,lead,open,1000.00\nB,2026-02-06,lead,open,100.00\n",
    );
    let data = Data::empty();
    data.ok(&["import", "run", "deals-and-changes", files.path()]);
    let refusal = data.refused(&["funnel", "--as-of", "2026-03-31"]);
    assert!(refusal.contains("CNY, EUR") && refusal.contains("exchange rates"), "{refusal}");
    assert_eq!(data.rows(&["rates", "list"]), Vec::<Value>::new());

    files.write("wrong.csv", b"date,currency,rate\n2026-02-01,EUR,8\n2026-02-30,EUR,8\n");
    let wrong = files.at("wrong.csv");
    let refusal = data.refused(&["rates", "set", wrong.to_str().expect("a path")]);
    assert!(refusal.contains("line 3") && refusal.contains("2026-02-30"), "{refusal}");
    assert_eq!(data.rows(&["rates", "list"]), Vec::<Value>::new());

    files.write("rates.csv", b"date,currency,rate\n2026-02-01,EUR,8\n2026-03-01,EUR,7.5\n");
    let rates = files.at("rates.csv");
    for _ in 0..2 {
        assert_eq!(data.rows(&["rates", "set", rates.to_str().expect("a path")]), [json!({"rates": 2})]);
        let listed = data.rows(&["rates", "list"]);
        let first = json!({"currency": "EUR", "date": "2026-02-01", "rate": 8.0});
        let second = json!({"currency": "EUR", "date": "2026-03-01", "rate": 7.5});
        assert_eq!(listed, [first, second]);
    }
    // 1,000 and 100 at 7.5, the rate of the day.
    assert_eq!(stock(&data), [json!(["lead", 2, 175_000])]);
}
