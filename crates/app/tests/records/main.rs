//! Deals, customers and targets: read, changed, moved and made, by whoever may, on the version that was read.

mod chain;
mod gates;
mod past;
mod search;
mod sight;

use std::collections::BTreeSet;
use std::sync::Arc;

use app::answer::Cell;
use app::records::{
    CustomersAsk, DealsAsk, EditError, MoveAsk, NeedKind, PivotAsk, TargetsAsk, TimelineAsk, TimelineKind,
};
use app::{AppError, Ask, Fault, Loudou, Organisation, Place, Who};
use domain::field::{Value, ids};
use domain::journal::{Facts, Op, SYSTEM_ACTOR};
use domain::people::{May, Role};
use domain::{Currency, Instant, Kind, Outcome, RecordId, Scope};
use serde_json::{Map, Value as Json, json};
use store::{Draft, Store};
use tempfile::TempDir;

fn at(text: &str) -> Instant {
    Instant::from_datetime(text.parse().expect("a time"))
}

/// Ann of North and Bob of South, a customer each, and a deal each in the first stage since October.
struct House {
    loudou: Loudou,
    ann: RecordId,
    bob: RecordId,
    acme: RecordId,
    zeta: RecordId,
    north: RecordId,
    pump: RecordId,
    valve: RecordId,
    dir: TempDir,
}

async fn house() -> House {
    let dir = tempfile::tempdir().expect("a folder");
    let place = Place { dir: dir.path().to_owned(), database_url: None, fresh_id: 1 };
    let loudou = Loudou::init(&place, &Organisation::default(), at("2026-11-24T02:00:00Z")).await.expect("it is made");
    let process = app::process::read("b2b-seven").expect("it is ready-made");
    let process = loudou.add_process(&process).await.expect("it is added").0;
    let store = Store::open(&place.url().expect("a path"), 1).await.expect("it opens");
    let mut writer = store.begin().await.expect("a writer");
    let first = writer.allocate(8);
    let id = |number: i64| first + number;
    let text = |text: &str| Value::Text(text.into());
    let person =
        |name, team| Facts::default().with(ids::PERSON_NAME, text(name)).with(ids::PERSON_TEAM, Value::Ref(team));
    let account =
        |name, owner| Facts::default().with(ids::ACCOUNT_NAME, text(name)).with(ids::ACCOUNT_OWNER, Value::Ref(owner));
    let deal = |name, account, owner, team, minor| {
        Facts::default()
            .stage(process.stages[0].id)
            .outcome(Outcome::Open)
            .amount_minor(Some(minor))
            .currency(Some(Currency::CNY))
            .owner(Some(owner))
            .team(Some(team))
            .with(ids::OPPORTUNITY_NAME, text(name))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(i64::from(process.id.expect("an id").0)))
            .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(account))
    };
    let records = [
        (Kind::Team, Facts::default().with(ids::TEAM_NAME, text("North"))),
        (Kind::Team, Facts::default().with(ids::TEAM_NAME, text("South"))),
        (Kind::Person, person("Ann", id(0))),
        (Kind::Person, person("Bob", id(1))),
        (Kind::Account, account("Acme", id(2))),
        (Kind::Account, account("Zeta", id(3))),
        (Kind::Opportunity, deal("Pump", id(4), id(2), id(0), 1_000_000)),
        (Kind::Opportunity, deal("Valve", id(5), id(3), id(1), 500_000)),
    ];
    let when = at("2026-10-05T02:00:00Z");
    let drafts = (first..).zip(records).map(|(record, (kind, facts))| Draft {
        kind,
        record,
        effective_at: when,
        known_at: when,
        source_seq: 0,
        import: None,
        actor: SYSTEM_ACTOR,
        op: Op::Assert(facts),
    });
    writer.append(drafts.collect(), when).await.expect("they fit");
    writer.commit().await.expect("they are written");
    House { loudou, north: id(0), ann: id(2), bob: id(3), acme: id(4), zeta: id(5), pump: id(6), valve: id(7), dir }
}

impl House {
    async fn seen_by(&self, actor: RecordId, role: Role, scope: Scope, time: &str) -> Loudou {
        let may: BTreeSet<May> = role.may().iter().copied().collect();
        let who = Who { name: "somebody".to_owned(), actor, roles: BTreeSet::from([role]), may, scope };
        self.loudou.session(Arc::new(who), at(time)).await.expect("a session")
    }

    async fn ann(&self, time: &str) -> Loudou {
        self.seen_by(self.ann, Role::Rep, Scope::Person(self.ann), time).await
    }

    async fn head_of_north(&self, time: &str) -> Loudou {
        let scope = Scope::Teams { teams: BTreeSet::from([self.north]), person: Some(self.ann) };
        self.seen_by(self.ann, Role::Manager, scope, time).await
    }
}

#[allow(clippy::needless_pass_by_value, reason = "written where it is used")]
fn object(json: Json) -> Map<String, Json> {
    json.as_object().cloned().expect("an object")
}

fn issues<T: std::fmt::Debug>(result: Result<T, EditError>) -> Vec<String> {
    match result.expect_err("it breaks rules") {
        EditError::Fields(issues) => {
            issues.into_iter().map(|issue| format!("{}: {}", issue.field, issue.message)).collect()
        }
        EditError::App(error) => panic!("{error:?}"),
    }
}

fn fault<T: std::fmt::Debug>(result: Result<T, impl Into<EditError>>) -> Fault {
    match result.expect_err("it is refused").into() {
        EditError::App(AppError { fault, .. }) => fault,
        EditError::Fields(issues) => panic!("{issues:?}"),
    }
}

const NOW: &str = "2026-11-24T02:00:00Z";

#[tokio::test(flavor = "multi_thread")]
async fn a_page_tells_fields_path_and_what_is_missing() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    assert_eq!(page.deal.name.as_deref(), Some("Pump"));
    assert_eq!(page.process, Some(("b2b-seven".to_owned(), 1)));
    let lead = &page.path[0];
    assert_eq!((lead.key.as_str(), lead.days, lead.visits, lead.current), ("lead", 50, 1, true));
    assert!(page.path[1..].iter().all(|stage| stage.entered_on.is_none() && !stage.current));
    let missing = page.missing.expect("a gate is ahead");
    let missing: Vec<_> = missing.iter().map(|need| (need.kind, need.key.as_str(), need.en.as_str())).collect();
    let told = [
        (NeedKind::Field, "source_channel", "Source channel"),
        (NeedKind::Field, "contact", "Contact"),
        (NeedKind::Action, "verify_lead", "Check company and contact; complete the registration data"),
        (NeedKind::Action, "first_contact", "First contact inside 24 hours; agree on the next one"),
    ];
    assert_eq!(missing, told);
    let field = |name: &str| page.fields.iter().find(|field| field.name == name).expect("a field");
    assert_eq!(field("owner").value, json!({"id": house.ann, "name": "Ann"}));
    assert_eq!(field("stage").value["key"], json!("lead"));
    assert!(field("amount_minor").editable && !field("stage").editable);
    let before = ann.deal(house.pump, domain::Day::parse("2026-10-04"), None).await.expect_err("not yet there");
    assert_eq!(before.fault, Fault::NotFound);
    let past = ann.deal(house.pump, domain::Day::parse("2026-10-10"), None).await.expect("a page of the past");
    assert!(!past.editable && past.path[0].days == 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_scope_is_not_there_in_any_call() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let values = object(json!({"next_step": "call"}));
    assert_eq!(fault(ann.deal(house.valve, None, None).await), Fault::NotFound);
    assert_eq!(fault(ann.deal_timeline(house.valve, &TimelineAsk::default()).await), Fault::NotFound);
    assert_eq!(fault(ann.edit_deal(house.valve, 8, &values).await), Fault::NotFound);
    assert_eq!(fault(ann.move_deal(house.valve, 8, &MoveAsk::default()).await), Fault::NotFound);
    assert_eq!(fault(ann.customer(house.zeta, &Ask::default()).await), Fault::NotFound);
    assert_eq!(fault(ann.edit_customer(house.zeta, 6, &object(json!({"grade": "A"}))).await), Fault::NotFound);
    assert_eq!(fault(ann.deal(999_999, None, None).await), Fault::NotFound);
    let told = |error: AppError| error.to_string().replace(&house.valve.to_string(), "N").replace("999999", "N");
    assert_eq!(
        told(ann.deal(house.valve, None, None).await.expect_err("out of scope")),
        told(ann.deal(999_999, None, None).await.expect_err("nowhere")),
    );
    let found = ann.search("e").await.expect("hits");
    assert_eq!(found.customers.iter().map(|hit| hit.name.as_str()).collect::<Vec<_>>(), ["Acme"]);
    let all = ann.deals(&DealsAsk { limit: 10, ..DealsAsk::default() }).await.expect("a list");
    assert_eq!((all.rows.len(), all.sums.amount_minor), (1, Some(1_000_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_made_on_the_version_that_was_read_and_told_by_field() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    let wrong = json!({
        "amount_minor": "much", "expected_close_on": "2026-02-30", "account": house.zeta, "stage": "proof", "nmae": "x",
        "owner": 424_242, "name": "",
    });
    let told = issues(ann.edit_deal(house.pump, version, &object(wrong)).await);
    assert_eq!(told.len(), 7, "{told:?}");
    for expected in [
        "amount_minor: must be a whole number",
        "stage: is changed by a move, not by an edit",
        "nmae: is no field; did you mean name?",
        "owner: there is no person 424242",
        "name: is needed",
    ] {
        assert!(told.iter().any(|issue| issue == expected), "{expected}: {told:?}");
    }
    assert!(
        told.iter().any(|issue| issue.starts_with("account: there is no account")),
        "a customer of others: {told:?}"
    );
    let values = object(json!({"amount_minor": 2_000_000, "next_step": " call ", "expected_close_on": "2026-12-20"}));
    ann.edit_deal(house.pump, version, &values).await.expect("it is changed");
    assert_eq!(fault(ann.edit_deal(house.pump, version, &values).await), Fault::Changed);
    let page = ann.deal(house.pump, None, None).await.expect("a page");
    assert_eq!((page.deal.amount_minor, page.deal.next_step.as_deref()), (Some(2_000_000), Some("call")));
    let timeline = ann.deal_timeline(house.pump, &TimelineAsk::default()).await.expect("a timeline");
    let last = &timeline.items[0];
    assert_eq!((last.kind, last.actor.as_deref()), (TimelineKind::Change, Some("Ann")));
    let amount = last.changes.iter().find(|change| change.field == "amount_minor").expect("it changed");
    assert_eq!((&amount.old, &amount.new), (&json!(1_000_000), &json!(2_000_000)));
    assert_eq!(timeline.items[1].kind, TimelineKind::Created);
    let marketing = house.seen_by(house.ann, Role::Marketing, Scope::All, NOW).await;
    assert_eq!(fault(marketing.edit_deal(house.pump, version, &values).await), Fault::NotAllowed);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hands_a_deal_over_has_it_no_more() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    ann.edit_deal(house.pump, version, &object(json!({"owner": house.bob}))).await.expect("it is handed over");
    assert_eq!(fault(ann.deal(house.pump, None, None).await), Fault::NotFound);
    assert_eq!(ann.deals(&DealsAsk { limit: 10, ..DealsAsk::default() }).await.expect("a list").rows, []);
}

async fn write(house: &House, kind: Kind, facts: Facts) -> RecordId {
    let store =
        Store::open(&format!("sqlite://{}", house.dir.path().join("loudou.db").display()), 1).await.expect("it opens");
    let mut writer = store.begin().await.expect("a writer");
    let record = writer.allocate(1);
    let (when, op) = (at("2026-10-06T02:00:00Z"), Op::Assert(facts));
    let draft = Draft {
        kind,
        record,
        effective_at: when,
        known_at: when,
        source_seq: 0,
        import: None,
        actor: SYSTEM_ACTOR,
        op,
    };
    writer.append(vec![draft], when).await.expect("it fits");
    writer.commit().await.expect("it is written");
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_is_ones_own_unless_said_otherwise() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    assert_eq!(issues(ann.create_deal(&object(json!({"stage": "won"}))).await).len(), 2);
    let deal = ann
        .create_deal(&object(json!({"name": "Seal", "account": house.acme, "amount_minor": 5})))
        .await
        .expect("a deal");
    let page = ann.deal(deal, None, None).await.expect("a page");
    assert_eq!(page.deal.owner.as_ref().map(|owner| owner.name.as_str()), Some("Ann"));
    assert_eq!(page.deal.team.as_ref().map(|team| team.name.as_str()), Some("North"));
    assert_eq!(
        (page.deal.currency, page.deal.stage.map(|stage| stage.key)),
        (Some(Currency::CNY), Some("lead".to_owned()))
    );
    let customer = ann.create_customer(&object(json!({"name": "Newco", "phone": "123"}))).await.expect("a customer");
    let page = ann.customer(customer, &Ask::default()).await.expect("a page");
    assert_eq!((page.row.customer.name.as_str(), page.row.deals), ("Newco", 0));
    assert_eq!(issues(ann.create_customer(&object(json!({"grade": "A"}))).await), ["name: is needed"]);
    ann.edit_customer(customer, page.version, &object(json!({"grade": "A"}))).await.expect("it is changed");
    assert_eq!(fault(ann.edit_customer(customer, page.version, &object(json!({"grade": "B"}))).await), Fault::Changed);
    let timeline = ann.customer_timeline(customer, &TimelineAsk::default()).await.expect("a timeline");
    assert_eq!(timeline.items.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_those_of_ones_deals_and_ones_own() {
    let house = house().await;
    let names = async |loudou: &Loudou, ask: &CustomersAsk| {
        let list = loudou.customers(ask).await.expect("a list");
        (list.rows.iter().map(|row| row.customer.name.clone()).collect::<Vec<_>>(), list.sums.2, list.next_cursor)
    };
    let ask = CustomersAsk { limit: 10, ..CustomersAsk::default() };
    assert_eq!(names(&house.loudou, &ask).await, (vec!["Acme".to_owned(), "Zeta".to_owned()], Some(1_500_000), None));
    assert_eq!(names(&house.ann(NOW).await, &ask).await, (vec!["Acme".to_owned()], Some(1_000_000), None));
    // Bob's customer is seen by Ann once she has a deal there, with her part of it.
    let values = object(json!({"name": "Seal", "account": house.zeta, "owner": house.ann, "amount_minor": 7}));
    house.loudou.create_deal(&values).await.expect("a deal");
    assert_eq!(
        names(&house.ann(NOW).await, &CustomersAsk { q: "ZE".to_owned(), ..ask.clone() }).await,
        (vec!["Zeta".to_owned()], Some(7), None)
    );
    let (first, sum, cursor) =
        names(&house.loudou, &CustomersAsk { sort: "-open_minor".to_owned(), limit: 1, ..ask.clone() }).await;
    assert_eq!((first, sum), (vec!["Acme".to_owned()], Some(1_500_007)));
    let second = CustomersAsk { sort: "-open_minor".to_owned(), limit: 1, cursor, ..ask.clone() };
    assert_eq!(names(&house.loudou, &second).await.0, ["Zeta"]);
    // By name page by page, in either direction; a customer without a deal is its keeper's, in lists and in search.
    let made = object(json!({"name": "Newton", "owner": house.ann}));
    house.loudou.create_customer(&made).await.expect("a customer");
    for (sort, names_in_order) in [("name", ["Acme", "Newton", "Zeta"]), ("-name", ["Zeta", "Newton", "Acme"])] {
        let (mut found, mut cursor) = (Vec::new(), None);
        for _ in 0..3 {
            let page = CustomersAsk { sort: sort.to_owned(), limit: 1, cursor, ..ask.clone() };
            let (names, _, next) = names(&house.loudou, &page).await;
            (found, cursor) = ([found, names].concat(), next);
        }
        assert_eq!((found, cursor), (names_in_order.map(str::to_owned).to_vec(), None));
    }
    let hits = async |loudou: &Loudou| loudou.search("newt").await.expect("a search").customers.len();
    let bob = house.seen_by(house.bob, Role::Rep, Scope::Person(house.bob), NOW).await;
    assert_eq!((hits(&house.ann(NOW).await).await, hits(&bob).await), (1, 0));
    let wrong = house.loudou.customers(&CustomersAsk { sort: "size".to_owned(), ..ask }).await.expect_err("no order");
    assert!(wrong.hint.expect("a hint").contains("open_minor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_are_set_within_ones_scope() {
    let house = house().await;
    let manager = house.head_of_north(NOW).await;
    let quarter = |extra: Json| {
        let mut values = object(json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "amount_minor": 4_000_000}));
        values.extend(object(extra));
        values
    };
    let id = manager.set_target(&quarter(json!({"team": house.north}))).await.expect("it is set");
    house.loudou.set_target(&quarter(json!({}))).await.expect("the whole's");
    let of = async |loudou: &Loudou| {
        loudou.target_list(&TargetsAsk { year: Some(2026), process: None }).await.expect("a list")
    };
    assert_eq!((of(&manager).await.len(), of(&house.loudou).await.len()), (1, 2));
    assert_eq!(of(&house.ann(NOW).await).await, [], "a team's target is not everybody's");
    assert_eq!(
        issues(manager.set_target(&quarter(json!({"owner": house.bob}))).await),
        ["team: name a team or a person in your scope: other targets are everybody's together"]
    );
    assert_eq!(
        issues(manager.set_target(&quarter(json!({"to_on": "2026-09-30", "team": house.north}))).await),
        ["to_on: lies before the first day"]
    );
    assert_eq!(fault(house.ann(NOW).await.set_target(&quarter(json!({"owner": house.ann}))).await), Fault::NotAllowed);
    let target = of(&manager).await.remove(0);
    assert_eq!((target.id, target.currency), (id, Some(Currency::CNY)));
    manager
        .change_target(id, target.version, &object(json!({"amount_minor": 5_000_000})))
        .await
        .expect("it is changed");
    assert_eq!(fault(manager.delete_target(id, target.version).await), Fault::Changed);
    let version = manager.target(id).await.expect("the target").version;
    manager.delete_target(id, version).await.expect("it is taken away");
    assert_eq!(of(&manager).await, []);
    assert_eq!(house.loudou.target_list(&TargetsAsk { year: Some(2025), process: None }).await.expect("a list"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dimension_without_targets_has_gauges_without_a_percentage() {
    let house = house().await;
    let dimensions = house.loudou.meta().await.expect("the frame").dimensions;
    assert!(dimensions.iter().any(|seen| seen.has_targets) && dimensions.iter().any(|seen| !seen.has_targets));
    for seen in dimensions {
        let common = Ask { by: vec![seen.key.clone()], ..Ask::default() };
        let gauges = house.loudou.gauges(&app::answers::GaugesAsk { common, worst: None }).await;
        let gauges = gauges.unwrap_or_else(|error| panic!("{}: {error}", seen.key));
        let target = gauges.columns.iter().position(|column| column.key == "target_minor").expect("a target");
        assert!(gauges.rows.iter().all(|row| matches!(row[target], Cell::Undefined(_))), "{}: {gauges:?}", seen.key);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_a_target_in_a_pivot_has_the_colour_of_every_gauge() {
    let house = house().await;
    let quarter =
        json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "amount_minor": 4_000_000, "team": house.north});
    house.loudou.set_target(&object(quarter)).await.expect("it is set");
    let measures = vec!["target_share".to_owned()];
    let ask = PivotAsk { rows: vec!["team".to_owned()], measures, ..PivotAsk::default() };
    let pivot = house.loudou.pivot(&ask).await.expect("a pivot");
    let red = app::records::Attained { colour: "red", is_far: true };
    assert_eq!(pivot.rows[0].attained, [Some(red), Some(red)], "nothing is won: the cell, and over all columns");
    assert_eq!(pivot.rows[1].attained, [None, None], "South has no target");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_in_the_currency_that_its_process_is_counted_in() {
    let house = house().await;
    let process = app::process::read("basic-five").expect("it is ready-made");
    let process = house.loudou.add_process(&process).await.expect("it is added").0;
    let of = async |key: Option<&str>| house.loudou.target_currency(key).await.expect("a currency");
    assert_eq!(of(Some("basic-five")).await, Some(Currency::CNY), "the organisation's, while there is no deal");
    let deal = Facts::default()
        .stage(process.stages[0].id)
        .outcome(Outcome::Open)
        .amount_minor(Some(100))
        .currency(Currency::parse("JPY").ok())
        .with(ids::OPPORTUNITY_PROCESS, Value::Int(i64::from(process.id.expect("an id").0)));
    write(&house, Kind::Opportunity, deal).await;
    let yen = Currency::parse("JPY").ok();
    assert_eq!((of(Some("basic-five")).await, of(Some("b2b-seven")).await), (yen, Some(Currency::CNY)));
    assert_eq!((of(None).await, of(Some("nothing")).await), (Some(Currency::CNY), Some(Currency::CNY)));
    let values = json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "amount_minor": 5, "process": "basic-five"});
    let id = house.loudou.set_target(&object(values)).await.expect("it is set");
    assert_eq!(house.loudou.target(id).await.expect("the target").currency, yen, "where none is said");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_in_both_languages() {
    let house = house().await;
    let ann = house.ann(NOW).await;
    let version = ann.deal(house.pump, None, None).await.expect("a page").version;
    let values = object(json!({
        "name": "", "owner": 999, "expected_close_on": "soon", "currency": "money", "nmae": 1, "stage": "contact",
        "amount_minor": 1.5, "actions_done": "all", "region": "here",
    }));
    let Err(EditError::Fields(issues)) = ann.edit_deal(house.pump, version, &values).await else { panic!("by field") };
    assert_eq!(issues.len(), 9, "{issues:?}");
    for issue in &issues {
        assert!(issue.message_zh.as_ref().is_some_and(|zh| !zh.is_ascii()), "{issue:?}");
    }
    let go = |to: &str| MoveAsk { to: to.to_owned(), ..MoveAsk::default() };
    for ask in [go("nowhere"), go("lead"), go("lost"), go("parked"), go("open")] {
        let Err(EditError::Fields(issues)) = ann.move_deal(house.pump, version, &ask).await else { panic!("{ask:?}") };
        assert!(issues[0].message_zh.as_ref().is_some_and(|zh| !zh.is_ascii()), "{issues:?}");
    }
    let wrong = DealsAsk { limit: 10, sort: "size".to_owned(), ..DealsAsk::default() };
    let wrong = ann.deals(&wrong).await.expect_err("no order");
    assert!(wrong.messages_zh[0].is_some() && wrong.hint_zh.is_some(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_of_a_pivot_are_the_sums_of_its_cells() {
    let house = house().await;
    let ask = PivotAsk {
        rows: vec!["team".to_owned()],
        measures: ["deals", "amount_minor", "weighted_minor", "win_rate", "target_minor"].map(str::to_owned).to_vec(),
        ..PivotAsk::default()
    };
    let quarter =
        json!({"from_on": "2026-10-01", "to_on": "2026-12-31", "amount_minor": 4_000_000, "team": house.north});
    house.loudou.set_target(&object(quarter)).await.expect("it is set");
    let pivot = house.loudou.pivot(&ask).await.expect("a pivot");
    let rows: Vec<_> =
        pivot.rows.iter().map(|row| (row.keys[0].clone().unwrap_or_default(), row.totals.clone())).collect();
    assert_eq!(rows[0].0, "North");
    assert_eq!(rows[0].1[..2], [Cell::Int(1), Cell::Minor(1_000_000)]);
    assert_eq!(rows[0].1[4], Cell::Minor(4_000_000));
    assert!(matches!(rows[1].1[4], Cell::Undefined(_)), "South has no target");
    assert!(matches!(rows[0].1[3], Cell::Undefined(_)), "nothing was decided");
    assert_eq!(pivot.totals.totals[..2], [Cell::Int(2), Cell::Minor(1_500_000)]);
    let crossed = PivotAsk { columns: vec!["account".to_owned()], ..ask.clone() };
    let crossed = house.loudou.pivot(&crossed).await.expect("a pivot");
    assert_eq!(crossed.columns, [vec![Some("Acme".to_owned())], vec![Some("Zeta".to_owned())]]);
    assert_eq!(crossed.rows[0].cells[1][0], Cell::Int(0));
    assert_eq!(crossed.totals.cells[1][1], Cell::Minor(500_000));
    let wrong = PivotAsk { measures: vec!["profit".to_owned()], ..ask.clone() };
    assert!(house.loudou.pivot(&wrong).await.expect_err("no measure").hint.expect("a hint").contains("win_rate"));
    let twice = PivotAsk { columns: vec!["team".to_owned()], common: Ask::default(), ..ask };
    assert!(house.loudou.pivot(&twice).await.is_err());
}
