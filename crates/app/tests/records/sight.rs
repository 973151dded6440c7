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
        let timeline = loudou.customer_timeline(house.acme, &TimelineAsk::default()).await.expect("a timeline");
        let notes = timeline.items.into_iter().filter_map(|item| item.activity?.1);
        notes.collect::<BTreeSet<_>>()
    };
    let set = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(notes(&house.ann(NOW).await).await, set(&["ours", "everybody's"]));
    assert_eq!(notes(&house.loudou).await, set(&["ours", "theirs", "everybody's"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_offers_what_may_be_referred_to_whether_or_not_a_deal_has_it() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let text = |text: &str| Value::Text(text.into());
    let cara = Facts::default().with(ids::PERSON_NAME, text("Cara")).with(ids::PERSON_TEAM, Value::Ref(house.north));
    let cara = write(&house, Kind::Person, cara).await;
    let gone = Facts::default().with(ids::PERSON_NAME, text("Carl")).with(ids::PERSON_ACTIVE, Value::Bool(false));
    write(&house, Kind::Person, gone).await;
    let valves = write(&house, Kind::Product, Facts::default().with(ids::PRODUCT_NAME, text("Valves"))).await;
    let offered = async |who: &Loudou, kind: &str, q: &str, of: Option<RecordId>| {
        let found = who.choices(kind, q, of, 50).await?;
        Ok::<_, AppError>(found.into_iter().map(|one| (one.id, one.name, one.note)).collect::<Vec<_>>())
    };
    let one = |id, name: &str, note: Option<&str>| vec![(id, name.to_owned(), note.map(str::to_owned))];
    assert_eq!(offered(&ann, "person", "car", None).await, Ok(one(cara, "Cara", Some("North"))));
    assert_eq!(offered(&ann, "product", "ALVE", None).await, Ok(one(valves, "Valves", None)));
    assert_eq!(offered(&ann, "account", "", None).await, Ok(one(house.acme, "Acme", None)), "not those of others");
    assert_eq!(offered(&ann, "team", "", None).await.expect("teams").len(), 2);
    // Contacts are those of a customer in sight.
    let values = object(json!({"name": "Li", "post": "buyer"}));
    let li = ann.create_contact(house.acme, &values).await.expect("a contact");
    assert_eq!(ann.changed_contact(li).await.expect("it is told").name.as_deref(), Some("Li"));
    assert_eq!(offered(&ann, "contact", "", Some(house.acme)).await, Ok(one(li, "Li", Some("buyer"))));
    assert_eq!(fault(ann.create_contact(house.zeta, &values).await), Fault::NotFound);
    assert_eq!(fault(offered(&ann, "contact", "", Some(house.zeta)).await), Fault::NotFound);
    assert_eq!(fault(offered(&ann, "contact", "", None).await), Fault::Input);
    assert_eq!(fault(offered(&ann, "target", "", None).await), Fault::Input);
    assert_eq!(issues(ann.create_contact(house.acme, &object(json!({"post": "buyer"}))).await), ["name: is needed"]);
    let stolen = object(json!({"name": "Li", "account": house.zeta}));
    assert_eq!(issues(ann.create_contact(house.acme, &stolen).await).len(), 1);
    assert_eq!(ann.customer(house.acme, &Ask::default()).await.expect("a page").contacts.len(), 1);
    // They are changed on the version that was read, by those who see their customer.
    let edit = async |who: &Loudou, version: i64, values: Json| who.edit_contact(li, version, &object(values)).await;
    let read = ann.changed_contact(li).await.expect("it is told").version;
    edit(&ann, read, json!({"phone": "021-5555", "post": null})).await.expect("it is changed");
    let told = ann.changed_contact(li).await.expect("it is told");
    assert_eq!((told.name.as_deref(), told.post, told.phone.as_deref()), (Some("Li"), None, Some("021-5555")));
    assert_eq!(fault(edit(&ann, read, json!({"post": "chief"})).await), Fault::Changed);
    assert_eq!(issues(edit(&ann, told.version, json!({"name": " "})).await), ["name: is needed"]);
    assert_eq!(issues(edit(&ann, told.version, json!({"account": house.zeta})).await).len(), 1, "out of sight");
    let bob = house.seen_by(house.bob, Role::Rep, Scope::Person(house.bob), NOW).await;
    assert_eq!(fault(edit(&bob, told.version, json!({"post": "chief"})).await), Fault::NotFound);
    let marketing = house.seen_by(house.ann, Role::Marketing, Scope::All, NOW).await;
    assert_eq!(fault(edit(&marketing, told.version, json!({"post": "chief"})).await), Fault::NotAllowed);
    assert_eq!(fault(offered(&marketing, "person", "", None).await), Fault::NotAllowed);
    assert_eq!(fault(marketing.create_contact(house.acme, &values).await), Fault::NotAllowed);
}
