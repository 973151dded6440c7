//! What needs more than one record, or a past, to be found; scope; mending; the organisation's settings.

use std::collections::BTreeMap;

use app::Ask;
use app::duplicates::{MergeAsk, Picked, Strategy};
use app::quality::{FixAsk, QualityBy, QualityTrendAsk};
use domain::calendar::Grain;
use domain::field::{Value, ids};
use domain::journal::Facts;
use domain::quality::{Change, Of, Settings};
use domain::{Day, Kind, Outcome};
use serde_json::json;

use super::house::{House, fixes, number, scores, text};

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_is_held_against_other_deals_its_past_and_what_was_done() {
    let house = House::new().await;
    let ann = house.person("Ann").await;
    let acme = house.account("Acme", ann).await;
    let now = "2026-11-20T02:00:00Z";
    let sound = house.tell(Kind::Opportunity, None, house.deal("Pump", "lead", ann, acme), now).await;
    assert_eq!(house.fails(Of::Deal, sound).await, Vec::<String>::new());

    // Twins: one name whatever its width and spaces, one amount, one customer.
    let twin = house.tell(Kind::Opportunity, None, house.deal(" ＰＵＭＰ ", "lead", ann, acme), now).await;
    assert_eq!(house.fails(Of::Deal, twin).await, ["twin"]);
    assert_eq!(house.fails(Of::Deal, sound).await, ["twin"]);
    let closed = Facts::default().outcome(Outcome::Lost);
    house.tell(Kind::Opportunity, Some(twin), closed, "2026-11-21T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, sound).await, Vec::<String>::new(), "a closed deal is no twin");
    assert_eq!(house.fails(Of::Deal, twin).await, ["lost_without_reason"]);

    // Silence: 14 days are standard in the stage. Something done breaks it, and so does a change.
    let silent =
        house.tell(Kind::Opportunity, None, house.deal("Fan", "lead", ann, acme), "2026-11-01T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, silent).await, ["silent"], "23 days are above 14 and not above twice 14");
    let visit = Facts::default()
        .with(ids::ACTIVITY_OPPORTUNITY, Value::Ref(silent))
        .with(ids::ACTIVITY_TYPE, text("visit"))
        .with(ids::ACTIVITY_AT, Value::Int(super::house::at("2026-11-18T02:00:00Z").0))
        .with(ids::ACTIVITY_DONE, Value::Bool(true));
    house.tell(Kind::Activity, None, visit, "2026-11-18T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, silent).await, Vec::<String>::new());
    let old = house.tell(Kind::Opportunity, None, house.deal("Old", "lead", ann, acme), "2026-10-20T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, old).await, ["overstay", "silent"]);

    // Evidence: the stage that was left asks for something, and that is not there until it is told.
    let moved = Facts::default().stage(house.process.stage("contact").expect("a stage").id);
    house.tell(Kind::Opportunity, Some(sound), moved, "2026-11-22T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, sound).await, ["evidence_missing"]);
    let back = Facts::default().stage(house.process.stage("lead").expect("a stage").id);
    house.tell(Kind::Opportunity, Some(sound), back, "2026-11-23T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, sound).await, Vec::<String>::new(), "it stands before the gate again");
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_is_told_afterwards_mends() {
    let house = House::new().await;
    let ann = house.person("Ann").await;
    let acme = house.account("Acme", ann).await;
    let deal = house.tell(Kind::Opportunity, None, house.deal("Pump", "lead", ann, acme), "2026-11-20T02:00:00Z").await;
    let next = Facts::default().stage(house.process.stage("contact").expect("a stage").id);
    house.tell(Kind::Opportunity, Some(deal), next, "2026-11-22T02:00:00Z").await;
    let stage = house.process.stage("lead").expect("a stage");
    let exit = stage.exit.as_ref().expect("it asks for something");
    let mut facts = Facts::default();
    let mut object = serde_json::Map::new();
    for name in exit.fields.iter().cloned().chain(exit.expr.iter().flat_map(|expr| expr.fields()).map(str::to_owned)) {
        match domain::field::named(Kind::Opportunity, &name).map(|def| (def.id, def.ty)) {
            Some((id, domain::field::FieldType::Text)) => facts.put(id, text("told")),
            Some((id, domain::field::FieldType::Ref(_))) => facts.put(id, Value::Ref(acme)),
            Some((id, domain::field::FieldType::Day)) => facts.put(id, Value::Int(20_800)),
            Some(_) => {}
            None => {
                object.insert(name, json!("told"));
            }
        }
    }
    facts.put(ids::OPPORTUNITY_FACTS, Value::Json(json!(object).to_string().into()));
    for action in &exit.actions {
        let done = Facts::default()
            .with(ids::ACTIVITY_OPPORTUNITY, Value::Ref(deal))
            .with(ids::ACTIVITY_TYPE, text(action))
            .with(ids::ACTIVITY_AT, Value::Int(super::house::at("2026-11-23T02:00:00Z").0))
            .with(ids::ACTIVITY_DONE, Value::Bool(true));
        house.tell(Kind::Activity, None, done, "2026-11-23T02:00:00Z").await;
    }
    assert_eq!(house.fails(Of::Deal, deal).await, ["evidence_missing"]);
    house.tell(Kind::Opportunity, Some(deal), facts, "2026-11-23T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, deal).await, Vec::<String>::new());
}

/// What was done about a merged deal was done about the survivor, and what names a merged customer names its survivor.
#[tokio::test(flavor = "multi_thread")]
async fn merged_records_are_judged_as_the_one_that_stays() {
    let house = House::new().await;
    let ann = house.person("Ann").await;
    let (acme, zeta) = (house.account("Acme", ann).await, house.account("Zeta", ann).await);
    let (old, new) = ("2026-11-01T02:00:00Z", "2026-11-18T02:00:00Z");
    let tell = async |name: &str, account, when| {
        house.tell(Kind::Opportunity, None, house.deal(name, "lead", ann, account), when).await
    };
    let (fan, pump) = (tell("Fan", acme, old).await, tell("Pump", zeta, new).await);
    let (twin, again) = (tell("Pump", acme, new).await, tell("Fan again", acme, old).await);
    let visit = Facts::default()
        .with(ids::ACTIVITY_OPPORTUNITY, Value::Ref(again))
        .with(ids::ACTIVITY_TYPE, text("visit"))
        .with(ids::ACTIVITY_AT, Value::Int(super::house::at(new).0))
        .with(ids::ACTIVITY_DONE, Value::Bool(true));
    house.tell(Kind::Activity, None, visit, new).await;
    let contact = Facts::default()
        .with(ids::CONTACT_NAME, text("Wang"))
        .with(ids::CONTACT_ACCOUNT, Value::Ref(zeta))
        .with(ids::CONTACT_EMAIL, text("wang at zeta"));
    house.tell(Kind::Contact, None, contact, new).await;
    let sound: &[&str] = &[];
    let (bare, unsound) =
        (["industry_missing", "region_missing"], ["contact_form", "industry_missing", "region_missing"]);
    let judged = async || {
        let mut all = Vec::new();
        for deal in [fan, pump, twin] {
            all.push(house.fails(Of::Deal, deal).await);
        }
        all.push(house.fails(Of::Customer, acme).await);
        all
    };
    assert_eq!(judged().await, [&["silent"][..], sound, sound, &bare]);
    let merge = async |kind, from, into| {
        let picked = |id| Picked { id, version: None };
        let (survivor, merged) = (picked(into), vec![picked(from)]);
        let ask = MergeAsk { kind, survivor, merged, strategy: Strategy::Survivor, fields: BTreeMap::new() };
        house.loudou.merge(&ask).await.expect("they are merged").merges[0]
    };
    let deals = merge(Kind::Opportunity, again, fan).await;
    let customers = merge(Kind::Account, zeta, acme).await;
    assert_eq!(judged().await, [sound, &["twin"], &["twin"], &unsound]);
    // What was known the day before knew of two.
    let before = Ask { known_at: Day::parse("2026-11-23"), ..Ask::default() };
    for (rule, records) in [("silent", 1), ("twin", 0), ("contact_form", 1)] {
        let ask = FixAsk { common: before.clone(), rule: Some(rule.to_owned()), ..FixAsk::default() };
        assert_eq!(fixes(&house.loudou, ask).await.records, records, "{rule}");
    }
    house.loudou.undo_merge(deals).await.expect("it comes back");
    house.loudou.undo_merge(customers).await.expect("it comes back");
    assert_eq!(judged().await, [&["silent"][..], sound, sound, &bare]);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_judged_with_their_contacts_and_forget_what_is_erased() {
    let house = House::new().await;
    let ann = house.person("Ann").await;
    let acme = house.account("Acme", ann).await;
    assert_eq!(house.fails(Of::Customer, acme).await, ["industry_missing", "region_missing"]);
    let facts = Facts::default()
        .with(ids::ACCOUNT_TAX_NUMBER, text("91440300708461136X"))
        .with(ids::ACCOUNT_PHONE, text("1111111"));
    house.tell(Kind::Account, Some(acme), facts, "2026-11-20T02:00:00Z").await;
    let contact = Facts::default()
        .with(ids::CONTACT_NAME, text("Wang"))
        .with(ids::CONTACT_ACCOUNT, Value::Ref(acme))
        .with(ids::CONTACT_EMAIL, text("wang at acme"));
    let wang = house.tell(Kind::Contact, None, contact, "2026-11-20T02:00:00Z").await;
    let all = ["contact_form", "industry_missing", "phone_form", "region_missing", "tax_number_form"];
    assert_eq!(house.fails(Of::Customer, acme).await, all);
    let mended = Facts::default().with(ids::CONTACT_EMAIL, text("wang@acme.cn"));
    house.tell(Kind::Contact, Some(wang), mended, "2026-11-21T02:00:00Z").await;
    let mended = Facts::default().with(ids::ACCOUNT_TAX_NUMBER, text("91440300708461136T"));
    house.tell(Kind::Account, Some(acme), mended, "2026-11-21T02:00:00Z").await;
    assert_eq!(house.fails(Of::Customer, acme).await, ["industry_missing", "phone_form", "region_missing"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_record_leaves_the_list_and_a_past_day_keeps_its_score() {
    let house = House::new().await;
    let ann = house.person("Ann").await;
    let acme = house.account("Acme", ann).await;
    let late = house.deal("Late", "lead", ann, acme).expected_close_on(Day::parse("2026-11-10"));
    let deal = house.tell(Kind::Opportunity, None, late, "2026-11-15T02:00:00Z").await;
    let seller = house.seller(ann).await;
    let ask = || FixAsk { rule: Some("close_past".to_owned()), ..FixAsk::default() };
    let list = fixes(&seller, ask()).await;
    assert_eq!(
        (list.records, list.rows[0].id, list.rows[0].rules[0].field.as_deref()),
        (1, deal, Some("expected_close_on"))
    );
    assert_eq!(list.rows[0].name.as_deref(), Some("Late"));
    let before = scores(&seller, &Ask::default(), QualityBy::All).await;

    let version = seller.deal(deal, None, None).await.expect("it is there").version;
    let values = json!({"expected_close_on": "2027-02-01"}).as_object().cloned().expect("an object");
    seller.edit_deal(deal, version, &values).await.expect("it is mended");
    assert_eq!(fixes(&seller, ask()).await.records, 0);
    let after = scores(&seller, &Ask::default(), QualityBy::All).await;
    assert!(number(&after, &after.rows[0], "deals_score") > number(&before, &before.rows[0], "deals_score"));

    // The day before still says what was true then.
    let yesterday = Ask { as_of: Day::parse("2026-11-23"), ..Ask::default() };
    assert_eq!(fixes(&seller, FixAsk { common: yesterday.clone(), ..ask() }).await.records, 1);
    let trend = QualityTrendAsk { common: Ask::default(), every: Grain::Month, points: 2 };
    let trend = seller.quality_trend(&trend).await.expect("it answers");
    assert_eq!(number(&trend, &trend.rows[1], "score"), number(&after, &after.rows[0], "score"));
    assert_eq!(number(&trend, &trend.rows[0], "deals"), Some(0.0), "nothing stood at the end of October");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_sees_the_quality_of_their_own_records() {
    let house = House::new().await;
    let (ann, bob) = (house.person("Ann").await, house.person("Bob").await);
    let (acme, zeta) = (house.account("Acme", ann).await, house.account("Zeta", bob).await);
    let late = |name: &str, owner, account| {
        house.deal(name, "lead", owner, account).expected_close_on(Day::parse("2026-11-10"))
    };
    let hers = house.tell(Kind::Opportunity, None, late("Hers", ann, acme), "2026-11-15T02:00:00Z").await;
    let his = house.tell(Kind::Opportunity, None, late("His", bob, zeta), "2026-11-15T02:00:00Z").await;
    let seller = house.seller(ann).await;
    let seen = |of| FixAsk { of: Some(of), ..FixAsk::default() };
    let ids = |list: app::quality::FixList| list.rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(fixes(&seller, seen(Of::Deal)).await), [hers]);
    assert_eq!(ids(fixes(&seller, seen(Of::Customer)).await), [acme]);
    assert_eq!(ids(fixes(&house.loudou, seen(Of::Customer)).await), [acme, zeta]);
    assert_eq!(fixes(&seller, FixAsk { person: Some(bob), ..FixAsk::default() }).await.records, 0);
    assert!(seller.quality_of(Of::Deal, his, None, None).await.is_err());
    assert!(seller.quality_of(Of::Customer, zeta, None, None).await.is_err());
    // A twin that is out of sight is told to nobody; whoever sees both is told of both.
    let twin = |owner| house.deal("Twin", "lead", owner, acme);
    let own = house.tell(Kind::Opportunity, None, twin(ann), "2026-11-20T02:00:00Z").await;
    house.tell(Kind::Opportunity, None, twin(bob), "2026-11-20T02:00:00Z").await;
    let twins = |list: app::quality::FixList| list.rows.iter().filter(|row| row.rules[0].key == "twin").count();
    assert_eq!(twins(fixes(&house.loudou, seen(Of::Deal)).await), 2);
    assert_eq!(twins(fixes(&seller, seen(Of::Deal)).await), 0);
    assert!(seller.quality_of(Of::Deal, own, None, None).await.expect("it is hers").1.is_empty());
    house.tell(Kind::Opportunity, None, twin(ann), "2026-11-20T02:00:00Z").await;
    assert_eq!(twins(fixes(&house.loudou, seen(Of::Deal)).await), 3);
    assert_eq!(twins(fixes(&seller, seen(Of::Deal)).await), 2);
    let people = scores(&seller, &Ask::default(), QualityBy::Person).await;
    assert_eq!(people.rows.len(), 1);
    assert!(seller.set_quality_rules(&Settings::default()).await.is_err(), "sellers set no rules");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_follow_the_organisation() {
    let house = House::new().await;
    let ann = house.person("Ann").await;
    let acme = house.account("Acme", ann).await;
    let late = house.deal("Late", "lead", ann, acme).expected_close_on(Day::parse("2026-11-10"));
    let deal = house.tell(Kind::Opportunity, None, late, "2026-11-01T02:00:00Z").await;
    assert_eq!(house.fails(Of::Deal, deal).await, ["close_past", "silent"]);
    let score =
        async || house.loudou.quality_of(Of::Deal, deal, None, None).await.expect("it is there").0.expect("a score");
    let before = score().await;
    let set = async |key: &str, change: Change| {
        let settings = Settings(BTreeMap::from([(key.to_owned(), change)]));
        house.loudou.set_quality_rules(&settings).await
    };
    set("silent", Change { threshold: Some(30), ..Change::default() }).await.expect("it fits");
    assert_eq!(house.fails(Of::Deal, deal).await, ["close_past"]);
    set("close_past", Change { off: true, ..Change::default() }).await.expect("it fits");
    assert_eq!(house.fails(Of::Deal, deal).await, ["silent"], "what is not named is as built in");
    set("close_past", Change { weight: Some(0), ..Change::default() }).await.expect("it fits");
    assert!(score().await > before);
    assert!(set("no_such_rule", Change::default()).await.is_err());
    assert!(
        fixes(&house.loudou, FixAsk { rule: Some("close_past".to_owned()), ..FixAsk::default() }).await.records == 1
    );
    let unknown = FixAsk { rule: Some("late".into()), limit: 1, ..FixAsk::default() };
    assert!(house.loudou.quality_fixes(&unknown).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_alike_are_told_until_they_are_one_or_said_to_be_two() {
    let house = House::new().await;
    let (ann, bob) = (house.person("Ann").await, house.person("Bob").await);
    let acme = house.account("Acme Ltd", ann).await;
    let (wide, other) = (house.account(" ＡＣＭＥ  ltd ", bob).await, house.account("Zeta", ann).await);
    let number = |number: &str| Facts::default().with(ids::ACCOUNT_TAX_NUMBER, text(number));
    let alike = async |loudou: &app::Loudou| {
        let ask = FixAsk { rule: Some("customer_alike".to_owned()), ..FixAsk::default() };
        let mut ids: Vec<_> = fixes(loudou, ask).await.rows.iter().map(|row| row.id).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(alike(&house.loudou).await, [acme, wide]);
    // That there is one out of sight is told to nobody.
    let seller = house.seller(ann).await;
    assert_eq!(alike(&seller).await, [0; 0]);
    // A tax number in common, however it is written, beside the name.
    house.tell(Kind::Account, Some(acme), number("91440300708461136t"), "2026-11-20T02:00:00Z").await;
    house.tell(Kind::Account, Some(other), number("9144 0300 7084 6113 6T"), "2026-11-20T02:00:00Z").await;
    assert_eq!(alike(&house.loudou).await, [acme, wide, other]);
    assert_eq!(alike(&seller).await, [acme, other]);
    // What stands for no number, and one name with two numbers that are no slips of the pen, are no likeness.
    let (north, south) = (house.account("Nova", ann).await, house.account("Nova", ann).await);
    for (customer, told) in [(north, "N/A"), (wide, "n/a"), (south, "000000")] {
        house.tell(Kind::Account, Some(customer), number(told), "2026-11-20T02:00:00Z").await;
    }
    assert_eq!(alike(&house.loudou).await, [acme, wide, other, north, south], "by their names");
    house.tell(Kind::Account, Some(north), number("91110000600037341L"), "2026-11-21T02:00:00Z").await;
    assert_eq!(alike(&house.loudou).await, [acme, wide, other, north, south], "one of them has none");
    house.tell(Kind::Account, Some(south), number("91310000775785552L"), "2026-11-21T02:00:00Z").await;
    assert_eq!(alike(&house.loudou).await, [acme, wide, other]);
    // Said to be two: of the third it is still asked.
    house.loudou.keep_apart(Kind::Account, &[acme, wide]).await.expect("it is kept");
    assert_eq!(alike(&house.loudou).await, [acme, other]);
    house.loudou.keep_apart(Kind::Account, &[acme, wide, other]).await.expect("it is kept");
    assert_eq!(alike(&house.loudou).await, [0; 0]);
    // Each day has its own: before numbers were told there were two pairs of one name, and one of them is set apart.
    let before = Ask { as_of: Day::parse("2026-11-10"), ..Ask::default() };
    let ask = FixAsk { common: before, rule: Some("customer_alike".to_owned()), ..FixAsk::default() };
    assert_eq!(fixes(&house.loudou, ask).await.records, 2);
    // Merged, there is one.
    let third = house.account("zeta", bob).await;
    assert_eq!(alike(&house.loudou).await, [other, third]);
    let picked = |id| Picked { id, version: None };
    let (survivor, merged, fields) = (picked(other), vec![picked(third)], BTreeMap::new());
    let ask = MergeAsk { kind: Kind::Account, survivor, merged, strategy: Strategy::Survivor, fields };
    house.loudou.merge(&ask).await.expect("they are merged");
    assert_eq!(alike(&house.loudou).await, [0; 0]);
}
