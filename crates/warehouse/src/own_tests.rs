//! Dimensions of one's own and tops of trees: what is counted by them is what counting by hand gives.

use std::collections::BTreeMap;

use arrow::array::AsArray;
use arrow::datatypes::{Int64Type, UInt64Type};
use domain::field::{Value, ids};
use domain::id::Kind;
use domain::journal::{Cut, Facts, Op, Withdrawn, fold};
use domain::{Day, RecordId};
use journey::{Stock, Tally};
use proptest::prelude::*;

use crate::ask::count;
use crate::deals::facets_of;
use crate::ledger::Ledger;
use crate::memory::Memory;
use crate::question::{AskError, Only, Question};
use crate::snapshot::Snapshot;
use crate::testing::{HOME, Journal, SORT, TIER, context, custom, journals};

/// Open deals at a day by the words of what the question groups by.
fn counted(snapshot: &Snapshot, question: &Question) -> Result<BTreeMap<Vec<Option<String>>, i64>, AskError> {
    let by: Vec<String> = question.by.iter().cloned().chain(["process".to_owned(), "currency".to_owned()]).collect();
    let tally = Stock::on(question.as_of);
    let counted = count(snapshot, &Question { by, ..question.clone() }, &tally, &Memory::new(0), 1 << 20)?;
    let batch = tally.finish(&counted.cells);
    let groups = batch.column_by_name("group").expect("group").as_primitive::<UInt64Type>();
    let deals = batch.column_by_name("deals").expect("deals").as_primitive::<Int64Type>();
    let mut all = BTreeMap::new();
    for row in 0..batch.num_rows() {
        let mut labels = counted.keys.labels(groups.value(row));
        labels.truncate(question.by.len());
        *all.entry(labels).or_default() += deals.value(row);
    }
    all.retain(|_, deals| *deals != 0);
    Ok(all)
}

/// The same of one process: which stages count must not depend on what else is in view.
fn of_one_process(dimension: &str) -> Question {
    Question { process: Some("sale".to_owned()), ..by(dimension) }
}

fn by(dimension: &str) -> Question {
    Question { by: vec![dimension.to_owned()], ..Question::everything(Day(100)) }
}

/// What a deal, or the account that it has, says in a field; read by the domain's fold alone.
fn said(journal: &Journal, withdrawn: &Withdrawn, deal: RecordId, field: domain::field::FieldId) -> Option<String> {
    let timeline = fold(&journal.of(deal), withdrawn, Cut::Everything);
    let of = if field == TIER {
        let Some(Value::Ref(account)) = timeline.rest.get(&ids::OPPORTUNITY_ACCOUNT) else { return None };
        let mut of = fold(&journal.of(*account), withdrawn, Cut::Everything);
        // A customer that was merged is the one in its place.
        while let Some(into) = of.merged_into {
            of = fold(&journal.of(into), withdrawn, Cut::Everything);
        }
        of
    } else {
        timeline
    };
    match of.rest.get(&field)? {
        Value::Text(text) => Some(text.to_string()),
        Value::Ref(id) => Some(format!("#{id}")),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    /// Groups and chips by own dimensions against a loop over deals, after a rebuild and after refreshes.
    #[test]
    fn own_dimensions_count_as_a_loop_over_deals_does(journal in journals(), cut in 0_usize..60) {
        let mut withdrawn = Withdrawn::default();
        journal.0.iter().for_each(|entry| withdrawn.note(entry));
        let mut ledger = Ledger::new(context());
        journal.refresh(&mut ledger, cut.min(journal.0.len()));
        journal.refresh(&mut ledger, journal.0.len());
        for snapshot in [journal.rebuild().snapshot(), ledger.snapshot()] {
            for (field, name) in [(TIER, "account_tier"), (SORT, "sort_of"), (HOME, "home")] {
                let mut naive: BTreeMap<Option<String>, i64> = BTreeMap::new();
                for deal in journal.by_deal().into_keys() {
                    // Whether a deal is open and its stage counts is not what is asked here.
                    let alone = Question { filter: Some(format!("deal = {deal}")), ..of_one_process("process") };
                    if !counted(&snapshot, &alone).expect("it is counted").is_empty() {
                        *naive.entry(said(&journal, &withdrawn, deal, field)).or_default() += 1;
                    }
                }
                let found = counted(&snapshot, &of_one_process(name)).expect("it is counted");
                let found: BTreeMap<_, _> = found.into_iter().map(|(mut key, deals)| (key.remove(0), deals)).collect();
                prop_assert_eq!(&found, &naive, "{}", name);
                for (value, deals) in &naive {
                    let only = vec![Only { dimension: name.to_owned(), values: vec![value.clone()] }];
                    let chosen = counted(&snapshot, &Question { only, ..of_one_process(name) }).expect("it is counted");
                    prop_assert_eq!(chosen.values().sum::<i64>(), *deals, "{} {:?}", name, value);
                }
            }
        }
    }
}

/// Regions World ← Europe ← {North, South}, World ← Asia, and one beside; deals in each, one without.
fn tree() -> Journal {
    let mut journal = Journal::default();
    let regions = [(51, "World", None), (52, "Europe", Some(51)), (53, "North", Some(52)), (54, "South", Some(52))];
    for (id, name, parent) in regions.into_iter().chain([(55, "Asia", Some(51)), (56, "Moon", None)]) {
        let facts = Facts::default().with(ids::REGION_NAME, Value::Text(name.into()));
        let facts = parent.map_or(facts.clone(), |parent| facts.with(ids::REGION_PARENT, Value::Ref(parent)));
        journal.put(Kind::Region, id, 0, 0, Op::Assert(facts));
    }
    for (deal, region) in [(1, Some(51)), (2, Some(52)), (3, Some(53)), (4, Some(53)), (5, Some(54)), (6, Some(55))] {
        open(&mut journal, deal, region);
    }
    open(&mut journal, 7, Some(56));
    open(&mut journal, 8, None);
    journal
}

fn open(journal: &mut Journal, deal: RecordId, region: Option<RecordId>) {
    let facts = Facts::default().stage(domain::StageId(1)).with(ids::OPPORTUNITY_PROCESS, Value::Int(1));
    let facts = region.map_or(facts.clone(), |region| facts.with(ids::OPPORTUNITY_REGION, Value::Ref(region)));
    journal.deal(deal, 10, facts);
}

fn flat(counted: BTreeMap<Vec<Option<String>>, i64>) -> Vec<(String, i64)> {
    counted.into_iter().map(|(key, deals)| (key[0].clone().unwrap_or_else(|| "-".into()), deals)).collect()
}

#[test]
fn a_top_counts_what_its_branch_does_and_a_chip_takes_the_branch() {
    let snapshot = tree().rebuild().snapshot();
    let leaves = flat(counted(&snapshot, &by("region")).expect("it is counted"));
    let expected = [("-", 1), ("Asia", 1), ("Europe", 1), ("Moon", 1), ("North", 2), ("South", 1), ("World", 1)];
    assert_eq!(leaves, expected.map(|(name, deals)| (name.to_owned(), deals)));
    let tops = flat(counted(&snapshot, &by("region_top")).expect("it is counted"));
    assert_eq!(tops, [("-", 1), ("Moon", 1), ("World", 6)].map(|(name, deals)| (name.to_owned(), deals)));
    assert_eq!(leaves.iter().map(|(_, deals)| deals).sum::<i64>(), tops.iter().map(|(_, deals)| deals).sum::<i64>());
    let chosen = |dimension: &str, value: &str| {
        let only = vec![Only { dimension: dimension.to_owned(), values: vec![Some(value.to_owned())] }];
        counted(&snapshot, &Question { only, ..by("process") }).expect("it is counted").values().sum::<i64>()
    };
    assert_eq!((chosen("region", "World"), chosen("region", "Europe"), chosen("region", "#52")), (6, 4, 4));
    assert_eq!((chosen("region", "North"), chosen("region", "Moon"), chosen("region_top", "Moon")), (2, 1, 1));
    assert_eq!((chosen("region_top", "World"), chosen("region_top", "Europe")), (6, 0), "Europe is no top");
    let condition = |text: &str| {
        let question = Question { filter: Some(text.to_owned()), ..by("process") };
        counted(&snapshot, &question).map(|counted| counted.values().sum::<i64>())
    };
    assert_eq!(condition("region = 'Europe'").expect("it is read"), 1, "a condition reads what is filed");
    assert_eq!(condition("region_top = 'World' and region <> 'Asia'").expect("it is read"), 5);
    // What is offered to choose from counts as choosing it does.
    for facet in facets_of(&snapshot, &by("process"), "region") {
        let Some(label) = facet.label else { continue };
        assert_eq!(i64::try_from(facet.deals).expect("few"), chosen("region", &label), "{label}");
    }
}

#[test]
fn answers_are_not_remembered_past_a_move_in_the_tree() {
    let mut journal = tree();
    let mut ledger = journal.rebuild();
    let memory = Memory::new(1 << 20);
    let tops = |ledger: &Ledger| {
        let question = by("region_top");
        let counted = count(&ledger.snapshot(), &question, &Stock::on(question.as_of), &memory, 1 << 20);
        let counted = counted.expect("it is counted");
        let batch = Stock::on(question.as_of).finish(&counted.cells);
        let groups = batch.column_by_name("group").expect("group").as_primitive::<UInt64Type>();
        let deals = batch.column_by_name("deals").expect("deals").as_primitive::<Int64Type>();
        let label = |row: usize| counted.keys.labels(groups.value(row)).remove(0).unwrap_or_else(|| "-".into());
        let mut all: Vec<_> = (0..batch.num_rows()).map(|row| (label(row), deals.value(row))).collect();
        all.sort();
        all
    };
    assert_eq!(tops(&ledger), [("-", 1), ("Moon", 1), ("World", 6)].map(|(name, deals)| (name.to_owned(), deals)));
    let moved = Facts::default().with(ids::REGION_PARENT, Value::Ref(56));
    journal.put(Kind::Region, 55, 20, 20, Op::Assert(moved));
    journal.refresh(&mut ledger, journal.0.len());
    assert_eq!(tops(&ledger), [("-", 1), ("Moon", 2), ("World", 5)].map(|(name, deals)| (name.to_owned(), deals)));
}

#[test]
fn a_field_that_was_there_becomes_a_dimension_by_a_rebuild_and_a_new_one_without() {
    let mut ledger = Journal::default().rebuild();
    let with = |change: &dyn Fn(&mut Vec<domain::CustomField>)| {
        let mut context = context();
        change(&mut context.custom_fields);
        context
    };
    assert!(!ledger.set_context(with(&|fields| fields[0].dimension = true)), "its values were passed over");
    let new = || domain::CustomField {
        dimension: true,
        ..custom(1004, Kind::Opportunity, "brand_new", domain::field::FieldType::Text)
    };
    assert!(ledger.set_context(with(&|fields| fields.push(new()))), "nothing has a value of it yet");
    assert!(ledger.snapshot().labels.own_dimension("brand_new").is_some());
    assert!(ledger.set_context(with(&|fields| {
        fields.push(new());
        fields[1].retired = true;
    })));
    assert!(ledger.snapshot().labels.own_dimension("account_tier").is_none(), "what is retired is no dimension");
    let unknown = counted(&ledger.snapshot(), &by("account_tier"));
    assert!(
        matches!(unknown, Err(AskError::UnknownDimension { known, .. }) if known.contains(&"brand_new".to_owned()))
    );
}
