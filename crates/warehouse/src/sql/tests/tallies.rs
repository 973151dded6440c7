//! Tally functions against the tallies themselves, and against plain SQL over the tables.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::datatypes::{Decimal128Type, Int64Type, UInt16Type, UInt64Type};
use domain::{Day, Scope};
use journey::{Amounts, Slots, Stock, Tally, View};
use proptest::prelude::*;

use super::fixture::{REGIONS, ask, day, large, options, shown, snapshot};
use crate::snapshot::Snapshot;
use crate::sql::functions::{self, Terms};
use crate::sql::source::Seen;

/// The day of an entry, what it says, and its amount.
type Said = (i32, &'static str, Option<i64>);

/// Random journeys of the large process, as lines.
fn deals() -> impl Strategy<Value = String> {
    let stage =
        prop::sample::select(vec!["lead", "talk", "offer", "done won", "gone lost", "open", "parked", "?", "deleted"]);
    let entry = (0_i32..120, stage, prop::option::of(-50_i64..500));
    let deal = (0_usize..4, prop::collection::vec(entry, 0..7));
    prop::collection::vec(deal, 1..12).prop_map(|deals| {
        let line = |(id, (region, mut entries)): (usize, (usize, Vec<Said>))| {
            entries.sort_by_key(|(on, ..)| *on);
            let region = REGIONS.get(region).map_or("", |name| name.split(' ').next().unwrap());
            let said = |(on, what, amount): &Said| {
                let amount = amount.map_or("=-".to_owned(), |amount| format!("={amount}"));
                format!("{} {what} {amount}", day("2026-01-01").plus(*on))
            };
            format!("{id} large {region}: {}", entries.iter().map(said).collect::<Vec<_>>().join(" ; "))
        };
        deals.into_iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    })
}

/// Region, stage, deals and amount of the stock, counted by the tally itself.
fn by_hand(snapshot: &Snapshot, at: Day) -> Vec<String> {
    let process = large();
    let stages: Vec<_> = process.stages.iter().take(3).map(|stage| (stage.id, stage.order)).collect();
    let members: Vec<_> = process.stages.iter().map(|stage| (stage.id, stage.order)).collect();
    let slots = Slots::of_stages(&stages, &members);
    let mut cells = <Stock as Tally>::Cells::default();
    for partition in &snapshot.partitions {
        let view = View {
            journeys: &partition.journeys,
            member: None,
            entry_member: None,
            group: Some(&partition.journeys.region),
            entry_group: None,
            entry_groups: 1,
            slots: &slots,
            amounts: Amounts::AsBooked,
            parked_limit_days: 180,
            as_of: options().as_of,
        };
        for journey in partition.journeys.iter() {
            Stock::on(at).observe(journey, &view, &mut cells);
        }
    }
    let rows = Stock::on(at).finish(&cells);
    let mut lines: Vec<String> = (0..rows.num_rows())
        .map(|row| {
            let region = rows.column(0).as_primitive::<UInt64Type>().value(row);
            let region = usize::try_from(region).unwrap().checked_sub(1).map_or("-", |at| REGIONS[at]);
            let stage = &process.stages[usize::from(rows.column(1).as_primitive::<UInt16Type>().value(row))].key;
            let deals = rows.column(2).as_primitive::<Int64Type>().value(row);
            let amount = rows.column(3).as_primitive::<Decimal128Type>().value(row);
            format!("{region} | {stage} | {deals} | {amount}")
        })
        .collect();
    lines.sort();
    lines
}

pub(super) fn rows(snapshot: &Arc<Snapshot>, sql: &str) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let answer = runtime.block_on(ask(snapshot, sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let mut rows: Vec<String> = shown(&answer).lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn stock_is_the_tally_is_plain_sql(text in deals(), on in 0_i32..140) {
        let snapshot = snapshot(&text);
        let at = day("2026-01-01").plus(on);
        let tally = rows(&snapshot, &format!(
            "SELECT region, s.stage, s.deals, s.amount_minor FROM (SELECT region, unnest(stock(journey, DATE '{at}', 'large')) AS s \
             FROM journeys GROUP BY region) WHERE s.stage IS NOT NULL"));
        prop_assert_eq!(&tally, &by_hand(&snapshot, at));
        let plain = rows(&snapshot, &format!(
            "SELECT j.region, i.stage, count(*), coalesce(sum(i.amount_minor), 0) FROM intervals i JOIN journeys j USING (opportunity_id) \
             JOIN stages s ON s.stage = i.stage AND s.process = i.process AND s.kind = 'open' \
             WHERE i.outcome = 'open' AND i.from_on <= DATE '{at}' AND (i.to_on > DATE '{at}' OR i.to_on IS NULL) \
             GROUP BY j.region, i.stage"));
        prop_assert_eq!(&tally, &plain);
    }

    #[test]
    fn a_trend_is_a_stock_a_date_and_a_migration_balances(text in deals()) {
        let snapshot = snapshot(&text);
        let trend = rows(&snapshot,
            "SELECT t.day, t.stage, t.deals, t.amount_minor FROM (SELECT unnest(trend(journey, 'month', DATE '2026-01-01', DATE '2026-04-30', 'large')) AS t FROM journeys)");
        let mut stocks = Vec::new();
        for at in ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"] {
            stocks.extend(rows(&snapshot, &format!(
                "SELECT DATE '{at}', s.stage, s.deals, s.amount_minor FROM (SELECT unnest(stock(journey, DATE '{at}', 'large')) AS s FROM journeys)")));
        }
        stocks.sort();
        prop_assert_eq!(trend, stocks);
        let moved = "SELECT unnest(migration(journey, DATE '2026-01-31', DATE '2026-03-31', 'large')) AS m FROM journeys";
        let stages = "('lead', 'talk', 'offer')";
        for (side, at) in [("from", "2026-01-31"), ("to", "2026-03-31")] {
            let balanced = rows(&snapshot, &format!(
                "SELECT m.{side}_stage, sum(m.deals), sum(m.amount_{side}_minor) FROM ({moved}) WHERE m.{side}_stage IN {stages} GROUP BY m.{side}_stage"));
            let stock = rows(&snapshot, &format!(
                "SELECT s.stage, s.deals, s.amount_minor FROM (SELECT unnest(stock(journey, DATE '{at}', 'large')) AS s FROM journeys) WHERE s.stage IN {stages}"));
            prop_assert_eq!(balanced, stock);
        }
    }
}

#[test]
fn every_tally_is_a_function_and_threads_and_filters_do_not_matter() {
    let snapshot = snapshot(
        "1 large north: 2026-01-05 lead =10 >2026-03-01; 2026-01-20 talk; 2026-02-10 done won
         2 large south: 2026-01-06 lead =20; 2026-02-20 offer =25
         3 large north: 2026-01-07 talk =40; 2026-02-01 gone lost
         4 small: 2026-01-07 hello =7",
    );
    let calls = [
        ("stock(journey, DATE '2026-01-31', 'large')", 2),
        ("trend(journey, 'month', DATE '2026-01-01', DATE '2026-02-28', 'large')", 3),
        ("migration(journey, DATE '2026-01-31', DATE '2026-02-28', 'large')", 3),
        ("migration_series(journey, 'month', DATE '2026-01-01', DATE '2026-02-28', 'large')", 5),
        ("bridge(journey, DATE '2026-01-31', DATE '2026-02-28', 'large')", 5),
        ("bridge_due(journey, DATE '2026-01-31', DATE '2026-02-28', DATE '2026-01-01', DATE '2026-12-31', 'large')", 2),
        ("conversion(journey, 'month', DATE '2026-01-01', DATE '2026-02-28', 'large')", 4),
        ("dwell(journey, DATE '2026-01-01', DATE '2026-02-28', 'large')", 5),
        ("win_rate(journey, 'month', DATE '2026-01-01', DATE '2026-02-28', 'large')", 1),
        ("stock(journey, DATE '2026-01-31', 'small')", 1),
    ];
    let seen = Arc::new(Seen::new(Arc::clone(&snapshot), &Scope::All));
    let terms = Terms { process: None, as_of: options().as_of, parked_limit_days: options().parked_limit_days };
    for function in functions::all(&seen, &Arc::new(terms)) {
        let called = calls.iter().any(|(call, _)| call.starts_with(&format!("{}(", function.name())));
        assert!(called, "no call of {} is tried", function.name());
    }
    for (call, expected) in calls {
        let found = rows(&snapshot, &format!("SELECT unnest({call}) FROM journeys"));
        assert_eq!(found.len(), expected, "{call}: {found:#?}");
        // Sorted, joined or filtered journeys are the same journeys.
        let shuffled = rows(
            &snapshot,
            &format!(
                "SELECT unnest({call}) FROM (SELECT j.journey FROM journeys j JOIN opportunities o USING (opportunity_id) \
             ORDER BY o.created_on DESC LIMIT 100)"
            ),
        );
        assert_eq!(found, shuffled, "{call}");
        let filtered = rows(&snapshot, &format!("SELECT unnest({call} FILTER (WHERE entries > 0)) FROM journeys"));
        assert_eq!(found, filtered, "{call}");
        let none = rows(&snapshot, &format!("SELECT {call} FROM journeys WHERE false"));
        assert_eq!(none, ["[]"], "{call}");
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let unnamed =
        runtime.block_on(ask(&snapshot, "SELECT stock(journey, DATE '2026-01-31') FROM journeys")).unwrap_err();
    assert!(unnamed.to_string().contains("processes: large, small"), "{unnamed}");
}
