//! What a page of the past tells: nothing that came later, by business days, and nothing to change.

use domain::Day;

use super::*;

fn day(text: &str) -> Option<Day> {
    Day::parse(text)
}

fn timeline(as_of: &str, known_at: Option<&str>) -> TimelineAsk {
    TimelineAsk { as_of: day(as_of), known_at: known_at.and_then(day), cursor: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_ends_with_its_business_day() {
    let house = house().await;
    // Half past midnight of the 2nd in Shanghai is still the 1st in UTC.
    let late = house.ann("2026-11-01T16:30:00Z").await;
    let version = late.deal(house.pump, None, None).await.expect("a page").version;
    late.edit_deal(house.pump, version, &object(json!({"next_step": "call"}))).await.expect("it is changed");
    let kinds = async |ask: TimelineAsk| {
        let told = house.ann(NOW).await.deal_timeline(house.pump, &ask).await.expect("a timeline");
        told.items.into_iter().map(|item| item.kind).collect::<Vec<_>>()
    };
    let (made, changed) = (TimelineKind::Created, TimelineKind::Change);
    assert_eq!(kinds(timeline("2026-11-01", None)).await, [made]);
    assert_eq!(kinds(timeline("2026-11-02", None)).await, [changed, made]);
    assert_eq!(kinds(timeline("2026-11-02", Some("2026-11-01"))).await, [made], "it was not known");
    let before = timeline("2026-10-04", None);
    assert_eq!(fault(house.ann(NOW).await.deal_timeline(house.pump, &before).await), Fault::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_past_page_is_cut_before_it_is_paged() {
    let house = house().await;
    for minute in 0..120 {
        let ann = house.ann(&format!("2026-11-20T{:02}:{:02}:00Z", 1 + minute / 60, minute % 60)).await;
        let version = ann.deal(house.pump, None, None).await.expect("a page").version;
        let values = object(json!({"next_step": format!("step {minute}")}));
        ann.edit_deal(house.pump, version, &values).await.expect("it is changed");
    }
    let ann = house.ann(NOW).await;
    let told = ann.deal_timeline(house.pump, &timeline("2026-11-19", None)).await.expect("a timeline");
    assert_eq!((told.items.len(), told.next_cursor), (1, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missing_is_what_was_missing_then() {
    let house = house().await;
    let then = house.ann("2026-11-10T02:00:00Z").await;
    let version = then.deal(house.pump, None, None).await.expect("a page").version;
    then.edit_deal(house.pump, version, &object(json!({"actions_done": ["verify_lead"]}))).await.expect("it is done");
    let ann = house.ann(NOW).await;
    let missing = async |as_of: Option<&str>, known_at: Option<&str>| {
        let page = ann.deal(house.pump, as_of.and_then(day), known_at.and_then(day)).await.expect("a page");
        let missing = page.missing.expect("a gate is ahead").into_iter();
        missing.filter(|need| need.kind == NeedKind::Action).map(|need| need.key).collect::<Vec<_>>()
    };
    assert_eq!(missing(Some("2026-11-09"), None).await, ["verify_lead", "first_contact"]);
    assert_eq!(missing(Some("2026-11-10"), None).await, ["first_contact"]);
    assert_eq!(missing(None, Some("2026-11-09")).await, ["verify_lead", "first_contact"]);
    assert_eq!(missing(None, None).await, ["first_contact"]);
    let told = async |as_of: &str| {
        let told = ann.deal_timeline(house.pump, &timeline(as_of, None)).await.expect("a timeline");
        told.items.iter().filter(|item| item.activity.is_some()).count()
    };
    assert_eq!((told("2026-11-09").await, told("2026-11-10").await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_of_the_past_are_those_with_deals_by_then() {
    let house = house().await;
    let made = house.ann("2026-11-20T02:00:00Z").await;
    let seal = made.create_customer(&object(json!({"name": "Newco"}))).await.expect("a customer");
    let values = object(json!({"name": "Seal", "account": seal, "amount_minor": 7}));
    made.create_deal(&values).await.expect("a deal");
    let listed = async |who: &Loudou, common: Ask| {
        let list = who.customers(&CustomersAsk { common, limit: 10, ..CustomersAsk::default() }).await.expect("a list");
        let names = list.rows.iter().map(|row| row.customer.name.clone()).collect::<Vec<_>>();
        (names.join(" "), list.sums.2)
    };
    let ask = |as_of: &str, chip: &str, scope: &str| Ask {
        as_of: day(as_of),
        chips: if chip.is_empty() { Vec::new() } else { vec![chip.to_owned()] },
        scope: scope.to_owned(),
        ..Ask::default()
    };
    let all = &house.loudou.session(Arc::new(Who::system()), at(NOW)).await.expect("a session");
    let is = |names: &str, minor: i128| (names.to_owned(), Some(minor));
    assert_eq!(listed(all, Ask::default()).await, is("Acme Newco Zeta", 1_500_007));
    assert_eq!(listed(all, ask("2026-11-19", "", "")).await, is("Acme Zeta", 1_500_000));
    assert_eq!(listed(all, ask("2026-11-24", "team:North", "")).await, is("Acme Newco", 1_000_007));
    assert_eq!(listed(all, ask("2026-11-24", "", "team:South")).await, is("Zeta", 500_000));
    let of = async |as_of: &str| {
        let page = house.ann(NOW).await.customer(seal, &ask(as_of, "", "")).await.expect("a page");
        (page.row.deals, page.row.open_minor, page.editable)
    };
    assert_eq!(of("2026-11-19").await, (0, Some(0), false));
    assert_eq!(of("2026-11-24").await, (1, Some(7), true));
    let told = house.ann(NOW).await.customer_timeline(seal, &timeline("2026-11-19", None)).await.expect("a timeline");
    assert_eq!(told.items, []);
}
