//! Where a deal's history comes from, on tables small enough to read.

mod common;

use common::{extracted, folder, process_of};
use domain::journal::HotSet;
use domain::{Calendar, Kind};
use ingest::{Extract, Profile, Rule};

const HEAD: &str = r#"
name = "small"
title = { zh = "小", en = "small" }
description = { zh = "小", en = "small" }
currency = "CNY"
zone = "Asia/Shanghai"
exported_on = "2026-03-31"
process = "basic-five"
"#;

/// One line an assertion about a deal, in the order of time: key, day in Shanghai, stage, outcome, amount, owner,
/// and when the source knew it, if a profile says more than "when it is imported".
fn told(body: &str, files: &[(&str, &str)]) -> (Vec<String>, Extract) {
    let profile = Profile::parse(&format!("{HEAD}{body}"), "small").unwrap_or_else(|refusal| panic!("{refusal}"));
    let process = process_of(&profile);
    let extract = extracted(&profile, &process, folder(files).path());
    let calendar = Calendar::new(profile.zone());
    let mut deals: Vec<_> = extract.assertions.iter().filter(|assertion| assertion.kind == Kind::Opportunity).collect();
    deals.sort_by_key(|assertion| (assertion.local, assertion.effective_at, assertion.source_seq));
    let line = |assertion: &&ingest::Assertion| {
        let key = &extract.keys[&Kind::Opportunity][assertion.local as usize];
        let (facts, hot) = (&assertion.facts, &assertion.facts.hot);
        let day = calendar.day(assertion.effective_at);
        let mut line = format!("{key} {day}");
        if facts.set.has(HotSet::STAGE) {
            let stage = process.stage_by_id(hot.stage).map_or("?", |stage| stage.key.as_str());
            line += &format!(" stage={stage}");
        }
        if facts.set.has(HotSet::OUTCOME) {
            line += &format!(" {}", hot.outcome.as_str());
        }
        if facts.set.has(HotSet::AMOUNT) {
            line += &hot.amount_minor.map_or_else(|| " amount=none".to_owned(), |minor| format!(" amount={minor}"));
        }
        if facts.set.has(HotSet::OWNER) {
            let owner = hot.owner.map(|local| extract.keys[&Kind::Person][usize::try_from(local).unwrap()].as_str());
            line += &format!(" owner={}", owner.unwrap_or("none"));
        }
        if let Some(known_at) = assertion.known_at {
            let known = calendar.day(known_at);
            line += &if known_at == assertion.effective_at { " known".to_owned() } else { format!(" known={known}") };
        }
        line
    };
    (deals.iter().map(line).collect(), extract)
}

const NO_HISTORY: &str = r#"
[tables.deals]
files = ["deals.csv"]
[deals]
table = "deals"
key = "id"
created = "created"
stage = "stage"
outcome = { column = "status", otherwise = "open" , map = { won = "won", lost = "lost" } }
closed = "closed"
from_start = ["owner"]
[deals.fields]
amount_minor = { column = "amount", zero_is_unknown = true }
owner = "owner"
"#;

#[test]
fn without_history_only_known_dates_are_told() {
    let (lines, extract) = told(
        NO_HISTORY,
        &[(
            "deals.csv",
            "id,created,stage,status,closed,amount,owner\n\
             1,2026-01-05,proposal,won,2026-02-06,100,Wang\n\
             2,2026-01-07,needs,,,50,Li\n\
             3,,contact,,,,Li\n\
             4,,needs,lost,2026-02-01,0,\n\
             5,2026-03-31,contact,,,1,\n\
             6,2026-02-02,needs,lost,2026-02-02,1,\n",
        )],
    );
    assert_eq!(
        lines,
        [
            "1 2026-01-05 stage=? open owner=Wang",
            "1 2026-02-06 stage=proposal won amount=10000",
            "2 2026-01-07 stage=? open owner=Li",
            "2 2026-03-31 stage=needs open amount=5000",
            // Known on the day of the export alone: one entry.
            "3 2026-03-31 stage=contact open owner=Li",
            "4 2026-02-01 stage=needs lost amount=none",
            // Created and seen on one day: no time in an unknown stage.
            "5 2026-03-31 stage=contact open amount=100",
            // Created and lost on one day: both are told.
            "6 2026-02-02 stage=? open",
            "6 2026-02-02 stage=needs lost amount=100",
        ]
    );
    assert!(extract.issues.is_empty());
    assert!(extract.assertions.iter().all(|assertion| assertion.known_at.is_none()));
}

#[test]
fn one_file_is_the_table_of_a_profile_that_has_no_other() {
    let profile = Profile::parse(&format!("{HEAD}{NO_HISTORY}"), "small").expect("it is sound");
    let process = process_of(&profile);
    let folder = folder(&[("anything.txt", "id,created,stage,status,closed,amount,owner\n1,2026-01-05,needs,,,,\n")]);
    let extract = extracted(&profile, &process, &folder.path().join("anything.txt"));
    assert_eq!(extract.keys[&Kind::Opportunity], ["1"]);
    let refusal = common::tried(&profile, &process, &folder.path().join("nothing.txt")).expect_err("it is not there");
    assert!(matches!(refusal.faults.as_slice(), [ingest::Fault::Unreadable { .. }]), "{refusal}");
}

#[test]
fn history_rows_are_ordered_within_a_day_and_known_when_they_were_made() {
    // `known` belongs to the head of a profile, before any table.
    let body = r#"
known = "stamp"
[tables.deals]
files = ["deals.csv"]
[tables.history]
files = ["history.csv"]
[deals]
table = "deals"
key = "id"
created = "created"
from_start = ["amount_minor"]
fields.amount_minor = "amount"
[[changes]]
table = "history"
deal = "deal"
at = "at"
order = "order"
fields.stage = "stage"
fields.amount_minor = { column = "amount", optional = true }
"#;
    let (lines, extract) = told(
        body,
        &[
            ("deals.csv", "id,created,amount\n1,2026-01-01,5\n2,2026-01-09,6\n3,2026-01-01,7\n"),
            (
                "history.csv",
                "deal,at,stage,order,amount\n1,2026-02-01,确定需求,3,9\n1,2026-02-01,contact,1,\n2,2026-01-05,2,2,\n\
                 3,2026-01-01,contact,1,\n9,2026-01-01,contact,1,\n",
            ),
        ],
    );
    assert_eq!(
        lines,
        [
            // The amount is of the day of the export: from the creation on, and known only then.
            "1 2026-01-01 stage=? open amount=500 known=2026-03-31",
            "1 2026-01-01 stage=? open known",
            "1 2026-02-01 stage=contact known",
            "1 2026-02-01 stage=needs amount=900 known",
            // Its first change is before its creation: it begins there.
            "2 2026-01-05 stage=needs open known",
            "2 2026-01-05 amount=600 known=2026-03-31",
            // Created with its first stage.
            "3 2026-01-01 stage=contact open amount=700 known=2026-03-31",
            "3 2026-01-01 stage=contact open known",
        ]
    );
    let rules: Vec<Rule> = extract.issues.iter().map(|issue| issue.rule).collect();
    assert_eq!(rules, [Rule::UnknownDeal, Rule::ChangedBeforeCreated]);
}

/// A trusted log beside a table of deals and one of accounts; `last-change` tells no day of the export.
const LOG_AND_SNAPSHOT: &str = r#"
known = "stamp"
[tables.deals]
files = ["deals.csv"]
[tables.accounts]
files = ["accounts.csv"]
[tables.log]
files = ["log.csv"]
[[records]]
kind = "account"
table = "accounts"
key = "id"
fields.name = "name"
[deals]
table = "deals"
key = "id"
created = "created"
closed = "closed"
outcome = { column = "status", map = { lost = "lost" }, otherwise = "open" }
from_start = ["amount_minor"]
fields.account = "account"
fields.amount_minor = { column = "amount", optional = true }
[[changes]]
table = "log"
deal = "deal"
at = "at"
fields.stage = "stage"
fields.amount_minor = "amount"
"#;

#[test]
fn only_what_a_log_tells_is_known_by_its_stamp() {
    let accounts = ("accounts.csv", "id,name\n7,Acme\n");
    let log =
        ("log.csv", "deal,at,stage,amount\n1,2026-01-01,contact,5\n1,2026-02-01,needs,6\n2,2026-01-09,contact,\n");
    let deals = "id,created,closed,status,account,amount\n1,2026-01-01,,,7,\n2,2026-01-01,2026-02-02,lost,7,8\n";
    let (lines, extract) = told(LOG_AND_SNAPSHOT, &[("deals.csv", deals), accounts, log]);
    assert_eq!(
        lines,
        [
            // The log tells its amounts itself: creation and first change are one assertion.
            "1 2026-01-01 stage=contact open amount=500 known",
            "1 2026-02-01 stage=needs amount=600 known",
            "1 2026-03-31 open known=2026-03-31",
            "2 2026-01-01 stage=? open amount=800 known=2026-03-31",
            "2 2026-01-01 stage=? open known",
            "2 2026-01-09 stage=contact known",
            // The loss is read from the table of deals, not from the log.
            "2 2026-02-02 lost known=2026-03-31",
        ]
    );
    let account = extract.assertions.iter().find(|assertion| assertion.kind == Kind::Account).expect("there is one");
    let calendar = Calendar::new(chrono_tz::Asia::Shanghai);
    assert_eq!(account.known_at.map(|at| calendar.day(at).to_string()).as_deref(), Some("2026-03-31"));

    // Without a day of the export, what no log tells is known when it is imported.
    let head = HEAD.replace("\"2026-03-31\"", "\"last-change\"");
    let profile = Profile::parse(&format!("{head}{LOG_AND_SNAPSHOT}"), "small").expect("it is sound");
    let folder = folder(&[("deals.csv", deals), accounts, log]);
    let extract = extracted(&profile, &process_of(&profile), folder.path());
    let stamped = extract.assertions.iter().filter(|assertion| assertion.known_at == Some(assertion.effective_at));
    assert_eq!(stamped.count(), 4);
    assert_eq!(extract.assertions.iter().filter(|assertion| assertion.known_at.is_none()).count(), 4);
}

#[test]
fn a_field_change_log_makes_deals_and_a_key_used_again_goes_on() {
    let body = r#"
[tables.log]
files = ["log.csv"]
[[changes]]
table = "log"
deal = "deal"
at = "at"
field = "field"
value = "value"
duplicates = "continue"
ignore = ["colour"]
[changes.values.made]
created = true
[changes.values.stage.set]
stage = {}
outcome = { constant = "open" }
[changes.values.owner.set]
owner = {}
[changes.values.lost.set]
outcome = { constant = "lost" }
reason = { map = { 1 = "price" }, otherwise = "other" }
"#;
    let (lines, extract) = told(
        body,
        &[(
            "log.csv",
            "deal,at,field,value\n\
             1,2026-01-09,made,\n1,2026-01-10,stage,contact\n1,2026-01-12,lost,1\n\
             1,2026-01-02,made,\n1,2026-01-11,owner,Wang\n1,2026-01-11,owner,\n1,2026-01-20,stage,needs\n\
             2,2026-01-03,stage,contact\n2,2026-01-04,colour,red\n2,2026-01-04,size,9\n2,2026-01-05,size,8\n",
        )],
    );
    assert_eq!(
        lines,
        [
            "1 2026-01-02 stage=? open",
            "1 2026-01-10 stage=contact open",
            "1 2026-01-11 owner=Wang",
            "1 2026-01-11 owner=none",
            "1 2026-01-12 lost",
            "1 2026-01-20 stage=needs open",
            "2 2026-01-03 stage=contact open",
        ]
    );
    let found: Vec<_> = extract.issues.iter().map(|issue| (issue.row, issue.rule)).collect();
    assert_eq!(found, [(5, Rule::DuplicateKey), (11, Rule::UnknownChange)]);
    assert_eq!(extract.counts.changes, 8);
}

#[test]
fn references_meet_across_tables_in_any_order() {
    let body = r#"
[tables.deals]
files = ["deals.csv"]
joins = [{ as = "account", table = "accounts", column = "account", key = "id" }]
[tables.accounts]
files = ["accounts.csv"]
[[records]]
kind = "account"
table = "accounts"
key = "id"
fields.name = "name"
fields.parent = "parent"
fields.industry = "trade"
[deals]
table = "deals"
key = "id"
created = "created"
fields.account = "account"
fields.industry = "account.trade"
"#;
    let (_, extract) = told(
        body,
        &[
            ("deals.csv", "id,created,account\n1,2026-01-01,20.0\n2,2026-01-01,77\n"),
            ("accounts.csv", "id,name,parent,trade\n10,Child,20,steel\n20,Parent,,steel\n30,Orphan,99,\n"),
        ],
    );
    assert_eq!(extract.keys[&Kind::Account], ["10", "20", "30"]);
    assert_eq!(extract.keys[&Kind::Industry], ["steel"]);
    let refs = |kind: Kind, local: u32| -> Vec<i64> {
        let of = extract.assertions.iter().filter(|assertion| assertion.kind == kind && assertion.local == local);
        let values = of.flat_map(|assertion| &assertion.facts.rest);
        values
            .filter_map(|(_, value)| match value {
                domain::field::Value::Ref(target) => Some(*target),
                _ => None,
            })
            .collect()
    };
    // Industry 0 and account 1, by ascending field.
    assert_eq!(refs(Kind::Account, 0), [0, 1]);
    assert_eq!(refs(Kind::Opportunity, 0), [1, 0]);
    assert_eq!(refs(Kind::Opportunity, 1), [] as [i64; 0]);
    let found: Vec<_> = extract.issues.iter().map(|issue| (&*issue.file, issue.row, issue.rule)).collect();
    let unknown = Rule::UnknownReference;
    assert_eq!(found, [("accounts.csv", 4, unknown), ("deals.csv", 3, unknown)]);
    // Dimensions come first, and hold from the earliest date.
    assert_ne!(extract.assertions[0].kind, Kind::Opportunity);
    let earliest = extract.assertions.iter().map(|assertion| assertion.effective_at).min();
    assert_eq!(Some(extract.assertions[0].effective_at), earliest);
}

/// A log of events with a field of the deals that may be told with a warning.
const EVENT_LOG: &str = r#"
[tables.log]
files = ["log.csv"]
[deals]
table = "log"
key = "case"
duplicates = "same"
fields.amount_minor = "amount"
[[changes]]
table = "log"
deal = "case"
at = "at"
unknown_deals = "skip"
fields.stage = "stage"
"#;

#[test]
fn of_a_row_that_repeats_its_deal_only_the_event_is_read() {
    let log = "case,amount,at,stage\n1,5,2026-01-01,contact\n1,6.789,2026-01-02,needs\n1,much,2026-01-03,proposal\n\
        2,7,2026-01-04,contact\n3,1.234,2026-01-05,contact\n";
    let (lines, extract) = told(EVENT_LOG, &[("log.csv", log)]);
    assert_eq!(
        lines,
        [
            "1 2026-01-01 stage=contact open",
            "1 2026-01-02 stage=needs",
            "1 2026-01-03 stage=proposal",
            "1 2026-03-31 amount=500",
            "2 2026-01-04 stage=contact open",
            "2 2026-03-31 amount=700",
            "3 2026-01-05 stage=contact open",
            "3 2026-03-31 amount=123",
        ]
    );
    let issues: Vec<_> = extract.issues.iter().map(|issue| (issue.row, issue.rule)).collect();
    assert_eq!(issues, [(6, Rule::TooManyDecimals)]);
}

#[test]
fn a_row_of_a_log_that_stays_out_is_no_event_either() {
    let log = "case,amount,at,stage\n1,much,2026-01-01,contact\n1,6,2026-01-02,needs\n2,7,no day,contact\n\
        2,7,2026-01-05,nowhere\n2,7,2026-01-06,needs\n";
    let (lines, extract) = told(EVENT_LOG, &[("log.csv", log)]);
    assert_eq!(
        lines,
        [
            "1 2026-01-02 stage=needs open",
            "1 2026-03-31 amount=600",
            "2 2026-01-06 stage=needs open",
            "2 2026-03-31 amount=700",
        ]
    );
    let issues: Vec<_> = extract.issues.iter().map(|issue| (issue.row, issue.rule)).collect();
    assert_eq!(issues, [(2, Rule::NotANumber), (4, Rule::ImpossibleDate), (5, Rule::UnknownStage)]);
    assert_eq!(extract.counts.rows_rejected, 3);
}

#[test]
fn a_row_with_two_wrong_changes_is_rejected_once_and_as_a_whole() {
    let body = r#"
[tables.deals]
files = ["deals.csv"]
[tables.log]
files = ["log.csv"]
[deals]
table = "deals"
key = "id"
[[changes]]
table = "log"
deal = "id"
at = "first"
fields.stage = { constant = "contact" }
[[changes]]
table = "log"
deal = "id"
at = "second"
fields.stage = { constant = "needs" }
"#;
    let log = "id,first,second\n1,x,y\n1,2026-01-01,y\n1,2026-02-01,2026-02-01\n";
    let (lines, extract) = told(body, &[("deals.csv", "id\n1\n"), ("log.csv", log)]);
    // Of two of one day the one that stands first in the profile comes first.
    assert_eq!(lines, ["1 2026-02-01 stage=contact open", "1 2026-02-01 stage=needs"]);
    assert_eq!((extract.counts.rows_rejected, extract.issues.len()), (2, 3));
}

#[test]
fn changes_in_the_row_of_a_deal_are_of_that_deal() {
    let body = |duplicates: &str| {
        format!(
            r#"
[tables.deals]
files = ["deals.csv"]
[deals]
table = "deals"
key = "id"
duplicates = "{duplicates}"
[[changes]]
table = "deals"
deal = "id"
at = "first"
undated = "skip"
fields.stage = {{ constant = "contact" }}
[[changes]]
table = "deals"
deal = "id"
at = "second"
undated = "skip"
fields.stage = {{ constant = "needs" }}
"#
        )
    };
    let deals = ("deals.csv", "id,first,second\n1,2026-01-01,\n1,2026-01-01,2026-01-01\n");
    for (duplicates, expected) in [
        ("reject", vec!["1 2026-01-01 stage=contact open"]),
        (
            "separate",
            vec![
                "1 2026-01-01 stage=contact open",
                "1\u{1f}2 2026-01-01 stage=contact open",
                "1\u{1f}2 2026-01-01 stage=needs",
            ],
        ),
        (
            "continue",
            // All first dates come before all second ones, whatever their rows.
            vec!["1 2026-01-01 stage=contact open", "1 2026-01-01 stage=contact", "1 2026-01-01 stage=needs"],
        ),
    ] {
        let (lines, extract) = told(&body(duplicates), &[deals]);
        assert_eq!(lines, expected, "{duplicates}");
        assert_eq!(extract.issues.len(), 1, "{duplicates}");
    }
}
