//! A number is its deals: for every row of every analysis of the demonstration company, the deals listed behind it add
//! up to it, whatever is grouped, filtered, seen or known.

use std::sync::Arc;

use app::answer::{Answer, Cell};
use app::answers::{BridgeAsk, ConversionAsk, GaugesAsk, MigrationAsk, WinrateAsk};
use app::demo::Causes;
use app::records::{CellAsk, DealsAsk, DealsList};
use app::{Ask, Loudou, Organisation, Place, Who};
use domain::calendar::Grain;
use domain::{Day, Instant};
use tempfile::TempDir;

const UNTIL: &str = "2026-11-22";

fn day(text: &str) -> Option<Day> {
    Day::parse(text)
}

async fn company() -> (Loudou, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let now = Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"));
    let loudou = Loudou::open_or_create(&place, &Organisation::default(), now).await.expect("it opens");
    loudou.demo(7, day(UNTIL), &Causes::without(&[]), &|_| ()).await.expect("the company goes in");
    (loudou, dir)
}

fn word(answer: &Answer, row: &[Cell], key: &str) -> Option<String> {
    let at = answer.columns.iter().position(|column| column.key == key)?;
    match &row[at] {
        Cell::Text(text) => Some(text.clone()),
        Cell::Name { key, .. } => Some(key.clone()),
        Cell::Date(day) => Some(day.to_string()),
        _ => None,
    }
}

fn number(answer: &Answer, row: &[Cell], key: &str) -> i128 {
    let at = answer.columns.iter().position(|column| column.key == key).unwrap_or_else(|| panic!("no column `{key}`"));
    match &row[at] {
        Cell::Int(value) => i128::from(*value),
        Cell::Minor(value) => *value,
        other => panic!("`{key}` is {other:?}"),
    }
}

/// The group of a row, as cells say it.
fn group(answer: &Answer, row: &[Cell], by: &[String]) -> String {
    let encoded = |text: String| text.replace('%', "%25").replace(';', "%3B");
    by.iter().map(|name| format!(";by.{name}={}", encoded(word(answer, row, name).unwrap_or_default()))).collect()
}

async fn list(loudou: &Loudou, common: &Ask, cell: &str) -> DealsList {
    let cell = CellAsk::parse(cell).unwrap_or_else(|error| panic!("{cell}: {error}"));
    let ask = DealsAsk { common: common.clone(), cell: Some(cell), limit: 1000, ..DealsAsk::default() };
    loudou.deals(&ask).await.unwrap_or_else(|error| panic!("{ask:?}: {error}"))
}

/// The deals of a cell add up to the count and the amount of its row, and so do the rows of a list that is whole.
async fn adds_up(loudou: &Loudou, common: &Ask, cell: &str, deals: i128, minor: Option<i128>) {
    let list = list(loudou, common, cell).await;
    assert_eq!(list.sums.cell_deals.map(i128::from), Some(deals), "{cell} of {common:?}");
    assert_eq!(list.sums.cell_minor, minor, "{cell} of {common:?}");
    if list.next_cursor.is_none() {
        assert_eq!(list.rows.iter().map(|deal| i128::from(deal.cell_deals)).sum::<i128>(), deals, "{cell}");
        assert_eq!(list.rows.iter().map(|deal| deal.cell_minor).sum::<i128>(), minor.unwrap_or(0), "{cell}");
    }
}

async fn every_row(loudou: &Loudou, common: &Ask) {
    let by = &common.by;
    let funnel = loudou.funnel(common).await.expect("a funnel");
    for row in &funnel.rows {
        let stage = word(&funnel, row, "stage").expect("a stage");
        let cell = format!("stock;stage={stage}{}", group(&funnel, row, by));
        let (deals, minor) = (number(&funnel, row, "deals"), number(&funnel, row, "amount_minor"));
        adds_up(loudou, common, &cell, deals, Some(minor)).await;
    }
    let ask = MigrationAsk { common: common.clone(), weeks: None, into: None };
    let migration = loudou.migration(&ask).await.expect("a migration");
    for row in &migration.rows {
        let (from, to) =
            (word(&migration, row, "from_stage").expect("from"), word(&migration, row, "to_stage").expect("to"));
        for amount in ["from", "to"] {
            let cell =
                format!("migration;from_stage={from};to_stage={to};amount={amount}{}", group(&migration, row, by));
            let minor = number(&migration, row, &format!("amount_{amount}_minor"));
            adds_up(loudou, common, &cell, number(&migration, row, "deals"), Some(minor)).await;
        }
    }
    for path in [false, true] {
        let due = path.then_some((Day::parse("2026-10-01"), Day::parse("2026-12-31")));
        let due = due.and_then(|(from, to)| Some((from?, to?)));
        let bridge = loudou.bridge(&BridgeAsk { common: common.clone(), due, path }).await.expect("a bridge");
        for row in &bridge.rows {
            let line = word(&bridge, row, "line").expect("a line");
            let terms = if path { ";path=yes;due_from=2026-10-01;due_to=2026-12-31" } else { "" };
            let cell = format!("bridge;line={line}{terms}{}", group(&bridge, row, by));
            let minor = number(&bridge, row, "amount_minor");
            adds_up(loudou, common, &cell, number(&bridge, row, "deals"), Some(minor)).await;
        }
    }
    let ask = WinrateAsk { common: common.clone(), every: None, by_created: false };
    let winrate = loudou.winrate(&ask).await.expect("a win rate");
    for row in &winrate.rows {
        let of = |outcomes: &[&str], suffix: &str| -> i128 {
            outcomes.iter().map(|outcome| number(&winrate, row, &format!("{outcome}{suffix}"))).sum()
        };
        // A rate opens what it is a rate of.
        for (outcome, parts) in [("won", &["won"][..]), ("lost", &["lost"]), ("decided", &["won", "lost"])] {
            let cell = format!("winrate;outcome={outcome}{}", group(&winrate, row, by));
            adds_up(loudou, common, &cell, of(parts, ""), Some(of(parts, "_amount_minor"))).await;
        }
        let ended = format!("winrate;outcome=ended{}", group(&winrate, row, by));
        let list = list(loudou, common, &ended).await;
        assert_eq!(list.sums.cell_deals.map(i128::from), Some(of(&["won", "lost", "cancelled"], "")), "{ended}");
    }
    every_time(loudou, common).await;
    if by.is_empty() {
        every_interval(loudou, common).await;
    }
}

/// The rows of what goes on over time name their own days: asked with these, their cells are their deals.
async fn every_interval(loudou: &Loudou, common: &Ask) {
    let ask = WinrateAsk { common: common.clone(), every: Some(Grain::Month), by_created: false };
    let winrate = loudou.winrate(&ask).await.expect("a win rate");
    let days = |answer: &Answer, row: &[Cell], keys: [&str; 2]| {
        let [from, to] = keys.map(|key| word(answer, row, key).and_then(|text| Day::parse(&text)));
        Ask { from, to, ..common.clone() }
    };
    for row in &winrate.rows {
        let within = days(&winrate, row, ["from_day", "day"]);
        adds_up(
            loudou,
            &within,
            "winrate;outcome=won",
            number(&winrate, row, "won"),
            Some(number(&winrate, row, "won_amount_minor")),
        )
        .await;
    }
    let weekly = Ask { from: None, ..common.clone() };
    let series = MigrationAsk { common: weekly, weeks: Some(5), into: None };
    let series = loudou.migration(&series).await.expect("a series");
    assert!(!series.rows.is_empty(), "nothing moves in five weeks");
    for row in &series.rows {
        let within = days(&series, row, ["from_day", "to_day"]);
        let [from, to] = ["from_stage", "to_stage"].map(|key| word(&series, row, key).expect("a stage"));
        let cell = format!("migration;from_stage={from};to_stage={to}");
        let minor = number(&series, row, "amount_to_minor");
        adds_up(loudou, &within, &cell, number(&series, row, "deals"), Some(minor)).await;
    }
}

/// The rows of conversion, time in stage and gauges.
async fn every_time(loudou: &Loudou, common: &Ask) {
    let by = &common.by;
    let ask = ConversionAsk { common: common.clone(), horizon_days: 90 };
    let conversion = loudou.conversion(&ask).await.expect("conversions");
    for row in &conversion.rows {
        let stage = word(&conversion, row, "stage").expect("a stage");
        let at = |reached: &str| format!("conversion;stage={stage}{reached}{}", group(&conversion, row, by));
        let counts = |keys: &[&str]| keys.iter().map(|key| number(&conversion, row, key)).sum::<i128>();
        adds_up(loudou, common, &at(""), counts(&["n"]), None).await;
        adds_up(loudou, common, &at(";reached=yes"), counts(&["forward"]), None).await;
        adds_up(loudou, common, &at(";reached=no"), counts(&["lost", "cancelled", "parked", "deleted"]), None).await;
        adds_up(loudou, common, &at(";reached=pending"), counts(&["pending"]), None).await;
    }
    let dwell = loudou.dwell(common).await.expect("stays");
    for row in &dwell.rows {
        let stage = word(&dwell, row, "stage").expect("a stage");
        let group = group(&dwell, row, by);
        adds_up(loudou, common, &format!("dwell;stage={stage}{group}"), number(&dwell, row, "visits"), None).await;
        let open = number(&dwell, row, "open_visits");
        adds_up(loudou, common, &format!("dwell;stage={stage};open=yes{group}"), open, None).await;
    }
    if by.len() > 1 {
        return;
    }
    let gauges = loudou.gauges(&GaugesAsk { common: common.clone(), worst: None }).await.expect("gauges");
    for row in &gauges.rows {
        let group = group(&gauges, row, by);
        let won = number(&gauges, row, "won_minor");
        let list_of_won = list(loudou, common, &format!("gauge;part=won{group}")).await;
        assert_eq!(list_of_won.sums.cell_minor, Some(won), "what is won is no dial's own");
        for dial in ["4", "5"] {
            let open = number(&gauges, row, &format!("dial_{dial}_open_minor"));
            for (part, minor) in [("", won + open), (";part=won", won), (";part=open", open)] {
                let list = list(loudou, common, &format!("gauge;dial={dial}{part}{group}")).await;
                assert_eq!(list.sums.cell_minor, Some(minor), "dial {dial}{part}{group} of {common:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_every_analysis_is_the_sum_of_its_deals() {
    let (loudou, _dir) = company().await;
    let plain =
        Ask { process: Some("b2b-seven".to_owned()), as_of: day(UNTIL), from: day("2026-07-01"), ..Ask::default() };
    let by = |dimensions: &[&str]| dimensions.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    every_row(&loudou, &plain).await;
    every_row(&loudou, &Ask { by: by(&["team"]), ..plain.clone() }).await;
    let filtered = Ask {
        by: by(&["region", "product"]),
        filter: Some("amount > 300000".to_owned()),
        from: day("2026-10-20"),
        ..plain.clone()
    };
    every_row(&loudou, &filtered).await;
    // A condition is read by what needs stack for each of its operators.
    let deep = Ask { filter: Some(format!("amount > 1{}", "-1".repeat(3_000))), ..plain.clone() };
    assert_eq!(loudou.funnel(&deep).await.map(|_| ()).map_err(|error| error.fault), Err(app::Fault::Input));
    every_row(
        &loudou,
        &Ask { by: by(&["region"]), known_at: day("2026-10-01"), as_of: day("2026-10-15"), ..plain.clone() },
    )
    .await;
    let facets = loudou.members(&plain, "owner", "", 2).await.expect("owners");
    let owners: Vec<String> = facets.iter().map(|owner| format!("owner:{}", owner.value)).collect();
    every_row(&loudou, &Ask { chips: owners, ..plain.clone() }).await;

    // Somebody who sees a part sees their part of every number, and no deal beside.
    let teams = loudou.members(&plain, "team", "", 1).await.expect("teams");
    let scope = format!("team:{}", teams[0].value);
    every_row(&loudou, &Ask { scope, ..plain.clone() }).await;
    let mine = DealsAsk {
        common: Ask { chips: vec![format!("owner:{}", facets[0].value)], ..plain.clone() },
        limit: 1,
        ..DealsAsk::default()
    };
    let owner = loudou.deals(&mine).await.expect("a list").rows[0].owner.clone().expect("an owner");
    let who = Who { scope: domain::Scope::Person(owner.id), ..Who::system() };
    let rep = loudou.session(Arc::new(who), Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time")));
    let rep = rep.await.expect("a session");
    every_row(&rep, &plain).await;
    let all = rep.deals(&DealsAsk { common: plain, limit: 1000, ..DealsAsk::default() }).await.expect("a list");
    assert!(all.rows.iter().all(|deal| deal.owner.as_ref() == Some(&owner)), "as of today owners are those of now");
}
