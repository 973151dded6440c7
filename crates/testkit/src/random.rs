//! Random deals and questions: short histories over few stages, owners and days, so that the hard cases
//! (skips, steps back, parking, reopening, deletion, several changes on one day, unknown stages, foreign
//! currencies) meet each other often.

use domain::journal::HotSet;
use domain::{Currency, Day, Outcome, Rates, StageId};
use journey::{DealRow, EntryRow};
use proptest::prelude::*;

use crate::deals::Deal;
use crate::terms::{By, Terms};

/// The day on which the first deals begin; histories span about a year and a half.
pub const EPOCH: Day = Day(20_454);

/// Stages of the process asked about: ids 1 to 4; [`ELSEWHERE`] belongs to another.
pub const STAGES: [StageId; 4] = [StageId(1), StageId(2), StageId(3), StageId(4)];

/// A stage of a process that nobody asks about.
pub const ELSEWHERE: StageId = StageId(9);

#[derive(Debug, Clone, Copy)]
enum Change {
    Stage(u32),
    End(Outcome),
    Delete,
    Amount(Option<i64>),
    Currency(Currency),
    Owner(u32),
    Due(Option<i32>),
}

fn change() -> impl Strategy<Value = Change> {
    let stage = prop_oneof![12 => 1_u32..=4, 1 => Just(0), 1 => Just(ELSEWHERE.0)];
    let end = prop_oneof![
        Just(Outcome::Won),
        Just(Outcome::Lost),
        Just(Outcome::Cancelled),
        Just(Outcome::Parked),
        Just(Outcome::Parked)
    ];
    let currency = prop_oneof![Just(Currency::CNY), Just(Currency::EUR), Just(Currency::USD)];
    prop_oneof![
        8 => stage.prop_map(Change::Stage),
        5 => end.prop_map(Change::End),
        1 => Just(Change::Delete),
        3 => proptest::option::weighted(0.8, -50_i64..5_000).prop_map(Change::Amount),
        1 => currency.prop_map(Change::Currency),
        3 => (0_u32..4).prop_map(Change::Owner),
        2 => proptest::option::weighted(0.8, 0_i32..500).prop_map(Change::Due),
    ]
}

fn gap_days() -> impl Strategy<Value = i32> {
    prop_oneof![3 => Just(0), 2 => Just(1), 10 => 2_i32..40, 2 => 150_i32..220]
}

/// One deal; about one in twelve was merged away.
pub fn deal() -> impl Strategy<Value = Deal> {
    let first = (0_i32..250, 0_u32..5, 0_u32..4, proptest::option::weighted(0.8, 1_i64..5_000), 0_u32..3);
    let changes = proptest::collection::vec((gap_days(), proptest::collection::vec(change(), 1..3)), 0..8);
    (first, changes, proptest::bool::weighted(0.08)).prop_map(
        |((begin, stage, owner, amount_minor, region), changes, merged)| {
            let mut state = EntryRow {
                day: EPOCH.plus(begin),
                at: i64::from(EPOCH.0 + begin) * 86_400_000_000,
                known_day: EPOCH.plus(begin),
                stage: StageId(stage),
                outcome: Some(Outcome::Open),
                amount_minor,
                currency: Some(Currency::CNY.code()),
                owner,
                team: owner / 2,
                expected_close: None,
                probability_ppm: None,
                set: HotSet(u16::MAX),
            };
            let mut entries = vec![state];
            for (gap, changes) in changes {
                state.day = state.day.plus(gap);
                state.known_day = state.day;
                state.at += i64::from(gap) * 86_400_000_000 + 1;
                changes.into_iter().for_each(|change| apply(&mut state, change));
                entries.push(state);
            }
            if merged {
                entries.clear();
            }
            Deal { row: DealRow { deal: 0, process: 1, region, ..DealRow::default() }, entries }
        },
    )
}

fn apply(state: &mut EntryRow, change: Change) {
    match change {
        Change::Stage(stage) => (state.stage, state.outcome) = (StageId(stage), Some(Outcome::Open)),
        Change::End(outcome) => state.outcome = Some(outcome),
        Change::Delete => state.outcome = None,
        Change::Amount(amount_minor) => state.amount_minor = amount_minor,
        Change::Currency(currency) => state.currency = Some(currency.code()),
        Change::Owner(owner) => state.owner = owner,
        Change::Due(on) => state.expected_close = on.map(|days| EPOCH.plus(days)),
    }
}

/// Up to `most` deals, numbered from 1.
pub fn deals(most: usize) -> impl Strategy<Value = Vec<Deal>> {
    proptest::collection::vec(deal(), 0..most).prop_map(|mut deals| {
        for (deal, id) in deals.iter_mut().zip(1..) {
            deal.row.deal = id;
        }
        deals
    })
}

/// A day within the histories, or a little outside.
pub fn day() -> impl Strategy<Value = Day> {
    (-20_i32..620).prop_map(|days| EPOCH.plus(days))
}

/// Two days, the earlier first.
pub fn days() -> impl Strategy<Value = (Day, Day)> {
    (day(), day()).prop_map(|(a, b)| (a.min(b), a.max(b)))
}

/// Ascending days, each once.
pub fn ends() -> impl Strategy<Value = Vec<Day>> {
    let weekly = (day(), 2_i32..20, 2_usize..30)
        .prop_map(|(first, step, count)| (0..).take(count).map(|at| first.plus(at * step)).collect::<Vec<_>>());
    let any = proptest::collection::btree_set(day(), 1..8).prop_map(|days| days.into_iter().collect::<Vec<_>>());
    prop_oneof![weekly, any]
}

/// Rates into yuan for every currency and day, changing every few weeks.
pub fn rates() -> impl Strategy<Value = Rates> {
    proptest::collection::vec((1_i64..20_000_000_000, 1_i64..20_000_000_000), 24).prop_map(|steps| {
        let mut rates = Rates::new(Currency::CNY);
        let mut on = Day(0);
        for ((euro, dollar), at) in steps.into_iter().zip(0..) {
            rates.add(Currency::EUR, on, euro);
            rates.add(Currency::USD, on, dollar);
            on = EPOCH.plus(-20 + at * 27);
        }
        rates
    })
}

/// A question: groups, filters on what changes and what does not, currencies, limit and as-of at random.
pub fn terms() -> impl Strategy<Value = Terms> {
    let by = prop_oneof![Just(By::All), Just(By::Region), Just(By::Owner), Just(By::RegionAndOwner)];
    let stages = prop_oneof![
        6 => Just(STAGES.to_vec()),
        2 => Just([[StageId::UNKNOWN].as_slice(), STAGES.as_slice()].concat()),
        1 => Just(STAGES[1..].to_vec()),
    ];
    let members = prop_oneof![Just(vec![]), Just(vec![StageId::UNKNOWN]), Just(vec![STAGES[0], StageId::UNKNOWN])];
    let filters = (
        proptest::option::weighted(0.2, 0_u32..3),
        proptest::option::weighted(0.3, 0_u32..4),
        proptest::option::weighted(0.2, 0_i64..3_000),
    );
    let limit = prop_oneof![Just(180), Just(0), 1_i32..60];
    let as_of = prop_oneof![2 => Just(EPOCH.plus(2_000)), 1 => day()];
    (stages, members, by, filters, proptest::option::of(rates()), limit, as_of).prop_map(
        |(stages, members, by, (region, owner, at_least_minor), rates, parked_limit_days, as_of)| Terms {
            stages,
            members,
            by,
            region,
            owner,
            at_least_minor,
            rates,
            parked_limit_days,
            as_of,
        },
    )
}
