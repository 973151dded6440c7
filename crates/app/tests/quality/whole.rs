//! The demonstration company: parts come to the whole, and every number opens as many records as it says.

use std::collections::BTreeMap;

use app::answer::{Answer, Cell};
use app::demo::Causes;
use app::quality::{FixAsk, QualityBy};
use app::{Ask, Loudou, Organisation, Place};
use domain::field::ids;
use domain::quality::Of;
use domain::{Day, Instant, Kind, Outcome};
use store::Store;
use tempfile::TempDir;

use super::house::{fixes, number, scores};

async fn company() -> (Loudou, Place, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let now = Instant::from_datetime("2026-11-23T01:00:00Z".parse().expect("a time"));
    let loudou = Loudou::open_or_create(&place, &Organisation::default(), now).await.expect("it opens");
    loudou.demo(7, Day::parse("2026-11-22"), &Causes::without(&[]), &|_| ()).await.expect("the company goes in");
    (loudou, place, dir)
}

fn id(answer: &Answer, row: &[Cell]) -> i64 {
    let at = answer.columns.iter().position(|column| column.key == "id").expect("an id");
    if let Cell::Int(id) = row[at] { id } else { panic!("an id is a number") }
}

/// Rules that one record alone decides, read plainly from the current records.
fn plainly(record: &store::Record, today: Day) -> Vec<(&'static str, bool)> {
    let hot = &record.hot;
    let mut told = Vec::new();
    match hot.outcome {
        Outcome::Open => {
            told.push(("owner_missing", hot.owner.is_some()));
            told.push(("customer_missing", record.int(ids::OPPORTUNITY_ACCOUNT).is_some()));
            told.push(("close_missing", hot.expected_close_on.is_some()));
            told.extend(hot.expected_close_on.map(|on| ("close_past", on >= today)));
            told.extend(hot.amount_minor.map(|_| ("currency_missing", hot.currency.is_some())));
            let next = record.int(ids::OPPORTUNITY_NEXT_STEP_ON).and_then(|on| i32::try_from(on).ok()).map(Day);
            told.extend(next.map(|on| ("next_step_past", on >= today)));
        }
        Outcome::Won => {
            told.push(("won_without_amount", hot.amount_minor.is_some()));
            told.push(("customer_missing", record.int(ids::OPPORTUNITY_ACCOUNT).is_some()));
            told.extend(hot.amount_minor.map(|_| ("currency_missing", hot.currency.is_some())));
        }
        Outcome::Lost => told.push(("lost_without_reason", record.text(ids::OPPORTUNITY_REASON).is_some())),
        Outcome::Cancelled | Outcome::Parked => {}
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_come_to_the_whole_and_numbers_open_their_records() {
    let (loudou, place, _dir) = company().await;
    let common = Ask::default();
    let whole = scores(&loudou, &common, QualityBy::All).await;
    let of_whole = |key: &str| number(&whole, &whole.rows[0], key).expect("it is defined");
    assert!(of_whole("deals") > 100.0 && of_whole("customers") > 10.0);
    for by in [QualityBy::Person, QualityBy::Team, QualityBy::Source] {
        let parts = scores(&loudou, &common, by).await;
        let (mut records, mut failing, mut weighted) = (0.0, 0.0, 0.0);
        for row in &parts.rows {
            let score = number(&parts, row, "score").expect("a part with records has a score");
            assert!((0.0..=1.0).contains(&score));
            records += number(&parts, row, "records").expect("a count");
            failing += number(&parts, row, "failing").expect("a count");
            weighted += score * number(&parts, row, "records").expect("a count");
        }
        assert!((records - of_whole("records")).abs() < 0.5 && (failing - of_whole("failing")).abs() < 0.5, "{by:?}");
        assert!((weighted / records - of_whole("score")).abs() < 1e-9, "the mean of the parts, {by:?}");
    }
    let people = scores(&loudou, &common, QualityBy::Person).await;
    for row in people.rows.iter().take(4) {
        let list = fixes(&loudou, FixAsk { person: Some(id(&people, row)), ..FixAsk::default() }).await;
        #[allow(clippy::cast_precision_loss, reason = "small counts")]
        let records = list.records as f64;
        assert_eq!(Some(records), number(&people, row, "failing"));
    }
    let rules = scores(&loudou, &common, QualityBy::Rule).await;
    let mut counted: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for row in &rules.rows {
        let Cell::Name { key, .. } = &row[0] else { panic!("a rule has a name") };
        let both = (number(&rules, row, "asked").expect("a count"), number(&rules, row, "failing").expect("a count"));
        counted.insert(key.clone(), both);
        let list = fixes(&loudou, FixAsk { rule: Some(key.clone()), ..FixAsk::default() }).await;
        #[allow(clippy::cast_precision_loss, reason = "small counts")]
        let records = list.records as f64;
        assert_eq!((key, records), (key, both.1));
    }
    let store = Store::open(&place.url().expect("a path"), 1).await.expect("it opens");
    let mut plain: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for record in store.all_records(Kind::Opportunity).await.expect("they are read") {
        for (rule, passed) in plainly(&record, loudou.today()) {
            let (asked, failing) = plain.entry(rule).or_default();
            *asked += 1.0;
            *failing += f64::from(u8::from(!passed));
        }
    }
    for (rule, both) in plain {
        assert_eq!((rule, counted.get(rule)), (rule, Some(&both)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_the_list_are_the_list_the_worst_first() {
    let (loudou, _, _dir) = company().await;
    let all = fixes(&loudou, FixAsk { of: Some(Of::Deal), open: Some(true), ..FixAsk::default() }).await;
    assert!(all.rows.windows(2).all(|pair| pair[0].score <= pair[1].score));
    let alike = |pair: &[app::quality::Fix]| (pair[0].score - pair[1].score).abs() < 1e-12;
    let in_order = all
        .rows
        .windows(2)
        .filter(|pair| alike(pair))
        .all(|pair| pair[0].amount_minor.unwrap_or(0) >= pair[1].amount_minor.unwrap_or(0));
    assert!(in_order, "of those alike the most valuable");
    let (mut paged, mut cursor) = (Vec::new(), None);
    loop {
        let ask = FixAsk { of: Some(Of::Deal), open: Some(true), limit: 37, cursor, ..FixAsk::default() };
        let page = loudou.quality_fixes(&ask).await.expect("it lists");
        paged.extend(page.rows);
        cursor = page.next_cursor;
        if cursor.is_none() || paged.len() >= 1_000 {
            break;
        }
    }
    let ids = |rows: &[app::quality::Fix]| rows.iter().map(|row| row.id).take(900).collect::<Vec<_>>();
    assert_eq!(ids(&paged), ids(&all.rows));
}
