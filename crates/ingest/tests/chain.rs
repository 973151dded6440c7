//! The chain as records: leads, orders, lines and payments joined by their keys, from the real export where it lies
//! and from a made-up twin with the same quirks.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{bundled, extracted, folder, outcomes, rule};
use domain::field::{FieldId, Value, ids};
use domain::{Calendar, Kind, Outcome};
use ingest::{Assertion, Extract, Rule};

#[expect(clippy::disallowed_methods, reason = "a test is its own composition root")]
fn real(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LOUDOU_REAL_DATA").map(|folder| PathBuf::from(folder).join(name));
    if folder.is_none() {
        println!("skipped: LOUDOU_REAL_DATA names no folder that holds {name}");
    }
    folder
}

fn of(extract: &Extract, kind: Kind) -> impl Iterator<Item = &Assertion> {
    extract.assertions.iter().filter(move |assertion| assertion.kind == kind)
}

fn int(assertion: &Assertion, field: FieldId) -> Option<i64> {
    assertion.facts.rest.iter().find_map(|(id, value)| match value {
        Value::Int(int) | Value::Ref(int) if *id == field => Some(*int),
        _ => None,
    })
}

fn sum(extract: &Extract, kind: Kind, field: FieldId) -> i64 {
    of(extract, kind).filter_map(|assertion| int(assertion, field)).sum()
}

fn lead_days(extract: &Extract) -> Vec<i64> {
    let days = |lead: &Assertion| Some(int(lead, ids::LEAD_CLOSED_ON)? - int(lead, ids::LEAD_FIRST_CONTACT_ON)?);
    let mut days: Vec<i64> = of(extract, Kind::Lead).filter_map(days).collect();
    days.sort_unstable();
    days
}

/// Counted in the files by a small script of its own.
#[test]
fn the_published_sellers_funnel() {
    let Some(folder) = real("olist-funnel") else { return };
    let (profile, process) = bundled("olist-funnel");
    let extract = extracted(&profile, &process, &folder);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues.first());
    let count = |kind: Kind| extract.keys[&kind].len();
    assert_eq!((count(Kind::Lead), count(Kind::Opportunity), count(Kind::Account)), (8_000, 842, 842));
    assert_eq!((count(Kind::Order), count(Kind::OrderLine), count(Kind::Payment)), (4_512, 5_044, 4_704));
    assert_eq!((count(Kind::Industry), count(Kind::Product)), (33, 2_113));
    assert_eq!(outcomes(&extract), BTreeMap::from([(Outcome::Won, 842)]));
    let joined =
        |lead: &&Assertion| int(lead, ids::LEAD_OPPORTUNITY).is_some() && int(lead, ids::LEAD_ACCOUNT).is_some();
    assert_eq!(of(&extract, Kind::Lead).filter(joined).count(), 842);
    let linked: BTreeSet<i64> = of(&extract, Kind::Lead).filter_map(|lead| int(lead, ids::LEAD_OPPORTUNITY)).collect();
    assert_eq!(linked.len(), 842, "each deal has a lead of its own");
    let sellers: BTreeSet<i64> =
        of(&extract, Kind::OrderLine).filter_map(|line| int(line, ids::ORDER_LINE_ACCOUNT)).collect();
    assert_eq!(sellers.len(), 380);
    assert_eq!(sum(&extract, Kind::OrderLine, ids::ORDER_LINE_AMOUNT), 67_685_148);
    assert_eq!(sum(&extract, Kind::OrderLine, ids::ORDER_LINE_FREIGHT), 9_896_415);
    assert_eq!(sum(&extract, Kind::Payment, ids::PAYMENT_AMOUNT), 79_295_705);
    assert!(of(&extract, Kind::Payment).all(|payment| int(payment, ids::PAYMENT_ORDER).is_some()));
    // Origins: 60 are empty, and 1,099 are the word `unknown`, which the source says itself.
    let unknown = extract.keys[&Kind::Channel].iter().position(|key| key == "unknown").expect("an origin");
    let mut origins: BTreeMap<Option<i64>, usize> = BTreeMap::new();
    of(&extract, Kind::Lead).for_each(|lead| *origins.entry(int(lead, ids::LEAD_CHANNEL)).or_default() += 1);
    assert_eq!((origins[&None], origins[&i64::try_from(unknown).ok()]), (60, 1_099));
    // One deal was won before its first contact: it stays, and is told.
    assert_eq!(rule(&extract, Rule::DaysOutOfOrder), 1);
    assert_eq!(extract.counts.warnings, 1, "{:?}", extract.issues.iter().take(3).collect::<Vec<_>>());
    let days = lead_days(&extract);
    assert_eq!((days.len(), days[0], days[420], days[421]), (842, -2, 14, 14));
}

#[test]
fn a_twin_of_it() {
    let (profile, process) = bundled("olist-funnel");
    // Made up: the same columns and quirks, few rows.
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/sellers-funnel");
    let extract = extracted(&profile, &process, &files);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues);
    let count = |kind: Kind| extract.keys[&kind].len();
    assert_eq!((count(Kind::Lead), count(Kind::Opportunity), count(Kind::Account)), (5, 3, 3));
    assert_eq!((count(Kind::Order), count(Kind::OrderLine), count(Kind::Payment)), (2, 4, 3));
    assert_eq!((count(Kind::Channel), count(Kind::Campaign), count(Kind::Region)), (3, 2, 1));
    assert_eq!((rule(&extract, Rule::DaysOutOfOrder), extract.counts.warnings), (1, 1), "{:?}", extract.issues);
    assert_eq!(lead_days(&extract), [-2, 10, 26]);
    assert_eq!(sum(&extract, Kind::OrderLine, ids::ORDER_LINE_AMOUNT), 8_950);
    assert_eq!(sum(&extract, Kind::Payment, ids::PAYMENT_AMOUNT), 11_244);
    // What has no day of its own goes with what it belongs to.
    let calendar = Calendar::new(profile.zone());
    let on = |kind: Kind| of(&extract, kind).map(|one| calendar.day(one.effective_at).to_string()).collect::<Vec<_>>();
    assert_eq!(on(Kind::Payment), ["2018-03-06", "2018-03-06", "2018-03-10"]);
    assert_eq!(on(Kind::Lead), ["2018-01-10", "2018-01-12", "2018-02-01", "2018-02-03", "2018-02-05"]);
    assert_eq!(on(Kind::Opportunity), ["2018-01-20", "2018-01-30", "2018-03-01"]);
}

/// Records may stand in any order in a profile: an invoice finds its order, a payment its invoice.
#[test]
fn links_are_followed_along_the_chain_whatever_the_order_of_the_profile() {
    let profile = ingest::Profile::parse(CHAIN, "chain.toml").unwrap_or_else(|refusal| panic!("{refusal}"));
    let process = common::process_of(&profile);
    let files = folder(&[
        ("customers.csv", "customer\nAcme\nBolt\n"),
        ("contracts.csv", "number,customer,signed,from,until,amount\nC1,Acme,2026-01-05,2026-02-01,2026-01-01,1000\n"),
        ("orders.csv", "number,customer,contract,ordered,amount\nO1,Acme,C1,2026-01-10,600\nO2,Bolt,,2026-02-01,50\n"),
        (
            "invoices.csv",
            "number,order,issued,due,amount,status\nI1,O1,2026-01-20,2026-02-20,600,open\nI2,O9,2026-01-20,,1,\n",
        ),
        ("payments.csv", "number,invoice,paid,amount\nP1,I1,2026-02-25,400\nP2,,,10\n"),
        ("requests.csv", "number,customer,order,opened,closed,subject\nS1,Acme,O1,2026-03-01,,noise\n"),
        ("costs.csv", "number,campaign,channel,on,amount\nE1,Fair,Events,2026-01-01,5000\n"),
    ]);
    let extract = extracted(&profile, &process, files.path());
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues);
    assert_eq!(rule(&extract, Rule::DaysOutOfOrder), 1, "the contract ends before it begins: {:?}", extract.issues);
    assert_eq!(rule(&extract, Rule::UnknownReference), 1, "there is no order O9: {:?}", extract.issues);
    let refs = |kind, field| of(&extract, kind).map(|one| int(one, field)).collect::<Vec<_>>();
    assert_eq!(refs(Kind::Order, ids::ORDER_CONTRACT), [Some(0), None]);
    assert_eq!(refs(Kind::Invoice, ids::INVOICE_ORDER), [Some(0), None]);
    assert_eq!(refs(Kind::Payment, ids::PAYMENT_INVOICE), [Some(0), None]);
    assert_eq!(refs(Kind::ServiceRequest, ids::SERVICE_REQUEST_ORDER), [Some(0)]);
    assert_eq!(
        (refs(Kind::Expense, ids::EXPENSE_CAMPAIGN), refs(Kind::Expense, ids::EXPENSE_CHANNEL)),
        (vec![Some(0)], vec![Some(0)])
    );
    assert_eq!(sum(&extract, Kind::Expense, ids::EXPENSE_AMOUNT), 500_000);
}

const CHAIN: &str = r#"
name = "chain"
title = { zh = "链", en = "Chain" }
description = { zh = "链", en = "Chain" }
currency = "CNY"
zone = "Asia/Shanghai"
exported_on = "2026-04-01"
process = "b2b-seven"

[tables]
customers = { files = ["customers.csv"] }
contracts = { files = ["contracts.csv"] }
orders = { files = ["orders.csv"] }
invoices = { files = ["invoices.csv"] }
payments = { files = ["payments.csv"] }
requests = { files = ["requests.csv"] }
costs = { files = ["costs.csv"] }

[[records]]
kind = "payment"
table = "payments"
key = "number"
fields = { number = "number", invoice = "invoice", paid_on = "paid", amount_minor = "amount" }
[[records]]
kind = "service_request"
table = "requests"
key = "number"
fields = { number = "number", account = "customer", order = "order", opened_on = "opened", closed_on = "closed", subject = "subject" }
[[records]]
kind = "invoice"
table = "invoices"
key = "number"
fields = { number = "number", order = "order", issued_on = "issued", due_on = "due", amount_minor = "amount", status = "status" }
[[records]]
kind = "order"
table = "orders"
key = "number"
fields = { number = "number", account = "customer", contract = "contract", ordered_on = "ordered", amount_minor = "amount" }
[[records]]
kind = "contract"
table = "contracts"
key = "number"
fields = { number = "number", account = "customer", signed_on = "signed", begins_on = "from", ends_on = "until", amount_minor = "amount" }
[[records]]
kind = "expense"
table = "costs"
key = "number"
fields = { campaign = "campaign", channel = "channel", spent_on = "on", amount_minor = "amount" }
[[records]]
kind = "account"
table = "customers"
key = "customer"
fields.name = "customer"
"#;
