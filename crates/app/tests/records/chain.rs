//! What belongs to a customer along the chain, and the customer funnel, as far as one sees.

use app::SqlAsk;
use app::customers::{CustomerChain, CustomersAtAsk};
use app::duplicates::{MergeAsk, Picked, Strategy};
use domain::Day;
use domain::field::FieldId;

use super::*;

fn day(text: &str) -> Value {
    Value::Int(i64::from(Day::parse(text).expect("a day").0))
}

fn money(amount: FieldId, minor: i64, currency: FieldId) -> Facts {
    Facts::default().with(amount, Value::Int(minor)).with(currency, Value::Int(i64::from(Currency::CNY.code())))
}

/// Says more of a record from 20 October on.
async fn change(house: &House, kind: Kind, record: RecordId, facts: Facts) {
    tell(house, kind, record, Op::Assert(facts), "2026-10-20T02:00:00Z").await;
}

async fn tell(house: &House, kind: Kind, record: RecordId, op: Op, when: &str) {
    let url = format!("sqlite://{}", house.dir.path().join("loudou.db").display());
    let store = Store::open(&url, 1).await.expect("it opens");
    let mut writer = store.begin().await.expect("a writer");
    let when = at(when);
    let (source_seq, import, actor) = (0, None, SYSTEM_ACTOR);
    let draft = Draft { kind, record, effective_at: when, known_at: when, source_seq, import, actor, op };
    writer.append(vec![draft], when).await.expect("it fits");
    writer.commit().await.expect("it is written");
}

struct Chain {
    contract: RecordId,
    invoice: RecordId,
    shared: RecordId,
    own_lead: RecordId,
}

/// Acme has a lead, a contract by its deal, a part of an order that Zeta shares, an invoice that is overdue and half
/// paid, and a request; Zeta a contract and a payment of its own; two leads have no customer: one is Ann's, one nobody's.
async fn chain(house: &House) -> Chain {
    let refer = |field, id| Facts::default().with(field, Value::Ref(id));
    let text = |text: &str| Value::Text(text.into());
    let lead = refer(ids::LEAD_ACCOUNT, house.acme).with(ids::LEAD_FIRST_CONTACT_ON, day("2026-09-01"));
    write(house, Kind::Lead, lead.with(ids::LEAD_OPPORTUNITY, Value::Ref(house.pump))).await;
    let own = refer(ids::LEAD_OWNER, house.ann).with(ids::LEAD_COMPANY, text("Nova"));
    let own_lead = write(house, Kind::Lead, own.with(ids::LEAD_FIRST_CONTACT_ON, day("2026-10-20"))).await;
    write(house, Kind::Lead, Facts::default().with(ids::LEAD_COMPANY, text("Nobody's"))).await;
    let contract = money(ids::CONTRACT_AMOUNT, 900_000, ids::CONTRACT_CURRENCY)
        .with(ids::CONTRACT_OPPORTUNITY, Value::Ref(house.pump))
        .with(ids::CONTRACT_SIGNED_ON, day("2026-10-10"));
    let contract = write(house, Kind::Contract, contract).await;
    let others = refer(ids::CONTRACT_ACCOUNT, house.zeta).with(ids::CONTRACT_SIGNED_ON, day("2026-10-11"));
    write(house, Kind::Contract, others).await;
    let shared = write(house, Kind::Order, Facts::default().with(ids::ORDER_ORDERED_ON, day("2026-10-12"))).await;
    for (account, minor) in [(house.acme, 30_000), (house.acme, 5_000), (house.zeta, 70_000)] {
        let line = money(ids::ORDER_LINE_AMOUNT, minor, ids::ORDER_LINE_CURRENCY);
        let line =
            line.with(ids::ORDER_LINE_ORDER, Value::Ref(shared)).with(ids::ORDER_LINE_ACCOUNT, Value::Ref(account));
        write(house, Kind::OrderLine, line).await;
    }
    let invoice = money(ids::INVOICE_AMOUNT, 900_000, ids::INVOICE_CURRENCY)
        .with(ids::INVOICE_CONTRACT, Value::Ref(contract))
        .with(ids::INVOICE_ISSUED_ON, day("2026-10-15"))
        .with(ids::INVOICE_DUE_ON, day("2026-11-15"));
    let invoice = write(house, Kind::Invoice, invoice).await;
    let paid = |minor: i64, on: &str| {
        money(ids::PAYMENT_AMOUNT, minor, ids::PAYMENT_CURRENCY).with(ids::PAYMENT_PAID_ON, day(on))
    };
    write(house, Kind::Payment, paid(400_000, "2026-11-01").with(ids::PAYMENT_INVOICE, Value::Ref(invoice))).await;
    let others = paid(70_000, "2026-11-02").with(ids::PAYMENT_ORDER, Value::Ref(shared));
    write(house, Kind::Payment, others.with(ids::PAYMENT_ACCOUNT, Value::Ref(house.zeta))).await;
    let request = refer(ids::SERVICE_REQUEST_ACCOUNT, house.acme).with(ids::SERVICE_REQUEST_SUBJECT, text("noise"));
    write(house, Kind::ServiceRequest, request.with(ids::SERVICE_REQUEST_OPENED_ON, day("2026-11-20"))).await;
    Chain { contract, invoice, shared, own_lead }
}

fn counts(chain: &CustomerChain) -> Vec<u64> {
    chain.counts.iter().map(|(_, count)| *count).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customers_chain_is_whole_and_nobody_elses() {
    let house = house().await;
    let made = chain(&house).await;
    let ann = house.ann(NOW).await;
    let own = ann.customer_chain(house.acme, &Ask::default()).await.expect("one's own");
    assert_eq!(counts(&own), [1, 1, 1, 1, 1, 1], "{own:?}");
    let order = own.records.iter().find(|record| record.kind == Kind::Order).expect("the shared order");
    assert_eq!((order.id, order.amount_minor), (made.shared, Some(35_000)), "the part that is Acme's");
    let contract = own.records.iter().find(|record| record.kind == Kind::Contract).expect("by its deal");
    assert_eq!((contract.id, contract.opportunity.as_ref().map(|deal| deal.id)), (made.contract, Some(house.pump)));
    let lead = own.records.iter().find(|record| record.kind == Kind::Lead).expect("a lead");
    assert_eq!(lead.status.as_deref(), Some("converted"));
    let [sums] = own.invoices.as_slice() else { panic!("one currency: {:?}", own.invoices) };
    assert_eq!((sums.open, sums.overdue), ((1, 500_000), (1, 500_000)));
    // Before its due day it is open, and not overdue; before the payment all of it is.
    let on = |text: &str| Ask { as_of: Day::parse(text), ..Ask::default() };
    let then = ann.customer_chain(house.acme, &on("2026-10-31")).await.expect("the past");
    assert_eq!((then.invoices[0].open, then.invoices[0].overdue), ((1, 900_000), (0, 0)));
    assert_eq!(counts(&then), [1, 1, 1, 1, 0, 0]);
    assert_eq!(fault(ann.customer_chain(house.zeta, &Ask::default()).await), Fault::NotFound);
    let others = house.loudou.customer_chain(house.zeta, &Ask::default()).await.expect("all is seen");
    assert_eq!(counts(&others), [0, 1, 1, 0, 1, 0]);

    let kinds = async |who: &Loudou, id, as_of: Option<Day>| {
        let ask = TimelineAsk { as_of, ..TimelineAsk::default() };
        let items = who.customer_timeline(id, &ask).await.expect("a timeline").items;
        items.into_iter().filter(|item| item.kind == TimelineKind::Chain).count()
    };
    assert_eq!(kinds(&ann, house.acme, None).await, 6);
    assert_eq!(kinds(&ann, house.acme, Day::parse("2026-10-31")).await, 4);
    assert_eq!(kinds(&house.loudou, house.zeta, None).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_paid_by_whoever_pays_and_in_its_own_currency() {
    let house = house().await;
    let made = chain(&house).await;
    let ann = house.ann(NOW).await;
    let pay = async |minor: i64, currency: Currency| {
        let payment = Facts::default()
            .with(ids::PAYMENT_AMOUNT, Value::Int(minor))
            .with(ids::PAYMENT_CURRENCY, Value::Int(i64::from(currency.code())))
            .with(ids::PAYMENT_PAID_ON, day("2026-11-03"))
            .with(ids::PAYMENT_INVOICE, Value::Ref(made.invoice))
            .with(ids::PAYMENT_ACCOUNT, Value::Ref(house.zeta));
        write(&house, Kind::Payment, payment).await;
        let own = ann.customer_chain(house.acme, &Ask::default()).await.expect("one's own");
        assert_eq!(counts(&own), [1, 1, 1, 1, 1, 1], "the payment is Zeta's");
        let invoice = own.records.into_iter().find(|record| record.kind == Kind::Invoice).expect("an invoice");
        (invoice.open_minor, invoice.is_overdue, own.invoices.iter().map(|sums| sums.open).collect::<Vec<_>>())
    };
    assert_eq!(pay(100_000, Currency::CNY).await, (Some(400_000), true, vec![(1, 400_000)]));
    assert_eq!(pay(1_500, Currency::USD).await, (None, false, vec![]), "nobody said how much that is");
}

async fn merge(house: &House, kind: Kind, from: RecordId, into: RecordId) -> i64 {
    let picked = |id| Picked { id, version: None };
    let (survivor, merged) = (picked(into), vec![picked(from)]);
    let ask =
        MergeAsk { kind, survivor, merged, strategy: Strategy::Survivor, fields: std::collections::BTreeMap::new() };
    house.loudou.merge(&ask).await.expect("they are merged").merges[0]
}

/// The rows of a query as lines.
async fn lines(who: &Loudou, query: &str) -> Vec<String> {
    let (common, timeout_seconds, memory_bytes) = (Ask::default(), 30, 256 << 20);
    let ask = SqlAsk { common, query: query.to_owned(), timeout_seconds, memory_bytes };
    let json = who.sql(&ask).await.expect("it answers").to_json().expect("as JSON");
    let rows = json["rows"].as_array().expect("rows").iter();
    let line = |row: &Json| {
        let cells = row.as_object().expect("a row").values();
        cells.map(|cell| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned)).collect::<Vec<_>>().join(" ")
    };
    rows.map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_of_a_merged_customer_is_the_survivors_at_any_day_and_in_sql() {
    let house = house().await;
    let made = chain(&house).await;
    let of = async |ask: Ask| counts(&house.loudou.customer_chain(house.acme, &ask).await.expect("a chain"));
    let on = |as_of: Option<&str>, known_at: Option<&str>| Ask {
        as_of: as_of.and_then(Day::parse),
        known_at: known_at.and_then(Day::parse),
        ..Ask::default()
    };
    assert_eq!(of(on(None, None)).await, [1, 1, 1, 1, 1, 1]);
    let merged = merge(&house, Kind::Account, house.zeta, house.acme).await;
    for (ask, expected) in [
        (on(None, None), [1, 2, 1, 1, 2, 1]),
        (on(Some("2026-11-24"), None), [1, 2, 1, 1, 2, 1]),
        (on(Some("2026-10-31"), None), [1, 2, 1, 1, 0, 0]),
        (on(None, Some("2026-11-24")), [1, 2, 1, 1, 2, 1]),
        (on(None, Some("2026-11-23")), [1, 1, 1, 1, 1, 1]),
    ] {
        assert_eq!(of(ask.clone()).await, expected, "as of {:?}, known at {:?}", ask.as_of, ask.known_at);
    }
    let timeline = TimelineAsk { as_of: Day::parse("2026-10-31"), ..TimelineAsk::default() };
    let told = house.loudou.customer_timeline(house.acme, &timeline).await.expect("a timeline").items;
    assert_eq!(told.iter().filter(|item| item.kind == TimelineKind::Chain).count(), 5);

    let joined = "SELECT c.customer_id, count(*) AS contracts FROM contracts t JOIN customers c \
                  ON t.account_id = c.customer_id GROUP BY c.customer_id";
    assert_eq!(lines(&house.loudou, joined).await, [format!("{} 1", house.acme)], "the other names its deal alone");
    let payers = "SELECT DISTINCT account_id FROM payments WHERE account_id IS NOT NULL";
    assert_eq!(lines(&house.loudou, payers).await, [house.acme.to_string()]);

    // A deal leads on as well, and what is only its own is the survivor's.
    merge(&house, Kind::Opportunity, house.pump, house.valve).await;
    let deals = format!("SELECT opportunity_id FROM contracts WHERE contract_id = {}", made.contract);
    assert_eq!(lines(&house.loudou, &deals).await, [house.valve.to_string()]);
    let south = house.seen_by(house.bob, Role::Rep, Scope::Person(house.bob), NOW).await;
    assert_eq!(lines(&south, &deals).await, [house.valve.to_string()]);
    house.loudou.undo_merge(merged).await.expect("it comes back");
    assert_eq!(lines(&house.loudou, payers).await, [house.zeta.to_string()]);
    assert_eq!(of(on(Some("2026-11-24"), None)).await, [1, 0, 1, 0, 0, 1], "the contract is Zeta's by its deal");
}

/// Whoever saw a customer by a deal alone sees it no more when the deal is deleted.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_deal_shows_nobody_its_customer() {
    let house = house().await;
    chain(&house).await;
    let version = house.loudou.deal(house.pump, None, None).await.expect("a page").version;
    let handed = object(json!({"owner": house.bob}));
    house.loudou.edit_deal(house.pump, version, &handed).await.expect("it is handed over");
    let bob = house.seen_by(house.bob, Role::Rep, Scope::Person(house.bob), NOW).await;
    let seen = async || {
        let funnel = bob.customer_funnel(&Ask::default()).await.expect("an answer");
        let customers = lines(&bob, "SELECT count(*) FROM customers").await;
        let contracts = lines(&bob, "SELECT count(*) FROM contracts").await;
        (funnel.steps.rows[0][1].clone(), customers[0].clone(), contracts[0].clone())
    };
    assert_eq!(seen().await, (Cell::Int(2), "2".to_owned(), "2".to_owned()));
    tell(&house, Kind::Opportunity, house.pump, Op::Delete, NOW).await;
    assert_eq!(fault(bob.customer(house.acme, &Ask::default()).await), Fault::NotFound);
    assert_eq!(seen().await, (Cell::Int(1), "1".to_owned(), "1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_funnel_counts_whom_one_sees() {
    let house = house().await;
    let made = chain(&house).await;
    let ann = house.ann(NOW).await;
    let by_step = async |who: &Loudou, ask: &Ask| {
        let funnel = who.customer_funnel(ask).await.expect("an answer");
        let at = funnel.steps.columns.iter().position(|column| column.key == "customers").expect("a column");
        funnel.steps.rows.iter().map(|row| row[at].clone()).collect::<Vec<_>>()
    };
    let ints = |counts: [i64; 4]| counts.map(Cell::Int).to_vec();
    assert_eq!(by_step(&house.loudou, &Ask::default()).await, ints([4, 2, 2, 2]), "two customers, two leads");
    assert_eq!(by_step(&ann, &Ask::default()).await, ints([2, 1, 1, 1]), "her customer, and her lead");
    let south = house.seen_by(house.bob, Role::Rep, Scope::Person(house.bob), NOW).await;
    assert_eq!(by_step(&south, &Ask::default()).await, ints([1, 1, 1, 1]));
    let keeper = house.seen_by(house.ann, Role::Administrator, Scope::Nothing, NOW).await;
    assert_eq!(fault(keeper.customer_funnel(&Ask::default()).await), Fault::NotAllowed);

    // The list behind a number holds the same customers, and no others.
    let ask = |step: &str, which: &str| CustomersAtAsk {
        common: Ask { by: vec!["owner".to_owned()], ..Ask::default() },
        step: step.to_owned(),
        which: which.to_owned(),
        limit: 100,
        ..CustomersAtAsk::default()
    };
    let listed = async |who: &Loudou, ask: &CustomersAtAsk| {
        let list = who.customers_at(ask).await.expect("a list");
        assert_eq!(list.customers, list.rows.len() as u64);
        list.rows.into_iter().map(|one| (one.id, one.is_lead, one.name)).collect::<Vec<_>>()
    };
    let nova = (made.own_lead, true, "Nova".to_owned());
    let acme = (house.acme, false, "Acme".to_owned());
    assert_eq!(listed(&ann, &ask("potential", "here")).await, [nova.clone(), acme.clone()]);
    assert_eq!(listed(&ann, &ask("with_opportunity", "pending")).await, [nova]);
    assert_eq!(listed(&house.loudou, &ask("paying", "here")).await.len(), 2);
    let group = CustomersAtAsk { group: Some(format!("#{}", house.bob)), ..ask("contracted", "here") };
    assert_eq!(listed(&house.loudou, &group).await, [(house.zeta, false, "Zeta".to_owned())]);
    assert_eq!(listed(&ann, &group).await, [], "Bob's are not hers");
    let none = CustomersAtAsk { group: Some(String::new()), ..ask("potential", "here") };
    assert_eq!(listed(&house.loudou, &none).await.len(), 1, "the lead that is nobody's");
    // A page ends where it should, and the next one goes on.
    let first = ann.customers_at(&CustomersAtAsk { limit: 1, ..ask("potential", "here") }).await.expect("a page");
    assert_eq!((first.rows.len(), first.customers), (1, 2));
    let second = CustomersAtAsk { cursor: first.next_cursor, ..ask("potential", "here") };
    let second = ann.customers_at(&second).await.expect("the next page");
    assert_eq!((second.rows[0].id, second.next_cursor), (house.acme, None));
    for wrong in [ask("won", "here"), ask("paying", "there"), CustomersAtAsk { common: Ask::default(), ..group }] {
        assert_eq!(fault(ann.customers_at(&wrong).await), Fault::Input, "{wrong:?}");
    }
    for wrong in [
        Ask { by: vec!["stage".to_owned()], ..Ask::default() },
        Ask { filter: Some("amount > 1".to_owned()), ..Ask::default() },
        Ask { process: Some("b2b-seven".to_owned()), ..Ask::default() },
    ] {
        assert_eq!(fault(ann.customer_funnel(&wrong).await), Fault::Input, "{wrong:?}");
    }
}

/// What is written is counted by the next question, and what was held stays as it was.
#[tokio::test(flavor = "multi_thread")]
async fn the_chain_follows_what_is_written() {
    let house = house().await;
    let contracted = async |who: &Loudou| {
        let funnel = who.customer_funnel(&Ask::default()).await.expect("an answer");
        funnel.steps.rows[2][1].clone()
    };
    assert_eq!(contracted(&house.loudou).await, Cell::Int(0));
    let held = house.loudou.held().await.expect("it is held");
    let order = Facts::default().with(ids::ORDER_ACCOUNT, Value::Ref(house.acme));
    let order = write(&house, Kind::Order, order).await;
    assert_eq!(contracted(&house.loudou).await, Cell::Int(1));
    assert_eq!(contracted(&held).await, Cell::Int(0));
    assert_eq!(contracted(&house.loudou).await, Cell::Int(1));
    change(&house, Kind::Order, order, Facts::default().with(ids::ORDER_STATUS, Value::Text("作废".into()))).await;
    assert_eq!(contracted(&house.loudou).await, Cell::Int(0));
}
