//! Numbers and their deals, lists and their pages, chips, facets, finding: over small journals and random ones.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use domain::field::{Value, ids};
use domain::id::Kind;
use domain::journal::{Facts, Op};
use domain::{Currency, Day, Outcome, RecordId, Scope, StageId};
use journey::{
    Added, Bridge, Conversion, Destination, Dwell, Events, Line, Migration, Origin, Pick, PickDecision, PickLine,
    PickMoves, PickReached, PickStock, PickVisits, Stock, Tally, ValuedAt, WinRate,
};
use proptest::prelude::*;

use super::facets::facets;
use super::find::find;
use super::list::list;
use super::look::look;
use super::*;
use crate::ask::count;
use crate::labels::Dimension;
use crate::memory::Memory;
use crate::question::{AskError, Only, Question};
use crate::snapshot::Snapshot;
use crate::testing::{Journal, journals};

const MIB: usize = 1 << 20;

/// Groups that keep processes and currencies apart, so that nothing is refused.
fn apart(by: &[&str]) -> Vec<String> {
    by.iter().chain(&["process", "currency"]).map(|name| (*name).to_owned()).collect()
}

/// In every group, what the picked deals add equals what the tally counted there.
fn holds<P: Pick + Clone>(
    snapshot: &Snapshot,
    question: &Question,
    tally: &P::Tally,
    pick: &P,
) -> Result<(), TestCaseError>
where
    <P::Tally as Tally>::Cells: 'static,
{
    let memory = Memory::new(MIB);
    let counted = count(snapshot, question, tally, &memory, MIB << 4).expect("it is counted");
    let batch = tally.finish(&counted.cells);
    let groups = arrow::array::AsArray::as_primitive::<arrow::datatypes::UInt64Type>(batch.column(0));
    let groups: BTreeSet<u64> = groups.values().iter().copied().collect();
    let mut by_label: BTreeMap<Vec<Option<String>>, Added> = BTreeMap::new();
    for group in groups {
        let added = pick.read(&counted.cells, group);
        let sum = by_label.entry(counted.keys.labels(group)).or_default();
        *sum = sum.plus(added);
    }
    for (labels, expected) in by_label {
        let found = find(snapshot, question, tally, &labels, |_| Ok::<_, AskError>(pick.clone()), &memory);
        let found = found.expect("it is found");
        prop_assert_eq!(found.total(), expected, "{:?} of {:?} in {:?}", pick_name::<P>(), labels, question);
        for (partition, hits) in snapshot.partitions.iter().zip(&found.hits) {
            prop_assert!(hits.windows(2).all(|pair| pair[0].0 < pair[1].0));
            prop_assert!(hits.iter().all(|(row, _)| (*row as usize) < partition.len()));
        }
    }
    Ok(())
}

fn pick_name<P>() -> &'static str {
    std::any::type_name::<P>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_number_is_its_deals(
        journal in journals(),
        by in prop::sample::select(vec![vec![], vec!["owner"], vec!["region"], vec!["owner", "account"], vec!["stage"]]),
        filter in prop::sample::select(vec![None, Some("amount_minor > 100 OR region IS NULL"), Some("outcome <> 'lost'")]),
        only in prop::sample::select(vec![vec![], vec![Some("#21".to_owned()), None]]),
        scope in prop::sample::select(vec![Scope::All, Scope::Person(21)]),
        known_at in prop::option::of(10_i32..45),
        (from, to) in (0_i32..45, 0_i32..45),
    ) {
        let whole = journal.rebuild().snapshot();
        let known = known_at.map(|day| whole.known_at(Day(day), &journal.by_deal()));
        let snapshot = known.as_ref().unwrap_or(&whole);
        let question = Question {
            by: apart(&by),
            filter: filter.map(str::to_owned),
            only: if only.is_empty() { vec![] } else { vec![Only { dimension: "owner".to_owned(), values: only }] },
            scope,
            known_at: known_at.map(Day),
            ..Question::everything(Day(46))
        };
        let (from, to) = (Day(from.min(to)), Day(from.max(to)));
        for slot in 0..6 {
            holds(snapshot, &question, &Stock::on(to), &PickStock(vec![slot, slot + 1]))?;
            let reached = PickReached::named(slot, &["entered", "skipped", "found"]).expect("they are counts");
            holds(snapshot, &question, &Conversion::between(from, to), &reached)?;
            let pending = PickReached::named(slot, &["pending"]).expect("it is a count");
            holds(snapshot, &question, &Conversion::between(from, to), &pending)?;
            for open_only in [false, true] {
                holds(snapshot, &question, &Dwell { from, to }, &PickVisits { slot, open_only })?;
            }
            let migration = Migration { from, to };
            let ends = [
                (Some(Origin::Slot(slot)), None), (None, Some(Destination::Slot(slot))),
                (Some(Origin::Slot(slot)), Some(Destination::Slot(slot))), (Some(Origin::New), Some(Destination::Slot(slot))),
                (Some(Origin::Slot(slot)), Some(Destination::Won)), (Some(Origin::Slot(slot)), Some(Destination::TransferredOut)),
                (Some(Origin::TransferredIn), Some(Destination::Slot(slot))),
            ];
            for (begin, end) in ends {
                for valued_at in [ValuedAt::From, ValuedAt::To] {
                    holds(snapshot, &question, &migration, &PickMoves { from: begin, to: end, valued_at })?;
                }
            }
        }
        for events in [Events::Endpoints, Events::Path] {
            for line in Line::ALL {
                let due = (slot_of(from) % 2 == 0).then_some((Day(5), Day(30)));
                holds(snapshot, &question, &Bridge { from, to, due, events }, &PickLine(line))?;
            }
        }
        for word in PickDecision::words() {
            let pick = PickDecision::named(word).expect("it is a word");
            holds(snapshot, &question, &WinRate::between(from, to), &pick)?;
        }
    }

    /// Pages put together are the whole list in order, once each deal, and the sums are those of a plain loop.
    #[test]
    fn pages_make_the_list(
        journal in journals(),
        word in prop::sample::select(SortBy::words().collect::<Vec<_>>()),
        descending in any::<bool>(),
        open in prop::option::of(any::<bool>()),
        text in prop::sample::select(vec!["", "S-", "person"]),
        limit in 1_usize..4,
        as_of in 5_i32..60,
    ) {
        let snapshot = journal.rebuild().snapshot();
        let sort = Sort { by: SortBy::parse(word).expect("a column"), descending };
        let ask = DealsAsk {
            question: Question::everything(Day(as_of)), found: None, text: text.to_owned(), open, sort, limit: 100, after: None,
        };
        let memory = Memory::new(MIB);
        let whole = list(&snapshot, &ask, &memory).expect("a list");
        prop_assert!(whole.next.is_none());
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let page = list(&snapshot, &DealsAsk { limit, after, ..ask.clone() }, &memory).expect("a page");
            prop_assert_eq!(page.sums, whole.sums);
            paged.extend(page.rows.into_iter().map(|row| row.id));
            prop_assert!(paged.len() <= 20, "it ends");
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let ids: Vec<RecordId> = whole.rows.iter().map(|row| row.id).collect();
        prop_assert_eq!(&paged, &ids);
        let values: Vec<Option<String>> = whole.rows.iter().map(|row| shown(row, word)).collect();
        let some: Vec<&String> = values.iter().flatten().collect();
        prop_assert!(values.iter().skip(some.len()).all(Option::is_none), "what has no value is last: {:?}", values);
        prop_assert!(some.windows(2).all(|pair| if descending { pair[0] >= pair[1] } else { pair[0] <= pair[1] }), "{}: {:?}", word, values);
        let plain = plain(&snapshot, as_of, open, text);
        prop_assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), plain);
        let sums: i128 = whole.rows.iter().filter_map(|row| row.amount_minor).map(i128::from).sum();
        if whole.no_amount.is_none() {
            prop_assert_eq!(whole.sums.amount_minor, sums);
        }
        prop_assert_eq!(whole.sums.deals as usize, whole.rows.len());
    }
}

fn slot_of(day: Day) -> i32 {
    day.0
}

/// The deals that stand at the end of a day, by a plain loop.
fn plain(snapshot: &Snapshot, as_of: i32, open: Option<bool>, text: &str) -> BTreeSet<RecordId> {
    let mut found = BTreeSet::new();
    for partition in &snapshot.partitions {
        for journey in partition.journeys.iter() {
            let days = journey.days();
            let Some(last) = (0..days.len()).rev().find(|at| days[*at] <= as_of) else { continue };
            let state = partition.journeys.entries.state[journey.range().start + last];
            let Some(outcome) = Outcome::from_code(state) else { continue };
            let external = &partition.attributes.external_id;
            let external =
                arrow::array::Array::is_valid(external, journey.index).then(|| external.value(journey.index));
            let named = text.is_empty() || external.is_some_and(|external| external.contains(text));
            if open.is_none_or(|open| open == (outcome == Outcome::Open)) && named {
                found.insert(journey.deal());
            }
        }
    }
    found
}

/// The value that a row is ordered by, as a text in the order of the values.
fn shown(row: &Listed, word: &str) -> Option<String> {
    let number = |value: i64| format!("{:020}", i128::from(value) + (1 << 63));
    match word {
        "id" => Some(number(row.id)),
        "external_id" => row.external_id.clone(),
        "name" => row.name.as_deref().map(domain::text::folded),
        "process" => row.process.clone(),
        // Stages are told by key; their order is that of the process.
        "stage" => row.stage.as_ref().map(|stage| {
            let orders = [("lead", 1), ("ask", 1), ("talk", 2), ("let", 2), ("offer", 3), ("won", 4), ("lost", 5)];
            number(orders.iter().find(|(key, _)| *key == stage.key).map_or(0, |(_, order)| *order))
        }),
        "outcome" => row.outcome.map(|outcome| number(outcome as i64)),
        "amount_minor" => row.amount_minor.map(number),
        "currency" => row.currency.map(|currency| currency.to_string()),
        "created_on" => Some(number(row.created_on.0.into())),
        "closed_on" => row.closed_on.map(|day| number(day.0.into())),
        "expected_close_on" => row.expected_close_on.map(|day| number(day.0.into())),
        "days_in_stage" => row.days_in_stage.map(|days| number(days.into())),
        "probability_ppm" => row.probability_ppm.map(|ppm| number(ppm.into())),
        "next_step" => row.next_step.clone(),
        "next_step_on" => row.next_step_on.map(|day| number(day.0.into())),
        "cell_minor" => Some(number(0)),
        dimension => {
            let dimension = Dimension::ALL.into_iter().find(|known| known.name() == dimension).expect("a dimension");
            row.member(dimension).map(|member| domain::text::folded(&member.name))
        }
    }
}

/// Five deals: 1 and 2 of Ann at Acme, 3 of Bob at Zeta (won), 4 of another Bob, 5 deleted.
fn five() -> Snapshot {
    let mut journal = Journal::default();
    for (id, name) in [(21, "Ann"), (22, "Bob"), (23, "Bob")] {
        journal.name(Kind::Person, id, name);
    }
    journal.name(Kind::Account, 41, "ＡＣＭＥ 有限公司");
    journal.name(Kind::Account, 42, "Zeta");
    for (deal, owner, account, minor) in
        [(1, 21, 41, 100), (2, 21, 41, 300), (3, 22, 42, 200), (4, 23, 42, 50), (5, 22, 42, 7)]
    {
        let facts = Facts::default()
            .stage(StageId(1))
            .amount_minor(Some(minor))
            .currency(Some(Currency::CNY))
            .owner(Some(owner))
            .with(ids::OPPORTUNITY_NAME, Value::Text(format!("Pump {deal}").into()))
            .with(ids::OPPORTUNITY_PROCESS, Value::Int(1))
            .with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(account));
        journal.deal(deal, 10, facts);
    }
    journal.deal(3, 20, Facts::default().stage(StageId(4)).outcome(Outcome::Won));
    journal.put(Kind::Opportunity, 5, 20, 20, Op::Delete);
    journal.rebuild().snapshot()
}

fn ask(question: Question) -> DealsAsk {
    let sort = Sort { by: SortBy::Id, descending: false };
    DealsAsk { question, found: None, text: String::new(), open: None, sort, limit: 100, after: None }
}

fn ids_of(snapshot: &Snapshot, ask: &DealsAsk) -> Vec<RecordId> {
    list(snapshot, ask, &Memory::new(MIB)).expect("a list").rows.iter().map(|row| row.id).collect()
}

#[test]
fn lists_are_found_in_customers_and_names_whatever_their_spelling() {
    let snapshot = five();
    for (text, expected) in [
        ("acme", vec![1, 2]),
        ("pump 3", vec![3]),
        (" ＰＵＭＰ　４", vec![4]),
        ("s-1", vec![1]),
        ("有限", vec![1, 2]),
        ("nobody", vec![]),
    ] {
        let ask = DealsAsk { text: text.to_owned(), ..ask(Question::everything(Day(30))) };
        assert_eq!(ids_of(&snapshot, &ask), expected, "{text}");
    }
}

#[test]
fn chips_are_exact_and_what_nobody_has_is_empty() {
    let snapshot = five();
    let of = |only: &[(&str, &[Option<&str>])], scope: Scope| {
        let only = only.iter().map(|(dimension, values)| Only {
            dimension: (*dimension).to_owned(),
            values: values.iter().map(|value| value.map(str::to_owned)).collect(),
        });
        ids_of(&snapshot, &ask(Question { only: only.collect(), scope, ..Question::everything(Day(30)) }))
    };
    let all = Scope::All;
    assert_eq!(of(&[("owner", &[Some("Ann")])], all.clone()), [1, 2]);
    assert_eq!(of(&[("owner", &[Some("Ann"), Some("#23")])], all.clone()), [1, 2, 4]);
    assert_eq!(of(&[("owner", &[Some("Bob")])], all.clone()), [3, 4], "both of the name");
    assert_eq!(of(&[("owner", &[Some("Bob")]), ("outcome", &[Some("open")])], all.clone()), [4]);
    assert_eq!(of(&[("region", &[None])], all.clone()), [1, 2, 3, 4]);
    assert_eq!(of(&[("region", &[Some("")])], all.clone()), [0; 0]);
    assert_eq!(of(&[("owner", &[Some("ann")])], all), [0; 0], "exact");
    assert_eq!(of(&[("owner", &[Some("Ann")])], Scope::Person(22)), [0; 0], "not in scope, and not an error");
    let wrong =
        Question { only: vec![Only { dimension: "ownr".to_owned(), values: vec![] }], ..Question::everything(Day(30)) };
    let error = list(&snapshot, &ask(wrong), &Memory::new(0)).expect_err("no dimension").to_string();
    assert!(error.contains("did you mean owner?"), "{error}");
}

#[test]
fn facets_are_those_of_the_scope_and_namesakes_are_told_apart() {
    let snapshot = five();
    let of = |name: &str, text: &str, scope: Scope| -> Vec<(Option<String>, Option<String>, u64)> {
        let question = Question { scope, ..Question::everything(Day(30)) };
        let facets = facets(&snapshot, &question, name, text, 10, &Memory::new(MIB)).expect("facets");
        facets.into_iter().map(|facet| (facet.value, facet.label, facet.deals)).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        of("owner", "", Scope::All),
        [(some("Ann"), some("Ann"), 2), (some("#22"), some("Bob"), 1), (some("#23"), some("Bob"), 1)]
    );
    assert_eq!(of("owner", "AN", Scope::All), [(some("Ann"), some("Ann"), 2)]);
    assert_eq!(of("owner", "", Scope::Person(22)), [(some("Bob"), some("Bob"), 1)]);
    assert_eq!(of("region", "", Scope::All), [(None, None, 4)]);
    assert_eq!(of("outcome", "", Scope::All), [(some("open"), some("open"), 3), (some("won"), some("won"), 1)]);
    assert_eq!(of("stage", "", Scope::Nothing), []);
}

#[test]
fn what_begins_with_the_text_is_found_first_and_only_in_scope() {
    let snapshot = five();
    let none = HashSet::new();
    let of = |text: &str, scope: Scope| {
        let keepers = (scope != Scope::All).then_some(&none);
        look(&snapshot, &scope, keepers, text, 8, &Memory::new(MIB))
    };
    assert_eq!(of("pump", Scope::All).deals, [4, 3, 2, 1]);
    assert_eq!(of("pump", Scope::Person(21)).deals, [2, 1]);
    let names = |named: Vec<Named>| named.into_iter().map(|named| named.id).collect::<Vec<_>>();
    assert_eq!(names(of("b", Scope::All).people), [22, 23]);
    assert_eq!(names(of("n", Scope::All).people), [21]);
    assert_eq!(names(of("zeta", Scope::Person(21)).accounts), [0; 0], "a customer of others");
    assert_eq!(names(of("acme", Scope::Person(21)).accounts), [41]);
    assert_eq!(of("  ", Scope::All), Looked::default());
}

#[test]
fn the_deals_of_a_cell_are_listed_whatever_became_of_them() {
    let snapshot = five();
    let memory = Memory::new(MIB);
    let question = Question::everything(Day(30));
    let bridge = Bridge { from: Day(15), to: Day(30), due: None, events: Events::Endpoints };
    let of = |line| {
        let found = find(&snapshot, &question, &bridge, &[], |_| Ok::<_, AskError>(PickLine(line)), &memory);
        let ask = DealsAsk { found: Some(Arc::new(found.expect("it is found"))), ..ask(question.clone()) };
        let list = list(&snapshot, &ask, &memory).expect("a list");
        let rows = list.rows.iter().map(|row| (row.id, row.outcome, row.added.amount_minor)).collect::<Vec<_>>();
        (rows, list.sums.added.count, list.sums.added.amount_minor)
    };
    assert_eq!(of(Line::Won), (vec![(3, Some(Outcome::Won), 200)], 1, 200));
    assert_eq!(of(Line::Deleted), (vec![(5, None, 7)], 1, 7));
    assert_eq!(of(Line::End).1, 3);
}

#[test]
fn amounts_that_do_not_add_up_are_told_and_not_added() {
    let mut journal = Journal::default();
    for (deal, currency) in [(1, Currency::CNY), (2, Currency::EUR)] {
        let process = Value::Int(deal);
        let stage = StageId(if deal == 1 { 1 } else { 6 });
        let facts = Facts::default().stage(stage).amount_minor(Some(100)).currency(Some(currency));
        journal.deal(deal, 10, facts.with(ids::OPPORTUNITY_PROCESS, process));
    }
    let snapshot = journal.rebuild().snapshot();
    let list = list(&snapshot, &ask(Question::everything(Day(30))), &Memory::new(MIB)).expect("mixed is no error");
    assert_eq!((list.rows.len(), list.sums.deals, list.currency), (2, 2, None));
    let why = list.no_amount.expect("a reason").to_string();
    assert!(why.contains("CNY, EUR") && why.contains("exchange rates"), "{why}");
}
