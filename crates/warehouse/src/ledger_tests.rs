//! Incremental = rebuilt = the domain's fold; what was known = the fold of the cut journal.

use arrow::array::Array;
use domain::field::{Value, ids};
use domain::id::Kind;
use domain::journal::{Cut, Facts, Op, Withdrawn, fold};
use domain::{Day, Outcome, StageId};
use journey::{Journeys, NO_AMOUNT, STATE_DELETED};
use proptest::prelude::*;

use crate::labels::Dimension;
use crate::snapshot::Snapshot;
use crate::testing::{Journal, context, journals};

/// Every deal of a snapshot in words: what does not depend on codes and partitions.
pub(crate) fn words(snapshot: &Snapshot) -> Vec<String> {
    let label = |dimension, code: u32| {
        snapshot.labels.members(dimension).get(code).map(|member| (member.id, member.name.clone(), member.parent))
    };
    let mut deals = Vec::new();
    for partition in &snapshot.partitions {
        let (j, a) = (&*partition.journeys, &*partition.attributes);
        let columns: Vec<_> = snapshot.labels.fields().iter().map(|field| a.column(field)).collect();
        for journey in j.iter() {
            let row = journey.index;
            let statics = [
                label(Dimension::Account, j.account[row]),
                label(Dimension::Product, j.product[row]),
                label(Dimension::Region, j.region[row]),
                label(Dimension::Industry, j.industry[row]),
                label(Dimension::Owner, a.owner[row]),
                label(Dimension::Team, a.team[row]),
            ];
            let kept: Vec<String> = columns.iter().map(|column| format!("{:?}", column.slice(row, 1))).collect();
            let own = snapshot.labels.own_dimensions().iter().map(|own| own.field.id);
            let own: Vec<_> = own.map(|field| snapshot.labels.values(field).label(a.own(field)[row])).collect();
            let external = a.external_id.is_valid(row).then(|| a.external_id.value(row).to_owned());
            deals.push(format!(
                "{} p{} {statics:?} {} {} {kept:?} {own:?} {external:?} {:?}",
                journey.deal(),
                j.process[row],
                j.revised.value(row),
                a.inherited[row],
                entries(snapshot, j, row)
            ));
        }
    }
    deals.sort();
    deals
}

fn entries(snapshot: &Snapshot, j: &Journeys, row: usize) -> Vec<String> {
    let e = &j.entries;
    let id = |dimension, code| snapshot.labels.members(dimension).get(code).map(|member| member.id);
    let entry = |at: usize| {
        format!(
            "{}@{} known {} s{} o{} {} c{} {:?} {:?} {} {} {:b}",
            e.day[at],
            e.at[at],
            e.known_day[at],
            e.stage[at],
            e.state[at],
            e.amount_minor[at],
            e.currency[at],
            id(Dimension::Owner, e.owner[at]),
            id(Dimension::Team, e.team[at]),
            e.expected_close[at],
            e.probability_ppm[at],
            e.set[at]
        )
    };
    j.get(row).range().map(entry).collect()
}

/// The states of every deal straight from the domain's fold.
fn naive(journal: &Journal, snapshot: &Snapshot, cut: Cut) {
    let mut withdrawn = Withdrawn::default();
    journal.0.iter().for_each(|entry| withdrawn.note(entry));
    let by_deal = journal.by_deal();
    assert_eq!(snapshot.deals(), by_deal.len());
    for partition in &snapshot.partitions {
        let e = &partition.journeys.entries;
        for journey in partition.journeys.iter() {
            let timeline = fold(&by_deal[&journey.deal()], &withdrawn, cut);
            if cut == Cut::Everything {
                let mut account = match timeline.rest.get(&ids::OPPORTUNITY_ACCOUNT) {
                    Some(Value::Ref(id)) => Some(*id),
                    _ => None,
                };
                while let Some(into) =
                    account.and_then(|id| fold(&journal.of(id), &withdrawn, Cut::Everything).merged_into)
                {
                    account = Some(into);
                }
                let code = partition.journeys.account[journey.index];
                let counted = snapshot.labels.members(Dimension::Account).get(code).map(|member| member.id);
                assert_eq!(counted, account, "a deal counts for the customer that its own was merged into");
            }
            assert_eq!(journey.range().len(), timeline.states.len(), "deal {} {cut:?}", journey.deal());
            for (at, state) in journey.range().zip(&timeline.states) {
                assert_eq!(e.at[at], state.effective_at.0);
                assert_eq!(Day(e.day[at]), snapshot.calendar.day(state.effective_at));
                assert_eq!(Day(e.known_day[at]), snapshot.calendar.day(state.known_at));
                assert_eq!(StageId(e.stage[at]), state.hot.stage);
                let outcome = if state.deleted { STATE_DELETED } else { state.hot.outcome as u8 };
                assert_eq!(e.state[at], outcome);
                assert_eq!(e.amount_minor[at], state.hot.amount_minor.unwrap_or(NO_AMOUNT));
                let owner = snapshot.labels.members(Dimension::Owner).get(e.owner[at]).map(|member| member.id);
                assert_eq!(owner, state.hot.owner);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn incremental_is_rebuilt_is_the_fold(journal in journals(), cuts in prop::collection::vec(0_usize..60, 0..5)) {
        let rebuilt = journal.rebuild().snapshot();
        let mut ledger = crate::ledger::Ledger::new(context());
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(journal.0.len())).collect();
        cuts.push(journal.0.len());
        cuts.sort_unstable();
        for until in cuts {
            journal.refresh(&mut ledger, until);
        }
        let incremental = ledger.snapshot();
        prop_assert_eq!(words(&incremental), words(&rebuilt));
        naive(&journal, &rebuilt, Cut::Everything);
        prop_assert_eq!(incremental.seq, rebuilt.seq);
    }

    #[test]
    fn known_at_is_the_fold_of_the_cut_journal(journal in journals(), day in -1_i32..50) {
        let snapshot = journal.rebuild().snapshot();
        let entries = journal.by_deal();
        let revised = snapshot.revised_deals();
        let needed = entries.into_iter().filter(|(deal, _)| revised.contains(deal)).collect();
        let known = snapshot.known_at(Day(day), &needed);
        naive(&journal, &known, Cut::KnownBefore(snapshot.calendar.start_of(Day(day + 1))));
    }

    #[test]
    fn a_snapshot_does_not_move(journal in journals()) {
        let mut ledger = crate::ledger::Ledger::new(context());
        let half = journal.0.len() / 2;
        journal.refresh(&mut ledger, half);
        let snapshot = ledger.snapshot();
        let before = words(&snapshot);
        journal.refresh(&mut ledger, journal.0.len());
        prop_assert_eq!(words(&snapshot), before);
    }
}

/// Days at which deal 1 has which amounts, by known-at, after late news, an undone import and a merge.
#[test]
fn late_news_undo_and_merge_read_right_at_every_date() {
    let mut journal = Journal::default();
    let amount = |minor| Facts::default().amount_minor(Some(minor)).stage(StageId(1));
    journal.deal(1, 10, amount(1));
    journal.deal(1, 20, amount(2));
    journal.put(Kind::Opportunity, 1, 15, 30, Op::Assert(Facts::default().amount_minor(Some(3))));
    journal.deal(1, 32, amount(4)).import = Some(9);
    journal.put(Kind::Opportunity, 0, 40, 40, Op::RetractImport { import: 9 });
    journal.deal(2, 12, amount(7));
    journal.put(Kind::Opportunity, 2, 50, 50, Op::Merge { into: 1 });
    let snapshot = journal.rebuild().snapshot();
    let read = |snapshot: &Snapshot, deal: usize, as_of: i32| {
        let journeys = &snapshot.partitions[0].journeys;
        journeys.get(deal).at(Day(as_of)).map(|at| journeys.entries.amount_minor[at])
    };
    // known-at: amount of deal 1 at days 9, 12, 17, 25, 35; amount of deal 2 at day 60
    let table = [
        (19, [None, Some(1), Some(1), Some(1), Some(1)], Some(7)),
        (29, [None, Some(1), Some(1), Some(2), Some(2)], Some(7)),
        (31, [None, Some(1), Some(3), Some(2), Some(2)], Some(7)),
        (39, [None, Some(1), Some(3), Some(2), Some(4)], Some(7)),
        (49, [None, Some(1), Some(3), Some(2), Some(2)], Some(7)),
        (50, [None, Some(1), Some(3), Some(2), Some(2)], None),
    ];
    for (known, amounts, of_merged) in table {
        let then = snapshot.known_at(Day(known), &journal.by_deal());
        assert_eq!([9, 12, 17, 25, 35].map(|day| read(&then, 0, day)), amounts, "known at {known}");
        assert_eq!(read(&then, 1, 60), of_merged, "known at {known}");
    }
    assert_eq!([9, 12, 17, 25, 35].map(|day| read(&snapshot, 0, day)), table[5].1);
    assert_eq!(read(&snapshot, 1, 60), None);
}

#[test]
fn a_deal_has_its_accounts_region_until_it_gets_its_own() {
    let mut journal = Journal::default();
    let region = |journal: &Journal| {
        let snapshot = journal.rebuild().snapshot();
        let code = snapshot.partitions[0].journeys.region[0];
        snapshot.labels.members(Dimension::Region).label(code)
    };
    journal.name(Kind::Region, 50, "North");
    journal.name(Kind::Region, 51, "South");
    journal.deal(1, 1, Facts::default().with(ids::OPPORTUNITY_ACCOUNT, Value::Ref(40)));
    assert_eq!(region(&journal), None);
    let of_account = Facts::default().with(ids::ACCOUNT_REGION, Value::Ref(50));
    journal.put(Kind::Account, 40, 2, 2, Op::Assert(of_account));
    assert_eq!(region(&journal).as_deref(), Some("North"));
    journal.deal(1, 3, Facts::default().with(ids::OPPORTUNITY_REGION, Value::Ref(51)));
    assert_eq!(region(&journal).as_deref(), Some("South"));
}

#[test]
fn closed_since_is_the_day_the_last_close_began() {
    let mut journal = Journal::default();
    let outcome = |outcome| Facts::default().outcome(outcome);
    journal.deal(1, 1, outcome(Outcome::Open));
    journal.deal(1, 2, outcome(Outcome::Won));
    journal.deal(1, 3, outcome(Outcome::Open));
    journal.deal(1, 4, outcome(Outcome::Won));
    journal.deal(1, 5, Facts::default().amount_minor(Some(1)));
    journal.deal(2, 1, outcome(Outcome::Parked));
    let partition = journal.rebuild().snapshot().partitions[0].clone();
    let closed = partition.closed_on();
    assert_eq!((closed.value(0), closed.is_null(1)), (4, true));
    assert_eq!(partition.created_on().value(0), 1);
}
