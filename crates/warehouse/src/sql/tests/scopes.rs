//! A scope that sees one team sees neither rows nor totals of another, in any table or function.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Scope;

use super::fixture::{options, shown, snapshot};
use crate::sql::query;

/// Deals 1 and 3 are red's, 2 blue's; 4 went from red to blue; 5 is bob's, of no team; 6 is nobody's.
const DEALS: &str = "
    1 large north: 2026-01-05 lead @ann /red =1; 2026-02-05 talk
    2 large south: 2026-01-05 lead @bob /blue =10; 2026-02-05 offer
    3 large: 2026-01-05 lead @cai /red =100
    4 large: 2026-01-05 lead @ann /red =1000; 2026-01-07 @bob /blue
    5 large: 2026-01-05 lead @bob =10000
    6 large: 2026-01-05 lead =100000
";

#[tokio::test]
async fn every_table_and_function_shows_the_scope_alone() {
    let snapshot = snapshot(DEALS);
    let red = Scope::Teams { teams: BTreeSet::from([201]), person: None };
    let blue_and_cai = Scope::Teams { teams: BTreeSet::from([202]), person: Some(103) };
    for (scope, deals) in [
        (Scope::All, vec![1, 2, 3, 4, 5, 6]),
        (red, vec![1, 3]),
        (blue_and_cai, vec![2, 3, 4]),
        (Scope::Person(102), vec![2, 4, 5]),
        (Scope::Person(999), vec![]),
        (Scope::Nothing, vec![]),
    ] {
        let ids = deals.iter().map(ToString::to_string).collect::<Vec<_>>();
        let total: i64 = deals.iter().map(|deal| 10_i64.pow(deal - 1)).sum();
        for table in ["opportunities", "intervals", "transitions", "journeys"] {
            let sql = format!("SELECT DISTINCT opportunity_id FROM {table} ORDER BY opportunity_id");
            let answer = query(Arc::clone(&snapshot), &scope, &sql, &options()).await.unwrap();
            assert_eq!(shown(&answer).lines().skip(1).collect::<Vec<_>>(), ids, "{table} under {scope:?}");
            // A filter that is true for hidden rows, and one that fails on them, tell nothing of them.
            let seen = if ids.is_empty() { "NULL".to_owned() } else { ids.join(",") };
            for fails in [
                format!(
                    "1 / (CASE WHEN opportunity_id IN ({seen}) THEN 1 ELSE opportunity_id - opportunity_id END) > 0"
                ),
                format!("opportunity_id IN ({seen}) AND opportunity_id IN (1,2,3,4,5,6)"),
            ] {
                let sql = format!("SELECT DISTINCT opportunity_id FROM {table} WHERE {fails} ORDER BY opportunity_id");
                let answer = query(Arc::clone(&snapshot), &scope, &sql, &options()).await.unwrap();
                assert_eq!(shown(&answer).lines().skip(1).collect::<Vec<_>>(), ids, "{sql} under {scope:?}");
            }
        }
        // Neither do words: nobody in these scopes is called Bob, and a condition on words never meets his.
        if deals.iter().all(|deal| [1, 3].contains(deal)) {
            let sql = "SELECT count(*) FROM intervals WHERE CASE WHEN owner IN ('ann', 'cai') THEN 1 ELSE cast(owner AS int) END = 1";
            let answer = query(Arc::clone(&snapshot), &scope, sql, &options()).await;
            assert!(answer.is_ok(), "{answer:?} under {scope:?}");
        }
        let totals = "SELECT coalesce(sum(amount_minor), 0) FROM opportunities";
        let by_tally = "SELECT coalesce(sum(s.amount_minor), 0) FROM \
            (SELECT unnest(stock(journey, DATE '2026-03-01', 'large')) AS s FROM journeys)";
        // Journeys of made-up numbers do not exist either.
        let made_up = "SELECT coalesce(sum(s.amount_minor), 0) FROM (SELECT unnest(stock(n, DATE '2026-03-01', 'large')) AS s \
            FROM (SELECT arrow_cast(p.value * 4294967296 + d.value, 'UInt64') AS n \
            FROM generate_series(0, 9) p, generate_series(0, 9) d))";
        for sql in [totals, by_tally, made_up] {
            let answer = query(Arc::clone(&snapshot), &scope, sql, &options()).await.unwrap();
            assert_eq!(shown(&answer).lines().nth(1), Some(total.to_string().as_str()), "{sql} under {scope:?}");
        }
    }
}
