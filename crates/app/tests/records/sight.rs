//! What belongs to others is neither told nor referred to; what moves have written is not unwritten.

use super::*;

async fn contact(house: &House, name: &str, account: Option<RecordId>) -> RecordId {
    let facts = Facts::default().with(ids::CONTACT_NAME, Value::Text(name.into()));
    let facts = account.into_iter().fold(facts, |facts, account| facts.with(ids::CONTACT_ACCOUNT, Value::Ref(account)));
    write(house, Kind::Contact, facts).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_of_others_customers_is_no_contact() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let (own, others) =
        (contact(&house, "Li", Some(house.acme)).await, contact(&house, "Wang", Some(house.zeta)).await);
    let alone = contact(&house, "Zhao", None).await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    for id in [others, alone, 424_242] {
        let told = issues(ann.edit_deal(house.pump, version, &object(json!({"contact": id}))).await);
        assert_eq!(told, [format!("contact: there is no contact {id}")]);
        let told = issues(ann.create_deal(&object(json!({"name": "Seal", "contact": id}))).await);
        assert_eq!(told, [format!("contact: there is no contact {id}")]);
    }
    ann.edit_deal(house.pump, version, &object(json!({"contact": own}))).await.expect("one's own");
    let version = house.loudou.deal(house.pump, None, None).await.expect("a page").version;
    house.loudou.edit_deal(house.pump, version, &object(json!({"contact": alone}))).await.expect("all is seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_gate_was_passed_is_not_rewritten() {
    let house = house().await;
    let manager = house.head_of_north("2026-11-24T04:00:00Z").await;
    let version = manager.deal(house.pump, None, None).await.expect("a page").version;
    let reason = Some("the customer asked".to_owned());
    let forced = MoveAsk { to: "contact".to_owned(), override_reason: reason, ..MoveAsk::default() };
    manager.move_deal(house.pump, version, &forced).await.expect("a manager may");
    let page = manager.deal(house.pump, None, None).await.expect("a page");
    let told = page.fields.iter().find(|field| field.name == "facts").expect("the field").clone();
    assert!(!told.editable && told.value["gate_overrides"].is_array(), "{told:?}");
    for values in [json!({"facts": {}}), json!({"facts": null}), json!({"gate_overrides": "none"})] {
        assert_eq!(issues(manager.edit_deal(house.pump, page.version, &object(values)).await).len(), 1);
    }
    let forged = json!({"name": "Seal", "facts": {"gate_overrides": []}});
    assert_eq!(issues(manager.create_deal(&object(forged)).await), ["facts: each fact is changed by its own name"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_deal_has_a_currency_or_no_amount() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let without = json!({"name": "Seal", "amount_minor": 5, "currency": null});
    assert_eq!(issues(ann.create_deal(&object(without)).await), ["currency: an amount needs its currency"]);
    ann.create_deal(&object(json!({"name": "Seal", "currency": null}))).await.expect("no amount, no currency");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_timeline_tells_nothing_of_others_deals() {
    let house = house().await;
    let note = async |deal: Option<RecordId>, note: &str| {
        let facts = Facts::default()
            .with(ids::ACTIVITY_ACCOUNT, Value::Ref(house.acme))
            .with(ids::ACTIVITY_TYPE, Value::Text("call".into()))
            .with(ids::ACTIVITY_AT, Value::Int(at("2026-10-06T02:00:00Z").0))
            .with(ids::ACTIVITY_NOTE, Value::Text(note.into()));
        let facts = deal.into_iter().fold(facts, |facts, deal| facts.with(ids::ACTIVITY_OPPORTUNITY, Value::Ref(deal)));
        write(&house, Kind::Activity, facts).await
    };
    for (deal, text) in [(Some(house.pump), "ours"), (Some(house.valve), "theirs"), (None, "everybody's")] {
        note(deal, text).await;
    }
    let notes = async |loudou: &Loudou| {
        let timeline = loudou.customer_timeline(house.acme, None).await.expect("a timeline");
        let notes = timeline.items.into_iter().filter_map(|item| item.activity?.1);
        notes.collect::<BTreeSet<_>>()
    };
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(notes(&house.ann(NOW).await).await, set(&["ours", "everybody's"]));
    assert_eq!(notes(&house.loudou).await, set(&["ours", "theirs", "everybody's"]));
}
