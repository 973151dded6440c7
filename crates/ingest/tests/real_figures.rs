//! The figures that published data sets are known for, counted in what is extracted.
//!
//! What ships in `datasets/` is always read. Sets that may not be redistributed are read where the variable
//! `LOUDOU_REAL_DATA` names a folder that holds them; where it is not set, this is said, and the tests in
//! `twins.rs` hold the same profiles to made-up files with the same quirks.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;

use common::{bundled, extracted, moves, outcomes, rule, shipped, sum, won_minor};
use domain::field::{Value, ids};
use domain::journal::HotSet;
use domain::{Instant, Kind, Outcome};
use ingest::Rule;

#[expect(clippy::disallowed_methods, reason = "a test is its own composition root")]
fn real(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LOUDOU_REAL_DATA").map(|folder| PathBuf::from(folder).join(name));
    if folder.is_none() {
        println!("skipped: LOUDOU_REAL_DATA names no folder that holds {name}");
    }
    folder
}

#[test]
fn regional_sales() {
    let (profile, process) = bundled("regional-sales");
    let extract = extracted(&profile, &process, &shipped("regional-sales"));
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues);
    assert_eq!(extract.counts.warnings, 0, "{:?}", extract.issues.first());
    assert_eq!(extract.keys[&Kind::Opportunity].len(), 20_000);
    let counts = outcomes(&extract);
    assert_eq!((counts[&Outcome::Won], counts[&Outcome::Lost], counts[&Outcome::Open]), (7_282, 7_385, 5_333));
    assert_eq!(won_minor(&extract), 2_643_592_500);
    let mut stages = BTreeMap::new();
    for deal in extract.standing_deals() {
        *stages.entry(process.order_of(deal.stage).expect("known")).or_default() += 1;
    }
    assert_eq!(stages, BTreeMap::from([(1, 9_013), (2, 4_992), (3, 4_009), (4, 1_986)]));
    for (kind, expected) in [(Kind::Account, 300), (Kind::Product, 9), (Kind::Campaign, 12), (Kind::Industry, 45)] {
        assert_eq!(extract.keys[&kind].len(), expected, "{kind:?}");
    }
    // 20 owners and their managers; 51 states under their territories.
    assert!(extract.keys[&Kind::Person].len() > 20);
    let created: Vec<Instant> = extract
        .assertions
        .iter()
        .filter(|assertion| assertion.kind == Kind::Opportunity && assertion.source_seq == 0)
        .map(|assertion| assertion.effective_at)
        .collect();
    let calendar = domain::Calendar::new(profile.zone());
    let days = created.iter().map(|at| calendar.day(*at).to_string());
    assert_eq!(days.clone().min().as_deref(), Some("2019-06-22"));
    assert_eq!(days.max().as_deref(), Some("2021-11-09"));
    let with_campaign = extract
        .assertions
        .iter()
        .filter(|assertion| assertion.kind == Kind::Opportunity)
        .filter(|assertion| assertion.facts.rest.iter().any(|(id, _)| *id == ids::OPPORTUNITY_CAMPAIGN))
        .count();
    assert_eq!(with_campaign, 20_000 - 6_732);
}

#[test]
fn opportunity_tracking() {
    let (profile, process) = bundled("opportunity-tracking");
    let extract = extracted(&profile, &process, &shipped("opportunity-tracking"));
    assert_eq!(extract.counts.rows_rejected, 0);
    let keys = &extract.keys[&Kind::Opportunity];
    assert_eq!(keys.len(), 487);
    let ids: std::collections::BTreeSet<_> = keys.iter().map(|key| domain::id::source_id(key)).collect();
    assert_eq!(ids.len(), 486);
    assert_eq!(keys.iter().filter(|key| domain::id::source_id(key) == "302").count(), 2);
    assert_eq!(rule(&extract, Rule::DuplicateKey), 1);
    let check = &extract.counts.checks[0];
    assert_eq!((check.name.as_str(), check.rows, check.held), ("factored-revenue", 487, 487));
    let total: i64 = extract.standing_deals().iter().filter_map(|deal| deal.amount_minor).sum();
    assert_eq!(total, 211_090_512_700);
    let lines: Vec<_> = extract.assertions.iter().filter(|assertion| assertion.kind == Kind::DealLine).collect();
    assert_eq!(lines.len(), 487);
    let line_total: i64 = lines
        .iter()
        .flat_map(|line| &line.facts.rest)
        .filter_map(|(id, value)| match value {
            Value::Int(minor) if *id == ids::DEAL_LINE_AMOUNT => Some(*minor),
            _ => None,
        })
        .sum();
    assert_eq!(line_total, total);
}

#[test]
fn maven_crm() {
    let Some(folder) = real("maven-crm") else { return };
    let (profile, process) = bundled("maven-crm");
    let extract = extracted(&profile, &process, &folder);
    assert_eq!((extract.counts.rows_rejected, extract.counts.warnings), (0, 0), "{:?}", extract.issues.first());
    let counts = outcomes(&extract);
    assert_eq!((counts[&Outcome::Won], counts[&Outcome::Lost], counts[&Outcome::Open]), (4_238, 2_473, 2_089));
    assert_eq!(won_minor(&extract), 1_000_553_400);
    let lost = extract.standing_deals().into_iter().filter(|deal| deal.outcome == Outcome::Lost);
    assert!(lost.clone().all(|deal| deal.amount_minor.is_none()));
    let names = format!("{:?}", extract.keys);
    for wrong in ["GTXPro", "technolgy", "Philipines"] {
        assert!(!names.contains(wrong), "{wrong}");
    }
    assert_eq!(extract.keys[&Kind::Product].len(), 7);
}

#[test]
fn deal_change_log() {
    let Some(folder) = real("deal-change-log") else { return };
    let (profile, process) = bundled("deal-change-log");
    let extract = extracted(&profile, &process, &folder);
    assert_eq!(extract.counts.rows_rejected, 0);
    assert_eq!(extract.keys[&Kind::Opportunity].len(), 1_995);
    let steps = moves(&extract, &process);
    assert_eq!(steps.values().sum::<usize>(), 6_911);
    assert_eq!((steps[&1], sum(&steps, |step| step > 1)), (4_399, 2_502));
    assert_eq!((sum(&steps, |step| step < 0), steps[&0]), (8, 2));
    let owners = extract
        .assertions
        .iter()
        .filter(|assertion| assertion.kind == Kind::Opportunity && assertion.facts.set.has(HotSet::OWNER));
    assert_eq!(owners.count(), 2_500);
    let reused = extract.issues.iter().filter(|issue| issue.rule == Rule::DuplicateKey && &*issue.column == "deal_id");
    assert_eq!(reused.count(), 5);
    assert_eq!(outcomes(&extract), BTreeMap::from([(Outcome::Lost, 1_995)]));
}

#[test]
fn salesforce_history() {
    let Some(folder) = real("salesforce-history") else { return };
    let (profile, process) = bundled("salesforce-history");
    let extract = extracted(&profile, &process, &folder);
    assert_eq!(extract.counts.rows_rejected, 0, "{:?}", extract.issues.first());
    assert_eq!(extract.keys[&Kind::Opportunity].len(), 219);
    let steps = moves(&extract, &process);
    assert_eq!(steps.values().sum::<usize>(), 365);
    assert_eq!((sum(&steps, |step| step > 0), sum(&steps, |step| step < 0), steps[&0]), (186, 72, 107));
    assert_eq!(rule(&extract, Rule::CheckFailed), 120);
    assert_eq!(rule(&extract, Rule::ChangedBeforeCreated), 32);
    let counts = outcomes(&extract);
    assert_eq!((counts[&Outcome::Won], counts[&Outcome::Lost]), (89, 57));
}
