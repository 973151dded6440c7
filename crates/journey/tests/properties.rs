//! What must hold for any deals and any question: every tally equals its naive reading, however the deals
//! are cut into partitions and threads; stocks balance; bridges close; batches give back what they were made of.

use std::collections::BTreeMap;

use domain::Day;
use journey::{
    Basis, Bridge, Cells, Conversion, Dwell, Events, Goal, Line, Migration, MigrationSeries, Origin, Periods, Reach,
    Scan, Stays, Stock, Tally, Trend, Visit, WinRate, run,
};
use proptest::prelude::*;
use testkit::naive::{self, Rows, rows_of};
use testkit::random::{self, day, days, deals, ends, terms};
use testkit::{By, Deal, Laid, Terms, journeys, partitions};

/// The usual number of cases (PROPTEST_CASES changes it), or a part of it.
fn config(part: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases / part, failure_persistence: None, ..usual }
}

fn cells<T: Tally>(tally: &T, deals: &[Deal], terms: &Terms) -> T::Cells {
    let laid = terms.lay(journeys(deals));
    run::count(tally, &laid.view())
}

fn rows<T: Tally>(tally: &T, deals: &[Deal], terms: &Terms) -> Rows {
    rows_of(&tally.finish(&cells(tally, deals, terms)))
}

fn events() -> impl Strategy<Value = Events> {
    prop_oneof![Just(Events::Endpoints), Just(Events::Path)]
}

fn due() -> impl Strategy<Value = Option<(Day, Day)>> {
    proptest::option::of(days())
}

fn conversion() -> impl Strategy<Value = Conversion> {
    let goal = prop_oneof![Just(Goal::Next), Just(Goal::Won)];
    let reach = prop_oneof![Just(Reach::OrBeyond), Just(Reach::Visited)];
    let visit = prop_oneof![Just(Visit::First), Just(Visit::Last), Just(Visit::Every)];
    (day(), ends(), goal, reach, visit).prop_map(|(from, ends, goal, reach, visit)| Conversion {
        periods: Periods::new(from, ends),
        goal,
        reach,
        visit,
    })
}

fn win_rate() -> impl Strategy<Value = WinRate> {
    let basis = prop_oneof![Just(Basis::Decided), Just(Basis::Created)];
    (day(), ends(), basis).prop_map(|(from, ends, basis)| WinRate { periods: Periods::new(from, ends), basis })
}

fn spells(rows: Vec<(u64, u32, u16, journey::Spell, i64)>) -> Rows {
    let row = |(group, period, slot, spell, deals): (u64, u32, u16, journey::Spell, i64)| {
        vec![
            i128::from(group),
            i128::from(period),
            i128::from(slot),
            i128::from(spell.entry_days),
            i128::from(spell.exit_days),
            spell.cause as i128,
            i128::from(deals),
        ]
    };
    rows.into_iter().map(row).collect()
}

proptest! {
    #![proptest_config(config(1))]

    #[test]
    fn stock_is_what_states_say(deals in deals(12), terms in terms(), at in day()) {
        prop_assert_eq!(rows(&Stock::on(at), &deals, &terms), naive::stock(&deals, &terms, at, None));
    }

    #[test]
    fn stays_are_what_states_say(deals in deals(12), terms in terms(), at in day()) {
        prop_assert_eq!(rows(&Stays { at }, &deals, &terms), naive::stays(&deals, &terms, at));
    }

    #[test]
    fn stock_that_is_due_is_what_states_say(deals in deals(12), terms in terms(), at in day(), due in days()) {
        let stock = Stock { at, due: Some(due) };
        prop_assert_eq!(rows(&stock, &deals, &terms), naive::stock(&deals, &terms, at, Some(due)));
    }

    #[test]
    fn a_trend_is_its_stocks(deals in deals(10), terms in terms(), ends in ends()) {
        prop_assert_eq!(rows(&Trend::new(ends.clone()), &deals, &terms), naive::trend(&deals, &terms, &ends));
    }

    #[test]
    fn migration_is_what_states_say(deals in deals(12), terms in terms(), (from, to) in days()) {
        let found = rows(&Migration { from, to }, &deals, &terms);
        prop_assert_eq!(found, naive::migration(&deals, &terms, from, to));
    }

    #[test]
    fn a_series_is_its_migrations(deals in deals(10), terms in terms(), ends in ends()) {
        let found = rows(&MigrationSeries::new(ends.clone()), &deals, &terms);
        prop_assert_eq!(found, naive::migration_series(&deals, &terms, &ends));
    }

    #[test]
    fn bridge_is_what_states_say(
        deals in deals(12), terms in terms(), (from, to) in days(), due in due(), events in events()
    ) {
        let ask = Bridge { from, to, due, events };
        prop_assert_eq!(rows(&ask, &deals, &terms), naive::bridge(&deals, &terms, &ask));
    }

    #[test]
    fn conversion_is_what_states_say(deals in deals(12), terms in terms(), ask in conversion()) {
        let found = cells(&ask, &deals, &terms);
        let (counts, times) = naive::conversion(&deals, &terms, &ask);
        prop_assert_eq!(rows_of(&ask.finish(&found)), counts);
        prop_assert_eq!(spells(found.times()), times);
    }

    #[test]
    fn dwell_is_what_states_say(deals in deals(12), terms in terms(), (from, to) in days()) {
        let ask = Dwell { from, to };
        prop_assert_eq!(rows(&ask, &deals, &terms), naive::dwell(&deals, &terms, &ask));
    }

    #[test]
    fn win_rate_is_what_states_say(deals in deals(12), terms in terms(), ask in win_rate()) {
        let found = cells(&ask, &deals, &terms);
        let (counts, cycles) = naive::win_rate(&deals, &terms, &ask);
        prop_assert_eq!(rows_of(&ask.finish(&found)), counts);
        let row = |(g, p, d, n): (u64, u32, u32, i64)| vec![g.into(), p.into(), d.into(), n.into()];
        prop_assert_eq!(found.cycles().into_iter().map(row).collect::<Rows>(), cycles);
    }
}

/// Rows, counts and amounts of a migration per group and slot, of those in the stock before and after.
fn margins(migration: &Rows) -> (Rows, Rows) {
    let mut sides: [BTreeMap<Vec<i128>, [i128; 3]>; 2] = [BTreeMap::new(), BTreeMap::new()];
    for row in migration {
        // group, from, to, deals, amount from, amount to, without from, without to
        for (side, code, amount, without) in [(0, row[1], row[4], row[6]), (1, row[2], row[5], row[7])] {
            if code < 60_000 {
                let sum = sides[side].entry(vec![row[0], code]).or_default();
                for (sum, value) in sum.iter_mut().zip([row[3], amount, without]) {
                    *sum += value;
                }
            }
        }
    }
    sides.map(|side| side.into_iter().map(|(key, sum)| [key, sum.to_vec()].concat()).collect()).into()
}

/// Checks begin + signed lines = end for every group, in deals, amounts and, where deals move as a whole, in
/// deals without an amount.
fn closes(bridge: &Rows) -> Result<(), TestCaseError> {
    let mut groups: BTreeMap<i128, [i128; 4]> = BTreeMap::new();
    for row in bridge {
        let line = Line::from_code(u8::try_from(row[1]).expect("a code")).expect("a line");
        let [deals, amount, end_deals, end_amount] = groups.entry(row[0]).or_default();
        match line {
            Line::Begin => (*deals, *amount) = (*deals + row[2], *amount + row[3]),
            Line::End => (*end_deals, *end_amount) = (*end_deals + row[2], *end_amount + row[3]),
            line => {
                *deals += i128::from(line.deals_sign()) * row[2];
                *amount += i128::from(line.amount_sign()) * row[3];
            }
        }
    }
    for (group, [deals, amount, end_deals, end_amount]) in groups {
        prop_assert_eq!((deals, amount), (end_deals, end_amount), "group {}", group);
    }
    Ok(())
}

/// The bridge's sums by whether deals come, stay or go.
fn net(bridge: &Rows) -> BTreeMap<i128, [i128; 2]> {
    let mut groups: BTreeMap<i128, [i128; 2]> = BTreeMap::new();
    for row in bridge {
        let line = Line::from_code(u8::try_from(row[1]).expect("a code")).expect("a line");
        let net = groups.entry(row[0]).or_default();
        net[0] += i128::from(line.deals_sign()) * row[2];
        net[1] += i128::from(line.amount_sign()) * row[3];
    }
    groups.retain(|_, net| *net != [0, 0]);
    groups
}

proptest! {
    #![proptest_config(config(1))]

    #[test]
    fn rows_and_columns_of_a_migration_are_the_stocks(deals in deals(16), terms in terms(), (from, to) in days()) {
        let (before, after) = margins(&rows(&Migration { from, to }, &deals, &terms));
        // A stock's columns are deals, amount, deals without; so are the margins'.
        prop_assert_eq!(before, rows(&Stock::on(from), &deals, &terms));
        prop_assert_eq!(after, rows(&Stock::on(to), &deals, &terms));
    }

    #[test]
    fn a_bridge_closes_to_the_minor_unit(
        deals in deals(16), terms in terms(), (from, to) in days(), due in due(), events in events()
    ) {
        closes(&rows(&Bridge { from, to, due, events }, &deals, &terms))?;
    }

    #[test]
    fn the_path_and_the_ends_tell_of_the_same_change(
        deals in deals(16), terms in terms(), (from, to) in days(), due in due()
    ) {
        let ends = rows(&Bridge { from, to, due, events: Events::Endpoints }, &deals, &terms);
        let path = rows(&Bridge { from, to, due, events: Events::Path }, &deals, &terms);
        prop_assert_eq!(net(&ends), net(&path));
    }

    #[test]
    fn a_deal_with_one_event_reads_alike_by_path_and_ends(
        mut deal in random::deal(), mut terms in terms(), after_days in 0_i32..200, due in due()
    ) {
        // In one currency, and under a limit so long that time alone does not make a parked deal a cancelled one.
        (terms.rates, terms.parked_limit_days) = (None, 10_000);
        let Some(last) = deal.entries.last_mut() else { return Ok(()) };
        // The day is the last entry's alone.
        last.day = last.day.plus(1);
        let last = last.day;
        let read = |events| {
            let ask = Bridge { from: last.plus(-1), to: last.plus(after_days), due, events };
            rows(&ask, std::slice::from_ref(&deal), &terms)
        };
        prop_assert_eq!(read(Events::Endpoints), read(Events::Path));
    }

    #[test]
    fn a_group_is_what_a_filter_by_it_shows(
        deals in deals(16), mut terms in terms(), (from, to) in days(), due in due(), events in events(), owner in 0_u32..4
    ) {
        terms.owner = None;
        let slice = |by, only: Option<u32>, ask: &dyn Fn(&Terms) -> Rows| {
            let rows = ask(&Terms { by, owner: only, ..terms.clone() });
            let of_owner = rows.into_iter().filter(|row| by == By::All || row[0] == i128::from(owner));
            of_owner.map(|row| row[1..].to_vec()).collect::<Rows>()
        };
        let asks: [&dyn Fn(&Terms) -> Rows; 3] = [
            &|terms| rows(&Stock::on(to), &deals, terms),
            &|terms| rows(&Migration { from, to }, &deals, terms),
            &|terms| rows(&Bridge { from, to, due, events }, &deals, terms),
        ];
        for ask in asks {
            prop_assert_eq!(slice(By::Owner, None, ask), slice(By::All, Some(owner), ask));
        }
    }

    #[test]
    fn an_as_of_is_a_replay_of_the_deals_as_they_stood(
        deals in deals(12), terms in terms(), as_of in day(), (from, to) in days(), ask in conversion()
    ) {
        let (from, to) = (from.min(as_of), to.min(as_of));
        let cut: Vec<Deal> = deals.iter().map(|deal| deal.cut(as_of)).collect();
        let then = Terms { as_of, ..terms };
        prop_assert_eq!(rows(&Stock::on(to), &deals, &then), rows(&Stock::on(to), &cut, &then));
        let bridge = Bridge { from, to, due: None, events: Events::Path };
        prop_assert_eq!(rows(&bridge, &deals, &then), rows(&bridge, &cut, &then));
        prop_assert_eq!(rows(&Dwell { from, to }, &deals, &then), rows(&Dwell { from, to }, &cut, &then));
        prop_assert_eq!(cells(&ask, &deals, &then), cells(&ask, &cut, &then));
        let wins = WinRate::between(from, to);
        prop_assert_eq!(cells(&wins, &deals, &then), cells(&wins, &cut, &then));
        let ends = vec![from, to];
        prop_assert_eq!(
            rows(&MigrationSeries::new(ends.clone()), &deals, &then),
            rows(&MigrationSeries::new(ends), &cut, &then)
        );
    }

    #[test]
    fn each_deal_that_entered_has_one_fate(deals in deals(16), terms in terms(), ask in conversion()) {
        for row in rows(&ask, &deals, &terms) {
            // group, period, day, slot; entered, directly, skipped, passed, found; six fates; regressed
            let population = row[4] + if ask.reach == Reach::OrBeyond { row[6] } else { 0 };
            prop_assert_eq!(row[9..15].iter().sum::<i128>(), population);
        }
    }
}

type All = (Stock, Trend, Migration, MigrationSeries, Bridge, Conversion, Dwell, WinRate);

fn all() -> impl Strategy<Value = All> {
    (ends(), days(), due(), events(), conversion(), win_rate()).prop_map(
        |(ends, (from, to), due, events, conversion, win_rate)| {
            let migration = Migration { from, to };
            let bridge = Bridge { from, to, due, events };
            let trend = Trend::new(ends.clone());
            let series = MigrationSeries::new(ends);
            (Stock::on(to), trend, migration, series, bridge, conversion, Dwell { from, to }, win_rate)
        },
    )
}

fn travelled<C: Cells>(cells: &C) -> Result<(), TestCaseError> {
    let again = C::from_batch(&cells.to_batch());
    prop_assert_eq!(again.as_ref(), Ok(cells));
    Ok(())
}

proptest! {
    #![proptest_config(config(4))]

    #[test]
    fn threads_partitions_and_order_make_no_difference(
        deals in deals(40), terms in terms(), all in all(), size in 1_usize..9, of_run in 1_usize..4,
        packed in any::<bool>(), threads in 1_usize..4, seed in any::<u64>()
    ) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let whole = terms.lay(journeys(&deals));
        let expected = run::count(&all, &whole.view());
        let laid: Vec<Laid> = partitions(&deals, size).into_iter().map(|part| terms.lay(part)).collect();
        let views: Vec<_> = laid.iter().map(Laid::view).collect();
        let runs: Vec<Vec<_>> = views.chunks(of_run).map(<[_]>::to_vec).collect();
        let mut each = pool.install(|| run::count_each(&all, &runs, packed, usize::MAX)).expect("room");
        // Any order: swapped about by a seed.
        for at in (1..each.len()).rev() {
            each.swap(at, usize::try_from(seed >> (at % 48)).expect("64 bits") % (at + 1));
        }
        prop_assert_eq!(&run::merge_all(&all, each, usize::MAX).expect("room"), &expected);
        prop_assert_eq!(&run::count(&all.0, &whole.view()), &expected.0);
        travelled(&expected.0)?;
        travelled(&expected.1)?;
        travelled(&expected.2)?;
        travelled(&expected.3)?;
        travelled(&expected.4)?;
        travelled(&expected.5)?;
        travelled(&expected.6)?;
        travelled(&expected.7)?;
    }
}

#[test]
fn a_scan_reads_each_column_once() {
    let columns = (Stock::on(Day(0)), Dwell { from: Day(0), to: Day(1) }).columns();
    let mut once = columns.clone();
    once.dedup();
    assert_eq!(columns, once);
    assert_eq!(columns.len(), 6);
}

#[test]
fn origins_keep_their_codes() {
    for code in [0, 7, 60_000, 60_001, 60_002, 60_003] {
        assert_eq!(Origin::from_code(code).map(Origin::code), Some(code));
    }
    assert_eq!(Origin::from_code(60_004), None);
}
