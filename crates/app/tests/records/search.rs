//! Contacts and records of the chain are found by number, name and customer, by whoever sees them, and by nobody else.

use super::*;

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// Of each of Ann's Acme and Bob's Zeta: a record of every kind of the chain and a contact; beside them what is nobody's.
async fn records(house: &House) {
    for (account, deal, owner, mark) in
        [(house.acme, house.pump, house.ann, "N"), (house.zeta, house.valve, house.bob, "S")]
    {
        let number = |kind: &str| text(&format!("{kind}-{mark}1"));
        let account = Value::Ref(account);
        let contact = Facts::default()
            .with(ids::CONTACT_NAME, text(&format!("王小{mark}")))
            .with(ids::CONTACT_PHONE, text(&format!("1380013{mark}")))
            .with(ids::CONTACT_ACCOUNT, account.clone());
        write(house, Kind::Contact, contact).await;
        let lead = Facts::default()
            .with(ids::LEAD_COMPANY, number("Nova"))
            .with(ids::LEAD_NAME, text(&format!("Lena {mark}")));
        write(house, Kind::Lead, lead.with(ids::LEAD_OWNER, Value::Ref(owner))).await;
        let contract = Facts::default().with(ids::CONTRACT_NUMBER, number("HT"));
        let contract = write(house, Kind::Contract, contract.with(ids::CONTRACT_OPPORTUNITY, Value::Ref(deal))).await;
        let order =
            Facts::default().with(ids::ORDER_NUMBER, number("SO")).with(ids::ORDER_CONTRACT, Value::Ref(contract));
        let order = write(house, Kind::Order, order).await;
        let invoice =
            Facts::default().with(ids::INVOICE_NUMBER, number("FP")).with(ids::INVOICE_ORDER, Value::Ref(order));
        let invoice = write(house, Kind::Invoice, invoice).await;
        let payment =
            Facts::default().with(ids::PAYMENT_NUMBER, number("HK")).with(ids::PAYMENT_INVOICE, Value::Ref(invoice));
        write(house, Kind::Payment, payment).await;
        let request = Facts::default()
            .with(ids::SERVICE_REQUEST_NUMBER, number("QS"))
            .with(ids::SERVICE_REQUEST_SUBJECT, text(&format!("noise {mark}")))
            .with(ids::SERVICE_REQUEST_ACCOUNT, account);
        write(house, Kind::ServiceRequest, request).await;
    }
    write(house, Kind::Contact, Facts::default().with(ids::CONTACT_NAME, text("王无主"))).await;
    write(house, Kind::Lead, Facts::default().with(ids::LEAD_COMPANY, text("Nova-?"))).await;
    write(house, Kind::Order, Facts::default().with(ids::ORDER_NUMBER, text("SO-?"))).await;
}

/// Kind, title and customer of every hit, and names and customers of contacts.
async fn found(who: &Loudou, q: &str) -> Vec<String> {
    let hits = who.search(q).await.expect("hits");
    let name = |member: &Option<app::records::Member>| member.as_ref().map_or("-".to_owned(), |one| one.name.clone());
    let records = hits
        .records
        .iter()
        .map(|hit| format!("{} {} {}", hit.kind.as_str(), hit.title.as_deref().unwrap_or("-"), name(&hit.customer)));
    let contacts = hits
        .contacts
        .iter()
        .map(|hit| format!("contact {} {}", hit.contact.name.as_deref().unwrap_or("-"), name(&hit.customer)));
    records.chain(contacts).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_found_by_number_name_and_customer_within_sight() {
    let house = house().await;
    records(&house).await;
    let (ann, north, all) = (house.ann(NOW).await, house.head_of_north(NOW).await, &house.loudou);
    let whole = |mark: &str, customer: &str| {
        vec![
            format!("contract HT-{mark}1 {customer}"),
            format!("order SO-{mark}1 {customer}"),
            format!("invoice FP-{mark}1 {customer}"),
            format!("payment HK-{mark}1 {customer}"),
            format!("service_request noise {mark} {customer}"),
        ]
    };
    for (q, own, everybody) in [
        ("so-", vec!["order SO-N1 Acme"], vec!["order SO-? -", "order SO-S1 Zeta", "order SO-N1 Acme"]),
        ("ｆｐ－ｎ", vec!["invoice FP-N1 Acme"], vec!["invoice FP-N1 Acme"]),
        ("HK-S1", vec![], vec!["payment HK-S1 Zeta"]),
        (
            "noise",
            vec!["service_request noise N Acme"],
            vec!["service_request noise S Zeta", "service_request noise N Acme"],
        ),
        ("qs-n", vec!["service_request noise N Acme"], vec!["service_request noise N Acme"]),
        ("nova", vec!["lead Nova-N1 -"], vec!["lead Nova-? -", "lead Nova-S1 -", "lead Nova-N1 -"]),
        ("lena", vec!["lead Nova-N1 -"], vec!["lead Nova-S1 -", "lead Nova-N1 -"]),
        ("LENA S", vec![], vec!["lead Nova-S1 -"]),
        ("王", vec!["contact 王小N Acme"], vec!["contact 王无主 -", "contact 王小S Zeta", "contact 王小N Acme"]),
        ("1380013s", vec![], vec!["contact 王小S Zeta"]),
        ("100%", vec![], vec![]),
        ("_", vec![], vec![]),
        ("  ", vec![], vec![]),
    ] {
        assert_eq!(found(all, q).await, everybody, "{q}");
        assert_eq!(found(&ann, q).await, own, "{q}");
        assert_eq!(found(&north, q).await, own, "{q}");
    }
    assert_eq!(found(&ann, "acme").await, whole("N", "Acme"));
    assert_eq!(found(all, "Zeta").await, whole("S", "Zeta"));
    assert_eq!(found(&ann, "zeta").await, [""; 0], "a customer out of sight leads to nothing");
    let hits = ann.search("ht-").await.expect("hits");
    assert_eq!(hits.records[0].opportunity.as_ref().map(|deal| deal.id), Some(house.pump));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_little_finds_it_behind_much_that_others_see() {
    let house = house().await;
    let contact = |name: String, account| {
        Facts::default()
            .with(ids::CONTACT_NAME, Value::Text(name.into()))
            .with(ids::CONTACT_ACCOUNT, Value::Ref(account))
    };
    write(&house, Kind::Contact, contact("Li own".to_owned(), house.acme)).await;
    for number in 0..600 {
        write(&house, Kind::Contact, contact(format!("Li {number}"), house.zeta)).await;
    }
    assert_eq!(found(&house.ann(NOW).await, "li").await, ["contact Li own Acme"]);
    assert_eq!(found(&house.loudou, "li").await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_of_a_merged_customer_is_found_by_the_one_that_stays() {
    let house = house().await;
    records(&house).await;
    let picked = |id| app::duplicates::Picked { id, version: None };
    let merge = app::duplicates::MergeAsk {
        kind: Kind::Account,
        survivor: picked(house.acme),
        merged: vec![picked(house.zeta)],
        strategy: app::duplicates::Strategy::Survivor,
        fields: std::collections::BTreeMap::new(),
    };
    let merge = house.loudou.merge(&merge).await.expect("they are merged").merges[0];
    let of_acme = found(&house.loudou, "acme").await;
    assert!(of_acme.contains(&"payment HK-S1 Acme".to_owned()), "{of_acme:?}");
    assert_eq!(found(&house.loudou, "1380013s").await, ["contact 王小S Acme"]);
    house.loudou.undo_merge(merge).await.expect("it comes back");
    assert_eq!(found(&house.loudou, "hk-s").await, ["payment HK-S1 Zeta"]);
}
